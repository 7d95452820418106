/* support/scratched.h: a scratch folder for all tests of a file: its group's set-up and end. */
#pragma once

#include "support/scratch.h"

static struct scratch scratch;

static int scratch_set_up(void **state)
{
	(void)state;
	return scratch_make(&scratch) ? 0 : -1;
}

static int scratch_drop(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

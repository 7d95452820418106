/* support/seeded.h: a seed of a fuzz target as a unit test's input. */
#pragma once

#include "base/buf.h"
#include "base/file.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* "document/ole/word"; buf_free() it. */
static inline struct buf seeded(const char *path)
{
	struct buf out = BUF_INIT(1 << 22);
	char whole[4096];
	struct fault why;

	snprintf(whole, sizeof whole, "%s/seed/%s", getenv("POSTERN_TESTS"), path);
	enum rc rc = file_read(whole, &out, &why);
	if (rc != RC_OK)
		fprintf(stderr, "%s\n", why.text);
	assert(rc == RC_OK);
	return out;
}

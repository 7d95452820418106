/* support/backend.h: a store of a test's own, opened by its interface alone.
 *
 * tests/unit/store/{store,record,outbox,deposits}.c and support/conformance.c are what any
 * backend must pass: they name nothing but store/store.h. A second one is run through them
 * by linking it instead. */
#pragma once

#include "store/store.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <unistd.h>

static struct scratch scratch;
static struct store *store;
static struct store_tx *tx;

static inline int set_up(void **state)
{
	(void)state;
	if (!scratch_make(&scratch))
		return -1;
	return store_open(scratch_path(&scratch, "state"), &store, NULL) == RC_OK ? 0 : -1;
}

static inline int tear_down(void **state)
{
	(void)state;
	store_abandon(&tx);
	store_close(store);
	scratch_remove(&scratch);
	return 0;
}

static inline void start_afresh(void **state)
{
	tear_down(state);
	assert_int_equal(set_up(state), 0);
}

static inline void begin(void)
{
	struct fault why = { 0 };

	if (store_begin(store, &tx, &why) != RC_OK)
		fail_msg("%s", why.text);
}

static inline void commit(void)
{
	struct fault why = { 0 };

	if (store_commit(&tx, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_null(tx);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

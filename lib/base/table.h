/* base/table.h: a hash table from text to pointers.
 *
 * Keys come from strangers (domain names), so the hash is keyed with random
 * bytes (SipHash-1-3): nobody outside can choose colliding names.
 *
 * Memory   the table copies keys; values stay the caller's
 * Threads  one user at a time */
#pragma once

#include "base/slice.h"

struct table;

struct table *table_new(void);    /* NULL: out of memory */
void table_free(struct table *t); /* values are not freed; NULL is fine */
size_t table_count(const struct table *t);

void *table_find(const struct table *t, struct slice key); /* NULL: absent */
/* Sets key's value, never NULL; false when memory is out. *old (may be NULL)
 * gets the value it had, or NULL. */
bool table_set(struct table *t, struct slice key, void *value, void **old);
void *table_remove(struct table *t, struct slice key); /* the value it had, or NULL */

/* Every entry, in no order: start with *at = 0; false at the end. The table
 * must not change meanwhile, but for removing the entry just seen. */
bool table_next(const struct table *t, size_t *at, struct slice *key, void **value);

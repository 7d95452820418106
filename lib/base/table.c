#include "base/table.h"

#include "base/siphash.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	char *key; /* NULL: never used, or GONE */
	size_t len;
	uint64_t hash;
	void *value;
};

struct table {
	struct entry *entries;
	size_t size, count, used; /* used counts the removed as well */
	struct siphash_key key;
};

static char gone_mark;
#define GONE (&gone_mark)

enum { SIZE_MIN = 16 };

struct table *table_new(void)
{
	struct table *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->entries = calloc(SIZE_MIN, sizeof *t->entries);
	if (!t->entries || !siphash_key_make(&t->key)) {
		table_free(t);
		return NULL;
	}
	t->size = SIZE_MIN;
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->size; i++)
		if (t->entries[i].key != GONE)
			free(t->entries[i].key);
	free(t->entries);
	free(t);
}

size_t table_count(const struct table *t)
{
	return t->count;
}

static struct entry *find(const struct table *t, struct slice key, uint64_t hash)
{
	for (size_t i = hash & (t->size - 1);; i = (i + 1) & (t->size - 1)) {
		struct entry *e = &t->entries[i];
		if (!e->key)
			return NULL;
		if (e->key != GONE && e->hash == hash && e->len == key.len &&
		    (key.len == 0 || memcmp(e->key, key.at, key.len) == 0))
			return e;
	}
}

static struct entry *vacancy(struct entry *entries, size_t size, uint64_t hash)
{
	size_t i = hash & (size - 1);

	while (entries[i].key && entries[i].key != GONE)
		i = (i + 1) & (size - 1);
	return &entries[i];
}

/* Keeps a quarter of the places never used, so that every search ends. */
static bool make_room(struct table *t)
{
	if (t->used < t->size / 4 * 3)
		return true;

	size_t size = t->count < t->size / 2 ? t->size : t->size * 2;
	struct entry *entries = calloc(size, sizeof *entries);
	if (!entries)
		return false;
	for (size_t i = 0; i < t->size; i++)
		if (t->entries[i].key && t->entries[i].key != GONE)
			*vacancy(entries, size, t->entries[i].hash) = t->entries[i];
	free(t->entries);
	t->entries = entries;
	t->size = size;
	t->used = t->count;
	return true;
}

void *table_find(const struct table *t, struct slice key)
{
	struct entry *e = find(t, key, siphash(&t->key, key));

	return e ? e->value : NULL;
}

bool table_set(struct table *t, struct slice key, void *value, void **old)
{
	uint64_t hash = siphash(&t->key, key);
	struct entry *e = find(t, key, hash);

	if (old)
		*old = e ? e->value : NULL;
	if (e) {
		e->value = value;
		return true;
	}

	char *copy = make_room(t) ? malloc(key.len + 1) : NULL;
	if (!copy)
		return false;
	if (key.len)
		memcpy(copy, key.at, key.len);
	copy[key.len] = '\0';

	e = vacancy(t->entries, t->size, hash);
	if (!e->key)
		t->used++;
	*e = (struct entry){ copy, key.len, hash, value };
	t->count++;
	return true;
}

void *table_remove(struct table *t, struct slice key)
{
	struct entry *e = find(t, key, siphash(&t->key, key));

	if (!e)
		return NULL;
	void *value = e->value;
	free(e->key);
	*e = (struct entry){ .key = GONE };
	t->count--;
	return value;
}

bool table_next(const struct table *t, size_t *at, struct slice *key, void **value)
{
	while (*at < t->size) {
		struct entry *e = &t->entries[(*at)++];
		if (!e->key || e->key == GONE)
			continue;
		*key = (struct slice){ e->key, e->len };
		*value = e->value;
		return true;
	}
	return false;
}

#include "base/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct entry {
	char *key; /* NULL: never used, or GONE */
	size_t len;
	uint64_t hash;
	void *value;
};

struct table {
	struct entry *entries;
	size_t size, count, used; /* used counts the removed as well */
	uint64_t k0, k1;
};

static char gone_mark;
#define GONE (&gone_mark)

enum { SIZE_MIN = 16 };

struct sip {
	uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t v, int n)
{
	return (v << n) | (v >> (64 - n));
}

static void sip_round(struct sip *s)
{
	s->a += s->b;
	s->b = rotate(s->b, 13) ^ s->a;
	s->a = rotate(s->a, 32);
	s->c += s->d;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotate(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotate(s->b, 17) ^ s->c;
	s->c = rotate(s->c, 32);
}

static uint64_t hash_of(const struct table *t, struct slice key)
{
	struct sip s = { t->k0 ^ 0x736f6d6570736575u, t->k1 ^ 0x646f72616e646f6du,
			 t->k0 ^ 0x6c7967656e657261u, t->k1 ^ 0x7465646279746573u };
	uint64_t last = (uint64_t)key.len << 56;
	size_t i = 0;

	for (; i + 8 <= key.len; i += 8) {
		uint64_t word;
		memcpy(&word, key.at + i, 8);
		s.d ^= word;
		sip_round(&s);
		s.a ^= word;
	}
	for (int shift = 0; i < key.len; i++, shift += 8)
		last |= (uint64_t)(unsigned char)key.at[i] << shift;
	s.d ^= last;
	sip_round(&s);
	s.a ^= last;
	s.c ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

struct table *table_new(void)
{
	struct table *t = calloc(1, sizeof *t);
	uint64_t key[2];

	if (!t)
		return NULL;
	t->entries = calloc(SIZE_MIN, sizeof *t->entries);
	if (!t->entries || getrandom(key, sizeof key, 0) != (ssize_t)sizeof key) {
		table_free(t);
		return NULL;
	}
	t->size = SIZE_MIN;
	t->k0 = key[0];
	t->k1 = key[1];
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
	struct entry *e = find(t, key, hash_of(t, key));

	return e ? e->value : NULL;
}

bool table_set(struct table *t, struct slice key, void *value, void **old)
{
	uint64_t hash = hash_of(t, key);
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
	struct entry *e = find(t, key, hash_of(t, key));

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

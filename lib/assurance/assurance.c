#include "assurance/assurance.h"

#include <assert.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* One block holds a whole assurance: the cache keeps many of them. */
struct block {
	struct assurance assurance; /* first: a pointer to it is one to the block */
	_Atomic unsigned holders;
};

/* Lays pieces out in a row. First with no memory, to count; then for good. */
struct layout {
	char *at; /* NULL while counting */
	size_t used;
};

static void *lay(struct layout *l, size_t size, size_t align, const void *from)
{
	l->used = (l->used + align - 1) / align * align;
	void *place = l->at ? l->at + l->used : NULL;

	l->used += size;
	if (place && from && size)
		memcpy(place, from, size);
	return place;
}

static const char *lay_text(struct layout *l, const char *text)
{
	if (!text || !*text)
		return "";
	return lay(l, strlen(text) + 1, 1, text);
}

static const char *const *lay_texts(struct layout *l, const char *const *texts, size_t count)
{
	const char **copy = lay(l, count * sizeof *copy, alignof(char *), NULL);

	for (size_t i = 0; i < count; i++) {
		const char *text = lay_text(l, texts[i]);
		if (copy)
			copy[i] = text;
	}
	return copy;
}

static const struct assurance_mx *lay_mx(struct layout *l, const struct assurance *from)
{
	struct assurance_mx *copy =
		lay(l, from->mx_count * sizeof *copy, alignof(struct assurance_mx), from->mx);

	for (size_t i = 0; i < from->mx_count; i++) {
		const char *host = lay_text(l, from->mx[i].host);
		const char *base = lay_text(l, from->mx[i].tlsa_base);
		const char *why = lay_text(l, from->mx[i].why);
		const char *tls = lay_text(l, from->mx[i].probe.tls);
		const char *probe_why = lay_text(l, from->mx[i].probe.why);
		const char *const *names = lay_texts(l, from->mx[i].names, from->mx[i].name_count);

		if (!copy)
			continue;
		copy[i].host = host;
		copy[i].tlsa_base = base;
		copy[i].names = names;
		copy[i].why = why;
		copy[i].probe.tls = tls;
		copy[i].probe.why = probe_why;
	}
	return copy;
}

static const struct assurance_sts *lay_sts(struct layout *l, const struct assurance_sts *from)
{
	if (!from)
		return NULL;

	struct assurance_sts *copy = lay(l, sizeof *copy, alignof(struct assurance_sts), from);
	const char *mode = lay_text(l, from->mode), *id = lay_text(l, from->id);
	const char *const *mx = lay_texts(l, from->mx, from->mx_count);

	if (copy) {
		copy->mode = mode;
		copy->id = id;
		copy->mx = mx;
	}
	return copy;
}

static struct block *lay_all(struct layout *l, const struct assurance *from)
{
	struct block *block = lay(l, sizeof *block, alignof(struct block), NULL);
	struct assurance copy = *from;

	copy.domain = lay_text(l, from->domain);
	copy.reasons = lay_texts(l, from->reasons, from->reason_count);
	copy.mx = lay_mx(l, from);
	copy.sts = lay_sts(l, from->sts);
	copy.match = lay_texts(l, from->match, from->match_count);
	copy.keys = lay_texts(l, from->keys, from->key_count);
	copy.anchors = lay_text(l, from->anchors);
	if (block) {
		block->assurance = copy;
		atomic_init(&block->holders, 1);
	}
	return block;
}

const struct assurance *assurance_make(const struct assurance *like)
{
	struct layout count = { 0 };

	lay_all(&count, like);
	struct layout l = { .at = malloc(count.used) };
	return l.at ? &lay_all(&l, like)->assurance : NULL;
}

const struct assurance *assurance_ref(const struct assurance *a)
{
	if (a)
		atomic_fetch_add(&((struct block *)(uintptr_t)a)->holders, 1);
	return a;
}

void assurance_unref(const struct assurance *a)
{
	struct block *block = (struct block *)(uintptr_t)a;

	if (!block)
		return;
	unsigned before = atomic_fetch_sub(&block->holders, 1);
	assert(before > 0);
	if (before == 1)
		free(block);
}

const char *assurance_level_name(enum assurance_level level)
{
	switch (level) {
	case ASSURANCE_UNDETERMINED:
		return "undetermined";
	case ASSURANCE_UNROUTABLE:
		return "unroutable";
	case ASSURANCE_NONE:
		return "none";
	case ASSURANCE_ENCRYPTED:
		return "encrypted";
	case ASSURANCE_AUTHENTICATED:
		return "authenticated";
	case ASSURANCE_REQUIRETLS:
		return "requiretls";
	}
	return "undetermined";
}

const char *assurance_by_name(enum assurance_by by)
{
	switch (by) {
	case ASSURANCE_BY_NOTHING:
		return "";
	case ASSURANCE_BY_DANE:
		return "dane";
	case ASSURANCE_BY_STS:
		return "sts";
	case ASSURANCE_BY_PIN:
		return "pin";
	case ASSURANCE_BY_NULL_MX:
		return "null";
	}
	return "";
}

bool assurance_meets(enum assurance_level level, enum assurance_level required)
{
	return level > ASSURANCE_UNROUTABLE && level >= required;
}

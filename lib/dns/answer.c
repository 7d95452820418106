#include "dns/answer.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* One allocation: the head, the records, then the bytes they point to. */
struct block {
	atomic_size_t refs;
	struct dns_answer answer;
	struct dns_record records[];
};

static struct block *block_of(const struct dns_answer *a)
{
	return (struct block *)((uintptr_t)a - offsetof(struct block, answer));
}

/* What a record points to. */
static struct slice *bytes_of(enum dns_type type, struct dns_record *r)
{
	switch (type) {
	case DNS_TLSA:
		return &r->tlsa.data;
	case DNS_TXT:
		return &r->txt;
	case DNS_DNSKEY:
		return &r->raw;
	case DNS_A:
	case DNS_AAAA:
	case DNS_MX:
	case DNS_CNAME:
		break;
	}
	return NULL;
}

static const char **text_of(enum dns_type type, struct dns_record *r)
{
	switch (type) {
	case DNS_MX:
		return &r->mx.host;
	case DNS_CNAME:
		return &r->cname;
	case DNS_A:
	case DNS_AAAA:
	case DNS_TLSA:
	case DNS_TXT:
	case DNS_DNSKEY:
		break;
	}
	return NULL;
}

static const char *or_else(const char *text, const char *other)
{
	return text ? text : other;
}

static size_t size_of(const struct dns_answer *like)
{
	size_t size = strlen(like->asked) + strlen(or_else(like->name, like->asked)) +
		      strlen(or_else(like->why, "")) + 3;

	for (size_t i = 0; i < like->count; i++) {
		struct dns_record r = like->records[i];
		struct slice *bytes = bytes_of(like->type, &r);
		const char **text = text_of(like->type, &r);
		size += (bytes ? bytes->len : 0) + (text ? strlen(*text) + 1 : 0);
	}
	return size;
}

static const char *put(char **at, const char *bytes, size_t len)
{
	char *start = *at;

	if (len)
		memcpy(start, bytes, len);
	*at += len;
	return start;
}

static const char *put_text(char **at, const char *text)
{
	return put(at, text, strlen(text) + 1);
}

const struct dns_answer *dns_answer_make(const struct dns_answer *like)
{
	assert((like->status == DNS_FOUND) == (like->count > 0));
	assert(like->status != DNS_FAILED || like->trust == DNS_INSECURE);

	size_t head = sizeof(struct block) + like->count * sizeof(struct dns_record);
	struct block *b = malloc(head + size_of(like));
	if (!b)
		return NULL;

	char *at = (char *)b + head;
	atomic_init(&b->refs, 1);
	b->answer = *like;
	b->answer.asked = put_text(&at, like->asked);
	b->answer.name = put_text(&at, or_else(like->name, like->asked));
	b->answer.why = put_text(&at, or_else(like->why, ""));
	b->answer.records = like->count ? b->records : NULL;
	for (size_t i = 0; i < like->count; i++) {
		struct dns_record *r = &b->records[i];
		*r = like->records[i];
		struct slice *bytes = bytes_of(like->type, r);
		const char **text = text_of(like->type, r);
		if (bytes)
			bytes->at = put(&at, bytes->at, bytes->len);
		if (text)
			*text = put_text(&at, *text);
	}
	return &b->answer;
}

const struct dns_answer *dns_answer_ref(const struct dns_answer *a)
{
	atomic_fetch_add_explicit(&block_of(a)->refs, 1, memory_order_relaxed);
	return a;
}

void dns_answer_unref(const struct dns_answer *a)
{
	if (!a)
		return;
	if (atomic_fetch_sub_explicit(&block_of(a)->refs, 1, memory_order_acq_rel) == 1)
		free(block_of(a));
}

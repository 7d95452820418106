#include "assurance/pack.h"

#include "base/arena.h"
#include "deflate/deflate.h"

#include <stdlib.h>
#include <string.h>

/* What our sentences are made of; the commonest stands last, where it costs least. */
static const char words[] =
	"_mta-sts. announces an MTA-STS policy that cannot be had: with none remembered, nothing "
	"was promised (RFC 8461 section 3.3) does not name, which must not be used "
	"MTA-STS policy is in mode testing, which guarantees nothing (RFC 8461 section 5) "
	"accepts no mail: it has a null MX (RFC 7505 section 3) there is no domain "
	"no host for has an address looking up the address of failed: "
	"no TLSA record of is usable: of the first, ; TLS is mandatory, but nobody is proved "
	"(RFC 7672 section 2.2) it offers REQUIRETLS within TLS (RFC 8689 section 4.2.1) "
	".mail.protection.outlook.com smtp.google.com aspmx.l.google.com mail.de mx2.com mx1.net "
	"mx0.org"
	" MTA-STS policy is in mode enforce and names (RFC 8461 section 4.1) "
	" has usable TLSA records at _25._tcp.mail. , and every lookup on the way there is signed "
	"(RFC 7672 section 2.2)"
	" has no TLSA records is not signed DANE does not apply: was named by MX records that are "
	"not "
	"signed _mta-sts. announces no MTA-STS policy"
	"the MX records of are not signed, so DANE cannot prove its hosts (RFC 7672 section 2.2.1)";

struct assurance_packer {
	struct deflate *deflate;
	struct buf plain;
};

struct assurance_packer *assurance_packer_new(void)
{
	struct assurance_packer *packer = calloc(1, sizeof *packer);

	if (!packer)
		return NULL;
	packer->plain = BUF_INIT(ASSURANCE_PACK_MAX);
	packer->deflate = deflate_new((struct slice){ words, sizeof words - 1 });
	if (packer->deflate)
		return packer;
	free(packer);
	return NULL;
}

void assurance_packer_free(struct assurance_packer *packer)
{
	if (!packer)
		return;
	deflate_free(packer->deflate);
	buf_free(&packer->plain);
	free(packer);
}

/* ---- out ---- */

static void put_number(struct buf *out, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		(void)buf_add_byte(out, (char)(n | 0x80));
	(void)buf_add_byte(out, (char)n);
}

static void put_text(struct buf *out, const char *text)
{
	(void)buf_add(out, text ? text : "", text ? strlen(text) + 1 : 1);
}

static void put_texts(struct buf *out, const char *const *texts, size_t count)
{
	put_number(out, count);
	for (size_t i = 0; i < count; i++)
		put_text(out, texts[i]);
}

static void put_mx(struct buf *out, const struct assurance_mx *mx)
{
	put_text(out, mx->host);
	put_number(out, mx->preference);
	put_number(out, (uint64_t)mx->lookup | (uint64_t)mx->address << 3 |
				(uint64_t)mx->tlsa << 6 | (uint64_t)mx->level << 9 |
				(uint64_t)mx->sts_match << 12 | (uint64_t)mx->probe.done << 13 |
				(uint64_t)mx->probe.starttls << 14 |
				(uint64_t)mx->probe.authenticated << 15 |
				(uint64_t)mx->probe.requiretls << 16);
	put_number(out, mx->usable);
	put_text(out, mx->tlsa_base);
	put_text(out, mx->why);
	put_text(out, mx->probe.tls);
	put_text(out, mx->probe.why);
	put_texts(out, mx->names, mx->name_count);
}

static void put_sts(struct buf *out, const struct assurance_sts *sts)
{
	put_number(out, sts ? 1 + (uint64_t)sts->source : 0);
	if (!sts)
		return;
	put_text(out, sts->mode);
	put_text(out, sts->id);
	put_number(out, sts->max_age);
	put_texts(out, sts->mx, sts->mx_count);
}

enum rc assurance_pack(struct assurance_packer *packer, const struct assurance *a, struct buf *out)
{
	struct buf *plain = &packer->plain;

	buf_clear(plain);
	put_text(plain, a->domain);
	put_number(plain, (uint64_t)a->level | (uint64_t)a->by << 3 | (uint64_t)a->held << 6);
	put_number(plain, (uint64_t)a->until);
	put_texts(plain, a->reasons, a->reason_count);
	put_number(plain, a->mx_count);
	for (size_t i = 0; i < a->mx_count; i++)
		put_mx(plain, &a->mx[i]);
	put_sts(plain, a->sts);
	put_texts(plain, a->match, a->match_count);
	put_texts(plain, a->keys, a->key_count);
	put_text(plain, a->anchors);
	if (buf_state(plain) != RC_OK)
		return buf_state(plain);
	return deflate_pack(packer->deflate, buf_slice(plain), out);
}

/* ---- in ---- */

struct reader {
	struct slice rest;
	struct arena *arena;
	bool bad; /* it ends too early, or memory is out */
};

static uint64_t take_number(struct reader *r)
{
	uint64_t n = 0;
	unsigned shift = 0;

	while (r->rest.len > 0 && shift < 64) {
		unsigned char byte = (unsigned char)*r->rest.at;
		r->rest = (struct slice){ r->rest.at + 1, r->rest.len - 1 };
		n |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return n;
		shift += 7;
	}
	r->bad = true;
	return 0;
}

/* Borrowed from the bytes that are read. */
static const char *take_text(struct reader *r)
{
	const char *text = r->rest.at;
	const char *end = r->rest.len ? memchr(text, '\0', r->rest.len) : NULL;

	if (!end) {
		r->bad = true;
		return "";
	}
	r->rest.len -= (size_t)(end + 1 - text);
	r->rest.at = end + 1;
	return text;
}

/* How many there are of what takes a byte at least. */
static size_t take_count(struct reader *r)
{
	uint64_t count = take_number(r);

	if (count <= r->rest.len)
		return (size_t)count;
	r->bad = true;
	return 0;
}

static const char *const *take_texts(struct reader *r, size_t *count)
{
	*count = take_count(r);
	const char **texts = ARENA_ARRAY(r->arena, const char *, *count);

	if (!texts && *count)
		r->bad = true;
	for (size_t i = 0; !r->bad && i < *count; i++)
		texts[i] = take_text(r);
	return texts;
}

static void take_mx(struct reader *r, struct assurance_mx *mx)
{
	mx->host = take_text(r);
	mx->preference = (uint16_t)take_number(r);
	uint64_t bits = take_number(r);
	mx->lookup = (enum assurance_lookup)(bits & 7);
	mx->address = (enum assurance_lookup)(bits >> 3 & 7);
	mx->tlsa = (enum assurance_lookup)(bits >> 6 & 7);
	mx->level = (enum assurance_level)(bits >> 9 & 7);
	mx->sts_match = bits >> 12 & 1;
	mx->probe.done = bits >> 13 & 1;
	mx->probe.starttls = bits >> 14 & 1;
	mx->probe.authenticated = bits >> 15 & 1;
	mx->probe.requiretls = bits >> 16 & 1;
	mx->usable = (unsigned)take_number(r);
	mx->tlsa_base = take_text(r);
	mx->why = take_text(r);
	mx->probe.tls = take_text(r);
	mx->probe.why = take_text(r);
	mx->names = take_texts(r, &mx->name_count);
}

static const struct assurance_mx *take_hosts(struct reader *r, size_t *count)
{
	*count = take_count(r);
	struct assurance_mx *mx = ARENA_ARRAY(r->arena, struct assurance_mx, *count);

	if (!mx && *count)
		r->bad = true;
	for (size_t i = 0; !r->bad && i < *count; i++)
		take_mx(r, &mx[i]);
	return mx;
}

static const struct assurance_sts *take_sts(struct reader *r, struct assurance_sts *sts)
{
	uint64_t source = take_number(r);

	if (source == 0)
		return NULL;
	sts->source = (enum assurance_sts_source)(source - 1);
	sts->mode = take_text(r);
	sts->id = take_text(r);
	sts->max_age = (uint32_t)take_number(r);
	sts->mx = take_texts(r, &sts->mx_count);
	return sts;
}

static const struct assurance *read_all(struct reader *r)
{
	struct assurance_sts sts = { 0 };
	struct assurance a = { .domain = take_text(r) };
	uint64_t bits = take_number(r);

	a.level = (enum assurance_level)(bits & 7);
	a.by = (enum assurance_by)(bits >> 3 & 7);
	a.held = bits >> 6 & 1;
	a.until = (int64_t)take_number(r);
	a.reasons = take_texts(r, &a.reason_count);
	a.mx = take_hosts(r, &a.mx_count);
	a.sts = take_sts(r, &sts);
	a.match = take_texts(r, &a.match_count);
	a.keys = take_texts(r, &a.key_count);
	a.anchors = take_text(r);
	return r->bad || r->rest.len ? NULL : assurance_make(&a);
}

const struct assurance *assurance_unpack(struct assurance_packer *packer, struct slice packed)
{
	struct arena *arena = arena_new(ASSURANCE_PACK_MAX);
	const struct assurance *a = NULL;

	buf_clear(&packer->plain);
	if (arena && deflate_unpack(packer->deflate, packed, &packer->plain) == RC_OK) {
		struct reader r = { .rest = buf_slice(&packer->plain), .arena = arena };
		a = read_all(&r);
	}
	arena_free(arena);
	return a;
}

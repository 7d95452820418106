#include "cli/check.h"

#include "assurance/advice.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"

#include <string.h>

enum { WIDTH = 79 };

/* ---- paragraphs ---- */

/* text at the end of out, broken between words; out's last line has `at` characters already. */
static void wrap(struct buf *out, size_t at, unsigned indent, struct slice text)
{
	struct slice word;

	for (bool first = true; text.len > 0; first = false) {
		if (!slice_take_until(&text, ' ', &word)) {
			word = text;
			text.len = 0;
		}
		if (!first && at + 1 + word.len > WIDTH) {
			(void)buf_addf(out, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			(void)buf_add_byte(out, ' ');
			at++;
		}
		(void)buf_add_slice(out, word);
		at += word.len;
	}
	(void)buf_add_byte(out, '\n');
}

/* "  - text", and what does not fit on the line below its beginning. */
static void item(struct buf *out, const char *bullet, const char *text)
{
	(void)buf_add_text(out, bullet);
	wrap(out, strlen(bullet), (unsigned)strlen(bullet), slice_of(text));
}

enum { LABEL = 12, VALUE = 4 + LABEL }; /* columns of a row */

/* "    MX          10 mx.good.test": label and value; the value grows in `value`. */
static void row(struct buf *out, const char *label, struct buf *value)
{
	(void)buf_addf(out, "    %-*s", LABEL, label);
	wrap(out, VALUE, VALUE, buf_slice(value));
	buf_clear(value);
}

/* ---- what it comes to ---- */

const char *check_colour(enum assurance_level level)
{
	switch (level) {
	case ASSURANCE_AUTHENTICATED:
	case ASSURANCE_REQUIRETLS:
		return "\033[32m";
	case ASSURANCE_NONE:
	case ASSURANCE_ENCRYPTED:
		return "\033[31m";
	case ASSURANCE_UNDETERMINED:
	case ASSURANCE_UNROUTABLE:
		break;
	}
	return "\033[33m";
}

static const char *by_words(enum assurance_by by)
{
	switch (by) {
	case ASSURANCE_BY_NOTHING:
		return "";
	case ASSURANCE_BY_DANE:
		return " by DANE";
	case ASSURANCE_BY_STS:
		return " by MTA-STS";
	case ASSURANCE_BY_PIN:
		return " by the operator's word";
	case ASSURANCE_BY_NULL_MX:
		return " by a null MX";
	}
	return "";
}

static const char *level_words(enum assurance_level level)
{
	switch (level) {
	case ASSURANCE_UNDETERMINED:
		return "Not known now: mail that must be protected waits, and is tried again.";
	case ASSURANCE_UNROUTABLE:
		return "No mail can go there: the mail server returns it.";
	case ASSURANCE_NONE:
		return "Nothing is promised: mail may travel in the clear, or to anybody.";
	case ASSURANCE_ENCRYPTED:
		return "Mail travels over TLS, but nothing proves to whom.";
	case ASSURANCE_AUTHENTICATED:
		return "Mail travels over TLS to a host that proves who it is, or not at all.";
	case ASSURANCE_REQUIRETLS:
		return "Mail travels over TLS to a host that proves who it is, and that promises "
		       "the same for the way onward.";
	}
	return "";
}

static void tell_level(const struct assurance *a, struct buf *out)
{
	char until[CLOCK_TEXT];

	(void)buf_addf(out, "%s: %s%s, until %s\n  ", a->domain, assurance_level_name(a->level),
		       by_words(a->by), clock_format(a->until, until));
	wrap(out, 2, 2, slice_of(level_words(a->level)));
	for (size_t i = 0; i < a->reason_count; i++)
		item(out, "  - ", a->reasons[i]);
}

/* ---- what is published ---- */

static const char *trust_words(enum assurance_lookup lookup)
{
	switch (lookup) {
	case ASSURANCE_SECURE:
		return "signed";
	case ASSURANCE_INSECURE:
		return "not signed";
	case ASSURANCE_ABSENT:
		return "none";
	case ASSURANCE_ERROR:
		return "could not be looked up";
	case ASSURANCE_NOT_ASKED:
		return "not looked up";
	}
	return "";
}

/* TLSA records are asked for only where they could count (RFC 7672 §2.2.2). */
static void add_tlsa(const struct assurance_mx *mx, struct buf *value)
{
	if (*mx->tlsa_base)
		(void)buf_addf(value, "; TLSA at _25._tcp.%s, %u usable", mx->tlsa_base,
			       mx->usable);
	else if (mx->tlsa != ASSURANCE_NOT_ASKED)
		(void)buf_addf(value, "; TLSA %s", trust_words(mx->tlsa));
}

static void tell_host(const struct assurance_mx *mx, struct buf *value, struct buf *out)
{
	(void)buf_addf(value, "%u %s (%s): address %s", mx->preference, mx->host,
		       assurance_level_name(mx->level), trust_words(mx->address));
	add_tlsa(mx, value);
	if (mx->sts_match)
		(void)buf_add_text(value, "; named by the MTA-STS policy");
	for (size_t i = 0; i < mx->name_count; i++)
		(void)buf_addf(value, "%s%s", i ? ", " : "; its certificate must bear one of ",
			       mx->names[i]);
	row(out, "MX", value);
}

static void tell_policy(const struct assurance *a, struct buf *value, struct buf *out)
{
	const struct assurance_sts *sts = a->sts;

	if (!sts) {
		(void)buf_add_text(value, "no policy");
	} else {
		(void)buf_addf(value, "mode %s, id %s, %s, for %u s", sts->mode,
			       *sts->id ? sts->id : "unknown",
			       sts->source == ASSURANCE_STS_FETCHED ? "fetched just now"
								    : "remembered",
			       (unsigned)sts->max_age);
		for (size_t i = 0; i < sts->mx_count; i++)
			(void)buf_addf(value, "%s%s", i ? ", " : "; mx ", sts->mx[i]);
	}
	row(out, "MTA-STS", value);
}

static void tell_published(const struct assurance *a, struct buf *out)
{
	CLEANUP(buf_free) struct buf value = BUF_INIT(CHECK_REPORT_BYTES_MAX);

	if (a->mx_count == 0)
		return;
	(void)buf_add_text(out, "  Published:\n");
	(void)buf_addf(&value, "MX records %s", trust_words(a->mx[0].lookup));
	row(out, "DNSSEC", &value);
	for (size_t i = 0; i < a->mx_count; i++)
		tell_host(&a->mx[i], &value, out);
	tell_policy(a, &value, out);
}

/* ---- what the hosts showed ---- */

static void tell_probe(const struct assurance_mx *mx, struct buf *out)
{
	CLEANUP(buf_free) struct buf value = BUF_INIT(4096);
	const struct assurance_probe *p = &mx->probe;

	(void)buf_addf(&value, "%s: %s%s%s%s%s", mx->host, p->starttls ? "STARTTLS" : "no STARTTLS",
		       *p->tls ? ", " : "", p->tls, p->authenticated ? ", proved" : ", not proved",
		       p->requiretls ? ", REQUIRETLS" : "");
	if (*p->why)
		(void)buf_addf(&value, ": %s", p->why);
	(void)buf_add_text(out, "    ");
	wrap(out, 4, 6, buf_slice(&value));
}

static void tell_shown(const struct assurance *a, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < a->mx_count; i++) {
		if (!a->mx[i].probe.done)
			continue;
		if (!any)
			(void)buf_add_text(out, "  Shown when spoken to:\n");
		any = true;
		tell_probe(&a->mx[i], out);
	}
}

/* ---- what could be done ---- */

static void tell_advice(const struct assurance *a, struct buf *out)
{
	const char *advice[ASSURANCE_ADVICE_MAX];
	struct arena *arena = arena_new(CHECK_REPORT_BYTES_MAX);
	size_t count = arena ? assurance_advise(a, arena, advice) : 0;

	if (count)
		(void)buf_addf(out, "  What the postmaster of %s could do:\n", a->domain);
	for (size_t i = 0; i < count; i++)
		item(out, "  * ", advice[i]);
	arena_free(arena);
}

/* What came from strangers must not play with a terminal. */
static void make_printable(struct buf *out, size_t from)
{
	for (size_t i = from; i < out->len; i++)
		if (out->at[i] != '\n' && (out->at[i] < ' ' || out->at[i] > '~'))
			out->at[i] = '?';
}

void check_write_report(const struct assurance *a, struct buf *out)
{
	size_t before = out->len;

	tell_level(a, out);
	tell_published(a, out);
	tell_shown(a, out);
	tell_advice(a, out);
	make_printable(out, before);
}

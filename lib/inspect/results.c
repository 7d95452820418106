#include "inspect/results.h"

#include "base/ascii.h"
#include "inspect/confidence.h"
#include "inspect/mask.h"
#include "inspect/scale.h"

#include <stdlib.h>
#include <string.h>

enum rc results_init(struct results *r, const struct inspect_rules *rules)
{
	size_t tests = rules->test_count, markers = rules->rules->marker_count;

	size_t bytes = RESULTS_BYTES + (size_t)rules->limits.findings * RESULTS_FINDING_BYTES;

	*r = (struct results){ .rules = rules, .arena = arena_new(bytes) };
	if (!r->arena)
		return RC_NOMEM;
	r->unique = ARENA_ARRAY(r->arena, struct table *, tests + 1);
	r->test_hit = ARENA_ARRAY(r->arena, bool, tests + 1);
	r->test_sure = ARENA_ARRAY(r->arena, bool, tests + 1);
	r->test_vague = ARENA_ARRAY(r->arena, bool, tests + 1);
	r->markers.seen = ARENA_ARRAY(r->arena, bool, markers + 1);
	r->markers.sure = ARENA_ARRAY(r->arena, bool, markers + 1);
	r->markers.least = ARENA_ARRAY(r->arena, bool, markers + 1);
	r->markers.most = ARENA_ARRAY(r->arena, bool, markers + 1);
	r->marker_total = ARENA_ARRAY(r->arena, size_t, markers + 1);
	return r->unique && r->test_hit && r->test_sure && r->test_vague && r->markers.seen &&
			       r->markers.sure && r->markers.least && r->markers.most &&
			       r->marker_total
		       ? RC_OK
		       : RC_NOMEM;
}

void results_fini(struct results *r)
{
	for (size_t i = 0; r->unique && i < r->rules->test_count; i++)
		table_free(r->unique[i]);
	arena_free(r->arena);
	*r = (struct results){ 0 };
}

void results_add_opaque(struct results *r, const char *part, const char *why)
{
	r->doubt.content = true;
	r->doubt.header |= *part == '\0';
	for (size_t i = 0; i < r->out.opaque_count; i++)
		if (strcmp(r->opaque[i].part, part) == 0 && strcmp(r->opaque[i].why, why) == 0)
			return;
	if (r->out.opaque_count == RESULTS_OPAQUE_MAX)
		return;
	if (!r->opaque)
		r->opaque = ARENA_ARRAY(r->arena, struct inspect_opaque, RESULTS_OPAQUE_MAX);
	if (!r->opaque)
		return; /* inspect_end() tells that memory was out */
	const char *part_copy = arena_text(r->arena, (struct slice){ part, strlen(part) });
	const char *why_copy = arena_text(r->arena, (struct slice){ why, strlen(why) });
	if (part_copy && why_copy)
		r->opaque[r->out.opaque_count++] = (struct inspect_opaque){ part_copy, why_copy };
}

/* ---- conditions ---- */

/* A list of numbers may be written with the separators that people use. */
static bool is_excepted(const struct rules_test *t, struct slice value)
{
	for (size_t i = 0; i < t->except.count; i++) {
		const char *e = t->except.at[i];
		size_t n = 0;
		for (; *e; e++) {
			if (*e == ' ' || *e == '-')
				if (n == value.len || value.at[n] != *e)
					continue;
			struct slice one = { e, 1 };
			if (n == value.len ||
			    !slice_same_nocase(one, (struct slice){ value.at + n, 1 }))
				break;
			n++;
		}
		if (!*e && n == value.len)
			return true;
	}
	return false;
}

static bool is_tail(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

static struct slice before(const struct sighting *s, unsigned characters)
{
	size_t from = s->at;

	while (from > 0 && characters) {
		from--;
		characters -= !is_tail(s->text.at[from]);
	}
	return (struct slice){ s->text.at + from, s->at - from };
}

static struct slice after(const struct sighting *s, unsigned characters)
{
	size_t from = s->at + s->len, to = from;

	while (to < s->text.len && (characters || is_tail(s->text.at[to]))) {
		characters -= !is_tail(s->text.at[to]);
		to++;
	}
	return (struct slice){ s->text.at + from, to - from };
}

static bool is_word_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (signed char)c < 0;
}

/* A word counts where it begins one, so that "card" is in "cards" and not in
 * "discard". */
static bool holds_word(struct slice text, const char *word)
{
	struct slice want = { word, strlen(word) };
	char first = ascii_lower(*word);

	if (want.len == 0) /* nothing of it can be seen: near to everything */
		return true;
	for (size_t i = 0; i + want.len <= text.len; i++) {
		if (ascii_lower(text.at[i]) !=
		    first) /* many numbers look around at the same text */
			continue;
		struct slice here = { text.at + i, want.len };
		bool begins =
			i == 0 || !is_word_character(text.at[i - 1]) || !is_word_character(*word);
		if (begins && slice_same_nocase(here, want))
			return true;
	}
	return false;
}

static bool is_near(const struct inspect_test *test, const struct sighting *s)
{
	const struct rules_test *t = test->rule;

	if (test->word_count == 0)
		return true;
	struct slice left = before(s, t->near.before), right = after(s, t->near.after);
	for (size_t i = 0; i < test->word_count; i++)
		if (holds_word(left, test->words[i]) || holds_word(right, test->words[i]))
			return true;
	return false;
}

/* ---- findings ---- */

/* Whether this value makes the test hit: its min_unique different ones are there. *sure: they
 * were counted. */
static bool count_value(struct results *r, size_t test, struct slice value, bool *sure)
{
	unsigned want = r->rules->tests[test].rule->min_unique;

	if (want <= 1 || !r->rules->tests[test].detector)
		return true;
	if (!r->unique[test])
		r->unique[test] = table_new();
	/* Out of memory: what cannot be counted is taken for enough. */
	if (!r->unique[test] || !table_set(r->unique[test], value, r, NULL)) {
		*sure = false;
		return true;
	}
	return table_count(r->unique[test]) >= want;
}

static bool is_told(const struct results *r, size_t marker, const struct sighting *s)
{
	for (size_t i = 0; i < r->out.count; i++) {
		const struct inspect_finding *f = &r->findings[i];
		if (f->marker_index == marker && f->where == s->where &&
		    f->offset == s->offset + s->at && strcmp(f->part, s->part) == 0 &&
		    f->field_number == s->field_number)
			return true;
	}
	return false;
}

/* A field's name is a stranger's word that goes into logs: printable, and without
 * the digits that no real name has. */
static const char *safe_name(struct results *r, struct slice name)
{
	size_t digits = 0;

	name.len = name.len < RESULTS_FIELD_MAX ? name.len : RESULTS_FIELD_MAX;
	char *copy = arena_text(r->arena, name);
	for (char *at = copy; at && *at; at++) {
		digits += *at >= '0' && *at <= '9';
		if (*at <= ' ' || *at > '~' || (*at >= '0' && *at <= '9' && digits > 6))
			*at = '?';
	}
	return copy;
}

/* A marking without a value breaks its grammar. */
static bool is_invalid(const struct inspect_test *test, const struct sighting *s)
{
	return test->detector && test->detector->field && s->value.len == 0;
}

/* For one more finding. */
static bool make_room(struct results *r)
{
	size_t room = r->room ? 2 * r->room : RESULTS_FIRST;

	if (r->out.count < r->room)
		return true;
	struct inspect_finding *more = ARENA_ARRAY(r->arena, struct inspect_finding, room);
	if (!more)
		return false;
	if (r->out.count)
		memcpy(more, r->findings, r->out.count * sizeof *more);
	r->findings = more;
	r->room = room;
	return true;
}

static void tell(struct results *r, const struct inspect_test *test, const struct sighting *s,
		 enum rules_confidence confidence)
{
	char mask[MASK_ROOM];

	if (r->out.count < r->rules->limits.findings && is_told(r, test->marker, s))
		return;
	r->marker_total[test->marker]++;
	if (r->out.count >= r->rules->limits.findings)
		return;
	struct slice shown = s->len ? (struct slice){ s->text.at + s->at, s->len } : s->value;
	mask_text(shown, s->shown_first, s->shown_last, mask);
	struct slice evidence = s->plain ? shown : (struct slice){ mask, strlen(mask) };
	struct inspect_finding f = {
		.marker = r->rules->rules->markers[test->marker].name,
		.marker_index = test->marker,
		.where = s->where,
		.part = arena_text(r->arena, (struct slice){ s->part, strlen(s->part) }),
		.field = safe_name(r, s->field),
		.field_number = s->field_number,
		.offset = s->offset + s->at,
		.evidence = arena_text(r->arena, evidence),
		.confidence = confidence,
		.invalid = is_invalid(test, s),
	};
	if (!f.part || !f.field || !f.evidence || !make_room(r))
		return;
	r->findings[r->out.count++] = f;
}

/* A test of `not` lifts protection: for it counts what is sure. */
static void hit(struct results *r, size_t at, struct slice value)
{
	const struct inspect_test *test = &r->rules->tests[at];
	bool sure = scale_knows(test->rule, test->scale, value);

	if (r->test_sure[at])
		return;
	r->test_vague[at] |= !sure;
	if (test->rule->min_unique > 1) {
		sure = !r->test_vague[at];
		if (r->test_hit[at] && !sure)
			return; /* nothing more can come of it */
	}
	if (!count_value(r, at, value, &sure))
		return;
	r->test_hit[at] = true;
	r->test_sure[at] = sure;
}

void results_add(struct results *r, size_t at, const struct sighting *s)
{
	const struct inspect_test *test = &r->rules->tests[at];

	if (is_excepted(test->rule, s->value) || !scale_allows(test->rule, test->scale, s->value) ||
	    !is_near(test, s))
		return;
	enum rules_confidence confidence =
		test->detector ? confidence_of(test->detector, s->text, s->at, s->len, s->value)
			       : RULES_HIGH;
	if (confidence < test->rule->confidence || (test->rule->invalid && !is_invalid(test, s)))
		return;
	hit(r, at, s->value);
	if (!test->negated) /* a marker that holds has none of these */
		tell(r, test, s, confidence);
}

/* A finding is a marker that holds: sightings of the others prove nothing. */
static void keep_hits(struct results *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->out.count; i++)
		if (r->markers.seen[r->findings[i].marker_index])
			r->findings[kept++] = r->findings[i];
	r->out.count = kept;
	r->out.total = 0;
	for (size_t i = 0; i < r->rules->rules->marker_count; i++)
		r->out.total += r->markers.seen[i] ? r->marker_total[i] : 0;
}

/* Names in which something was found are shown nowhere. */
static void veil_parts(struct results *r)
{
	for (size_t i = 0; r->veil.count && i < r->out.count; i++)
		r->findings[i].part = veil_path(&r->veil, r->arena, r->findings[i].part);
	for (size_t i = 0; r->veil.count && i < r->out.opaque_count; i++)
		r->opaque[i].part = veil_path(&r->veil, r->arena, r->opaque[i].part);
}

const struct inspect_findings *results_finish(struct results *r)
{
	const struct inspect_rules *rules = r->rules;

	combine_markers(rules->rules, (struct combine_tests){ r->test_hit, r->test_sure }, r->doubt,
			&r->markers);
	keep_hits(r);
	veil_parts(r);
	r->out.at = r->findings;
	r->out.opaque = r->opaque;
	r->out.marker_count = rules->rules->marker_count;
	r->out.hit = r->markers.seen;
	r->out.sure = r->markers.sure;
	r->out.least = r->markers.least;
	r->out.most = r->markers.most;
	return &r->out;
}

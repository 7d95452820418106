#include "settings/shape.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "settings/destination.h"
#include "settings/marker.h"
#include "settings/pattern.h"
#include "settings/scale.h"
#include "settings/value.h"
#include "settings/when.h"

#include <stdint.h>
#include <string.h>

/* ---- words ---- */

static const struct field_word rungs[] = {
	{ "encrypt", RULES_ENCRYPT },
	{ "rewrite", RULES_REWRITE },
	{ "divert", RULES_DIVERT },
	{ "hold", RULES_HOLD },
	{ "defer", RULES_DEFER },
	{ "refuse", RULES_REFUSE },
	{ NULL, 0 },
};

static const struct field_word factors[] = {
	{ "phrase", RULES_FACTOR_PHRASE },
	{ "code", RULES_FACTOR_CODE },
	{ "link", RULES_FACTOR_LINK },
	{ NULL, 0 },
};

const struct field_word shape_requires[] = {
	{ "authenticated", RULES_REQUIRE_AUTHENTICATED },
	{ "requiretls", RULES_REQUIRE_REQUIRETLS },
	{ NULL, 0 },
};

static const struct field_word rewrites[] = {
	{ "findings", RULES_REWRITE_FINDINGS },
	{ "attachments", RULES_REWRITE_ATTACHMENTS },
	{ "body", RULES_REWRITE_BODY },
	{ NULL, 0 },
};

static const struct field_word modes[] = {
	{ "enforce", RULES_ENFORCE },
	{ "observe", RULES_OBSERVE },
	{ NULL, 0 },
};

static const struct field_word opaques[] = { { "count", false }, { "ignore", true }, { NULL, 0 } };

static const struct field_word undetermineds[] = {
	{ "defer", false },
	{ "otherwise", true },
	{ NULL, 0 },
};

static const struct field_word verdicts[] = {
	{ "pass", 0 }, { "deliver", 0 }, { "encrypt", 0 }, { "rewrite", 0 }, { "divert", 0 },
	{ "hold", 0 }, { "defer", 0 },   { "refuse", 0 },  { NULL, 0 },
};

static const char *name_of(const struct field_word *words, unsigned value)
{
	for (; words->text; words++)
		if (words->value == value)
			return words->text;
	return "";
}

const char *rules_rung_name(enum rules_rung rung)
{
	return name_of(rungs, rung);
}

const char *rules_factor_name(enum rules_factor factor)
{
	return name_of(factors, factor);
}

bool rules_factor_is_independent(enum rules_factor factor)
{
	switch (factor) {
	case RULES_FACTOR_PHRASE:
	case RULES_FACTOR_CODE:
		return true;
	case RULES_FACTOR_LINK:
		return false;
	}
	return false;
}

const char *rules_require_name(enum rules_require require)
{
	return name_of(shape_requires, require);
}

const char *rules_mode_name(enum rules_mode mode)
{
	return name_of(modes, mode);
}

/* ---- fields of more than one row ---- */

enum { NAME_MAX_BYTES = 100 }; /* it stands in log lines and replies beside other facts */

static const char *check_rule_name(const char *text)
{
	return strlen(text) > NAME_MAX_BYTES ? "one line of at most 100 bytes" : value_line(text);
}

/* C1 controls, line ends, and marks that turn text around. */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static const char *check_say(const char *text)
{
	struct slice rest = slice_of(text);
	bool fine = rest.len <= RULES_SAY_MAX;
	uint32_t c;

	while (fine && rest.len)
		fine = utf8_take(&rest, &c) && !is_control(c);
	return fine ? NULL : "one line of at most 200 bytes, in UTF-8";
}

static enum rc read_choice(struct reader *r, const config_setting_t *at, const struct field *f,
			   void *out) /* a bool, by two words */
{
	unsigned value;
	enum rc rc = field_word(r, at, f, &value);

	if (rc == RC_OK)
		*(bool *)out = value;
	return rc;
}

static enum rc read_ladder(struct reader *r, const config_setting_t *at, const struct field *f,
			   void *out)
{
	struct rules_rule *rule = out;
	struct rules_list names;
	unsigned rung;
	enum rc rc = field_texts(r, at, f, &names);

	for (size_t i = 0; rc == RC_OK && i < names.count; i++) {
		rc = field_word_value(r, at, f->name, rungs, names.at[i], &rung);
		for (size_t j = 0; rc == RC_OK && j < rule->rung_count; j++)
			if (rule->rungs[j] == rung)
				rc = field_fault(r, at, "%s has \"%s\" twice", f->name,
						 names.at[i]);
		if (rc == RC_OK)
			rule->rungs[rule->rung_count++] = rung;
	}
	return rc;
}

static enum rc read_expect(struct reader *r, const config_setting_t *at, const struct field *f,
			   void *out)
{
	unsigned unused;
	enum rc rc = field_text(r, at, f, out);

	if (rc != RC_OK)
		return rc;
	return field_word_value(r, at, f->name, verdicts, *(const char **)out, &unused);
}

static enum rc read_at(struct reader *r, const config_setting_t *at, const struct field *f,
		       void *out)
{
	struct rules_expectation *expectation = out;
	const char *text;
	enum rc rc = field_text(r, at, f, &text);

	if (rc == RC_OK && !clock_parse(slice_of(text), &expectation->at_s))
		rc = field_fault(
			r, at, "%s is \"%.30s\": expected a time such as \"2026-12-01T09:00:00Z\"",
			f->name, text);
	expectation->timed = rc == RC_OK;
	return rc;
}

/* One text, or a list of them. */
static enum rc read_one_or_more(struct reader *r, const config_setting_t *at, const struct field *f,
				void *out)
{
	const char **one;
	enum rc rc;

	if (config_setting_type(at) != CONFIG_TYPE_STRING)
		return field_texts(r, at, f, out);
	one = ARENA_NEW(r->arena, const char *);
	if (!one)
		return field_nomem(r);
	rc = field_text(r, at, f, one);
	if (rc == RC_OK)
		*(struct rules_list *)out = (struct rules_list){ 1, one };
	return rc;
}

/* ---- groups ---- */

#define IN_RULE(member) offsetof(struct rules_rule, member)

enum { LIFE_DAYS = 14, LIFE_DAYS_MAX = 3650 }; /* ten years: a typing error lies above */

static const struct field rule_fields[] = {
	{ "name", field_text, IN_RULE(name), .check = check_rule_name, .required = true },
	{ "when", when_read, IN_RULE(when) },
	{ "exceptions", when_read_exceptions, 0 },
	{ "mode", field_word, IN_RULE(mode), .words = modes },
	{ "require", field_word, IN_RULE(require), .words = shape_requires, .required = true },
	{ "otherwise", read_ladder, 0, .required = true },
	{ "factor", field_word, IN_RULE(factor), .words = factors },
	{ "independent", field_flag, IN_RULE(independent) },
	{ "opaque", read_choice, IN_RULE(opaque_ignore), .words = opaques },
	{ "undetermined", read_choice, IN_RULE(undetermined_on), .words = undetermineds },
	{ "life_days", field_number, IN_RULE(life_days), .min = 1, .max = LIFE_DAYS_MAX },
	{ "rewrite", field_word, IN_RULE(rewrite), .words = rewrites },
	{ "upgrade", field_flag, IN_RULE(upgrade) },
	{ "say", field_text, IN_RULE(say), .check = check_say },
	{ 0 },
};

static enum rc read_rule(struct reader *r, const config_setting_t *at, void *item)
{
	struct rules_rule *rule = item;

	rule->place = field_place(r, at);
	rule->life_days = LIFE_DAYS;
	rule->say = "";
	enum rc rc = field_read_all(r, at, "a rule", rule_fields, rule);
	if (rc != RC_OK)
		return rc;
	if (r->mode == RULES_OBSERVE && config_setting_get_member(at, "mode") &&
	    rule->mode == RULES_ENFORCE)
		return field_fault(r, at,
				   "this rule says mode = \"enforce\", and its file observes: "
				   "one of them is not meant");
	if (r->mode == RULES_OBSERVE || r->observed)
		rule->mode = RULES_OBSERVE;
	return RC_OK;
}

static enum rc read_expectation(struct reader *r, const config_setting_t *at, void *item)
{
	static const struct field fields[] = {
		{ "message", field_file, offsetof(struct rules_expectation, message),
		  .required = true },
		{ "from", field_text, offsetof(struct rules_expectation, from), .required = true },
		{ "to", read_one_or_more, offsetof(struct rules_expectation, to),
		  .required = true },
		{ "expect", read_expect, offsetof(struct rules_expectation, expect) },
		{ "expect_rule", field_text, offsetof(struct rules_expectation, rule) },
		{ "at", read_at, 0 },
		{ 0 },
	};
	struct rules_expectation *expectation = item;

	expectation->place = field_place(r, at);
	expectation->expect = "";
	expectation->rule = "";
	enum rc rc = field_read_all(r, at, "an expectation", fields, expectation);
	if (rc == RC_OK && !expectation->expect[0] && !expectation->rule[0])
		rc = field_fault(r, at, "an expectation needs expect or expect_rule, or both");
	return rc;
}

/* ---- the file ---- */

static enum rc read_markers(struct reader *r, const config_setting_t *at, const struct field *f,
			    void *out)
{
	struct rules *rules = out;
	const void *items = NULL;
	enum rc rc = field_items(r, at, f->name, RULES_MARKERS_MAX, sizeof *rules->markers,
				 marker_read, &rules->marker_count, &items);

	rules->markers = items;
	return rc;
}

static enum rc read_rules(struct reader *r, const config_setting_t *at, const struct field *f,
			  void *out)
{
	struct rules *rules = out;
	const void *items = NULL;
	enum rc rc = field_items(r, at, f->name, RULES_RULES_MAX, sizeof *rules->rules, read_rule,
				 &rules->rule_count, &items);

	rules->rules = items;
	return rc;
}

static enum rc read_destinations(struct reader *r, const config_setting_t *at,
				 const struct field *f, void *out)
{
	struct rules *rules = out;
	const void *items = NULL;
	enum rc rc =
		field_items(r, at, f->name, RULES_DESTINATIONS_MAX, sizeof *rules->destinations,
			    destination_read, &rules->destination_count, &items);

	rules->destinations = items;
	return rc;
}

static enum rc read_scales(struct reader *r, const config_setting_t *at, const struct field *f,
			   void *out)
{
	struct rules *rules = out;
	const void *items = NULL;
	enum rc rc = field_items(r, at, f->name, RULES_SCALES_MAX, sizeof *rules->scales,
				 scale_read, &rules->scale_count, &items);

	rules->scales = items;
	return rc;
}

static enum rc read_expectations(struct reader *r, const config_setting_t *at,
				 const struct field *f, void *out)
{
	struct rules *rules = out;
	const void *items = NULL;
	enum rc rc =
		field_items(r, at, f->name, RULES_EXPECTATIONS_MAX, sizeof *rules->expectations,
			    read_expectation, &rules->expectation_count, &items);

	rules->expectations = items;
	return rc;
}

static enum rc read_mode(struct reader *r, const config_setting_t *at, const struct field *f,
			 void *out)
{
	struct rules *rules = out;

	return field_word(r, at, f, &rules->mode);
}

static enum rc read_includes(struct reader *r, const config_setting_t *at, const struct field *f,
			     void *out)
{
	struct shape *shape = out;
	struct rules_list names;
	enum rc rc = field_texts(r, at, f, &names);

	if (rc != RC_OK)
		return rc;
	shape->includes = ARENA_ARRAY(r->arena, struct shape_include, names.count);
	if (!shape->includes)
		return field_nomem(r);
	for (size_t i = 0; i < names.count; i++) {
		const config_setting_t *one = config_setting_get_elem(at, (unsigned)i);
		struct shape_include *include = &shape->includes[i];
		include->place = field_place(r, one);
		rc = field_file(r, one, f, &include->path);
		if (rc != RC_OK)
			return rc;
	}
	shape->include_count = names.count;
	return RC_OK;
}

enum rc shape_read(struct reader *r, struct shape *out)
{
	static const struct field fields[] = {
		{ "mode", read_mode, offsetof(struct shape, rules), .words = modes },
		{ "include", read_includes, 0 },
		{ "markers", read_markers, offsetof(struct shape, rules) },
		{ "rules", read_rules, offsetof(struct shape, rules) },
		{ "destinations", read_destinations, offsetof(struct shape, rules) },
		{ "tests", read_expectations, offsetof(struct shape, rules) },
		{ "scales", read_scales, offsetof(struct shape, rules) },
		{ 0 },
	};
	const config_setting_t *root = tree_root(r->tree);
	const config_setting_t *mode = config_setting_get_member(root, "mode");

	/* The rules must know it, wherever it stands. */
	enum rc rc = mode ? read_mode(r, mode, &fields[0], &out->rules) : RC_OK;
	r->mode = out->rules.mode;
	return rc == RC_OK ? field_read_all(r, root, "the rules file", fields, out) : rc;
}

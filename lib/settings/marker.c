#include "settings/marker.h"

#include <stdint.h>
#include <string.h>

static const struct field_word detectors[] = {
	{ "payment-card", 0 },
	{ "iban", 0 },
	{ "us-ssn", 0 },
	{ "us-itin", 0 },
	{ "uk-nino", 0 },
	{ "uk-nhs", 0 },
	{ "de-tax-id", 0 },
	{ "fr-nir", 0 },
	{ "es-dni", 0 },
	{ "es-nie", 0 },
	{ "it-codice-fiscale", 0 },
	{ "nl-bsn", 0 },
	{ "be-rrn", 0 },
	{ "pl-pesel", 0 },
	{ "ch-ahv", 0 },
	{ "au-tfn", 0 },
	{ "au-medicare", 0 },
	{ "ca-sin", 0 },
	{ "in-aadhaar", 0 },
	{ "in-pan", 0 },
	{ "br-cpf", 0 },
	{ "br-cnpj", 0 },
	{ "private-key", 0 },
	{ "api-secret", 0 },
	{ "words", 0 },
	{ "file-hash", 0 },
	{ "exact-data", 0 },
	{ "fingerprint", 0 },
	{ "file-name", 0 },
	{ "file-type", 0 },
	{ "file-size", 0 },
	{ "sensitivity", 0 },
	{ "au-protective-marking", 0 },
	{ "sio-label", 0 },
	{ "msip-label", 0 },
	{ "office-label", 0 },
	{ "tlp", 0 },
	{ "uk-gsc", 0 },
	{ "cui", 0 },
	{ "nato-label", 0 },
	{ "sender-wish", 0 },
	{ "require-tls", 0 },
	{ "opaque", 0 },
	{ NULL, 0 },
};

static const struct field_word wheres[] = {
	{ "header", RULES_HEADER },
	{ "subject", RULES_SUBJECT },
	{ "body", RULES_BODY },
	{ "attachment", RULES_ATTACHMENT },
	{ "filename", RULES_FILENAME },
	{ "metadata", RULES_METADATA },
	{ NULL, 0 },
};

const char *rules_where_name(enum rules_where where)
{
	for (const struct field_word *w = wheres; w->text; w++)
		if (w->value == where)
			return w->text;
	return "";
}

static const struct field_word confidences[] = {
	{ "low", RULES_LOW },
	{ "medium", RULES_MEDIUM },
	{ "high", RULES_HIGH },
	{ NULL, 0 },
};

enum { NAME_MAX_BYTES = 100 }; /* it stands in log lines and replies beside other facts */

static const char *check_marker_name(const char *text)
{
	bool fine = strlen(text) <= NAME_MAX_BYTES;

	for (size_t i = 0; fine && text[i]; i++)
		fine = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'z') ||
		       (text[i] >= 'A' && text[i] <= 'Z') || strchr("-_.", text[i]);
	return fine ? NULL : "at most 100 letters, digits, '-', '_', '.'";
}

/* A field's name is printable ASCII without a colon (RFC 5322 §3.6.8). */
static const char *check_field_name(const char *text)
{
	bool fine = strlen(text) <= NAME_MAX_BYTES;

	for (size_t i = 0; fine && text[i]; i++)
		fine = text[i] > ' ' && text[i] < 0x7f && text[i] != ':';
	return fine ? NULL : "the name of a header field, without a colon";
}

static enum rc read_where(struct reader *r, const config_setting_t *at, const struct field *f,
			  void *out)
{
	struct rules_list names;
	enum rc rc = field_texts(r, at, f, &names);
	unsigned set = 0, one;

	for (size_t i = 0; rc == RC_OK && i < names.count; i++) {
		rc = field_word_value(r, at, f->name, wheres, names.at[i], &one);
		if (rc == RC_OK)
			set |= one;
	}
	if (rc == RC_OK)
		*(unsigned *)out = set;
	return rc;
}

static enum rc read_detector(struct reader *r, const config_setting_t *at, const struct field *f,
			     void *out)
{
	unsigned unused;
	enum rc rc = field_text(r, at, f, out);

	if (rc != RC_OK)
		return rc;
	return field_word_value(r, at, f->name, detectors, *(const char **)out, &unused);
}

struct near { /* as in struct rules_test */
	struct rules_list words;
	unsigned before, after;
};

static enum rc read_near(struct reader *r, const config_setting_t *at, const struct field *f,
			 void *out)
{
	static const struct field fields[] = {
		{ "words", field_texts, offsetof(struct near, words), .required = true },
		{ "before", field_number, offsetof(struct near, before), .max = 10000 },
		{ "after", field_number, offsetof(struct near, after), .max = 10000 },
		{ 0 },
	};
	struct rules_test *test = out;
	struct near near = { .before = 100, .after = 100 };
	enum rc rc = field_read_all(r, at, f->name, fields, &near);

	if (rc != RC_OK)
		return rc;
	test->near.words = near.words;
	test->near.before = near.before;
	test->near.after = near.after;
	return RC_OK;
}

/* What a test is read into before it is known what it is. */
struct draft {
	struct rules_test test;
	const char *detector, *header, *subject, *body, *marker;
};

#define IN_TEST(member) offsetof(struct draft, test.member)
#define IN_DRAFT(member) offsetof(struct draft, member)

static const struct field test_fields[] = {
	{ "detector", read_detector, IN_DRAFT(detector) },
	{ "header", field_text, IN_DRAFT(header), .check = check_field_name },
	{ "subject", field_text, IN_DRAFT(subject) },
	{ "body", field_text, IN_DRAFT(body) },
	{ "marker", field_text, IN_DRAFT(marker), .check = check_marker_name },
	{ "value", field_text, IN_TEST(value) },
	{ "where", read_where, IN_TEST(where) },
	{ "min_unique", field_number, IN_TEST(min_unique), .min = 1, .max = 1000000 },
	{ "near", read_near, IN_DRAFT(test) },
	{ "except", field_texts, IN_TEST(except) },
	{ "strip", field_flag, IN_TEST(strip) },
	{ "at_least", field_text, IN_TEST(at_least) },
	{ "order", field_texts, IN_TEST(order) },
	{ "scale", field_text, IN_TEST(scale) },
	{ "confidence", field_word, IN_TEST(confidence), .words = confidences },
	{ "invalid", field_flag, IN_TEST(invalid) },
	{ "file", field_file, IN_TEST(file) },
	{ "index", field_file, IN_TEST(index) },
	{ "min", field_size, IN_TEST(min_bytes) },
	{ "percent", field_number, IN_TEST(percent), .min = 1, .max = 100 },
	{ "columns", field_number, IN_TEST(columns), .min = 1, .max = 64 },
	{ "key", field_file, IN_TEST(key) },
	{ 0 },
};

static enum rc settle_kind(struct reader *r, const config_setting_t *at, struct draft *d)
{
	struct rules_test *test = &d->test;
	int kinds = !!d->detector + !!d->header + !!d->subject + !!d->body + !!d->marker;

	if (kinds != 1)
		return field_fault(r, at,
				   "a test needs one of detector, header, subject, body, marker%s",
				   kinds ? ", and only one" : "");
	if (d->marker && config_setting_length(at) > 1)
		return field_fault(r, at, "a test of a marker says nothing else");
	if ((d->subject || d->body) && test->value[0])
		return field_fault(r, at,
				   "value belongs to a detector or a header: a subject's or "
				   "body's expression is its own value");
	if (d->detector) {
		test->kind = RULES_TEST_DETECTOR;
		test->name = d->detector;
	} else if (d->header) {
		test->kind = RULES_TEST_HEADER;
		test->name = d->header;
	} else if (d->marker) {
		test->kind = RULES_TEST_MARKER;
		test->name = d->marker;
	} else {
		test->kind = d->subject ? RULES_TEST_SUBJECT : RULES_TEST_BODY;
		test->value = d->subject ? d->subject : d->body;
	}
	return RC_OK;
}

static bool is_listed(const struct rules_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->at[i], text) == 0)
			return true;
	return false;
}

static enum rc check_test(struct reader *r, const config_setting_t *at, const struct rules_test *t)
{
	static const struct {
		const char *detector, *needs;
		size_t offset; /* of a text in struct rules_test */
	} needed[] = {
		{ "words", "file", offsetof(struct rules_test, file) },
		{ "file-hash", "file", offsetof(struct rules_test, file) },
		{ "exact-data", "index", offsetof(struct rules_test, index) },
		{ "fingerprint", "index", offsetof(struct rules_test, index) },
	};

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (strcmp(t->name, needed[i].detector) == 0 &&
		    (*(const char *const *)((const char *)t + needed[i].offset))[0] == '\0')
			return field_fault(r, at, "detector %s needs %s", t->name, needed[i].needs);
	if (strcmp(t->name, "file-size") == 0 && t->min_bytes == 0)
		return field_fault(r, at, "detector file-size needs min");
	if (t->order.count && t->scale[0])
		return field_fault(r, at, "a test has order or scale, not both");
	if ((t->at_least[0] != '\0') != (t->order.count || t->scale[0]))
		return field_fault(r, at, "at_least and %s belong together",
				   t->scale[0] ? "scale" : "order");
	if (t->order.count && !is_listed(&t->order, t->at_least))
		return field_fault(r, at, "at_least is \"%.60s\", which order does not have",
				   t->at_least);
	if (t->strip && t->kind != RULES_TEST_SUBJECT && strcmp(t->name, "sender-wish") != 0)
		return field_fault(r, at, "strip belongs to a subject or to sender-wish");
	return RC_OK;
}

static enum rc read_test(struct reader *r, const config_setting_t *at, void *item)
{
	struct draft draft = { .test = { .name = "",
					 .value = "",
					 .min_unique = 1,
					 .at_least = "",
					 .file = "",
					 .index = "",
					 .scale = "",
					 .key = "",
					 .place = field_place(r, at) } };
	enum rc rc = field_read_all(r, at, "a test", test_fields, &draft);

	if (rc == RC_OK)
		rc = settle_kind(r, at, &draft);
	if (rc == RC_OK)
		rc = check_test(r, at, &draft.test);
	if (rc == RC_OK)
		*(struct rules_test *)item = draft.test;
	return rc;
}

/* What a marker is read into before its tests are put into one row. */
struct lists {
	struct rules_marker marker;
	size_t any_count, all_count, not_count;
	const struct rules_test *any, *all, *none;
};

static enum rc read_tests(struct reader *r, const config_setting_t *at, const char *name,
			  size_t *count, const struct rules_test **out)
{
	const void *tests;
	enum rc rc =
		field_items(r, at, name, RULES_TESTS_MAX, sizeof **out, read_test, count, &tests);

	if (rc == RC_OK && *count == 0)
		rc = field_fault(r, at, "%s is an empty list: a marker needs a test", name);
	if (rc == RC_OK)
		*out = tests;
	return rc;
}

static enum rc read_any(struct reader *r, const config_setting_t *at, const struct field *f,
			void *out)
{
	struct lists *lists = out;

	return read_tests(r, at, f->name, &lists->any_count, &lists->any);
}

static enum rc read_all(struct reader *r, const config_setting_t *at, const struct field *f,
			void *out)
{
	struct lists *lists = out;

	return read_tests(r, at, f->name, &lists->all_count, &lists->all);
}

/* What takes a tag off belongs to a marker that holds. */
static enum rc read_not(struct reader *r, const config_setting_t *at, const struct field *f,
			void *out)
{
	struct lists *lists = out;
	enum rc rc = read_tests(r, at, f->name, &lists->not_count, &lists->none);

	for (size_t i = 0; rc == RC_OK && i < lists->not_count; i++)
		if (lists->none[i].strip)
			rc = field_fault(r, at,
					 "strip has no place in not: nothing is found there");
	return rc;
}

static enum rc check_lists(struct reader *r, const config_setting_t *at, const struct lists *lists)
{
	unsigned min_tests = lists->marker.min_tests;

	if (lists->any_count && lists->all_count)
		return field_fault(r, at, "a marker has any or all, not both");
	if (lists->any_count + lists->all_count + lists->not_count == 0)
		return field_fault(r, at, "a marker needs any, all or not");
	if (min_tests && lists->any_count == 0)
		return field_fault(r, at, "min_tests belongs to any");
	if (min_tests > lists->any_count)
		return field_fault(r, at, "min_tests is %u, and any has %zu: it would never hold",
				   min_tests, lists->any_count);
	return RC_OK;
}

static enum rc join_lists(struct reader *r, struct lists *lists)
{
	struct rules_marker *marker = &lists->marker;
	const struct rules_test *tests = lists->all ? lists->all : lists->any;
	size_t count = lists->all_count + lists->any_count;
	struct rules_test *row = ARENA_ARRAY(r->arena, struct rules_test, count + lists->not_count);

	if (!row)
		return field_nomem(r);
	if (count)
		memcpy(row, tests, count * sizeof *row);
	if (lists->not_count)
		memcpy(row + count, lists->none, lists->not_count * sizeof *row);
	marker->all = lists->all_count > 0;
	if (marker->min_tests == 0 || marker->all)
		marker->min_tests = marker->all ? (unsigned)count : count > 0;
	marker->tests = row;
	marker->test_count = count;
	marker->not_count = lists->not_count;
	return RC_OK;
}

enum rc marker_read(struct reader *r, const config_setting_t *at, void *item)
{
	static const struct field fields[] = {
		{ "name", field_text, offsetof(struct lists, marker.name),
		  .check = check_marker_name, .required = true },
		{ "any", read_any, 0 },
		{ "all", read_all, 0 },
		{ "not", read_not, 0 },
		{ "min_tests", field_number, offsetof(struct lists, marker.min_tests), .min = 1,
		  .max = RULES_TESTS_MAX },
		{ 0 },
	};
	struct lists lists = { .marker = { .place = field_place(r, at),
					   .observed = r->observed || r->mode == RULES_OBSERVE } };
	enum rc rc = field_read_all(r, at, "a marker", fields, &lists);

	if (rc == RC_OK)
		rc = check_lists(r, at, &lists);
	if (rc == RC_OK)
		rc = join_lists(r, &lists);
	if (rc == RC_OK)
		*(struct rules_marker *)item = lists.marker;
	return rc;
}

#include "inspect/combine.h"

#include "inspect/detector.h"

static unsigned where_of(const struct rules_test *test)
{
	const struct detector *d = detector_find(test->name);

	return test->where ? test->where : d ? d->where : ~0u;
}

bool combine_reads_header_only(const struct rules_test *test)
{
	const unsigned header = RULES_HEADER | RULES_SUBJECT;

	switch (test->kind) {
	case RULES_TEST_HEADER:
	case RULES_TEST_SUBJECT:
	case RULES_TEST_MARKER: /* looks at nothing by itself */
		return true;
	case RULES_TEST_BODY:
		return false;
	case RULES_TEST_DETECTOR:
		return (where_of(test) & ~header) == 0;
	}
	return false;
}

bool combine_is_label(const struct rules_test *test)
{
	const struct detector *d =
		test->kind == RULES_TEST_DETECTOR ? detector_find(test->name) : NULL;

	return combine_reads_header_only(test) || (d && d->field);
}

static size_t tests_of(const struct rules_marker *marker)
{
	return marker->test_count + marker->not_count;
}

size_t combine_test_count(const struct rules *rules)
{
	size_t count = 0;

	for (size_t i = 0; i < rules->marker_count; i++)
		count += tests_of(&rules->markers[i]);
	return count;
}

struct answer {
	bool seen, sure, least, most;
};

struct walk {
	const struct rules *rules;
	struct combine_tests tests;
	struct combine_doubt doubt;
	const struct combine_answers *out;
};

/* at: the test's place among all. */
static struct answer ask(const struct walk *w, const struct rules_test *test, size_t at)
{
	const struct combine_answers *o = w->out;
	bool hit = w->tests.hit[at], sure = w->tests.sure[at];
	size_t m = test->marker;

	if (test->kind == RULES_TEST_MARKER)
		return (struct answer){ o->seen[m], o->sure[m], o->least[m], o->most[m] };
	bool doubtful = combine_reads_header_only(test) ? w->doubt.header : w->doubt.content;
	return (struct answer){ hit, sure, sure, hit || doubtful };
}

static void settle(const struct walk *w, size_t at)
{
	const struct rules_marker *marker = &w->rules->markers[at];
	unsigned seen = 0, sure = 0, least = 0, most = 0;
	struct answer none = { 0 };

	for (size_t k = 0; k < marker->test_count; k++) {
		struct answer a = ask(w, &marker->tests[k], marker->first_test + k);
		seen += a.seen;
		sure += a.sure;
		least += a.least;
		most += a.most;
	}
	for (size_t k = marker->test_count; k < tests_of(marker); k++) {
		struct answer a = ask(w, &marker->tests[k], marker->first_test + k);
		none.seen |= a.seen;
		none.sure |= a.sure;
		none.least |= a.least;
		none.most |= a.most;
	}
	w->out->seen[at] = seen >= marker->min_tests && !none.sure;
	w->out->sure[at] = sure >= marker->min_tests && !none.seen;
	w->out->least[at] = least >= marker->min_tests && !none.most;
	w->out->most[at] = most >= marker->min_tests && !none.least;
}

void combine_markers(const struct rules *rules, struct combine_tests tests,
		     struct combine_doubt doubt, const struct combine_answers *out)
{
	const struct walk w = { rules, tests, doubt, out };

	for (size_t i = 0; i < rules->marker_count; i++)
		settle(&w, rules->marker_order[i]);
}

#include "inspect/detector.h"

#include "support/unit.h"

/* Text detectors: text up to where their pattern matched. */
static const struct {
	const char *name, *detector, *text;
	size_t end;        /* 0: the text's */
	const char *value; /* NULL: refused */
	size_t at;
} texts[] = {
	{ "a card and the character after it", "payment-card", "no 4111 1111 1111 1111.", 0,
	  "4111111111111111", 3 },
	{ "no card", "payment-card", "no 4111 1111 1111 1112.", 0, NULL, 0 },
	{ "a bracketed wish", "sender-wish", "a [Secure] b", 10, "[secure]", 2 },
	{ "a hashed wish", "sender-wish", "a #encrypt#", 0, "#encrypt#", 2 },
	{ "a bare wish", "sender-wish", "a ZSECURE b", 9, "zsecure", 2 },
};

static void test_texts(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(texts); i++) {
		const struct detector *d = detector_find(texts[i].detector);
		size_t len = strlen(texts[i].text);
		struct detector_candidate c = { { texts[i].text, len },
						texts[i].end ? texts[i].end : len };
		struct detector_hit hit;
		bool found = d->check(&c, &hit);
		if (found != (texts[i].value != NULL))
			fail_msg("%s", texts[i].name);
		if (!found)
			continue;
		assert_true(slice_is((struct slice){ hit.value, hit.value_len }, texts[i].value));
		assert_int_equal(hit.at, texts[i].at);
	}
}

static const struct {
	const char *name, *detector, *field, *in, *value;
} fields[] = {
	{ "private", "sensitivity", "Sensitivity", "Private", "private" },
	{ "blanks around it", "sensitivity", "SENSITIVITY", " Personal ", "personal" },
	{ "confidential", "sensitivity", "Sensitivity", "Company-Confidential",
	  "company-confidential" },
	{ "no value of the standard", "sensitivity", "Sensitivity", "secret", NULL },
	{ "another field", "sensitivity", "X-Sensitivity", "private", NULL },
	{ "a long value", "sensitivity", "Sensitivity",
	  "privateprivateprivateprivateprivateprivateprivateprivateprivateprivate", NULL },
	{ "TLS asked for", "require-tls", "Require-TLS-ESMTP", "yes", "yes" },
	{ "TLS not asked for", "require-tls", "Require-TLS-ESMTP", "no", NULL },
	{ "our own header", "require-tls", "Postern-Require", "RequireTLS", "requiretls" },
	{ "our own header, lower", "require-tls", "Postern-Require", "authenticated",
	  "authenticated" },
	{ "our own header, unknown", "require-tls", "Postern-Require", "yes", NULL },
};

static void test_fields(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(fields); i++) {
		const struct detector *d = detector_find(fields[i].detector);
		struct detector_hit hits[DETECTOR_FIELD_HITS];
		size_t found = d->field((struct slice){ fields[i].field, strlen(fields[i].field) },
					(struct slice){ fields[i].in, strlen(fields[i].in) }, hits);
		if (found != (fields[i].value != NULL))
			fail_msg("%s", fields[i].name);
		if (found)
			assert_true(slice_is((struct slice){ hits[0].value, hits[0].value_len },
					     fields[i].value));
	}
}

static void test_the_table(void **state)
{
	size_t i = 0;
	(void)state;

	for (const struct detector *d; (d = detector_at(i)); i++) {
		assert_ptr_equal(detector_find(d->name), d);
		assert_true(d->where != 0);
		/* Each looks at one kind of thing. */
		assert_int_equal((d->check != NULL) + (d->field != NULL) + (d->file != FILES_NONE) +
					 d->label + (d->lexicon != LEXICON_NONE) + d->opaque,
				 1);
		assert_int_equal(d->check != NULL, d->patterns[0] != NULL);
	}
	assert_true(i >= 5);
	assert_null(detector_find("no-such"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_texts),
					    cmocka_unit_test(test_fields),
					    cmocka_unit_test(test_the_table) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

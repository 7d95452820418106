#include "rewrite/cut.h"

#include "base/buf.h"
#include "support/unit.h"

#define FINDINGS RULES_REWRITE_FINDINGS
#define ATTACHMENTS RULES_REWRITE_ATTACHMENTS

/* Parts by what stands in a message, each with its place; a multipart ends after its parts. */
#define LEAF(p, b, e)                                                                              \
	{                                                                                          \
		.path = p, .type = "text/plain", .begin = b, .end = e                              \
	}
#define FILE_(p, b, e)                                                                             \
	{                                                                                          \
		.path = p, .type = "text/csv", .begin = b, .end = e, .attached = true              \
	}
#define MULTI(p, t, b, e)                                                                          \
	{                                                                                          \
		.path = p, .type = "multipart/" t, .begin = b, .end = e, .multipart = true,        \
		.closed = true                                                                     \
	}

enum { PARTS = 8 };

static const struct {
	const char *name;
	enum rules_rewrite what;
	const char *paths[3];
	struct mime_extent parts[PARTS];
	const char *out; /* "10-20 30-40", "whole", or the reason */
} rows[] = {
	{ "the part with the finding",
	  FINDINGS,
	  { "2" },
	  { LEAF("1", 5, 10), FILE_("2", 15, 20), MULTI("", "mixed", 0, 30) },
	  "15-20" },
	{ "two parts, found in any order",
	  FINDINGS,
	  { "2", "1" },
	  { LEAF("1", 5, 10), FILE_("2", 15, 20), MULTI("", "mixed", 0, 30) },
	  "5-10 15-20" },
	{ "a nested message goes as a whole",
	  FINDINGS,
	  { "2.1.3" },
	  { LEAF("1", 5, 10), FILE_("2", 15, 20), MULTI("", "mixed", 0, 30) },
	  "15-20" },
	{ "one of two alternatives: both",
	  FINDINGS,
	  { "1.2" },
	  { LEAF("1.1", 5, 10), LEAF("1.2", 15, 20), MULTI("1", "alternative", 3, 25),
	    FILE_("2", 30, 40), MULTI("", "mixed", 0, 50) },
	  "3-25" },
	{ "what belongs together within what does",
	  FINDINGS,
	  { "1.2.1" },
	  { LEAF("1.1", 5, 10), LEAF("1.2.1", 15, 20), MULTI("1.2", "related", 12, 24),
	    MULTI("1", "alternative", 3, 25), FILE_("2", 30, 40), MULTI("", "mixed", 0, 50) },
	  "3-25" },
	{ "a mixed within a related stays whole",
	  FINDINGS,
	  { "1.2" },
	  { LEAF("1.1", 5, 10), LEAF("1.2", 15, 20), MULTI("1", "mixed", 3, 25),
	    MULTI("", "related", 0, 50) },
	  "whole" },
	{ "an unknown multipart goes as a whole",
	  FINDINGS,
	  { "1.2" },
	  { LEAF("1.1", 5, 10), LEAF("1.2", 15, 20), MULTI("1", "x-new", 3, 25),
	    MULTI("", "mixed", 0, 50) },
	  "3-25" },
	{ "a part of a digest goes alone",
	  FINDINGS,
	  { "1.2" },
	  { LEAF("1.1", 5, 10), LEAF("1.2", 15, 20), MULTI("1", "digest", 3, 25),
	    MULTI("", "mixed", 0, 50) },
	  "15-20" },
	{ "paths are compared whole: 11 is not in 1",
	  FINDINGS,
	  { "11" },
	  { LEAF("1.1", 5, 10), MULTI("1", "alternative", 3, 12), LEAF("11", 15, 20),
	    MULTI("", "mixed", 0, 50) },
	  "15-20" },
	{ "a part and what it stands in",
	  FINDINGS,
	  { "1.1", "1" },
	  { LEAF("1.1", 5, 10), MULTI("1", "mixed", 3, 12), MULTI("", "mixed", 0, 50) },
	  "3-12" },
	{ "the text before the parts",
	  FINDINGS,
	  { "preamble", "2" },
	  { LEAF("preamble", 0, 10), LEAF("1", 15, 20), LEAF("2", 25, 30),
	    MULTI("", "mixed", 0, 50) },
	  "0-10! 25-30" },
	{ "an empty text after them",
	  FINDINGS,
	  { "epilogue" },
	  { LEAF("1", 15, 20), LEAF("epilogue", 50, 50), MULTI("", "mixed", 0, 50) },
	  "no part of the message can be sealed alone" },
	{ "the multipart itself",
	  FINDINGS,
	  { "9" },
	  { LEAF("1", 15, 20), MULTI("", "mixed", 0, 50) },
	  "whole" },
	{ "a message of one part", FINDINGS, { "1" }, { LEAF("1", 0, 20) }, "whole" },
	{ "nothing found",
	  FINDINGS,
	  { NULL },
	  { LEAF("1", 0, 20) },
	  "no part of the message can be sealed alone" },
	{ "a part of a signed message",
	  FINDINGS,
	  { "1" },
	  { LEAF("1", 5, 10), LEAF("2", 15, 20), MULTI("", "signed", 0, 50) },
	  "a part of a signed message cannot be sealed alone" },
	{ "a signed part, nested",
	  FINDINGS,
	  { "1.1" },
	  { LEAF("1.1", 5, 10), LEAF("1.2", 15, 20), MULTI("1", "signed", 3, 30), LEAF("2", 40, 44),
	    MULTI("", "mixed", 0, 50) },
	  "a part of a signed message cannot be sealed alone" },
	{ "beside a signed part",
	  FINDINGS,
	  { "2" },
	  { LEAF("1.1", 5, 10), LEAF("1.2", 15, 20), MULTI("1", "signed", 3, 30), LEAF("2", 40, 44),
	    MULTI("", "mixed", 0, 50) },
	  "40-44" },
	{ "without a last boundary line",
	  FINDINGS,
	  { "1" },
	  { LEAF("1", 5, 10),
	    { .path = "", .type = "multipart/mixed", .end = 20, .multipart = true } },
	  "whole" },

	{ "every attachment, whatever was found",
	  ATTACHMENTS,
	  { "1" },
	  { LEAF("1", 5, 10), FILE_("2", 15, 20), FILE_("3", 25, 30), MULTI("", "mixed", 0, 50) },
	  "15-20 25-30" },
	{ "a picture of a related, alone",
	  ATTACHMENTS,
	  { NULL },
	  { LEAF("1.1", 5, 10), FILE_("1.2", 15, 20), MULTI("1", "related", 3, 25),
	    MULTI("", "mixed", 0, 50) },
	  "15-20" },
	{ "no attachment",
	  ATTACHMENTS,
	  { "1" },
	  { LEAF("1", 5, 10), MULTI("", "mixed", 0, 50) },
	  "the message has no attachments to seal" },
	{ "a message that is one attachment",
	  ATTACHMENTS,
	  { "1" },
	  { FILE_("1", 0, 10) },
	  "the message has no attachments to seal" },
	{ "a signed message's attachment",
	  ATTACHMENTS,
	  { NULL },
	  { LEAF("1.1", 5, 10), FILE_("1.2", 15, 20), MULTI("1", "mixed", 3, 25),
	    FILE_("2", 30, 40), MULTI("", "signed", 0, 50) },
	  "a part of a signed message cannot be sealed alone" },
	{ "an end that is missing",
	  ATTACHMENTS,
	  { NULL },
	  { FILE_("1", 5, 10),
	    { .path = "", .type = "multipart/mixed", .end = 20, .multipart = true } },
	  "the message has no attachments to seal" },

	{ "the body, signed or not",
	  RULES_REWRITE_BODY,
	  { NULL },
	  { LEAF("1", 5, 10), LEAF("2", 15, 20), MULTI("", "signed", 0, 50) },
	  "whole" },
};

static void say(enum rc rc, const struct rewrite_cuts *cuts, const struct fault *why,
		struct buf *out)
{
	buf_clear(out);
	if (rc != RC_OK)
		(void)!buf_add_text(out, why->text);
	else if (cuts->whole)
		(void)!buf_add_text(out, "whole");
	for (size_t i = 0; rc == RC_OK && i < cuts->count; i++)
		(void)!buf_addf(out, "%s%u-%u%s", i ? " " : "", (unsigned)cuts->at[i].begin,
				(unsigned)cuts->at[i].end, cuts->at[i].outside ? "!" : "");
}

static void test_rows(void **state)
{
	struct buf out = BUF_INIT(1000);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new(1 << 16);
		struct mime_extent parts[PARTS];
		struct mime_extents list = { .at = parts };
		struct rewrite_cuts cuts = { 0 };
		struct fault why = { "" };
		size_t paths = 0;

		memcpy(parts, rows[i].parts, sizeof parts);
		while (list.count < PARTS && parts[list.count].path)
			list.count++;
		while (paths < COUNT(rows[i].paths) && rows[i].paths[paths])
			paths++;
		enum rc rc = rewrite_cut_make(&list, rows[i].what, rows[i].paths, paths, arena,
					      &cuts, &why);
		say(rc, &cuts, &why, &out);
		assert_true(rc == RC_OK || rc == RC_ABSENT);
		if (strcmp(buf_text(&out), rows[i].out) != 0)
			fail_msg("%s: %s, not %s", rows[i].name, buf_text(&out), rows[i].out);
		arena_free(arena);
	}
	buf_free(&out);
}

static void test_a_list_that_is_not_whole_cuts_nothing(void **state)
{
	struct arena *arena = arena_new(1 << 16);
	struct mime_extents list = { .lost = true };
	struct rewrite_cuts cuts;
	struct fault why = { "" };

	(void)state;
	assert_int_equal(rewrite_cut_make(&list, RULES_REWRITE_BODY, NULL, 0, arena, &cuts, &why),
			 RC_NOMEM);
	assert_string_equal(why.text, "out of memory");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_a_list_that_is_not_whole_cuts_nothing),
	};
	return cmocka_run_group_tests_name("rewrite/cut", tests, NULL, NULL);
}

#include "sts/record.h"

#include "support/unit.h"

static const struct {
	const char *sentence, *text;
	enum rc rc;
	const char *id, *why;
} rows[] = {
	{ "as in the RFC", "v=STSv1; id=20160831085700Z;", RC_OK, "20160831085700Z", "" },
	{ "no blank, no last delimiter", "v=STSv1;id=1", RC_OK, "1", "" },
	{ "blanks and tabs around delimiters", "v=STSv1; \t id=1 \t ; ", RC_OK, "1", "" },
	{ "32 letters and digits", "v=STSv1; id=abcdefghijklmnopqrstuvwxyz012345", RC_OK,
	  "abcdefghijklmnopqrstuvwxyz012345", "" },
	{ "33 are too many", "v=STSv1; id=abcdefghijklmnopqrstuvwxyz0123456", RC_INVALID, NULL,
	  "not 1 to 32" },
	{ "extensions, before and after", "v=STSv1; a_b-c.d=x/y; id=1; zz=:~!;", RC_OK, "1", "" },
	{ "of two ids the first counts", "v=STSv1; id=1; id=2;", RC_OK, "1", "" },
	{ "a bad second id is only a field", "v=STSv1; id=1; id=a-b;", RC_OK, "1", "" },
	{ "no id", "v=STSv1; a=b;", RC_INVALID, NULL, "has no id" },
	{ "nothing after the version", "v=STSv1;", RC_INVALID, NULL, "has no id" },
	{ "an empty id", "v=STSv1; id=;", RC_INVALID, NULL, "is no field" },
	{ "a hyphen in the id", "v=STSv1; id=2026-11", RC_INVALID, NULL, "not 1 to 32" },
	{ "a blank before the value", "v=STSv1; id= 1;", RC_INVALID, NULL, "is no field" },
	{ "ID in capitals is another field", "v=STSv1; ID=1;", RC_INVALID, NULL, "has no id" },
	{ "two delimiters in a row", "v=STSv1; id=1;;", RC_INVALID, NULL, "is no field" },
	{ "a field without value", "v=STSv1; id=1; flag;", RC_INVALID, NULL, "is no field" },
	{ "an equals sign in a value", "v=STSv1; id=1; a=b=c;", RC_INVALID, NULL, "is no field" },
	{ "a name of 33", "v=STSv1; id=1; abcdefghijklmnopqrstuvwxyz0123456=1", RC_INVALID, NULL,
	  "is no field" },
	{ "a name that begins with a hyphen", "v=STSv1; id=1; -a=1", RC_INVALID, NULL,
	  "is no field" },
	{ "a blank at the end, no delimiter", "v=STSv1; id=1 ", RC_INVALID, NULL, "blank" },
	{ "v=STSv10", "v=STSv10; id=1;", RC_ABSENT, NULL, "does not begin" },
	{ "v=STSv2", "v=STSv2; id=1;", RC_ABSENT, NULL, "does not begin" },
	{ "a blank before the delimiter", "v=STSv1 ; id=1;", RC_ABSENT, NULL, "does not begin" },
	{ "capitals", "V=STSv1; id=1;", RC_ABSENT, NULL, "does not begin" },
	{ "the version is not first", "id=1; v=STSv1;", RC_ABSENT, NULL, "does not begin" },
	{ "empty", "", RC_ABSENT, NULL, "does not begin" },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sts_record record = { .id = "before" };
		struct fault why = { 0 };
		struct slice text = { rows[i].text, strlen(rows[i].text) };

		print_message("   %s\n", rows[i].sentence);
		assert_int_equal(sts_record_parse(text, &record, &why), rows[i].rc);
		assert_string_equal(record.id, rows[i].id ? rows[i].id : "before");
		assert_non_null(strstr(why.text, rows[i].why));
	}
}

static void test_too_long(void **state)
{
	(void)state;
	static char text[STS_RECORD_MAX + 100];
	struct sts_record record;

	memset(text, 'x', sizeof text);
	memcpy(text, "v=STSv1; id=1; a=", 17);
	assert_int_equal(sts_record_parse((struct slice){ text, sizeof text }, &record, NULL),
			 RC_LIMIT);
	assert_int_equal(sts_record_parse((struct slice){ text, STS_RECORD_MAX }, &record, NULL),
			 RC_OK);
}

static const struct {
	const char *sentence;
	enum dns_status status;
	size_t count;
	const char *texts[3];
	enum rc rc;
	const char *why;
} sets[] = {
	{ "one record", DNS_FOUND, 1, { "v=STSv1; id=1" }, RC_OK, "" },
	{ "one among others",
	  DNS_FOUND,
	  3,
	  { "v=spf1 -all", "v=STSv1; id=1", "v=STSv10; id=2" },
	  RC_OK,
	  "" },
	{ "two",
	  DNS_FOUND,
	  2,
	  { "v=STSv1; id=1", "v=STSv1; id=1" },
	  RC_INVALID,
	  "2 MTA-STS records where one" },
	{ "two, one of them malformed",
	  DNS_FOUND,
	  2,
	  { "v=STSv1; id=1", "v=STSv1;" },
	  RC_INVALID,
	  "2 MTA-STS records" },
	{ "one, malformed", DNS_FOUND, 1, { "v=STSv1; id=a b" }, RC_INVALID, "is malformed" },
	{ "only others", DNS_FOUND, 1, { "v=spf1 -all" }, RC_ABSENT, "announces no" },
	{ "no data", DNS_NODATA, 0, { NULL }, RC_ABSENT, "announces no" },
	{ "no such name", DNS_NXDOMAIN, 0, { NULL }, RC_ABSENT, "announces no" },
	{ "failed", DNS_FAILED, 0, { NULL }, RC_RETRY, "SERVFAIL" },
};

static void test_choose(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sets); i++) {
		struct dns_record records[3];
		const struct dns_answer answer = {
			.asked = "_mta-sts.d.test",
			.type = DNS_TXT,
			.status = sets[i].status,
			.name = "_mta-sts.d.test",
			.count = sets[i].count,
			.records = records,
			.why = sets[i].status == DNS_FAILED ? "SERVFAIL" : "",
		};
		struct sts_record record = { .id = "before" };
		struct fault why = { 0 };

		for (size_t r = 0; r < sets[i].count; r++)
			records[r].txt =
				(struct slice){ sets[i].texts[r], strlen(sets[i].texts[r]) };
		print_message("   %s\n", sets[i].sentence);
		assert_int_equal(sts_record_choose(&answer, &record, &why), sets[i].rc);
		assert_non_null(strstr(why.text, sets[i].why));
		assert_string_equal(record.id, sets[i].rc == RC_OK ? "1" : "before");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_choose),
	};
	return cmocka_run_group_tests_name("sts/record", tests, NULL, NULL);
}

#include "document/conflabel.h"

#include "document/xml.h"
#include "support/documented.h"
#include "support/unit.h"

#define NS "urn:nato:stanag:4774:confidentialitymetadatalabel:1:0"
#define INFO(policy, classification)                                                               \
	"<i><PolicyIdentifier>" policy "</PolicyIdentifier><Classification>" classification        \
	"</Classification></i>"
#define LONG "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *name, *in;
	const char *labels; /* each after a ";" */
} rows[] = {
	{ "a label",
	  "<?xml version='1.0'?><s:originatorConfidentialityLabel xmlns:s='" NS "'>"
	  "<s:ConfidentialityInformation><s:PolicyIdentifier "
	  "URI='urn:x'>NATO</s:PolicyIdentifier>\n"
	  "<s:Classification>\n SECRET </s:Classification><s:Category Type='PERMISSIVE'/>"
	  "</s:ConfidentialityInformation></s:originatorConfidentialityLabel>",
	  ";NATO/SECRET" },
	{ "without a namespace", INFO("NATO", "RESTRICTED"), ";NATO/RESTRICTED" },
	{ "entities and CDATA are read", INFO("NA&#84;O", "<![CDATA[SEC]]>RET"), ";NATO/SECRET" },
	{ "two labels", "<a>" INFO("NATO", "SECRET") INFO("XX", "OPEN") "</a>",
	  ";NATO/SECRET;XX/OPEN" },
	{ "in a comment there is none", "<a><!-- " INFO("NATO", "SECRET") " --></a>", "" },
	{ "no policy: another program's", "<a><Classification>B</Classification></a>", "" },
	{ "no classification", "<PolicyIdentifier>NATO</PolicyIdentifier>", ";/" },
	{ "an empty one", INFO("NATO", " "), ";/" },
	{ "an element within it", INFO("NATO", "SEC<b/>RET"), ";/" },
	{ "two policies", "<a><PolicyIdentifier>A</PolicyIdentifier>" INFO("NATO", "SECRET") "</a>",
	  ";/;NATO/SECRET" },
	{ "too long", INFO("NATO", LONG LONG LONG), ";/" },
	{ "cut off", "<PolicyIdentifier>NATO</PolicyIdentifier><Classification>SEC", ";/" },
};

static void test_labels(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = documented_by(xml_read, slice_of(rows[i].in)),
			   got = BUF_INIT(4096);
		struct slice rest = buf_slice(&out), line;
		while (slice_take_line(&rest, &line))
			if (slice_drop_prefix(&line, "property : ADatP-4774 = "))
				(void)!buf_addf(&got, ";%.*s", SLICE_ARG(line));
		if (strcmp(buf_text(&got), rows[i].labels) != 0)
			fail_msg("%s: \"%s\" of %s", rows[i].name, buf_text(&got), buf_text(&out));
		buf_free(&got);
		buf_free(&out);
	}
}

/* More than are kept: the last says that it says nothing. */
static void test_too_many(void **state)
{
	struct buf in = BUF_INIT(1 << 16);
	(void)state;

	(void)!buf_add_text(&in, "<a>");
	for (size_t i = 0; i <= CONFLABELS_MAX; i++)
		(void)!buf_add_text(&in, INFO("NATO", "OPEN"));
	assert_int_equal(buf_add_text(&in, "</a>"), RC_OK);
	struct buf out = documented_by(xml_read, buf_slice(&in));
	assert_non_null(strstr(buf_text(&out), "ADatP-4774 = /\n"));
	assert_non_null(strstr(buf_text(&out), "ADatP-4774 = NATO/OPEN\n"));
	buf_free(&out);
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_labels),
					    cmocka_unit_test(test_too_many) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

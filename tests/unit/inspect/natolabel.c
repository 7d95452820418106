#include "inspect/natolabel.h"

#include "base/buf.h"
#include "support/unit.h"

#define INFO(policy, classification)                                                               \
	"<ConfidentialityInformation><PolicyIdentifier>" policy "</PolicyIdentifier>"              \
	"<Classification>" classification "</Classification></ConfidentialityInformation>"

static const struct {
	const char *name, *in;
	const char *values; /* each after a ";" */
} rows[] = {
	{ "a label", "<ConfidentialityLabel>" INFO("NATO", "SECRET") "</ConfidentialityLabel>",
	  ";NATO/SECRET" },
	{ "with a prefix, a declaration, attributes",
	  "<?xml version=\"1.0\"?><s:ConfidentialityLabel xmlns:s=\"urn:nato:stanag:4774\">"
	  "<s:PolicyIdentifier URI=\"urn:x\">NATO</s:PolicyIdentifier>"
	  "<s:Classification>RESTRICTED</s:Classification></s:ConfidentialityLabel>",
	  ";NATO/RESTRICTED" },
	{ "line ends within",
	  "<PolicyIdentifier>\r\n NATO\r\n</PolicyIdentifier>\n"
	  "<Classification>\tCOSMIC TOP SECRET </Classification>",
	  ";NATO/COSMIC TOP SECRET" },
	{ "two labels", INFO("NATO", "SECRET") INFO("XX", "OPEN"), ";NATO/SECRET;XX/OPEN" },
	{ "a comment is none", "<!-- " INFO("NATO", "OPEN") " -->" INFO("NATO", "SECRET"),
	  ";NATO/SECRET" },
	{ "no classification", "<PolicyIdentifier>NATO</PolicyIdentifier>", ";" },
	{ "no policy", "<Classification>SECRET</Classification>", ";" },
	{ "an empty classification", INFO("NATO", ""), ";" },
	{ "an element without content", "<PolicyIdentifier/>" INFO("NATO", "SECRET"),
	  ";;NATO/SECRET" },
	{ "an entity", INFO("NATO", "SE&#67;RET"), ";" },
	{ "a comment in the text", INFO("NATO", "SEC<!-- -->RET"), ";" },
	{ "two classifications", INFO("NATO", "OPEN") "<Classification>SECRET</Classification>",
	  ";NATO/OPEN;" },
	{ "cut off", "<PolicyIdentifier>NATO</PolicyIdentifier><Classification>SEC", ";" },
	{ "other elements", "<a><Policy>NATO</Policy></a>", "" },
	{ "no XML", "1\x06\x06\x01)\x02", "" },
	{ "nothing", "", "" },
};

static void assert_values(const char *name, const struct detector_hit *hits, size_t count,
			  const char *values)
{
	struct buf out = BUF_INIT(4096);

	for (size_t k = 0; k < count; k++) {
		(void)!buf_add_byte(&out, ';');
		(void)!buf_add(&out, hits[k].value, hits[k].value_len);
	}
	if (strcmp(buf_text(&out), values) != 0)
		fail_msg("%s: \"%s\"", name, buf_text(&out));
	buf_free(&out);
}

static void test_labels(void **state)
{
	struct detector_hit hits[DETECTOR_FIELD_HITS];
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice in = { rows[i].in, strlen(rows[i].in) };
		assert_values(rows[i].name, hits, natolabel_read(in, hits), rows[i].values);
	}
}

/* <PolicyIdentifier>NATO</PolicyIdentifier><Classification>SECRET</Classification> */
#define ONE "PFBvbGljeUlkZW50aWZpZXI+TkFUTzwvUG9saWN5SWRlbnRpZmllcj48Q2xhc3Np"
#define TWO "ZmljYXRpb24+U0VDUkVUPC9DbGFzc2lmaWNhdGlvbj4="

static const struct {
	const char *name, *field, *in, *values;
} fields[] = {
	{ "in a field", "SIO-Label", "marking=\"x\"; type=\":xml\"; label=\"" ONE TWO "\"",
	  ";NATO/SECRET" },
	{ "in pieces", "sio-label", "label*0=\"" ONE "\"; label*1=\"" TWO "\"", ";NATO/SECRET" },
	{ "another kind of label", "SIO-Label", "type=\":ess\"; label=\"MQYGASkCAQE=\"", "" },
	{ "no label", "SIO-Label", "marking=\"NATO SECRET\"", "" },
	{ "too many pieces", "SIO-Label", "label*64=\"" ONE "\"", ";" },
	{ "another field", "Label", "label=\"" ONE TWO "\"", "" },
};

static void test_fields(void **state)
{
	struct detector_hit hits[DETECTOR_FIELD_HITS];
	(void)state;

	for (size_t i = 0; i < COUNT(fields); i++) {
		struct slice name = { fields[i].field, strlen(fields[i].field) };
		struct slice in = { fields[i].in, strlen(fields[i].in) };
		assert_values(fields[i].name, hits, natolabel_take(name, in, hits),
			      fields[i].values);
	}
}

static void test_properties_of_files(void **state)
{
	struct detector_hit hits[DETECTOR_FIELD_HITS];
	const struct slice name = SLICE("ADatP-4774");
	(void)state;

	assert_values("a label", hits, natolabel_property(name, SLICE("NATO/SECRET"), hits),
		      ";NATO/SECRET");
	assert_values("one that says nothing", hits, natolabel_property(name, SLICE("/"), hits),
		      ";");
	/* Folding makes letters of one into words. */
	char wide[DETECTOR_VALUE_MAX + 1];
	memset(wide, 'A', sizeof wide);
	assert_values("one that is longer than any that we know", hits,
		      natolabel_property(name, (struct slice){ wide, sizeof wide }, hits), ";");
	assert_values("another property", hits,
		      natolabel_property(SLICE("Title"), SLICE("NATO/SECRET"), hits), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_labels),
					    cmocka_unit_test(test_fields),
					    cmocka_unit_test(test_properties_of_files) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

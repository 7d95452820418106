#include "inspect/msip.h"

#include "base/buf.h"
#include "support/unit.h"

#define A "0f3a0a4c-1111-2222-3333-444455556666"
#define A_UPPER "0F3A0A4C-1111-2222-3333-444455556666"
#define B "7e1d22aa-9999-8888-7777-666655554444"
#define SITE "cb46c030-1825-4e81-a295-151c039dbf02"
#define OTHER "11111111-2222-3333-4444-555555555555"
#define ON(guid) "MSIP_Label_" guid "_Enabled=True;"
#define OFF(guid) "MSIP_Label_" guid "_Enabled=false;"
#define OF(guid, site) "MSIP_Label_" guid "_SiteId=" site ";"

static const struct {
	const char *name, *in;
	const char *values; /* each with a blank after it; " " is an empty one */
} rows[] = {
	{ "as Outlook writes it",
	  ON(A) "MSIP_Label_" A "_SetDate=2026-01-02T03:04:05Z;MSIP_Label_" A
		"_Method=Privileged;MSIP_Label_" A "_Name=Secret;" OF(
			A, SITE) "MSIP_Label_" A "_ActionId=1;MSIP_Label_" A "_ContentBits=0",
	  SITE "/" A " " },
	{ "blanks and capitals", " MSIP_LABEL_" A_UPPER "_enabled = TRUE ; " OF(A, SITE),
	  SITE "/" A " " },
	{ "switched off", OFF(A) OF(A, SITE), "" },
	{ "two tenants", ON(A) OF(A, SITE) ON(B) OF(B, OTHER), SITE "/" A " " OTHER "/" B " " },
	{ "two tenants, one switched off", OFF(A) OF(A, SITE) ON(B) OF(B, OTHER), OTHER "/" B " " },
	{ "attributes of two labels mixed", ON(A) ON(B) OF(B, OTHER) OF(A, SITE),
	  SITE "/" A " " OTHER "/" B " " },
	{ "no tenant", ON(A), "/" A " " },
	{ "a tenant that is no GUID", ON(A) OF(A, "contoso"), "/" A " " },
	{ "on and off", ON(A) OFF(A) OF(A, SITE), SITE "/" A " " },
	{ "off twice", OFF(A) OFF(A) OF(A, SITE), "" },
	{ "neither on nor off", "MSIP_Label_" A "_Enabled=maybe;" OF(A, SITE), SITE "/" A " " },
	{ "not said whether on", OF(A, SITE), SITE "/" A " " },
	{ "the name says nothing", OFF(A) "MSIP_Label_" A "_Name=MSIP_Label_" B "_Enabled=True",
	  "" },
	{ "a semicolon in a name", ON(A) "MSIP_Label_" A "_Name=Top; Secret;" OF(A, SITE),
	  SITE "/" A " " },
	{ "nothing", "  ", "" },
	{ "no label", "Secret", " " },
	{ "a label that is no GUID", "MSIP_Label_secret_Enabled=True", " " },
	{ "a GUID that is too short", "MSIP_Label_0f3a0a4c-1111-2222-3333-44445555666_Enabled=True",
	  " " },
	{ "a GUID with a letter that is no digit",
	  "MSIP_Label_0f3a0a4c-1111-2222-3333-44445555666g_Enabled=True", " " },
	{ "no attribute", "MSIP_Label_" A, " " },
	{ "an attribute without a value", "MSIP_Label_" A "_Enabled", " " },
};

static void assert_values(const char *name, struct slice in, const char *values)
{
	struct detector_hit hits[DETECTOR_FIELD_HITS];
	struct buf out = BUF_INIT(4096);
	size_t count = msip_take(SLICE("MSIP_Labels"), in, hits);

	for (size_t k = 0; k < count; k++) {
		(void)!buf_add(&out, hits[k].value, hits[k].value_len);
		(void)!buf_add_byte(&out, ' ');
	}
	if (strcmp(buf_text(&out), values) != 0)
		fail_msg("%s: \"%s\"", name, buf_text(&out));
	buf_free(&out);
}

static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_values(rows[i].name, (struct slice){ rows[i].in, strlen(rows[i].in) },
			      rows[i].values);
}

static void test_another_field(void **state)
{
	const struct slice in = SLICE(ON(A) OF(A, SITE));
	struct detector_hit hits[DETECTOR_FIELD_HITS];
	(void)state;

	assert_int_equal(msip_take(SLICE("X-msip_labels"), in, hits), 0);
}

static void test_more_labels_than_are_kept(void **state)
{
	struct buf in = BUF_INIT(4096);
	struct detector_hit hits[DETECTOR_FIELD_HITS];
	(void)state;

	for (int i = 0; i < DETECTOR_FIELD_HITS; i++)
		assert_int_equal(
			buf_addf(&in, "MSIP_Label_0f3a0a4c-1111-2222-3333-%012d_Enabled=True;", i),
			RC_OK);
	assert_int_equal(msip_take(SLICE("msip_labels"), buf_slice(&in), hits),
			 DETECTOR_FIELD_HITS);
	assert_true(hits[DETECTOR_FIELD_HITS - 2].value_len > 0);
	assert_int_equal(hits[DETECTOR_FIELD_HITS - 1].value_len, 0);
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
					    cmocka_unit_test(test_another_field),
					    cmocka_unit_test(test_more_labels_than_are_kept) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

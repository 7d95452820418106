#include "document/xml.h"

#include "document/label.h"
#include "support/documented.h"
#include "support/unit.h"

#define W "xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'"
#define T "xmlns:t='urn:oasis:names:tc:opendocument:xmlns:text:1.0'"
#define S "xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'"

static const struct {
	const char *name, *in, *out;
} texts[] = {
	{ "runs of a word", "<w:p " W "><w:r><w:t>41</w:t></w:r><w:r><w:t>11</w:t></w:r></w:p>",
	  "text : 4111\n\n" },
	{ "paragraphs", "<w:b " W "><w:p><w:t>a</w:t></w:p><w:p><w:t>b</w:t></w:p></w:b>",
	  "text : a\nb\n\n" },
	{ "cells", "<row " S "><c><v>4111</v></c><c><v>2026</v></c></row>",
	  "text : 4111\n2026\n\n" },
	{ "ODF, a tab and a blank", "<t:p " T ">41<t:span>11</t:span><t:tab/>1111<t:s/>x</t:p>",
	  "text : 4111 1111 x\n\n" },
	{ "another schema: every element", "<a><card>4111</card><y>2026</y></a>",
	  "text : 4111\n2026\n\n" },
	{ "field codes and deleted words stand aside",
	  "<w:p " W "><w:t>41</w:t><w:instrText>LINK</w:instrText><w:delText>9</w:delText>"
	  "<w:t>11</w:t></w:p>",
	  "text : 4111\n\nLINK\n9\n\n" },
	{ "deleted words in runs",
	  "<w:b " W "><w:p><w:r><w:delText>41</w:delText></w:r><w:r><w:delText>11</w:delText>"
	  "</w:r></w:p><w:p><w:delText>9</w:delText></w:p></w:b>",
	  "text : \n4111\n9\n\n" },
	{ "a picture's description, and no number of a shape",
	  "<w:p " W "><w:docPr id='77' descr='a 4111'/></w:p>", "text : \na 4111\n\n" },
	{ "attributes of another schema, comments", "<a x='4111'><!-- 2222 --></a>",
	  "text : \n4111\n 2222 \n\n" },
	{ "entities and CDATA", "<a>4&#49;<![CDATA[1]]>&#x31;&amp;</a>", "text : 4111&\n\n" },
	{ "a document type with entities is not expanded",
	  "<!DOCTYPE a [<!ENTITY b 'xxxx'>]><a>&b;4111</a>",
	  "text : \nopaque : xml-dtd\ntext : ]>&b;4111\nDOCTYPE a [\nENTITY b 'xxxx' \n" },
	{ "one without any is no harm", "<!DOCTYPE a SYSTEM 'a.dtd'><a>41&b;11</a>",
	  "text : 4111\n\n" },
	{ "what is not well formed is read as HTML", "<a>41<b>11</a>",
	  "text : 41\n11\ntext : 4111\n" },
};

static void test_text(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct buf out = documented_by(xml_read, slice_of(texts[i].in));
		if (strcmp(buf_text(&out), texts[i].out) != 0)
			fail_msg("%s: %s", texts[i].name, buf_text(&out));
		buf_free(&out);
	}
}

static void test_properties(void **state)
{
	static const char in[] =
		"<P xmlns='http://schemas.openxmlformats.org/officeDocument/2006/custom-properties'"
		" xmlns:vt='http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes'"
		" xmlns:m='urn:m'><property pid='2' name='Class'><vt:lpwstr>Secret </vt:lpwstr>"
		"</property><m:user-defined m:name='A'>1</m:user-defined><title "
		"x='y'>T</title></P>";
	struct buf out = documented_by(xml_read_properties, slice_of(in));
	(void)state;

	assert_string_equal(buf_text(&out), "property : Class = Secret\nproperty : A = 1\n"
					    "property : x = y\nproperty : title = T\n");
	buf_free(&out);
}

#define GUID "00000000-0000-0000-0000-00000000000"

static void read_labels(struct reading *r, struct slice bytes)
{
	struct labels labels = { 0 };

	r->labels = &labels;
	xml_read_labels(r, bytes);
	reading_labels(r, &labels);
	r->labels = NULL;
}

static void test_labels(void **state)
{
	static const char in[] =
		"<c:labelList xmlns:c='http://schemas.microsoft.com/office/2020/mipLabelMetadata'>"
		"<c:label id='{" GUID "A}' enabled='1' siteId='{" GUID "B}' removed='0'/>"
		"<c:label id='{" GUID "2}' enabled='0' siteId='{" GUID "1}'/>"
		"<c:label id='{" GUID "3}' enabled='1' siteId='{" GUID "1}' removed='1'/>"
		"<c:label id='nonsense'/></c:labelList>";
	struct buf out = documented_by(read_labels, slice_of(in));
	(void)state;

	assert_string_equal(buf_text(&out), "label : " GUID "b/" GUID "a\n");
	buf_free(&out);
}

static void test_depth_is_bounded(void **state)
{
	struct buf in = BUF_INIT(1 << 20);
	(void)state;

	for (int i = 0; i <= XML_DEPTH_MAX; i++)
		assert_int_equal(buf_add_text(&in, "<a>"), RC_OK);
	assert_int_equal(buf_add_text(&in, "4111"), RC_OK);
	for (int i = 0; i <= XML_DEPTH_MAX; i++)
		assert_int_equal(buf_add_text(&in, "</a>"), RC_OK);
	struct buf out = documented_by(xml_read, buf_slice(&in));
	assert_string_equal(buf_text(&out), "text : \ntext : 4111\n"); /* as HTML */
	buf_free(&out);
	buf_free(&in);
}

static void test_attributes_are_bounded(void **state)
{
	struct buf in = BUF_INIT(1 << 20);
	(void)state;

	assert_int_equal(buf_add_text(&in, "<a>"), RC_OK);
	for (int i = 0; i <= XML_ASIDE_MAX / 8; i++)
		assert_int_equal(buf_add_text(&in, "<a x='1234567'/>"), RC_OK);
	assert_int_equal(buf_add_text(&in, "</a>"), RC_OK);
	struct buf out = documented_by(xml_read, buf_slice(&in));
	assert_non_null(strstr(buf_text(&out), "opaque : xml-attributes\n"));
	buf_free(&out);
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_attributes_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

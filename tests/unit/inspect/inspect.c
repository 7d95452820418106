#include "inspect/inspect.h"

#include "support/famine.h"
#include "support/inspected.h"
#include "support/unit.h"

#define CARD "markers = ( { name = \"card\"; any = ( { detector = \"payment-card\"; } ); } );"
#define TEST(text) "markers = ( { name = \"m\"; any = ( { " text " } ); } );"
#define AU_SCALE                                                                                   \
	TEST("detector = \"au-protective-marking\"; at_least = \"PROTECTED\"; order = [ "          \
	     "\"UNOFFICIAL\", \"OFFICIAL\", \"OFFICIAL:Sensitive\", \"PROTECTED\", \"SECRET\", "   \
	     "\"TOP-SECRET\" ];")
#define OURS                                                                                       \
	" scales = ( { name = \"ours\"; order = ( \"public\", [ \"internal\", \"intern\" ], "      \
	"\"secret\" ); } );"
#define PART "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"

static const struct {
	const char *name, *rules, *message, *out;
} rows[] = {
	{ "nothing", CARD, "Subject: hello\r\n\r\nhow are you?\r\n", "" },
	{ "a card in the body", CARD, "\r\npay 4111 1111 1111 1111 now\r\n",
	  "card body 1 @4 \"4111 11** **** 1111\"\nhit 0\n" },
	{ "a card at the very end", CARD, "\r\n4111111111111111",
	  "card body 1 @0 \"411111******1111\"\nhit 0\n" },
	{ "a sign of many bytes behind it", CARD,
	  "\r\n\xE2\x80\x9C"
	  "4111 1111 1111 1111\xE2\x80\x9D\r\n",
	  "card body 1 @3 \"4111 11** **** 1111\"\nhit 0\n" },
	{ "one in the subject", CARD, "Subject: 4111 1111 1111 1111\xE2\x82\xAC\r\n\r\n",
	  "card subject :Subject @0 \"4111 11** **** 1111\"\nhit 0\n" },
	{ "a card in base64", CARD,
	  "Content-Transfer-Encoding: base64\r\n\r\nNDExMSAxMT\r\nExIDExMTEg\r\nMTExMQ==\r\n",
	  "card body 1 @0 \"4111 11** **** 1111\"\nhit 0\n" },
	{ "a soft break in the number", CARD,
	  "Content-Transfer-Encoding: quoted-printable\r\n\r\n4111 1111 11=\r\n11 1111\r\n",
	  "card body 1 @0 \"4111 11** **** 1111\"\nhit 0\n" },
	{ "a subject split over encoded words", CARD,
	  "Subject: =?utf-8?Q?4111_1111_?=\r\n =?utf-8?B?MTExMSAxMTEx?=\r\n\r\n",
	  "card subject :Subject @0 \"4111 11** **** 1111\"\nhit 0\n" },
	{ "HTML tags in the number", CARD,
	  "Content-Type: text/html\r\n\r\n<p>4111<b></b> 11<i>11</i>&nbsp;&#49;111 1111</p>",
	  "card body 1 @1 \"4111 11** **** 1111\"\nhit 0\n" },
	{ "full-width digits", CARD,
	  "\r\n\xEF\xBC\x94\xEF\xBC\x91\xEF\xBC\x91\xEF\xBC\x91 1111 1111 1111\r\n",
	  "card body 1 @0 \"4111 11** **** 1111\"\nhit 0\n" },
	{ "zero-width characters", CARD,
	  "Content-Type: text/plain; charset=utf-8\r\n\r\n41\xE2\x80\x8B"
	  "11 1111\xE2\x80\x8D 1111 1111\r\n",
	  "card body 1 @0 \"4111 11** **** 1111\"\nhit 0\n" },
	{ "no-break separators", CARD,
	  "\r\n4111\xC2\xA0"
	  "1111\xE2\x80\x91"
	  "1111 1111\r\n",
	  "card body 1 @0 \"4111 11**-**** 1111\"\nhit 0\n" },
	{ "UTF-16", CARD,
	  "Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	  "NAAxADEAMQAxADEAMQAxADEAMQAxADEAMQAxADEAMQA=\r\n",
	  "card body 1 @0 \"411111******1111\"\nhit 0\n" },
	{ "ISO-2022-JP around it", CARD,
	  "Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1B$BF|K\\\x1B(B "
	  "4111111111111111\r\n",
	  "card body 1 @7 \"411111******1111\"\nhit 0\n" },
	{ "UTF-7", CARD,
	  "Content-Type: text/plain; charset=utf-7\r\n\r\n+ADQAMQAxADE- 1111 1111 1111\r\n",
	  "card body 1 @0 \"4111 11** **** 1111\"\nhit 0\n" },
	{ "in a nested message", CARD,
	  PART "Content-Type: message/rfc822\r\n\r\nSubject: "
	       "5555555555554444\r\n\r\n4111111111111111\r\n--b--\r\n",
	  "card attachment 1:Subject @0 \"555555******4444\"\n"
	  "card attachment 1.1 @0 \"411111******1111\"\nhit 0\n" },
	{ "in an attachment", CARD,
	  PART "Content-Type: text/csv; name=a.csv\r\n\r\n1,4111111111111111,x\r\n--b--\r\n",
	  "card attachment 1 @2 \"411111******1111\"\nhit 0\n" },
	{ "in a file name", CARD,
	  PART "Content-Disposition: attachment; filename=\"4111 1111 1111 "
	       "1111.txt\"\r\n\r\nx\r\n--b--\r\n",
	  "card header 1:Content-Disposition @22 \"4111 11** **** 1111\"\n"
	  "card filename 1 @0 \"4111 11** **** 1111\"\nhit 0\n" },
	{ "in the preamble and the epilogue", CARD,
	  "Content-Type: multipart/mixed; "
	  "boundary=b\r\n\r\n4111111111111111\r\n--b\r\n\r\n\r\n--b--\r\n5555555555554444",
	  "card body preamble @0 \"411111******1111\"\ncard body epilogue @0 "
	  "\"555555******4444\"\nhit 0\n" },
	{ "in a header field", CARD, "X-Note: 4111111111111111\r\n\r\n",
	  "card header :X-Note @0 \"411111******1111\"\nhit 0\n" },
	{ "in two fields of one name", CARD,
	  "X-N: 4111111111111111\r\nX-N: 4111111111111111\r\n\r\n",
	  "card header :X-N @0 \"411111******1111\"\ncard header :X-N @0 \"411111******1111\"\nhit "
	  "0\n" },
	{ "in a field's name", CARD, "X-4111111111111111: 4111111111111111\r\n\r\n",
	  "card header :X-411111?????????? @0 \"411111******1111\"\nhit 0\n" },
	{ "a TLP label of a quoted message", TEST("detector = \"tlp\"; value = \"RED\";"),
	  "\r\nI agree.\r\n\r\n> TLP:RED\r\n> text\r\n", "m body 1 @14 \"TLP:***\"\nhit 0\n" },
	{ "a TLP label in a quoted message's text", TEST("detector = \"tlp\";"),
	  "\r\nI agree.\r\n\r\n> text\r\n> TLP:RED\r\n", "" },
	{ "a marking line", TEST("detector = \"uk-gsc\";"), "\r\nTOP SECRET\r\n\r\nDear all\r\n",
	  "m body 1 @0 \"TOP ******\"\nhit 0\n" },
	{ "a marking's word in a sentence", TEST("detector = \"uk-gsc\";"),
	  "\r\nOur SECRET plan\r\n\r\nDear all\r\n", "" },
	{ "markings that differ: the more restrictive decides", AU_SCALE,
	  "X-Protective-Marking: VER=2025.1, NS=gov.au,\r\n SEC=OFFICIAL\r\n"
	  "Subject: a [SEC=SECRET]\r\n\r\n",
	  "m subject :Subject @2 \"[SEC=S***ET]\"\nhit 0\n" },
	{ "a marking below the scale's step", AU_SCALE,
	  "X-Protective-Marking: VER=2025.1, NS=gov.au, SEC=OFFICIAL\r\n\r\n", "" },
	{ "a number in place of a label stays masked", TEST("detector = \"msip-label\";"),
	  "msip_labels: x 4111111111111111\r\n\r\n",
	  "m header :msip_labels @0 \"x 411***********11\"\nhit 0\n" },
	{ "on a ready-made scale",
	  TEST("detector = \"au-protective-marking\"; at_least = \"SECRET\"; "
	       "scale = \"au\";"),
	  "X-Protective-Marking: SEC=TOP-SECRET\r\nSubject: [SEC=PROTECTED]\r\n\r\n",
	  "m header :X-Protective-Marking @0 \"SEC=T**-****ET\"\nhit 0\n" },
	{ "a field's value on the operator's own scale, whatever its label is called",
	  TEST("header = \"X-Class\"; at_least = \"internal\"; scale = \"ours\";") OURS,
	  "X-Class: =?utf-8?Q?Intern?=\r\nX-Class: public\r\n\r\n",
	  "m header :X-Class @0 \"In**rn\"\nhit 0\n" },
	{ "below it", TEST("header = \"X-Class\"; at_least = \"secret\"; scale = \"ours\";") OURS,
	  "X-Class: intern\r\n\r\n", "" },
	{ "broken markings alone", TEST("detector = \"au-protective-marking\"; invalid = true;"),
	  "X-Protective-Marking: SEC=SECRET\r\nSubject: x [SEC=ULTRA]\r\n\r\n",
	  "m subject :Subject @2 \"[SE*=***RA]\"\nhit 0\n" },
	{ "sure findings alone", TEST("detector = \"payment-card\"; confidence = \"high\";"),
	  "Subject: 4111111111111111\r\n\r\nVisa 5555555555554444\r\n",
	  "m body 1 @5 \"555555******4444\"\nhit 0\n" },
	{ "a broken marking is not called low", AU_SCALE, "X-Protective-Marking: SEC=\r\n\r\n",
	  "m header :X-Protective-Marking @0 \"***=\"\nhit 0\n" },
	{ "a trace field's numbers mean nothing", CARD, "Message-ID: <x.4111111111111111>\r\n\r\n",
	  "" },
	{ "only where asked", TEST("detector = \"payment-card\"; where = [ \"attachment\" ];"),
	  "Subject: 4111111111111111\r\n\r\n4111111111111111", "" },
	{ "too few different ones", TEST("detector = \"payment-card\"; min_unique = 2;"),
	  "\r\n4111111111111111 and 4111 1111 1111 1111\r\n", "" },
	{ "enough different ones", TEST("detector = \"payment-card\"; min_unique = 2;"),
	  "Subject: 4111111111111111\r\n\r\n5555555555554444\r\n",
	  "m subject :Subject @0 \"411111******1111\"\nm body 1 @0 \"555555******4444\"\nhit 0\n" },
	{ "an exception",
	  TEST("detector = \"payment-card\"; except = [ \"4111 1111 1111 1111\" ];"),
	  "\r\n4111111111111111, 4111-1111-1111-1111\r\n", "" },
	{ "a value expression", TEST("detector = \"payment-card\"; value = \"^5\";"),
	  "\r\n4111111111111111, 5555555555554444\r\n",
	  "m body 1 @18 \"555555******4444\"\nhit 0\n" },
	{ "a word near before",
	  TEST("detector = \"payment-card\"; near = { words = [ \"Card\" ]; before = 10; after = "
	       "0; };"),
	  "\r\ncards: 4111111111111111\r\n", "m body 1 @7 \"411111******1111\"\nhit 0\n" },
	{ "a word of which nothing is seen is near",
	  TEST("detector = \"payment-card\"; near = { words = [ \"\xE2\x80\x8B\" ]; }"),
	  "\r\n4111111111111111\r\n", "m body 1 @0 \"411111******1111\"\nhit 0\n" },
	{ "a word near after",
	  TEST("detector = \"payment-card\"; near = { words = [ \"card\" ]; before = 0; after = "
	       "10; };"),
	  "\r\n4111111111111111 is a card\r\n", "m body 1 @0 \"411111******1111\"\nhit 0\n" },
	{ "a word too far",
	  TEST("detector = \"payment-card\"; near = { words = [ \"card\" ]; before = 5; after = 5; "
	       "};"),
	  "\r\ncard, that is: 4111111111111111 is a card\r\n", "" },
	{ "a word inside another",
	  TEST("detector = \"payment-card\"; near = { words = [ \"card\" ]; before = 20; after = "
	       "20; };"),
	  "\r\ndiscard: 4111111111111111\r\n", "" },
	{ "a subject expression", TEST("subject = \"\\\\[secure\\\\]\";"),
	  "Subject: hi [SECURE]\r\n\r\n[secure]\r\n",
	  "m subject :Subject @0 \"hi [****RE]\"\nhit 0\n" },
	{ "its tag is taken off", TEST("subject = \"\\\\[secure\\\\]\"; strip = true;"),
	  "Subject: [secure] offer [SECURE] caf\xC3\xA9\r\n\r\n",
	  "m subject :Subject @0 \"[se****] ***** [******] **f*\"\nhit 0\n"
	  "subject: =?utf-8?B?b2ZmZXIgY2Fmw6k=?=\n" },
	{ "from an encoded word", TEST("subject = \"\\\\[secure\\\\]\"; strip = true;"),
	  "Subject: =?utf-8?Q?=5Bsec?= =?utf-8?Q?ure] hi?=\r\n\r\n",
	  "m subject :Subject @0 \"[se****] hi\"\nhit 0\nsubject: hi\n" },
	{ "from full-width letters", TEST("subject = \"\\\\[secure\\\\]\"; strip = true;"),
	  "Subject: [\xEF\xBC\xB3"
	  "ecure] hi there\r\n\r\n",
	  "m subject :Subject @0 \"[Se****] ** ***re\"\nhit 0\nsubject: hi there\n" },
	{ "the anchors of a subject", TEST("subject = \"^secure$\";"), "Subject: secure\r\n\r\n",
	  "m subject :Subject @0 \"se**re\"\nhit 0\n" },
	{ "a header expression",
	  TEST("header = \"Sensitivity\"; value = \"company-confidential|private\";"),
	  "Sensitivity: Private\r\n\r\n", "m header :Sensitivity @0 \"Pr***te\"\nhit 0\n" },
	{ "another header", TEST("header = \"Sensitivity\"; value = \"private\";"),
	  "X-Sensitivity: Private\r\n\r\n", "" },
	{ "a header in a part", TEST("header = \"Sensitivity\"; value = \"private\";"),
	  PART "Sensitivity: private\r\n\r\n\r\n--b--", "" },
	{ "a header that is there", TEST("header = \"X-Label\";"), "x-label: any\r\n\r\n",
	  "m header :x-label @0 \"***\"\nhit 0\n" },
	{ "a body expression", TEST("body = \"top secret\";"), "\r\nthis is TOP SECRET.\r\n",
	  "m body 1 @6 \"* *** ****ET\"\nhit 0\n" },
	{ "at a line's ends", TEST("body = \"^secret\\r?$\";"), "\r\na\r\nsecret\r\nb",
	  "m body 1 @0 \"*  ****et \"\nhit 0\n" },
	{ "sensitivity", TEST("detector = \"sensitivity\";"),
	  "Sensitivity: Company-Confidential\r\n\r\n",
	  "m header :Sensitivity @0 \"Co*****-**********al\"\nhit 0\n" },
	{ "no sensitivity", TEST("detector = \"sensitivity\";"), "Sensitivity: none\r\n\r\n", "" },
	{ "sensitivity, one value", TEST("detector = \"sensitivity\"; value = \"^private$\";"),
	  "Sensitivity: personal\r\n\r\n", "" },
	{ "a sender's wish", TEST("detector = \"sender-wish\"; strip = true;"),
	  "Subject: #encrypt# a [send secure] b ZSECURE\r\n\r\n",
	  "m subject :Subject @0 \"#en***pt#\"\nm subject :Subject @12 \"[se** ****re]\"\n"
	  "m subject :Subject @28 \"ZS***RE\"\nhit 0\nsubject: a b\n" },
	{ "no wish", TEST("detector = \"sender-wish\";"),
	  "Subject: zsecured, [secure, #encrypted#\r\n\r\n", "" },
	{ "a request for TLS", TEST("detector = \"require-tls\";"),
	  "Require-TLS-ESMTP: yes\r\nPostern-Require: maybe\r\n\r\n",
	  "m header :Require-TLS-ESMTP @0 \"***\"\nhit 0\n" },
	{ "an account number", TEST("detector = \"iban\";"),
	  "\r\nIBAN: DE89 3704 0044 0532 0130 00\r\n",
	  "m body 1 @6 \"DE89 **** **** **** **30 00\"\nhit 0\n" },
	{ "a social security number", TEST("detector = \"us-ssn\";"),
	  "\r\n536-22-8726 and SSN 536228725, not 536228724\r\n",
	  "m body 1 @0 \"***-**-8726\"\nm body 1 @20 \"*****8725\"\nhit 0\n" },
	{ "a taxpayer number", TEST("detector = \"us-itin\";"), "\r\n912-70-1234\r\n",
	  "m body 1 @0 \"***-**-1234\"\nhit 0\n" },
	{ "a health number", TEST("detector = \"uk-nhs\"; value = \"^9434765919$\";"),
	  "Subject: order 9434765919\r\n\r\n943 476 5919, 9434765919\r\n",
	  "m body 1 @0 \"*** *** **19\"\nhit 0\n" },
	{ "an insurance number", TEST("detector = \"uk-nino\";"), "Subject: AB 12 34 56 C\r\n\r\n",
	  "m subject :Subject @0 \"** ** ** *6 C\"\nhit 0\n" },
	{ "a firm's number, by either expression", TEST("detector = \"br-cnpj\";"),
	  "\r\n11222333000181 11.222.333/0001-81 12.ABC.345/01DE-35\r\n",
	  "m body 1 @0 \"************81\"\nm body 1 @15 \"**.***.***/****-81\"\n"
	  "m body 1 @34 \"**.***.***/****-35\"\nhit 0\n" },
	{ "detectors that share an expression",
	  "markers = ( { name = \"m\"; any = ( { detector = \"es-dni\"; where = [ \"body\" ]; },"
	  "{ detector = \"ch-ahv\"; where = [ \"subject\" ]; }, { detector = \"ca-sin\"; } ); } );",
	  "Subject: 756.9217.0569.49, 12345678Z, 046 454 286\r\n\r\n"
	  "756.9217.0569.49, 12345678Z, 046 454 286\r\n",
	  "m subject :Subject @0 \"***.****.****.49\"\nm subject :Subject @29 \"*** *** *86\"\n"
	  "m body 1 @18 \"*******8Z\"\nm body 1 @29 \"*** *** *86\"\nhit 0\n" },
	{ "a private key", TEST("detector = \"private-key\";"),
	  "\r\n-----BEGIN RSA PRIVATE KEY-----\r\nabc\r\n",
	  "m body 1 @0 \"-----BEGIN RSA ******E KEY-----\"\nhit 0\n" },
	{ "a cloud's key", TEST("detector = \"api-secret\";"), "\r\nid AKIAIOSFODNN7EXAMPLE.\r\n",
	  "m body 1 @3 \"AKIA**************LE\"\nhit 0\n" },
	{ "a password", TEST("detector = \"api-secret\"; value = \"generic\";"),
	  "\r\npassword=hT7qPz2mXw9LbV4kR\r\n", "m body 1 @9 \"hT7q***********kR\"\nhit 0\n" },
	{ "a traffic light", TEST("detector = \"tlp\"; value = \"^amber\";"),
	  "Subject: TLP: GREEN\r\n\r\n\r\n TLP:AMBER+STRICT\r\nTLP:AMBER\r\n",
	  "m body 1 @3 \"TLP:*****+******\"\nhit 0\n" },
	{ "an old traffic light", TEST("detector = \"tlp\"; value = \"^clear$\";"),
	  "Subject: news TLP-WHITE\r\n\r\n", "m subject :Subject @5 \"TLP-*****\"\nhit 0\n" },
	{ "opaque", TEST("detector = \"opaque\"; value = \"zip\";"),
	  PART "Content-Type: application/zip\r\n\r\nx\r\n--b\r\nContent-Type: "
	       "application/pdf\r\n\r\n\r\n--b--",
	  "m body 1 @0 \"zip\"\nopaque 1: zip\nopaque 2: pdf\nhit 0\n" },
	{ "encrypted text", CARD, "\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nxyz\r\n",
	  "opaque 1: pgp\nopaque 1: encrypted\n" },
	{ "uuencode", CARD, "\r\nbegin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n",
	  "opaque 1: uuencode\n" },
	{ "all tests must hit",
	  "markers = ( { name = \"m\"; all = ( { subject = \"a\"; }, { body = \"b\"; } ); } );",
	  "Subject: a\r\n\r\nc\r\n", "" },
	{ "and all do",
	  "markers = ( { name = \"m\"; all = ( { subject = \"a\"; }, { body = \"b\"; } ); } );",
	  "Subject: a\r\n\r\nb\r\n", "m subject :Subject @0 \"*\"\nm body 1 @0 \"*\"\nhit 0\n" },
	{ "two markers",
	  "markers = ( { name = \"x\"; any = ( { body = \"no\"; } ); }, { name = \"y\"; any = ( { "
	  "body = \"yes\"; } ); } );",
	  "\r\nyes\r\n", "y body 1 @0 \"*es\"\nhit 1\n" },
	{ "no markers", "markers = ( );", "Subject: 4111111111111111\r\n\r\n4111111111111111", "" },
	{ "a scale",
	  TEST("detector = \"sensitivity\"; at_least = \"private\"; order = [ \"personal\", "
	       "\"private\", \"company-confidential\" ];"),
	  "Sensitivity: company-confidential\r\n\r\n",
	  "m header :Sensitivity @0 \"co*****-**********al\"\nhit 0\n" },
	{ "below on the scale",
	  TEST("detector = \"sensitivity\"; at_least = \"private\"; order = [ \"personal\", "
	       "\"private\", \"company-confidential\" ];"),
	  "Sensitivity: personal\r\n\r\n", "" },
};

static void test_rows_in_chunks_of_every_size(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct inspect_rules *rules =
			inspected_rules(rows[i].rules, INSPECT_LIMITS_DEFAULT);
		struct slice in = { rows[i].message, strlen(rows[i].message) };
		for (size_t step = in.len; step > 0; step -= 1 + step / 8) {
			struct buf out = inspected_message(rules, in, step);
			if (strcmp(buf_text(&out), rows[i].out) != 0)
				fail_msg("%s, by %zu:\n%s", rows[i].name, step, buf_text(&out));
			buf_free(&out);
		}
		inspect_rules_unref(rules);
	}
}

static void test_fields_as_a_milter_gives_them(void **state)
{
	struct inspect_rules *rules = inspected_rules(CARD, INSPECT_LIMITS_DEFAULT);
	struct inspect *m = inspect_open(rules);
	struct buf out = BUF_INIT(1024);
	(void)state;

	inspect_rules_unref(rules); /* the message holds them */
	inspect_header(m, SLICE("Subject"), SLICE("4111 1111\n 1111 1111"));
	inspect_header(m, SLICE("Content-Transfer-Encoding"), SLICE("base64"));
	inspect_headers_end(m);
	inspect_body(m, SLICE("NTU1NTU1NTU1NT"));
	inspect_body(m, SLICE("U1NDQ0NA=="));
	inspected_format(inspect_end(m), NULL, &out);
	assert_string_equal(buf_text(&out), "card subject :Subject @0 \"4111 11** **** 1111\"\n"
					    "card body 1 @0 \"555555******4444\"\nhit 0\n");
	inspect_free(m);
	buf_free(&out);
}

/* A number across the edges of what is matched at a time, wherever they are. */
static void test_a_card_far_down_is_found_at_its_offset(void **state)
{
	enum { SIZE = 40000 };
	struct inspect_rules *rules =
		inspected_rules(TEST("detector = \"payment-card\"; near = { words = [ \"here\" ]; "
				     "before = 50; after = 900; };"),
				INSPECT_LIMITS_DEFAULT);
	static char text[SIZE + 2000];
	(void)state;

	for (size_t at = 5000; at < SIZE; at += 997) {
		memset(text, '.', sizeof text);
		memcpy(text, "\r\n", 2);
		memcpy(text + 2 + at, " 4111 1111 1111 1111 ", 21);
		memcpy(text + 2 + at + 800, " here ", 6);
		char want[100];
		snprintf(want, sizeof want, "m body 1 @%zu \"4111 11** **** 1111\"\nhit 0\n",
			 at + 1);
		struct buf out = inspected_message(rules, (struct slice){ text, sizeof text },
						   1 + at % 5000);
		assert_string_equal(buf_text(&out), want);
		buf_free(&out);
	}
	inspect_rules_unref(rules);
}

/* `near` counts characters, of up to four bytes each. */
static void test_a_word_is_near_over_wide_characters(void **state)
{
	enum { APART = 980, AHEAD = 14000 };
	struct inspect_rules *rules =
		inspected_rules(TEST("detector = \"payment-card\"; near = { words = [ \"here\" ]; "
				     "before = 1000; after = 1000; };"),
				INSPECT_LIMITS_DEFAULT);
	(void)state;

	for (size_t ahead = 0; ahead < AHEAD; ahead += 700)
		for (unsigned side = 0; side < 2; side++) {
			struct buf text = BUF_INIT(1 << 16);
			(void)!buf_add_text(&text,
					    "Content-Type: text/plain; charset=utf-8\r\n\r\n");
			for (size_t i = 0; i < ahead; i++)
				(void)!buf_add_byte(&text, '.');
			(void)!buf_add_text(&text, side ? " 4111 1111 1111 1111 " : " here ");
			for (size_t i = 0; i < APART; i++)
				(void)!buf_add_text(&text, "\xF0\x9F\x98\x80");
			(void)!buf_add_text(&text, side ? " here " : " 4111 1111 1111 1111 ");
			for (size_t i = 0; i < AHEAD; i++)
				(void)!buf_add_byte(&text, '.');
			struct buf out = inspected_message(rules, buf_slice(&text), 5000);
			if (!strstr(buf_text(&out), "hit 0"))
				fail_msg("%zu bytes ahead: %s", ahead, buf_text(&out));
			buf_free(&out);
			buf_free(&text);
		}
	inspect_rules_unref(rules);
}

static void test_findings_beyond_the_limit_are_counted(void **state)
{
	struct inspect_limits limits = INSPECT_LIMITS_DEFAULT;
	(void)state;

	limits.findings = 2;
	struct inspect_rules *rules = inspected_rules(CARD, limits);
	struct buf out = inspected_message(
		rules,
		SLICE("\r\n4111111111111111, 5555555555554444, 4222222222222, 378282246310005\r\n"),
		100);
	assert_string_equal(buf_text(&out),
			    "card body 1 @0 \"411111******1111\"\n"
			    "card body 1 @18 \"555555******4444\"\ntotal 4\nhit 0\n");
	buf_free(&out);
	inspect_rules_unref(rules);
}

static void test_limits_are_opaque(void **state)
{
	static const struct {
		const char *message, *out;
	} limit_rows[] = {
		{ PART "\r\n\r\n--b\r\n\r\n\r\n--b\r\n\r\n\r\n--b--", "opaque 3: parts\n" },
		{ PART "Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n"
		       "Content-Type: multipart/mixed; boundary=d\r\n\r\n--d--",
		  "opaque 1.1: depth\n" },
		{ "X: "
		  "01234567890123456789012345678901234567890123456789012345678901234567890123456789"
		  "01234567890123456789\r\n\r\n",
		  "opaque : header-bytes\n" },
		{ "\r\n0123456789012345678901234567890123456789012345678901234567890123456789",
		  "opaque 1: decoded-bytes\n" },
	};
	struct inspect_limits limits = {
		.depth = 2, .parts = 2, .header_bytes = 100, .decoded_bytes = 64, .findings = 2
	};
	struct inspect_rules *rules = inspected_rules(CARD, limits);
	(void)state;

	for (size_t i = 0; i < COUNT(limit_rows); i++) {
		struct slice in = { limit_rows[i].message, strlen(limit_rows[i].message) };
		struct buf out = inspected_message(rules, in, in.len);
		assert_string_equal(buf_text(&out), limit_rows[i].out);
		buf_free(&out);
	}
	inspect_rules_unref(rules);
}

/* Whatever the place and the marker, the whole number is in no word of ours. */
static void test_no_evidence_holds_what_was_planted(void **state)
{
	static const char message[] = "Subject: 4111111111111111\r\nX-A: 4111111111111111\r\n" PART
				      "Content-Type: text/plain; charset=4111111111111111; "
				      "name=\"4111111111111111\"\r\n\r\n"
				      "4111111111111111\r\n--b--";
	struct inspect_rules *rules = inspected_rules(
		"markers = ( { name = \"m\"; any = ( { detector = \"payment-card\"; }, { subject = "
		"\"4+1+\"; }, "
		"{ body = \"4[0-9]+\"; where = [ \"body\", \"attachment\", \"filename\", "
		"\"header\" ]; }, { header = \"X-A\"; value = \"4.*\"; }, "
		"{ detector = \"opaque\"; } ); } );",
		INSPECT_LIMITS_DEFAULT);
	struct buf out =
		inspected_message(rules, (struct slice){ message, sizeof message - 1 }, 64);
	(void)state;

	assert_non_null(strstr(buf_text(&out), "hit 0"));
	assert_non_null(strstr(buf_text(&out), "opaque 1: charset 411111?"));
	assert_null(strstr(buf_text(&out), "11111111111"));
	buf_free(&out);
	inspect_rules_unref(rules);
}

#define PHRASE "kalim botar rilos fanit"

static const struct {
	const char *name, *message;
	size_t count;
} spoken_rows[] = {
	{ "in the body", "\r\nthe phrase is " PHRASE ".\r\n", 1 },
	{ "in the subject", "Subject: " PHRASE "\r\n\r\nx\r\n", 1 },
	{ "in an encoded subject",
	  "Subject: =?utf-8?B?a2FsaW0gYm90YXIg?=\r\n =?utf-8?Q?rilos_fanit?=\r\n\r\nx\r\n", 1 },
	{ "over lines, quoted", "\r\n> kalim\r\n> > Botar\r\n> RILOS   fanit\r\n", 1 },
	{ "in base64",
	  "Content-Transfer-Encoding: base64\r\n\r\na2FsaW0gYm90\r\nYXIgcmlsb3MgZmFuaXQ=\r\n", 1 },
	{ "in quoted-printable, cut",
	  "Content-Transfer-Encoding: quoted-printable\r\n\r\nkal=\r\nim=20botar=A0rilos "
	  "fan=69t\r\n",
	  1 },
	{ "in HTML, among tags",
	  "Content-Type: "
	  "text/html\r\n\r\n<p>ka<b>lim</b><br>botar&nbsp;<i>rilos</i></p><p>fanit</p>\r\n",
	  1 },
	{ "in the cells of a table",
	  "Content-Type: "
	  "text/html\r\n\r\n<table><tr><td>kalim</td><td>botar</td></tr><tr><td>rilos</td>"
	  "<td>fanit</td></tr></table>\r\n",
	  1 },
	{ "in an attachment",
	  PART "\r\nhello\r\n--b\r\nContent-Disposition: attachment; filename=x.txt\r\n\r\n" PHRASE
	       "\r\n--b--\r\n",
	  1 },
	{ "with marks that nobody sees",
	  "Content-Type: text/plain; charset=utf-8\r\n\r\n"
	  "ka\xe2\x80\x8blim\xc2\xa0"
	  "botar rilos fanit\r\n",
	  1 },
	{ "not over two parts", PART "\r\nkalim botar\r\n--b\r\n\r\nrilos fanit\r\n--b--\r\n", 0 },
	{ "not from a header into the body", "X-A: kalim botar\r\n\r\nrilos fanit\r\n", 0 },
	{ "none", "Subject: hello\r\n\r\nthe final total is moral\r\n", 0 },
};

/* Whatever the rules look at, and where they look at nothing. */
static void test_spoken_words_are_seen_in_every_text(void **state)
{
	static const char *const texts[] = { CARD, "markers = ( );" };
	(void)state;

	for (size_t r = 0; r < COUNT(texts); r++) {
		struct inspect_rules *rules = inspected_rules(texts[r], INSPECT_LIMITS_DEFAULT);
		for (size_t i = 0; i < COUNT(spoken_rows); i++) {
			struct slice in = slice_of(spoken_rows[i].message);
			for (size_t step = in.len; step > 0; step -= 1 + step / 4) {
				struct inspect *m = inspect_open(rules);
				for (struct slice rest = in, piece; rest.len;) {
					piece = (struct slice){ rest.at,
								rest.len < step ? rest.len : step };
					inspect_message(m, piece);
					rest = (struct slice){ rest.at + piece.len,
							       rest.len - piece.len };
				}
				const struct spoken *s = inspect_end(m)->spoken;
				if (s->count != spoken_rows[i].count)
					fail_msg("%s, by %zu: %zu", spoken_rows[i].name, step,
						 s->count);
				if (s->count)
					assert_string_equal(s->at[0], PHRASE);
				inspect_free(m);
			}
		}
		inspect_rules_unref(rules);
	}
}

/* Markings as people write them: whether they count. */
static const struct {
	const char *detector, *value, *message;
	bool hit;
} markings[] = {
	{ "tlp", "^RED$", "Subject: TLP:RED minutes\r\n\r\n", true },
	{ "tlp", "^RED$", "Subject: TLP: RED minutes\r\n\r\n", true },
	{ "tlp", "^RED$", "Subject: Re: [tlp-red] minutes\r\n\r\n", true },
	{ "tlp", "^RED$", "\r\n\r\nTLP:RED\r\nDear all\r\n", true },
	{ "tlp", "^CLEAR$", "Subject: TLP:WHITE\r\n\r\n", true },
	{ "tlp", "^AMBER.STRICT$", "Subject: TLP:AMBER+STRICT\r\n\r\n", true },
	{ "tlp", "^AMBER$", "Subject: TLP:AMBER+STRICT\r\n\r\n", false },
	{ "tlp", "STRICT", "Subject: TLP:AMBER\r\n\r\n", false },
	{ "tlp", "^GREEN$", "Subject: TLP:GREEN\r\n\r\n", true },
	{ "tlp", ".", "Subject: TLP:REDDISH\r\n\r\n", false },
	{ "tlp", ".", "Subject: XTLP:RED\r\n\r\n", false },
	{ "tlp", ".", "Subject: TLP RED\r\n\r\n", false },
	{ "tlp", ".", "Subject: TLP:PURPLE\r\n\r\n", false },
	{ "tlp", ".", "\r\nDear all\r\nTLP:RED is a label\r\n", false },
	{ "sender-wish", ".", "Subject: [SEND SECURE] offer\r\n\r\n", true },
	{ "sender-wish", ".", "Subject: offer [Encrypt]\r\n\r\n", true },
	{ "sender-wish", ".", "Subject: offer #secure#\r\n\r\n", true },
	{ "sender-wish", ".", "Subject: =?utf-8?B?WnNlY3VyZQ==?= offer\r\n\r\n", true },
	{ "sender-wish", ".", "Subject: a secure offer\r\n\r\n", false },
	{ "sender-wish", ".", "Subject: [secured] offer\r\n\r\n", false },
	{ "sender-wish", ".", "Subject: #secure offer\r\n\r\n", false },
	{ "sender-wish", ".", "Subject: zsecured\r\n\r\n", false },
	{ "sender-wish", ".", "\r\n[secure]\r\n", false },
	{ "sensitivity", ".", "Sensitivity: company-CONFIDENTIAL\r\n\r\n", true },
	{ "sensitivity", ".", "Sensitivity: Normal\r\n\r\n", false },
	{ "sensitivity", ".", "\r\nSensitivity: Private\r\n", false },
	{ "require-tls", "^yes$", "Require-TLS-ESMTP: yes\r\n\r\n", true },
	{ "require-tls", ".", "Require-TLS-ESMTP: no\r\n\r\n", false },
	{ "require-tls", ".", "TLS-Required: No\r\n\r\n", false },
};

static void test_markings(void **state)
{
	char text[300];
	(void)state;

	for (size_t i = 0; i < COUNT(markings); i++) {
		snprintf(text, sizeof text, TEST("detector = \"%s\"; value = \"%s\";"),
			 markings[i].detector, markings[i].value);
		struct inspect_rules *r = inspected_rules(text, INSPECT_LIMITS_DEFAULT);
		struct buf out = inspected_message(r, slice_of(markings[i].message), 1000);
		if ((strstr(buf_text(&out), "hit 0") != NULL) != markings[i].hit)
			fail_msg("%s: %s", markings[i].message, buf_text(&out));
		buf_free(&out);
		inspect_rules_unref(r);
	}
}

/* Each holds for the message below. */
#define RICH                                                                                       \
	"markers = ( { name = \"body\"; any = ( { detector = \"payment-card\"; where = [ "         \
	"\"body\" ];"                                                                              \
	" min_unique = 2; } ); }, { name = \"page\"; any = ( { detector = \"iban\"; value = "      \
	"\"^DE\"; } );"                                                                            \
	" }, { name = \"attached\"; any = ( { detector = \"us-ssn\"; where = [ \"attachment\" ]; " \
	"} ); },"                                                                                  \
	" { name = \"named\"; any = ( { detector = \"uk-nino\"; where = [ \"filename\" ]; } ); }," \
	" { name = \"subject\"; any = ( { subject = \"plan[0-9]\"; strip = true; } ); },"          \
	" { name = \"marked\"; any = ( { detector = \"sensitivity\"; } ); },"                      \
	" { name = \"field\"; any = ( { header = \"X-Plan\"; value = \"se.ret\"; } ); },"          \
	" { name = \"near\"; any = ( { body = \"4222\"; } ); },"                                   \
	" { name = \"all\"; all = ( { subject = \"plan\"; }, { body = \"b\\\\xE9b\\\\xE9|b.b.\"; " \
	"} ); } );"

static const char rich[] =
	"Subject: =?utf-8?B?w6k=?= =?iso-8859-2?Q?_plan1?=\r\nSensitivity: Private\r\n"
	"X-Plan: a\r\n secret\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
	"Content-Type: text/plain; charset=iso-8859-2\r\n\r\n"
	"b\xE9"
	"b\xE9 4111 1111 1111 1111, 5555-5555-5555-4444, 4222\r\n--b\r\n"
	"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
	"<p>x<!-- IBAN DE89 3704 0044 0532 0130 00 --><img alt=3D'y'>\r\n--b\r\n"
	"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	"U3ViamVjdDogeA0KDQpTU04gNTM2LTIyLTg3MjYNCg==\r\n--b\r\n"
	"Content-Type: text/plain; format=flowed\r\nContent-Disposition: attachment; "
	"filename*0*=utf-8''NG%2066%2058; filename*1=\" 84 B.txt\"\r\n\r\nx \r\ny\r\n--b--\r\n";

/* What a run says where the n-th allocation fails; false: there was none to fail. */
static bool run_hungry(struct inspect_rules *r, int n)
{
	bool sound = true;

	famine_begin(n);
	struct inspect *m = inspect_open(r);
	for (size_t at = 0; m && at < sizeof rich - 1; at += 100) {
		size_t left = sizeof rich - 1 - at;
		inspect_message(m, (struct slice){ rich + at, left < 100 ? left : 100 });
	}
	const struct inspect_findings *f = m ? inspect_end(m) : NULL;
	bool struck = famine_end();
	for (size_t i = 0; f && i < f->marker_count; i++)
		sound = sound && (f->hit[i] || f->opaque_count > 0);
	inspect_free(m);
	if (!sound)
		fail_msg("without allocation %d a marker is missed, and nothing is opaque", n);
	return struck;
}

static void test_no_memory_is_never_clean(void **state)
{
	struct inspect_rules *r = inspected_rules(RICH, INSPECT_LIMITS_DEFAULT);
	int n = 1;
	(void)state;

	struct buf out = inspected_message(r, slice_of(rich), 100);
	for (size_t i = 0; i < 9; i++) {
		char hit[16];
		snprintf(hit, sizeof hit, "hit %zu\n", i);
		if (!strstr(buf_text(&out), hit))
			fail_msg("%s: %s", hit, buf_text(&out));
	}
	assert_null(strstr(buf_text(&out), "opaque"));
	buf_free(&out);
	while (run_hungry(r, n))
		n++;
	assert_true(n > 40);
	inspect_rules_unref(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_markings),
		cmocka_unit_test(test_rows_in_chunks_of_every_size),
		cmocka_unit_test(test_fields_as_a_milter_gives_them),
		cmocka_unit_test(test_a_card_far_down_is_found_at_its_offset),
		cmocka_unit_test(test_a_word_is_near_over_wide_characters),
		cmocka_unit_test(test_findings_beyond_the_limit_are_counted),
		cmocka_unit_test(test_limits_are_opaque),
		cmocka_unit_test(test_no_evidence_holds_what_was_planted),
		cmocka_unit_test(test_spoken_words_are_seen_in_every_text),
		cmocka_unit_test(test_no_memory_is_never_clean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

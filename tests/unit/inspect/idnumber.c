#include "inspect/idnumber.h"

#include "support/unit.h"

#include <stdint.h>

/* Anywhere in the text, as if the matcher had told each place. */
static bool find_any(enum idnumber kind, struct slice text, struct number *n)
{
	bool found = false;

	for (size_t end = 1; end <= text.len; end++)
		found = idnumber_find(kind, text, end, n) || found;
	return found;
}

static const struct row {
	enum idnumber kind;
	const char *name, *text, *value; /* NULL: none */
} rows[] = {
	{ IDNUMBER_UK_NINO, "bare", "NINO AB123456C.", "AB123456C" },
	{ IDNUMBER_UK_NINO, "in pairs", "AB 12 34 56 C", "AB123456C" },
	{ IDNUMBER_UK_NINO, "with hyphens", "(CE-12-34-56-D)", "CE123456D" },
	{ IDNUMBER_UK_NINO, "digits together", "JG 103759 A,", "JG103759A" },
	{ IDNUMBER_UK_NINO, "small letters after a word", "my NI number is ab123456c",
	  "AB123456C" },
	{ IDNUMBER_UK_NINO, "small letters alone", "commit ab123456c", NULL },
	{ IDNUMBER_UK_NINO, "a letter not used", "DA123456C", NULL },
	{ IDNUMBER_UK_NINO, "a second letter not used", "AO123456C", NULL },
	{ IDNUMBER_UK_NINO, "a prefix not given", "GB123456C", NULL },
	{ IDNUMBER_UK_NINO, "a wrong end", "AB123456E", NULL },
	{ IDNUMBER_UK_NINO, "five digits", "AB12345C", NULL },
	{ IDNUMBER_UK_NINO, "in a word", "XAB123456C", NULL },
	{ IDNUMBER_UK_NINO, "mixed separators", "AB 12-34 56 C", NULL },
	{ IDNUMBER_UK_NINO, "before more", "AB123456C-7", NULL },
	{ IDNUMBER_UK_NHS, "in groups", "943 476 5919 ", "9434765919" },
	{ IDNUMBER_UK_NHS, "with hyphens, after the word", "NHS 943-476-5919.", "9434765919" },
	{ IDNUMBER_UK_NHS, "with hyphens, as in a telephone number", "943-476-5919.", NULL },
	{ IDNUMBER_UK_NHS, "a telephone number that says so", "Tel.: 943 476 5919", NULL },
	{ IDNUMBER_UK_NHS, "a telephone number in French", "t\303\251l. 943 476 5919", NULL },
	{ IDNUMBER_UK_NHS, "behind a telephone number", "Tel. 12, NHS 943 476 5919 ",
	  "9434765919" },
	{ IDNUMBER_UK_NHS, "a word that ends as one for telephones", "Hotel 943 476 5919 ",
	  "9434765919" },
	{ IDNUMBER_UK_NHS, "bare, after the word", "NHS no: 9434765919 ", "9434765919" },
	{ IDNUMBER_UK_NHS, "bare, before the word", "4010232137 (NHS)", "4010232137" },
	{ IDNUMBER_UK_NHS, "another", "401 023 2137,", "4010232137" },
	{ IDNUMBER_UK_NHS, "bare", "order 9434765919 ", NULL },
	{ IDNUMBER_UK_NHS, "a wrong check", "943 476 5918 ", NULL },
	{ IDNUMBER_UK_NHS, "changed places", "943 467 5919 ", NULL },
	{ IDNUMBER_UK_NHS, "two separators", "943 476-5919 ", NULL },
	{ IDNUMBER_UK_NHS, "in more groups", "943 476 5919 12 ", NULL },
	{ IDNUMBER_UK_NHS, "a telephone number", "+943 476 5919 ", NULL },
	{ IDNUMBER_UK_NHS, "one digit only", "NHS 0000000000 ", NULL },
	{ IDNUMBER_UK_NHS, "a word that only begins so", "NHSX 9434765919 ", NULL },
	{ IDNUMBER_DE_TAX_ID, "in groups", "86 095 742 719 ", "86095742719" },
	{ IDNUMBER_DE_TAX_ID, "after a word", "Steuer-ID 47036892816 ", "47036892816" },
	{ IDNUMBER_DE_TAX_ID, "after a longer word", "Steueridentifikationsnummer: 65929970489.",
	  "65929970489" },
	{ IDNUMBER_DE_TAX_ID, "after the short word", "IdNr. 26954371827 ", "26954371827" },
	{ IDNUMBER_DE_TAX_ID, "before a word", "86095742719 (tax id)", "86095742719" },
	{ IDNUMBER_DE_TAX_ID, "bare", "Auftrag 86095742719 ", NULL },
	{ IDNUMBER_DE_TAX_ID, "a wrong check", "86 095 742 718 ", NULL },
	{ IDNUMBER_DE_TAX_ID, "a leading nought", "Steuer 01234567888 ", NULL },
	{ IDNUMBER_DE_TAX_ID, "three in a row", "Steuer 11123456786 ", NULL },
	{ IDNUMBER_DE_TAX_ID, "ten different digits", "Steuer 12345678903 ", NULL },
	{ IDNUMBER_DE_TAX_ID, "other groups", "860 957 427 19 ", NULL },
	{ IDNUMBER_DE_TAX_ID, "in a longer number", "Steuer 186095742719 ", NULL },
	{ IDNUMBER_FR_NIR, "in groups", "1 85 05 78 006 084 91 ", "185057800608491" },
	{ IDNUMBER_FR_NIR, "bare", "185057800608491.", "185057800608491" },
	{ IDNUMBER_FR_NIR, "with the key apart", "2550814168025 38 ", "255081416802538" },
	{ IDNUMBER_FR_NIR, "Corsica", "1 85 05 2A 006 084 35 ", "185052A00608435" },
	{ IDNUMBER_FR_NIR, "Corsica, bare", "299122B12345618 ", "299122B12345618" },
	{ IDNUMBER_FR_NIR, "a month not known, bare", "185207800608440 ", NULL },
	{ IDNUMBER_FR_NIR, "a month not known, with the word", "NIR 185207800608440 ",
	  "185207800608440" },
	{ IDNUMBER_FR_NIR, "a wrong key", "1 85 05 78 006 084 92 ", NULL },
	{ IDNUMBER_FR_NIR, "sex 5", "585057800608491 ", NULL },
	{ IDNUMBER_FR_NIR, "month 13", "185137800608491 ", NULL },
	{ IDNUMBER_FR_NIR, "without its key", "1850578006084 ", NULL },
	{ IDNUMBER_FR_NIR, "2C", "1 85 05 2C 006 084 35 ", NULL },
	{ IDNUMBER_FR_NIR, "a digit more", "1185057800608491 ", NULL },
	{ IDNUMBER_FR_NIR, "in a URL", "http://x.example/185057800608491 ", NULL },
	{ IDNUMBER_ES_DNI, "bare", "DNI 12345678Z.", "12345678Z" },
	{ IDNUMBER_ES_DNI, "with a hyphen", "12345678-Z ", "12345678Z" },
	{ IDNUMBER_ES_DNI, "with dots", "12.345.678-Z ", "12345678Z" },
	{ IDNUMBER_ES_DNI, "noughts", "00000001R ", "00000001R" },
	{ IDNUMBER_ES_DNI, "a blank, with the word", "DNI: 45671234 L ", "45671234L" },
	{ IDNUMBER_ES_DNI, "a small letter with the word", "nif 12345678z ", "12345678Z" },
	{ IDNUMBER_ES_DNI, "a wrong letter", "12345678A ", NULL },
	{ IDNUMBER_ES_DNI, "a letter never used", "12345678I ", NULL },
	{ IDNUMBER_ES_DNI, "a blank and no word", "on 12345678 Z ", NULL },
	{ IDNUMBER_ES_DNI, "a small letter alone", "12345678z ", NULL },
	{ IDNUMBER_ES_DNI, "a digit more", "112345678Z ", NULL },
	{ IDNUMBER_ES_DNI, "a word behind", "12345678ZA ", NULL },
	{ IDNUMBER_ES_DNI, "no letter", "12345678 ", NULL },
	{ IDNUMBER_ES_NIE, "bare", "X1234567L ", "X1234567L" },
	{ IDNUMBER_ES_NIE, "with hyphens", "Y-7654321-G.", "Y7654321G" },
	{ IDNUMBER_ES_NIE, "Z", "NIE Z0000007N,", "Z0000007N" },
	{ IDNUMBER_ES_NIE, "half apart", "X0523821-L ", "X0523821L" },
	{ IDNUMBER_ES_NIE, "a wrong letter", "X1234567A ", NULL },
	{ IDNUMBER_ES_NIE, "W", "W1234567L ", NULL },
	{ IDNUMBER_ES_NIE, "six digits", "X123456L ", NULL },
	{ IDNUMBER_ES_NIE, "in a word", "AX1234567L ", NULL },
	{ IDNUMBER_ES_NIE, "a small letter alone", "x1234567l ", NULL },
	{ IDNUMBER_ES_NIE, "mixed separators", "X-1234567 L ", NULL },
	{ IDNUMBER_IT_CODICE_FISCALE, "bare", "CF RSSMRA85T10A562S.", "RSSMRA85T10A562S" },
	{ IDNUMBER_IT_CODICE_FISCALE, "in groups", "RSS MRA 85T10 A562S", "RSSMRA85T10A562S" },
	{ IDNUMBER_IT_CODICE_FISCALE, "a woman", "BNCLRA70E55H501X", "BNCLRA70E55H501X" },
	{ IDNUMBER_IT_CODICE_FISCALE, "a letter for a digit", "RSSMRA85T10A56NH",
	  "RSSMRA85T10A56NH" },
	{ IDNUMBER_IT_CODICE_FISCALE, "small letters after the word",
	  "codice fiscale mrtmtt91d08f205j", "MRTMTT91D08F205J" },
	{ IDNUMBER_IT_CODICE_FISCALE, "a wrong check", "RSSMRA85T10A562T", NULL },
	{ IDNUMBER_IT_CODICE_FISCALE, "no such day", "MRTMTT91D72F205C", NULL },
	{ IDNUMBER_IT_CODICE_FISCALE, "no such month", "RSSMRA85F10A562S", NULL },
	{ IDNUMBER_IT_CODICE_FISCALE, "small letters alone", "rssmra85t10a562s", NULL },
	{ IDNUMBER_IT_CODICE_FISCALE, "a letter missing", "RSSMR85T10A562S", NULL },
	{ IDNUMBER_IT_CODICE_FISCALE, "in a word", "XRSSMRA85T10A562S", NULL },
	{ IDNUMBER_IT_CODICE_FISCALE, "changed places", "RSSMRA58T10A562S", NULL },
	{ IDNUMBER_NL_BSN, "grouped", "1112.22.333 ", "111222333" },
	{ IDNUMBER_NL_BSN, "bare, after the word", "BSN 123456782 ", "123456782" },
	{ IDNUMBER_NL_BSN, "after the long word", "burgerservicenummer: 163857040.", "163857040" },
	{ IDNUMBER_NL_BSN, "in threes, after the word", "bsn 234 567 892 ", "234567892" },
	{ IDNUMBER_NL_BSN, "before the word", "987654329 (sofinummer)", "987654329" },
	{ IDNUMBER_NL_BSN, "bare", "order 123456782 ", NULL },
	{ IDNUMBER_NL_BSN, "in threes", "123 456 782 ", NULL },
	{ IDNUMBER_NL_BSN, "a wrong check", "BSN 123456783 ", NULL },
	{ IDNUMBER_NL_BSN, "eight digits", "BSN 12345678 ", NULL },
	{ IDNUMBER_NL_BSN, "one digit only", "BSN 000000000 ", NULL },
	{ IDNUMBER_NL_BSN, "in a longer number", "BSN 1123456782 ", NULL },
	{ IDNUMBER_NL_BSN, "a fraction", "BSN 0.123456782 ", NULL },
	{ IDNUMBER_BE_RRN, "grouped", "85.07.30-033.28 ", "85073003328" },
	{ IDNUMBER_BE_RRN, "bare", "85073003328 ", "85073003328" },
	{ IDNUMBER_BE_RRN, "with blanks", "93 05 18 223 61.", "93051822361" },
	{ IDNUMBER_BE_RRN, "born since 2000", "17.07.30-033.84 ", "17073003384" },
	{ IDNUMBER_BE_RRN, "in three", "850730-033-28 ", "85073003328" },
	{ IDNUMBER_BE_RRN, "a wrong check", "85.07.30-033.29 ", NULL },
	{ IDNUMBER_BE_RRN, "the century confused", "17.07.30-033.98 ", NULL },
	{ IDNUMBER_BE_RRN, "month 13", "85.13.30-033.28 ", NULL },
	{ IDNUMBER_BE_RRN, "day 32", "85.07.32-033.28 ", NULL },
	{ IDNUMBER_BE_RRN, "order 000", "85.07.30-000.61 ", NULL },
	{ IDNUMBER_BE_RRN, "a digit more", "185073003328 ", NULL },
	{ IDNUMBER_BE_RRN, "in a URL", "https://x.example/a/85073003328 ", NULL },
	{ IDNUMBER_PL_PESEL, "after the word", "PESEL 44051401359 ", "44051401359" },
	{ IDNUMBER_PL_PESEL, "before the word", "02270815018, PESEL", "02270815018" },
	{ IDNUMBER_PL_PESEL, "in small letters", "pesel: 90010112349.", "90010112349" },
	{ IDNUMBER_PL_PESEL, "another", "numer PESEL=85123109876 ", "85123109876" },
	{ IDNUMBER_PL_PESEL, "bare", "44051401359 ", NULL },
	{ IDNUMBER_PL_PESEL, "a wrong check", "PESEL 44051401358 ", NULL },
	{ IDNUMBER_PL_PESEL, "month 13", "PESEL 44131401350 ", NULL },
	{ IDNUMBER_PL_PESEL, "ten digits", "PESEL 4405140135 ", NULL },
	{ IDNUMBER_PL_PESEL, "a digit more", "PESEL 144051401359 ", NULL },
	{ IDNUMBER_PL_PESEL, "the word far away",
	  "PESEL "
	  "........................................................................................"
	  "................... 44051401359 ",
	  NULL },
	{ IDNUMBER_PL_PESEL, "in a URL", "PESEL http://x.example/44051401359 ", NULL },
	{ IDNUMBER_CH_AHV, "grouped", "756.9217.0569.49 ", "7569217056949" },
	{ IDNUMBER_CH_AHV, "bare", "7569217056949 ", "7569217056949" },
	{ IDNUMBER_CH_AHV, "with blanks", "756 9234 5678 93.", "7569234567893" },
	{ IDNUMBER_CH_AHV, "with hyphens", "756-1234-5678-97 ", "7561234567897" },
	{ IDNUMBER_CH_AHV, "a wrong check", "756.9217.0569.48 ", NULL },
	{ IDNUMBER_CH_AHV, "another country", "755.9217.0569.40 ", NULL },
	{ IDNUMBER_CH_AHV, "a digit more", "17569217056949 ", NULL },
	{ IDNUMBER_CH_AHV, "mixed separators", "756.9217 0569.49 ", NULL },
	{ IDNUMBER_CH_AHV, "other groups", "7569.2170.569.49 ", NULL },
	{ IDNUMBER_CH_AHV, "changed places", "756.2917.0569.49 ", NULL },
	{ IDNUMBER_CH_AHV, "a product in a URL", "www.x.example/7569217056949 ", NULL },
	{ IDNUMBER_AU_TFN, "in threes", "123 456 782 ", "123456782" },
	{ IDNUMBER_AU_TFN, "bare, after the word", "TFN 876543210 ", "876543210" },
	{ IDNUMBER_AU_TFN, "after two words", "tax file number: 565473688.", "565473688" },
	{ IDNUMBER_AU_TFN, "with hyphens, after the word", "TFN 459-287-547 ", "459287547" },
	{ IDNUMBER_AU_TFN, "with hyphens", "459-287-547 ", NULL },
	{ IDNUMBER_AU_TFN, "an amount", "EUR 459 287 547 ", NULL },
	{ IDNUMBER_AU_TFN, "an amount in dollars", "$459 287 547 ", NULL },
	{ IDNUMBER_AU_TFN, "an amount, its coin behind", "459 287 547 \342\202\254 ", NULL },
	{ IDNUMBER_AU_TFN, "bare", "order 123456782 ", NULL },
	{ IDNUMBER_AU_TFN, "a wrong check", "TFN 123 456 783 ", NULL },
	{ IDNUMBER_AU_TFN, "eight digits", "TFN 12345678 ", NULL },
	{ IDNUMBER_AU_TFN, "in more threes", "123 456 782 999 ", NULL },
	{ IDNUMBER_AU_TFN, "one digit only", "TFN 000000000 ", NULL },
	{ IDNUMBER_AU_TFN, "a telephone number", "+123 456 782 ", NULL },
	{ IDNUMBER_AU_TFN, "in a word", "TFN a123456782 ", NULL },
	{ IDNUMBER_AU_MEDICARE, "as printed", "2123 45670 1 ", "2123456701" },
	{ IDNUMBER_AU_MEDICARE, "with the person", "2123 45670 1/2 ", "21234567012" },
	{ IDNUMBER_AU_MEDICARE, "bare, after the word", "Medicare 2950123481.", "2950123481" },
	{ IDNUMBER_AU_MEDICARE, "with hyphens", "5123-89013-1 ", "5123890131" },
	{ IDNUMBER_AU_MEDICARE, "eleven digits", "Medicare no. 21234567012 ", "21234567012" },
	{ IDNUMBER_AU_MEDICARE, "bare", "2123456701 ", NULL },
	{ IDNUMBER_AU_MEDICARE, "a wrong check", "2123 45671 1 ", NULL },
	{ IDNUMBER_AU_MEDICARE, "a first digit of 1", "Medicare 1234567881 ", NULL },
	{ IDNUMBER_AU_MEDICARE, "issue 0", "2123 45670 0 ", NULL },
	{ IDNUMBER_AU_MEDICARE, "other groups", "21234 5670 1 ", NULL },
	{ IDNUMBER_AU_MEDICARE, "a digit more before", "9 2123 45670 1 ", NULL },
	{ IDNUMBER_AU_MEDICARE, "changed places", "2132 45670 1 ", NULL },
	{ IDNUMBER_CA_SIN, "in threes", "046 454 286 ", "046454286" },
	{ IDNUMBER_CA_SIN, "with hyphens", "130-692-544.", "130692544" },
	{ IDNUMBER_CA_SIN, "bare, after the word", "SIN: 046454286 ", "046454286" },
	{ IDNUMBER_CA_SIN, "in French", "NAS 130692544 ", "130692544" },
	{ IDNUMBER_CA_SIN, "bare", "invoice 046454286 ", NULL },
	{ IDNUMBER_CA_SIN, "a wrong check", "046 454 287 ", NULL },
	{ IDNUMBER_CA_SIN, "a first digit of 8", "800 000 002 ", NULL },
	{ IDNUMBER_CA_SIN, "Spanish without", "sin 046454286 ", NULL },
	{ IDNUMBER_CA_SIN, "one digit only", "SIN 000000000 ", NULL },
	{ IDNUMBER_CA_SIN, "eight digits", "SIN 04645428 ", NULL },
	{ IDNUMBER_CA_SIN, "in more threes", "046 454 286 130 ", NULL },
	{ IDNUMBER_IN_AADHAAR, "in fours", "2341 2341 2346 ", "234123412346" },
	{ IDNUMBER_IN_AADHAAR, "bare, after the word", "Aadhaar 499918827312 ", "499918827312" },
	{ IDNUMBER_IN_AADHAAR, "with hyphens, after the word", "UID 2012-3456-7899.",
	  "201234567899" },
	{ IDNUMBER_IN_AADHAAR, "with hyphens", "2012-3456-7899.", NULL },
	{ IDNUMBER_IN_AADHAAR, "another spelling", "aadhar no 987654321096 ", "987654321096" },
	{ IDNUMBER_IN_AADHAAR, "bare", "234123412346 ", NULL },
	{ IDNUMBER_IN_AADHAAR, "a wrong check", "2341 2341 2347 ", NULL },
	{ IDNUMBER_IN_AADHAAR, "a first digit of 1", "1341 2341 2346 ", NULL },
	{ IDNUMBER_IN_AADHAAR, "the front of a card", "2341 2341 2346 1111 ", NULL },
	{ IDNUMBER_IN_AADHAAR, "the end of a card", "4111 2341 2341 2346 ", NULL },
	{ IDNUMBER_IN_AADHAAR, "changed places", "2314 2341 2346 ", NULL },
	{ IDNUMBER_IN_AADHAAR, "in a UUID", "uid 550e8400-e29b-41d4-a716-234123412346 ", NULL },
	{ IDNUMBER_IN_PAN, "a person", "PAN ABCPE1234F.", "ABCPE1234F" },
	{ IDNUMBER_IN_PAN, "a company", "AAACB1234C", "AAACB1234C" },
	{ IDNUMBER_IN_PAN, "small letters after the word", "pan: abcpe1234f", "ABCPE1234F" },
	{ IDNUMBER_IN_PAN, "a firm", "(AAAFB9876K)", "AAAFB9876K" },
	{ IDNUMBER_IN_PAN, "no such holder", "ABCDE1234F", NULL },
	{ IDNUMBER_IN_PAN, "small letters alone", "abcpe1234f", NULL },
	{ IDNUMBER_IN_PAN, "three digits", "ABCPE123F", NULL },
	{ IDNUMBER_IN_PAN, "in a word", "XABCPE1234F", NULL },
	{ IDNUMBER_IN_PAN, "more behind", "ABCPE1234FX", NULL },
	{ IDNUMBER_IN_PAN, "number 0000", "ABCPE0000F", NULL },
	{ IDNUMBER_IN_PAN, "in a URL", "https://x.example/ABCPE1234F", NULL },
	{ IDNUMBER_BR_CPF, "grouped", "111.444.777-35 ", "11144477735" },
	{ IDNUMBER_BR_CPF, "bare, after the word", "CPF 52998224725 ", "52998224725" },
	{ IDNUMBER_BR_CPF, "half grouped", "cpf: 529982247-25.", "52998224725" },
	{ IDNUMBER_BR_CPF, "with blanks", "529 982 247 25 ", "52998224725" },
	{ IDNUMBER_BR_CPF, "bare", "pedido 52998224725 ", NULL },
	{ IDNUMBER_BR_CPF, "a wrong check", "111.444.777-36 ", NULL },
	{ IDNUMBER_BR_CPF, "the first check wrong", "111.444.777-45 ", NULL },
	{ IDNUMBER_BR_CPF, "one digit only", "111.111.111-11 ", NULL },
	{ IDNUMBER_BR_CPF, "a digit more", "CPF 152998224725 ", NULL },
	{ IDNUMBER_BR_CPF, "in a version", "1.111.444.777-35 ", NULL },
	{ IDNUMBER_BR_CPF, "other groups", "1114.44.777-35 ", NULL },
	{ IDNUMBER_BR_CNPJ, "grouped", "11.222.333/0001-81 ", "11222333000181" },
	{ IDNUMBER_BR_CNPJ, "bare", "11222333000181 ", "11222333000181" },
	{ IDNUMBER_BR_CNPJ, "with letters", "12.ABC.345/01DE-35 ", "12ABC34501DE35" },
	{ IDNUMBER_BR_CNPJ, "half grouped", "CNPJ 11444777/0001-61.", "11444777000161" },
	{ IDNUMBER_BR_CNPJ, "a high branch after the word", "CNPJ 12345678123432 ",
	  "12345678123432" },
	{ IDNUMBER_BR_CNPJ, "a high branch alone", "12345678123432 ", NULL },
	{ IDNUMBER_BR_CNPJ, "a wrong check", "11.222.333/0001-82 ", NULL },
	{ IDNUMBER_BR_CNPJ, "noughts", "00000000000000 ", NULL },
	{ IDNUMBER_BR_CNPJ, "other groups", "112.22.333/0001-81 ", NULL },
	{ IDNUMBER_BR_CNPJ, "small letters alone", "12.abc.345/01de-35 ", NULL },
	{ IDNUMBER_BR_CNPJ, "a digit more", "111222333000181 ", NULL },
	{ IDNUMBER_BR_CNPJ, "before more", "11.222.333/0001-81-7 ", NULL },
};

static void test_rows(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct number n = { 0 };
		bool found = find_any(rows[i].kind,
				      (struct slice){ rows[i].text, strlen(rows[i].text) }, &n);
		if (found != (rows[i].value != NULL))
			fail_msg("%d, %s: %d", (int)rows[i].kind, rows[i].name, found);
		if (found && !slice_is((struct slice){ n.value, n.value_len }, rows[i].value))
			fail_msg("%d, %s: %.*s", (int)rows[i].kind, rows[i].name, (int)n.value_len,
				 n.value);
	}
}

static void test_each_has_hits_and_misses(void **state)
{
	size_t hits[IDNUMBERS] = { 0 }, misses[IDNUMBERS] = { 0 };
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++)
		++(rows[i].value ? hits : misses)[rows[i].kind];
	for (size_t i = 0; i < IDNUMBERS; i++)
		assert_true(hits[i] >= 4 && misses[i] >= 6);
}

/* The separators that stand in a value are not part of it, the place is. */
static void test_the_place(void **state)
{
	struct number n;
	struct slice text = SLICE("NHS 943 476 5919.");
	(void)state;

	assert_true(idnumber_find(IDNUMBER_UK_NHS, text, text.len, &n));
	assert_int_equal(n.at, 4);
	assert_int_equal(n.len, 12);
}

/* ---- order numbers: digits by chance, and nothing that says what they are ---- */

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Of a million bare numbers, how many each may take for one of its own. The weak
 * checks ask for a word or a grouping, and take none. */
static const unsigned may_take[IDNUMBERS] = {
	[IDNUMBER_FR_NIR] = 60,  /* 0.2 * 0.12 / 97 of those that have 15 digits */
	[IDNUMBER_BE_RRN] = 300, /* a date, and 2 / 97, of those that have 11 */
	[IDNUMBER_CH_AHV] = 40,  /* 1 / 10,000 of those that have 13 */
	[IDNUMBER_BR_CNPJ] = 20, /* 1 / 100,000 of those that have 14 */
};

static void test_noise(void **state)
{
	enum { ROUNDS = 1000000, SHORTEST = 8, LENGTHS = 9 };
	unsigned taken[IDNUMBERS] = { 0 };
	uint64_t seed = 0x9e3779b97f4a7c15;
	(void)state;

	for (size_t i = 0; i < ROUNDS; i++) {
		char digits[] = "order ................ ok";
		size_t len = SHORTEST + i % LENGTHS;
		for (size_t k = 0; k < len; k++)
			digits[6 + k] = (char)('0' + (next_random(&seed) >> 33) % 10);
		digits[6 + len] = ' ';
		struct slice text = { digits, 6 + len + 1 };
		for (unsigned k = 0; k < IDNUMBERS; k++) {
			struct number n;
			taken[k] += idnumber_find((enum idnumber)k, text, text.len, &n);
		}
	}
	for (size_t k = 0; k < IDNUMBERS; k++) {
		if (taken[k])
			print_message("detector %zu: %u of %d bare numbers\n", k, taken[k], ROUNDS);
		assert_true(taken[k] <= may_take[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows),
					    cmocka_unit_test(test_each_has_hits_and_misses),
					    cmocka_unit_test(test_the_place),
					    cmocka_unit_test(test_noise) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}

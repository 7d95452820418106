#include "inspect/idnumber.h"

#include "base/ascii.h"
#include "inspect/checkdigit.h"

#include <assert.h>
#include <string.h>

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_word_character(char c)
{
	return ascii_is_digit(c) || is_capital(upper(c)) || c == '_' || (signed char)c < 0;
}

static char at(struct slice text, size_t i)
{
	return i < text.len ? text.at[i] : ' ';
}

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

/* ---- checks: v holds capitals and digits, as many as the form that matched ---- */

static unsigned value_of(const char *v, size_t len)
{
	return (unsigned)checkdigit_value(v, len);
}

/* HMRC NIM39110: letters that are not used, prefixes that are not given. */
static bool check_nino(const char *v, size_t len)
{
	static const char *const refused[] = { "BG", "GB", "KN", "NK", "NT", "TN", "ZZ" };

	(void)len;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (memcmp(v, refused[i], 2) == 0)
			return false;
	return !is_one_of(v[0], "DFIQUV") && !is_one_of(v[1], "DFIOQUV") && is_one_of(v[8], "ABCD");
}

/* NHS Data Dictionary, NHS NUMBER. A check of ten cannot be written. */
static bool check_nhs(const char *v, size_t len)
{
	static const signed char weights[] = { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 };

	return v[0] != '0' && checkdigit_sum(v, weights, len) % 11 == 0;
}

/* § 139b AO: of the first ten digits one stands there twice or three times, the
 * others once at most; not three in a row. */
static bool check_de(const char *v, size_t len)
{
	unsigned times[10] = { 0 }, repeated = 0, most = 0;

	for (size_t i = 0; i < 10; i++) {
		unsigned n = ++times[v[i] - '0'];
		repeated += n == 2;
		most = n > most ? n : most;
		if (i >= 2 && v[i] == v[i - 1] && v[i] == v[i - 2])
			return false;
	}
	return v[0] != '0' && repeated == 1 && most <= 3 &&
	       checkdigit_mod11_10((struct slice){ v, len });
}

/* INSEE: sex, year, month (20 and up: not known), department, commune, order, key.
 * Corsica's 2A and 2B count as 19 and 18. */
static bool check_nir(const char *v, size_t len)
{
	char digits[15];
	unsigned month = value_of(v + 3, 2);
	bool corsican = v[5] == '2' && (v[6] == 'A' || v[6] == 'B');

	memcpy(digits, v, len);
	if (corsican)
		memcpy(digits + 5, v[6] == 'A' ? "19" : "18", 2);
	if (!ascii_is_digit(digits[5]) || !ascii_is_digit(digits[6]) ||
	    memcmp(digits + 5, "00", 2) == 0)
		return false;
	bool known = (month >= 1 && month <= 12) || month == 20 || (month >= 30 && month <= 42) ||
		     month >= 50;
	return known && is_one_of(v[0], "123478") && memcmp(v + 10, "000", 3) != 0 &&
	       97 - checkdigit_value(digits, 13) % 97 == checkdigit_value(digits + 13, 2);
}

/* As most are: a permanent number, a month that is known. */
static bool is_plain_nir(const char *v, size_t len)
{
	(void)len;
	return (v[0] == '1' || v[0] == '2') && value_of(v + 3, 2) <= 12;
}

/* Real Decreto 1553/2005: the letter is the number modulo 23. */
static bool check_dni(const char *v, size_t len)
{
	return v[len - 1] == "TRWAGMYFPDXBNJZSQVHLCKE"[value_of(v, 8) % 23];
}

/* The same with X, Y, Z for a first digit 0, 1, 2. */
static bool check_nie(const char *v, size_t len)
{
	char dni[9];

	if (v[0] < 'X' || v[0] > 'Z')
		return false;
	memcpy(dni, v, len);
	dni[0] = (char)(v[0] - 'X' + '0');
	return check_dni(dni, len);
}

/* Letters that stand for digits where two people would have one code. */
static int digit_of(char c)
{
	const char *letters = "LMNPQRSTUV", *found = strchr(letters, c);

	if (ascii_is_digit(c))
		return c - '0';
	return found ? (int)(found - letters) : -1;
}

/* Decreto ministeriale 23/12/1976: odd places count by the table, even ones by
 * their own value, modulo 26. */
static bool check_cf(const char *v, size_t len)
{
	static const unsigned char odd[26] = { 1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
					       20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23 };
	static const unsigned char numbers[] = { 6, 7, 9, 10, 12, 13, 14 };
	unsigned sum = 0;

	for (size_t i = 0; i < sizeof numbers; i++)
		if (digit_of(v[numbers[i]]) < 0)
			return false;
	int day = digit_of(v[9]) * 10 + digit_of(v[10]);
	if (!is_one_of(v[8], "ABCDEHLMPRST") || day % 40 < 1 || day % 40 > 31 || day > 71)
		return false;
	for (size_t i = 0; i + 1 < len; i++) {
		unsigned n = (unsigned)(ascii_is_digit(v[i]) ? v[i] - '0' : v[i] - 'A');
		sum += i % 2 == 0 ? odd[n] : n;
	}
	return v[len - 1] == (char)('A' + sum % 26);
}

/* The eleven test, with its last weight negative. */
static bool check_bsn(const char *v, size_t len)
{
	static const signed char weights[] = { 9, 8, 7, 6, 5, 4, 3, 2, -1 };

	return checkdigit_sum(v, weights, len) % 11 == 0;
}

/* Birth date (20 or 40 is added to the month for people from abroad), order, and
 * 97 less the rest of it all; a 2 before the number of those born since 2000. */
static bool check_rrn(const char *v, size_t len)
{
	uint64_t n = checkdigit_value(v, 9), check = checkdigit_value(v + 9, len - 9);
	unsigned month = value_of(v + 2, 2), day = value_of(v + 4, 2), order = value_of(v + 6, 3);

	if (month > 52 || month % 20 < 1 || month % 20 > 12 || day < 1 || day > 31)
		return false;
	return order >= 1 && order <= 998 &&
	       (97 - n % 97 == check || 97 - (2000000000 + n) % 97 == check);
}

/* Birth date, with 20, 40, 60 or 80 added to the month for other centuries. */
static bool check_pesel(const char *v, size_t len)
{
	static const signed char weights[] = { 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1 };
	unsigned month = value_of(v + 2, 2) % 20, day = value_of(v + 4, 2);

	return month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
	       checkdigit_sum(v, weights, len) % 10 == 0;
}

/* EAN-13 with Switzerland's number, 756. */
static bool check_ahv(const char *v, size_t len)
{
	static const signed char weights[] = { 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1 };

	return memcmp(v, "756", 3) == 0 && checkdigit_sum(v, weights, len) % 10 == 0;
}

static bool check_tfn(const char *v, size_t len)
{
	static const signed char weights[] = { 1, 4, 3, 7, 5, 8, 6, 9, 10 };

	return checkdigit_sum(v, weights, len) % 11 == 0;
}

/* Eight digits, their check, the card's issue, and maybe the person on the card. */
static bool check_medicare(const char *v, size_t len)
{
	static const signed char weights[] = { 1, 3, 7, 9, 1, 3, 7, 9 };

	return v[0] >= '2' && v[0] <= '6' && v[9] != '0' && v[len - 1] != '0' &&
	       checkdigit_sum(v, weights, 8) % 10 == v[8] - '0';
}

/* None begins with 8. */
static bool check_sin(const char *v, size_t len)
{
	return v[0] != '8' && checkdigit_luhn((struct slice){ v, len });
}

static bool check_aadhaar(const char *v, size_t len)
{
	return v[0] >= '2' && checkdigit_verhoeff((struct slice){ v, len });
}

/* Income-tax Rules, rule 114: the fourth letter says what the holder is. There is
 * no check that one could calculate. */
static bool check_pan(const char *v, size_t len)
{
	(void)len;
	return is_one_of(v[3], "ABCEFGHJKLPT") && memcmp(v + 5, "0000", 4) != 0;
}

/* Receita Federal: the last two are each the weighted sum of all before, modulo
 * 11, subtracted from 11; ten counts as nought. */
static bool check_brazil(const char *v, const signed char *weights, size_t len)
{
	for (size_t i = len - 2; i < len; i++)
		if (checkdigit_sum(v, weights + (len - 1 - i), i) * 10 % 11 % 10 != v[i] - '0')
			return false;
	return true;
}

static bool check_cpf(const char *v, size_t len)
{
	static const signed char weights[] = { 11, 10, 9, 8, 7, 6, 5, 4, 3, 2 };

	return check_brazil(v, weights, len);
}

/* Letters are in use since July 2026. */
static bool check_cnpj(const char *v, size_t len)
{
	static const signed char weights[] = { 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2 };

	return check_brazil(v, weights, len);
}

/* A date with a time, of this century. */
static bool is_time(const char *v)
{
	unsigned month = value_of(v + 4, 2), day = value_of(v + 6, 2);

	return memcmp(v, "20", 2) == 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* A branch's number is small: a bare CNPJ of such a one is hardly chance. */
static bool is_plain_cnpj(const char *v, size_t len)
{
	(void)len;
	return memcmp(v + 8, "000", 3) == 0 && memcmp(v, "00000000", 8) != 0 && !is_time(v);
}

/* ---- what each looks like ---- */

enum { FORMS = 4, WORDS = 6 };

/* Where the number ends, as seen from the expression's match. */
enum ends {
	ENDS_BEFORE, /* the match took the character after */
	ENDS_LETTER, /* that character, or the one after it, is its last */
	ENDS_HERE,
	ENDS_EITHER, /* here when in groups */
};

/* In forms 9 is a digit, A a letter, X either, _ a separator (blank, hyphen or dot, the
 * same all through the number); others stand for themselves. */
static const struct id {
	bool (*check)(const char *v, size_t len);
	enum ends ends;
	const char *sure[FORMS];   /* official forms: enough by themselves */
	const char *unsure[FORMS]; /* with a word nearby */
	/* Prefix * is a beginning of words; capitals mind case. */
	const char *words[WORDS];
	/* Whether an unsure form may do without a word. */
	bool (*is_plain)(const char *v, size_t len);
} ids[IDNUMBERS] = {
	[IDNUMBER_UK_NINO] = { check_nino,
			       ENDS_HERE,
			       { "AA999999A", "AA_99_99_99_A", "AA_999999_A", "AA999999_A" },
			       { NULL },
			       { "nino", "national insurance", "ni number", "ni no" },
			       NULL },
	[IDNUMBER_UK_NHS] = { check_nhs,
			      ENDS_BEFORE,
			      { "999 999 9999" }, /* with other signs it is a telephone number */
			      { "9999999999", "999_999_9999" },
			      { "nhs" },
			      NULL },
	[IDNUMBER_DE_TAX_ID] = { check_de,
				 ENDS_BEFORE,
				 { "99 999 999 999" },
				 { "99999999999", "99_999_999_999" },
				 { "*steuer", "*identifikationsnummer", "idnr", "tax id", "tin",
				   "*tax identification" },
				 NULL },
	[IDNUMBER_FR_NIR] = { check_nir,
			      ENDS_BEFORE,
			      { "9_99_99_XX_999_999_99", "99999XX999999_99" },
			      { "99999XX99999999" },
			      { "nir", "*num\303\251ro de s", "*secu", "*s\303\251cu", "insee" },
			      is_plain_nir },
	[IDNUMBER_ES_DNI] = { check_dni,
			      ENDS_LETTER,
			      { "99999999A", "99999999-A", "99.999.999-A", "99.999.999A" },
			      { "99999999 A", "99.999.999 A" },
			      { "dni", "nif", "*documento nacional" },
			      NULL },
	[IDNUMBER_ES_NIE] = { check_nie,
			      ENDS_LETTER,
			      { "A9999999A", "A_9999999_A", "A9999999_A" },
			      { NULL },
			      { "nie", "nif", "*extranjero" },
			      NULL },
	[IDNUMBER_IT_CODICE_FISCALE] = { check_cf,
					 ENDS_HERE,
					 { "AAAAAAXXAXXAXXXA", "AAA AAA XXAXX AXXXA" },
					 { NULL },
					 { "codice fiscale", "cod. fisc", "c.f.", "CF" },
					 NULL },
	[IDNUMBER_NL_BSN] = { check_bsn,
			      ENDS_BEFORE,
			      { "9999_99_999" },
			      { "999999999", "999_999_999" },
			      { "bsn", "*burgerservice", "*sofi" },
			      NULL },
	[IDNUMBER_BE_RRN] = { check_rrn,
			      ENDS_BEFORE,
			      { "99.99.99-999.99", "99999999999", "99_99_99_999_99",
				"999999-999-99" },
			      { NULL },
			      { NULL },
			      NULL },
	[IDNUMBER_PL_PESEL] = { check_pesel,
				ENDS_BEFORE,
				{ NULL },
				{ "99999999999" },
				{ "*pesel" },
				NULL },
	[IDNUMBER_CH_AHV] = { check_ahv,
			      ENDS_BEFORE,
			      { "999_9999_9999_99", "9999999999999" },
			      { NULL },
			      { NULL },
			      NULL },
	[IDNUMBER_AU_TFN] = { check_tfn,
			      ENDS_BEFORE,
			      { "999 999 999" },
			      { "999999999", "999_999_999" },
			      { "tfn", "tax file" },
			      NULL },
	[IDNUMBER_AU_MEDICARE] = { check_medicare,
				   ENDS_BEFORE,
				   { "9999_99999_9", "9999 99999 9/9", "9999_99999_9_9" },
				   { "9999999999", "99999999999", "9999999999/9" },
				   { "medicare" },
				   NULL },
	[IDNUMBER_CA_SIN] = { check_sin,
			      ENDS_BEFORE,
			      { "999 999 999", "999-999-999" },
			      { "999999999", "999_999_999" },
			      { "SIN", "NAS", "sin:", "*social insurance", "*assurance sociale" },
			      NULL },
	[IDNUMBER_IN_AADHAAR] = { check_aadhaar,
				  ENDS_BEFORE,
				  { "9999 9999 9999" },
				  { "999999999999", "9999_9999_9999" },
				  { "*aadhaar", "*aadhar", "uidai", "uid" },
				  NULL },
	[IDNUMBER_IN_PAN] = { check_pan,
			      ENDS_HERE,
			      { "AAAAA9999A" },
			      { NULL },
			      { "pan", "*permanent account" },
			      NULL },
	[IDNUMBER_BR_CPF] = { check_cpf,
			      ENDS_BEFORE,
			      { "999.999.999-99", "999_999_999_99" },
			      { "99999999999", "999999999-99" },
			      { "cpf", "*cadastro de pessoa" },
			      NULL },
	[IDNUMBER_BR_CNPJ] = { check_cnpj,
			       ENDS_EITHER,
			       { "XX.XXX.XXX/XXXX-99" },
			       { "99999999999999", "99999999/9999-99", "999999999999-99" },
			       { "cnpj", "*cadastro nacional" },
			       is_plain_cnpj },
};

/* ---- finding ---- */

static bool fits(char form, char c)
{
	switch (form) {
	case '9':
		return ascii_is_digit(c);
	case 'A':
		return is_capital(upper(c));
	case 'X':
		return ascii_is_digit(c) || is_capital(upper(c));
	default:
		return c == form;
	}
}

/* The form, ending before text.at[stop]. */
static bool take_form(struct slice text, size_t stop, const char *form, struct number *out)
{
	size_t len = strlen(form);
	char separator = '\0';

	if (stop < len || stop > text.len)
		return false;
	struct number n = { .at = stop - len, .len = len };
	for (size_t i = len; i-- > 0;) {
		char c = text.at[n.at + i];
		if (form[i] == '_') {
			if (!is_one_of(c, " -.") || (separator && c != separator))
				return false;
			separator = c;
		} else if (!fits(form[i], c)) {
			return false;
		}
	}
	for (size_t i = 0; i < len; i++)
		if (is_word_character(text.at[n.at + i]))
			n.value[n.value_len++] = upper(text.at[n.at + i]);
	*out = n;
	return true;
}

/* Whether a sign, and what stands beyond it, make something longer of a number. A
 * blank does so of one that has blanks itself. */
static bool is_joined(char sign, char beyond, bool blanks)
{
	if (is_word_character(sign) || sign == '@')
		return true;
	if (sign == ' ')
		return blanks && ascii_is_digit(beyond);
	if (sign == '-')
		return ascii_is_digit(beyond) || (upper(beyond) >= 'A' && upper(beyond) <= 'F');
	return is_one_of(sign, "./,=%") && ascii_is_digit(beyond);
}

static bool is_alone(struct slice text, const struct number *n)
{
	size_t end = n->at + n->len;
	bool blanks = memchr(text.at + n->at, ' ', n->len);
	char before = at(text, n->at - 1); /* wraps at the front: a blank */

	return !is_one_of(before, "+%") && !is_joined(before, at(text, n->at - 2), blanks) &&
	       !is_joined(at(text, end), at(text, end + 1), blanks);
}

/* Samples and fillers: one digit all through. */
static bool is_filler(const struct number *n)
{
	size_t same = 1;

	while (same < n->value_len && n->value[same] == n->value[0])
		same++;
	return same == n->value_len;
}

static bool has_small_letter(struct slice text, const struct number *n)
{
	for (size_t i = n->at; i < n->at + n->len; i++)
		if (text.at[i] >= 'a' && text.at[i] <= 'z')
			return true;
	return false;
}

static bool word_stands_at(struct slice text, size_t i, const char *word)
{
	bool prefix = *word == '*', exact = is_capital(*word);
	size_t len = strlen(word += prefix);

	if (len > text.len - i || (i > 0 && is_word_character(text.at[i - 1])))
		return false;
	for (size_t k = 0; k < len; k++)
		if (text.at[i + k] != word[k] && (exact || upper(text.at[i + k]) != upper(word[k])))
			return false;
	return prefix || !is_word_character(word[len - 1]) || !is_word_character(at(text, i + len));
}

static bool has_word(struct slice text, const char *const *words)
{
	for (size_t i = 0; i < text.len; i++)
		for (size_t k = 0; k < WORDS && words[k]; k++)
			if (word_stands_at(text, i, words[k]))
				return true;
	return false;
}

static bool is_named(struct slice text, const struct number *n, const char *const *words)
{
	size_t from = n->at > IDNUMBER_WORD_BEFORE ? n->at - IDNUMBER_WORD_BEFORE : 0;
	size_t end = n->at + n->len, rest = text.len - end;

	if (rest > IDNUMBER_WORD_AFTER)
		rest = IDNUMBER_WORD_AFTER;
	return has_word((struct slice){ text.at + from, n->at - from }, words) ||
	       has_word((struct slice){ text.at + end, rest }, words);
}

static bool judge(const struct id *id, struct slice text, const struct number *n, bool sure)
{
	if (is_filler(n) || !id->check(n->value, n->value_len) || !is_alone(text, n))
		return false;
	bool enough = sure || (id->is_plain && id->is_plain(n->value, n->value_len));
	bool named = is_named(text, n, id->words);
	if ((!enough || has_small_letter(text, n)) && !named)
		return false;
	if (!named && number_is_something_else(text, n->at, n->at + n->len))
		return false;
	return !number_is_in_url(text, n->at);
}

/* Where the number would end. */
static size_t stop_of(enum ends ends, struct slice text, size_t end)
{
	char c = at(text, end - 1);

	switch (ends) {
	case ENDS_BEFORE:
		return end - 1;
	case ENDS_LETTER:
		return is_capital(upper(c)) ? end : end + 1;
	case ENDS_HERE:
		return end;
	case ENDS_EITHER:
		return ascii_is_digit(c) ? end : end - 1;
	}
	return 0;
}

static bool find_among(const struct id *id, const char *const *forms, bool sure, struct slice text,
		       size_t stop, struct number *out)
{
	struct number n;

	for (size_t i = 0; i < FORMS && forms[i]; i++) {
		if (!take_form(text, stop, forms[i], &n) || !judge(id, text, &n, sure))
			continue;
		*out = n;
		return true;
	}
	return false;
}

bool idnumber_find(enum idnumber kind, struct slice text, size_t end, struct number *out)
{
	assert(kind < IDNUMBERS && end > 0);
	const struct id *id = &ids[kind];
	size_t stop = stop_of(id->ends, text, end);

	/* A CNPJ in groups is told by both expressions, and counts once. */
	bool whole = id->ends != ENDS_EITHER || stop == end;
	return (whole && find_among(id, id->sure, true, text, stop, out)) ||
	       find_among(id, id->unsure, false, text, stop, out);
}

bool idnumber_is_named(enum idnumber kind, struct slice text, size_t at, size_t len)
{
	const struct number n = { .at = at, .len = len };

	return is_named(text, &n, ids[kind].words);
}

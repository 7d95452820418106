#include "mail/header.h"

#include "mail/base64.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "mail/address.h"

#include <assert.h>
#include <string.h>

enum {
	WORD_COLUMNS = 76, /* a line that holds an encoded word; RFC 2047 §2 */
	WORD_FRAME = 12,   /* =?utf-8?B? and ?= */
};

/* A field on its way: where its present line begins, to know the column. */
struct field {
	struct buf *out;
	size_t line_start;
};

static void put(struct field *f, struct slice s)
{
	(void)buf_add_slice(f->out, s); /* the buffer remembers a failure */
}

static size_t column(const struct field *f)
{
	return f->out->len - f->line_start;
}

static void fold(struct field *f)
{
	put(f, SLICE("\r\n"));
	f->line_start = f->out->len;
}

static bool is_field_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] < '!' || name.at[i] > '~' || name.at[i] == ':')
			return false;
	return name.len > 0 && name.len <= MAIL_HEADER_COLUMNS - 2;
}

static struct field begin(struct slice name, struct buf *out)
{
	struct field f = { out, out->len };

	assert(is_field_name(name));
	put(&f, name);
	put(&f, SLICE(":"));
	return f;
}

static enum rc end(struct field *f)
{
	put(f, SLICE("\r\n"));
	return buf_state(f->out);
}

static struct slice text_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

bool mail_is_ascii(struct slice s)
{
	return slice_is_ascii(s);
}

/* No control character but tabs. */
static bool is_clean(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static enum rc refuse(struct fault *why, struct slice name, struct slice value)
{
	return fault(why, RC_INVALID, "no %.*s field can carry \"%.*s\"", SLICE_ARG(name),
		     value.len > 80 ? 80 : (int)value.len, value.at ? value.at : "");
}

/* The length of the first word, with the blanks before it. */
static size_t word_length(struct slice s)
{
	size_t i = 0;

	while (i < s.len && slice_blank(s.at[i]))
		i++;
	while (i < s.len && !slice_blank(s.at[i]))
		i++;
	return i;
}

static size_t longest_word(struct slice s)
{
	size_t longest = 0;

	while (s.len) {
		size_t n = word_length(s);
		longest = n > longest ? n : longest;
		s = (struct slice){ s.at + n, s.len - n };
	}
	return longest;
}

/* Puts " value" and folds before the blanks of words that pass the margin. */
static void put_folded(struct field *f, struct slice value)
{
	put(f, SLICE(" "));
	for (bool first = true; value.len; first = false) {
		size_t n = word_length(value);
		/* A fold needs a blank to begin the next line, and must leave none alone on
		 * a line (RFC 5322 §3.2.2, obs-FWS). */
		bool lone = n == value.len && slice_blank(value.at[n - 1]);
		if (!first && !lone && column(f) + n > MAIL_HEADER_COLUMNS)
			fold(f);
		put(f, (struct slice){ value.at, n });
		value = (struct slice){ value.at + n, value.len - n };
	}
}

/* Fills chunk with whole characters off *text, at most max bytes. */
static size_t take_characters(struct slice *text, uint8_t *chunk, size_t max)
{
	size_t len = 0;

	while (text->len) {
		struct slice rest = *text;
		uint32_t code;
		bool valid = utf8_take(&rest, &code);
		struct slice c = { text->at, text->len - rest.len };
		if (!valid)
			c = SLICE("\xef\xbf\xbd");
		if (len + c.len > max)
			break;
		memcpy(chunk + len, c.at, c.len);
		len += c.len;
		*text = rest;
	}
	return len;
}

/* Puts " =?utf-8?B?…?=", as many as it takes, none splitting a character (§5). */
static void put_encoded(struct field *f, struct slice text)
{
	enum { CHUNK = (WORD_COLUMNS - 1 - WORD_FRAME) / 4 * 3 };
	uint8_t chunk[CHUNK];
	char digits[CHUNK / 3 * 4];

	while (text.len) {
		size_t at = column(f) + 1, room = 0;
		if (at + WORD_FRAME < WORD_COLUMNS)
			room = (WORD_COLUMNS - at - WORD_FRAME) / 4 * 3;
		size_t len = take_characters(&text, chunk, room < CHUNK ? room : CHUNK);
		if (len) {
			put(f, SLICE(" =?utf-8?B?"));
			put(f, (struct slice){ digits, mail_base64_digits(chunk, len, digits) });
			put(f, SLICE("?="));
		}
		if (text.len)
			fold(f);
	}
}

/* Whether text would be read as something else, or cannot be folded, as it stands. */
static bool needs_encoding(struct slice text)
{
	if (!mail_is_ascii(text) || memmem(text.at, text.len, "=?", 2))
		return true;
	if (text.len && (slice_blank(text.at[0]) || slice_blank(text.at[text.len - 1])))
		return true;
	return longest_word(text) > MAIL_HEADER_COLUMNS;
}

enum rc mail_header_text(const char *name, struct slice text, struct buf *out, struct fault *why)
{
	if (!is_clean(text))
		return refuse(why, text_of(name), text);

	struct field f = begin(text_of(name), out);
	if (text.len && needs_encoding(text))
		put_encoded(&f, text);
	else
		put_folded(&f, text);
	return end(&f);
}

enum rc mail_header_words(const char *name, struct slice value, struct buf *out, struct fault *why)
{
	size_t most = MAIL_HEADER_LINE_MAX - strlen(name) - 2;

	if (!is_clean(value) || !mail_is_ascii(value) || longest_word(value) > most)
		return refuse(why, text_of(name), value);

	struct field f = begin(text_of(name), out);
	put_folded(&f, value);
	return end(&f);
}

/* A phrase of RFC 5322 §3.2.5: as a quoted string, or in encoded words. */
static void put_display(struct field *f, struct slice display)
{
	if (needs_encoding(display) || display.len > MAIL_HEADER_COLUMNS / 2) {
		put_encoded(f, display);
		return;
	}
	put(f, SLICE(" \""));
	for (size_t i = 0; i < display.len; i++) {
		if (display.at[i] == '"' || display.at[i] == '\\')
			put(f, SLICE("\\"));
		put(f, (struct slice){ display.at + i, 1 });
	}
	put(f, SLICE("\""));
}

enum rc mail_header_mailbox(const char *name, struct slice display, struct slice address,
			    struct buf *out, struct fault *why)
{
	struct mail_address checked;

	if (!is_clean(display) || !is_clean(address))
		return refuse(why, text_of(name), is_clean(display) ? address : display);
	enum rc rc = mail_address_parse(address, &checked, why);
	if (rc != RC_OK)
		return RC_INVALID;
	if (strlen(checked.text) + 3 > MAIL_HEADER_LINE_MAX || mail_address_is_null(&checked))
		return refuse(why, text_of(name), address);

	struct field f = begin(text_of(name), out);
	if (display.len)
		put_display(&f, display);
	if (column(&f) + strlen(checked.text) + 3 > MAIL_HEADER_COLUMNS)
		fold(&f);
	put(&f, display.len ? SLICE(" <") : SLICE(" "));
	put(&f, text_of(checked.text));
	if (display.len)
		put(&f, SLICE(">"));
	return end(&f);
}

bool mail_header_is_copied(struct slice name)
{
	static const char *const names[] = {
		"From", "To", "Cc", "Date", "In-Reply-To", "References"
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (slice_same_nocase(name, text_of(names[i])))
			return true;
	return false;
}

/* Whether each line of a folded value begins with a blank and is clean UTF-8 that fits;
 * a CR that is not before an LF is a control character and so not clean. */
static bool is_copyable(struct slice value, size_t name_len)
{
	struct slice line;
	size_t before = name_len + 2;

	for (bool first = true; slice_take_line(&value, &line); first = false) {
		if (!first && (line.len == 0 || !slice_blank(line.at[0])))
			return false;
		if (!is_clean(line) || !utf8_is_valid(line))
			return false;
		if (longest_word(line) + before > MAIL_HEADER_LINE_MAX)
			return false;
		before = 0;
	}
	return true;
}

enum rc mail_header_copy(struct slice name, struct slice value, struct buf *out, struct fault *why)
{
	struct slice line;

	assert(mail_header_is_copied(name));
	if (!is_copyable(value, name.len))
		return refuse(why, name, value);

	struct field f = begin(name, out);
	while (slice_take_line(&value, &line)) {
		struct slice words = slice_trim(line);
		if (words.len == 0)
			continue;
		if (column(&f) > name.len + 1)
			fold(&f);
		put_folded(&f, words);
	}
	return end(&f);
}

enum rc mail_message_id(const uint8_t random[16], struct slice domain, struct buf *out)
{
	char left[2 * 16 + 1];

	assert(domain.len > 0 && domain.len <= MAIL_DOMAIN_MAX && mail_is_ascii(domain) &&
	       is_clean(domain));
	hex_format(random, 16, left);
	return buf_addf(out, "<%s@%.*s>", left, SLICE_ARG(domain));
}

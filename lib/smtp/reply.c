#include "smtp/reply.h"

#include "base/ascii.h"

#include <string.h>

/* Takes a line that ends in CRLF off the front of *in. Nothing but that pair
 * ends a line (RFC 5321 §2.3.8), and its halves stand nowhere else. */
static enum rc take_line(struct slice *in, struct slice *line, struct fault *why)
{
	for (size_t i = 0; i < in->len; i++) {
		char c = in->at[i];

		if (i + 2 > SMTP_REPLY_LINE_MAX)
			return fault(why, RC_LIMIT, "a reply line is over %d bytes",
				     SMTP_REPLY_LINE_MAX);
		if (c == '\0')
			return fault(why, RC_INVALID, "a reply holds a NUL");
		if (c == '\n')
			return fault(why, RC_INVALID, "a reply line ends in a bare LF");
		if (c != '\r')
			continue;
		if (i + 1 == in->len)
			break;
		if (in->at[i + 1] != '\n')
			return fault(why, RC_INVALID, "a reply holds a bare CR");
		*line = (struct slice){ in->at, i };
		in->at += i + 2;
		in->len -= i + 2;
		return RC_OK;
	}
	return fault(why, RC_ABSENT, "the reply is not complete");
}

/* code SP text, code "-" text, or the code alone (§4.2: to be expected). */
static enum rc read_line(struct slice line, unsigned *code, struct slice *text, bool *last,
			 struct fault *why)
{
	/* The second digit goes to 9, not to the grammar's 5: it is not used. */
	if (line.len < 3 || line.at[0] < '2' || line.at[0] > '5' || !ascii_is_digit(line.at[1]) ||
	    !ascii_is_digit(line.at[2]) || (line.len > 3 && line.at[3] != ' ' && line.at[3] != '-'))
		return fault(why, RC_INVALID, "\"%.*s\" is not a reply",
			     line.len < 60 ? (int)line.len : 60, line.at);

	*code = (unsigned)(line.at[0] - '0') * 100 + (unsigned)(line.at[1] - '0') * 10 +
		(unsigned)(line.at[2] - '0');
	*last = line.len == 3 || line.at[3] == ' ';
	*text = line.len > 4 ? (struct slice){ line.at + 4, line.len - 4 }
			     : (struct slice){ line.at + line.len, 0 };
	return RC_OK;
}

/* One number of an enhanced code, 1*3DIGIT (RFC 3463 §2). */
static bool take_number(struct slice *text, uint16_t *out)
{
	size_t digits = 0;
	uint16_t value = 0;

	while (digits < text->len && ascii_is_digit(text->at[digits])) {
		if (++digits > 3)
			return false;
		value = (uint16_t)(value * 10 + (text->at[digits - 1] - '0'));
	}
	text->at += digits;
	text->len -= digits;
	*out = value;
	return digits > 0;
}

/* "5.1.1 text". One whose class is another than the reply code's is no enhanced
 * code of this reply (RFC 2034 §4), perhaps a version number. */
static struct smtp_enhanced read_enhanced(unsigned code, struct slice text)
{
	struct smtp_enhanced e = { 0 };

	if (!take_number(&text, &e.class) || !slice_drop_prefix(&text, ".") ||
	    !take_number(&text, &e.subject) || !slice_drop_prefix(&text, ".") ||
	    !take_number(&text, &e.detail) || (text.len > 0 && text.at[0] != ' ') ||
	    e.class != code / 100 || e.class == 3)
		return (struct smtp_enhanced){ 0 };
	return e;
}

enum rc smtp_reply_take(struct slice *in, struct smtp_reply *out, struct fault *why)
{
	struct smtp_reply reply = { 0 };
	struct slice rest = *in;
	bool last = false;

	while (!last) {
		unsigned code = 0;
		struct slice line = SLICE(""), text = { 0 };
		enum rc rc = take_line(&rest, &line, why);

		if (rc == RC_OK)
			rc = read_line(line, &code, &text, &last, why);
		if (rc != RC_OK)
			return rc;
		if (reply.line_count > 0 && code != reply.code)
			return fault(why, RC_INVALID, "a reply begins with %u and goes on with %u",
				     reply.code, code);
		if (reply.line_count == SMTP_REPLY_LINES_MAX)
			return fault(why, RC_LIMIT, "a reply has over %d lines",
				     SMTP_REPLY_LINES_MAX);
		reply.code = code;
		reply.lines[reply.line_count++] = text;
	}

	reply.enhanced = read_enhanced(reply.code, reply.lines[0]);
	*in = rest;
	*out = reply;
	return RC_OK;
}

char *smtp_reply_words(const struct smtp_reply *reply, char *out)
{
	size_t len = 0;

	for (unsigned unit = 100; unit > 0; unit /= 10)
		out[len++] = (char)('0' + reply->code / unit % 10);
	for (size_t l = 0; l < reply->line_count; l++) {
		struct slice text = slice_trim(reply->lines[l]);

		if (text.len == 0)
			continue;
		if (len + 1 < SMTP_WORDS_MAX)
			out[len++] = ' ';
		for (size_t i = 0; i < text.len && len + 1 < SMTP_WORDS_MAX; i++) {
			char c = text.at[i];
			out[len++] = c < ' ' || c > '~' ? '?' : c;
		}
	}
	out[len] = '\0';
	return out;
}

static bool is_id(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		if (!ascii_is_digit(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    c != '-')
			return false;
	}
	return s.len > 0;
}

static struct slice word_at(const char *at)
{
	return (struct slice){ at, strcspn(at, " ,;)") };
}

bool smtp_queue_id(const char *words, struct slice *id)
{
	struct slice word;
	const char *at;

	if ((at = strstr(words, "queued as "))) {
		word = word_at(at + strlen("queued as "));
	} else if ((at = strstr(words, " id="))) {
		word = word_at(at + strlen(" id="));
	} else if ((at = strstr(words, " Message accepted for delivery"))) {
		const char *start = at;

		while (start > words && start[-1] != ' ')
			start--;
		word = (struct slice){ start, (size_t)(at - start) };
	} else {
		return false;
	}
	if (!is_id(word))
		return false;
	*id = word;
	return true;
}

#include "mime/param.h"

#include "base/hex.h"
#include "mime/charset.h"
#include "mime/words.h"

#include <string.h>

/* One parameter as written: name*2*=value. */
struct piece {
	struct slice name; /* without the stars */
	bool sectioned, extended, quoted;
	uint64_t section;
	struct slice value; /* without the outer quotes, escapes still in */
};

static void drop(struct slice *s, size_t n)
{
	*s = (struct slice){ s->at + n, s->len - n };
}

/* Blanks, line ends and comments, nested ones too (RFC 5322 §3.2.2). */
static void skip_blanks(struct slice *s)
{
	unsigned depth = 0;

	while (s->len) {
		char c = *s->at;
		if (c == '(')
			depth++;
		else if (c == ')' && depth)
			depth--;
		else if (c == '\\' && depth && s->len > 1)
			drop(s, 1);
		else if (!depth && !memchr(" \t\r\n", c, 4))
			return;
		drop(s, 1);
	}
}

static struct slice take_token(struct slice *s, const char *ends)
{
	struct slice token = { s->at, 0 };

	while (s->len && !strchr(ends, *s->at)) {
		drop(s, 1);
		token.len++;
	}
	while (token.len && memchr(" \t\r\n", token.at[token.len - 1], 4))
		token.len--;
	return token;
}

static struct slice take_quoted(struct slice *s)
{
	drop(s, 1);
	struct slice text = { s->at, 0 };

	while (s->len && *s->at != '"') {
		size_t n = *s->at == '\\' && s->len > 1 ? 2 : 1;
		drop(s, n);
		text.len += n;
	}
	if (s->len)
		drop(s, 1);
	return text;
}

/* name*2*: the number is absent in name*, and the second star where the value is
 * not percent-encoded. */
static void split_name(struct piece *p)
{
	struct slice rest = p->name, head;

	if (!slice_take_until(&rest, '*', &head))
		return;
	p->name = head;
	if (rest.len && rest.at[rest.len - 1] == '*') {
		p->extended = true;
		rest.len--;
	}
	if (rest.len == 0)
		p->extended = true;
	else
		p->sectioned = slice_to_u64(rest, &p->section);
}

/* The next parameter of *s, which stands after a head or a parameter. */
static bool take_piece(struct slice *s, struct piece *p)
{
	for (;;) {
		skip_blanks(s);
		if (s->len == 0)
			return false;
		if (*s->at == ';') {
			drop(s, 1);
			continue;
		}
		*p = (struct piece){ .name = take_token(s, "=;(") };
		skip_blanks(s);
		if (s->len && *s->at == '=')
			break;
		if (p->name.len == 0 && s->len)
			drop(s, 1);
	}
	drop(s, 1);
	skip_blanks(s);
	p->quoted = s->len && *s->at == '"';
	p->value = p->quoted ? take_quoted(s) : take_token(s, ";");
	split_name(p);
	return true;
}

enum rc mime_param_head(struct slice value, struct buf *out)
{
	skip_blanks(&value);
	struct slice head = slice_trim(take_token(&value, ";("));

	/* Some write the word as if it were a string, and readers take it. */
	if (head.len > 2 && head.at[0] == '"' && head.at[head.len - 1] == '"')
		head = (struct slice){ head.at + 1, head.len - 2 };
	for (size_t i = 0; i < head.len; i++) {
		char c = head.at[i];
		if (!memchr(" \t\r\n", c, 4))
			(void)buf_add_byte(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
	}
	return buf_state(out);
}

static struct slice after_head(struct slice value)
{
	skip_blanks(&value);
	take_token(&value, ";(");
	return value;
}

static void add_percent(struct slice s, struct buf *bytes)
{
	while (s.len) {
		bool escape = *s.at == '%' && s.len > 2 && hex_digit(s.at[1]) >= 0 &&
			      hex_digit(s.at[2]) >= 0;
		(void)buf_add_byte(bytes,
				   escape ? (char)(hex_digit(s.at[1]) << 4 | hex_digit(s.at[2]))
					  : *s.at);
		drop(&s, escape ? 3 : 1);
	}
}

static void add_plain(const struct piece *p, struct buf *bytes)
{
	for (struct slice s = p->value; s.len; drop(&s, 1)) {
		if (p->quoted && *s.at == '\\' && s.len > 1)
			drop(&s, 1);
		(void)buf_add_byte(bytes, *s.at);
	}
}

/* charset'language'rest in the first piece of an extended value. */
static struct slice take_charset(struct slice *value)
{
	struct slice rest = *value, charset, language;

	if (!slice_take_until(&rest, '\'', &charset) || !slice_take_until(&rest, '\'', &language))
		return (struct slice){ 0 };
	*value = rest;
	return charset;
}

static void add_utf8(struct slice bytes, struct slice charset, struct buf *out)
{
	struct mime_charset cs;
	char space[256];

	/* An unknown charset reads as UTF-8 or Latin-1: a name is only shown and
	 * matched, and a wrong letter in it hides no part. */
	(void)!mime_charset_init(&cs, charset);
	while (bytes.len)
		(void)buf_add_slice(out, mime_charset_take(&cs, &bytes, space, sizeof space));
	(void)buf_add_slice(out, mime_charset_end(&cs, space, sizeof space));
	mime_charset_fini(&cs);
}

/* The pieces of name, by section; the plain form apart. */
struct found {
	struct piece plain, whole, sections[PARAM_SECTIONS];
	bool has_plain, has_whole, has[PARAM_SECTIONS];
};

static enum rc collect(struct slice value, const char *name, struct found *f)
{
	struct slice rest = after_head(value), want = { name, strlen(name) };
	struct piece p;

	while (take_piece(&rest, &p)) {
		if (!slice_same_nocase(p.name, want))
			continue;
		if (p.sectioned && p.section >= PARAM_SECTIONS)
			return RC_LIMIT;
		struct piece *at = p.sectioned  ? &f->sections[p.section]
				   : p.extended ? &f->whole
						: &f->plain;
		bool *has = p.sectioned  ? &f->has[p.section]
			    : p.extended ? &f->has_whole
					 : &f->has_plain;
		if (!*has)
			*at = p;
		*has = true;
	}
	return RC_OK;
}

static void join(const struct found *f, struct buf *bytes, struct slice *charset)
{
	for (size_t i = 0; i < PARAM_SECTIONS && f->has[i]; i++) {
		struct piece p = f->sections[i];
		if (i == 0 && p.extended)
			*charset = take_charset(&p.value);
		if (p.extended)
			add_percent(p.value, bytes);
		else
			add_plain(&p, bytes);
	}
}

/* Whether the name stands anywhere in it: most values have no such parameter. */
static bool may_have(struct slice value, const char *name)
{
	size_t len = strlen(name);
	char first = (char)(*name | 0x20);

	for (size_t i = 0; i + len <= value.len; i++)
		if ((value.at[i] | 0x20) == first &&
		    slice_same_nocase((struct slice){ value.at + i, len },
				      (struct slice){ name, len }))
			return true;
	return false;
}

enum rc mime_param_find(struct slice value, const char *name, struct buf *out)
{
	if (!may_have(value, name))
		return RC_ABSENT;
	struct found f = { 0 };
	enum rc rc = collect(value, name, &f);
	if (rc != RC_OK)
		return rc;
	if (!f.has_plain && !f.has_whole && !f.has[0])
		return RC_ABSENT;

	struct buf bytes = BUF_INIT(value.len);
	struct slice charset = { 0 };
	if (f.has_whole) {
		charset = take_charset(&f.whole.value);
		add_percent(f.whole.value, &bytes);
	} else if (f.has[0]) {
		join(&f, &bytes, &charset);
	} else {
		add_plain(&f.plain, &bytes);
	}
	rc = buf_state(&bytes);
	if (rc == RC_OK && !f.has_whole && !f.has[0])
		rc = mime_words_decode(buf_slice(&bytes), out, NULL);
	else if (rc == RC_OK)
		add_utf8(buf_slice(&bytes), charset, out);
	buf_free(&bytes);
	return rc != RC_OK ? rc : buf_state(out);
}

#include "mime/softline.h"

enum state {
	START, /* of a line: its quotes are counted */
	LINE,
	CR,   /* in a line, behind one */
	FOLD, /* behind the end of a line that may be folded */
};

enum { NO_SIGNATURE = 4 };

static size_t put(char *out, char c)
{
	*out = c;
	return 1;
}

/* The blank and the line end that were held back. */
static size_t put_end(struct mime_softline *s, char *out)
{
	size_t n = 0;

	if (s->blank)
		n += put(out + n, ' ');
	if (s->cr)
		n += put(out + n, '\r');
	n += put(out + n, '\n');
	s->blank = s->cr = false;
	return n;
}

/* At the first byte behind the quotes. False: it is not of the line, but stuffed. */
static bool begin_line(struct mime_softline *s, char c, char *out, size_t *n)
{
	bool goes_on = s->soft && s->quotes == s->before;

	if (s->soft && !goes_on)
		*n += put_end(s, out + *n);
	for (unsigned i = 0; !goes_on && i < s->quotes; i++)
		*n += put(out + *n, '>');
	s->soft = s->cr = s->blank = false;
	s->dashes = 0;
	s->last = '\0';
	s->state = LINE;
	return !goes_on || c != ' ';
}

static void end_line(struct mime_softline *s, char *out, size_t *n)
{
	/* "-- " begins a signature (RFC 3676 §4.3). */
	s->soft = s->last == ' ' && s->dashes != 3;
	s->before = s->quotes;
	s->quotes = 0;
	s->state = START;
	if (!s->soft)
		*n += put_end(s, out + *n);
}

static void add(struct mime_softline *s, char c, char *out, size_t *n)
{
	static const char signature[] = "-- ";

	if (s->blank)
		*n += put(out + *n, ' ');
	s->blank = s->kind == SOFTLINE_DELSP && c == ' ';
	if (!s->blank)
		*n += put(out + *n, c);
	s->dashes = s->dashes < 3 && c == signature[s->dashes] ? s->dashes + 1 : NO_SIGNATURE;
	s->last = c;
}

/* A byte of a line, behind its quotes. */
static void take(struct mime_softline *s, char c, char *out, size_t *n)
{
	if (s->state == CR && c != '\n') {
		s->state = LINE;
		s->cr = false;
		add(s, '\r', out, n);
	}
	if (c == '\n') {
		end_line(s, out, n);
	} else if (c == '\r') {
		s->state = CR;
		s->cr = true;
	} else {
		add(s, c, out, n);
	}
}

static size_t take_flowed(struct mime_softline *s, char c, char *out)
{
	size_t n = 0;

	if (s->state == START && c == '>' && s->quotes < SOFTLINE_QUOTES) {
		s->quotes++;
		return 0;
	}
	if (s->state != START || begin_line(s, c, out, &n))
		take(s, c, out, &n);
	return n;
}

static size_t take_folded(struct mime_softline *s, char c, char *out)
{
	size_t n = 0;

	if (s->state == FOLD && (c == ' ' || c == '\t')) {
		s->state = LINE;
		s->cr = false;
		return 0;
	}
	if (s->state == FOLD)
		n += put_end(s, out);
	else if (s->state == CR && c != '\n')
		n += put(out, '\r');
	s->cr = c == '\r' || (s->state == CR && c == '\n');
	if (c == '\n')
		s->state = FOLD;
	else if (c == '\r')
		s->state = CR;
	else
		s->state = LINE;
	return s->state == LINE ? n + put(out + n, c) : n;
}

size_t mime_softline_push(struct mime_softline *s, struct slice *in, char *out, size_t room)
{
	size_t n = 0;

	for (; in->len && room - n >= SOFTLINE_ROOM;
	     *in = (struct slice){ in->at + 1, in->len - 1 })
		n += s->kind == SOFTLINE_FOLDED ? take_folded(s, *in->at, out + n)
						: take_flowed(s, *in->at, out + n);
	return n;
}

size_t mime_softline_end(struct mime_softline *s, char *out)
{
	size_t n = 0;

	if (s->soft || s->state == FOLD)
		n += put_end(s, out);
	else if (s->blank)
		n += put(out, ' ');
	if (s->state == CR)
		n += put(out + n, '\r');
	for (unsigned i = 0; s->state == START && i < s->quotes; i++)
		n += put(out + n, '>');
	*s = (struct mime_softline){ .kind = s->kind };
	return n;
}

#include "mime/softline.h"

#include "base/ascii.h"

#include <string.h>

enum state {
	START, /* of a line: its quotes are counted */
	LINE,
	CR,   /* in a line, behind one */
	FOLD, /* behind the end of a line that may go on */
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

static void widen(struct mime_softline *s, size_t more)
{
	size_t left = SOFTLINE_WIDTH - (size_t)s->width;

	s->width = (unsigned char)(more < left ? s->width + more : SOFTLINE_WIDTH);
}

/* The byte behind the end of a full line. */
static size_t join(struct mime_softline *s, char c, char *out)
{
	bool hyphen = s->last == '-';

	s->state = LINE;
	s->last = '\0';
	if (!ascii_is_digit(c))
		return put_end(s, out);
	s->blank = s->cr = false;
	return hyphen ? 0 : put(out, ' ');
}

static size_t end_wrapped(struct mime_softline *s, char *out)
{
	bool full = s->width == SOFTLINE_WIDTH && (ascii_is_digit(s->last) || s->last == '-');

	s->width = 0;
	if (!full)
		return put_end(s, out);
	s->state = FOLD;
	return 0;
}

/* A blank and a CR are held back: they may belong to the line's end. */
static size_t take_wrapped(struct mime_softline *s, char c, char *out)
{
	size_t n = s->state == FOLD ? join(s, c, out) : 0;

	if (c == '\n')
		return n + end_wrapped(s, out + n);
	if (c == '\r' && !s->cr) {
		s->cr = true;
		return n;
	}
	if (s->blank)
		n += put(out + n, ' ');
	if (s->cr)
		n += put(out + n, '\r');
	s->blank = c == ' ';
	s->cr = c == '\r';
	widen(s, 1);
	if (s->blank || s->cr)
		return n;
	s->last = c;
	return n + put(out + n, c);
}

/* What stands in a line, but for what its end may begin with. */
static size_t take_middle(struct mime_softline *s, struct slice *in, char *out, size_t room)
{
	size_t len = in->len < room ? in->len : room;
	const char *end = memchr(in->at, '\n', len);

	if (s->state == FOLD || s->blank || s->cr)
		return 0;
	len = end ? (size_t)(end - in->at) : len;
	while (len && (in->at[len - 1] == ' ' || in->at[len - 1] == '\r'))
		len--;
	if (len == 0)
		return 0;
	memcpy(out, in->at, len);
	widen(s, len);
	s->last = in->at[len - 1];
	*in = (struct slice){ in->at + len, in->len - len };
	return len;
}

static size_t push_wrapped(struct mime_softline *s, struct slice *in, char *out, size_t room)
{
	size_t n = 0;

	while (in->len && room - n >= SOFTLINE_ROOM) {
		n += take_middle(s, in, out + n, room - n - SOFTLINE_ROOM + 1);
		if (in->len == 0 || room - n < SOFTLINE_ROOM)
			break;
		n += take_wrapped(s, *in->at, out + n);
		*in = (struct slice){ in->at + 1, in->len - 1 };
	}
	return n;
}

size_t mime_softline_push(struct mime_softline *s, struct slice *in, char *out, size_t room)
{
	size_t n = 0;

	if (s->kind == SOFTLINE_WRAPPED)
		return push_wrapped(s, in, out, room);
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
	if (s->state == CR || (s->kind == SOFTLINE_WRAPPED && s->cr))
		n += put(out + n, '\r');
	for (unsigned i = 0; s->state == START && i < s->quotes; i++)
		n += put(out + n, '>');
	*s = (struct mime_softline){ .kind = s->kind };
	return n;
}

#include "mime/scan.h"

#include <string.h>

enum mode {
	START,   /* at the front of a line, line_len bytes of it held */
	INSIDE,  /* in a line that is no boundary */
	SKIP,    /* in the rest of a boundary line */
	SKIP_LF, /* after the CR of a boundary line */
};

static void drop(struct slice *s, size_t n)
{
	*s = (struct slice){ s->at + n, s->len - n };
}

static bool is_end(char c)
{
	return c == '\r' || c == '\n';
}

static void release(struct mime_scan *s, const struct mime_scan_to *to)
{
	if (s->end_len)
		to->bytes(to->of, (struct slice){ s->end, s->end_len });
	if (s->line_len)
		to->bytes(to->of, (struct slice){ s->line, s->line_len });
	s->end_len = 0;
	s->line_len = 0;
}

/* The held line is as long as it gets. */
static void judge(struct mime_scan *s, const struct mime_scan_to *to)
{
	struct slice line = { s->line, s->line_len };

	s->before = s->at - s->line_len - s->end_len;
	if (s->end_len && to->keeps_end(to->of)) {
		to->bytes(to->of, (struct slice){ s->end, s->end_len });
		s->end_len = 0;
	}
	if (line.len >= 2 && to->line(to->of, line)) {
		s->after = s->at; /* where nothing follows on the line */
		s->end_len = 0;
		s->line_len = 0;
		s->mode = SKIP;
		return;
	}
	release(s, to);
	s->mode = INSIDE;
}

static void start_take(struct mime_scan *s, struct slice *in, const struct mime_scan_to *to)
{
	char c = *in->at;

	if (c == '\n' && s->line_len == 0 && s->end_len == 1 && s->end[0] == '\r') {
		s->end[s->end_len++] = c; /* a CRLF that a chunk has cut */
		drop(in, 1);
		return;
	}
	bool ends = s->line_len >= 2 ? is_end(c) || s->line_len == SCAN_LINE_MAX : c != '-';
	if (ends) {
		judge(s, to);
		return;
	}
	s->line[s->line_len++] = c;
	drop(in, 1);
}

/* The first CR or LF at or after at; next_cr and next_lf remember what was found
 * beyond it, so that no byte is looked at twice. */
static const char *find_end(const char *at, const char *end, const char **cr, const char **lf)
{
	if (*cr < at)
		*cr = memchr(at, '\r', (size_t)(end - at));
	if (!*cr)
		*cr = end;
	if (*lf < at)
		*lf = memchr(at, '\n', (size_t)(end - at));
	if (!*lf)
		*lf = end;
	return *cr < *lf ? *cr : *lf;
}

/* A run of lines up to one that may be a boundary, or to the end of the chunk. */
static void inside_take(struct mime_scan *s, struct slice *in, const struct mime_scan_to *to)
{
	const char *at = in->at, *end = in->at + in->len, *cr = NULL, *lf = NULL;

	for (;;) {
		const char *e = find_end(at, end, &cr, &lf);
		if (e == end) {
			to->bytes(to->of, *in);
			*in = (struct slice){ end, 0 };
			return;
		}
		const char *next = e + 1;
		if (*e == '\r' && next < end && *next == '\n')
			next++;
		if (next < end && *next != '-') {
			at = next;
			continue;
		}
		if (e > in->at)
			to->bytes(to->of, (struct slice){ in->at, (size_t)(e - in->at) });
		s->end_len = (unsigned char)(next - e);
		memcpy(s->end, e, s->end_len);
		s->mode = START;
		*in = (struct slice){ next, (size_t)(end - next) };
		return;
	}
}

static void skip_take(struct mime_scan *s, struct slice *in)
{
	size_t n = 0;

	if (s->mode == SKIP_LF) {
		n = *in->at == '\n';
		s->mode = START;
	} else {
		while (n < in->len && !is_end(in->at[n]))
			n++;
		if (n < in->len)
			s->mode = in->at[n++] == '\r' ? SKIP_LF : START;
	}
	drop(in, n);
	s->after = s->at + n;
}

void mime_scan_push(struct mime_scan *s, struct slice in, const struct mime_scan_to *to)
{
	const uint64_t end = s->at + in.len;

	while (in.len) {
		s->at = end - in.len;
		switch ((enum mode)s->mode) {
		case START:
			start_take(s, &in, to);
			break;
		case INSIDE:
			inside_take(s, &in, to);
			break;
		case SKIP:
		case SKIP_LF:
			skip_take(s, &in);
			break;
		}
	}
	s->at = end;
}

void mime_scan_end(struct mime_scan *s, const struct mime_scan_to *to)
{
	if (s->mode == START)
		judge(s, to);
	s->mode = START;
}

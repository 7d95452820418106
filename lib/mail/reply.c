#include "mail/reply.h"

#include <assert.h>
#include <string.h>

static const char CUT[] = "[...]";

static char printable(char c)
{
	return c >= ' ' && c <= '~' ? c : '?';
}

static size_t cost(char c)
{
	return c == '%' ? 2 : 1; /* libmilter and sendmail take %% for one */
}

/* How many bytes of text go on one line of at most max: to the last space that fits,
 * or as many as fit where a word is longer than a line. */
static size_t fit(struct slice text, size_t max)
{
	size_t used = 0, space = 0, i = 0;

	for (; i < text.len; i++) {
		used += cost(text.at[i]);
		if (used > max)
			return space ? space : i;
		if (text.at[i] == ' ' && i > 0)
			space = i;
	}
	return i;
}

/* Adds text[0..n) as a line, doubled where needed, then CUT where more is lost. */
static bool add_line(struct mail_reply *reply, struct slice text, bool cut, struct arena *arena)
{
	char *line = arena_alloc(arena, 2 * text.len + sizeof CUT + 1);
	size_t len = 0;

	if (!line)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = printable(text.at[i]);
		line[len++] = c;
		if (c == '%')
			line[len++] = c;
	}
	if (cut)
		memcpy(line + len, CUT, sizeof CUT);
	reply->lines[reply->line_count++] = line;
	return true;
}

/* Wraps one paragraph. */
static bool add_paragraph(struct mail_reply *reply, struct slice text, bool more,
			  struct arena *arena)
{
	do {
		bool last = reply->line_count + 1 == MAIL_REPLY_LINES_MAX;
		size_t n = fit(text, MAIL_REPLY_LINE_MAX);
		bool cut = last && (more || n < text.len);
		if (cut)
			n = fit(text, MAIL_REPLY_LINE_MAX - (sizeof CUT - 1));
		if (!add_line(reply, (struct slice){ text.at, n }, cut, arena))
			return false;
		text = slice_trim((struct slice){ text.at + n, text.len - n });
	} while (text.len && reply->line_count < MAIL_REPLY_LINES_MAX);
	return true;
}

/* The lines again, joined: undoubled, so that a log says what the client read. */
static char *join(const struct mail_reply *reply, struct arena *arena)
{
	size_t room = 32, len;

	for (size_t i = 0; i < reply->line_count; i++)
		room += strlen(reply->lines[i]) + 1;
	char *words = arena_alloc(arena, room);
	char *head = arena_format(arena, "%u %s", reply->code, reply->enhanced);
	if (!words || !head)
		return NULL;
	len = strlen(head);
	memcpy(words, head, len);
	for (size_t i = 0; i < reply->line_count; i++) {
		words[len++] = ' ';
		for (const char *c = reply->lines[i]; *c; c++) {
			words[len++] = *c;
			if (*c == '%')
				c++;
		}
	}
	return words;
}

enum rc mail_reply_make(unsigned code, const char *enhanced, struct slice text, struct arena *arena,
			struct mail_reply *out)
{
	struct mail_reply reply = { .code = code, .enhanced = enhanced };
	struct slice paragraph;

	assert(code >= 400 && code <= 599 && enhanced[0] == (char)('0' + code / 100));
	assert(strlen(enhanced) <= 11); /* "5.999.999" and some; keeps lines within 512 */
	while (reply.line_count < MAIL_REPLY_LINES_MAX && slice_take_line(&text, &paragraph)) {
		paragraph = slice_trim(paragraph);
		if (paragraph.len && !add_paragraph(&reply, paragraph, text.len > 0, arena))
			return RC_NOMEM;
	}
	if (reply.line_count == 0 && !add_line(&reply, SLICE("no reason was given"), false, arena))
		return RC_NOMEM;
	reply.words = join(&reply, arena);
	if (!reply.words)
		return RC_NOMEM;
	*out = reply;
	return RC_OK;
}

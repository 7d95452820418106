#include "document/lzfu.h"

#include "document/bytes.h"

#include <string.h>

enum {
	HEADER = 16,
	WINDOW = 4096,
	PACKED = 0x75465A4C, /* "LZFu" */
	STORED = 0x414C454D, /* "MELA" */
};

/* What the window holds at first (§2.1.2.1). */
static const char preset[] =
	"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
	"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
	"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct window {
	char at[WINDOW];
	size_t next;
};

static enum rc put(struct window *w, char c, struct buf *out)
{
	w->at[w->next] = c;
	w->next = (w->next + 1) % WINDOW;
	return buf_add_byte(out, c);
}

/* A reference: where in the window, and how long. RC_ABSENT: the end. */
static enum rc put_reference(struct window *w, unsigned word, struct buf *out)
{
	size_t from = word >> 4, len = (word & 15) + 2;
	enum rc rc = RC_OK;

	if (from == w->next)
		return RC_ABSENT;
	for (size_t i = 0; i < len && rc == RC_OK; i++)
		rc = put(w, w->at[(from + i) % WINDOW], out);
	return rc;
}

static enum rc unpack(struct slice in, struct buf *out)
{
	struct window w = { .next = sizeof preset - 1 };
	enum rc rc = RC_OK;

	memcpy(w.at, preset, sizeof preset - 1);
	for (size_t at = 0; at < in.len;) {
		unsigned control = (unsigned char)in.at[at++];
		for (unsigned bit = 0; bit < 8 && rc == RC_OK; bit++) {
			bool reference = control >> bit & 1;
			if (at + reference >= in.len)
				return RC_INVALID;
			unsigned first = (unsigned char)in.at[at++];
			if (reference)
				rc = put_reference(&w, first << 8 | (unsigned char)in.at[at++],
						   out);
			else
				rc = put(&w, (char)first, out);
		}
		if (rc != RC_OK)
			return rc == RC_ABSENT ? RC_OK : rc;
	}
	return RC_INVALID;
}

enum rc lzfu_unpack(struct slice in, struct buf *out)
{
	uint32_t kind = bytes_u32(in, 8);

	if (in.len < HEADER || (kind != PACKED && kind != STORED))
		return RC_INVALID;
	in = (struct slice){ in.at + HEADER, in.len - HEADER };
	return kind == STORED ? buf_add_slice(out, in) : unpack(in, out);
}

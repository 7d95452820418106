/* mime/charset.h: the bytes of a text, in whatever charset, as UTF-8.
 *
 *     iso-8859-1   63 61 66 E9      → caf C3 A9
 *     utf-16       34 00 31 00      → 41
 *
 * UTF-8, ASCII and Latin-1 are read here, the others by iconv, and only those of
 * our own list: a stranger's word never chooses a module to load. A byte that
 * is not what its charset promises is read as Latin-1 where the charset is UTF-8
 * or ASCII or not known, and as U+FFFD elsewhere; nothing is lost silently.
 *
 * Standard  RFC 2045 §5.2 (ASCII by default), RFC 2046 §4.1.2, RFC 2781 §4.3
 * Memory    an iconv handle where one is needed: mime_charset_fini()
 * Threads   one user of a state at a time */
#pragma once

#include "base/rc.h"
#include "base/slice.h"

enum {
	CHARSET_ROOM = 64, /* bytes: the least room a take needs to go on */
	CHARSET_TAIL = 16, /* bytes of a cut character; the longest known is 8 */
};

enum mime_charset_kind {
	CHARSET_UTF8,
	CHARSET_LATIN1,
	CHARSET_ICONV,
	CHARSET_WIDE, /* UTF-16 or UTF-32 whose byte order the first bytes will tell */
};

struct mime_charset {
	enum mime_charset_kind kind;
	bool begun;         /* the place of a byte order mark is past */
	unsigned char unit; /* bytes: what an undecodable character is at least */
	unsigned char tail_len;
	char tail[CHARSET_TAIL]; /* a character cut by the end of a chunk */
	void *cd;                /* iconv's handle */
};

/* name as in a Content-Type, "" where none was given.
 *   RC_OK       bytes can be taken
 *   RC_INVALID  no charset we know; bytes can be taken all the same, as UTF-8
 *               with Latin-1 for what is none */
enum rc mime_charset_init(struct mime_charset *cs, struct slice name);
/* Loads iconv's modules for all charsets of our list, for a process that will not be
 * able to open files later. */
void mime_charset_load_all(void);

void mime_charset_fini(struct mime_charset *cs); /* a zeroed one is fine */

/* The front of *in as UTF-8, borrowed from *in or written to space (room bytes);
 * may be empty. Called until *in is empty. */
struct slice mime_charset_take(struct mime_charset *cs, struct slice *in, char *space, size_t room);

/* A character that the end has cut. Room as above. */
struct slice mime_charset_end(struct mime_charset *cs, char *space, size_t room);

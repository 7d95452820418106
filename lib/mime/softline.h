/* mime/softline.h: lines that were broken for the wire only, made whole.
 *
 *     format=flowed          "4111 1111 \n1111 1111\n"      →   "4111 1111 1111 1111\n"
 *      … with quotes         "> 4111 1111 \n> 1111 1111\n"  →   "> 4111 1111 1111 1111\n"
 *     other plain text       "… card 4111 1111\n1111 1111\n"  →   "… card 4111 1111 1111 1111\n"
 *     calendars, v-cards     "NOTE:4111 1111\n  1111 1111\n" →   "NOTE:4111 1111 1111 1111\n"
 *
 * Line ends are LF or CRLF and come out as they are. However the text is cut, the same comes out.
 *
 * Standard  RFC 3676 §4 (flowed); RFC 5545 §3.1 and RFC 6350 §3.2 (folded)
 * Threads   one user of a state at a time */
#pragma once

#include "base/slice.h"

enum softline_kind {
	SOFTLINE_NONE,   /* as it stands */
	SOFTLINE_FLOWED, /* a blank before its end says that a line goes on */
	SOFTLINE_DELSP,  /* … and the blank goes, too (RFC 3676 §4.1) */
	/* Numbers that a mail program broke to keep lines short: a line that is nearly full and
	 * ends in a digit or hyphen goes on where the next begins with a digit. */
	SOFTLINE_WRAPPED,
	SOFTLINE_FOLDED, /* a blank at its start says that a line goes on, and goes */
};

enum {
	SOFTLINE_QUOTES = 64, /* deep enough for any thread of mail; more stand as text */
	SOFTLINE_WIDTH = 56,  /* bytes of a line that was broken: from 66 on, but for a word */
	SOFTLINE_ROOM = SOFTLINE_QUOTES + 8, /* bytes: the least room a push needs to go on */
};

struct mime_softline {
	enum softline_kind kind;
	unsigned char state;
	bool soft;                    /* the line before goes on, if this one is as deep */
	bool cr;                      /* its end, or the end at hand, has one */
	bool blank;                   /* one is held back */
	unsigned char width;          /* bytes of the line, at most SOFTLINE_WIDTH */
	unsigned char dashes;         /* bytes of "-- " that the line is so far; else more than 3 */
	char last;                    /* byte of the line */
	unsigned char quotes, before; /* of this line, and of the one before */
};

size_t mime_softline_push(struct mime_softline *s, struct slice *in, char *out, size_t room);
size_t mime_softline_end(struct mime_softline *s, char *out); /* SOFTLINE_ROOM bytes suffice */

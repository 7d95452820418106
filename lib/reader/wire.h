/* reader/wire.h: what is said between a program that inspects and its reader.
 *
 *     JOB  number = bytes to come, body = limits          →
 *     DATA body = bytes …                                 →
 *                 ←  BEGIN path "word/document.xml" · TEXT … · END
 *                 ←  PROPERTY path "docProps/core.xml" name "creator" body "A. Person"
 *                 ←  OPAQUE path "secret.zip" name "encrypted"
 *                 ←  DONE number = microseconds of CPU time
 *
 * A frame is its kind, a number and three texts, each of a length that stands before.
 * Either end may have been taken over by a stranger's document: a frame that is
 * not what its kind allows ends the conversation.
 *
 * Memory   what is taken borrows from the input
 * Threads  pure functions */
#pragma once

#include "base/buf.h"

enum {
	WIRE_PATH_MAX = 512,       /* bytes: names cut short, as deep as archives may nest */
	WIRE_NAME_MAX = 512,       /* bytes of a name: file systems stop at 255 */
	WIRE_BODY_MAX = 64 * 1024, /* bytes: a copy's worth */
	WIRE_HEAD = 17,            /* bytes before a frame's texts */
	WIRE_FRAME_MAX = WIRE_HEAD + WIRE_PATH_MAX + WIRE_NAME_MAX + WIRE_BODY_MAX,
};

enum wire_kind {
	/* to the reader */
	WIRE_JOB,  /* number: of bytes; name: the document's; body: wire_limits_add() */
	WIRE_DATA, /* body */
	/* from it */
	WIRE_BEGIN,    /* path: a text begins there */
	WIRE_TEXT,     /* body: UTF-8, of the text that has begun */
	WIRE_END,      /* of it */
	WIRE_FILE,     /* path, name: of a file within, UTF-8; number: its bytes; body: wire_file */
	WIRE_PROPERTY, /* path, name, body: UTF-8 */
	WIRE_LABEL,    /* path, body: "siteid/guid" */
	WIRE_OPAQUE,   /* path, name: why */
	WIRE_DONE,     /* number: CPU time, in microseconds */
	WIRE_KINDS,
};

struct wire_frame {
	enum wire_kind kind;
	uint64_t number;
	struct slice path, name, body;
};

/* As buf_add(). What is too long for its place is cut. */
enum rc wire_add(struct buf *out, const struct wire_frame *frame);

/* Takes the frame at the front of *in.
 *   RC_ABSENT   whole so far, but more bytes must come
 *   RC_INVALID  not a frame that comes from there: of another kind, too long, a path or
 *               reason that is not printable, text that is no UTF-8 */
enum rc wire_take(struct slice *in, bool from_reader, struct wire_frame *out);

/* The bounds of a job, and their names in findings. */
struct wire_limits {
	uint64_t depth;    /* [archive-depth] containers in containers */
	uint64_t members;  /* [archive-members] in all */
	uint64_t ratio;    /* [expansion-ratio] bytes unpacked for each of the document's */
	uint64_t unpacked; /* [decoded-bytes] */
	uint64_t cpu_ms;   /* [inspect-cpu-ms] */
	uint64_t hashes;   /* 1: files' hashes are wanted */
};

/* What is told of a file besides: its type's word, a blank, and SHA-256 in hex where that
 * is wanted and its content was there. */
enum { WIRE_TYPE_MAX = 16, WIRE_HASH = 64 };

struct wire_file {
	char type[WIRE_TYPE_MAX]; /* "" for none that is known */
	struct slice hash;        /* hex digits, or empty */
};

bool wire_file_take(struct slice body, struct wire_file *out);

enum rc wire_limits_add(struct buf *out, const struct wire_limits *limits);
bool wire_limits_take(struct slice body, struct wire_limits *out);

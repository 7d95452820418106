/* document/document.h: what can be read in a document, whatever it is.
 *
 *     report.zip
 *       slides.pptx
 *         ppt/slides/slide1.xml    →  text "slides.pptx/ppt/slides/slide1.xml": "4111 …"
 *         docProps/custom.xml      →  property "Classification": "Secret"
 *       locked.7z                  →  opaque "locked.7z": "encrypted"
 *
 * Archives are opened, and what is in them is read in turn; office documents give
 * their text and properties, messages their parts. What a document is, its bytes
 * say, not its name. What cannot be read is told, with the reason; what nobody reads
 * (pictures, sound, fonts) is passed over.
 *
 * Made to run in a process that may be lost (reader/): the libraries used here
 * have met more hostile files than we can think of, but not all.
 *
 * Memory   the document itself, and what is unpacked of it, one within another
 * Threads  pure functions of the bytes, and the CPU clock */
#pragma once

#include "base/slice.h"

struct document_limits {
	unsigned depth;    /* [archive-depth] */
	unsigned members;  /* [archive-members] in all */
	unsigned ratio;    /* [expansion-ratio] */
	uint64_t unpacked; /* [decoded-bytes] in all */
	unsigned cpu_ms;   /* [inspect-cpu-ms] */
};

enum {
	/* What a small document may unpack to whatever its ratio: office files and logs hold
	 * long runs of one byte. */
	DOCUMENT_FREE_BYTES = 16 * 1024 * 1024,
	DOCUMENT_PATH_MAX = 480, /* bytes of a path; deeper or longer names are cut */
	DOCUMENT_NAME_MAX = 96,  /* bytes of one name in a path */
};

struct document_sink {
	void *of;
	void (*begin)(void *of, const char *path); /* a text; it ends before anything else comes */
	void (*text)(void *of, struct slice utf8);
	void (*end)(void *of);
	/* A file within: a member, an attachment; its content, empty where it cannot be had
	 * or is a text that comes by itself. */
	void (*file)(void *of, const char *path, struct slice name, struct slice content);
	void (*property)(void *of, const char *path, struct slice name, struct slice value);
	void (*label)(void *of, const char *path, struct slice value); /* "siteid/guid" */
	/* why: a bound's name, "encrypted", a format, "charset", "memory". At any time. */
	void (*opaque)(void *of, const char *path, const char *why);
};

/* Once, before the process gives up its rights: loads what is needed later. */
void document_prepare(void);

/* name: of the document's file, "" for none. */
void document_read(struct slice bytes, struct slice name, const struct document_limits *limits,
		   const struct document_sink *sink);

/* inspect/inspect.h: a message goes in as it arrives, findings come out.
 *
 *     {"marker":"card","where":"body","part":"1.2","offset":311,"evidence":"4111 11** **** 1111"}
 *
 * The rules' markers are compiled once (off the path of mail) and shared by all
 * messages. A message is pushed header by header and chunk by chunk; nothing is
 * kept but what the matcher and the decoder need to go on.
 *
 * What could not be read is never silently clean: it is named in opaque[].
 *
 * Memory   compiled rules are immutable and counted; findings belong to the
 *          message they are of and die with inspect_free()
 * Threads  compiled rules: any; one message: one callback at a time, from any
 *          thread (the matcher's scratch is borrowed for each call) */
#pragma once

#include "base/fault.h"
#include "base/slice.h"
#include "inspect/spoken.h"
#include "mime/decoder.h"
#include "settings/rules.h"

struct inspect_rules;
struct inspect;

/* Bounds on one message; meeting one makes the rest opaque, with the bound's
 * name in brackets here. The settings carry the same keys under `limits`. */
struct inspect_limits {
	unsigned depth;      /* [depth] containers within containers: real mail nests 3 to 6 */
	unsigned parts;      /* [parts] in all: each costs its header's parsing */
	size_t header_bytes; /* [header-bytes] of one header section: MTAs stop at about 100 KB */
	uint64_t decoded_bytes;   /* [decoded-bytes] of text matched: bounds the matcher's time */
	uint64_t message_bytes;   /* [message-bytes] of one document, kept while it arrives */
	unsigned archive_depth;   /* [archive-depth] containers in an attachment, in each other */
	unsigned archive_members; /* [archive-members] in all attachments */
	unsigned expansion_ratio; /* [expansion-ratio] bytes unpacked for each that came */
	unsigned inspect_ms;      /* [inspect-ms] for reading all attachments */
	unsigned inspect_cpu_ms;  /* [inspect-cpu-ms] likewise, CPU time */
	unsigned findings;        /* kept to be shown; hits beyond are counted only */
};

#define INSPECT_LIMITS_DEFAULT                                                                     \
	((struct inspect_limits){ .depth = 16,                                                     \
				  .parts = 1000,                                                   \
				  .header_bytes = 256 * 1024,                                      \
				  .decoded_bytes = 256 * 1024 * 1024,                              \
				  .message_bytes = 100 * 1024 * 1024,                              \
				  .archive_depth = 8,                                              \
				  .archive_members = 10000,                                        \
				  .expansion_ratio = 200,                                          \
				  .inspect_ms = 20000,                                             \
				  .inspect_cpu_ms = 10000,                                         \
				  .findings = 64 })

struct settings_limits;

/* As the settings say. */
struct inspect_limits inspect_limits_from(const struct settings_limits *limits);

struct inspect_finding { /* of a marker that holds for the message */
	const char *marker;
	size_t marker_index; /* in struct rules */
	enum rules_where where;
	const char *part;      /* "1.2"; "" for the message's own header */
	const char *field;     /* header field name, or ""; "MAIL" with number 0: the envelope */
	unsigned field_number; /* of the message's own header: counted from 1; else not 0 for a
				* field or file name that stands later, and 0 in text */
	uint64_t offset;       /* bytes into that part's decoded text, folded for matching */
	const char *evidence;  /* masked */
	enum rules_confidence confidence;
	bool invalid; /* a marking that breaks its grammar */
};

struct inspect_opaque {
	const char *part, *why; /* why: the bound, the format, the charset */
};

struct inspect_findings {
	size_t count; /* of those kept: at most limits.findings */
	size_t total; /* of all */
	const struct inspect_finding *at;
	size_t opaque_count;
	const struct inspect_opaque *opaque;
	size_t marker_count; /* that of the rules */
	const bool *hit;     /* hit[i]: marker i holds for this message, by what was read */
	/* Likewise: beyond all doubt about what was read; whatever stands in what was not read
	 * (opaque); it could hold. */
	const bool *sure, *least, *most;
	/* Text that could be the phrase of a deposit; NULL: nobody looked. */
	const struct spoken *spoken;
	/* The Subject's new raw value, without the wish tags to strip, folded with
	 * "\n " where long; NULL: leave it. */
	const char *clean_subject;
};

/* What a detector is called and where it looks unless told otherwise (set of
 * rules_where); NULL past the last. */
const char *inspect_detector(size_t i, unsigned *where);

/* Where compiled expressions are kept between starts (inspect/shelf.h). */
enum inspect_keep_state { INSPECT_COMPILED, INSPECT_KEPT };

struct inspect_keep {
	const char *folder; /* ours alone; made where there is none */
	unsigned most;      /* files in it, each of one set of rules; at least 1 */
	bool only;          /* RC_ABSENT where nothing is kept: do not compile */
	/* Set: which it was; and why nothing could be kept, or "". */
	enum inspect_keep_state state;
	struct fault trouble;
};

/* RC_INVALID: a marker cannot be compiled; *why is "FILE:LINE: …". */
enum rc inspect_compile(const struct rules *rules, struct inspect_limits limits,
			struct inspect_rules **out, struct fault *why);
/* The same, or what was kept of it. */
enum rc inspect_compile_kept(const struct rules *rules, struct inspect_limits limits,
			     struct inspect_keep *keep, struct inspect_rules **out,
			     struct fault *why);

/* Before others see the rules: where documents are read, and the folder in which they
 * are kept until then; both outlive the rules. Without a pool they are told as opaque,
 * by their format. */
struct reader_pool;
void inspect_rules_set_reader(struct inspect_rules *r, struct reader_pool *pool,
			      const char *folder);

struct inspect_rules *inspect_rules_ref(struct inspect_rules *r);
void inspect_rules_unref(struct inspect_rules *r); /* NULL is fine */

/* What a message is decoded by. */
struct mime_limits inspect_mime_limits(const struct inspect_rules *r);

/* NULL: out of memory. The caller's snapshot of rules is kept by a reference. */
struct inspect *inspect_open(struct inspect_rules *r);
void inspect_free(struct inspect *m); /* NULL is fine */

/* The envelope asks for REQUIRETLS (RFC 8689 §2): for the detector require-tls. Before the
 * header. */
void inspect_requiretls(struct inspect *m);

/* In this order. A failure inside (memory, a limit) is remembered and shows as
 * opaque; these do not fail. value is as received, folds included. */
void inspect_header(struct inspect *m, struct slice name, struct slice value);
void inspect_headers_end(struct inspect *m);
void inspect_body(struct inspect *m, struct slice bytes);
const struct inspect_findings *inspect_end(struct inspect *m);

/* In place of the three that push: a whole message as it stands in a file,
 * header first, in chunks of any size. Then inspect_end(). */
void inspect_message(struct inspect *m, struct slice bytes);

/* cli/corpus.h: the messages of a folder, one after the other.
 *
 *     archive/2026/0412.eml       a file is a message,
 *     archive/cur/1763.M1.host:2,S  as in a Maildir,
 *     archive/sent.mbox:17        or a mailbox (it begins with "From "), here its 17th
 *
 * Files come in the order of their names, folders within the folder too, and what
 * symbolic links name. Names that begin with a dot and a Maildir's tmp are no mail.
 *
 * Memory   one message
 * Threads  any */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

struct corpus {
	const char *path;   /* a folder, or a file */
	size_t message_max; /* bytes of one message */
	/* Each borrows for the call. False stops. done: bytes of the corpus so far. */
	bool (*message)(void *arg, const char *name, struct slice text, uint64_t done);
	/* What could not be read, and why. */
	bool (*unread)(void *arg, const char *name, const char *why);
	void *arg;
};

/* RC_ABSENT: there is no such folder or file. RC_NOMEM. */
enum rc corpus_walk(const struct corpus *c, struct fault *why);

/* The bytes of all its files; 0 where it cannot be read. */
uint64_t corpus_size(const char *path);

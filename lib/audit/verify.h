/* audit/verify.h: whether the chain of audit lines holds.
 *
 *     line 17: seq 19 where 18 was due: 1 record is missing before it
 *     line 40: changed: line 41 carries the hash of another text
 *
 * A chain shows every change of a line that another line follows. The last line is
 * vouched for by nothing but the hash that verify reports: who wants that too notes
 * it elsewhere now and then. The first line's prev is taken as it stands, since a
 * rotated file continues the chain of the one before: give the files in their order.
 *
 * Memory   none but one line
 * Threads  one user at a time */
#pragma once

#include "audit/reader.h"

struct audit_chain {    /* zeroed to begin with; goes on from file to file */
	uint64_t lines; /* in all files */
	uint64_t problems;
	bool begun;         /* what follows is set */
	uint64_t first_seq; /* 1: the chain is here from its start */
	uint64_t last_seq;
	char last_hash[AUDIT_HASH_CHARS + 1]; /* what the next line's prev must be */
	uint64_t bytes;                       /* read, in all files */
	/* Told after each line, with the arg of audit_verify(); NULL: nobody asks. */
	void (*on_line)(void *arg, const struct audit_chain *chain);
};

/* One thing that is wrong. line: in the present file. */
typedef void audit_problem_fn(void *arg, uint64_t line, const char *words);

/* Reads one more file. RC_OK also when there are problems: they are counted and told.
 * Else as audit_read(). */
enum rc audit_verify(const char *path, struct audit_chain *chain, audit_problem_fn *fn, void *arg,
		     struct fault *why);

/* What a line says of its place. RC_INVALID: it is no audit record. */
struct audit_link {
	uint64_t seq;
	char prev[AUDIT_HASH_CHARS + 1];
};
enum rc audit_link_read(struct slice line, struct audit_link *out, struct fault *why);

/* The hash that the next line must carry. RC_RETRY, RC_NOMEM. */
enum rc audit_line_hash(struct slice line, char out[AUDIT_HASH_CHARS + 1], struct fault *why);

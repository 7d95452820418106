/* rewrite/edits.h: how a header becomes that of the rewritten message.
 *
 *     Subject 1 off · Content-Type 1 " multipart/mixed; …"     from the last field up, so that
 *                                                             taking one off renumbers no other
 *
 * Postern's own fields are in neither: they are taken off of every message.
 *
 * Memory   in the arena
 * Threads  pure functions */
#pragma once

#include "rewrite/header.h"

struct rewrite_edit { /* of a header field */
	const char *name;
	unsigned index;    /* among those of its name, from 1; 0: a new one */
	const char *value; /* a blank in front; NULL: it is taken off */
};

struct rewrite_edits {
	size_t count;
	const struct rewrite_edit *at; /* in this order */
};

/* What the field says in the rewritten message; false: it is not in it. whole: the body is a new
 * one, and its Content-Type with it, which is in no field. */
bool rewrite_field_says(const struct rewrite_field *field, bool whole, struct slice *value);

/* type: the Content-Type of a new body; NULL: the old one's structure stays. RC_NOMEM. */
enum rc rewrite_edits_list(const struct rewrite_header *header, const char *type,
			   struct arena *arena, struct rewrite_edits *out, struct fault *why);

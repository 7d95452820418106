/* directory/entry.h: what is kept for one name of the directory, as data.
 *
 * Memory   an entry holds a secret: directory_entry_wipe() it
 * Threads  pure functions */
#pragma once

#include "base/buf.h"
#include "directory/name.h"

enum {
	DIRECTORY_PHRASE_MAX = 200,  /* bytes, in its normal form: as much as is read of one */
	DIRECTORY_NUMBER_MAX = 16,   /* "+" and 15 digits: ITU-T E.164 §6.1 */
	DIRECTORY_NUMBER_MIN = 5,    /* the shortest that a pager or an own exchange has */
	DIRECTORY_LANGUAGE_MAX = 35, /* RFC 5646 §4.4.1 */
	DIRECTORY_NOTE_MAX = 500,    /* bytes: for the operator */
	DIRECTORY_CERTIFICATE_MAX = 16 * 1024, /* bytes of PEM */
};

struct directory_entry { /* all but name may be "" */
	struct directory_name name;
	char phrase[DIRECTORY_PHRASE_MAX + 1]; /* normal form: deposit/phrase.h */
	char number[DIRECTORY_NUMBER_MAX +
		    1]; /* normal form: digits, with "+" before them or not */
	char language[DIRECTORY_LANGUAGE_MAX + 1]; /* "de", "pt-BR" */
	char note[DIRECTORY_NOTE_MAX + 1];
	char certificate[DIRECTORY_CERTIFICATE_MAX + 1]; /* PEM; kept for the rung encrypt */
	int64_t changed_s;
};

void directory_entry_wipe(struct directory_entry *entry); /* for CLEANUP() */

/* Whether it can be kept: as directory_put() says. */
enum rc directory_entry_check(const struct directory_entry *entry, struct fault *why);

/* Gives out each member that it lacks as wider has it, but for name and changed_s. */
void directory_entry_complete(struct directory_entry *out, const struct directory_entry *wider);

/* A telephone number as people write it, in its normal form: blanks, hyphens, dots, slashes
 * and parentheses are dropped.
 *   RC_INVALID  a mail address (a code must travel another way than the notice), other
 *               signs, or too few or many digits */
enum rc directory_number_parse(struct slice text, char out[DIRECTORY_NUMBER_MAX + 1],
			       struct fault *why);

/* "…67" of "+49301234567": enough to know it by, for pages and logs. out holds 8 bytes. */
char *directory_number_mask(const char *number, char out[8]);

/* RC_INVALID: not a language tag as RFC 5646 §2.1 has them; out gets its canonical case. */
enum rc directory_language_parse(struct slice text, char out[DIRECTORY_LANGUAGE_MAX + 1],
				 struct fault *why);

/* ---- the record's layout; pure ---- */

enum {
	DIRECTORY_RECORD_MAX = 1 + 8 + 5 * 4 + DIRECTORY_PHRASE_MAX + DIRECTORY_NUMBER_MAX +
			       DIRECTORY_LANGUAGE_MAX + DIRECTORY_NOTE_MAX +
			       DIRECTORY_CERTIFICATE_MAX
};
/* The name is the record's key, and not in it: decoding leaves out->name alone. */
enum rc directory_entry_encode(const struct directory_entry *entry, struct buf *out);
enum rc directory_entry_decode(struct slice bytes, struct directory_entry *out, struct fault *why);

/* cli/recipient.h: how `postern recipient` writes the directory: checked, and on record.
 *
 * Memory   what is read are phrases: wiped */
#pragma once

#include "cli/operator.h"
#include "directory/directory.h"

/* What one row or one command line says of a recipient. Empty: left as it is. */
struct recipient_change {
	struct slice name, phrase, number, language, note, certificate; /* borrowed, as typed */
	bool no_phrase;
};

/* Reads change into out, over what out has; out->name is read first, and alone when only_name.
 *   RC_INVALID  a member is not of its form, or the phrase is too easily guessed */
enum rc recipient_read_name(const struct recipient_change *change, struct directory_name *out,
			    struct fault *why);
enum rc recipient_apply(const struct recipient_change *change, struct directory_entry *out,
			struct fault *why);

/* Keeps one change within tx: over the entry that there is, if any; *record says what was
 * changed, its texts borrowed from *said. */
struct recipient_said {
	struct directory_name name;
	char what[120];
};
enum rc recipient_keep(const struct operator_site *site, struct store_tx *tx,
		       const struct recipient_change *change, struct audit_record *record,
		       struct recipient_said *said, struct fault *why);

/* postern recipient import */
int recipient_import(struct cli *cli, int argc, char **argv);

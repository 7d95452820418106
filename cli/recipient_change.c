#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/recipient.h"
#include "deposit/phrase.h"

#include <stdio.h>
#include <string.h>

enum rc recipient_read_name(const struct recipient_change *change, struct directory_name *out,
			    struct fault *why)
{
	return directory_name_parse(change->name, out, why);
}

static enum rc apply_phrase(struct slice typed, struct directory_entry *out, struct fault *why)
{
	CLEANUP(buf_wipe) struct buf normal = BUF_SECRET(DIRECTORY_PHRASE_MAX);
	enum rc rc = deposit_phrase_normalise(typed, &normal, why);

	if (rc == RC_OK)
		memcpy(out->phrase, normal.at, normal.len + 1);
	return rc;
}

static enum rc apply_text(const char *what, struct slice text, char *out, size_t max,
			  struct fault *why)
{
	if (text.len > max || memchr(text.at, '\0', text.len))
		return fault(why, RC_INVALID, "the %s is longer than %zu bytes, or no text", what,
			     max);
	memcpy(out, text.at, text.len);
	out[text.len] = '\0';
	return RC_OK;
}

enum rc recipient_apply(const struct recipient_change *change, struct directory_entry *out,
			struct fault *why)
{
	enum rc rc = RC_OK;

	if (change->no_phrase)
		crypto_wipe(out->phrase, sizeof out->phrase);
	if (change->phrase.len)
		rc = apply_phrase(change->phrase, out, why);
	if (rc == RC_OK && change->number.len)
		rc = directory_number_parse(change->number, out->number, why);
	if (rc == RC_OK && change->language.len)
		rc = directory_language_parse(change->language, out->language, why);
	if (rc == RC_OK && change->note.len)
		rc = apply_text("note", change->note, out->note, DIRECTORY_NOTE_MAX, why);
	if (rc == RC_OK && change->certificate.len)
		rc = apply_text("certificate", change->certificate, out->certificate,
				DIRECTORY_CERTIFICATE_MAX, why);
	return rc == RC_OK ? directory_entry_check(out, why) : rc;
}

static void say(struct recipient_said *said, const char *member, const char *before,
		const char *after)
{
	size_t len = strlen(said->what);

	if (strcmp(before, after) == 0)
		return;
	snprintf(said->what + len, sizeof said->what - len, "%s%s %s", len ? ", " : "", member,
		 !after[0]    ? "removed"
		 : !before[0] ? "set"
			      : "changed");
}

enum rc recipient_keep(const struct operator_site *site, struct store_tx *tx,
		       const struct recipient_change *change, struct audit_record *record,
		       struct recipient_said *said, struct fault *why)
{
	CLEANUP(directory_entry_wipe) struct directory_entry before = { .changed_s = 0 };
	CLEANUP(directory_entry_wipe) struct directory_entry entry = { .changed_s = 0 };
	enum rc rc = recipient_read_name(change, &before.name, why);

	if (rc != RC_OK)
		return rc;
	rc = directory_get(tx, site->keys, &before.name, &before, why);
	bool is_new = rc == RC_ABSENT;
	if (rc != RC_OK && rc != RC_ABSENT)
		return rc;
	entry = before;
	entry.changed_s = clock_wall_s();
	rc = recipient_apply(change, &entry, why);
	if (rc == RC_OK)
		rc = directory_put(tx, site->keys, &entry, why);
	if (rc != RC_OK)
		return rc;
	*said = (struct recipient_said){ .name = entry.name };
	say(said, "phrase", before.phrase, entry.phrase);
	say(said, "number", before.number, entry.number);
	say(said, "language", before.language, entry.language);
	say(said, "note", before.note, entry.note);
	say(said, "certificate", before.certificate, entry.certificate);
	if (!said->what[0])
		snprintf(said->what, sizeof said->what, "%s",
			 is_new ? "a name alone" : "nothing new");
	*record = (struct audit_record){
		.event = "recipient-changed",
		.to = said->name.text,
		.reason = said->what,
	};
	return RC_OK;
}

#include "phrase.h"

#include "base/cleanup.h"
#include "base/hex.h"
#include "base/log.h"
#include "deposit/live.h"
#include "directory/directory.h"
#include "site.h"

#include <string.h>

static bool leaves(const struct message *m)
{
	for (size_t i = 0; i < m->recipient_count; i++)
		if (!m->recipients[i].internal)
			return true;
	return false;
}

/* A phrase of the directory may have more words than are looked for. */
static bool has_part(const struct directory_entry *entry, const struct spoken *spoken)
{
	for (size_t i = 0; i < spoken->count; i++)
		if (strstr(entry->phrase, spoken->at[i]))
			return true;
	return false;
}

/* RC_ABSENT: it is none that is kept for a recipient. */
static enum rc find_kept(struct session *s, const struct spoken *spoken, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	CLEANUP(directory_entry_wipe) struct directory_entry entry;
	const struct message *m = &s->message;
	enum rc rc = store_begin_reading(s->site->store, &tx, why);

	memset(&entry, 0, sizeof entry);
	for (size_t i = 0; rc == RC_OK && i < m->recipient_count; i++) {
		if (m->recipients[i].internal)
			continue;
		rc = directory_lookup(tx, s->site->keys, slice_of(m->recipients[i].address), &entry,
				      why);
		if (rc == RC_OK && has_part(&entry, spoken))
			return RC_OK;
		if (rc == RC_ABSENT || rc == RC_INVALID) /* such an entry seals nothing either */
			rc = RC_OK;
	}
	return rc == RC_OK ? RC_ABSENT : rc;
}

/* RC_ABSENT: it is none of an open deposit's. */
static enum rc find_live(struct session *s, const struct spoken *spoken, struct fault *why)
{
	char text[2 * STORE_ID_BYTES + 1];
	struct slice phrases[SPOKEN_MAX];
	uint8_t id[STORE_ID_BYTES];

	for (size_t i = 0; i < spoken->count; i++)
		phrases[i] = slice_of(spoken->at[i]);
	enum rc rc =
		deposit_live_find(s->site->store, s->site->keys, phrases, spoken->count, id, why);
	if (rc == RC_OK)
		log_line(LOG_NOTE, NULL, "a message has the phrase of deposit %s",
			 hex_format(id, sizeof id, text));
	return rc;
}

enum rc message_check_phrases(struct session *s, struct judgement *j, const char *queue_id,
			      struct fault *why)
{
	const struct spoken *spoken = j->findings ? j->findings->spoken : NULL;

	if (!spoken || spoken->count == 0 || !leaves(&s->message))
		return RC_OK;
	enum rc rc = find_kept(s, spoken, why);
	if (rc == RC_ABSENT)
		rc = find_live(s, spoken, why);
	/* Nobody writes so many by chance, and not all were looked at. */
	if (rc == RC_ABSENT && !spoken->more)
		return RC_OK;
	if (rc != RC_OK && rc != RC_ABSENT)
		return rc;
	log_line(LOG_WARN, queue_id, "it carries a phrase");
	message_refuse(
		s, j, "it carries the phrase of a message that waits in the portal",
		"This message was sent to nobody: it carries the phrase of a message that "
		"waits in the portal. A phrase must not travel by mail, for whoever reads the "
		"notice would read it as well: tell it to the recipient by telephone or in "
		"person, and take it out of this message.");
	return RC_OK;
}

#include "people.h"

#include "base/cleanup.h"
#include "directory/directory.h"
#include "site.h"

#include <stdlib.h>
#include <string.h>

/* An entry that does not open is not one that is not there: whoever has a phrase must not be
 * asked for another. */
static enum rc look(struct store_tx *tx, const struct crypto_keys *keys, struct slice address,
		    struct directory_entry *out, struct fault *why)
{
	struct fault what;
	enum rc rc = directory_lookup(tx, keys, address, out, &what);

	if (rc == RC_OK || rc == RC_ABSENT)
		return rc;
	return fault(why, rc == RC_INVALID ? RC_RETRY : rc, "%s", what.text);
}

enum rc people_can_code(struct session *s, struct slice address,
			struct verdict_submitter *submitter, struct fault *why)
{
	CLEANUP(directory_entry_wipe) struct directory_entry entry = { .changed_s = 0 };
	CLEANUP(store_abandon) struct store_tx *tx = NULL;

	submitter->can_code = false;
	submitter->no_code = "no codes can be sent from here";
	if (s->message.ruleset->settings->portal.code_command[0] == '\0')
		return RC_OK;
	submitter->no_code = "no number is known to which a code could be sent";
	enum rc rc = store_begin_reading(s->site->store, &tx, why);
	if (rc == RC_OK)
		rc = look(tx, s->site->keys, address, &entry, why);
	submitter->can_code = rc == RC_OK && entry.number[0];
	return rc == RC_ABSENT ? RC_OK : rc;
}

struct person {
	char phrase[DIRECTORY_PHRASE_MAX + 1];
	char number[8]; /* "…67" */
};

struct people {
	size_t count;
	struct person at[];
};

void people_free(struct people **people)
{
	if (!*people)
		return;
	crypto_wipe((*people)->at, (*people)->count * sizeof *(*people)->at);
	free(TAKE(*people));
}

static void take(const struct directory_entry *entry, struct person *person,
		 struct deposit_recipient *recipient)
{
	if (recipient->factor == RULES_FACTOR_PHRASE && entry->phrase[0]) {
		memcpy(person->phrase, entry->phrase, sizeof person->phrase);
		recipient->phrase = slice_of(person->phrase);
	}
	if (recipient->factor == RULES_FACTOR_CODE && entry->number[0])
		recipient->number = slice_of(directory_number_mask(entry->number, person->number));
}

enum rc people_find(struct session *s, struct deposit_recipient *recipients, size_t count,
		    struct people **out, struct fault *why)
{
	CLEANUP(directory_entry_wipe) struct directory_entry entry = { .changed_s = 0 };
	CLEANUP(people_free) struct people *people = NULL;
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(s->site->store, &tx, why);

	if (rc != RC_OK)
		return rc;
	people = calloc(1, sizeof *people + count * sizeof *people->at);
	if (!people)
		return fault(why, RC_NOMEM, "out of memory");
	people->count = count;
	for (size_t i = 0; i < count; i++) {
		rc = look(tx, s->site->keys, recipients[i].address, &entry, why);
		if (rc == RC_OK)
			take(&entry, &people->at[i], &recipients[i]);
		else if (rc != RC_ABSENT)
			return rc;
	}
	*out = TAKE(people);
	return RC_OK;
}

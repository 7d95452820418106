#include "cli/letter.h"

#include "base/arena.h"
#include "cli/explain_case.h"
#include "cli/feed.h"
#include "mail/mailbox.h"

#include <string.h>

enum { ARENA_MAX = 4 << 20 }; /* a thousand addresses of 1,000 bytes, thrice */

struct reading {
	struct letter letter; /* first: what the caller has */
	struct arena *arena;
	const char *to[EXPLAIN_RECIPIENTS_MAX];
	bool any, lost, wants_from, wants_to;
};

static bool is_there(const struct reading *r, const char *address)
{
	for (size_t i = 0; i < r->letter.to_count; i++)
		if (strcmp(r->to[i], address) == 0)
			return true;
	return false;
}

static void add_recipient(struct reading *r, const char *address)
{
	if (is_there(r, address))
		return;
	if (r->letter.to_count == EXPLAIN_RECIPIENTS_MAX)
		r->letter.trouble = "it has more than 1000 recipients: the others are left out";
	else if ((r->to[r->letter.to_count] = arena_text(r->arena, slice_of(address))))
		r->letter.to_count++;
	else
		r->lost = true;
}

static void take_recipients(struct reading *r, struct slice list)
{
	struct mail_address one;
	enum rc rc;

	while ((rc = mail_mailbox_take(&list, &one, NULL)) != RC_ABSENT)
		if (rc == RC_OK)
			add_recipient(r, one.text);
		else
			r->letter.trouble = "not all of its recipients are addresses: those are "
					    "left out";
}

static void take_sender(struct reading *r, struct slice list)
{
	struct mail_address one;

	if (r->letter.from || mail_mailbox_take(&list, &one, NULL) != RC_OK)
		return;
	r->letter.from = arena_text(r->arena, slice_of(one.text));
	r->lost |= !r->letter.from;
}

static void take_field(void *arg, struct slice name, struct slice value)
{
	struct reading *r = arg;

	r->any = true;
	if (r->wants_from && slice_same_nocase(name, SLICE("From")))
		take_sender(r, value);
	if (r->wants_to &&
	    (slice_same_nocase(name, SLICE("To")) || slice_same_nocase(name, SLICE("Cc")) ||
	     slice_same_nocase(name, SLICE("Bcc"))))
		take_recipients(r, value);
}

static enum rc check(const struct reading *r, struct fault *why)
{
	if (r->lost)
		return fault(why, RC_NOMEM, "out of memory");
	if (!r->any)
		return fault(why, RC_INVALID, "it is no message: it begins with no header field");
	if (!r->letter.from)
		return fault(why, RC_INVALID, "no address in From (see --from)");
	if (r->letter.to_count == 0)
		return fault(why, RC_INVALID, "no recipient in To, Cc or Bcc (see --to)");
	return RC_OK;
}

enum rc letter_read(struct slice text, const char *from, const char *const *to, size_t to_count,
		    struct letter **out, struct fault *why)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct reading *r = arena ? ARENA_NEW(arena, struct reading) : NULL;

	if (!r) {
		arena_free(arena);
		return fault(why, RC_NOMEM, "out of memory");
	}
	*r = (struct reading){ .arena = arena,
			       .wants_from = !from,
			       .wants_to = to_count == 0,
			       .letter = { .from = from, .to = r->to, .trouble = "" } };
	for (size_t i = 0; i < to_count; i++)
		add_recipient(r, to[i]);
	const struct feed feed = { .arg = r, .header = take_field };
	enum rc rc = feed_fields(&text, &feed);
	rc = rc == RC_OK ? check(r, why) : fault(why, rc, "out of memory");
	if (rc == RC_OK)
		*out = &r->letter;
	else
		arena_free(arena);
	return rc;
}

void letter_free(struct letter **letter)
{
	if (*letter)
		arena_free(((struct reading *)*letter)->arena);
	*letter = NULL;
}

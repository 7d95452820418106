#include "rewriting.h"

#include "base/cleanup.h"
#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/keys.h"
#include "site.h"

enum { TAG_BYTES = 16 };

/* The same for the same bytes, so that a client's repetition makes the same deposit; not to
 * be guessed, so that no part can hold it. */
static enum rc make_tag(const struct session *s, char tag[2 * TAG_BYTES + 1], struct fault *why)
{
	CLEANUP(crypto_hash_free) struct crypto_hash *h = NULL;
	uint8_t digest[CRYPTO_HASH_BYTES];
	char chunk[16384];
	enum rc rc = crypto_hash_new(&s->site->keys->retry, &h, why);

	if (rc != RC_OK)
		return rc;
	crypto_hash_add_field(h, SLICE("rewrite"));
	for (uint64_t at = 0;;) {
		size_t got;
		rc = spool_read(s->message.raw, at, chunk, sizeof chunk, &got, why);
		if (rc != RC_OK)
			return rc;
		if (got == 0)
			break;
		crypto_hash_add(h, (struct slice){ chunk, got });
		at += got;
	}
	rc = crypto_hash_end(&h, digest, why);
	if (rc == RC_OK)
		hex_format(digest, TAG_BYTES, tag);
	return rc;
}

/* Those whom the rewritten message is for, and the most that one of their rules says. */
static size_t list_recipients(const struct message *m, struct slice *out, enum rules_rewrite *what)
{
	size_t n = 0;

	for (size_t i = 0; i < m->recipient_count; i++) {
		const struct recipient *r = &m->recipients[i];
		if (r->verdict.kind != VERDICT_REWRITE)
			continue;
		*what = n ? rewrite_most(*what, r->demand.rewrite) : r->demand.rewrite;
		out[n++] = slice_of(r->address);
	}
	return n;
}

enum rc rewriting_make(struct session *s, const struct inspect_findings *findings,
		       const struct demand_envelope *envelope, struct rewrite *out,
		       struct fault *why)
{
	const struct message *m = &s->message;
	const struct settings *settings = m->ruleset->settings;
	struct slice *recipients = ARENA_ARRAY(m->arena, struct slice, m->recipient_count);
	char tag[2 * TAG_BYTES + 1];
	enum rc rc = recipients ? make_tag(s, tag, why) : fault(why, RC_NOMEM, "out of memory");

	if (rc != RC_OK)
		return rc;
	struct rewrite_message message = {
		.rules = m->ruleset->rules,
		.markers = m->ruleset->markers,
		.findings = findings,
		.envelope = envelope,
		.recipients = recipients,
		.raw = m->raw,
		.body_at = m->body_at,
		.organisation = settings->portal.organisation,
		.portal_url = settings->portal.url,
		.tag = tag,
	};
	message.recipient_count = list_recipients(m, recipients, &message.what);
	return rewrite_make(&message, m->arena, out, why);
}

enum rc rewriting_fields(struct session *s, const struct rewrite *rewrite,
			 struct action_message *message, struct fault *why)
{
	struct action_field *fields =
		ARENA_ARRAY(s->message.arena, struct action_field, rewrite->edits.count);

	if (!fields)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < rewrite->edits.count; i++)
		fields[i] = (struct action_field){ rewrite->edits.at[i].name,
						   rewrite->edits.at[i].index,
						   rewrite->edits.at[i].value };
	message->field_count = rewrite->edits.count;
	message->fields = fields;
	return RC_OK;
}

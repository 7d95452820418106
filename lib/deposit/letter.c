#include "deposit/letter.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "deposit/link.h"
#include "deposit/text.h"
#include "mail/header.h"

/* Bytes: 100 addresses of 1,000, twice, and a proof. */
enum { WORK_MAX = 512 * 1024, VALUES_MAX = 24 };

static enum deposit_mail mail_of(const struct deposit_letter *letter)
{
	switch (letter->kind) {
	case DEPOSIT_RECEIPT:
		return DEPOSIT_MAIL_RECEIPT;
	case DEPOSIT_ALERT:
		return DEPOSIT_MAIL_ALERT;
	case DEPOSIT_WARNING:
		return DEPOSIT_MAIL_WARNING;
	case DEPOSIT_ENDED:
		break;
	}
	switch (letter->how) {
	case STORE_DEPOSIT_OPEN:
	case STORE_DEPOSIT_REVOKED:
		return DEPOSIT_MAIL_REVOKED;
	case STORE_DEPOSIT_EXPIRED:
		return DEPOSIT_MAIL_EXPIRED;
	case STORE_DEPOSIT_SENT_ON:
		return DEPOSIT_MAIL_SENT_ON;
	}
	return DEPOSIT_MAIL_REVOKED;
}

/* A letter's values on their way; the first that does not fit makes the rest so. */
struct values {
	struct arena *arena;
	size_t count;
	bool full;
	struct deposit_value list[VALUES_MAX];
};

static void put(struct values *v, const char *name, struct slice value)
{
	if (v->count < VALUES_MAX)
		v->list[v->count++] = (struct deposit_value){ name, value };
	else
		v->full = true;
}

static void put_text(struct values *v, const char *name, const char *text)
{
	v->full |= !text;
	put(v, name, slice_of(text ? text : ""));
}

static void put_time(struct values *v, const char *name, int64_t when_s)
{
	char text[CLOCK_TEXT];

	put_text(v, name, arena_format(v->arena, "%s", clock_format_mail(when_s, text)));
}

/* "  b@plain.test" on lines of their own; nothing when there is none. */
static void put_people(struct values *v, const char *name, const struct slice *people, size_t count)
{
	struct buf list = BUF_INIT(WORK_MAX);

	for (size_t i = 0; i < count; i++)
		(void)buf_addf(&list, "%s  %.*s", i ? "\n" : "", SLICE_ARG(people[i]));
	v->full |= buf_state(&list) != RC_OK;
	if (count)
		put_text(v, name, arena_text(v->arena, buf_slice(&list)));
	buf_free(&list);
}

/* "192.0.2.7, Firefox on Windows" */
static void put_client(struct values *v, const char *name, const struct deposit_sight *sight)
{
	struct slice address = sight->address.len ? sight->address : SLICE("an unknown address");

	put_text(v, name,
		 arena_format(v->arena, "%.*s%s%.*s%s", SLICE_ARG(address),
			      sight->kind.len ? ", " : "", SLICE_ARG(sight->kind),
			      sight->server ? " (without JavaScript: opened by the portal's server)"
					    : ""));
}

/* JSON on one line, broken behind the commas between its members: it stays the same JSON, and
 * a mail's lines are short. */
static void put_proof(struct values *v, struct slice proof)
{
	struct buf lines = BUF_INIT(WORK_MAX);
	bool quoted = false;

	for (size_t i = 0; i < proof.len; i++) {
		char c = proof.at[i];
		if (c == '\n' || c == '\r')
			continue;
		(void)buf_add_byte(&lines, c);
		if (quoted && c == '\\' && i + 1 < proof.len)
			(void)buf_add_byte(&lines, proof.at[++i]);
		else if (c == '"')
			quoted = !quoted;
		else if (c == ',' && !quoted)
			(void)buf_add_byte(&lines, '\n');
	}
	v->full |= buf_state(&lines) != RC_OK;
	if (proof.len)
		put_text(v, "proof", arena_text(v->arena, buf_slice(&lines)));
	buf_free(&lines);
}

static const char *by_words(struct values *v, const struct deposit_site *site, const char *by)
{
	struct slice organisation = deposit_organisation(site);

	if (by && slice_is(slice_of(by), "operator"))
		return arena_format(v->arena, "by the administrators of %.*s",
				    SLICE_ARG(organisation));
	return "with the link that only you have";
}

static enum rc put_handle(struct values *v, const struct deposit_site *site, const uint8_t *id,
			  struct fault *why)
{
	struct buf link = BUF_INIT(DEPOSIT_LINK_MAX);
	char number[DEPOSIT_NUMBER_TEXT];
	enum rc rc = deposit_link_add(site, id, &link, why);

	if (rc == RC_OK)
		rc = deposit_link_number(site->keys, id, number, why);
	if (rc == RC_OK) {
		put_text(v, "link", arena_text(v->arena, buf_slice(&link)));
		put_text(v, "number", arena_format(v->arena, "%s", number));
	}
	buf_free(&link);
	return rc;
}

static void put_visits(struct values *v, const struct deposit_letter *letter)
{
	put_time(v, "when", letter->seen.when_s);
	put_client(v, "client", &letter->seen);
	if (letter->kind == DEPOSIT_ALERT) {
		put_time(v, "before_when", letter->before.when_s);
		put_client(v, "before_client", &letter->before);
	}
}

static enum rc put_all(struct values *v, const struct deposit_site *site,
		       const struct deposit_letter *letter, struct fault *why)
{
	char hex[2 * CRYPTO_HASH_BYTES + 1];

	put(v, "organisation", deposit_organisation(site));
	put(v, "host", deposit_host(site->portal_url));
	put(v, "portal", deposit_typed(site->portal_url));
	put(v, "sender", letter->sender);
	put_text(v, "id",
		 arena_format(v->arena, "%s", hex_format(letter->id, STORE_ID_BYTES, hex)));
	put_time(v, "made", letter->made_s);
	put_time(v, "until", letter->until_s);
	put_people(v, "people", letter->recipients, letter->recipient_count);
	put_people(v, "opened", letter->opened, letter->opened_count);
	if (letter->recipient_count)
		put(v, "person", letter->recipients[0]);
	if (letter->kind == DEPOSIT_RECEIPT || letter->kind == DEPOSIT_ALERT)
		put_visits(v, letter);
	if (letter->digest)
		put_text(v, "digest",
			 arena_format(v->arena, "%s",
				      hex_format(letter->digest, CRYPTO_HASH_BYTES, hex)));
	put_proof(v, letter->proof);
	if (letter->kind == DEPOSIT_ENDED)
		put_text(v, "by", by_words(v, site, letter->by));
	else if (letter->kind != DEPOSIT_RECEIPT) /* whose proof has the one link */
		return put_handle(v, site, letter->id, why);
	return RC_OK;
}

enum rc deposit_letter_format(const struct deposit_site *site, const struct deposit_letter *letter,
			      struct slice message_id, int64_t now_s, struct buf *out,
			      bool *smtputf8, struct fault *why)
{
	struct values v = { .arena = arena_new(WORK_MAX) };
	enum rc rc = RC_NOMEM;

	if (!v.arena)
		return fault(why, rc, "out of memory");
	rc = put_all(&v, site, letter, why);
	if (rc == RC_OK && v.full)
		rc = fault(why, RC_LIMIT, "no room for a letter");
	if (rc == RC_OK)
		rc = deposit_text_head(site, letter->sender, message_id, now_s, out, why);
	const struct deposit_filling filling = { mail_of(letter), v.count, v.list };
	if (rc == RC_OK)
		rc = deposit_text_fill(site, "report", letter->id, letter->sender, &filling, now_s,
				       out, why);
	if (rc == RC_OK)
		*smtputf8 = !mail_is_ascii(letter->sender);
	arena_free(v.arena);
	return rc;
}

enum rc deposit_letter_seal(const struct deposit_site *site, const struct deposit_letter *letter,
			    int64_t now_s, struct outbox_item **out, struct fault *why)
{
	CLEANUP(buf_wipe) struct buf text = BUF_SECRET(DEPOSIT_TEXT_MAX);
	CLEANUP(buf_free) struct buf message_id = BUF_INIT(500);
	/* Returned to nobody: it is for the sender alone. */
	const struct outbox_recipient to = { .address = letter->sender,
					     .notify = MAIL_NOTIFY_NEVER };
	struct outbox_mail mail = {
		.kind = letter->kind == DEPOSIT_ALERT ? OUTBOX_ALERT : OUTBOX_REPORT,
		.recipient_count = 1,
		.recipients = &to,
	};
	enum rc rc = deposit_message_id(site, &message_id, why);

	if (rc == RC_OK)
		rc = deposit_letter_format(site, letter, buf_slice(&message_id), now_s, &text,
					   &mail.smtputf8, why);
	if (rc != RC_OK)
		return rc;
	mail.message_id = buf_slice(&message_id);
	mail.message = buf_slice(&text);
	return outbox_seal(site->outbox, &mail, out, why);
}

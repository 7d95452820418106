/* support/deposits.h: a site with a store of its own, and real deposits in it.
 *
 *     static struct deposits d;          set-up: deposits_open(&d)
 *     deposits_make(&d, "b@plain.test c@plain.test", id);
 *
 * The factor is LINK: a PBKDF2 for each would take minutes. Each message has CANARY in its
 * subject and body. Include support/unit.h first. */
#pragma once

#include "base/cleanup.h"
#include "deposit/deposit.h"
#include "deposit/life.h"
#include "support/scratch.h"

enum { DEPOSITS_NOW = 1795305600, DEPOSITS_DAY = 86400 };

struct deposits {
	struct scratch scratch;
	struct crypto_keys *keys;
	struct deposit_site site;
	struct deposit_life life;
	unsigned made;
	const struct deposit_onward *onward; /* of those made from now on; NULL: none */
	unsigned events;                     /* that were told */
	char last_event[400];                /* "revoked sender b@plain.test" */
	enum rc event_rc;                    /* what telling gives */
};

static inline enum rc deposits_event(void *arg, const struct deposit_event *events, size_t count,
				     struct fault *why)
{
	struct deposits *d = arg;

	for (size_t i = 0; i < count; i++) {
		d->events++;
		snprintf(d->last_event, sizeof d->last_event, "%s %s %.*s%s%.*s", events[i].event,
			 events[i].by, SLICE_ARG(events[i].recipient),
			 events[i].reason.len ? " " : "", SLICE_ARG(events[i].reason));
	}
	return d->event_rc == RC_OK ? RC_OK : fault(why, d->event_rc, "the audit fails");
}

static inline bool deposits_start(struct deposits *d)
{
	if (crypto_keys_make(scratch_path(&d->scratch, "keys"), &d->keys, NULL) != RC_OK ||
	    store_open(scratch_path(&d->scratch, "state"), &d->site.store, NULL) != RC_OK ||
	    outbox_open(d->site.store, &d->keys->outbox, &d->site.outbox, NULL) != RC_OK)
		return false;
	d->site.keys = d->keys;
	d->site.portal_url = "https://secure.our.example";
	d->site.organisation = "Our Example";
	d->life = (struct deposit_life){ .site = &d->site, .event = deposits_event, .arg = d };
	return true;
}

static inline void deposits_stop(struct deposits *d)
{
	outbox_close(d->site.outbox);
	store_close(d->site.store);
	crypto_keys_free(&d->keys);
	d->site.outbox = NULL;
	d->site.store = NULL;
}

static inline bool deposits_open(struct deposits *d)
{
	*d = (struct deposits){ .made = 0 };
	return scratch_make(&d->scratch) && deposits_start(d);
}

static inline void deposits_close(struct deposits *d)
{
	deposits_stop(d);
	scratch_remove(&d->scratch);
}

/* to: addresses parted by blanks. days: its life. */
static inline void deposits_make_at(struct deposits *d, const char *to, unsigned days,
				    int64_t now_s, uint8_t id[STORE_ID_BYTES])
{
	struct deposit_recipient recipients[8] = { 0 };
	struct slice rest = slice_of(to), word;
	char text[400];
	struct fault why = { 0 };
	struct deposit_made made;
	size_t count = 0;

	while (slice_take_until(&rest, ' ', &word))
		recipients[count++] = (struct deposit_recipient){ word, RULES_FACTOR_LINK,
								  SLICE("no proven TLS") };
	recipients[count++] =
		(struct deposit_recipient){ rest, RULES_FACTOR_LINK, SLICE("no proven TLS") };
	snprintf(text, sizeof text,
		 "From: a@our.example\r\nSubject: CANARY-subject\r\n"
		 "Message-ID: <%u@our.example>\r\n\r\nCANARY-body 4111 1111 1111 1111\r\n",
		 ++d->made);
	const struct slice bytes = slice_of(text);
	const struct deposit_message message = {
		.sender = SLICE("a@our.example"),
		.recipient_count = count,
		.recipients = recipients,
		.life_days = days,
		.source = deposit_source_bytes(&bytes),
		.onward = d->onward,
	};
	if (deposit_make(&d->site, &message, now_s, &made, &why) != RC_OK)
		fail_msg("%s", why.text);
	memcpy(id, made.id, STORE_ID_BYTES);
}

static inline void deposits_make(struct deposits *d, const char *to, uint8_t id[STORE_ID_BYTES])
{
	deposits_make_at(d, to, 14, DEPOSITS_NOW, id);
}

/* Moves a recipient on, as a pickup would. */
struct deposits_row {
	uint32_t number;
	struct store_recipient row;
	char record[STORE_RECORD_MAX / 1024];
};

static inline bool deposits_take(void *arg, const struct store_recipient *recipient)
{
	struct deposits_row *to = arg;

	if (recipient->number != to->number)
		return true;
	to->row = *recipient;
	memcpy(to->record, recipient->record.at, recipient->record.len);
	to->row.record.at = to->record;
	return false;
}

static inline void deposits_move(struct deposits *d, const uint8_t *id, uint32_t number,
				 uint32_t state)
{
	struct deposits_row to = { .number = number };
	struct store_tx *tx = NULL;

	assert_int_equal(store_begin(d->site.store, &tx, NULL), RC_OK);
	assert_int_equal(store_recipients(tx, id, deposits_take, &to, NULL), RC_OK);
	to.row.state = state;
	assert_int_equal(store_recipient_set(tx, &to.row, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
}

static inline bool deposits_count_row(void *arg, const struct store_outbox_row *row)
{
	(void)row;
	++*(unsigned *)arg;
	return true;
}

static inline unsigned deposits_outbox(struct deposits *d)
{
	struct store_tx *tx = NULL;
	unsigned count = 0;

	assert_int_equal(store_begin(d->site.store, &tx, NULL), RC_OK);
	assert_int_equal(store_outbox_each(tx, deposits_count_row, &count, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	return count;
}

/* deposit/handle.h: the sender's own way to a deposit: a signed link (deposit/link.h), told in
 * the report.
 *
 * The link shows; it opens nothing. To revoke or to extend takes the number besides, which
 * stands in the mails to the sender and never on a page or in a link: a scanner that follows every
 * link and presses every button knows it not. Wrong numbers are counted for each
 * deposit, in the store, behind the tag: a stranger without the link uses up nobody's tries.
 *
 * Threads  any but the loop's */
#pragma once

#include "deposit/life.h"
#include "deposit/link.h"

enum {
	/* Wrong numbers in an hour for one deposit: 10 of a million, and a sender who mistypes
	 * waits an hour at worst. */
	DEPOSIT_NUMBER_TRIES = 10,
};

enum deposit_action { DEPOSIT_LOOK, DEPOSIT_REVOKE, DEPOSIT_EXTEND };

struct deposit_request { /* borrowed */
	const uint8_t *id;
	const uint8_t *tag;  /* DEPOSIT_LINK_TAG_BYTES */
	struct slice number; /* as typed, blanks allowed; not looked at for LOOK */
	enum deposit_action action;
};

struct deposit_view { /* what the sender's page shows; deposit_view_free() */
	enum store_deposit_state state;
	int64_t made_s, until_s;
	int64_t ended_s;    /* 0 while it is open */
	int64_t extended_s; /* until when extending would keep it; until_s: no longer */
	uint32_t wait_s;    /* after RC_LIMIT: how long */
	struct buf sender;  /* address */
	size_t recipient_count;
	struct buf recipients; /* "STATE ADDRESS\n" each: 0 new … 4 acknowledged */
};

/* Does what is asked and fills *out with how it then is.
 *   RC_INVALID  no such deposit, or a wrong tag: the same words and the same work; with a
 *               right tag: a wrong number (*out is filled then, sender.len is not 0)
 *   RC_LIMIT    too many wrong numbers: out->wait_s; the number was not looked at
 *   RC_ABSENT   REVOKE or EXTEND of a deposit that has ended, or that is kept as long as
 *               it may be; *out is filled
 *   RC_RETRY    the store, or the event could not be made durable: nothing was done
 * out must be zero or filled before; on other failures it is empty. */
enum rc deposit_handle_use(const struct deposit_life *life, const struct deposit_request *request,
			   int64_t now_s, struct deposit_view *out, struct fault *why);
void deposit_view_free(struct deposit_view *view); /* for CLEANUP() */

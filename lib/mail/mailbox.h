/* mail/mailbox.h: the addresses that a header field lists.
 *
 *     "Doe, Jane" <jane@a.test>, bob@b.test (Bob), team: c@d.test, e@d.test;
 *         →  jane@a.test  bob@b.test  c@d.test  e@d.test
 *
 * For From, To, Cc and Bcc as they stand in a message. Names, comments and groups
 * are passed over; an empty group ("undisclosed-recipients:;") lists nobody.
 *
 * Standard  RFC 5322 §3.4 (lists, groups), §3.2.2 (comments), §4.4 (routes, empty members)
 * Memory    nothing is allocated; the list is borrowed while it is taken apart
 * Threads   pure functions */
#pragma once

#include "mail/address.h"

/* Takes one address off *list, whose folds may still stand in it.
 *   RC_ABSENT   there is none left
 *   RC_INVALID, RC_LIMIT  this member of the list is no address: *list is past it
 *               all the same, so that the next call goes on */
enum rc mail_mailbox_take(struct slice *list, struct mail_address *out, struct fault *why);

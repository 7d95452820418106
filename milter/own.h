/* milter/own.h: mail that Postern itself has made and that comes by on its way out.
 *
 * It is known by the pass in its Postern-Notice or Postern-Handback field
 * (crypto/pass.h), which counts once for each recipient. The outbox hands mail over at least
 * once, and a milter behind us may put it off: the same bytes again are the same mail.
 * A copy that was handed back keeps its class even when its header has changed: judged
 * anew it would have lost what it was judged by (who submitted it, and how). Any other
 * pass that does not hold is no offence: the message is judged like any other.
 *
 * Threads  a session's own; reads and writes the store */
#pragma once

#include "action/plan.h"
#include "message.h"

/* Whether the outgoing message is ours; *class is then ACTION_PLAIN for a notice or a
 * report, and the class of a copy handed back otherwise.
 *   RC_ABSENT   it is not      RC_RETRY, RC_NOMEM  that cannot be known now: defer it */
enum rc own_mail(struct session *s, enum action_class *class, struct fault *why);

/* Whether the message has a field by which ours is known, be it forged. */
bool own_could_be(const struct message *m);

/* Whether the message calls itself a copy that was handed back, in the form of one. */
bool own_is_handback(const struct message *m);

/* SHA-256 of the message's body, as passes have it. */
enum rc own_body_digest(const struct message *m, uint8_t out[32], struct fault *why);

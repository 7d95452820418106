/* milter/own.h: mail that Postern itself has made and that comes by on its way out.
 *
 * It is known by the pass in its Postern-Notice or Postern-Handback field
 * (crypto/pass.h), which counts once for each recipient. A pass that does not hold is
 * no offence: the message is judged like any other.
 *
 * Threads  a session's own; reads and writes the store */
#pragma once

#include "action/plan.h"
#include "message.h"

/* Whether the message is ours; *class is then ACTION_PLAIN for a notice or a report,
 * and the class of a copy handed back otherwise. */
bool own_mail(struct session *s, enum action_class *class);

/* SHA-256 of the message's body, as passes have it. */
enum rc own_body_digest(const struct message *m, uint8_t out[32], struct fault *why);

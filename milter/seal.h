/* milter/seal.h: deposits and reports, for a plan's edits.
 *
 * Threads  a session's own; blocks on the store */
#pragma once

#include "judge.h"

/* One durable deposit for all recipients whose class is ACTION_SEALED (of the message) or
 * ACTION_REWRITTEN (of the parts taken out), with notices and the report to the sender. A
 * client's repetition finds the earlier one. */
enum rc seal_deposit(struct session *s, const struct judgement *j, enum action_class class,
		     const char *queue_id, struct fault *why);

/* One durable report to the sender: whose copies wait for their destination, and why. */
enum rc seal_report_waiting(struct session *s, const struct judgement *j, const char *queue_id,
			    struct fault *why);

/* demand/condition.h: whether a rule's conditions on envelope, size and time hold.
 *
 *     when = { direction = "outbound"; time = { days = [ "sat", "sun" ]; }; };
 *     a@our.example to b@partner.example, on a Sunday:  they hold
 *
 * Markers are demand/demand.c's. A condition that cannot be evaluated protects: then a
 * rule's holds, and an exception's does not.
 *
 * Threads  pure functions, but for the host's time zone, which libc reads once */
#pragma once

#include "demand/envelope.h"
#include "settings/rules.h"

/* Of a rule. */
bool condition_holds(const struct rules_when *when, const struct demand_envelope *envelope,
		     struct slice to);

/* The first of the rule's exceptions that is in date and is for this sender and recipient;
 * NULL: none. */
const struct rules_exception *condition_exception(const struct rules_rule *rule,
						  const struct demand_envelope *envelope,
						  struct slice to);

/* The day in the host's calendar, as 20270131; 0: it cannot be told. */
unsigned condition_day(int64_t now_s);

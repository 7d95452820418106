/* pickup/event.h: what deposit/life.h does to a deposit, as records for the audit: the same from
 * the milter, the portal and the command line.
 *
 *     {"event":"revoked","from":"a@our.example","to":"b@plain.test","reason":"by operator: wrong
 *      address","deposit":"6f…",…}
 *
 * Threads  any */
#pragma once

#include "audit/record.h"
#include "deposit/life.h"

/* Makes records durable; what it returns is returned. */
typedef enum rc pickup_append_fn(void *arg, const struct audit_record *records, size_t count,
				 struct fault *why);

/* RC_NOMEM, or what append gave. */
enum rc pickup_event_append(pickup_append_fn *append, void *arg, const struct deposit_event *events,
			    size_t count, struct fault *why);

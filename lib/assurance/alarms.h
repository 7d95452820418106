/* assurance/alarms.h: what somebody must look at, said once a day and not for each message.
 *
 * Memory   bounded by ALARMS_MAX matters
 * Threads  one user at a time */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	ASSURANCE_ALARMS_MAX = 1000,   /* matters remembered; beyond it all is not well anyway */
	ASSURANCE_ALARM_S = 24 * 3600, /* after which it is said again */
};

struct assurance_alarms;

struct assurance_alarms *assurance_alarms_new(void); /* NULL: out of memory */
void assurance_alarms_free(struct assurance_alarms *alarms);

/* Whether the matter is to be said now; if so it counts as said. A matter that there is no
 * room for is said once too often rather than never. */
bool assurance_alarm_is_due(struct assurance_alarms *alarms, const char *matter, int64_t now_s);

/* Those said within the last ASSURANCE_ALARM_S. */
unsigned assurance_alarms_count(const struct assurance_alarms *alarms, int64_t now_s);

#include "assurance/alarms.h"

#include "base/table.h"

#include <stdlib.h>

struct assurance_alarms {
	struct table *said; /* matter → int64_t, when */
};

struct assurance_alarms *assurance_alarms_new(void)
{
	struct assurance_alarms *alarms = calloc(1, sizeof *alarms);

	if (!alarms)
		return NULL;
	alarms->said = table_new();
	if (alarms->said)
		return alarms;
	free(alarms);
	return NULL;
}

static bool is_recent(int64_t when_s, int64_t now_s)
{
	return now_s >= when_s && now_s - when_s < ASSURANCE_ALARM_S;
}

/* Those that are to be said again; with now_s INT64_MAX, all. */
static void drop_old(struct assurance_alarms *alarms, int64_t now_s)
{
	size_t at = 0;
	struct slice matter;
	void *when;

	while (table_next(alarms->said, &at, &matter, &when)) {
		if (is_recent(*(int64_t *)when, now_s))
			continue;
		table_remove(alarms->said, matter);
		free(when);
	}
}

void assurance_alarms_free(struct assurance_alarms *alarms)
{
	if (!alarms)
		return;
	drop_old(alarms, INT64_MAX);
	table_free(alarms->said);
	free(alarms);
}

bool assurance_alarm_is_due(struct assurance_alarms *alarms, const char *matter, int64_t now_s)
{
	int64_t *when = table_find(alarms->said, slice_of(matter));

	if (when && is_recent(*when, now_s))
		return false;
	if (when) {
		*when = now_s;
		return true;
	}
	if (table_count(alarms->said) >= ASSURANCE_ALARMS_MAX)
		drop_old(alarms, now_s);
	if (table_count(alarms->said) >= ASSURANCE_ALARMS_MAX)
		return true;
	when = malloc(sizeof *when);
	if (!when)
		return true;
	*when = now_s;
	if (!table_set(alarms->said, slice_of(matter), when, NULL))
		free(when);
	return true;
}

unsigned assurance_alarms_count(const struct assurance_alarms *alarms, int64_t now_s)
{
	size_t at = 0;
	struct slice matter;
	void *when;
	unsigned count = 0;

	while (table_next(alarms->said, &at, &matter, &when))
		count += is_recent(*(int64_t *)when, now_s);
	return count;
}

#include "cli/assume.h"

#include "assurance/pins.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "outlook/outlook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct assume {
	struct assurance_pins *pins;
	enum assurance_level level;
};

bool assume_level_read(const char *text, enum assurance_level *level)
{
	static const enum assurance_level levels[] = { ASSURANCE_NONE, ASSURANCE_AUTHENTICATED,
						       ASSURANCE_REQUIRETLS };

	for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
		if (strcmp(text, assurance_level_name(levels[i])) == 0) {
			*level = levels[i];
			return true;
		}
	return false;
}

enum rc assume_new(const struct rules *rules, enum assurance_level level, struct assume **out,
		   struct fault *why)
{
	struct assume *a = calloc(1, sizeof *a);
	CLEANUP(cleanup_free) struct assurance_pin *pins = NULL;
	size_t count;

	if (!a)
		return fault(why, RC_NOMEM, "out of memory");
	a->level = level;
	enum rc rc = outlook_pins(rules, &pins, &count, why);
	if (rc == RC_OK)
		rc = assurance_pins_make(pins, count, &a->pins, why);
	if (rc == RC_OK)
		*out = a;
	else
		assume_free(a);
	return rc;
}

void assume_free(struct assume *a)
{
	if (a)
		assurance_pins_free(a->pins);
	free(a);
}

const struct assurance *assume_find(const struct assume *a, const char *destination)
{
	struct assurance_destination where;
	char words[DNS_NAME_MAX + 80];
	const char *const reasons[] = { words };

	if (assurance_destination_parse(slice_of(destination), &where, NULL) == RC_OK) {
		const struct assurance *pinned =
			assurance_pins_find(a->pins, &where, clock_wall_s());
		if (pinned)
			return pinned;
	}
	snprintf(words, sizeof words, "%s is assumed to guarantee %s", destination,
		 a->level == ASSURANCE_NONE ? "nothing" : assurance_level_name(a->level));
	return assurance_make(&(struct assurance){
		.domain = destination,
		.level = a->level,
		.until = clock_wall_s(),
		.reason_count = 1,
		.reasons = reasons,
	});
}

#include "cli/assume.h"

#include "assurance/pins.h"
#include "base/arena.h"
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
	struct arena *arena = arena_new(OUTLOOK_PINS_BYTES_MAX);
	struct assurance_pin *pins;
	size_t count;
	enum rc rc = a && arena ? outlook_pins(NULL, rules, arena, &pins, &count, why)
				: fault(why, RC_NOMEM, "out of memory");

	if (rc == RC_OK)
		rc = assurance_pins_make(pins, count, &a->pins, why);
	arena_free(arena);
	if (rc != RC_OK) {
		assume_free(a);
		return rc;
	}
	a->level = level;
	*out = a;
	return RC_OK;
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

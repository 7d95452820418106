#include "assurance/pins.h"

#include "assurance/decide.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/table.h"
#include "dns/name.h"

#include <stdlib.h>
#include <string.h>

enum { PINS_BYTES_MAX = 64 * 1024 * 1024 }; /* some 100,000 pins */

struct pin {
	const char *text; /* the destination, as normalised */
	enum assurance_level level;
	size_t match_count;
	const char **match;
	const char *why;
};

struct assurance_pins {
	struct arena *arena;
	struct table *by_text;
};

static enum rc copy_match(struct arena *arena, const struct assurance_pin *from,
			  const struct assurance_destination *destination, struct pin *to,
			  struct fault *why)
{
	/* Without names: the domain, and whatever stands below it. */
	const char *own[] = { destination->name, arena_format(arena, ".%s", destination->name) };
	bool given = from->match_count > 0;

	to->match_count = given ? from->match_count : 2;
	to->match = ARENA_ARRAY(arena, const char *, to->match_count);
	if (!to->match || !own[1])
		return fault(why, RC_NOMEM, "memory is out");
	for (size_t i = 0; i < to->match_count; i++) {
		struct slice name = slice_of(given ? from->match[i] : own[i]);
		struct slice bare = name;

		slice_drop_prefix(&bare, ".");
		if (!dns_is_hostname(bare))
			return fault(why, RC_INVALID, "%s: \"%.*s\" is no name to match",
				     from->domain, SLICE_ARG(name));
		to->match[i] = arena_text(arena, name);
		if (!to->match[i])
			return fault(why, RC_NOMEM, "memory is out");
	}
	return RC_OK;
}

static enum rc add(struct assurance_pins *pins, const struct assurance_pin *from, struct fault *why)
{
	struct assurance_destination destination;
	struct pin *pin = ARENA_NEW(pins->arena, struct pin);
	enum rc rc = assurance_destination_parse(slice_of(from->domain), &destination, why);
	void *old = NULL;

	if (rc != RC_OK)
		return rc;
	if (destination.literal && from->match_count == 0)
		return fault(why, RC_INVALID, "%s is an address: its pin needs names to match",
			     from->domain);
	if (!pin)
		return fault(why, RC_NOMEM, "memory is out");
	pin->level = from->level;
	pin->text = arena_text(pins->arena, slice_of(destination.text));
	pin->why = arena_text(pins->arena, slice_of(from->why ? from->why : ""));
	rc = copy_match(pins->arena, from, &destination, pin, why);
	if (rc != RC_OK)
		return rc;
	if (!pin->text || !pin->why || !table_set(pins->by_text, slice_of(pin->text), pin, &old))
		return fault(why, RC_NOMEM, "memory is out");
	if (old)
		return fault(why, RC_INVALID, "%s is pinned twice", from->domain);
	return RC_OK;
}

enum rc assurance_pins_make(const struct assurance_pin *from, size_t count,
			    struct assurance_pins **out, struct fault *why)
{
	struct assurance_pins *pins = calloc(1, sizeof *pins);
	enum rc rc = RC_OK;

	if (!pins)
		return fault(why, RC_NOMEM, "memory is out");
	pins->arena = arena_new(PINS_BYTES_MAX);
	pins->by_text = table_new();
	if (!pins->arena || !pins->by_text)
		rc = fault(why, RC_NOMEM, "memory is out");
	for (size_t i = 0; rc == RC_OK && i < count; i++)
		rc = add(pins, &from[i], why);
	if (rc != RC_OK) {
		assurance_pins_free(pins);
		return rc;
	}
	*out = pins;
	return RC_OK;
}

void assurance_pins_free(struct assurance_pins *pins)
{
	if (!pins)
		return;
	arena_free(pins->arena);
	table_free(pins->by_text);
	free(pins);
}

bool assurance_pins_have(const struct assurance_pins *pins,
			 const struct assurance_destination *destination)
{
	return table_find(pins->by_text, slice_of(destination->text));
}

const struct assurance *assurance_pins_find(const struct assurance_pins *pins,
					    const struct assurance_destination *destination,
					    int64_t now_s)
{
	const struct pin *pin = table_find(pins->by_text, slice_of(destination->text));
	struct buf reason = BUF_INIT(1000);
	const struct assurance *made;

	if (!pin)
		return NULL;
	if (buf_addf(&reason, "the operator vouches for %s%s%s", pin->text, *pin->why ? ": " : "",
		     pin->why) != RC_OK)
		buf_clear(&reason);
	const char *reasons[] = { reason.len ? buf_text(&reason) : "the operator vouches for it" };
	const struct assurance like = {
		.domain = pin->text,
		.level = pin->level,
		.by = ASSURANCE_BY_PIN,
		.until = now_s + ASSURANCE_UNTIL_MAX_S,
		.reason_count = 1,
		.reasons = reasons,
		.match_count = pin->match_count,
		.match = pin->match,
	};
	made = assurance_make(&like);
	buf_free(&reason);
	return made;
}

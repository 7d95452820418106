#include "assurance/pins.h"

#include "assurance/decide.h"
#include "base/arena.h"
#include "base/hex.h"
#include "base/table.h"
#include "dns/name.h"
#include "tls/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PINS_BYTES_MAX = 64 * 1024 * 1024 }; /* some 100,000 pins */

struct assurance_pins {
	unsigned refs;
	struct arena *arena;
	struct table *by_text; /* struct assurance_pin; those of subdomains under ".domain" */
};

static const char *keep(struct arena *arena, const char *text)
{
	return arena_text(arena, slice_of(text ? text : ""));
}

static enum rc copy_match(struct arena *arena, const struct assurance_pin *from, const char *domain,
			  struct assurance_pin *to, struct fault *why)
{
	/* Without names: the domain, and whatever stands below it. */
	const char *own[] = { domain, arena_format(arena, ".%s", domain) };
	bool given = from->match_count > 0, below = to->domain[0] == '.';

	to->match_count = given ? from->match_count : from->key_count ? 0 : below ? 1 : 2;
	const char **match = ARENA_ARRAY(arena, const char *, to->match_count);
	to->match = match;
	if ((!match && to->match_count) || !own[1])
		return fault(why, RC_NOMEM, "memory is out");
	for (size_t i = 0; i < to->match_count; i++) {
		struct slice name = slice_of(given ? from->match[i] : own[below ? 1 : i]);
		struct slice bare = name;

		slice_drop_prefix(&bare, ".");
		if (!dns_is_hostname(bare))
			return fault(why, RC_INVALID, "%s: \"%.*s\" is no name to match",
				     from->domain, SLICE_ARG(name));
		match[i] = arena_text(arena, name);
		if (!match[i])
			return fault(why, RC_NOMEM, "memory is out");
	}
	return RC_OK;
}

static enum rc copy_proof(struct arena *arena, const struct assurance_pin *from,
			  struct assurance_pin *to, struct fault *why)
{
	const char **keys = ARENA_ARRAY(arena, const char *, from->key_count);
	struct fault told;

	to->keys = keys;
	to->key_count = from->key_count;
	to->ca = (struct slice){ arena_text(arena, from->ca), from->ca.len };
	to->anchors = keep(arena, from->anchors);
	if ((!keys && from->key_count) || !to->anchors || (!to->ca.at && from->ca.len))
		return fault(why, RC_NOMEM, "memory is out");
	for (size_t i = 0; i < from->key_count; i++) {
		uint8_t digest[32];
		if (!hex_parse(slice_of(from->keys[i]), digest, sizeof digest))
			return fault(why, RC_INVALID, "%s: \"%s\" is no SHA-256 of a key",
				     from->domain, from->keys[i]);
		keys[i] = keep(arena, from->keys[i]);
		if (!keys[i])
			return fault(why, RC_NOMEM, "memory is out");
	}
	if (from->ca.len && tls_anchors_apply(NULL, from->ca, &told) != RC_OK)
		return fault(why, RC_INVALID, "the authorities pinned for %s: %s", from->domain,
			     told.text);
	if (from->ca.len && !*to->anchors && from->level >= ASSURANCE_AUTHENTICATED)
		return fault(why, RC_INVALID,
			     "the authorities pinned for %s have no place where the MTA finds them",
			     from->domain);
	return RC_OK;
}

/* destination->text is what the pin is found by. */
static enum rc parse_domain(const char *domain, struct assurance_destination *destination,
			    struct fault *why)
{
	char text[ASSURANCE_DESTINATION_MAX];
	bool below = domain[0] == '.';
	enum rc rc = assurance_destination_parse(slice_of(domain + below), destination, why);

	if (rc != RC_OK || !below)
		return rc;
	if (destination->host || destination->literal || destination->port != 25)
		return fault(why, RC_INVALID, "%s: there are no domains below that", domain);
	snprintf(text, sizeof text, ".%s", destination->name);
	memcpy(destination->text, text, sizeof text);
	return RC_OK;
}

static enum rc add(struct assurance_pins *pins, const struct assurance_pin *from, struct fault *why)
{
	struct assurance_destination destination;
	struct assurance_pin *pin = ARENA_NEW(pins->arena, struct assurance_pin);
	enum rc rc = parse_domain(from->domain, &destination, why);
	void *old = NULL;

	if (rc != RC_OK)
		return rc;
	if (destination.literal && from->match_count == 0 && from->key_count == 0)
		return fault(why, RC_INVALID, "%s is an address: its pin needs names to match",
			     from->domain);
	if (!pin)
		return fault(why, RC_NOMEM, "memory is out");
	pin->level = from->level;
	pin->domain = keep(pins->arena, destination.text);
	pin->why = keep(pins->arena, from->why);
	pin->place = keep(pins->arena, from->place);
	if (!pin->domain || !pin->why || !pin->place)
		return fault(why, RC_NOMEM, "memory is out");
	rc = copy_proof(pins->arena, from, pin, why);
	if (rc == RC_OK && from->level != ASSURANCE_UNROUTABLE)
		rc = copy_match(pins->arena, from, destination.name, pin, why);
	if (rc != RC_OK)
		return rc;
	if (!table_set(pins->by_text, slice_of(pin->domain), pin, &old))
		return fault(why, RC_NOMEM, "memory is out");
	if (old)
		return fault(why, RC_INVALID, "%s is pinned twice", from->domain);
	return RC_OK;
}

static enum rc add_at(struct assurance_pins *pins, const struct assurance_pin *from,
		      struct fault *why)
{
	struct fault told;
	enum rc rc = add(pins, from, &told);

	if (rc == RC_OK)
		return RC_OK;
	return from->place && *from->place ? fault(why, rc, "%s: %s", from->place, told.text)
					   : fault(why, rc, "%s", told.text);
}

enum rc assurance_pins_make(const struct assurance_pin *from, size_t count,
			    struct assurance_pins **out, struct fault *why)
{
	struct assurance_pins *pins = calloc(1, sizeof *pins);
	enum rc rc = RC_OK;

	if (!pins)
		return fault(why, RC_NOMEM, "memory is out");
	pins->refs = 1;
	pins->arena = arena_new(PINS_BYTES_MAX);
	pins->by_text = table_new();
	if (!pins->arena || !pins->by_text)
		rc = fault(why, RC_NOMEM, "memory is out");
	for (size_t i = 0; rc == RC_OK && i < count; i++)
		rc = add_at(pins, &from[i], why);
	if (rc != RC_OK) {
		assurance_pins_free(pins);
		return rc;
	}
	*out = pins;
	return RC_OK;
}

struct assurance_pins *assurance_pins_ref(struct assurance_pins *pins)
{
	if (pins)
		pins->refs++;
	return pins;
}

void assurance_pins_free(struct assurance_pins *pins)
{
	if (!pins || --pins->refs > 0)
		return;
	arena_free(pins->arena);
	table_free(pins->by_text);
	free(pins);
}

const struct assurance_pin *assurance_pins_pick(const struct assurance_pins *pins,
						const struct assurance_destination *destination)
{
	const struct assurance_pin *pin = table_find(pins->by_text, slice_of(destination->text));
	const char *at = destination->name;

	if (destination->host || destination->literal ||
	    strcmp(destination->text, destination->name) != 0)
		return pin;
	while (!pin && (at = strchr(at, '.')) != NULL)
		pin = table_find(pins->by_text, slice_of(at++));
	return pin;
}

enum rc assurance_pin_words(const struct assurance_pin *pin, struct buf *out)
{
	bool below = pin->domain[0] == '.';

	(void)buf_addf(out, "the operator %s %s%s",
		       pin->level == ASSURANCE_UNROUTABLE ? "lets nothing be sent to"
							  : "vouches for",
		       below ? "the domains below " : "", pin->domain + below);
	(void)buf_addf(out, "%s%s", *pin->why ? ": " : "", pin->why);
	return *pin->place ? buf_addf(out, " (%s)", pin->place) : buf_state(out);
}

const struct assurance *assurance_pins_find(const struct assurance_pins *pins,
					    const struct assurance_destination *destination,
					    int64_t now_s)
{
	const struct assurance_pin *pin = assurance_pins_pick(pins, destination);
	struct buf words = BUF_INIT(2000);
	const struct assurance *made = NULL;

	if (!pin)
		return NULL;
	if (assurance_pin_words(pin, &words) == RC_OK) {
		const char *reason = buf_text(&words);
		made = assurance_make(&(struct assurance){
			.domain = destination->text,
			.level = pin->level,
			.by = ASSURANCE_BY_PIN,
			.until = now_s + ASSURANCE_UNTIL_MAX_S,
			.reason_count = 1,
			.reasons = &reason,
			.match_count = pin->match_count,
			.match = pin->match,
			.key_count = pin->key_count,
			.keys = pin->keys,
			.anchors = pin->anchors,
		});
	}
	buf_free(&words);
	return made;
}

/* assurance/pins.h: destinations that the operator vouches for.
 *
 *     { domain = "partner.example"; assurance = "authenticated";
 *       match = ["mx1.partner.example"]; why = "contract 2026-14"; }
 *
 * A pin holds for the destination as it is written, no parent and no other port,
 * and nothing is looked up for it.
 *
 * Memory   copies
 * Threads  immutable once made */
#pragma once

#include "assurance/assurance.h"
#include "assurance/destination.h"
#include "assurance/service.h"

struct assurance_pins;

/* RC_INVALID: a domain is none, stands twice, or a name to match is no host name;
 * *why names it. RC_NOMEM. */
enum rc assurance_pins_make(const struct assurance_pin *pins, size_t count,
			    struct assurance_pins **out, struct fault *why);
void assurance_pins_free(struct assurance_pins *pins); /* NULL is fine */

bool assurance_pins_have(const struct assurance_pins *pins,
			 const struct assurance_destination *destination);

/* What the pin says: the caller's reference. NULL: there is none, or no memory. */
const struct assurance *assurance_pins_find(const struct assurance_pins *pins,
					    const struct assurance_destination *destination,
					    int64_t now_s);

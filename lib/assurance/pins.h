/* assurance/pins.h: destinations that the operator vouches for.
 *
 *     { domain = "partner.example"; assurance = "authenticated";
 *       match = ["mx1.partner.example"]; why = "contract 2026-14"; }
 *
 * A pin holds for the destination as it is written, no parent and no other port; one that
 * begins with a dot for every domain below it, the longest before the others. Nothing is looked
 * up for it, but to show in a report what is published beside, and by a probe, which may find
 * that a host does not bear what is pinned.
 *
 * Memory   copies; counted
 * Threads  one: that of the service */
#pragma once

#include "assurance/assurance.h"
#include "assurance/destination.h"
#include "base/buf.h"

/* The operator's word on a destination (`destinations` in the rules file). */
struct assurance_pin {
	const char *domain; /* as a destination above; ".partner.example": all domains below, at
	                     * their own port, unless another says more */
	enum assurance_level level; /* UNROUTABLE: nothing may be sent there */
	size_t match_count;         /* names that the certificate may carry; none, and no keys: the
	                     * domain itself and names below it */
	const char *const *match;
	const char *why;
	size_t key_count;        /* SHA-256 of public keys, 64 lower-case hex digits each: one of */
	const char *const *keys; /* them proves the peer, and no name counts */
	struct slice ca;         /* certificates in PEM, which count in place of the system's
	                          * authorities; or empty */
	const char *anchors;     /* where the MTA finds ca; "" without */
	const char *place;       /* "rules.conf:12", or "" */
};

struct assurance_pins;

/* RC_INVALID: a domain is none, stands twice, or a name to match is no host name;
 * *why names it. RC_NOMEM. */
enum rc assurance_pins_make(const struct assurance_pin *pins, size_t count,
			    struct assurance_pins **out, struct fault *why);
struct assurance_pins *assurance_pins_ref(struct assurance_pins *pins); /* NULL stays NULL */
void assurance_pins_free(struct assurance_pins *pins); /* a reference; NULL is fine */

/* The pin for destination, its names and domain made exact; borrowed. NULL: there is none. */
const struct assurance_pin *assurance_pins_pick(const struct assurance_pins *pins,
						const struct assurance_destination *destination);

/* "the operator vouches for partner.example: contract 2026-14 (rules.conf:12)" */
enum rc assurance_pin_words(const struct assurance_pin *pin, struct buf *out);

/* What the pin says: the caller's reference. NULL: there is none, or no memory. */
const struct assurance *assurance_pins_find(const struct assurance_pins *pins,
					    const struct assurance_destination *destination,
					    int64_t now_s);

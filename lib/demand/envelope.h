/* demand/envelope.h: what is known of a message beside its content.
 *
 *     from jane@our.example, logged in, over TLS, 20 recipients, 3 MB, on a Sunday
 *
 * Memory   borrowed
 * Threads  immutable */
#pragma once

#include "base/slice.h"

struct settings_outbound;

enum demand_wish { DEMAND_WISH_NONE, DEMAND_WISH_AUTHENTICATED, DEMAND_WISH_REQUIRETLS };

struct demand_envelope {    /* borrowed facts */
	struct slice from;  /* "" for the null sender; no brackets */
	bool authenticated; /* submitted with SMTP AUTH */
	bool submission_tls;
	enum demand_wish wish;  /* Postern-Require, or MAIL … REQUIRETLS */
	uint64_t size_bytes;    /* of the whole message */
	size_t recipient_count; /* of the message */
	int64_t now_s;          /* Unix time */
	/* Whose domains are ours; NULL: not known, and conditions on the direction hold. */
	const struct settings_outbound *outbound;
	bool observe; /* what would be, if all that observe enforced */
};

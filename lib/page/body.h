/* page/body.h: the JSON that the portal's own scripts send.
 *
 *     {"auth1":"0a1b…64 digits"}
 *     {"ticket":"…","auth2":"…","code":"12345678"}
 *
 * Standard  RFC 8259; docs/man/postern-portal.8 names the fields of each request
 * Memory    fixed; it holds proofs and tickets: page_body_wipe()
 * Threads   pure functions */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

enum {
	PAGE_PROOF_BYTES = 32,
	PAGE_PIN_MAX = 16,    /* digits; ours have eight */
	PAGE_BODY_MAX = 4096, /* bytes; the longest has three fields of 64 digits */
};

enum page_field { /* which are there, as bits */
		  PAGE_FIELD_TICKET = 1,
		  PAGE_FIELD_AUTH1 = 2,
		  PAGE_FIELD_AUTH2 = 4,
		  PAGE_FIELD_LOCATE = 8,
		  PAGE_FIELD_DIGEST = 16,
		  PAGE_FIELD_PIN = 32, /* "code" */
		  PAGE_FIELD_FROM = 64,
};

struct page_body {
	unsigned has;
	uint8_t ticket[PAGE_PROOF_BYTES];
	uint8_t proof[PAGE_PROOF_BYTES]; /* auth1, auth2, locate or digest */
	char pin[PAGE_PIN_MAX + 1];      /* digits only */
	uint64_t from;                   /* a byte offset */
};

/* needs and may: the fields that must and that may be there. Fields that no request has are
 * passed over, so that scripts can be newer than we are.
 *   RC_INVALID  not such a body; *why says what is wrong, never quoting it
 *   RC_LIMIT    longer than PAGE_BODY_MAX     RC_NOMEM */
enum rc page_body_parse(struct slice json, unsigned needs, unsigned may, struct page_body *out,
			struct fault *why);

void page_body_wipe(struct page_body *body); /* for CLEANUP() */

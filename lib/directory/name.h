/* directory/name.h: what the directory keeps an entry under: an address or a domain.
 *
 *     "Jane.Doe@Partner.Example."  →  "jane.doe@partner.example"
 *     "Müller.Example"             →  "xn--mller-kva.example"
 *     ".partner.example", "<j@p.example>", "@partner.example"  are taken too
 *
 * Local parts are compared without regard to case here: no real mail system has two people
 * whose addresses differ in nothing else, and a phrase that is not found for a capital letter
 * would be one told for nothing.
 *
 * Standard  RFC 5321 §4.1.2 and RFC 6531 §3.3 (addresses), RFC 5891 (A-labels)
 * Threads   pure functions */
#pragma once

#include "base/fault.h"
#include "dns/name.h"
#include "mail/address.h"

enum { DIRECTORY_NAME_MAX = MAIL_ADDRESS_MAX };

struct directory_name {
	char text[DIRECTORY_NAME_MAX + 1]; /* normal form */
	size_t local_len; /* bytes before the "@"; 0: a domain, whose text has no "@" */
};

/* RC_INVALID: neither an address nor a domain, or an address literal. RC_LIMIT: too long. */
enum rc directory_name_parse(struct slice text, struct directory_name *out, struct fault *why);

/* The next wider name that an entry may stand under: the address's domain, then the domain's
 * parent, and so on. False, with *name untouched: there is none. */
bool directory_name_widen(struct directory_name *name);

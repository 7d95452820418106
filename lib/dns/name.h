/* dns/name.h: domain names in text form.
 *
 *     "Müller.Example."  →  "xn--mller-kva.example"
 *
 * Standard  RFC 1035 §2.3.4 (sizes), RFC 1123 §2.1 (host names), RFC 5891 and
 *           UTS #46 (U-labels), non-transitional: "ß" is not "ss"
 * Threads   pure functions */
#pragma once

#include "base/fault.h"
#include "base/slice.h"
#include "dns/answer.h"

enum {
	DNS_LABEL_MAX = 63,    /* bytes of a label, RFC 1035 §2.3.4 */
	DNS_UNICODE_MAX = 1016 /* bytes of UTF-8 that are looked at: four for each of a name's */
};

/* Letters, digits, hyphens (not at a label's ends) in labels of 1..63 bytes, 253
 * in all, no final dot (RFC 1123 §2.1); A-labels pass, U-labels do not. */
bool dns_is_hostname(struct slice name);

/* Writes name as it is looked up and compared: lower case, U-labels as A-labels,
 * without a final dot; what comes out goes in again unchanged. Underscores pass
 * (RFC 8552), and hyphens anywhere; A-labels are not decoded, so that names
 * registered under older rules still work.
 *   RC_INVALID  empty (the root too), an empty label, a label or name that is too
 *               long, a byte that is no letter, digit, hyphen or underscore, bad
 *               UTF-8, or U-labels that UTS #46 does not allow
 *   RC_NOMEM
 * out is untouched on failure; it holds DNS_NAME_MAX bytes. */
enum rc dns_name_normalise(struct slice name, char *out, struct fault *why);

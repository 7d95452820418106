/* assurance/strict.h: the strict map's answer, by which Postfix holds a delivery
 * to what was decided.
 *
 *     dane:   OK dane-only
 *     sts:    OK secure match=mx1.example:mx2.example servername=hostname
 *     pin:    OK secure match=mail.partner.example servername=hostname
 *             OK secure match=mail.partner.example servername=hostname tafile=postern/ca/3f2a.pem
 *             OK fingerprint match=3F:2A:... servername=hostname
 *     lower:  TEMP partner.example: the MX records are not signed and …
 *
 * The hosts listed are those that we matched against the policy ourselves:
 * Postfix reads a pattern as any depth of names. There is no "not found", since
 * that would let the transport's own level, or its absence, decide.
 *
 * A pinned key needs smtp_tls_fingerprint_digest=sha256 of the transport; with another digest
 * nothing matches, and mail waits.
 *
 * Standard  socketmap_table(5), smtp_tls_policy_maps in postconf(5); RFC 8461 §4.1
 * Threads   pure function */
#pragma once

#include "assurance/assurance.h"
#include "base/buf.h"

enum { ASSURANCE_STRICT_MAX = 8192 }; /* bytes: 32 hosts of 253; Postfix reads 100,000 */

/* Adds one reply, "OK …" or "TEMP …", without the netstring around it. A reply
 * that does not fit out becomes none: RC_LIMIT or RC_NOMEM as of buf_add(). */
enum rc assurance_strict_reply(const struct assurance *assurance, struct buf *out);

/* assurance/map.h: what the MTA is told of a destination, by the map it asks.
 *
 *     strict         dane-only, secure or "not now", never "not found": strict.h
 *     policy         the same for all other mail, where no promise means the MTA's
 *                    own default:
 *         DANE at every host           OK dane-only
 *         DANE at some, or unusable    OK dane
 *         MTA-STS enforce, a pin       OK secure match=mx1.example servername=hostname
 *         promised, and not to be had  TEMP partner.example is undetermined, …
 *         nothing promised             NOTFOUND
 *     policy-tlsrpt  the same, and for MTA-STS the words by which Postfix >= 3.10
 *                    reports (TLSRPT): policy_type=sts policy_domain=partner.example
 *                    mx_host_pattern=*.partner.example { policy_string = mode: enforce } …
 *                    An older Postfix defers all mail over them.
 *     sts            what MTA-STS promises, and nothing else: for Sendmail's FEATURE(`sts')
 *         enforce                      OK secure match=mx1.example:mx2.example servername=hostname
 *         enforce, and no host of it   TEMP
 *         all else                     NOTFOUND
 *
 * Ordinary mail is held to what a destination has promised, and to no more: a policy
 * that nobody could fetch is no policy. `dane` leaves the hosts to Postfix, one
 * by one: those without TLSA records get mail as ever, those whose records cannot be had
 * are skipped, as RFC 7672 has it; where MTA-STS binds such hosts too it is dane-only.
 *
 * Standard  socketmap_table(5), smtp_tls_policy_maps in postconf(5), Postfix's
 *           TLSRPT_README; RFC 7672 §2.2, RFC 8461 §3.3, §5, RFC 8460 §4.2
 * Threads   pure functions */
#pragma once

#include "assurance/assurance.h"
#include "base/buf.h"

enum assurance_map {
	ASSURANCE_MAP_STRICT,
	ASSURANCE_MAP_POLICY,
	ASSURANCE_MAP_POLICY_TLSRPT,
	ASSURANCE_MAP_STS
};

/* Bytes of a reply: 64 patterns of 255, each said twice, and 32 hosts. Postfix reads 100,000. */
enum { ASSURANCE_MAP_MAX = 65536 };

/* Whether there is a map of that name. */
bool assurance_map_named(struct slice name, enum assurance_map *out);

/* Adds one reply, without the netstring around it. What does not fit out
 * becomes none: RC_LIMIT or RC_NOMEM as of buf_add(). */
enum rc assurance_map_reply(enum assurance_map map, const struct assurance *assurance,
			    struct buf *out);

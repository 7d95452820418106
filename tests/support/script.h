/* support/script.h: a small world for assurance, told in text, on a clock of its
 * own.
 *
 *     zone partner.example secure
 *     partner.example          MX    10 mx1.partner.example, 20 mx2.partner.example
 *     mx1.partner.example      A     192.0.2.1
 *     _25._tcp.mx1.partner.example  TLSA  3 1 1 sha256
 *     mx2.partner.example      *     failed SERVFAIL
 *     alias.partner.example    CNAME mx1.partner.example
 *     _mta-sts.partner.example TXT   v=STSv1; id=1 | another record
 *     https mta-sts.partner.example  version: STSv1\nmode: enforce\n…
 *     https mta-sts.other.example    fails the server answered 404
 *     https mta-sts.slow.example     never
 *     probe mx1.partner.example      ok starttls authenticated requiretls TLSv1.3
 *     probe mx2.partner.example      fails starttls TLSv1.3 : another certificate
 *     probe mx3.partner.example      unknown : refused
 *
 * One line each. A name without any line does not exist; one with other types
 * has no data. Answers are secure below the longest `zone … secure`, insecure
 * elsewhere (`zone … insecure` cuts one out), and CNAMEs are followed, so that
 * trust is that of the whole chain. A word in front of the data changes one
 * answer: `insecure`, `secure`, `ttl=5`, `delay=200` (milliseconds; each answer
 * takes 1 without). `failed WHY`, `nodata`, `nxdomain`, `never` stand for data,
 * and type `*` for every type that has no line of its own. TLSA data: hex
 * digits, or `sha256`, `sha512`: that many bytes of something; several records
 * are separated by commas, TXT records by bars. A later line replaces an earlier
 * one of the same name and type.
 *
 * Nothing runs by itself: script_run() plays what is due, one event after the
 * other, on the script's own clock.
 *
 * Threads  one */
#pragma once

#include "assurance/source.h"

struct script;

/* Ends the program with a message when text is not a script, or memory is out. */
struct script *script_new(const char *text);
void script_free(struct script *script);

/* Adds lines, or changes them, from now on. */
void script_say(struct script *script, const char *text);

/* Sources that read the script; their arg is the script. */
struct assurance_sources script_sources(struct script *script);

/* Plays events for at most ms milliseconds of the script's time, which then is
 * that much later; stops early, and is true, when *until (may be NULL) is set. */
bool script_run(struct script *script, int64_t ms, const bool *until);

int64_t script_now_s(const struct script *script); /* starts at 1,800,000,000 */
int64_t script_now_ms(const struct script *script);
void script_pass(struct script *script, int64_t seconds); /* nothing may be due meanwhile */

/* How often NAME TYPE was asked ("mx1.partner.example TLSA"), or a policy fetched
 * ("https mta-sts.partner.example"), or a host
 * probed ("probe-dane mx1.partner.example", "probe-sts …", "probe-pin …", "probe …") and with
 * which reference name ("partner.example mx1.partner.example"); "" is everything. */
unsigned script_asked(const struct script *script, const char *question);
size_t script_pending(const struct script *script); /* events still to come */

/* dane/tlsa.h: which TLSA records can authenticate an SMTP server.
 *
 *     3 1 1 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1
 *
 * The numbers are usage, selector and matching type. With SMTP only usage 2
 * (DANE-TA) and 3 (DANE-EE) count: 0 and 1 lean on public CAs, which RFC 7672
 * leaves out. A record that is not usable still says that its host does TLS.
 *
 * Standard  RFC 6698 §2.1 (fields), RFC 7672 §2.2 and §3.1 (usable), RFC 7671 §4
 * Threads   pure functions */
#pragma once

#include "dns/answer.h"

enum dane_usage { DANE_PKIX_TA, DANE_PKIX_EE, DANE_TA, DANE_EE };
enum dane_selector { DANE_CERTIFICATE, DANE_PUBLIC_KEY };
enum dane_matching { DANE_WHOLE, DANE_SHA256, DANE_SHA512 };

/* Whether record can be used to authenticate. When not, *why (may be NULL) is a
 * few lasting words: "usage 0 leans on public CAs (RFC 7672 §3.1.3)". */
bool dane_tlsa_is_usable(const struct dns_tlsa *record, const char **why);

/* How many of a DNS_FOUND answer's records are usable; *why (may be NULL) is
 * set, when none is, to why the first is not. */
unsigned dane_tlsa_count_usable(const struct dns_answer *answer, const char **why);

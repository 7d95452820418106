/* assurance/hosts.h: the servers that a destination's mail goes to, and what they may call
 * themselves.
 *
 *     partner.example  MX 10 mx1, 20 mx2, 20 mx1    →  mx1, mx2
 *     partner.example  CNAME other.example, MX 10 mx.other.example, TLSA 2 1 1 at mx.other.example
 *                                                   →  a certificate for mx.other.example,
 *                                                      partner.example or other.example
 *
 * Standard  RFC 5321 §5.1, RFC 7505 §3, RFC 7672 §3.2.2
 * Memory    names are borrowed from the answers
 * Threads   pure functions */
#pragma once

#include "assurance/decide.h"
#include "dane/base.h"

/* Fills hosts (ASSURANCE_HOSTS_MAX of them) with those that destination's mail
 * goes to, in order of preference, each once; their answers are NULL. 0: none:
 * literal, null MX, NXDOMAIN, failed. mx may be NULL where it is not asked. */
size_t assurance_hosts(const struct assurance_destination *destination, const struct dns_answer *mx,
		       struct assurance_host *hosts);

/* What DANE judges a host by: its answers so far. found_securely: so it was named. Borrows. */
struct dane_evidence assurance_host_evidence(const struct assurance_host *host, uint16_t port,
					     bool found_securely);

/* The names that a certificate may bear where DANE-TA proves a host (RFC 7672 §3.2.2): the TLSA
 * base domain, the next-hop domain, and that with its CNAMEs followed; each once. mx may be NULL.
 * Borrowed; how many. */
size_t assurance_reference_names(const struct assurance_destination *destination,
				 const struct dns_answer *mx, const char *base,
				 const char *names[static ASSURANCE_PROBE_NAMES_MAX]);

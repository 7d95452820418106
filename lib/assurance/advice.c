#include "assurance/advice.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct advice {
	struct arena *arena;
	const char **out;
	size_t count;
};

static __attribute__((format(printf, 2, 3))) void say(struct advice *advice, const char *format,
						      ...)
{
	char text[600];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	for (size_t i = 0; i < advice->count; i++)
		if (strcmp(advice->out[i], text) == 0)
			return;
	const char *kept = arena_format(advice->arena, "%s", text);
	if (kept && advice->count < ASSURANCE_ADVICE_MAX)
		advice->out[advice->count++] = kept;
}

static bool is_enforced(const struct assurance *a)
{
	return a->sts && strcmp(a->sts->mode, "enforce") == 0;
}

/* ---- one host ---- */

static void advise_probe(struct advice *advice, const struct assurance *a,
			 const struct assurance_mx *mx)
{
	const struct assurance_probe *probe = &mx->probe;

	if (!probe->done)
		return;
	if (!probe->starttls && *probe->why)
		say(advice,
		    "%s did not offer STARTTLS when it was spoken to: switch TLS on there, or take "
		    "away what hides it (RFC 3207).",
		    mx->host);
	else if (*probe->tls && !probe->authenticated && *mx->tlsa_base)
		say(advice,
		    "The certificate of %s is not the one that its TLSA records name: publish the "
		    "record of a new key before the key is used, and take the old one away after "
		    "(RFC 7671 section 8.1).",
		    mx->host);
	else if (*probe->tls && !probe->authenticated && mx->sts_match && is_enforced(a))
		say(advice,
		    "%s needs a certificate for its own name from a public authority, with the "
		    "whole "
		    "chain (RFC 8461 section 4.2).",
		    mx->host);
}

static void advise_dane(struct advice *advice, const struct assurance_mx *mx)
{
	if (mx->lookup != ASSURANCE_SECURE)
		return;
	if (mx->tlsa == ASSURANCE_ERROR)
		say(advice,
		    "The name servers of %s do not answer the question for TLSA records as they "
		    "should (a denial must be signed): senders that check DANE skip this host "
		    "(RFC 7672 section 2.1.2).",
		    mx->host);
	else if (mx->address == ASSURANCE_INSECURE)
		say(advice,
		    "Sign the zone that %s stands in with DNSSEC: without it its TLSA records "
		    "count for nothing (RFC 7672 section 2.2.2).",
		    mx->host);
	else if (mx->tlsa == ASSURANCE_SECURE && mx->usable == 0)
		say(advice,
		    "None of the TLSA records of %s is usable for SMTP: publish one of the form "
		    "3 1 1 (RFC 7672 section 3.1.1).",
		    mx->host);
	else if (mx->tlsa == ASSURANCE_ABSENT)
		say(advice,
		    "Publish a TLSA record at _25._tcp.%s, best of the form 3 1 1 with the digest "
		    "of "
		    "the host's public key (RFC 7672 section 3.1.1): the MX records are signed "
		    "already.",
		    mx->host);
}

/* ---- the domain ---- */

static void advise_sts(struct advice *advice, const struct assurance *a)
{
	const struct assurance_sts *sts = a->sts;

	if (!sts || a->level >= ASSURANCE_AUTHENTICATED)
		return;
	if (strcmp(sts->mode, "testing") == 0)
		say(advice, "Change the mode of the MTA-STS policy from testing to enforce, and "
			    "its id with "
			    "it (RFC 8461 section 5).");
	for (size_t i = 0; strcmp(sts->mode, "enforce") == 0 && i < a->mx_count; i++)
		if (!a->mx[i].sts_match)
			say(advice,
			    "Add \"mx: %s\" to the MTA-STS policy and change its id: senders that "
			    "keep to the policy do not use this host (RFC 8461 section 4.1).",
			    a->mx[i].host);
}

/* Nothing could be asked further: the name servers, or what they sign, are at fault. */
static void advise_lookups(struct advice *advice, const struct assurance *a)
{
	if (a->level != ASSURANCE_UNDETERMINED || a->mx_count > 0)
		return;
	say(advice,
	    "Make sure that all name servers of %s answer, and that what they answer is signed as "
	    "its parent zone says (delv -t MX %s): a resolver that validates gives out nothing "
	    "else.",
	    a->domain, a->domain);
}

static bool is_signed(const struct assurance *a)
{
	return a->mx_count > 0 && a->mx[0].lookup == ASSURANCE_SECURE;
}

static void advise_beginning(struct advice *advice, const struct assurance *a)
{
	if (a->level != ASSURANCE_NONE || a->mx_count == 0 || is_signed(a) || a->sts)
		return;
	say(advice,
	    "Publish an MTA-STS policy for %s in mode enforce (a TXT record at _mta-sts.%s and a "
	    "file at https://mta-sts.%s/.well-known/mta-sts.txt, RFC 8461 section 3); or sign the "
	    "domain with DNSSEC and publish TLSA records for its mail servers (RFC 7672).",
	    a->domain, a->domain, a->domain);
}

size_t assurance_advise(const struct assurance *a, struct arena *arena,
			const char *out[static ASSURANCE_ADVICE_MAX])
{
	struct advice advice = { arena, out, 0 };

	if (a->by == ASSURANCE_BY_NULL_MX || a->by == ASSURANCE_BY_PIN)
		return 0;
	for (size_t i = 0; i < a->mx_count; i++)
		advise_probe(&advice, a, &a->mx[i]);
	advise_sts(&advice, a);
	for (size_t i = 0; i < a->mx_count; i++)
		if (a->mx[i].level < ASSURANCE_AUTHENTICATED)
			advise_dane(&advice, &a->mx[i]);
	advise_beginning(&advice, a);
	advise_lookups(&advice, a);
	return advice.count;
}

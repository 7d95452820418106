#include "dane/base.h"

#include <stdio.h>
#include <string.h>

static bool is_found(const struct dns_answer *answer)
{
	return answer->status == DNS_FOUND;
}

static bool is_secure(const struct dns_answer *answer)
{
	return is_found(answer) && answer->trust == DNS_SECURE;
}

static void end(struct dane_step *step, enum dane_outcome outcome)
{
	step->next = DANE_DONE;
	step->ask[0] = '\0';
	step->outcome = outcome;
}

static void ask(struct dane_step *step, enum dane_next next, const char *name)
{
	step->next = next;
	snprintf(step->ask, sizeof step->ask, "%s", name);
}

/* The answer that speaks for the host: one with addresses, a secure one if
 * there is. A family that fails beside one that answers does not count: many
 * hosts break on AAAA only (our reading; RFC 7672 §2.2.2 would skip the host). */
static const struct dns_answer *take_addresses(const struct dane_evidence *e)
{
	if (is_secure(e->a))
		return e->a;
	if (is_secure(e->aaaa))
		return e->aaaa;
	if (is_found(e->a))
		return e->a;
	return is_found(e->aaaa) ? e->aaaa : NULL;
}

static void end_without_address(const struct dane_evidence *e, struct dane_step *step)
{
	const struct dns_answer *failed = e->a->status == DNS_FAILED ? e->a : e->aaaa;

	if (failed->status == DNS_FAILED) {
		end(step, DANE_UNKNOWN);
		step->address = DANE_SEEN_ERROR;
		(void)fault(&step->why, RC_RETRY, "looking up the address of %s failed: %s",
			    e->host, failed->why);
		return;
	}
	end(step, DANE_NO_ADDRESS);
	step->address = DANE_SEEN_NOTHING;
	(void)fault(&step->why, RC_ABSENT, "%s has no address", e->host);
}

static void end_absent(struct dane_step *step, enum dane_seen tlsa, const char *base,
		       const char *words)
{
	end(step, DANE_ABSENT);
	step->tlsa = tlsa;
	(void)fault(&step->why, RC_ABSENT, "%s %s", base, words);
}

/* Whether the candidate settles it; otherwise the next one is to be tried. */
static bool settles(const struct dns_answer *tlsa, const char *base, struct dane_step *step)
{
	if (tlsa->status == DNS_FAILED) {
		end(step, DANE_UNKNOWN);
		step->tlsa = DANE_SEEN_ERROR;
		(void)fault(&step->why, RC_RETRY,
			    "looking up TLSA at %s failed: %s (RFC 7672 section 2.1.2: the host "
			    "counts as unreachable)",
			    tlsa->asked, tlsa->why);
		return true;
	}
	if (!is_secure(tlsa))
		return false;
	end(step, DANE_BOUND);
	step->tlsa = DANE_SEEN_SECURE;
	step->base = base;
	step->bound = tlsa;
	return true;
}

/* False when no such name can exist, since it would be too long. */
static bool ask_tlsa(struct dane_step *step, enum dane_next next, uint16_t port, const char *base)
{
	char name[DNS_NAME_MAX];
	int len = snprintf(name, sizeof name, "_%u._tcp.%s", port, base);

	if (len < 0 || (size_t)len >= sizeof name)
		return false;
	ask(step, next, name);
	return true;
}

static void step_original(const struct dane_evidence *e, struct dane_step *step)
{
	if (!e->original && ask_tlsa(step, DANE_ASK_ORIGINAL, e->port, e->host))
		return;
	if (e->original && settles(e->original, e->host, step))
		return;
	if ((e->original && is_found(e->original)) || (e->expanded && is_found(e->expanded)))
		end_absent(step, DANE_SEEN_INSECURE, e->host,
			   "has TLSA records that are not signed");
	else
		end_absent(step, DANE_SEEN_NOTHING, e->host, "has no TLSA records");
}

static void step_secure(const struct dane_evidence *e, const struct dns_answer *address,
			struct dane_step *step)
{
	if (address->aliased) {
		if (!e->expanded && ask_tlsa(step, DANE_ASK_EXPANDED, e->port, address->name))
			return;
		if (e->expanded && settles(e->expanded, address->name, step))
			return;
	}
	step_original(e, step);
}

/* The addresses are not signed. Where they were reached through a CNAME, only
 * the CNAME itself can still be (RFC 7672 §2.1.3). */
static void step_insecure(const struct dane_evidence *e, const struct dns_answer *address,
			  struct dane_step *step)
{
	if (!address->aliased) {
		end_absent(step, DANE_NOT_SEEN, e->host, "is not signed");
		return;
	}
	if (!e->cname) {
		ask(step, DANE_ASK_CNAME, e->host);
		return;
	}
	if (is_secure(e->cname)) {
		step_original(e, step);
		return;
	}
	if (is_found(e->cname)) {
		end_absent(step, DANE_NOT_SEEN, e->host, "is an alias that is not signed");
		return;
	}
	end(step, DANE_UNKNOWN);
	(void)fault(&step->why, RC_RETRY, "looking up the CNAME of %s failed: %s", e->host,
		    e->cname->status == DNS_FAILED ? e->cname->why : "it was there a moment ago");
}

void dane_base_step(const struct dane_evidence *e, struct dane_step *step)
{
	const struct dns_answer *address;

	*step = (struct dane_step){ .base = "", .address = DANE_NOT_SEEN, .tlsa = DANE_NOT_SEEN };
	if (!e->a || !e->aaaa) {
		ask(step, DANE_ASK_ADDRESSES, e->host);
		return;
	}
	address = take_addresses(e);
	if (!address) {
		end_without_address(e, step);
		return;
	}
	step->address = address->trust == DNS_SECURE ? DANE_SEEN_SECURE : DANE_SEEN_INSECURE;
	if (!e->found_securely)
		end_absent(step, DANE_NOT_SEEN, e->host,
			   "was named by MX records that are not signed");
	else if (address->trust == DNS_SECURE)
		step_secure(e, address, step);
	else
		step_insecure(e, address, step);
}

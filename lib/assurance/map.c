#include "assurance/map.h"

#include "assurance/destination.h"
#include "assurance/strict.h"
#include "dns/name.h"

#include <string.h>

bool assurance_map_named(struct slice name, enum assurance_map *out)
{
	static const char *const names[] = {
		[ASSURANCE_MAP_STRICT] = "strict",
		[ASSURANCE_MAP_POLICY] = "policy",
		[ASSURANCE_MAP_POLICY_TLSRPT] = "policy-tlsrpt",
		[ASSURANCE_MAP_STS] = "sts",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (slice_is(name, names[i])) {
			*out = (enum assurance_map)i;
			return true;
		}
	return false;
}

static bool is_enforced(const struct assurance *a)
{
	return a->sts && strcmp(a->sts->mode, "enforce") == 0;
}

/* Whether DANE proves every host that mail may go to. */
static bool is_dane_throughout(const struct assurance *a)
{
	for (size_t i = 0; i < a->mx_count; i++)
		if (a->mx[i].level != ASSURANCE_UNROUTABLE && a->mx[i].usable == 0)
			return false;
	return true;
}

static bool has_signed_hosts(const struct assurance *a)
{
	return a->mx_count > 0 && a->mx[0].lookup == ASSURANCE_SECURE;
}

/* ---- for reports ---- */

static bool is_listed(const char *host, const struct assurance *a)
{
	for (size_t i = 0; i < a->match_count; i++)
		if (strcmp(a->match[i], host) == 0)
			return true;
	return false;
}

/* Postfix takes any host that the patterns name where they are given, so they are given
 * only where that lets in no host that we left out: one whose DANE fails, say. */
static bool is_reportable(const struct assurance *a)
{
	if (a->by != ASSURANCE_BY_STS || !is_enforced(a) || a->sts->mx_count == 0)
		return false;
	for (size_t i = 0; i < a->mx_count; i++)
		if (a->mx[i].sts_match && a->mx[i].level != ASSURANCE_UNROUTABLE &&
		    !is_listed(a->mx[i].host, a))
			return false;
	for (size_t i = 0; i < a->sts->mx_count; i++) {
		struct slice name = { a->sts->mx[i], strlen(a->sts->mx[i]) };

		slice_drop_prefix(&name, "*.");
		if (!dns_is_hostname(name))
			return false;
	}
	return true;
}

static enum rc add_report(const struct assurance *a, struct buf *out)
{
	struct assurance_destination d;
	const struct assurance_sts *sts = a->sts;

	if (!is_reportable(a) ||
	    assurance_destination_parse((struct slice){ a->domain, strlen(a->domain) }, &d, NULL) !=
		    RC_OK)
		return RC_OK;
	(void)buf_addf(out, " policy_type=sts policy_domain=%s", d.name);
	for (size_t i = 0; i < sts->mx_count; i++)
		(void)buf_addf(out, " mx_host_pattern=%s", sts->mx[i]);
	(void)buf_addf(out, " { policy_string = version: STSv1 } { policy_string = mode: %s }",
		       sts->mode);
	for (size_t i = 0; i < sts->mx_count; i++)
		(void)buf_addf(out, " { policy_string = mx: %s }", sts->mx[i]);
	return buf_addf(out, " { policy_string = max_age: %u }", (unsigned)sts->max_age);
}

/* ---- all other mail ---- */

static enum rc add_authenticated(enum assurance_map map, const struct assurance *a, struct buf *out)
{
	if (a->by == ASSURANCE_BY_DANE)
		return buf_add_text(out, is_dane_throughout(a) || is_enforced(a) ? "OK dane-only"
										 : "OK dane");

	enum rc rc = assurance_strict_reply(a, out);
	if (rc == RC_OK && map == ASSURANCE_MAP_POLICY_TLSRPT && a->match_count > 0)
		rc = add_report(a, out);
	return rc;
}

static enum rc add_undetermined(const struct assurance *a, struct buf *out)
{
	/* Host by host, as only the MTA can: it skips those that cannot be judged. */
	if (has_signed_hosts(a) && !a->held)
		return buf_add_text(out, "OK dane");
	/* Without MX records nothing can be delivered now (RFC 5321 §5.1), and DANE
	 * may be behind them (RFC 7672 §2.1.2). */
	if (a->held || a->mx_count == 0)
		return assurance_strict_reply(a, out);
	return buf_add_text(out, "NOTFOUND ");
}

static enum rc add_policy(enum assurance_map map, const struct assurance *a, struct buf *out)
{
	if (assurance_meets(a->level, ASSURANCE_AUTHENTICATED))
		return add_authenticated(map, a, out);
	if (is_enforced(a)) /* no host that its policy names can be had (RFC 8461 §5) */
		return assurance_strict_reply(a, out);

	switch (a->level) {
	case ASSURANCE_UNDETERMINED:
		return add_undetermined(a, out);
	case ASSURANCE_ENCRYPTED:
		return buf_add_text(out, a->by == ASSURANCE_BY_PIN ? "OK encrypt" : "OK dane");
	case ASSURANCE_UNROUTABLE:
		if (a->by == ASSURANCE_BY_PIN) /* never-mail; for the rest the MTA says so itself */
			return assurance_strict_reply(a, out);
		break;
	case ASSURANCE_NONE:
	case ASSURANCE_AUTHENTICATED:
	case ASSURANCE_REQUIRETLS:
		break;
	}
	return buf_add_text(out, "NOTFOUND ");
}

/* ---- for Sendmail, which knows DANE by itself or not at all ---- */

static enum rc add_sts(const struct assurance *a, struct buf *out)
{
	size_t count = 0, before = out->len;

	if (!is_enforced(a))
		return a->held ? assurance_strict_reply(a, out) : buf_add_text(out, "NOTFOUND ");
	(void)buf_add_text(out, "OK secure match=");
	for (size_t i = 0; i < a->mx_count; i++) {
		if (!a->mx[i].sts_match ||
		    !assurance_meets(a->mx[i].level, ASSURANCE_AUTHENTICATED))
			continue;
		(void)buf_add_text(out, count++ ? ":" : "");
		(void)buf_add_text(out, a->mx[i].host);
	}
	if (count > 0)
		return buf_add_text(out, " servername=hostname");
	out->len = before;
	return buf_addf(out, "TEMP no host that the MTA-STS policy of %s names can be had now",
			a->domain);
}

static enum rc add_reply(enum assurance_map map, const struct assurance *a, struct buf *out)
{
	switch (map) {
	case ASSURANCE_MAP_STRICT:
		return assurance_strict_reply(a, out);
	case ASSURANCE_MAP_POLICY:
	case ASSURANCE_MAP_POLICY_TLSRPT:
		return add_policy(map, a, out);
	case ASSURANCE_MAP_STS:
		return add_sts(a, out);
	}
	return RC_INVALID;
}

enum rc assurance_map_reply(enum assurance_map map, const struct assurance *a, struct buf *out)
{
	size_t before = out->len;
	enum rc rc = add_reply(map, a, out);

	if (rc == RC_OK && out->len - before > ASSURANCE_MAP_MAX)
		rc = RC_LIMIT;
	if (rc != RC_OK) /* whole or not at all */
		out->len = before;
	return rc;
}

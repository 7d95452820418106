#include "cli/lint_report.h"

#include "assurance/pins.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/lookup.h"
#include "outlook/outlook.h"

#include <stdlib.h>
#include <string.h>

enum {
	AT_ONCE = 256,  /* looked up together */
	NAMED_MAX = 4,  /* hosts named in a sentence */
	LIST_MAX = 600, /* bytes of such a list */
};

/* ---- as they are written ---- */

static bool is_internal(const struct settings *s, const char *domain)
{
	for (size_t i = 0; i < s->outbound.internal_domains.count; i++)
		if (slice_same_nocase(slice_of(domain),
				      slice_of(s->outbound.internal_domains.at[i])))
			return true;
	return false;
}

void lint_check_destinations(struct lint_report *report)
{
	const struct rules *rules = report->rules;
	struct arena *arena = arena_new(OUTLOOK_PINS_BYTES_MAX);
	struct assurance_pins *made = NULL;
	struct assurance_pin *pins;
	struct fault why = { "out of memory" };
	size_t count;

	/* As the milter makes them. */
	if (!arena || outlook_pins(report->settings, rules, arena, &pins, &count, &why) != RC_OK ||
	    assurance_pins_make(pins, count, &made, &why) != RC_OK)
		lint_complain(report, &why);
	assurance_pins_free(made);
	arena_free(arena);
	if (outlook_check_relay(report->settings, rules, &why) != RC_OK)
		lint_complain(report, &why);
	for (size_t i = 0; i < rules->destination_count; i++)
		if (is_internal(report->settings, rules->destinations[i].domain))
			lint_warn(report,
				  "%s:%u: %s is one of outbound.internal_domains, so that nothing "
				  "here holds for it",
				  rules->destinations[i].place.file,
				  rules->destinations[i].place.line, rules->destinations[i].domain);
}

/* ---- beside what is published ---- */

struct looking {
	struct lint_report *report;
	const struct rules_destination *d;
	const struct assurance *a; /* what would hold without the pin */
};

#define WARN(l, format, ...)                                                                       \
	lint_warn((l)->report, "%s:%u: " format, (l)->d->place.file, (l)->d->place.line,           \
		  __VA_ARGS__)

/* "mx1.partner.example": name or suffix. */
static bool covers(const char *match, const char *host)
{
	size_t len = strlen(match), all = strlen(host);

	if (match[0] != '.')
		return slice_same_nocase(slice_of(match), slice_of(host));
	return all > len && slice_same_nocase(slice_of(match), slice_of(host + all - len));
}

static bool is_covered(const struct rules_list *match, const char *host)
{
	for (size_t i = 0; i < match->count; i++)
		if (covers(match->at[i], host))
			return true;
	return false;
}

static bool covers_any(const char *match, const struct assurance *a)
{
	for (size_t i = 0; i < a->mx_count; i++)
		if (covers(match, a->mx[i].host))
			return true;
	return false;
}

static void list_hosts(const struct assurance *a, struct buf *out)
{
	for (size_t i = 0; i < a->mx_count && i < NAMED_MAX; i++)
		(void)buf_addf(out, "%s%s", i ? ", " : "", a->mx[i].host);
	if (a->mx_count > NAMED_MAX)
		(void)buf_add_text(out, ", ...");
}

static void check_names(const struct looking *l)
{
	CLEANUP(buf_free) struct buf hosts = BUF_INIT(LIST_MAX);
	const struct rules_list *match = &l->d->match;

	list_hosts(l->a, &hosts);
	for (size_t i = 0; i < match->count; i++)
		if (!covers_any(match->at[i], l->a))
			WARN(l,
			     "match has %s, which is no host of %s (%s): a certificate for "
			     "it would still do; take it out if it has moved",
			     match->at[i], l->d->domain, buf_text(&hosts));
	for (size_t i = 0; match->count && i < l->a->mx_count; i++)
		if (!is_covered(match, l->a->mx[i].host))
			WARN(l,
			     "%s is a host of %s, and match does not name it: mail waits "
			     "there unless its certificate bears another of the names",
			     l->a->mx[i].host, l->d->domain);
}

/* What the domain proves by itself, and how that compares. */
static void check_strength(const struct looking *l)
{
	bool by_names = l->d->pin.spki_sha256.count == 0 && !*l->d->pin.ca_file;

	if (!assurance_meets(l->a->level, ASSURANCE_AUTHENTICATED))
		return;
	if (l->a->by == ASSURANCE_BY_DANE && by_names)
		WARN(l,
		     "%s proves itself by DANE, and the pin puts less in its place: any "
		     "public authority may vouch for these names; take it out, or pin keys",
		     l->d->domain);
	else
		WARN(l,
		     "%s proves itself by %s: the pin is not needed, and while it stands "
		     "what the domain changes there does not count",
		     l->d->domain, l->a->by == ASSURANCE_BY_DANE ? "DANE" : "MTA-STS");
}

static void check_one(const struct looking *l)
{
	if (l->a->level == ASSURANCE_UNDETERMINED || l->a->level == ASSURANCE_UNROUTABLE) {
		WARN(l, "%s: %s",
		     l->a->level == ASSURANCE_UNROUTABLE
			     ? "mail sent there comes back, whatever is pinned"
			     : "what is published beside the pin could not be found out",
		     l->a->reason_count ? l->a->reasons[0] : "no reason is known");
		return;
	}
	check_names(l);
	check_strength(l);
}

/* Nothing is published of all domains below one, or of an address; and where nothing may be
 * sent, what is published does not matter. */
static bool is_checked(const struct rules_destination *d)
{
	struct assurance_destination where;

	return !d->never && d->domain[0] != '.' &&
	       assurance_destination_parse(slice_of(d->domain), &where, NULL) == RC_OK &&
	       !where.literal;
}

static void check_some(struct lint_report *report, struct lookup *lookup,
		       const struct rules_destination *const *some, size_t count)
{
	const char *domains[AT_ONCE];
	const struct assurance *got[AT_ONCE] = { NULL };

	for (size_t i = 0; i < count; i++)
		domains[i] = some[i]->domain;
	lookup_ask(lookup, domains, count, got, NULL, NULL);
	for (size_t i = 0; i < count; i++) {
		const struct looking l = { report, some[i], got[i] };
		if (got[i])
			check_one(&l);
		assurance_unref(got[i]);
	}
}

enum rc lint_destinations(struct cli *cli, lint_said *said, void *arg)
{
	struct lint_report report = {
		.cli = cli, .said = said, .arg = arg, .settings = cli->settings, .rules = cli->rules
	};
	const struct rules_destination *some[AT_ONCE];
	struct lookup *lookup = NULL;
	size_t count = 0;

	if (!cli->settings || !cli->rules || cli->rules->destination_count == 0)
		return RC_OK;
	if (lookup_open(cli, (struct lookup_wish){ .whole = true, .unpinned = true }, &lookup) !=
	    CLI_OK)
		return RC_RETRY;
	for (size_t i = 0; i < cli->rules->destination_count; i++) {
		if (is_checked(&cli->rules->destinations[i]))
			some[count++] = &cli->rules->destinations[i];
		if (count == AT_ONCE || i + 1 == cli->rules->destination_count) {
			check_some(&report, lookup, some, count);
			count = 0;
		}
	}
	lookup_close(lookup);
	return RC_OK;
}

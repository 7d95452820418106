#include "cli/explain_case.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/feed.h"
#include "directory/directory.h"
#include "dns/name.h"
#include "inspect/inspect.h"
#include "rewrite/rewrite.h"
#include "verdict/means.h"

#include <stdio.h>
#include <string.h>

enum { ARENA_MAX = 16 << 20 }; /* a thousand addresses of 1,000 bytes, thrice */

/* ---- what goes in ---- */

/* A spool that has failed says so again when it is read. */
static void keep(struct explain_case *c, struct slice bytes)
{
	if (c->raw)
		(void)!spool_add(c->raw, bytes.at, bytes.len, NULL);
}

static void keep_field(struct explain_case *c, struct slice name, struct slice value)
{
	struct slice line;

	keep(c, name);
	keep(c, SLICE(": "));
	while (slice_take_line(&value, &line)) {
		keep(c, line);
		keep(c, SLICE("\r\n"));
	}
}

static void take_header(void *arg, struct slice name, struct slice value)
{
	struct explain_case *c = arg;

	keep_field(c, name, value.len ? value : SLICE("\n"));
	inspect_header(c->inspect, name, value);
	if (!slice_same_nocase(name, SLICE("Postern-Require")))
		return;
	value = slice_trim(value);
	if (slice_same_nocase(value, SLICE("requiretls")))
		c->wish = DEMAND_WISH_REQUIRETLS;
	else if (!slice_same_nocase(value, SLICE("authenticated")))
		c->bad_wish = true;
	else if (c->wish == DEMAND_WISH_NONE)
		c->wish = DEMAND_WISH_AUTHENTICATED;
}

static void take_headers_end(void *arg)
{
	struct explain_case *c = arg;

	keep(c, SLICE("\r\n"));
	c->body_at = c->raw ? spool_size(c->raw) : 0;
	inspect_headers_end(c->inspect);
}

static void take_body(void *arg, struct slice bytes)
{
	struct explain_case *c = arg;

	keep(c, bytes);
	inspect_body(c->inspect, bytes);
}

static enum rc look_into(struct explain_case *c, struct slice message, struct fault *why)
{
	const struct feed to = { c, take_header, take_headers_end, take_body };
	enum rc rc = c->markers ? RC_OK : cli_markers(c->cli, &c->markers, why);

	if (rc != RC_OK)
		return rc;
	c->inspect = inspect_open(c->markers);
	if (c->inspect && c->requiretls)
		inspect_requiretls(c->inspect);
	c->raw = spool_new((size_t)c->settings->limits.message_bytes,
			   c->settings->limits.message_bytes, "");
	if (!c->inspect || !c->raw || feed_message(message, &to) != RC_OK)
		return fault(why, RC_NOMEM, "out of memory");
	c->findings = inspect_end(c->inspect);
	return c->findings ? RC_OK : fault(why, RC_NOMEM, "out of memory");
}

static bool is_listed(const struct settings_list *domains, struct slice domain)
{
	for (size_t i = 0; i < domains->count; i++)
		if (slice_same_nocase(domain, slice_of(domains->at[i])))
			return true;
	return false;
}

static enum rc read_recipient(struct explain_case *c, struct explain_recipient *r,
			      struct fault *why)
{
	struct mail_address address;
	char domain[DNS_NAME_MAX];
	enum rc rc = mail_address_parse(slice_of(r->given), &address, why);

	if (rc != RC_OK)
		return rc;
	if (mail_address_is_null(&address))
		return fault(why, RC_INVALID, "the null address is no recipient");
	struct slice local = mail_address_local(&address), d = mail_address_domain(&address);
	bool plain = !address.literal && dns_name_normalise(d, domain, NULL) == RC_OK;
	if (plain)
		d = slice_of(domain);
	r->address = arena_format(c->arena, "%.*s%s%.*s", SLICE_ARG(local), d.len ? "@" : "",
				  SLICE_ARG(d));
	const char *named = arena_text(c->arena, d);
	r->destination = named ? settings_way(&c->settings->outbound, named) : NULL;
	r->internal = is_listed(&c->settings->outbound.internal_domains, d);
	return r->address && r->destination ? RC_OK : fault(why, RC_NOMEM, "out of memory");
}

/* ---- demands ---- */

static struct demand_envelope envelope_of(const struct explain_case *c,
					  const struct mail_address *from)
{
	return (struct demand_envelope){
		.from = slice_of(from->text),
		.authenticated = !c->program,
		.submission_tls = !c->clear,
		.wish = c->requiretls ? DEMAND_WISH_REQUIRETLS : c->wish,
		.size_bytes = spool_size(c->raw),
		.recipient_count = c->recipient_count,
		.now_s = c->now_s,
		.outbound = &c->settings->outbound,
		.observe = c->as_enforced,
	};
}

/* Whether its destination matters. */
static bool is_asked(const struct explain_recipient *r)
{
	return r->demand.require != RULES_REQUIRE_NONE && !r->demand.never;
}

static bool ask_demands(struct explain_case *c, const struct mail_address *from)
{
	const struct demand_envelope envelope = envelope_of(c, from);
	bool any = false;

	for (size_t i = 0; i < c->recipient_count; i++) {
		struct explain_recipient *r = &c->recipients[i];
		if (!r->internal)
			r->demand = demand_decide(c->rules, c->findings, &envelope,
						  slice_of(r->address));
		any |= is_asked(r);
	}
	return any;
}

/* ---- assurance ---- */

static bool is_to_ask(const struct explain_recipient *r)
{
	return is_asked(r) && !r->assurance;
}

static void assume_all(const struct explain_case *c, const char *const *destinations, size_t count,
		       const struct assurance **got)
{
	for (size_t i = 0; i < count; i++)
		got[i] = assume_find(c->assume, destinations[i]);
}

static enum rc find_assurance(struct explain_case *c, struct fault *why)
{
	const char **destinations = ARENA_ARRAY(c->arena, const char *, c->recipient_count);
	const struct assurance **got =
		ARENA_ARRAY(c->arena, const struct assurance *, c->recipient_count);
	size_t count = 0;

	if (!destinations || !got)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < c->recipient_count; i++)
		if (is_to_ask(&c->recipients[i]))
			destinations[count++] = c->recipients[i].destination;
	if (c->assume)
		assume_all(c, destinations, count, got);
	else
		lookup_ask(c->lookup, destinations, count, got, NULL, NULL);
	for (size_t i = c->recipient_count; i-- > 0;)
		if (is_to_ask(&c->recipients[i]))
			c->recipients[i].assurance = got[--count];
	for (size_t i = 0; i < c->recipient_count; i++)
		if (is_asked(&c->recipients[i]) && !c->recipients[i].assurance)
			return fault(why, RC_NOMEM, "out of memory");
	return RC_OK;
}

/* ---- verdicts ---- */

static void close_store(struct store **store)
{
	store_close(*store);
}

/* Whether a code can be sent, as the daemon asks the directory; where that cannot be read from
 * here, it is said. */
static void ask_code(const struct explain_case *c, const struct explain_recipient *r,
		     struct verdict_submitter *submitter)
{
	CLEANUP(directory_entry_wipe) struct directory_entry entry = { .changed_s = 0 };
	CLEANUP(crypto_keys_free) struct crypto_keys *keys = NULL;
	CLEANUP(close_store) struct store *store = NULL;
	CLEANUP(store_abandon) struct store_tx *tx = NULL;

	submitter->can_code = false;
	submitter->no_code = "no codes can be sent from here";
	if (c->settings->portal.code_command[0] == '\0')
		return;
	submitter->no_code = "the directory cannot be read, so that no number is known";
	enum rc rc = crypto_keys_open(c->settings->keys, &keys, NULL);
	if (rc == RC_OK)
		rc = store_open_existing(c->settings->state, &store, NULL);
	if (rc == RC_OK)
		rc = store_begin_reading(store, &tx, NULL);
	if (rc == RC_OK)
		rc = directory_lookup(tx, keys, slice_of(r->address), &entry, NULL);
	submitter->can_code = rc == RC_OK && entry.number[0];
	if (tx && (rc == RC_OK || rc == RC_ABSENT))
		submitter->no_code = "no number is known to which a code could be sent";
}

static bool decide_each(struct explain_case *c, const struct verdict_submitter *submitter)
{
	bool rewritten = false;

	for (size_t i = 0; i < c->recipient_count; i++) {
		struct explain_recipient *r = &c->recipients[i];
		struct verdict_submitter one = *submitter;
		if (is_asked(r) && r->demand.factor == RULES_FACTOR_CODE)
			ask_code(c, r, &one);
		struct verdict_means means = verdict_means_of(&one, r->demand.factor);
		r->verdict = verdict_decide(&r->demand, r->assurance, &means);
		rewritten |= r->verdict.kind == VERDICT_REWRITE;
		if (r->internal)
			snprintf(r->verdict.reason, sizeof r->verdict.reason,
				 "its domain is one of outbound.internal_domains");
	}
	return rewritten;
}

static enum rc try_rewriting(struct explain_case *c, const struct mail_address *from,
			     struct fault *why)
{
	const struct demand_envelope envelope = envelope_of(c, from);
	struct slice *recipients = ARENA_ARRAY(c->arena, struct slice, c->recipient_count);
	struct rewrite_message message = {
		.rules = c->rules,
		.markers = c->markers,
		.findings = c->findings,
		.envelope = &envelope,
		.recipients = recipients,
		.raw = c->raw,
		.body_at = c->body_at,
		.organisation = c->settings->portal.organisation,
		.portal_url = c->settings->portal.url,
		.tag = "0", /* of the message that the milter would make */
	};
	struct rewrite made;

	if (!recipients)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < c->recipient_count; i++) {
		const struct explain_recipient *r = &c->recipients[i];
		if (r->verdict.kind != VERDICT_REWRITE)
			continue;
		message.what = message.recipient_count
				       ? rewrite_most(message.what, r->demand.rewrite)
				       : r->demand.rewrite;
		recipients[message.recipient_count++] = slice_of(r->address);
	}
	return rewrite_make(&message, c->arena, &made, why);
}

static enum rc decide(struct explain_case *c, const struct mail_address *from, struct fault *why)
{
	const struct settings_outbound *outbound = &c->settings->outbound;
	struct slice domain = mail_address_domain(from);
	struct verdict_submitter submitter = {
		.null_sender = mail_address_is_null(from),
		.sender_is_ours = is_listed(&outbound->domains, domain) ||
				  is_listed(&outbound->internal_domains, domain),
		.proven = true,
		.rewritable = true,
		.carrier = ASSURANCE_AUTHENTICATED,
	};

	if (!decide_each(c, &submitter))
		return RC_OK;
	enum rc rc = try_rewriting(c, from, why);
	if (rc != RC_ABSENT)
		return rc;
	submitter.rewritable = false;
	submitter.no_rewrite = arena_text(c->arena, slice_of(why->text));
	(void)decide_each(c, &submitter);
	return RC_OK;
}

/* What the milter does with a wish that it does not know. */
static enum rc refuse_all(struct explain_case *c, struct fault *why)
{
	struct explain_would *would = ARENA_NEW(c->arena, struct explain_would);
	const struct demand none = { 0 };
	bool observes = c->rules->mode == RULES_OBSERVE && !c->as_enforced;

	if (!would)
		return fault(why, RC_NOMEM, "out of memory");
	would->verdict = (struct verdict){
		.kind = VERDICT_REFUSE,
		.reason = "Postern-Require asks for something that is not known",
	};
	for (size_t i = 0; i < c->recipient_count; i++) {
		struct explain_recipient *r = &c->recipients[i];
		r->verdict = observes ? verdict_decide(&none, NULL, NULL) : would->verdict;
		r->would = observes ? would : NULL;
	}
	return RC_OK;
}

static enum rc decide_as(struct explain_case *c, const struct mail_address *from, bool as_enforced,
			 struct fault *why)
{
	bool kept = c->as_enforced;
	enum rc rc = RC_OK;

	c->as_enforced = as_enforced;
	if (ask_demands(c, from))
		rc = find_assurance(c, why);
	if (rc == RC_OK)
		rc = decide(c, from, why);
	c->as_enforced = kept;
	return rc;
}

/* As the milter does: what would be is decided behind what is, and kept beside it. */
static enum rc look_at_would(struct explain_case *c, const struct mail_address *from,
			     struct fault *why)
{
	struct explain_would *row;

	if (c->as_enforced || !c->rules->observes)
		return RC_OK;
	row = ARENA_ARRAY(c->arena, struct explain_would, c->recipient_count);
	if (!row)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < c->recipient_count; i++)
		row[i] =
			(struct explain_would){ c->recipients[i].demand, c->recipients[i].verdict };
	enum rc rc = decide_as(c, from, true, why);
	for (size_t i = 0; rc == RC_OK && i < c->recipient_count; i++) {
		struct explain_recipient *r = &c->recipients[i];
		struct explain_would would = { r->demand, r->verdict };
		r->demand = row[i].demand;
		r->verdict = row[i].verdict;
		row[i] = would;
		if (demand_is_observed(c->rules, &r->demand, &would.demand))
			r->would = &row[i];
	}
	return rc;
}

enum rc explain_decide(struct explain_case *c, struct slice message, struct fault *why)
{
	struct mail_address from;
	enum rc rc = mail_address_parse(slice_of(c->from[0] ? c->from : "<>"), &from, why);

	if (rc != RC_OK)
		return rc;
	if (c->now_s == 0)
		c->now_s = clock_wall_s();
	c->arena = arena_new(ARENA_MAX);
	if (!c->arena)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; rc == RC_OK && i < c->recipient_count; i++)
		rc = read_recipient(c, &c->recipients[i], why);
	if (rc == RC_OK)
		rc = look_into(c, message, why);
	if (rc != RC_OK)
		return rc;
	if (c->bad_wish)
		return refuse_all(c, why);
	rc = decide_as(c, &from, c->as_enforced, why);
	return rc == RC_OK ? look_at_would(c, &from, why) : rc;
}

const struct demand *explain_highest(const struct explain_case *c)
{
	const struct demand *highest = &c->recipients[0].demand;

	for (size_t i = 1; i < c->recipient_count; i++)
		if (c->recipients[i].demand.require > highest->require)
			highest = &c->recipients[i].demand;
	return highest;
}

void explain_end(struct explain_case *c)
{
	for (size_t i = 0; i < c->recipient_count; i++)
		assurance_unref(c->recipients[i].assurance);
	inspect_free(c->inspect);
	spool_free(c->raw);
	inspect_rules_unref(c->markers);
	arena_free(c->arena);
}

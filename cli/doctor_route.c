#include "cli/postconf.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char set_up[] = "put in what postern setup postfix prints";

/* ---- the strict route ---- */

/* What the first map of the list that knows the route header makes of it. */
static bool look_up_route(struct postconf *m, struct slice list, struct buf *result)
{
	struct buf key = BUF_INIT(200);
	struct slice word, text, field;
	struct fault why;
	bool found = false;

	(void)!buf_addf(&key, "Postern-Route: strict %s\n", m->token);
	while (!found && postconf_next_word(&list, &word)) {
		CLEANUP(cleanup_free) char *map = strndup(word.at, word.len);
		const char *const words[] = { "-q", "-", map, NULL };
		struct buf out = BUF_INIT(POSTCONF_TEXT_MAX);

		/* The token goes by standard input: everyone can read a command's words. */
		if (map)
			(void)!postconf_ask(m->d, "postmap", words, buf_slice(&key), &out, &why);
		text = buf_slice(&out);
		found = slice_take_until(&text, '\t', &field) &&
			buf_add_slice(result, postconf_trimmed(text)) == RC_OK;
		buf_free(&out);
	}
	buf_free(&key);
	return found;
}

/* The transport, and outbound.relay where there is one. */
static bool is_our_filter(const struct postconf *m, struct slice action)
{
	struct buf wanted = BUF_INIT(1024);
	bool ours = buf_addf(&wanted, "FILTER postern-strict:%s", m->d->settings->outbound.relay) ==
			    RC_OK &&
		    slice_same_nocase(action, buf_slice(&wanted));

	buf_free(&wanted);
	return ours;
}

static void examine_route_map(struct postconf *m, const char *name)
{
	struct buf result = BUF_INIT(4096);

	if (!m->token[0])
		doctor_say(m->d, DOCTOR_WARN, "postfix", "",
			   "%s is not looked at without the token", name);
	else if (!look_up_route(m, postconf_main(m, name), &result))
		doctor_say(m->d, DOCTOR_FAIL, "postfix", set_up,
			   "%s does not know our route header with this site's token: protected "
			   "mail would leave by the ordinary route",
			   name);
	else if (!is_our_filter(m, buf_slice(&result)))
		doctor_say(m->d, DOCTOR_FAIL, "postfix",
			   "put the map that postern setup postfix "
			   "prints before all others",
			   "%s turns our route header into \"%s\"", name, buf_text(&result));
	else
		doctor_say(m->d, DOCTOR_OK, "postfix", "",
			   "%s turns our header into the strict route", name);
	buf_free(&result);
}

struct wanted { /* of the strict transport */
	const char *name, *value;
	const char *otherwise;
	int since_minor; /* of Postfix 3; older ones do not know it */
};

static const struct wanted transport[] = {
	{ "smtp_tls_security_level", "dane-only", "it could fall back to no proof" },
	{ "smtp_dns_support_level", "dnssec", "DANE is not looked for" },
	{ "tls_required_enable", "no", "a client's TLS-Required: no would open it", 10 },
	{ "smtp_fallback_relay", "", "a relay would take what cannot be proven" },
};

static struct slice transport_value(const struct postconf *m, const char *name)
{
	char full[128];

	snprintf(full, sizeof full, "postern-strict/unix/%s", name);
	return postconf_value(&m->services, full);
}

/* Whether the option is as it must be; where it is not set, main.cf's empty one is
 * as good as an empty one here. */
static bool is_as_wanted(const struct postconf *m, const struct wanted *w)
{
	struct slice value = transport_value(m, w->name);

	if (value.at)
		return slice_is(value, w->value);
	if (w->since_minor && postconf_is_older(m, 3, w->since_minor))
		return true;
	return !*w->value && postconf_main(m, w->name).len == 0;
}

static bool examine_transport_maps(struct postconf *m)
{
	struct slice list = transport_value(m, "smtp_tls_policy_maps"), first, name;

	if (list.at && postconf_next_word(&list, &first) && postconf_is_our_map(m, first, &name) &&
	    slice_is(name, "strict"))
		return true;
	doctor_say(m->d, DOCTOR_FAIL, "postfix", set_up,
		   "postern-strict does not ask the map strict at %s first",
		   m->d->settings->tls_policy.listen);
	return false;
}

/* Keys are pinned by SHA-256. */
static bool examine_digest(struct postconf *m)
{
	const struct rules *rules = m->d->rules;
	size_t pinned = 0;

	for (size_t i = 0; rules && i < rules->destination_count; i++)
		pinned += rules->destinations[i].pin.spki_sha256.count;
	if (pinned == 0 || slice_is(transport_value(m, "smtp_tls_fingerprint_digest"), "sha256"))
		return true;
	doctor_say(
		m->d, DOCTOR_FAIL, "postfix", set_up,
		"postern-strict lacks -o smtp_tls_fingerprint_digest=sha256: keys that the rules "
		"pin could match nothing, and their mail waits");
	return false;
}

/* Whether the line of master.cf runs smtp: its eighth word. */
static bool runs_smtp(struct slice line)
{
	struct slice word = { 0 };

	for (int i = 0; i < 8; i++)
		if (!postconf_next_word(&line, &word))
			return false;
	return slice_is(word, "smtp");
}

static void examine_transport(struct postconf *m)
{
	struct buf entry = BUF_INIT(POSTCONF_TEXT_MAX);
	struct slice protocols = transport_value(m, "smtp_tls_mandatory_protocols");
	const char *const words[] = { "-M", "postern-strict/unix", NULL };
	struct fault why;
	bool good;

	(void)!postconf_ask(m->d, "postconf", words, (struct slice){ 0 }, &entry, &why);
	good = runs_smtp(buf_slice(&entry));
	buf_free(&entry);
	if (!good) {
		doctor_say(
			m->d, DOCTOR_FAIL, "postfix", set_up,
			"master.cf has no smtp transport postern-strict: protected mail stays in "
			"the queue");
		return;
	}
	for (size_t i = 0; i < sizeof transport / sizeof *transport; i++)
		if (!is_as_wanted(m, &transport[i])) {
			good = false;
			doctor_say(m->d, DOCTOR_FAIL, "postfix", set_up,
				   "postern-strict lacks -o %s=%s: %s", transport[i].name,
				   transport[i].value, transport[i].otherwise);
		}
	good &= examine_transport_maps(m);
	good &= examine_digest(m);
	if (!slice_is(protocols, ">=TLSv1.2") && !slice_is(protocols, ">=TLSv1.3"))
		doctor_say(m->d, DOCTOR_WARN, "postfix", set_up,
			   "postern-strict lacks -o smtp_tls_mandatory_protocols=>=TLSv1.2");
	if (!transport_value(m, "smtp_header_checks").at)
		doctor_say(m->d, DOCTOR_WARN, "postfix", set_up,
			   "postern-strict lacks the smtp_header_checks that drop our header "
			   "fields: recipients see the token");
	if (good)
		doctor_say(m->d, DOCTOR_OK, "postfix", "",
			   "postern-strict holds mail to what the map strict allows");
}

/* ---- what FILTER overrides ---- */

static bool is_destination(const struct rules *rules, struct slice domain)
{
	(void)slice_drop_prefix(&domain, ".");
	for (size_t i = 0; rules && i < rules->destination_count; i++)
		if (slice_same_nocase(domain, slice_of(rules->destinations[i].domain)))
			return true;
	return false;
}

static bool is_internal(const struct settings *s, struct slice domain)
{
	for (size_t i = 0; i < s->outbound.internal_domains.count; i++)
		if (slice_same_nocase(domain, slice_of(s->outbound.internal_domains.at[i])))
			return true;
	return false;
}

static void examine_relay(struct postconf *m)
{
	struct slice relay = postconf_main(m, "relayhost");
	const char *ours = m->d->settings->outbound.relay;

	if (*ours) {
		if (!slice_same_nocase(relay, slice_of(ours)))
			doctor_say(m->d, DOCTOR_WARN, "postfix", "make them the same",
				   "relayhost is \"%.*s\", and protected mail goes by "
				   "outbound.relay, %s",
				   SLICE_ARG(relay), ours);
		return;
	}
	if (relay.len > 0 && !is_destination(m->d->rules, relay))
		doctor_say(m->d, DOCTOR_WARN, "postfix",
			   "make sure that this host may reach port 25 outside, or name the relay "
			   "in outbound.relay, and in destinations what it guarantees",
			   "relayhost is %.*s: protected mail goes to the recipient's own hosts, "
			   "not by it",
			   SLICE_ARG(relay));
}

/* Whether an entry's transport is SMTP to elsewhere: "", "smtp", "relay", with a next hop. */
static bool leads_out(struct slice target)
{
	struct slice kind;

	if (!slice_take_until(&target, ':', &kind))
		return false;
	return target.len > 0 &&
	       (kind.len == 0 || slice_is(kind, "smtp") || slice_is(kind, "relay"));
}

static bool can_be_listed(struct slice map)
{
	static const char *const kinds[] = { "hash:", "lmdb:", "btree:", "cdb:", "dbm:", "sdbm:" };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (slice_drop_prefix(&map, kinds[i]))
			return true;
	return false;
}

static void examine_transport_map(struct postconf *m, struct slice map)
{
	CLEANUP(cleanup_free) char *text = strndup(map.at, map.len);
	const char *const words[] = { "-s", text, NULL };
	struct buf out = BUF_INIT(POSTCONF_TEXT_MAX);
	struct slice lines, line, domain, first = { 0 };
	struct fault why = { .text = "it is of a kind that cannot be listed" };
	unsigned count = 0;

	if (!text || !can_be_listed(map) ||
	    postconf_ask(m->d, "postmap", words, (struct slice){ 0 }, &out, &why) != RC_OK) {
		doctor_say(m->d, DOCTOR_WARN, "postfix", "",
			   "transport_maps has %.*s, which was not read (%s): protected mail goes "
			   "to the recipient's own hosts, whatever it says",
			   SLICE_ARG(map), why.text);
		buf_free(&out);
		return;
	}
	lines = buf_slice(&out);
	while (postconf_next_line(&lines, &line))
		if (slice_take_until(&line, '\t', &domain) && leads_out(postconf_trimmed(line)) &&
		    !is_destination(m->d->rules, domain) && !is_internal(m->d->settings, domain) &&
		    count++ == 0)
			first = domain;
	if (count > 0)
		doctor_say(m->d, DOCTOR_WARN, "postfix",
			   "say in destinations what is guaranteed there, or name them in "
			   "outbound.internal_domains where their mail stays inside",
			   "transport_maps sends %.*s%s another way than protected mail takes, "
			   "which goes to the recipient's own hosts",
			   SLICE_ARG(first), count > 1 ? " and others" : "");
	buf_free(&out);
}

static void examine_overridden(struct postconf *m)
{
	static const char *const others[] = { "sender_dependent_relayhost_maps",
					      "sender_dependent_default_transport_maps" };
	struct slice maps = postconf_main(m, "transport_maps"), map;
	const unsigned before = m->d->count[DOCTOR_WARN] + m->d->count[DOCTOR_FAIL];

	examine_relay(m);
	while (postconf_next_word(&maps, &map))
		examine_transport_map(m, map);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (postconf_main(m, others[i]).len > 0)
			doctor_say(m->d, DOCTOR_WARN, "postfix", "",
				   "%s does not count for protected mail", others[i]);
	if (m->d->count[DOCTOR_WARN] + m->d->count[DOCTOR_FAIL] == before)
		doctor_say(m->d, DOCTOR_OK, "postfix", "",
			   "no relayhost or transport that the strict route passes "
			   "by");
}

void doctor_route(struct postconf *m)
{
	examine_route_map(m, "milter_header_checks");
	examine_route_map(m, "header_checks");
	examine_transport(m);
	examine_overridden(m);
}

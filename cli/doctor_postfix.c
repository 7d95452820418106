#include "cli/doctor.h"

#include "base/cleanup.h"
#include "cli/postconf.h"
#include "crypto/keys.h"
#include "settings/network.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char set_up[] = "put in what postern setup postfix prints";

/* ---- milters ---- */

static void examine_milter_list(struct postconf *m, const char *name)
{
	struct slice options, key, action, word;

	if (!postconf_has_milter(m, postconf_main(m, name), &options)) {
		doctor_say(m->d, DOCTOR_FAIL, "postfix", set_up,
			   "%s does not have %s: that mail is not looked at", name,
			   m->d->settings->milter.listen);
		return;
	}
	while (postconf_next_word(&options, &word))
		if (postconf_split_line(word, &key, &action) && slice_is(key, "default_action") &&
		    !slice_is(action, "tempfail")) {
			doctor_say(m->d, DOCTOR_FAIL, "postfix", set_up,
				   "%s says default_action=%.*s: mail leaves unprotected while "
				   "Postern is away",
				   name, SLICE_ARG(action));
			return;
		}
	doctor_say(m->d, DOCTOR_OK, "postfix", "", "%s has Postern", name);
}

static void examine_default_action(struct postconf *m, const char *where, struct slice action)
{
	if (slice_is(action, "tempfail"))
		return;
	doctor_say(m->d, DOCTOR_FAIL, "postfix", "set it to tempfail",
		   "%smilter_default_action is %.*s: mail leaves unprotected, or is lost, while "
		   "Postern is away",
		   where, SLICE_ARG(action));
}

/* "300s", "5m", "1h", "1d", "1w"; a number alone is seconds. -1: none of these. */
static int64_t seconds_of(struct slice text)
{
	static const char units[] = "smhdw";
	static const int64_t worth[] = { 1, 60, 3600, 86400, 604800 };
	int64_t number = 0;
	size_t at = 0;

	for (; at < text.len && isdigit((unsigned char)text.at[at]) && number < 1000000000; at++)
		number = number * 10 + (text.at[at] - '0');
	if (at == 0)
		return -1;
	if (at == text.len)
		return number;
	const char *unit = strchr(units, text.at[at]);
	return unit && *unit && at + 1 == text.len ? number * worth[unit - units] : -1;
}

static void examine_time(struct postconf *m)
{
	struct slice given = postconf_main(m, "milter_content_timeout");
	int64_t seconds = seconds_of(given);
	unsigned ours_ms = m->d->settings->limits.lookup_ms;

	if (seconds < 0 || seconds * 1000 <= ours_ms)
		doctor_say(m->d, DOCTOR_FAIL, "postfix",
			   "set it to 300s, or lower limits.lookup_ms",
			   "milter_content_timeout is %.*s, and Postern takes up to %u ms for "
			   "lookups at the end of a message",
			   SLICE_ARG(given), ours_ms);
	else
		doctor_say(m->d, DOCTOR_OK, "postfix", "",
			   "milter_content_timeout (%.*s) is above limits.lookup_ms (%u)",
			   SLICE_ARG(given), ours_ms);
}

/* A reply's files are base64 in lines of 76: 78/57 of what they were. */
static void examine_reply_size(struct postconf *m, struct slice given, uint64_t theirs)
{
	uint64_t ours = m->d->settings->limits.reply_bytes, mail = ours * 78 / 57 + 64 * 1024;

	if (theirs > 0 && theirs < mail)
		doctor_say(
			m->d, DOCTOR_WARN, "postfix",
			"raise message_size_limit, or lower limits.reply_bytes",
			"message_size_limit is %.*s: a reply through the portal of up to %" PRIu64
			" bytes makes a mail of up to %" PRIu64
			", which Postfix would then not take",
			SLICE_ARG(given), ours, mail);
}

static void examine_size(struct postconf *m)
{
	struct slice given = postconf_main(m, "message_size_limit");
	unsigned ours = m->d->settings->limits.message_bytes;
	uint64_t theirs = 0;

	for (size_t i = 0; i < given.len && isdigit((unsigned char)given.at[i]); i++)
		theirs = theirs < UINT32_MAX ? theirs * 10 + (uint64_t)(given.at[i] - '0') : theirs;
	if (theirs == 0 || theirs > ours)
		doctor_say(m->d, DOCTOR_WARN, "postfix", "raise limits.message_bytes",
			   "message_size_limit is %.*s: outgoing messages above %u bytes are taken "
			   "and then refused, since they cannot be checked",
			   SLICE_ARG(given), ours);
	else
		doctor_say(m->d, DOCTOR_OK, "postfix", "",
			   "message_size_limit is not above limits.message_bytes");
	examine_reply_size(m, given, theirs);
}

/* ---- services with ways of their own ---- */

static void examine_content_filter(struct postconf *m, const char *where, struct slice value)
{
	if (value.len > 0)
		doctor_say(m->d, DOCTOR_FAIL, "postfix",
			   "let that filter be a milter before Postern, or a proxy before Postfix",
			   "%scontent_filter is %.*s: protected mail passes it by, since FILTER "
			   "takes its place",
			   where, SLICE_ARG(value));
}

static void examine_service(struct postconf *m, struct slice service, struct slice name,
			    struct slice value)
{
	char where[80];
	struct slice options;

	snprintf(where, sizeof where, "%.*s: ", (int)(service.len < 60 ? service.len : 60),
		 service.at);
	if (slice_is(name, "smtpd_milters") && !postconf_has_milter(m, value, &options))
		doctor_say(m->d, DOCTOR_WARN, "postfix",
			   "add Postern there, unless that service takes back what has passed it",
			   "%smail by this service does not pass Postern", where);
	else if (slice_is(name, "content_filter"))
		examine_content_filter(m, where, value);
	else if (slice_is(name, "milter_default_action"))
		examine_default_action(m, where, value);
	else if (slice_is(name, "receive_override_options") &&
		 (memmem(value.at, value.len, "no_milters", 10) ||
		  memmem(value.at, value.len, "no_header_body_checks", 21)))
		doctor_say(m->d, DOCTOR_WARN, "postfix",
			   "leave them out, unless that service takes back what has passed Postern",
			   "%sreceive_override_options is %.*s", where, SLICE_ARG(value));
}

static void examine_services(struct postconf *m)
{
	struct slice text = buf_slice(&m->services), line, full, value, service, kind;

	while (postconf_next_line(&text, &line)) {
		if (!postconf_split_line(line, &full, &value))
			continue;
		struct slice name = full;
		if (slice_take_until(&name, '/', &service) && slice_take_until(&name, '/', &kind) &&
		    !slice_is(service, "postern-strict"))
			examine_service(m, service, name, value);
	}
}

/* ---- the maps for all other mail ---- */

static void examine_policy_maps(struct postconf *m)
{
	struct slice list = postconf_main(m, "smtp_tls_policy_maps"), word, name;
	struct slice dns = postconf_main(m, "smtp_dns_support_level");

	while (postconf_next_word(&list, &word)) {
		if (!postconf_is_our_map(m, word, &name))
			continue;
		if (slice_is(name, "strict"))
			doctor_say(m->d, DOCTOR_FAIL, "postfix", "name the map policy there",
				   "smtp_tls_policy_maps in main.cf asks the map strict: all mail "
				   "waits whose destination proves nothing");
		else if (slice_is(name, "policy-tlsrpt") && postconf_is_older(m, 3, 10))
			doctor_say(m->d, DOCTOR_FAIL, "postfix", "name the map policy there",
				   "smtp_tls_policy_maps asks policy-tlsrpt, which Postfix before "
				   "3.10 does not understand: mail under MTA-STS waits");
		else if (!slice_is(dns, "dnssec"))
			doctor_say(m->d, DOCTOR_FAIL, "postfix",
				   "set smtp_dns_support_level = dnssec",
				   "smtp_tls_policy_maps asks the map %.*s, and Postfix cannot do "
				   "DANE",
				   SLICE_ARG(name));
		else
			doctor_say(m->d, DOCTOR_OK, "postfix", "",
				   "smtp_tls_policy_maps asks the map %.*s", SLICE_ARG(name));
	}
}

/* Postfix believes the AD bit of whoever stands there. */
static void examine_resolv_conf(struct postconf *m)
{
	FILE *file = fopen("/etc/resolv.conf", "re");
	char line[512], server[128];
	uint8_t bytes[16];

	while (file && fgets(line, sizeof line, file)) {
		const struct settings_list *trusted = &m->d->settings->resolver.trust_ad;
		if (sscanf(line, " nameserver %127s", server) != 1)
			continue;
		if (!(inet_pton(AF_INET, server, bytes) == 1 &&
		      settings_networks_have(trusted, AF_INET, bytes)) &&
		    !(inet_pton(AF_INET6, server, bytes) == 1 &&
		      settings_networks_have(trusted, AF_INET6, bytes)))
			doctor_say(m->d, DOCTOR_WARN, "postfix",
				   "name only a validating resolver on this host there",
				   "/etc/resolv.conf has %s, which resolver.trust_ad does not: "
				   "Postfix "
				   "believes what it calls signed",
				   server);
	}
	if (file)
		fclose(file);
}

/* ---- all ---- */

static void read_token(struct postconf *m)
{
	const struct settings *s = m->d->settings;
	CLEANUP(crypto_keys_free) struct crypto_keys *keys = NULL;
	struct fault why;

	if (s->milter.route_token[0])
		snprintf(m->token, sizeof m->token, "%s", s->milter.route_token);
	else if (crypto_keys_open(s->keys, &keys, &why) == RC_OK)
		snprintf(m->token, sizeof m->token, "%s", keys->route_token);
}

static bool read_postfix(struct postconf *m)
{
	static const char *const names[] = { "-x",
					     "mail_version",
					     "queue_directory",
					     "smtpd_milters",
					     "non_smtpd_milters",
					     "milter_default_action",
					     "milter_content_timeout",
					     "milter_header_checks",
					     "header_checks",
					     "content_filter",
					     "transport_maps",
					     "relayhost",
					     "sender_dependent_relayhost_maps",
					     "sender_dependent_default_transport_maps",
					     "message_size_limit",
					     "smtp_fallback_relay",
					     "smtp_tls_policy_maps",
					     "smtp_dns_support_level",
					     NULL };
	static const char *const services[] = { "-x", "-P", NULL };
	const struct slice nothing = { 0 };
	struct fault why = { .text = "it says too little" };
	enum rc rc = postconf_ask(m->d, "postconf", names, nothing, &m->main, &why);

	if (rc == RC_ABSENT && !m->d->postfix) {
		doctor_say(m->d, DOCTOR_WARN, "postfix", "",
			   "there is no postconf here: the mail server's side was not examined");
		return false;
	}
	if (rc == RC_OK)
		rc = postconf_ask(m->d, "postconf", services, nothing, &m->services, &why);
	if (rc == RC_OK && postconf_main(m, "mail_version").len > 0)
		return true;
	doctor_say(m->d, DOCTOR_FAIL, "postfix", "see what postconf itself says",
		   "its settings cannot be read: %s", why.text);
	return false;
}

void doctor_postfix(struct doctor *d)
{
	struct postconf m = { .d = d, BUF_INIT(POSTCONF_TEXT_MAX), BUF_INIT(POSTCONF_TEXT_MAX) };

	if (read_postfix(&m)) {
		struct slice version = postconf_main(&m, "mail_version");

		read_token(&m);
		if (postconf_is_older(&m, 3, 7))
			doctor_say(d, DOCTOR_WARN, "postfix",
				   "give postern setup postfix --map FILE",
				   "Postfix %.*s does not know tables within main.cf",
				   SLICE_ARG(version));
		examine_milter_list(&m, "smtpd_milters");
		examine_milter_list(&m, "non_smtpd_milters");
		examine_default_action(&m, "", postconf_main(&m, "milter_default_action"));
		examine_time(&m);
		examine_size(&m);
		doctor_route(&m);
		examine_content_filter(&m, "", postconf_main(&m, "content_filter"));
		examine_services(&m);
		examine_policy_maps(&m);
		examine_resolv_conf(&m);
	}
	buf_free(&m.main);
	buf_free(&m.services);
}

#include "cli/lint.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "deposit/escrow.h"
#include "deposit/wording.h"
#include "json/line.h"
#include "settings/network.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What lint has to say, as it comes up. */
struct report {
	struct cli *cli;
	lint_said *said;
	void *arg;
	unsigned errors;
	const struct settings *settings; /* NULL when they do not read */
	const struct rules *rules;       /* NULL when they do not read */
};

static void print(void *arg, bool wrong, const char *text)
{
	const struct cli *cli = arg;
	struct buf out = BUF_INIT(4096);
	struct json_line line;

	if (!cli->json) {
		printf("%s%s\n", wrong ? "" : "warning: ", text);
		return;
	}
	json_line_begin(&line, &out);
	json_line_string(&line, "level", wrong ? "error" : "warning");
	json_line_string(&line, "text", text);
	if (json_line_end(&line) == RC_OK)
		fwrite(buf_text(&out), 1, out.len, stdout);
	buf_free(&out);
}

static void complain(struct report *report, const struct fault *why)
{
	report->errors++;
	report->said(report->arg, true, why->text);
}

static void warn(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void warn(struct report *report, const char *format, ...)
{
	struct buf text = BUF_INIT(2048);
	va_list args;

	va_start(args, format);
	if (buf_addv(&text, format, args) == RC_OK)
		report->said(report->arg, false, buf_text(&text));
	va_end(args);
	buf_free(&text);
}

/* Where an option was set, or where it could be. */
static const char *place(const struct settings *s, const char *option)
{
	const char *at = settings_place(s, option);

	if (at[0])
		return at;
	return s->file[0] ? s->file : SETTINGS_FILE;
}

/* ---- the settings ---- */

static bool is_covered(const struct settings_list *networks, const char *address)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, address, bytes) == 1)
		return settings_networks_have(networks, AF_INET, bytes);
	return inet_pton(AF_INET6, address, bytes) == 1 &&
	       settings_networks_have(networks, AF_INET6, bytes);
}

static void check_resolver(struct report *report)
{
	const struct settings *s = report->settings;

	for (size_t i = 0; i < s->resolver.servers.count; i++) {
		const char *server = s->resolver.servers.at[i];
		if (!is_covered(&s->resolver.trust_ad, server))
			warn(report,
			     "%s: resolver.trust_ad does not cover %s: its answers never count as "
			     "signed, so DANE is never found",
			     place(s, "resolver.servers"), server);
	}
	if (s->resolver.servers.count == 0)
		warn(report, "%s: resolver.servers is empty: nothing can be looked up",
		     place(s, "resolver.servers"));
}

/* From where the outbox reaches an MTA on this host: "127.0.0.1", "::1". NULL: it is
 * elsewhere, and which of our addresses it sees is for the routes to say. */
static const char *loopback_of(const char *server)
{
	if (strncmp(server, "127.", 4) == 0)
		return "127.0.0.1"; /* the kernel's choice for all of 127.0.0.0/8 */
	return strncmp(server, "[::1]:", 6) == 0 ? "::1" : NULL;
}

static void check_outbox(struct report *report)
{
	const struct settings *s = report->settings;
	const char *from = loopback_of(s->outbox.smtp);

	if (from && !is_covered(&s->outbound.networks, from))
		warn(report,
		     "%s: outbound.networks does not have %s, from where the outbox hands mail to "
		     "%s: copies that go back to the MTA are deferred until it does",
		     place(s, "outbound.networks"), from, s->outbox.smtp);
}

/* Whether only this host can reach what listens there. */
static bool is_local(const char *listen)
{
	return strncmp(listen, "unix:", 5) == 0 || strncmp(listen, "localhost:", 10) == 0 ||
	       loopback_of(listen) != NULL;
}

static void check_portal(struct report *report)
{
	const struct settings *s = report->settings;
	struct fault why;

	if (s->portal.url[0] && settings_check_portal(s, &why) != RC_OK)
		complain(report, &why); /* without a URL the milter's check has said so */
	if (!is_local(s->portal.listen) && s->portal.certificate[0] == '\0')
		warn(report,
		     "%s: portal.listen is %s, and portal.certificate is not set: codes and "
		     "messages "
		     "would cross the network without TLS",
		     place(s, "portal.listen"), s->portal.listen);
	for (size_t i = 0; i < s->portal.trusted_proxies.count; i++) {
		struct settings_network network;
		const char *text = s->portal.trusted_proxies.at[i];
		if (settings_network_parse(text, &network, NULL) == RC_OK && network.bits == 0)
			warn(report,
			     "%s: portal.trusted_proxies has %s: anyone can say from where he "
			     "comes, and "
			     "wrong codes slow nobody down",
			     place(s, "portal.trusted_proxies"), text);
	}
}

static void check_outbound(struct report *report)
{
	const struct settings *s = report->settings;

	for (size_t i = 0; i < s->outbound.networks.count; i++) {
		struct settings_network network;
		if (settings_network_parse(s->outbound.networks.at[i], &network, NULL) == RC_OK &&
		    network.bits == 0)
			warn(report, "%s: outbound.networks has %s: mail from anyone is outgoing",
			     place(s, "outbound.networks"), s->outbound.networks.at[i]);
	}
	if (s->outbound.networks.count == 0 && !s->outbound.authenticated)
		warn(report,
		     "%s: no mail is outgoing: outbound.networks is empty and "
		     "outbound.authenticated is false",
		     place(s, "outbound.networks"));
}

/* The daemons would not start on words that are not to be had. */
static void check_texts(struct report *report)
{
	CLEANUP(deposit_wording_free) struct deposit_wording *wording = NULL;
	const struct settings *s = report->settings;
	struct fault why, told;

	if (!s->portal.texts[0] || deposit_wording_read(s->portal.texts, &wording, &why) == RC_OK)
		return;
	(void)!fault(&told, RC_INVALID, "%s: portal.texts: %s", place(s, "portal.texts"), why.text);
	complain(report, &told);
}

static void check_rest(struct report *report)
{
	const struct settings *s = report->settings;
	const char *listen = s->portal.listen;

	if (s->file[0] == '\0')
		warn(report, "%s: is not there: every option has its default", SETTINGS_FILE);
	if (strncmp(listen, "unix:", 5) != 0 && strncmp(listen, "127.", 4) != 0 &&
	    strncmp(listen, "[::1]", 5) != 0 && strncmp(listen, "localhost:", 10) != 0)
		warn(report,
		     "%s: portal.listen is %s: it speaks plain HTTP and belongs behind a "
		     "web server, on this host",
		     place(s, "portal.listen"), listen);
	check_texts(report);
}

enum { SOON_S = 30 * 86400 }; /* long enough to have a certificate made */

static void check_escrow(struct report *report)
{
	CLEANUP(deposit_officers_free) struct deposit_officers *officers = NULL;
	const struct settings *s = report->settings;
	const int64_t now_s = clock_wall_s();
	char text[CLOCK_TEXT];
	struct fault what, why;

	if (deposit_officers_read(s->escrow.officers.at, s->escrow.officers.count, now_s, &officers,
				  &what) != RC_OK) {
		(void)!fault(&why, RC_INVALID, "%s: %s", place(s, "escrow.officers"), what.text);
		complain(report, &why);
	} else if (officers && deposit_officers_until(officers) < now_s + SOON_S) {
		warn(report,
		     "%s: a certificate of escrow.officers expires at %s: the milter does not "
		     "start "
		     "with it then",
		     place(s, "escrow.officers"),
		     clock_format(deposit_officers_until(officers), text));
	}
}

/* ---- the rules ---- */

static bool is_named(const struct rules_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->at[i], name) == 0)
			return true;
	return false;
}

static bool rule_names(const struct rules_rule *rule, const char *marker)
{
	return is_named(&rule->when.markers, marker) || is_named(&rule->when.markers_all, marker) ||
	       is_named(&rule->when.not_markers, marker);
}

static void check_markers(struct report *report)
{
	const struct rules *rules = report->rules;

	for (size_t i = 0; i < rules->marker_count; i++) {
		const struct rules_marker *marker = &rules->markers[i];
		bool used = false;
		for (size_t j = 0; j < rules->rule_count; j++)
			used |= rule_names(&rules->rules[j], marker->name);
		if (!used)
			warn(report, "%s:%u: no rule names the marker \"%s\"", marker->place.file,
			     marker->place.line, marker->name);
	}
}

static bool is_for_unread(const struct rules_marker *marker)
{
	for (size_t i = 0; i < marker->test_count; i++)
		if (marker->tests[i].kind == RULES_TEST_DETECTOR &&
		    strcmp(marker->tests[i].name, "opaque") == 0)
			return true;
	return false;
}

/* Whether content that could not be read brings a rule into play: one with a
 * marker that looks at content, unless it ignores that, or one on "opaque". */
static bool is_unread_covered(const struct rules *rules)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rules_rule *rule = &rules->rules[i];
		if (rule->when.markers.count + rule->when.markers_all.count == 0)
			return true;
		if (!rule->opaque_ignore)
			return true;
		for (size_t j = 0; j < rules->marker_count; j++)
			if (is_named(&rule->when.markers, rules->markers[j].name) &&
			    is_for_unread(&rules->markers[j]))
				return true;
	}
	return false;
}

static void check_ladder(struct report *report, const struct rules_rule *rule)
{
	for (size_t i = 0; i < rule->rung_count; i++) {
		enum rules_rung rung = rule->rungs[i];
		if (rung == RULES_ENCRYPT)
			warn(report,
			     "%s:%u: the rung encrypt passes on to the next: there are no "
			     "certificates of recipients",
			     rule->place.file, rule->place.line);
		if (i + 1 < rule->rung_count &&
		    (rung == RULES_HOLD || rung == RULES_DEFER || rung == RULES_REFUSE)) {
			warn(report,
			     "%s:%u: the rung %s always works: what follows it is never "
			     "tried",
			     rule->place.file, rule->place.line, rules_rung_name(rung));
			return;
		}
	}
}

static bool has_rung(const struct rules_rule *rule, enum rules_rung rung)
{
	for (size_t i = 0; i < rule->rung_count; i++)
		if (rule->rungs[i] == rung)
			return true;
	return false;
}

/* What only a deposit, or only the rung rewrite, gives a meaning. */
static void check_sealing(struct report *report, const struct rules_rule *rule)
{
	bool rewrites = has_rung(rule, RULES_REWRITE);
	bool no_markers = rule->when.markers.count + rule->when.markers_all.count == 0;

	if (rewrites && no_markers)
		warn(report,
		     "%s:%u: the rung rewrite passes on to the next: a rule without markers "
		     "protects what is left of a message too",
		     rule->place.file, rule->place.line);
	if (!rewrites && rule->rewrite != RULES_REWRITE_FINDINGS)
		warn(report,
		     "%s:%u: rewrite says what to seal, and the ladder does not have the rung",
		     rule->place.file, rule->place.line);
	if (rule->upgrade && !rewrites && !has_rung(rule, RULES_DIVERT))
		warn(report, "%s:%u: upgrade is for deposits, and the ladder makes none",
		     rule->place.file, rule->place.line);
}

static void check_rule(struct report *report, const struct rules_rule *rule)
{
	unsigned most = report->settings->limits.deposit_life_days;

	check_ladder(report, rule);
	check_sealing(report, rule);
	if (rule->factor == RULES_FACTOR_CODE && !report->settings->portal.code_command[0])
		warn(report,
		     "%s:%u: the factor code is not to be had: portal.code_command is not set, so "
		     "that the portal's rungs pass on to the next",
		     rule->place.file, rule->place.line);
	if (rule->require == RULES_REQUIRE_REQUIRETLS)
		warn(report,
		     "%s:%u: requiretls is more than Postfix's strict route can promise: this "
		     "rule's mail always goes down its ladder",
		     rule->place.file, rule->place.line);
	if (rule->life_days > most)
		warn(report, "%s:%u: life_days is %u, but limits.deposit_life_days is %u",
		     rule->place.file, rule->place.line, rule->life_days, most);
}

static void check_rules(struct report *report)
{
	const struct rules *rules = report->rules;

	if (!report->settings->rules_set && rules->rule_count &&
	    strcmp(rules->rules[0].place.file, "built-in rules") == 0)
		warn(report, "%s: is not there: the built-in rules hold (postern setup rules)",
		     report->settings->rules);
	if (rules->rule_count == 0)
		warn(report, "%s: there is no rule: nothing is protected", report->settings->rules);
	else if (!is_unread_covered(rules))
		warn(report,
		     "%s: no rule covers content that could not be read: it passes as if "
		     "it were clean",
		     report->settings->rules);
	check_markers(report);
	for (size_t i = 0; i < rules->rule_count; i++)
		check_rule(report, &rules->rules[i]);
}

/* ---- the command ---- */

static enum rc read_settings(struct report *report, struct fault *why)
{
	struct cli *cli = report->cli;
	enum rc rc = settings_read(cli->config ? cli->config : SETTINGS_FILE, &cli->settings, why);

	if (rc == RC_ABSENT && !cli->config)
		rc = settings_defaults(&cli->settings, why);
	report->settings = cli->settings;
	return rc;
}

static void lint(struct report *report)
{
	struct cli *cli = report->cli;
	struct inspect_rules *markers = NULL;
	struct fault why;

	if (settings_check_milter(report->settings, &why) != RC_OK)
		complain(report, &why);
	check_rest(report);
	check_resolver(report);
	check_outbound(report);
	check_outbox(report);
	check_portal(report);
	check_escrow(report);
	if (rules_for(report->settings, &cli->rules, &why) != RC_OK) {
		complain(report, &why);
		return;
	}
	report->rules = cli->rules;
	check_rules(report);
	if (cli_markers(cli, &markers, &why) != RC_OK)
		complain(report, &why);
	inspect_rules_unref(markers);
}

enum rc lint_settings(struct cli *cli, lint_said *said, void *arg, unsigned *errors,
		      struct fault *why)
{
	struct report report = { .cli = cli, .said = said, .arg = arg };
	enum rc rc = read_settings(&report, why);

	if (rc == RC_ABSENT)
		return rc;
	if (rc != RC_OK)
		complain(&report, why);
	else
		lint(&report);
	*errors = report.errors;
	return RC_OK;
}

static int run(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option options[] = { { 0 } };
	unsigned errors;
	struct fault why;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc > 1)
		return cli_usage(cli, "there is nothing to do with %s", argv[1]);

	if (lint_settings(cli, print, cli, &errors, &why) != RC_OK)
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	return errors ? CLI_NO : CLI_OK;
}

const struct command lint_command = {
	.name = "lint",
	.usage = "",
	.summary = "checks the settings and the rules",
	.help = "Reads the settings and the rules as the daemons do, and says by file and line\n"
		"what is wrong with them, and what is dubious (\"warning: ...\").\n\n"
		"Exit status: 0 nothing is wrong, 1 the daemons would not start on them.\n",
	.run = run,
};

#include "cli/lint_report.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "deposit/escrow.h"
#include "deposit/wording.h"
#include "settings/network.h"

#include <arpa/inet.h>
#include <string.h>

/* Where an option was set, or where it could be. */
static const char *place(const struct settings *s, const char *option)
{
	const char *at = settings_place(s, option);

	if (at[0])
		return at;
	return s->file[0] ? s->file : SETTINGS_FILE;
}

static bool is_covered(const struct settings_list *networks, const char *address)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, address, bytes) == 1)
		return settings_networks_have(networks, AF_INET, bytes);
	return inet_pton(AF_INET6, address, bytes) == 1 &&
	       settings_networks_have(networks, AF_INET6, bytes);
}

static void check_resolver(struct lint_report *report)
{
	const struct settings *s = report->settings;

	for (size_t i = 0; i < s->resolver.servers.count; i++) {
		const char *server = s->resolver.servers.at[i];
		if (!is_covered(&s->resolver.trust_ad, server))
			lint_warn(report,
				  "%s: resolver.trust_ad does not cover %s: its answers never "
				  "count as "
				  "signed, so DANE is never found",
				  place(s, "resolver.servers"), server);
	}
	if (s->resolver.servers.count == 0)
		lint_warn(report, "%s: resolver.servers is empty: nothing can be looked up",
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

static void check_outbox(struct lint_report *report)
{
	const struct settings *s = report->settings;
	const char *from = loopback_of(s->outbox.smtp);

	if (from && !is_covered(&s->outbound.networks, from))
		lint_warn(report,
			  "%s: outbound.networks does not have %s, from where the outbox hands "
			  "mail to "
			  "%s: copies that go back to the MTA are deferred until it does",
			  place(s, "outbound.networks"), from, s->outbox.smtp);
}

/* Whether only this host can reach what listens there. */
static bool is_local(const char *listen)
{
	return strncmp(listen, "unix:", 5) == 0 || strncmp(listen, "localhost:", 10) == 0 ||
	       loopback_of(listen) != NULL;
}

static void check_portal(struct lint_report *report)
{
	const struct settings *s = report->settings;
	struct fault why;

	if (s->portal.url[0] && settings_check_portal(s, &why) != RC_OK)
		lint_complain(report, &why); /* without a URL the milter's check has said so */
	if (!is_local(s->portal.listen) && s->portal.certificate[0] == '\0')
		lint_warn(report,
			  "%s: portal.listen is %s, and portal.certificate is not set: codes and "
			  "messages "
			  "would cross the network without TLS",
			  place(s, "portal.listen"), s->portal.listen);
	for (size_t i = 0; i < s->portal.trusted_proxies.count; i++) {
		struct settings_network network;
		const char *text = s->portal.trusted_proxies.at[i];
		if (settings_network_parse(text, &network, NULL) == RC_OK && network.bits == 0)
			lint_warn(report,
				  "%s: portal.trusted_proxies has %s: anyone can say from where he "
				  "comes, and "
				  "wrong codes slow nobody down",
				  place(s, "portal.trusted_proxies"), text);
	}
}

static void check_outbound(struct lint_report *report)
{
	const struct settings *s = report->settings;

	for (size_t i = 0; i < s->outbound.networks.count; i++) {
		struct settings_network network;
		if (settings_network_parse(s->outbound.networks.at[i], &network, NULL) == RC_OK &&
		    network.bits == 0)
			lint_warn(report,
				  "%s: outbound.networks has %s: mail from anyone is outgoing",
				  place(s, "outbound.networks"), s->outbound.networks.at[i]);
	}
	if (s->outbound.networks.count == 0 && !s->outbound.authenticated)
		lint_warn(report,
			  "%s: no mail is outgoing: outbound.networks is empty and "
			  "outbound.authenticated is false",
			  place(s, "outbound.networks"));
}

/* The daemons would not start on words that are not to be had. */
static void check_texts(struct lint_report *report)
{
	CLEANUP(deposit_wording_free) struct deposit_wording *wording = NULL;
	const struct settings *s = report->settings;
	struct fault why, told;

	if (!s->portal.texts[0] || deposit_wording_read(s->portal.texts, &wording, &why) == RC_OK)
		return;
	(void)!fault(&told, RC_INVALID, "%s: portal.texts: %s", place(s, "portal.texts"), why.text);
	lint_complain(report, &told);
}

static void check_rest(struct lint_report *report)
{
	const struct settings *s = report->settings;
	const char *listen = s->portal.listen;

	if (s->file[0] == '\0')
		lint_warn(report, "%s: is not there: every option has its default", SETTINGS_FILE);
	if (strncmp(listen, "unix:", 5) != 0 && strncmp(listen, "127.", 4) != 0 &&
	    strncmp(listen, "[::1]", 5) != 0 && strncmp(listen, "localhost:", 10) != 0)
		lint_warn(report,
			  "%s: portal.listen is %s: it speaks plain HTTP and belongs behind a "
			  "web server, on this host",
			  place(s, "portal.listen"), listen);
	check_texts(report);
}

enum { SOON_S = 30 * 86400 }; /* long enough to have a certificate made */

static void check_escrow(struct lint_report *report)
{
	CLEANUP(deposit_officers_free) struct deposit_officers *officers = NULL;
	const struct settings *s = report->settings;
	const int64_t now_s = clock_wall_s();
	char text[CLOCK_TEXT];
	struct fault what, why;

	if (deposit_officers_read(s->escrow.officers.at, s->escrow.officers.count, now_s, &officers,
				  &what) != RC_OK) {
		(void)!fault(&why, RC_INVALID, "%s: %s", place(s, "escrow.officers"), what.text);
		lint_complain(report, &why);
	} else if (officers && deposit_officers_until(officers) < now_s + SOON_S) {
		lint_warn(report,
			  "%s: a certificate of escrow.officers expires at %s: the milter does not "
			  "start "
			  "with it then",
			  place(s, "escrow.officers"),
			  clock_format(deposit_officers_until(officers), text));
	}
}

void lint_check_settings(struct lint_report *report)
{
	struct fault why;

	if (settings_check_milter(report->settings, &why) != RC_OK)
		lint_complain(report, &why);
	check_rest(report);
	check_resolver(report);
	check_outbound(report);
	check_outbox(report);
	check_portal(report);
	check_escrow(report);
}

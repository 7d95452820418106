#include "message.h"

#include "dns/name.h"
#include "settings/network.h"
#include "site.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char own_prefix[] = "Postern-";

static void name_peer(struct session *s)
{
	const void *address = NULL;

	if (s->peer.ss_family == AF_INET)
		address = &((const struct sockaddr_in *)&s->peer)->sin_addr;
	else if (s->peer.ss_family == AF_INET6)
		address = &((const struct sockaddr_in6 *)&s->peer)->sin6_addr;
	if (!address || !inet_ntop(s->peer.ss_family, address, s->client, sizeof s->client))
		memcpy(s->client, "local", sizeof "local");
}

struct session *session_new(struct site *site, const struct sockaddr *peer)
{
	struct session *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->site = site;
	if (peer && peer->sa_family == AF_INET)
		memcpy(&s->peer, peer, sizeof(struct sockaddr_in));
	else if (peer && peer->sa_family == AF_INET6)
		memcpy(&s->peer, peer, sizeof(struct sockaddr_in6));
	name_peer(s);
	return s;
}

void session_free(struct session *s)
{
	if (!s)
		return;
	message_end(s);
	free(s);
}

void message_fail(struct message *m, enum rc rc, const struct fault *why)
{
	if (m->state != RC_OK)
		return;
	m->state = rc;
	m->why = *why;
}

static void fail_text(struct message *m, enum rc rc, const char *text)
{
	struct fault why;

	message_fail(m, fault(&why, rc, "%s", text), &why);
}

static const char *keep(struct message *m, struct slice s)
{
	const char *text = arena_text(m->arena, s);

	if (!text)
		fail_text(m, RC_NOMEM, "out of memory");
	return text ? text : "";
}

/* A session that came in without an address is local: the sendmail command. */
static bool is_listed(const struct session *s, const struct settings *settings)
{
	if (s->peer.ss_family == 0)
		return true;
	return settings_networks_have_socket(&settings->outbound.networks,
					     (const struct sockaddr *)&s->peer);
}

static void take_from(struct message *m, char **args)
{
	struct mail_address address;
	struct fault why;
	enum rc rc = mail_address_parse(slice_of(args[0]), &address, &why);

	if (rc != RC_OK) {
		message_fail(m, rc, &why);
		return;
	}
	m->from = keep(m, slice_of(address.text));
	for (char **arg = args + 1; *arg; arg++) {
		/* The MTA has taken the command; a value that we cannot read is not
		 * carried on, which matters to copies only. The slices borrow. */
		const char *word = keep(m, slice_of(*arg));
		(void)mail_from_param_take(slice_of(word), &m->params, NULL);
	}
	if (!m->params.requiretls)
		return;
	m->wish = DEMAND_WISH_REQUIRETLS;
	if (m->inspect)
		inspect_requiretls(m->inspect);
}

static void open_content(struct message *m, struct site *site)
{
	const struct settings *settings = m->ruleset->settings;

	m->inspect = inspect_open(m->ruleset->markers);
	m->raw = spool_new_in(site->spools, settings->limits.message_memory_bytes,
			      settings->limits.message_bytes);
	if (!m->inspect || !m->raw)
		fail_text(m, RC_NOMEM, "out of memory");
}

void message_begin(struct session *s, char **args, const char *auth, const char *tls)
{
	struct message *m = &s->message;

	message_end(s);
	m->ruleset = site_ruleset(s->site);
	const struct settings *settings = m->ruleset->settings;
	m->arena = arena_new(MESSAGE_ARENA_OWN +
			     (size_t)settings->limits.recipients * MESSAGE_ARENA_EACH);
	if (!m->arena) {
		ruleset_unref(m->ruleset);
		m->ruleset = NULL; /* without one, end of message defers */
		return;
	}

	m->from = "";
	m->authenticated = auth && auth[0];
	m->auth = m->authenticated ? keep(m, slice_of(auth)) : "";
	m->submission_tls = tls && tls[0];
	m->outgoing =
		(m->authenticated && settings->outbound.authenticated) || is_listed(s, settings);
	if (!m->outgoing)
		return;
	if (!site_enter(s->site, settings->limits.sessions)) {
		fail_text(m, RC_RETRY, "too many messages at once (limits.sessions)");
		return;
	}
	m->entered = true;
	open_content(m, s->site);
	take_from(m, args);
}

bool domain_is_listed(const struct settings_list *list, struct slice domain)
{
	for (size_t i = 0; i < list->count; i++)
		if (slice_same_nocase(slice_of(list->at[i]), domain))
			return true;
	return false;
}

static struct recipient *add_recipient(struct message *m)
{
	if (m->recipient_count >= m->ruleset->settings->limits.recipients) {
		fail_text(m, RC_LIMIT, "too many recipients in one message (limits.recipients)");
		return NULL;
	}
	if (m->recipient_count == m->recipient_room) {
		size_t room = m->recipient_room ? 2 * m->recipient_room : 4;
		struct recipient *grown = ARENA_ARRAY(m->arena, struct recipient, room);
		if (!grown) {
			fail_text(m, RC_NOMEM, "out of memory");
			return NULL;
		}
		if (m->recipient_count)
			memcpy(grown, m->recipients, m->recipient_count * sizeof *grown);
		m->recipients = grown;
		m->recipient_room = room;
	}
	return &m->recipients[m->recipient_count++];
}

/* One lookup for each destination of the message, begun at once. */
static void ask(struct message *m, struct site *site, struct recipient *r)
{
	for (struct recipient *other = m->recipients; other < r; other++)
		if (other->ticket && strcmp(other->way, r->way) == 0)
			return; /* judge.c finds that one's ticket */
	r->ticket = assurance_ticket_open(site->assurance, r->way);
}

/* In A-labels, so that a rule for xn--mller-kva.test is not dodged by its other spelling. */
static struct slice name_recipient(struct message *m, struct recipient *r,
				   const struct mail_address *address)
{
	char plain[DNS_NAME_MAX];
	struct slice domain = mail_address_domain(address), local = mail_address_local(address);

	if (domain.len && !address->literal && dns_name_normalise(domain, plain, NULL) == RC_OK)
		domain = slice_of(plain);
	const char *text = arena_format(m->arena, "%.*s%s%.*s", SLICE_ARG(local),
					domain.len ? "@" : "", SLICE_ARG(domain));
	if (!text)
		fail_text(m, RC_NOMEM, "out of memory");
	r->address = text ? text : "";
	r->domain = keep(m, domain);
	r->way = settings_way(&m->ruleset->settings->outbound, r->domain);
	return slice_of(r->domain);
}

void message_recipient(struct session *s, char **args)
{
	struct message *m = &s->message;
	struct mail_address address;
	struct fault why;

	if (!m->ruleset || !m->outgoing || m->state != RC_OK)
		return;
	enum rc rc = mail_address_parse(slice_of(args[0]), &address, &why);
	if (rc != RC_OK) {
		message_fail(m, rc, &why);
		return;
	}
	struct recipient *r = add_recipient(m);
	if (!r)
		return;
	struct slice domain = name_recipient(m, r, &address);
	r->given = keep(m, slice_of(args[0]));
	for (char **arg = args + 1; *arg; arg++) {
		const char *word = keep(m, slice_of(*arg));
		(void)mail_rcpt_param_take(slice_of(word), &r->params, NULL);
	}
	/* A bare local part is completed by the MTA with its own domain. */
	r->internal = domain.len == 0 ||
		      domain_is_listed(&m->ruleset->settings->outbound.internal_domains, domain);
	if (!r->internal && m->state == RC_OK)
		ask(m, s->site, r);
}

static void keep_raw(struct message *m, const void *bytes, size_t len)
{
	struct fault why;

	if (m->state != RC_OK || !m->raw)
		return;
	enum rc rc = spool_add(m->raw, bytes, len, &why);
	if (rc != RC_OK)
		message_fail(m, rc, &why);
}

/* The value comes with its leading blanks (SMFIP_HDR_LEADSPC), so that the bytes are
 * those of the wire but for line ends: a folded value has LF here and had CRLF there. */
static void keep_raw_value(struct message *m, struct slice value)
{
	struct slice line;

	while (slice_take_until(&value, '\n', &line)) {
		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		keep_raw(m, line.at, line.len);
		keep_raw(m, "\r\n", 2);
	}
	keep_raw(m, value.at, value.len);
	keep_raw(m, "\r\n", 2);
}

static void take_wish(struct message *m, struct slice value)
{
	value = slice_trim(value);
	if (slice_same_nocase(value, SLICE("requiretls")))
		m->wish = DEMAND_WISH_REQUIRETLS;
	else if (!slice_same_nocase(value, SLICE("authenticated")))
		m->bad_wish = keep(m, value);
	else if (m->wish == DEMAND_WISH_NONE)
		m->wish = DEMAND_WISH_AUTHENTICATED;
}

static void take_own(struct message *m, const char *name, const char *value)
{
	unsigned index = 1;

	if (m->own_count == MESSAGE_OWN_MAX) {
		fail_text(m, RC_INVALID, "too many Postern header fields");
		return;
	}
	for (size_t i = 0; i < m->own_count; i++)
		index += strcasecmp(m->own[i].name, name) == 0;
	m->own[m->own_count++] = (struct own_field){
		.name = keep(m, slice_of(name)),
		.value = keep(m, slice_of(value)),
		.index = index,
	};
	if (strcasecmp(name, "Postern-Require") == 0)
		take_wish(m, slice_of(value));
}

void message_header(struct session *s, const char *name, const char *value)
{
	struct message *m = &s->message;

	if (!m->ruleset)
		return;
	if (strncasecmp(name, own_prefix, sizeof own_prefix - 1) == 0)
		take_own(m, name, value);
	m->has_message_id |= strcasecmp(name, "Message-ID") == 0;
	/* For submission to an MTA that knows REQUIRETLS (Postfix >= 3.11). */
	if (strcasecmp(name, "Require-TLS-ESMTP") == 0 &&
	    slice_same_nocase(slice_trim(slice_of(value)), SLICE("yes")))
		m->wish = DEMAND_WISH_REQUIRETLS;
	if (!m->outgoing || m->state != RC_OK)
		return;
	keep_raw(m, name, strlen(name));
	keep_raw(m, ":", 1);
	keep_raw_value(m, slice_of(value));
	inspect_header(m->inspect, slice_of(name), slice_of(value));
}

void message_headers_end(struct session *s)
{
	struct message *m = &s->message;

	if (!m->ruleset || !m->outgoing || m->state != RC_OK)
		return;
	keep_raw(m, "\r\n", 2);
	m->body_at = spool_size(m->raw);
	inspect_headers_end(m->inspect);
}

void message_body(struct session *s, const unsigned char *bytes, size_t len)
{
	struct message *m = &s->message;

	if (!m->ruleset || !m->outgoing || m->state != RC_OK)
		return;
	keep_raw(m, bytes, len);
	inspect_body(m->inspect, (struct slice){ (const char *)bytes, len });
}

void message_end(struct session *s)
{
	struct message *m = &s->message;

	for (size_t i = 0; i < m->recipient_count; i++) {
		assurance_ticket_drop(m->recipients[i].ticket);
		assurance_unref(m->recipients[i].assurance);
	}
	if (m->entered)
		site_leave(s->site);
	inspect_free(m->inspect);
	if (m->raw) {
		spool_free(m->raw);
		site_watch_spools(s->site);
	}
	arena_free(m->arena);
	ruleset_unref(m->ruleset);
	*m = (struct message){ 0 };
}

#include "support/script.h"

#include "base/hex.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHAIN_MAX = 8, RECORDS_MAX = 64, TTL = 300, START_S = 1800000000 };

struct line {
	struct line *next;
	char *name, *type, *data;
};

struct zone {
	struct zone *next;
	char *name;
	bool secure;
};

struct event {
	struct event *next;
	int64_t due_ms;
	bool never;
	const struct dns_answer *answer;
	dns_done *answered;
	struct assurance_fetched fetched;
	char *body;
	assurance_fetched_fn *on_fetched;
	struct assurance_probed probed;
	char tls[16];
	assurance_probed_fn *on_probed;
	assurance_timer_fn *timer;
	void *arg;
};

struct question {
	struct question *next;
	char *text;
};

struct script {
	struct line *lines;
	struct zone *zones;
	struct event *events; /* in the order in which they were asked for */
	struct question *questions;
	_Atomic int64_t now_ms; /* read by threads that ask while the loop's plays */
};

static void *need(void *memory)
{
	if (!memory) {
		fputs("script: memory is out\n", stderr);
		abort();
	}
	return memory;
}

/* Asked twice: an allocation that support/famine.h lets fail is not to be one of ours. */
static void *grab(size_t size)
{
	void *memory = calloc(1, size);

	return need(memory ? memory : calloc(1, size));
}

static char *copy(struct slice s)
{
	return need(strndup(s.len ? s.at : "", s.len));
}

static void refuse(const char *what, const char *where)
{
	fprintf(stderr, "script: %s: \"%s\"\n", what, where);
	abort();
}

static struct slice text_of(const char *text)
{
	return (struct slice){ text, strlen(text) };
}

static struct slice take_word(struct slice *s)
{
	struct slice word;

	*s = slice_trim(*s);
	for (size_t i = 0; i < s->len; i++) {
		if (s->at[i] != ' ' && s->at[i] != '\t')
			continue;
		word = (struct slice){ s->at, i };
		*s = slice_trim((struct slice){ s->at + i, s->len - i });
		return word;
	}
	word = *s;
	*s = (struct slice){ 0 };
	return word;
}

/* ---- reading ---- */

static void say_zone(struct script *script, struct slice rest)
{
	struct zone *zone = grab(sizeof *zone);

	zone->name = copy(take_word(&rest));
	zone->secure = slice_is(rest, "secure");
	zone->next = script->zones;
	script->zones = zone;
}

static void say_line(struct script *script, struct slice text)
{
	struct slice name = take_word(&text), type;
	struct line *line;

	if (slice_is(name, "zone")) {
		say_zone(script, text);
		return;
	}
	if (slice_is(name, "https") || slice_is(name, "probe")) {
		type = name;
		name = take_word(&text);
	} else {
		type = take_word(&text);
	}
	line = grab(sizeof *line);
	line->name = copy(name);
	line->type = copy(type);
	line->data = copy(text);
	line->next = script->lines; /* the latest first, so that it is found first */
	script->lines = line;
}

void script_say(struct script *script, const char *text)
{
	struct slice rest = text_of(text), line;

	while (slice_take_line(&rest, &line)) {
		line = slice_trim(line);
		if (line.len > 0 && line.at[0] != '#')
			say_line(script, line);
	}
}

struct script *script_new(const char *text)
{
	struct script *script = grab(sizeof *script);

	script->now_ms = (int64_t)START_S * 1000;
	script_say(script, text);
	return script;
}

static void event_free(struct event *event)
{
	dns_answer_unref(event->answer);
	free(event->body);
	free(event);
}

void script_free(struct script *script)
{
	for (struct line *l = script->lines, *next; l; l = next) {
		next = l->next;
		free(l->name);
		free(l->type);
		free(l->data);
		free(l);
	}
	for (struct zone *z = script->zones, *next; z; z = next) {
		next = z->next;
		free(z->name);
		free(z);
	}
	for (struct event *e = script->events, *next; e; e = next) {
		next = e->next;
		event_free(e);
	}
	for (struct question *q = script->questions, *next; q; q = next) {
		next = q->next;
		free(q->text);
		free(q);
	}
	free(script);
}

/* ---- answering ---- */

struct reply { /* an answer under construction */
	struct dns_answer answer;
	struct dns_record records[RECORDS_MAX];
	char *kept[RECORDS_MAX]; /* what records point to */
	size_t kept_count;
	char why[200];
	int64_t delay_ms;
	bool never;
};

static const char *type_name(enum dns_type type)
{
	switch (type) {
	case DNS_A:
		return "A";
	case DNS_AAAA:
		return "AAAA";
	case DNS_CNAME:
		return "CNAME";
	case DNS_MX:
		return "MX";
	case DNS_TXT:
		return "TXT";
	case DNS_TLSA:
		return "TLSA";
	case DNS_DNSKEY:
		return "DNSKEY";
	}
	return "?";
}

static bool is_below(const char *name, const char *zone)
{
	size_t n = strlen(name), z = strlen(zone);

	return n >= z && strcmp(name + n - z, zone) == 0 && (n == z || name[n - z - 1] == '.');
}

static bool is_secure_name(const struct script *script, const char *name)
{
	const struct zone *best = NULL;

	for (const struct zone *z = script->zones; z; z = z->next)
		if (is_below(name, z->name) && (!best || strlen(z->name) > strlen(best->name)))
			best = z;
	return best && best->secure;
}

static const struct line *find_line(const struct script *script, const char *name, const char *type)
{
	for (const struct line *l = script->lines; l; l = l->next)
		if (strcmp(l->name, name) == 0 && strcmp(l->type, type) == 0)
			return l;
	return NULL;
}

static bool exists(const struct script *script, const char *name)
{
	for (const struct line *l = script->lines; l; l = l->next)
		if (strcmp(l->type, "https") != 0 && is_below(l->name, name))
			return true;
	return false;
}

static char *keep(struct reply *r, struct slice text)
{
	if (r->kept_count == RECORDS_MAX)
		refuse("too many records", r->answer.asked);
	return r->kept[r->kept_count++] = copy(text);
}

static uint64_t take_number(struct slice *s, const char *where)
{
	uint64_t number;

	if (!slice_to_u64(take_word(s), &number))
		refuse("a number is missing", where);
	return number;
}

static struct slice tlsa_data(struct reply *r, struct slice word)
{
	char *bytes = keep(r, word);
	size_t len = slice_is(word, "sha256") ? 32 : slice_is(word, "sha512") ? 64 : 0;

	if (len > 0) {
		free(bytes);
		bytes = r->kept[r->kept_count - 1] = grab(len);
		memset(bytes, 0x5a, len);
		return (struct slice){ bytes, len };
	}
	if (!hex_parse(word, bytes, word.len / 2))
		refuse("no hexadecimal digits", bytes);
	return (struct slice){ bytes, word.len / 2 };
}

static void add_record(struct reply *r, enum dns_type type, struct slice data)
{
	struct dns_record *record = &r->records[r->answer.count++];
	char *text;

	switch (type) {
	case DNS_MX:
		record->mx.preference = (uint16_t)take_number(&data, r->answer.asked);
		record->mx.host = slice_is(data, ".") ? "" : keep(r, data);
		break;
	case DNS_A:
	case DNS_AAAA:
		record->address.family = type == DNS_A ? AF_INET : AF_INET6;
		text = keep(r, data);
		if (inet_pton(record->address.family, text, record->address.bytes) != 1)
			refuse("no address", text);
		break;
	case DNS_TLSA:
		record->tlsa.usage = (uint8_t)take_number(&data, r->answer.asked);
		record->tlsa.selector = (uint8_t)take_number(&data, r->answer.asked);
		record->tlsa.matching = (uint8_t)take_number(&data, r->answer.asked);
		record->tlsa.data = tlsa_data(r, data);
		break;
	case DNS_TXT:
		record->txt = text_of(keep(r, data));
		break;
	case DNS_CNAME:
		record->cname = keep(r, data);
		break;
	case DNS_DNSKEY:
		record->raw = text_of(keep(r, data));
		break;
	}
}

/* Takes the words that stand in front of data. */
static struct slice take_options(struct reply *r, struct slice data)
{
	struct slice rest = data, word;
	uint64_t number;

	for (;;) {
		struct slice before = rest;

		word = take_word(&rest);
		if (slice_is(word, "secure"))
			r->answer.trust = DNS_SECURE;
		else if (slice_is(word, "insecure"))
			r->answer.trust = DNS_INSECURE;
		else if (slice_drop_prefix(&word, "ttl=") && slice_to_u64(word, &number))
			r->answer.ttl = (uint32_t)number;
		else if (slice_drop_prefix(&word, "delay=") && slice_to_u64(word, &number))
			r->delay_ms = (int64_t)number;
		else
			return before;
	}
}

static void fail(struct reply *r, struct slice why)
{
	r->answer.status = DNS_FAILED;
	r->answer.trust = DNS_INSECURE;
	r->answer.ttl = 0;
	snprintf(r->why, sizeof r->why, "%.*s", SLICE_ARG(why));
	r->answer.why = r->why;
}

static void fill(struct reply *r, enum dns_type type, struct slice data)
{
	char separator = type == DNS_TXT ? '|' : ',';
	struct slice one;

	data = take_options(r, data);
	if (slice_drop_prefix(&data, "failed")) {
		fail(r, slice_trim(data));
	} else if (slice_is(data, "nodata")) {
		r->answer.status = DNS_NODATA;
	} else if (slice_is(data, "nxdomain")) {
		r->answer.status = DNS_NXDOMAIN;
	} else if (slice_is(data, "never")) {
		r->never = true;
		r->answer.status = DNS_NODATA;
	} else {
		r->answer.status = DNS_FOUND;
		while (slice_take_until(&data, separator, &one))
			add_record(r, type, slice_trim(one));
		add_record(r, type, slice_trim(data));
	}
}

static void answer(const struct script *script, enum dns_type type, struct reply *r)
{
	const char *name = r->answer.asked;

	r->answer.trust = DNS_SECURE;
	for (int hops = 0; hops <= CHAIN_MAX; hops++) {
		const struct line *line = find_line(script, name, type_name(type));
		const struct line *alias = find_line(script, name, "CNAME");

		if (!is_secure_name(script, name))
			r->answer.trust = DNS_INSECURE;
		r->answer.name = name;
		if (!line && alias) {
			struct reply link = r[0];
			enum dns_trust before = r->answer.trust;

			r->answer.aliased = true;
			name = keep(r, take_options(&link, text_of(alias->data)));
			if (link.answer.trust == DNS_INSECURE || before == DNS_INSECURE)
				r->answer.trust = DNS_INSECURE;
			continue;
		}
		if (!line)
			line = find_line(script, name, "*");
		if (line)
			fill(r, type, text_of(line->data));
		else
			r->answer.status = exists(script, name) ? DNS_NODATA : DNS_NXDOMAIN;
		return;
	}
	fail(r, SLICE("the CNAME chain is too long"));
}

/* ---- sources ---- */

static void note(struct script *script, const char *name, const char *type)
{
	struct question *q = grab(sizeof *q);
	size_t size = strlen(name) + strlen(type) + 2;

	q->text = grab(size);
	snprintf(q->text, size, "%s %s", name, type);
	q->next = script->questions;
	script->questions = q;
}

static struct event *add_event(struct script *script, int64_t after_ms)
{
	struct event *event = grab(sizeof *event), **last = &script->events;

	event->due_ms = script->now_ms + after_ms;
	while (*last)
		last = &(*last)->next;
	*last = event;
	return event;
}

static void *lookup(void *arg, const char *name, enum dns_type type, dns_done *done, void *done_arg)
{
	struct script *script = arg;
	struct reply *r = grab(sizeof *r);
	struct event *event;

	note(script, name, type_name(type));
	r->answer = (struct dns_answer){ .asked = name, .type = type, .ttl = TTL, .why = "" };
	r->answer.records = r->records;
	r->delay_ms = 1;
	answer(script, type, r);

	event = add_event(script, r->delay_ms);
	event->never = r->never;
	event->answer = dns_answer_make(&r->answer);
	if (!event->answer) /* as in grab() */
		event->answer = need((void *)(uintptr_t)dns_answer_make(&r->answer));
	event->answered = done;
	event->arg = done_arg;
	for (size_t i = 0; i < r->kept_count; i++)
		free(r->kept[i]);
	free(r);
	return event;
}

/* "\n" in a line stands for a line end. */
static char *unescape(struct slice text)
{
	char *out = copy(text), *to = out;

	for (const char *from = out; *from; from++) {
		if (from[0] == '\\' && from[1] == 'n') {
			*to++ = '\n';
			from++;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return out;
}

static void *fetch(void *arg, const char *host, const struct dns_address *addresses, size_t count,
		   assurance_fetched_fn *done, void *done_arg)
{
	struct script *script = arg;
	const struct line *line = find_line(script, host, "https");
	struct slice data = line ? text_of(line->data) : SLICE("fails nobody answers there");
	struct reply options = { .delay_ms = 1 };
	struct event *event;

	if (!addresses || count == 0)
		refuse("a fetch without addresses", host);
	note(script, "https", host);
	data = take_options(&options, data);
	event = add_event(script, options.delay_ms);
	event->never = slice_is(data, "never");
	event->fetched.rc = slice_drop_prefix(&data, "fails ") ? RC_RETRY : RC_OK;
	event->body = unescape(data);
	if (event->fetched.rc == RC_OK)
		event->fetched.text = text_of(event->body);
	event->fetched.why = event->fetched.rc == RC_OK ? "" : event->body;
	event->on_fetched = done;
	event->arg = done_arg;
	return event;
}

static const char *by_name(enum assurance_by by)
{
	return by == ASSURANCE_BY_DANE  ? "probe-dane"
	       : by == ASSURANCE_BY_STS ? "probe-sts"
	       : by == ASSURANCE_BY_PIN ? "probe-pin"
					: "probe";
}

/* "ok starttls authenticated TLSv1.3", "fails starttls : the certificate …" */
static void read_probe(struct event *event, struct slice data, const char *host)
{
	struct slice word = take_word(&data);
	struct assurance_probed *probed = &event->probed;

	event->never = slice_is(word, "never");
	probed->rc = slice_is(word, "ok") ? RC_OK : slice_is(word, "fails") ? RC_INVALID : RC_RETRY;
	if (probed->rc == RC_RETRY && !event->never && !slice_is(word, "unknown"))
		refuse("no way for a probe to end", host);
	while (data.len > 0) {
		word = take_word(&data);
		if (slice_is(word, ":"))
			break;
		if (slice_is(word, "starttls"))
			probed->starttls = true;
		else if (slice_is(word, "authenticated"))
			probed->authenticated = true;
		else if (slice_is(word, "requiretls"))
			probed->requiretls = true;
		else
			snprintf(event->tls, sizeof event->tls, "%.*s", SLICE_ARG(word));
	}
	event->body = copy(data);
	probed->tls = event->tls;
	probed->why = event->body;
}

static void *probe(void *arg, const struct assurance_probe_wish *wish, assurance_probed_fn *done,
		   void *done_arg)
{
	struct script *script = arg;
	const struct line *line = find_line(script, wish->host, "probe");
	struct slice data = line ? text_of(line->data) : SLICE("unknown : refused");
	struct reply options = { .delay_ms = 1 };
	struct event *event;

	if (wish->address_count == 0)
		refuse("a probe without addresses", wish->host);
	if (wish->by == ASSURANCE_BY_DANE && (!wish->tlsa || wish->name_count == 0))
		refuse("a probe by DANE without records or names", wish->host);
	if (wish->by == ASSURANCE_BY_PIN && !wish->pin)
		refuse("a probe by a pin without one", wish->host);
	note(script, by_name(wish->by), wish->host);
	for (size_t i = 0; i < wish->name_count; i++)
		note(script, wish->names[i], wish->host);
	data = take_options(&options, data);
	event = add_event(script, options.delay_ms);
	read_probe(event, data, wish->host);
	event->on_probed = done;
	event->arg = done_arg;
	return event;
}

static void *timer(void *arg, int64_t after_ms, assurance_timer_fn *fn, void *fn_arg)
{
	struct event *event = add_event(arg, after_ms);

	event->timer = fn;
	event->arg = fn_arg;
	return event;
}

static void unlink_event(struct script *script, struct event *event)
{
	struct event **at = &script->events;

	while (*at && *at != event)
		at = &(*at)->next;
	if (!*at)
		refuse("a handle that is spent was cancelled", "");
	*at = event->next;
}

static void cancel(void *arg, void *handle)
{
	unlink_event(arg, handle);
	event_free(handle);
}

static int64_t now_s(void *arg)
{
	return script_now_s(arg);
}

struct assurance_sources script_sources(struct script *script)
{
	return (struct assurance_sources){
		.arg = script,
		.lookup = lookup,
		.lookup_cancel = cancel,
		.fetch = fetch,
		.fetch_cancel = cancel,
		.probe = probe,
		.probe_cancel = cancel,
		.timer = timer,
		.timer_cancel = cancel,
		.now_s = now_s,
	};
}

/* ---- time ---- */

static struct event *next_due(const struct script *script, int64_t until_ms)
{
	struct event *best = NULL;

	for (struct event *e = script->events; e; e = e->next)
		if (!e->never && e->due_ms <= until_ms && (!best || e->due_ms < best->due_ms))
			best = e;
	return best;
}

static void play(struct script *script, struct event *event)
{
	unlink_event(script, event);
	if (event->due_ms > script->now_ms)
		script->now_ms = event->due_ms;
	if (event->answered)
		event->answered(event->arg, event->answer);
	else if (event->on_fetched)
		event->on_fetched(event->arg, &event->fetched);
	else if (event->on_probed)
		event->on_probed(event->arg, &event->probed);
	else
		event->timer(event->arg);
	event_free(event);
}

bool script_run(struct script *script, int64_t ms, const bool *until)
{
	int64_t until_ms = script->now_ms + ms;
	struct event *event;

	while (!(until && *until) && (event = next_due(script, until_ms)))
		play(script, event);
	if (until && *until)
		return true;
	script->now_ms = until_ms;
	return false;
}

int64_t script_now_s(const struct script *script)
{
	return script->now_ms / 1000;
}

int64_t script_now_ms(const struct script *script)
{
	return script->now_ms;
}

void script_pass(struct script *script, int64_t seconds)
{
	script->now_ms += seconds * 1000;
}

unsigned script_asked(const struct script *script, const char *question)
{
	unsigned count = 0;

	for (const struct question *q = script->questions; q; q = q->next)
		if (!*question || strcmp(q->text, question) == 0)
			count++;
	return count;
}

size_t script_pending(const struct script *script)
{
	size_t count = 0;

	for (const struct event *e = script->events; e; e = e->next)
		count++;
	return count;
}

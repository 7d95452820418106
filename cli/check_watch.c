#include "cli/check.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES_MAX = 1 << 20 };

struct changes {
	struct arena *arena;
	const char **texts;
	size_t count;
};

static __attribute__((format(printf, 2, 3))) void say(struct changes *c, const char *format, ...)
{
	struct buf text = BUF_INIT(4096);
	va_list args;

	va_start(args, format);
	enum rc rc = buf_addv(&text, format, args);
	va_end(args);
	const char *kept = rc == RC_OK ? arena_text(c->arena, buf_slice(&text)) : NULL;
	if (kept && c->count < CHECK_CHANGES_MAX)
		c->texts[c->count++] = kept;
	buf_free(&text);
}

static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* ---- hosts ---- */

static const struct assurance_mx *find_host(const struct assurance *a, const char *host)
{
	for (size_t i = 0; i < a->mx_count; i++)
		if (same(a->mx[i].host, host))
			return &a->mx[i];
	return NULL;
}

static void compare_host(struct changes *c, const struct assurance_mx *was,
			 const struct assurance_mx *is)
{
	const char *const host = is->host;

	if (was->preference != is->preference)
		say(c, "%s: preference %u -> %u", host, was->preference, is->preference);
	if (was->lookup != is->lookup)
		say(c, "%s: MX %s -> %s", host, check_lookup_name(was->lookup),
		    check_lookup_name(is->lookup));
	if (was->address != is->address)
		say(c, "%s: address %s -> %s", host, check_lookup_name(was->address),
		    check_lookup_name(is->address));
	if (was->tlsa != is->tlsa || was->usable != is->usable ||
	    !same(was->tlsa_base, is->tlsa_base))
		say(c, "%s: TLSA %s (%u usable) -> %s (%u usable)", host,
		    check_lookup_name(was->tlsa), was->usable, check_lookup_name(is->tlsa),
		    is->usable);
	if (was->sts_match != is->sts_match)
		say(c, "%s: %s named by the MTA-STS policy", host,
		    is->sts_match ? "now" : "no longer");
	if (was->level != is->level)
		say(c, "%s: %s -> %s: %s", host, assurance_level_name(was->level),
		    assurance_level_name(is->level), is->why);
	else if (was->probe.done && is->probe.done && !same(was->probe.why, is->probe.why))
		say(c, "%s: %s", host, *is->probe.why ? is->probe.why : "shows what it should");
}

static void compare_hosts(struct changes *c, const struct assurance *was,
			  const struct assurance *is)
{
	for (size_t i = 0; i < is->mx_count; i++) {
		const struct assurance_mx *old = find_host(was, is->mx[i].host);
		if (old)
			compare_host(c, old, &is->mx[i]);
		else
			say(c, "%s: a new host, preference %u, %s", is->mx[i].host,
			    is->mx[i].preference, assurance_level_name(is->mx[i].level));
	}
	for (size_t i = 0; i < was->mx_count; i++)
		if (!find_host(is, was->mx[i].host))
			say(c, "%s: no longer a host", was->mx[i].host);
}

/* ---- the domain ---- */

static void compare_policies(struct changes *c, const struct assurance_sts *was,
			     const struct assurance_sts *is)
{
	if (was && !is)
		say(c, "the MTA-STS policy %s is gone", was->id);
	else if (is && !was)
		say(c, "a new MTA-STS policy %s, mode %s", is->id, is->mode);
	else if (is && (!same(was->id, is->id) || !same(was->mode, is->mode)))
		say(c, "MTA-STS policy %s, mode %s -> %s, mode %s", was->id, was->mode, is->id,
		    is->mode);
}

size_t check_compare(const struct assurance *was, const struct assurance *is, struct arena *arena,
		     const char *texts[static CHECK_CHANGES_MAX])
{
	struct changes c = { arena, texts, 0 };

	if (was->level != is->level || was->by != is->by)
		say(&c, "%s%s%s -> %s%s%s: %s", assurance_level_name(was->level),
		    was->by ? " by " : "", assurance_by_name(was->by),
		    assurance_level_name(is->level), is->by ? " by " : "",
		    assurance_by_name(is->by),
		    is->reason_count ? is->reasons[0] : "no reason is known");
	compare_hosts(&c, was, is);
	compare_policies(&c, was->sts, is->sts);
	return c.count;
}

/* ---- again and again ---- */

static void print_changes(const struct cli *cli, const struct assurance *is,
			  const struct check_change *change)
{
	struct buf out = BUF_INIT(CHECK_REPORT_BYTES_MAX);
	char at[CLOCK_TEXT];

	if (cli->json)
		check_write_json(is, change, &out);
	for (size_t i = 0; !cli->json && i < change->count; i++) {
		(void)buf_addf(&out, "%s %s: %s", clock_format(change->at_s, at), is->domain,
			       change->texts[i]);
		for (size_t n = 0; n < out.len; n++)
			if (out.at[n] != '\n' && (out.at[n] < ' ' || out.at[n] > '~'))
				out.at[n] = '?';
		(void)buf_add_byte(&out, '\n');
	}
	fwrite(buf_text(&out), 1, out.len, stdout);
	fflush(stdout);
	buf_free(&out);
}

static void take(struct cli *cli, const struct assurance **was, const struct assurance *is)
{
	const char *texts[CHECK_CHANGES_MAX];
	struct arena *arena = arena_new(ARENA_BYTES_MAX);
	struct check_change change = { .at_s = clock_wall_s(), .texts = texts };

	if (arena && *was)
		change.count = check_compare(*was, is, arena, texts);
	if (change.count > 0 || !*was)
		print_changes(cli, is, &change);
	arena_free(arena);
	assurance_unref(*was);
	*was = is;
}

/* What stands on a terminal between two looks. */
static void show_state(const struct cli *cli, size_t count, unsigned seconds)
{
	char at[CLOCK_TEXT];

	if (!cli->json && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%s: %zu looked at, again every %u s \r",
			clock_format(clock_wall_s(), at), count, seconds);
}

void check_watch(struct cli *cli, struct lookup *lookup, unsigned seconds,
		 const char *const *domains, size_t count, const struct assurance **got)
{
	const struct assurance **fresh = calloc(count, sizeof *fresh);

	show_state(cli, count, seconds);
	while (fresh && lookup_wait(lookup, (int64_t)seconds * 1000)) {
		for (size_t i = 0; i < count; i++)
			lookup_refresh(lookup, domains[i]);
		lookup_ask(lookup, domains, count, fresh, NULL, NULL);
		for (size_t i = 0; i < count; i++)
			if (fresh[i]) /* NULL: interrupted, or memory is out */
				take(cli, &got[i], fresh[i]);
		show_state(cli, count, seconds);
	}
	free(fresh);
}

#include "cli/policies.h"

#include "assurance/destination.h"
#include "base/cleanup.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES_MAX = 64 * 1024 }; /* 64 patterns of 255 bytes, and words */

static void print(const struct cli *cli, const char *domain, const struct sts_known *known)
{
	CLEANUP(buf_free) struct buf text = BUF_INIT(LINE_BYTES_MAX);
	CLEANUP(buf_free) struct buf out = BUF_INIT(2 * LINE_BYTES_MAX);
	struct json_line line;

	if (cli->json) {
		json_line_begin(&line, &out);
		json_line_string(&line, "domain", domain);
		policies_write(known, &line);
		(void)json_line_end(&line);
	} else {
		policies_tell(known, &text);
		(void)buf_addf(&out, "%s: ", domain);
		operator_add_text(&out, buf_slice(&text));
		(void)buf_add_byte(&out, '\n');
	}
	fwrite(buf_text(&out), 1, out.len, stdout);
}

/* ---- all of them, by name ---- */

struct list {
	char (*at)[DNS_NAME_MAX];
	size_t count, room;
};

static bool add(void *arg, const char *domain, const struct sts_known *known)
{
	struct list *list = arg;

	(void)known;
	if (list->count < list->room)
		snprintf(list->at[list->count++], DNS_NAME_MAX, "%s", domain);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int print_all(struct cli *cli, const struct sts_cache *cache)
{
	const int64_t now_s = clock_wall_s();
	struct list list = { .room = sts_cache_count(cache) };

	list.at = calloc(list.room + 1, sizeof *list.at);
	if (!list.at)
		return cli_fail(cli, CLI_UNDETERMINED, "out of memory");
	sts_cache_each(cache, now_s, add, &list);
	qsort(list.at, list.count, sizeof *list.at, by_name);
	for (size_t i = 0; i < list.count; i++) {
		const struct sts_known known = sts_cache_find(cache, list.at[i], now_s);
		print(cli, list.at[i], &known);
	}
	free(list.at);
	return list.count ? CLI_OK : CLI_NO;
}

/* ---- some ---- */

static int print_some(struct cli *cli, const struct sts_cache *cache, char *const *names)
{
	int status = CLI_OK;

	for (; *names; names++) {
		struct assurance_destination d;
		struct fault why;
		if (assurance_destination_parse(slice_of(*names), &d, &why) != RC_OK)
			return cli_usage(cli, "\"%s\" is no destination: %s", *names, why.text);
		const struct sts_known known = sts_cache_find(cache, d.name, clock_wall_s());
		if (known.standing == STS_UNKNOWN)
			status = CLI_NO;
		print(cli, d.name, &known);
	}
	return status;
}

static int run(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option options[] = { { 0 } };
	CLEANUP(operator_close) struct operator_site site = { 0 };
	struct sts_cache *cache = NULL;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	int status = policies_open(cli, &site, &cache);
	if (status != CLI_OK)
		return status;
	status = argc > 1 ? print_some(cli, cache, argv + 1) : print_all(cli, cache);
	sts_cache_free(cache);
	return status;
}

const struct command known_command = {
	.name = "known",
	.usage = "[DOMAIN...]",
	.summary = "lists the MTA-STS policies that the daemon remembers",
	.help = "A policy that is remembered binds until it runs out, whatever DNS and HTTPS say\n"
		"meanwhile (RFC 8461 section 3.3); a domain whose policy in mode enforce ran out "
		"and\n"
		"could not be renewed is \"lost\", and protected mail to it waits. What else the\n"
		"daemon has found out lives for an hour at most: see postern check.\n\n"
		"A promise that is no longer kept is ended by postern forget.\n\n"
		"Exit status: 0 all that were asked for are there, 1 one is not, or there is "
		"none,\n"
		"3 the store cannot be read.\n",
	.run = run,
};

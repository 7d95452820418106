#include "cli/policies.h"

#include "base/clock.h"
#include "sts/shelf.h"

#include <string.h>

static const char *standing_name(enum sts_standing standing)
{
	switch (standing) {
	case STS_UNKNOWN:
		return "none";
	case STS_LIVE:
		return "live";
	case STS_LOST:
		return "lost";
	case STS_UNREADABLE:
		return "unreadable";
	}
	return "none";
}

int policies_open(struct cli *cli, struct operator_site *site, struct sts_cache **out)
{
	struct sts_cache *cache;
	struct fault why;
	int status;

	if (!operator_open_store(cli, site, &status))
		return status;
	cache = sts_cache_new(NULL);
	if (!cache)
		return cli_fail(cli, CLI_UNDETERMINED, "out of memory");
	/* A damaged one stands in the list as such. */
	if (sts_shelf_load(site->store, cache, clock_wall_s(), NULL, NULL, &why) != RC_OK) {
		sts_cache_free(cache);
		return cli_fail(cli, CLI_UNDETERMINED, "%s", why.text);
	}
	*out = cache;
	return CLI_OK;
}

void policies_tell(const struct sts_known *known, struct buf *out)
{
	const struct sts_stored *s = known->stored;
	char from[CLOCK_TEXT], until[CLOCK_TEXT];

	if (!s) {
		(void)buf_add_text(out, known->standing == STS_UNREADABLE
						? "there was a policy, and its record is damaged: "
						  "protected mail waits until it is fetched anew"
						: "no policy");
		return;
	}
	(void)buf_addf(out, "mode %s, id %s, fetched %s, %s %s", sts_mode_name(s->policy.mode),
		       *s->id ? s->id : "unknown", clock_format(s->fetched_s, from),
		       known->standing == STS_LOST ? "ran out" : "until",
		       clock_format(s->expires_s, until));
	for (size_t i = 0; i < s->policy.mx_count; i++)
		(void)buf_addf(out, "%s%.*s", i ? " " : ", mx ", SLICE_ARG(s->policy.mx[i]));
	if (known->standing == STS_LOST)
		(void)buf_addf(out, "; it cannot be renewed, and protected mail waits until %s",
			       clock_format(s->expires_s + STS_LOST_S, until));
}

void policies_write(const struct sts_known *known, struct json_line *line)
{
	const struct sts_stored *s = known->stored;
	char text[CLOCK_TEXT];

	json_line_string(line, "standing", standing_name(known->standing));
	json_line_string(line, "mode", s ? sts_mode_name(s->policy.mode) : NULL);
	json_line_string(line, "id", s && *s->id ? s->id : NULL);
	json_line_string(line, "fetched", s ? clock_format(s->fetched_s, text) : NULL);
	json_line_string(line, "until", s ? clock_format(s->expires_s, text) : NULL);
	json_line_array(line, "mx");
	for (size_t i = 0; s && i < s->policy.mx_count; i++)
		json_line_text(line, NULL, s->policy.mx[i]);
	json_line_close(line);
}

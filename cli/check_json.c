#include "cli/check.h"

#include "assurance/advice.h"
#include "base/clock.h"
#include "json/line.h"

#include <string.h>

const char *check_lookup_name(enum assurance_lookup lookup)
{
	switch (lookup) {
	case ASSURANCE_SECURE:
		return "secure";
	case ASSURANCE_INSECURE:
		return "insecure";
	case ASSURANCE_ABSENT:
		return "absent";
	case ASSURANCE_ERROR:
		return "error";
	case ASSURANCE_NOT_ASKED:
		return "not-asked";
	}
	return "error";
}

const char *check_source_name(enum assurance_sts_source source)
{
	return source == ASSURANCE_STS_FETCHED ? "fetched" : "cached";
}

static void write_texts(struct json_line *line, const char *key, const char *const *texts,
			size_t count)
{
	json_line_array(line, key);
	for (size_t i = 0; i < count; i++)
		json_line_string(line, NULL, texts[i]);
	json_line_close(line);
}

static void write_probe(struct json_line *line, const struct assurance_probe *probe)
{
	if (!probe->done) {
		json_line_null(line, "probe");
		return;
	}
	json_line_object(line, "probe");
	json_line_bool(line, "starttls", probe->starttls);
	json_line_bool(line, "authenticated", probe->authenticated);
	json_line_bool(line, "requiretls", probe->requiretls);
	json_line_string(line, "tls", *probe->tls ? probe->tls : NULL);
	json_line_string(line, "why", *probe->why ? probe->why : NULL);
	json_line_close(line);
}

/* The names of which the certificate must bear one; none where no name counts. */
static void write_names(struct json_line *line, const struct assurance_mx *mx)
{
	const char *const host[] = { mx->host };
	bool by_policy = mx->sts_match && mx->usable == 0 && mx->name_count == 0;

	write_texts(line, "names", by_policy ? host : mx->names, by_policy ? 1 : mx->name_count);
}

static void write_mx(struct json_line *line, const struct assurance_mx *mx)
{
	json_line_object(line, NULL);
	json_line_string(line, "host", mx->host);
	json_line_number(line, "preference", mx->preference);
	json_line_string(line, "lookup", check_lookup_name(mx->lookup));
	json_line_string(line, "address", check_lookup_name(mx->address));
	json_line_string(line, "tlsa", check_lookup_name(mx->tlsa));
	json_line_string(line, "tlsa_base", *mx->tlsa_base ? mx->tlsa_base : NULL);
	json_line_number(line, "usable", mx->usable);
	json_line_bool(line, "sts_match", mx->sts_match);
	json_line_string(line, "assurance", assurance_level_name(mx->level));
	json_line_string(line, "why", mx->why);
	write_names(line, mx);
	write_probe(line, &mx->probe);
	json_line_close(line);
}

static void write_advice(struct json_line *line, const struct assurance *a)
{
	const char *advice[ASSURANCE_ADVICE_MAX];
	struct arena *arena = arena_new(CHECK_REPORT_BYTES_MAX);

	write_texts(line, "advice", advice, arena ? assurance_advise(a, arena, advice) : 0);
	arena_free(arena);
}

static void write_sts(struct json_line *line, const struct assurance_sts *sts)
{
	if (!sts) {
		json_line_null(line, "sts");
		return;
	}
	json_line_object(line, "sts");
	json_line_string(line, "mode", sts->mode);
	json_line_string(line, "id", sts->id);
	json_line_number(line, "max_age", sts->max_age);
	write_texts(line, "mx", sts->mx, sts->mx_count);
	json_line_string(line, "source", check_source_name(sts->source));
	json_line_close(line);
}

void check_write_json(const struct assurance *a, const struct check_change *change, struct buf *out)
{
	const char *by = assurance_by_name(a->by);
	char until[CLOCK_TEXT];
	struct json_line line;

	json_line_begin(&line, out);
	if (change)
		json_line_string(&line, "ts", clock_format(change->at_s, until));
	json_line_string(&line, "domain", a->domain);
	if (change)
		write_texts(&line, "changes", change->texts, change->count);
	json_line_string(&line, "assurance", assurance_level_name(a->level));
	json_line_string(&line, "by", *by ? by : NULL);
	json_line_string(&line, "until", clock_format(a->until, until));
	write_texts(&line, "reasons", a->reasons, a->reason_count);
	json_line_array(&line, "mx");
	for (size_t i = 0; i < a->mx_count; i++)
		write_mx(&line, &a->mx[i]);
	json_line_close(&line);
	write_sts(&line, a->sts);
	write_advice(&line, a);
	(void)json_line_end(&line);
}

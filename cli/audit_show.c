#include "cli/audit.h"

#include "audit/verify.h"
#include "base/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- show ---- */

/* A text field as NUL-terminated bytes cannot be had from a slice: compared in place. */
static struct slice field(const struct json_value *record, const char *key)
{
	struct slice text = { "", 0 };

	(void)json_value_text(json_value_find(record, key), &text);
	return text;
}

/* Addresses are compared as people type them: capitals do not count. */
static bool is(struct slice value, const char *wanted)
{
	return !wanted || slice_same_nocase(value, (struct slice){ wanted, strlen(wanted) });
}

/* Time stamps are UTC and of one form, so that their order is that of their bytes; since
 * may be a front part ("2026-11-22"). */
static bool is_since(struct slice ts, const char *since)
{
	size_t len = since ? strlen(since) : 0;

	if (len == 0)
		return true;
	int order = memcmp(ts.at, since, ts.len < len ? ts.len : len);
	return order > 0 || (order == 0 && ts.len >= len);
}

/* A record of what was done says no mode. */
static bool is_of_mode(const struct json_value *record, const char *mode)
{
	if (!mode || strcmp(mode, "enforce") != 0)
		return is(field(record, "mode"), mode);
	return slice_is(field(record, "event"), "decided") && field(record, "mode").len == 0;
}

static bool is_wanted(const struct audit_wanted *s, const struct json_value *record)
{
	return is(field(record, "queue_id"), s->queue_id) && is(field(record, "from"), s->from) &&
	       is(field(record, "to"), s->to) && is(field(record, "verdict"), s->verdict) &&
	       is(field(record, "event"), s->event) && is(field(record, "deposit"), s->deposit) &&
	       is_since(field(record, "ts"), s->since) && is_of_mode(record, s->mode);
}

/* Strangers' bytes on a terminal: what is not printable ASCII becomes '?'. */
static void print_text(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		putchar(text.at[i] >= ' ' && text.at[i] <= '~' ? text.at[i] : '?');
}

static void print_record(const struct json_value *record)
{
	static const char *const rest[] = { "verdict",   "require", "assurance", "rule",
					    "deposit",   "visit",   "mode",      "observed",
					    "exception", "reason" };

	print_text(field(record, "ts"));
	putchar(' ');
	print_text(field(record, "queue_id"));
	fputs(": ", stdout);
	print_text(field(record, "event"));
	fputs(" from=<", stdout);
	print_text(field(record, "from"));
	fputs("> to=<", stdout);
	print_text(field(record, "to"));
	putchar('>');
	for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
		struct slice value = field(record, rest[i]);
		if (value.len == 0)
			continue;
		bool quoted = memchr(value.at, ' ', value.len) != NULL;
		printf(" %s=%s", rest[i], quoted ? "\"" : "");
		print_text(value);
		fputs(quoted ? "\"" : "", stdout);
	}
	putchar('\n');
}

static void show_record(struct audit_wanted *s, const struct json_value *record, struct slice line)
{
	if (!s->cli->json) {
		print_record(record);
		return;
	}
	fwrite(line.at, 1, line.len, stdout);
	putchar('\n');
}

static bool on_line(void *arg, const struct audit_line *line)
{
	struct audit_wanted *s = arg;
	struct json_value *record;

	/* What is no record is verify's to tell; here it would only be in the way. */
	if (!line->ended || line->too_long || json_value_parse(line->text, &record, NULL) != RC_OK)
		return true;
	if (is_wanted(s, record)) {
		s->found++;
		s->on_record(s, record, line->text);
	}
	json_value_free(record);
	return !ferror(stdout);
}

static int read_files(struct audit_wanted *s, const char *const *files, int count)
{
	struct fault why;

	for (int i = 0; i < count; i++)
		if (audit_read(files[i], on_line, s, &why) != RC_OK)
			return cli_fail(s->cli, CLI_UNDETERMINED, "%s: %s", files[i], why.text);
	return s->found ? CLI_OK : CLI_NO;
}

bool audit_chooses(const struct audit_wanted *s)
{
	return s->queue_id || s->from || s->to || s->verdict || s->event || s->deposit ||
	       s->since || s->mode;
}

int audit_show(struct audit_wanted *s, const char *const *files, int count)
{
	s->on_record = show_record;
	return read_files(s, files, count);
}

/* ---- summary ---- */

struct sum { /* of decisions that are alike */
	uint64_t count;
	char *mode, *verdict, *rule, *observed;
};

struct sums {
	struct table *of;
	size_t count, room;
	struct sum **at;
	bool lost; /* memory was out */
};

static void sum_free(struct sum *sum)
{
	if (!sum)
		return;
	free(sum->mode);
	free(sum->verdict);
	free(sum->rule);
	free(sum->observed);
	free(sum);
}

static char *copy(const struct json_value *record, const char *key)
{
	struct slice text = field(record, key);

	return strndup(text.len ? text.at : "", text.len);
}

static struct sum *sum_new(const struct json_value *record)
{
	struct sum *sum = calloc(1, sizeof *sum);

	if (!sum)
		return NULL;
	sum->mode = copy(record, "mode");
	sum->verdict = copy(record, "verdict");
	sum->rule = copy(record, "rule");
	sum->observed = copy(record, "observed");
	if (sum->mode && sum->verdict && sum->rule && sum->observed)
		return sum;
	sum_free(sum);
	return NULL;
}

static bool sums_add(struct sums *sums, struct slice key, const struct json_value *record)
{
	struct sum *sum = table_find(sums->of, key);

	if (!sum) {
		if (sums->count == sums->room) {
			size_t room = sums->room ? 2 * sums->room : 64;
			struct sum **grown = reallocarray(sums->at, room, sizeof *grown);
			if (!grown)
				return false;
			sums->at = grown;
			sums->room = room;
		}
		sum = sum_new(record);
		if (!sum)
			return false;
		sums->at[sums->count++] = sum;
		if (!table_set(sums->of, key, sum, NULL))
			return false;
	}
	sum->count++;
	return true;
}

static void count_record(struct audit_wanted *s, const struct json_value *record, struct slice line)
{
	struct buf key = BUF_INIT(AUDIT_LINE_MAX);
	struct sums *sums = s->sums;
	struct slice verdict = field(record, "verdict"), rule = field(record, "rule"),
		     observed = field(record, "observed"), mode = field(record, "mode");

	(void)line;
	if (buf_addf(&key, "%.*s\n%.*s\n%.*s\n%.*s", SLICE_ARG(mode), SLICE_ARG(verdict),
		     SLICE_ARG(rule), SLICE_ARG(observed)) != RC_OK ||
	    !sums_add(sums, buf_slice(&key), record))
		sums->lost = true;
	buf_free(&key);
}

/* What was done before what would have been; of each the most first. */
static int in_order(const void *a, const void *b)
{
	const struct sum *x = *(const struct sum *const *)a, *y = *(const struct sum *const *)b;
	int order = strcmp(x->mode, y->mode);

	if (order == 0 && x->count != y->count)
		order = x->count > y->count ? -1 : 1;
	if (order == 0)
		order = strcmp(x->verdict, y->verdict);
	return order ? order : strcmp(x->rule, y->rule);
}

static void print_sum_json(const struct sum *sum)
{
	struct buf out = BUF_INIT(AUDIT_LINE_MAX);
	struct json_line json;

	json_line_begin(&json, &out);
	json_line_number(&json, "count", (int64_t)sum->count);
	json_line_string(&json, "mode", sum->mode[0] ? sum->mode : NULL);
	json_line_string(&json, "verdict", sum->verdict[0] ? sum->verdict : NULL);
	json_line_string(&json, "rule", sum->rule[0] ? sum->rule : NULL);
	json_line_string(&json, "observed", sum->observed[0] ? sum->observed : NULL);
	if (json_line_end(&json) == RC_OK)
		fputs(buf_text(&out), stdout);
	buf_free(&out);
}

static void print_quoted(const char *before, const char *name)
{
	if (name[0] == '\0')
		return;
	fputs(before, stdout);
	print_text(slice_of(name));
	putchar('"');
}

static void print_sum(const struct sum *sum)
{
	printf("%8" PRIu64 " ", sum->count);
	if (sum->mode[0])
		fputs("would ", stdout);
	print_text(slice_of(sum->verdict));
	print_quoted(", by rule \"", sum->rule);
	if (strcmp(sum->observed, sum->rule) != 0)
		print_quoted(", where this one observes: \"", sum->observed);
	putchar('\n');
}

int audit_summary(struct audit_wanted *s, const char *const *files, int count)
{
	struct sums sums = { .of = table_new() };

	if (!s->event)
		s->event = "decided";
	s->sums = &sums;
	s->on_record = count_record;
	int status = sums.of ? read_files(s, files, count) : CLI_UNDETERMINED;
	if (!sums.of || sums.lost)
		status = cli_fail(s->cli, CLI_UNDETERMINED, "out of memory");
	if (sums.count)
		qsort(sums.at, sums.count, sizeof *sums.at, in_order);
	for (size_t i = 0; i < sums.count; i++) {
		if (status == CLI_OK && s->cli->json)
			print_sum_json(sums.at[i]);
		else if (status == CLI_OK)
			print_sum(sums.at[i]);
		sum_free(sums.at[i]);
	}
	free(sums.at);
	table_free(sums.of);
	return status;
}

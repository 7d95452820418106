#include "audit/record.h"

#include "base/clock.h"
#include "json/line.h"

#include <string.h>

static void put_findings(struct json_line *line, const struct audit_record *record)
{
	json_line_array(line, "findings");
	for (size_t i = 0; i < record->finding_count; i++) {
		const struct audit_finding *f = &record->findings[i];
		json_line_object(line, NULL);
		json_line_string(line, "marker", f->marker);
		json_line_string(line, "where", f->where);
		json_line_string(line, "part", f->part);
		json_line_string(line, "field", f->field);
		json_line_string(line, "evidence", f->evidence);
		json_line_close(line);
	}
	json_line_close(line);
}

static void put_evidence(struct json_line *line, const struct audit_record *record)
{
	json_line_array(line, "evidence");
	for (size_t i = 0; i < record->evidence_count; i++)
		json_line_string(line, NULL, record->evidence[i]);
	json_line_close(line);
}

enum rc audit_record_format(const struct audit_record *record, uint64_t seq, const char *prev,
			    struct buf *out)
{
	char ts[CLOCK_TEXT];
	struct json_line line;

	json_line_begin(&line, out);
	json_line_string(&line, "ts", clock_format_usec(record->ts_usec, ts));
	json_line_number(&line, "seq", (int64_t)seq);
	json_line_string(&line, "event", record->event);
	json_line_string(&line, "queue_id", record->queue_id);
	json_line_string(&line, "client", record->client);
	json_line_string(&line, "auth", record->auth);
	json_line_bool(&line, "submission_tls", record->submission_tls);
	json_line_string(&line, "from", record->from);
	json_line_string(&line, "to", record->to);
	put_findings(&line, record);
	json_line_string(&line, "rule", record->rule);
	json_line_string(&line, "require", record->require);
	json_line_string(&line, "assurance", record->assurance);
	json_line_string(&line, "by", record->by);
	put_evidence(&line, record);
	json_line_string(&line, "verdict", record->verdict);
	json_line_string(&line, "reply", record->reply);
	json_line_string(&line, "reason", record->reason);
	json_line_string(&line, "rules_sha256", record->rules_sha256);
	json_line_string(&line, "deposit", record->deposit);
	json_line_string(&line, "visit", record->visit);
	json_line_string(&line, "mode", record->mode);
	json_line_maybe(&line, "independent", record->independent);
	json_line_string(&line, "observed", record->observed);
	json_line_string(&line, "exception", record->exception);
	json_line_string(&line, "version", POSTERN_VERSION);
	json_line_string(&line, "prev", prev);
	return json_line_end(&line);
}

/* Whether a value needs no quotes to be read back as one. */
static bool is_plain(const char *value)
{
	for (const char *c = value; *c; c++)
		if (*c <= ' ' || *c > '~' || *c == '"' || *c == '\\' || *c == '=')
			return false;
	return *value != '\0';
}

static void put_value(struct buf *out, const char *value)
{
	for (size_t i = 0; value[i]; i++) {
		if (i == AUDIT_VALUE_MAX) {
			(void)buf_add_text(out, "...");
			return;
		}
		if (value[i] == '"' || value[i] == '\\')
			(void)buf_add_byte(out, '\\');
		(void)buf_add_byte(out, value[i] >= ' ' && value[i] <= '~' ? value[i] : '?');
	}
}

/* Adds " key=value", quoted where needed; nothing for NULL. */
static void put_pair(struct buf *out, const char *key, const char *value)
{
	if (!value)
		return;
	const char *quote = is_plain(value) ? "" : "\"";
	(void)buf_addf(out, " %s=%s", key, quote);
	put_value(out, value);
	(void)buf_add_text(out, quote);
}

/* Addresses stand in angle brackets, so that the null sender shows. */
static void put_address(struct buf *out, const char *key, const char *address)
{
	if (!address)
		return;
	const char *quote = *address == '\0' || is_plain(address) ? "" : "\"";
	(void)buf_addf(out, " %s=%s<", key, quote);
	put_value(out, address);
	(void)buf_addf(out, ">%s", quote);
}

/* The markers, each once, in the order found. */
static void put_markers(struct buf *out, const struct audit_record *record)
{
	struct buf names = BUF_INIT(AUDIT_LINE_MAX);

	for (size_t i = 0; i < record->finding_count; i++) {
		size_t first = 0;
		while (strcmp(record->findings[first].marker, record->findings[i].marker) != 0)
			first++;
		if (first == i)
			(void)buf_addf(&names, "%s%s", names.len ? "," : "",
				       record->findings[i].marker);
	}
	if (names.len)
		put_pair(out, "markers", buf_text(&names));
	buf_free(&names);
}

enum rc audit_record_syslog(const struct audit_record *record, struct buf *out)
{
	put_value(out, record->queue_id && *record->queue_id ? record->queue_id : "NOQUEUE");
	(void)buf_add_text(out, ":");
	put_pair(out, "event", record->event);
	put_address(out, "from", record->from);
	put_address(out, "to", record->to);
	put_pair(out, "verdict", record->verdict);
	put_pair(out, "require", record->require);
	put_pair(out, "assurance", record->assurance);
	put_pair(out, "by", record->by);
	put_markers(out, record);
	put_pair(out, "rule", record->rule);
	put_pair(out, "client", record->client);
	put_pair(out, "auth", record->auth);
	put_pair(out, "submission_tls", record->submission_tls ? "yes" : "no");
	put_pair(out, "deposit", record->deposit);
	put_pair(out, "visit", record->visit);
	put_pair(out, "mode", record->mode);
	if (record->independent)
		put_pair(out, "independent", *record->independent ? "yes" : "no");
	put_pair(out, "observed", record->observed);
	put_pair(out, "exception", record->exception);
	put_pair(out, "reply", record->reply);
	put_pair(out, "reason", record->reason);
	return buf_state(out);
}

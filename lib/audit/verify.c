#include "audit/verify.h"

#include "base/hex.h"
#include "crypto/hash.h"
#include "json/line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum rc audit_link_read(struct slice line, struct audit_link *out, struct fault *why)
{
	struct json_value *record;
	uint8_t bytes[AUDIT_HASH_CHARS / 2];
	struct slice prev = { 0 };
	int64_t seq = 0;

	enum rc rc = json_value_parse(line, &record, why);
	if (rc != RC_OK)
		return rc;
	bool good = json_value_number(json_value_find(record, "seq"), &seq) && seq > 0 &&
		    json_value_text(json_value_find(record, "prev"), &prev) &&
		    hex_parse(prev, bytes, sizeof bytes);
	json_value_free(record);
	if (!good)
		return fault(why, RC_INVALID, "no seq, or no prev of 64 hexadecimal digits");
	out->seq = (uint64_t)seq;
	hex_format(bytes, sizeof bytes, out->prev);
	return RC_OK;
}

enum rc audit_line_hash(struct slice line, char out[AUDIT_HASH_CHARS + 1], struct fault *why)
{
	uint8_t hash[CRYPTO_HASH_BYTES];
	enum rc rc = crypto_sha256(line, hash, why);

	if (rc == RC_OK)
		hex_format(hash, sizeof hash, out);
	return rc;
}

struct walk {
	struct audit_chain *chain;
	audit_problem_fn *fn;
	void *arg;
	enum rc rc; /* of the walk itself */
	struct fault *why;
};

static void tell(struct walk *w, uint64_t line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void tell(struct walk *w, uint64_t line, const char *format, ...)
{
	char words[300]; /* our own sentences, of bounded parts */
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof words, format, args);
	va_end(args);
	w->chain->problems++;
	w->fn(w->arg, line, words);
}

static void check_place(struct walk *w, uint64_t number, const struct audit_link *link)
{
	const struct audit_chain *chain = w->chain;
	uint64_t due = chain->last_seq + 1;

	if (!chain->begun)
		return;
	if (link->seq > due)
		tell(w, number,
		     "seq %" PRIu64 " where %" PRIu64 " was due: %" PRIu64
		     " missing before it, or lines are out of order",
		     link->seq, due, link->seq - due);
	else if (link->seq < due)
		tell(w, number,
		     "seq %" PRIu64 " where %" PRIu64
		     " was due: repeated, or lines are out of order",
		     link->seq, due);
	else if (strcmp(link->prev, chain->last_hash) != 0 && number > 1)
		tell(w, number - 1, "changed: line %" PRIu64 " carries the hash of another text",
		     number);
	else if (strcmp(link->prev, chain->last_hash) != 0)
		tell(w, number, "does not continue the file before: its last line was changed");
}

static bool look_at_line(struct walk *w, const struct audit_line *line)
{
	struct audit_link link;
	struct fault why;

	w->chain->lines++;
	if (line->too_long) {
		tell(w, line->number, "longer than any audit record");
		return true;
	}
	if (!line->ended) {
		tell(w, line->number, "torn: the file ends within it");
		return true;
	}
	enum rc rc = audit_link_read(line->text, &link, &why);
	if (rc == RC_INVALID) {
		tell(w, line->number, "no audit record: %s", why.text);
		return true;
	}
	if (rc == RC_OK)
		check_place(w, line->number, &link);
	if (rc == RC_OK)
		rc = audit_line_hash(line->text, w->chain->last_hash, &why);
	if (rc != RC_OK) {
		w->rc = fault(w->why, rc, "%s", why.text);
		return false;
	}
	if (!w->chain->begun)
		w->chain->first_seq = link.seq;
	w->chain->begun = true;
	w->chain->last_seq = link.seq;
	return true;
}

static bool check_line(void *arg, const struct audit_line *line)
{
	struct walk *w = arg;
	bool more = look_at_line(w, line);

	w->chain->bytes += line->text.len + 1;
	if (w->chain->on_line)
		w->chain->on_line(w->arg, w->chain);
	return more;
}

enum rc audit_verify(const char *path, struct audit_chain *chain, audit_problem_fn *fn, void *arg,
		     struct fault *why)
{
	struct walk walk = { chain, fn, arg, RC_OK, why };
	enum rc rc = audit_read(path, check_line, &walk, why);

	return rc == RC_OK ? walk.rc : rc;
}

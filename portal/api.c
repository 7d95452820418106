#include "api.h"

#include "answer.h"
#include "failure.h"
#include "ask.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "json/line.h"
#include "page/body.h"
#include "stream.h"

#include <string.h>

const char *api_state_name(enum pickup_state state)
{
	switch (state) {
	case PICKUP_OPEN:
		return "open";
	case PICKUP_REVOKED:
		return "revoked";
	case PICKUP_EXPIRED:
		return "expired";
	case PICKUP_SENT_ON:
		return "sent-on";
	case PICKUP_STATES:
		break;
	}
	return "unknown";
}

static void put_hex(struct json_line *line, const char *key, const void *bytes, size_t len)
{
	char digits[2 * 128 + 1];

	json_line_string(line, key, hex_format(bytes, len, digits));
	explicit_bzero(digits, sizeof digits);
}

static void put_time(struct json_line *line, const char *key, int64_t wall_s)
{
	char text[CLOCK_TEXT];

	json_line_string(line, key, wall_s ? clock_format(wall_s, text) : NULL);
}

static enum MHD_Result give(struct request *request, struct json_line *line)
{
	(void)json_line_end(line); /* buf_state() tells answer_give() */
	return answer_give(request, MHD_HTTP_OK, "application/json", line->out);
}

enum MHD_Result api_key(struct request *request)
{
	struct buf body = BUF_INIT(4096);
	struct json_line line;

	json_line_begin(&line, &body);
	json_line_number(&line, "version", 1);
	json_line_string(&line, "organisation", request->worker->organisation);
	json_line_string(&line, "ed25519", request->worker->site_key);
	return give(request, &line);
}

enum MHD_Result api_health(struct request *request)
{
	CLEANUP(ask_end) struct ask ask;
	struct pickup_request question = ask_begin(&ask, request, PICKUP_HELLO);

	if (ask_for(&ask, request, &question) != PICKUP_OK)
		return answer_plain(request, MHD_HTTP_SERVICE_UNAVAILABLE, "the keeper is away\n");
	return answer_plain(request, MHD_HTTP_OK, "ok\n");
}

struct step { /* a script's request, and what the keeper says to it */
	struct page_body body;
	struct ask ask;
};

static void step_end(struct step *step)
{
	page_body_wipe(&step->body);
	ask_end(&step->ask);
}

/* Only who proved the link is told that a deposit has ended, so it is no failure. */
static enum MHD_Result give_ended(struct request *request, const struct pickup_reply *reply)
{
	struct buf out = BUF_INIT(200);
	struct json_line line;

	json_line_begin(&line, &out);
	json_line_string(&line, "state", api_state_name(reply->state));
	put_time(&line, "ended", reply->ended_s);
	return give(request, &line);
}

/* Reads the request's JSON and asks. False: it is answered already, with *done. */
static bool takes(struct request *request, enum pickup_verb verb, unsigned needs, unsigned may,
		  struct step *step, enum MHD_Result *done)
{
	struct pickup_request question = ask_begin(&step->ask, request, verb);
	enum rc rc = page_body_parse(buf_slice(&request->body), needs, may, &step->body, NULL);

	if (rc != RC_OK) {
		*done = failure_answer(request, rc == RC_LIMIT ? FAILURE_LARGE : FAILURE_BAD, 0);
		return false;
	}
	memcpy(question.ticket, step->body.ticket, sizeof question.ticket);
	memcpy(question.proof, step->body.proof, sizeof question.proof);
	question.code = slice_of(step->body.pin);
	enum pickup_result result = ask_for(&step->ask, request, &question);
	if (result == PICKUP_OK)
		return true;
	*done = verb == PICKUP_PROVE && result == PICKUP_ENDED
			? give_ended(request, &step->ask.reply)
			: failure_result(request, &step->ask.reply);
	return false;
}

enum MHD_Result api_locate(struct request *request)
{
	CLEANUP(step_end) struct step s = { 0 };
	enum MHD_Result done;

	if (!takes(request, PICKUP_LOCATE, PAGE_FIELD_LOCATE, 0, &s, &done))
		return done;
	struct buf out = BUF_INIT(200);
	struct json_line line;
	json_line_begin(&line, &out);
	put_hex(&line, "id", s.ask.reply.id, sizeof s.ask.reply.id);
	return give(request, &line);
}

static void put_visit(struct json_line *line, const struct worker *worker,
		      const struct pickup_reply *reply)
{
	put_hex(line, "ticket", reply->ticket, sizeof reply->ticket);
	json_line_string(line, "state", api_state_name(reply->state));
	json_line_string(line, "factor", rules_factor_name(reply->factor));
	json_line_bool(line, "independent", reply->independent);
	json_line_number(line, "rounds", (int64_t)reply->rounds);
	json_line_text(line, "address", reply->address);
	json_line_text(line, "sender", reply->sender);
	json_line_string(line, "organisation", worker->organisation);
	put_time(line, "made", reply->made_s);
	put_time(line, "until", reply->until_s);
	put_hex(line, "digest", reply->digest, sizeof reply->digest);
	json_line_number(line, "payload_bytes", (int64_t)reply->payload_bytes);
	json_line_number(line, "blob_bytes", (int64_t)reply->blob_bytes);
	put_time(line, "acknowledged", reply->acknowledged_s);
	json_line_number(line, "factor_wait", (int64_t)reply->factor_wait_s);
	json_line_bool(line, "reply", reply->may_reply);
	json_line_number(line, "reply_bytes", (int64_t)reply->reply_bytes);
	put_time(line, "ended", reply->ended_s);
}

enum MHD_Result api_prove(struct request *request)
{
	CLEANUP(step_end) struct step s = { 0 };
	enum MHD_Result done;

	if (!takes(request, PICKUP_PROVE, PAGE_FIELD_AUTH1, 0, &s, &done))
		return done;
	struct buf out = BUF_SECRET(8192);
	struct json_line line;
	json_line_begin(&line, &out);
	put_visit(&line, request->worker, &s.ask.reply);
	return give(request, &line);
}

enum MHD_Result api_code(struct request *request)
{
	CLEANUP(step_end) struct step s = { 0 };
	enum MHD_Result done;

	if (!takes(request, PICKUP_CODE, PAGE_FIELD_TICKET, 0, &s, &done))
		return done;
	struct buf out = BUF_INIT(2000);
	struct json_line line;
	json_line_begin(&line, &out);
	json_line_text(&line, "sent_to", s.ask.reply.sent_to);
	put_time(&line, "until", s.ask.reply.code_until_s);
	return give(request, &line);
}

static void put_scan(struct json_line *line, const struct pickup_scan *scan)
{
	if (!scan->there) {
		json_line_null(line, "scan");
		return;
	}
	json_line_object(line, "scan");
	json_line_text(line, "engine", scan->engine);
	json_line_text(line, "result", scan->result);
	put_time(line, "date", scan->at_s);
	json_line_close(line);
}

enum MHD_Result api_factor(struct request *request)
{
	CLEANUP(step_end) struct step s = { 0 };
	enum MHD_Result done;

	if (!takes(request, PICKUP_FACTOR, PAGE_FIELD_TICKET | PAGE_FIELD_AUTH2, PAGE_FIELD_PIN, &s,
		   &done))
		return done;
	struct buf out = BUF_SECRET(4096);
	struct json_line line;
	const struct pickup_reply *reply = &s.ask.reply;
	json_line_begin(&line, &out);
	put_hex(&line, "server", reply->server, sizeof reply->server);
	put_hex(&line, "wrapped_dek", reply->wrapped_dek, sizeof reply->wrapped_dek);
	put_hex(&line, "commitment", reply->commitment, sizeof reply->commitment);
	put_hex(&line, "digest", reply->digest, sizeof reply->digest);
	put_scan(&line, &reply->scan);
	return give(request, &line);
}

enum MHD_Result api_blob(struct request *request)
{
	CLEANUP(step_end) struct step s = { 0 };
	enum MHD_Result done;

	if (!takes(request, PICKUP_BLOB, PAGE_FIELD_TICKET, PAGE_FIELD_FROM, &s, &done))
		return done;
	if (s.ask.fd < 0)
		return failure_answer(request, FAILURE_LATER, 0);
	if (s.body.from > s.ask.reply.blob_bytes)
		return failure_answer(request, FAILURE_BAD, 0);
	int fd = s.ask.fd;
	s.ask.fd = -1;
	return stream_answer(request, fd, s.ask.reply.blob_bytes, s.body.from, s.body.ticket);
}

enum MHD_Result api_acknowledge(struct request *request)
{
	CLEANUP(step_end) struct step s = { 0 };
	enum MHD_Result done;

	if (!takes(request, PICKUP_ACKNOWLEDGE, PAGE_FIELD_TICKET | PAGE_FIELD_DIGEST, 0, &s,
		   &done))
		return done;
	struct buf out = BUF_INIT(PICKUP_PROOF_FILE_MAX);
	(void)buf_add_slice(&out, s.ask.reply.proof);
	return answer_give(request, MHD_HTTP_OK, "application/json", &out);
}

enum MHD_Result api_static(struct request *request)
{
	for (size_t i = 0; i < asset_file_count; i++) {
		const struct asset_file *file = &asset_files[i];
		if (!slice_is(request->target.name, file->name))
			continue;
		struct MHD_Response *response = MHD_create_response_from_buffer(
			file->bytes.len, (void *)(uintptr_t)file->bytes.at, MHD_RESPMEM_PERSISTENT);
		if (response) {
			answer_header(response, "Content-Type", file->type);
			answer_header(response, "Cache-Control",
				      "public, max-age=31536000, immutable");
		}
		return answer_queue(request, MHD_HTTP_OK, response);
	}
	return failure_answer(request, FAILURE_ABSENT, 0);
}

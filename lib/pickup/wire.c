#include "pickup/wire.h"

#include "base/ascii.h"
#include "base/pack.h"

/* An enum in one byte. */
#define CHOICE(p, field, count)                                                                    \
	do {                                                                                       \
		unsigned choice_ = (unsigned)(field);                                              \
		pack_choice((p), &choice_, (count));                                               \
		(field) = (__typeof__(field))choice_;                                              \
	} while (0)

static void check_characters(struct pack *p, struct slice text, bool (*is_good)(char c),
			     const char *words)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_good(text.at[i]))
			pack_refuse(p, words);
}

static bool is_alphanumeric(char c)
{
	return ascii_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool is_address(char c)
{
	return ascii_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') || c == ':' ||
	       c == '.';
}

static bool is_language(char c)
{
	return is_alphanumeric(c) || c == '-';
}

/* ---- requests ---- */

static void lay_out_files(struct pack *p, struct pickup_request *r)
{
	uint64_t count = r->file_count;

	pack_number(p, &r->text_bytes, 4);
	pack_number(p, &count, 1);
	if (count > PICKUP_FILES_MAX)
		pack_refuse(p, "there are too many files");
	r->file_count = p->wrong ? 0 : (size_t)count;
	uint64_t all = r->text_bytes;
	for (size_t i = 0; i < r->file_count; i++) {
		pack_slice(p, &r->files[i].name, PICKUP_FILE_NAME_MAX);
		pack_number(p, &r->files[i].bytes, 4);
		all += r->files[i].bytes;
	}
	if (all > PICKUP_REPLY_BYTES_MAX)
		pack_refuse(p, "the reply is too long");
}

static void lay_out_code(struct pack *p, struct slice *code)
{
	pack_slice(p, code, PICKUP_CODE_MAX);
	check_characters(p, *code, ascii_is_digit, "the code is not of digits");
}

static void lay_out_own(struct pack *p, struct pickup_request *r)
{
	switch (r->verb) {
	case PICKUP_HELLO:
	case PICKUP_CODE:
	case PICKUP_BLOB:
	case PICKUP_SENT:
	case PICKUP_VERBS:
		break;
	case PICKUP_LOCATE:
	case PICKUP_PROVE:
	case PICKUP_ACKNOWLEDGE:
		pack_bytes(p, r->proof, sizeof r->proof);
		break;
	case PICKUP_FACTOR:
		pack_bytes(p, r->proof, sizeof r->proof);
		lay_out_code(p, &r->code);
		break;
	case PICKUP_REPLY:
		lay_out_files(p, r);
		break;
	case PICKUP_HANDLE:
		pack_bytes(p, r->tag, sizeof r->tag);
		lay_out_code(p, &r->code);
		CHOICE(p, r->action, PICKUP_ACTIONS);
		break;
	}
}

static void lay_out_request(struct pack *p, struct pickup_request *r)
{
	pack_number(p, &r->serial, 4);
	CHOICE(p, r->verb, PICKUP_VERBS);
	CHOICE(p, r->mode, PICKUP_MODES);
	pack_slice(p, &r->client, PICKUP_CLIENT_MAX);
	check_characters(p, r->client, is_address, "the client is not an address");
	pack_slice(p, &r->agent, PICKUP_AGENT_MAX);
	pack_slice(p, &r->language, PICKUP_LANGUAGE_MAX);
	check_characters(p, r->language, is_language, "the language is none");
	if (r->verb > PICKUP_LOCATE)
		pack_bytes(p, r->id, sizeof r->id);
	if (r->verb >= PICKUP_CODE && r->verb <= PICKUP_REPLY)
		pack_bytes(p, r->ticket, sizeof r->ticket);
	lay_out_own(p, r);
}

enum rc pickup_request_encode(const struct pickup_request *request, struct buf *out,
			      struct fault *why)
{
	struct pickup_request copy = *request;
	struct pack p = PACK_INTO(out);

	lay_out_request(&p, &copy);
	return pack_end(&p, "question to the keeper", why);
}

enum rc pickup_request_decode(struct slice bytes, struct pickup_request *out, struct fault *why)
{
	struct pickup_request request = { 0 };
	struct pack p = PACK_FROM(bytes);

	lay_out_request(&p, &request);
	enum rc rc = pack_end(&p, "question to the keeper", why);
	if (rc == RC_OK)
		*out = request;
	return rc;
}

/* ---- replies ---- */

static void lay_out_end(struct pack *p, struct pickup_reply *r)
{
	CHOICE(p, r->state, PICKUP_STATES);
	pack_time(p, &r->ended_s);
}

static void lay_out_life(struct pack *p, struct pickup_reply *r)
{
	lay_out_end(p, r);
	pack_slice(p, &r->sender, PICKUP_ADDRESS_MAX);
	pack_time(p, &r->made_s);
	pack_time(p, &r->until_s);
}

static void lay_out_prove(struct pack *p, struct pickup_reply *r)
{
	lay_out_life(p, r);
	pack_bytes(p, r->ticket, sizeof r->ticket);
	CHOICE(p, r->factor, RULES_FACTOR_LINK + 1u);
	pack_bool(p, &r->independent);
	pack_number(p, &r->rounds, 4);
	pack_slice(p, &r->address, PICKUP_ADDRESS_MAX);
	pack_bytes(p, r->digest, sizeof r->digest);
	pack_number(p, &r->payload_bytes, 8);
	pack_number(p, &r->blob_bytes, 8);
	pack_number(p, &r->number, 4);
	pack_time(p, &r->acknowledged_s);
	pack_number(p, &r->factor_wait_s, 4);
	pack_bool(p, &r->may_reply);
	pack_number(p, &r->reply_bytes, 8);
}

static void lay_out_keys(struct pack *p, struct pickup_reply *r)
{
	pack_bytes(p, r->server, sizeof r->server);
	pack_bytes(p, r->wrapped_dek, sizeof r->wrapped_dek);
	pack_bytes(p, r->commitment, sizeof r->commitment);
	pack_bytes(p, r->digest, sizeof r->digest);
	pack_number(p, &r->blob_bytes, 8);
	pack_bool(p, &r->scan.there);
	pack_slice(p, &r->scan.engine, PICKUP_WORDS_MAX);
	pack_slice(p, &r->scan.result, PICKUP_WORDS_MAX);
	pack_time(p, &r->scan.at_s);
}

static void lay_out_parties(struct pack *p, struct pickup_reply *r)
{
	uint64_t count = r->party_count, all = r->parties_in_all;

	pack_number(p, &count, 1);
	pack_number(p, &all, 4);
	if (count > PICKUP_PARTIES_MAX || count > all)
		pack_refuse(p, "there are too many recipients");
	r->party_count = p->wrong ? 0 : (size_t)count;
	r->parties_in_all = (size_t)all;
	for (size_t i = 0; i < r->party_count; i++) {
		pack_slice(p, &r->parties[i].address, PICKUP_ADDRESS_MAX);
		pack_number(p, &r->parties[i].state, 4);
	}
}

static void lay_out_answer(struct pack *p, struct pickup_reply *r)
{
	switch (r->verb) {
	case PICKUP_HELLO:
		pack_bytes(p, r->public_key, sizeof r->public_key);
		break;
	case PICKUP_LOCATE:
		pack_bytes(p, r->id, sizeof r->id);
		break;
	case PICKUP_PROVE:
		lay_out_prove(p, r);
		break;
	case PICKUP_CODE:
		pack_slice(p, &r->sent_to, PICKUP_WORDS_MAX);
		pack_time(p, &r->code_until_s);
		break;
	case PICKUP_FACTOR:
		lay_out_keys(p, r);
		break;
	case PICKUP_BLOB:
		pack_number(p, &r->blob_bytes, 8);
		break;
	case PICKUP_ACKNOWLEDGE:
		pack_slice(p, &r->proof, PICKUP_PROOF_FILE_MAX);
		break;
	case PICKUP_HANDLE:
		lay_out_life(p, r);
		CHOICE(p, r->outcome, PICKUP_OUTCOMES);
		pack_time(p, &r->extended_s);
		lay_out_parties(p, r);
		break;
	case PICKUP_SENT:
	case PICKUP_REPLY:
	case PICKUP_VERBS:
		break;
	}
}

static void lay_out_reply(struct pack *p, struct pickup_reply *r)
{
	pack_number(p, &r->serial, 4);
	CHOICE(p, r->verb, PICKUP_VERBS);
	CHOICE(p, r->result, PICKUP_RESULTS);
	pack_number(p, &r->wait_s, 4);
	if (r->result == PICKUP_OK)
		lay_out_answer(p, r);
	else if (r->result == PICKUP_ENDED)
		lay_out_end(p, r);
}

enum rc pickup_reply_encode(const struct pickup_reply *reply, struct buf *out, struct fault *why)
{
	struct pickup_reply copy = *reply;
	struct pack p = PACK_INTO(out);

	lay_out_reply(&p, &copy);
	enum rc rc = pack_end(&p, "answer of the keeper", why);
	crypto_wipe(&copy, sizeof copy);
	return rc;
}

enum rc pickup_reply_decode(struct slice bytes, struct pickup_reply *out, struct fault *why)
{
	struct pickup_reply reply = { 0 };
	struct pack p = PACK_FROM(bytes);

	lay_out_reply(&p, &reply);
	enum rc rc = pack_end(&p, "answer of the keeper", why);
	if (rc == RC_OK)
		*out = reply;
	crypto_wipe(&reply, sizeof reply);
	return rc;
}

const char *pickup_verb_name(enum pickup_verb verb)
{
	static const char *const names[] = {
		[PICKUP_HELLO] = "hello",   [PICKUP_LOCATE] = "locate",
		[PICKUP_PROVE] = "prove",   [PICKUP_CODE] = "code",
		[PICKUP_FACTOR] = "factor", [PICKUP_BLOB] = "blob",
		[PICKUP_SENT] = "sent",     [PICKUP_ACKNOWLEDGE] = "acknowledge",
		[PICKUP_REPLY] = "reply",   [PICKUP_HANDLE] = "handle",
	};

	return (size_t)verb < sizeof names / sizeof *names ? names[verb] : "unknown";
}

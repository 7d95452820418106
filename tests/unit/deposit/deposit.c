#include "deposit/deposit.h"

#include "base/cleanup.h"
#include "deposit/destroy.h"
#include "deposit/life.h"
#include "deposit/open.h"
#include "outbox/item.h"
#include "outbox/row.h"
#include "support/anomaly.h"
#include "support/blobs.h"
#include "support/officers.h"
#include "support/scratch.h"

#include <dirent.h>
#include <sys/wait.h>

/* SLICE() is no constant to gcc 12. */
#define TEXT(literal)                                                                              \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

enum { NOW = 1795305600 };

static struct scratch scratch;
static struct crypto_keys *keys;
static struct deposit_site site = {
	.portal_url = "https://secure.our.example",
	.organisation = "Our Example",
};

#define MESSAGE                                                                                    \
	"From: Alice <a@our.example>\r\nTo: b@plain.test\r\nSubject: CANARY-subject\r\n"           \
	"Date: Sun, 22 Nov 2026 01:00:00 +0100\r\nMessage-ID: <1@our.example>\r\n\r\n"             \
	"CANARY-body 4111 1111 1111 1111\r\n"

/* Without a phrase: a PBKDF2 for each step of each test would take minutes. */
static struct deposit_recipient one[] = { { TEXT("b@plain.test"), RULES_FACTOR_LINK, TEXT("") } };
static struct slice bytes = TEXT(MESSAGE);

static struct deposit_message message(void)
{
	return (struct deposit_message){
		.sender = SLICE("a@our.example"),
		.recipient_count = 1,
		.recipients = one,
		.queue_id = SLICE("3XkF2"),
		.source = deposit_source_bytes(&bytes),
	};
}

static void close_site(void)
{
	outbox_close(site.outbox);
	store_close(site.store);
	crypto_keys_free(&keys);
	site.outbox = NULL;
	site.store = NULL;
}

static bool open_site(void)
{
	if (crypto_keys_make(scratch_path(&scratch, "keys"), &keys, NULL) != RC_OK ||
	    store_open(scratch_path(&scratch, "state"), &site.store, NULL) != RC_OK ||
	    outbox_open(site.store, &keys->outbox, &site.outbox, NULL) != RC_OK)
		return false;
	site.keys = keys;
	return true;
}

static int set_up(void **state)
{
	(void)state;
	return scratch_make(&scratch) && open_site() ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	close_site();
	scratch_remove(&scratch);
	return 0;
}

static struct deposit_made make(const struct deposit_message *m)
{
	struct deposit_made made;
	struct fault why = { 0 };

	if (deposit_make(&site, m, NOW, &made, &why) != RC_OK)
		fail_msg("%s", why.text);
	return made;
}

struct count {
	unsigned deposits, rows;
};

static bool count_deposit(void *arg, const struct store_deposit *deposit)
{
	(void)deposit;
	((struct count *)arg)->deposits++;
	return true;
}

static bool count_row(void *arg, const struct store_outbox_row *row)
{
	(void)row;
	((struct count *)arg)->rows++;
	return true;
}

static struct count count(void)
{
	struct count c = { 0 };
	struct store_tx *tx = NULL;

	assert_int_equal(store_begin(site.store, &tx, NULL), RC_OK);
	assert_int_equal(store_deposit_each(tx, count_deposit, &c, NULL), RC_OK);
	assert_int_equal(store_outbox_each(tx, count_row, &c, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	return c;
}

static void assert_facts(const uint8_t *id)
{
	struct store_tx *tx = NULL;
	struct deposit_facts facts;

	assert_int_equal(store_begin(site.store, &tx, NULL), RC_OK);
	assert_int_equal(deposit_facts_get(tx, id, &facts, NULL), RC_OK);
	assert_true(facts.scanned);
	assert_string_equal(facts.scan.result, "clean");
	assert_int_equal(facts.recipient_count, 2);
	assert_true(facts.recipients[0].independent);
	assert_false(facts.recipients[1].independent);
	assert_int_equal(facts.recipients[0].picked_up_s, 0);
	store_abandon(&tx);
}

static void test_made(void **state)
{
	struct deposit_recipient two[] = {
		{ SLICE("b@plain.test"), RULES_FACTOR_PHRASE, SLICE("no proven TLS") },
		{ SLICE("c@plain.test"), RULES_FACTOR_LINK, SLICE("") },
	};
	struct deposit_message m = message();

	(void)state;
	m.recipients = two;
	m.recipient_count = 2;
	m.life_days = 3;
	m.scan = &(const struct deposit_scan){ "ClamAV 1.0.7", "clean", NOW };
	struct deposit_made made = make(&m);
	assert_facts(made.id);
	assert_false(made.found);
	assert_int_equal(made.until_s, NOW + 3 * 86400);
	assert_int_equal(count().deposits, 1);
	assert_int_equal(count().rows, 3); /* two notices, one report */
	assert_int_equal(blobs_in(site.store, STORE_BLOBS), 1);
	assert_int_equal(blobs_in(site.store, STORE_OUTBOX), 3);
}

static void test_retry_finds_the_first(void **state)
{
	struct deposit_message m = message(), other = m;
	struct deposit_made first = make(&m), again = make(&m);

	(void)state;
	assert_true(again.found);
	assert_memory_equal(first.id, again.id, sizeof first.id);
	assert_int_equal(first.until_s, again.until_s);
	assert_int_equal(count().rows, 2);

	/* Other bytes, another sender or another recipient are another message. */
	struct slice changed = SLICE(MESSAGE " ");
	other.source = deposit_source_bytes(&changed);
	assert_false(make(&other).found);
	other = m;
	other.sender = SLICE("b@our.example");
	assert_false(make(&other).found);
	struct deposit_recipient renamed[] = {
		{ SLICE("x@plain.test"), RULES_FACTOR_LINK, SLICE("") }, one[0]
	};
	other = m;
	other.recipients = renamed;
	assert_false(make(&other).found);
	/* The order of recipients does not count. */
	struct deposit_recipient swapped[] = { one[0], renamed[0] };
	other.recipient_count = 2;
	first = make(&other);
	assert_false(first.found);
	other.recipients = swapped;
	assert_true(make(&other).found);

	/* After five days it is a message of its own. */
	assert_int_equal(deposit_make(&site, &m, NOW + 5 * 86400, &again, NULL), RC_OK);
	assert_false(again.found);
}

/* A program may send the same bytes twice and mean it. */
static void test_without_a_message_id_nothing_is_a_retry(void **state)
{
	struct slice nameless = SLICE("From: a@our.example\r\nSubject: alert\r\n\r\ndisk full\r\n");
	struct deposit_message m = message();

	(void)state;
	m.source = deposit_source_bytes(&nameless);
	assert_false(make(&m).found);
	assert_false(make(&m).found);
	assert_int_equal(blobs_in(site.store, STORE_BLOBS), 2);
}

/* A row whose blob is gone holds no message: whoever tries again must not lose it. */
static void test_retry_without_a_blob(void **state)
{
	struct deposit_message m = message();
	struct deposit_made first = make(&m), again;

	const struct deposit_life life = { .site = &site };
	const struct deposit_ending revoked = { STORE_DEPOSIT_REVOKED, "sender", SLICE("") };

	(void)state;
	assert_int_equal(store_blob_remove(site.store, STORE_BLOBS, first.id, NULL), RC_OK);
	again = make(&m);
	assert_false(again.found);
	assert_int_equal(blobs_in(site.store, STORE_BLOBS), 1);
	assert_true(make(&m).found);

	/* One that was revoked has none either, and stays revoked. */
	assert_int_equal(deposit_end(&life, again.id, &revoked, NOW, NULL), RC_OK);
	assert_true(make(&m).found);
}

static const struct {
	const char *name;
	size_t recipients;
	struct slice sender, to;
	enum rules_factor factor;
	enum rc rc;
	const char *why;
} bad[] = {
	{ "no recipient", 0, TEXT("a@x"), TEXT("b@y"), RULES_FACTOR_LINK, RC_INVALID,
	  "deposit has no recipient" },
	{ "the null sender never gets a phrase", 1, TEXT(""), TEXT("b@y"), RULES_FACTOR_LINK,
	  RC_INVALID, "deposit has no sender to report to" },
	{ "an empty recipient", 1, TEXT("a@x"), TEXT(""), RULES_FACTOR_LINK, RC_INVALID,
	  "recipient 1 is no address" },
	{ "too many recipients", DEPOSIT_RECIPIENTS_MAX + 1, TEXT("a@x"), TEXT("b@y"),
	  RULES_FACTOR_LINK, RC_LIMIT, "deposit has 101 recipients, more than 100" },
};

static void test_bad(void **state)
{
	static struct deposit_recipient many[DEPOSIT_RECIPIENTS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct deposit_message m = message();
		struct deposit_made made;
		struct fault why = { 0 };

		print_message("   %s\n", bad[i].name);
		many[0] =
			(struct deposit_recipient){ .address = bad[i].to, .factor = bad[i].factor };
		m.recipients = many;
		m.recipient_count = bad[i].recipients;
		m.sender = bad[i].sender;
		assert_int_equal(deposit_make(&site, &m, NOW, &made, &why), bad[i].rc);
		assert_string_equal(why.text, bad[i].why);
	}
	assert_int_equal(count().deposits, 0);
	assert_int_equal(blobs_in(site.store, STORE_BLOBS) + blobs_in(site.store, STORE_OUTBOX), 0);
}

static void test_cap(void **state)
{
	struct deposit_message m = message();
	struct deposit_made made;
	struct slice texts[] = { SLICE("Message-ID: <1@x>\r\n\r\n"),
				 SLICE("Message-ID: <2@x>\r\n\r\n"),
				 SLICE("Message-ID: <3@x>\r\n\r\n") };

	(void)state;
	site.per_hour = 2;
	for (size_t i = 0; i < 3; i++) {
		m.source = deposit_source_bytes(&texts[i]);
		assert_int_equal(deposit_make(&site, &m, NOW, &made, NULL),
				 i < 2 ? RC_OK : RC_LIMIT);
	}
	site.per_hour = 0;
	/* A retry is no deposit more. */
	m.source = deposit_source_bytes(&texts[0]);
	assert_int_equal(deposit_make(&site, &m, NOW, &made, NULL), RC_OK);
	assert_true(made.found);
	assert_int_equal(blobs_in(site.store, STORE_BLOBS), 2);
}

/* What waits in the outbox, as the worker would read it. */
struct mails {
	unsigned count;
	struct mail {
		enum outbox_kind kind;
		char from[50], to[50], text[10000];
		unsigned notify;
		enum mail_ret ret;
	} at[4];
};

static bool read_mail(void *arg, const struct store_outbox_row *row)
{
	struct mails *mails = arg;
	struct arena *arena = arena_new(100000);
	struct outbox_row decoded;
	struct crypto_key key;
	CLEANUP(outbox_payload_close) struct outbox_payload *payload = NULL;
	size_t got = 0, len = 0;

	assert_true(mails->count < COUNT(mails->at));
	assert_int_equal(outbox_row_decode(row->record, arena, &decoded, NULL), RC_OK);
	assert_int_equal(outbox_unwrap(site.outbox, row->id, decoded.sealed_key, &key, NULL),
			 RC_OK);
	assert_int_equal(outbox_payload_open(site.store, row->id, &key, &payload, NULL), RC_OK);
	struct mail *mail = &mails->at[mails->count++];
	do {
		len += got;
		assert_int_equal(outbox_payload_read(payload, mail->text + len,
						     sizeof mail->text - 1 - len, &got, NULL),
				 RC_OK);
	} while (got);
	mail->text[len] = '\0';
	mail->kind = decoded.mail.kind;
	mail->ret = decoded.mail.ret;
	mail->notify = decoded.mail.recipients[0].notify;
	assert_int_equal(decoded.mail.recipient_count, 1);
	snprintf(mail->from, sizeof mail->from, "%.*s", SLICE_ARG(decoded.mail.from));
	snprintf(mail->to, sizeof mail->to, "%.*s", SLICE_ARG(decoded.mail.recipients[0].address));
	arena_free(arena);
	return true;
}

static struct mails *read_mails(void)
{
	static struct mails mails;
	struct store_tx *tx = NULL;

	mails.count = 0;
	assert_int_equal(store_begin(site.store, &tx, NULL), RC_OK);
	assert_int_equal(store_outbox_each(tx, read_mail, &mails, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	return &mails;
}

/* The text after mark, to its line's end. */
static struct slice after(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);

	if (!at)
		fail_msg("no \"%s\" in %s", mark, text);
	at += strlen(mark);
	return (struct slice){ at, strcspn(at, "\r") };
}

static enum rc collect(void *arg, struct slice piece, struct fault *why)
{
	(void)why;
	return buf_add_slice(arg, piece);
}

static void assert_opens(const uint8_t *id, struct slice code, struct slice phrase)
{
	const struct deposit_visit visit = { .id = id, .code = code, .phrase = phrase };
	struct buf out = BUF_INIT(10000);
	struct fault why = { 0 };

	if (deposit_open(site.store, keys, &visit, NOW, collect, &out, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_string_equal(buf_text(&out), MESSAGE);
	buf_free(&out);
}

static bool take_record(void *arg, const struct store_deposit *deposit)
{
	assert_int_equal(deposit_record_decode(deposit->record, arg, NULL), RC_OK);
	return false;
}

static void refuse_open(const uint8_t *id, struct slice code, struct slice phrase,
			const char *expected)
{
	const struct deposit_visit visit = { .id = id, .code = code, .phrase = phrase };
	struct buf out = BUF_INIT(10000);
	struct fault why = { 0 };

	assert_int_equal(deposit_open(site.store, keys, &visit, NOW, collect, &out, &why),
			 RC_INVALID);
	assert_string_equal(why.text, expected);
	buf_free(&out);
}

/* Neither text nor phrase nor code is in any file. */
static void assert_nowhere(const char *canary)
{
	const char *const folders[] = { "state", "state/blobs", "state/outbox" };
	static char text[1 << 20];
	unsigned looked = 0;

	for (size_t i = 0; i < COUNT(folders); i++) {
		DIR *dir = opendir(scratch_path(&scratch, folders[i]));
		assert_non_null(dir);
		for (struct dirent *e; (e = readdir(dir));) {
			char name[200];
			snprintf(name, sizeof name, "%s/%.100s", folders[i], e->d_name);
			FILE *f = fopen(scratch_path(&scratch, name), "r");
			size_t len = f ? fread(text, 1, sizeof text, f) : 0;
			if (f)
				fclose(f);
			looked += len > 0;
			if (memmem(text, len, canary, strlen(canary)))
				fail_msg("\"%s\" is in %s", canary, name);
		}
		closedir(dir);
	}
	assert_true(looked >= 2); /* database and log, with blob, notice and report in them */
}

static void test_whole_story(void **state)
{
	struct deposit_recipient to[] = {
		{ SLICE("b@plain.test"), RULES_FACTOR_PHRASE, SLICE("because of CANARY-why") },
		{ SLICE("c@plain.test"), RULES_FACTOR_LINK, SLICE("") },
	};
	struct deposit_message m = message();
	char phrase[30], code[40];

	(void)state;
	m.recipients = to;
	m.recipient_count = 2;
	struct deposit_made made = make(&m);
	struct mails *mails = read_mails();
	assert_int_equal(mails->count, 3);

	assert_int_equal(mails->at[0].kind, OUTBOX_NOTICE);
	assert_string_equal(mails->at[0].from, "a@our.example");
	assert_string_equal(mails->at[0].to, "b@plain.test");
	assert_int_equal(mails->at[0].ret, MAIL_RET_HDRS);
	assert_int_equal(mails->at[0].notify, MAIL_NOTIFY_FAILURE);
	assert_string_equal(mails->at[1].to, "c@plain.test");
	assert_int_equal(mails->at[2].kind, OUTBOX_REPORT);
	assert_string_equal(mails->at[2].from, "");
	assert_string_equal(mails->at[2].to, "a@our.example");
	assert_int_equal(mails->at[2].notify, MAIL_NOTIFY_NEVER);

	struct slice p = after(mails->at[2].text, "which only you have:\r\n\r\n");
	struct slice c = after(mails->at[0].text, "enter this code there:\r\n\r\n    ");
	assert_opens(made.id, c, p);
	assert_opens(made.id, after(mails->at[0].text, "#"), p);
	assert_opens(made.id, after(mails->at[1].text, "#"), SLICE(""));

	/* Notices do not have the phrase, nor each other's code, nor a word of the message. */
	snprintf(phrase, sizeof phrase, "%.*s", SLICE_ARG(p));
	snprintf(code, sizeof code, "%.*s", SLICE_ARG(c));
	for (unsigned i = 0; i < 2; i++) {
		assert_null(strstr(mails->at[i].text, phrase));
		assert_null(strstr(mails->at[i].text, "CANARY"));
		assert_null(strstr(mails->at[i].text, "4111"));
	}
	assert_null(strstr(mails->at[1].text, code));
	assert_null(strstr(mails->at[2].text, code));
	assert_null(strstr(mails->at[2].text, "CANARY-subject"));

	const char *const canaries[] = { phrase, code, "CANARY", "4111", "this phrase", "/m/" };
	for (size_t i = 0; i < COUNT(canaries); i++)
		assert_nowhere(canaries[i]);
}

/* A kept phrase opens its recipient's share and is told nowhere; a code needs no phrase; whom
 * neither is for has the report's. */
static void test_each_its_factor(void **state)
{
	static const char kept[] = "vosak ditun melor pagis";
	struct deposit_recipient to[] = {
		{ .address = SLICE("b@plain.test"),
		  .factor = RULES_FACTOR_PHRASE,
		  .phrase = slice_of(kept) },
		{ .address = SLICE("c@plain.test"),
		  .factor = RULES_FACTOR_CODE,
		  .number = SLICE("...67") },
		{ .address = SLICE("d@plain.test"), .factor = RULES_FACTOR_PHRASE },
	};
	struct deposit_message m = message();

	(void)state;
	m.recipients = to;
	m.recipient_count = 3;
	struct deposit_made made = make(&m);
	struct mails *mails = read_mails();
	assert_int_equal(mails->count, 4);
	struct slice own = after(mails->at[3].text, "which only you have:\r\n\r\n");
	assert_opens(made.id, after(mails->at[0].text, "#"), slice_of(kept));
	assert_opens(made.id, after(mails->at[1].text, "#"), SLICE(""));
	assert_opens(made.id, after(mails->at[2].text, "#"), own);
	refuse_open(made.id, after(mails->at[0].text, "#"), own, "phrase is wrong");
	refuse_open(made.id, after(mails->at[0].text, "#"), SLICE(""), "a phrase is needed");
	refuse_open(made.id, after(mails->at[2].text, "#"), slice_of(kept), "phrase is wrong");
	for (unsigned i = 0; i < 4; i++)
		assert_null(strstr(mails->at[i].text, kept));
	assert_non_null(strstr(mails->at[3].text, "sends to their number ...67"));
	assert_nowhere(kept);
}

/* With officers each deposit has its shares, which open it and go when it is revoked. */
static void test_escrow(void **state)
{
	struct person people[] = { person(EVP_EC_gen("P-256"), "Legal", NULL, NULL),
				   person(EVP_EC_gen("P-256"), "Board", NULL, NULL) };
	struct deposit_officers officers = { .count = 2 };
	struct crypto_officer *officer_keys[2] = { NULL };
	CLEANUP(deposit_shares_free) struct deposit_shares shares = { 0 };
	struct deposit_message m = message();
	struct deposit_record record;
	struct store_tx *tx = NULL;
	struct buf out = BUF_INIT(10000);
	struct crypto_key dek;
	struct fault why = { 0 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
			crypto_group_read(pem_of(people[i].certificate), &officers.groups[i], NULL),
			RC_OK);
		assert_int_equal(crypto_officer_read(pem_of(people[i].secret), SLICE(""),
						     &officer_keys[i], NULL),
				 RC_OK);
	}
	site.officers = &officers;
	struct deposit_made made = make(&m);
	site.officers = NULL;

	assert_int_equal(store_begin(site.store, &tx, NULL), RC_OK);
	assert_int_equal(store_deposit_find(tx, made.id, take_record, &record, NULL), RC_OK);
	assert_int_equal(deposit_escrow_get(tx, made.id, &shares, NULL), RC_OK);
	store_abandon(&tx);
	assert_int_equal(shares.count, 2);
	assert_int_equal(
		deposit_escrow_join(&shares, officer_keys, 2, made.id, &record, &dek, NULL), RC_OK);
	if (deposit_open_blob(site.store, made.id, &record, &dek, collect, &out, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_string_equal(buf_text(&out), MESSAGE);

	CLEANUP(deposit_ended_forget) struct deposit_ended ended = { 0 };
	deposit_shares_free(&shares);
	assert_int_equal(store_begin(site.store, &tx, NULL), RC_OK);
	assert_int_equal(deposit_end_rows(tx, made.id, STORE_DEPOSIT_REVOKED, NOW, &ended, NULL),
			 RC_OK);
	assert_int_equal(deposit_escrow_get(tx, made.id, &shares, NULL), RC_ABSENT);
	store_abandon(&tx);
	buf_free(&out);
	for (size_t i = 0; i < 2; i++) {
		crypto_group_free(&officers.groups[i]);
		crypto_officer_free(&officer_keys[i]);
		person_end(&people[i]);
	}
}

static void start_afresh(void **state)
{
	tear_down(state);
	assert_int_equal(set_up(state), 0);
}

static int steps_of_make(void)
{
	struct deposit_message m = message();

	anomaly_steps = 0;
	make(&m);
	return anomaly_steps;
}

/* All or nothing; and when nothing, the client's retry makes all of it. */
static void assert_whole(bool granted)
{
	struct deposit_message m = message();
	struct count before = count();

	assert_true(before.deposits <= 1);
	assert_int_equal(before.rows, 2 * before.deposits);
	if (granted)
		assert_int_equal(before.deposits, 1);
	struct deposit_made made = make(&m);
	assert_int_equal(made.found, before.deposits == 1);
	assert_int_equal(count().deposits, 1);
	assert_int_equal(count().rows, 2);
}

static void test_each_step_fails(void **state)
{
	int steps = steps_of_make();

	assert_true(steps > 10);
	for (int n = 1; n <= steps; n++) {
		struct deposit_message m = message();
		struct deposit_made made;
		struct fault why = { 0 };

		start_afresh(state);
		anomaly_errno = ENOSPC;
		anomaly_steps = 0;
		anomaly_at = n;
		enum rc rc = deposit_make(&site, &m, NOW, &made, &why);
		anomaly_at = anomaly_errno = 0;
		if (rc != RC_OK) {
			assert_int_equal(rc, RC_RETRY);
			if (strncmp(why.text, "store is full: ", 15) != 0)
				fail_msg("step %d: %s", n, why.text);
			/* Nothing is left lying about. */
			assert_int_equal(blobs_in(site.store, STORE_BLOBS) +
						 blobs_in(site.store, STORE_OUTBOX),
					 0);
		}
		assert_whole(rc == RC_OK);
	}
}

static void test_killed_at_each_step(void **state)
{
	int status = ANOMALY_EXIT;

	/* Until a child has done all its steps: they are more than steps_of_make(), which goes
	 * on with a log that is there. */
	for (int n = 1; status == ANOMALY_EXIT; n++) {
		start_afresh(state);
		close_site();
		pid_t child = fork();
		if (child == 0) {
			struct deposit_message m = message();
			struct deposit_made made;
			if (!open_site())
				_exit(1);
			anomaly_steps = 0;
			anomaly_at = n;
			_exit(deposit_make(&site, &m, NOW, &made, NULL) == RC_OK ? 0 : 1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		status = WEXITSTATUS(status);
		assert_true(status == 0 || status == ANOMALY_EXIT);
		assert_true(open_site());
		assert_whole(status == 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_made),
		TEST(test_retry_finds_the_first),
		TEST(test_without_a_message_id_nothing_is_a_retry),
		TEST(test_retry_without_a_blob),
		TEST(test_bad),
		TEST(test_cap),
		TEST(test_whole_story),
		TEST(test_each_its_factor),
		TEST(test_escrow),
		TEST(test_each_step_fails),
		TEST(test_killed_at_each_step),
	};
	return cmocka_run_group_tests_name("deposit/deposit", tests, NULL, NULL);
}

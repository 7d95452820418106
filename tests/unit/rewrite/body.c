#include "rewrite/body.h"

#include "support/spooled.h"

#define HEAD "Subject: s\r\n\r\n"
#define BODY "pre\r\n--b\r\n\r\none\r\n--b\r\nX: y\r\n\r\ntwo\r\n--b--\r\n"
#define TEXT "T: x\r\n\r\nsealed"

static struct buf body_of(const char *body, const struct rewrite_cuts *cuts,
			  struct rewrite_room room)
{
	struct buf message = BUF_INIT(4096);
	struct splice out = { .arena = arena_new(1 << 16) };

	(void)!buf_addf(&message, HEAD "%s", body);
	struct spool *raw = spooled(message.at);
	const struct rewrite_old old = { raw, strlen(HEAD), room, "ff" };
	assert_int_equal(rewrite_body(&old, cuts, TEXT, &out, NULL), RC_OK);
	struct buf text = spliced(&out);
	arena_free(out.arena);
	spool_free(raw);
	buf_free(&message);
	return text;
}

static const struct rewrite_cut second[] = { { 0, 3, true }, { 22, 33, false } };
static const struct rewrite_cuts two = { false, 2, second };
static const struct rewrite_cuts all = { .whole = true };

static void test_the_rest_stays_and_the_text_stands_for_a_part(void **state)
{
	struct buf text = body_of(BODY, &two, (struct rewrite_room){ 5000, 5000 });
	const char wanted[] = "\r\n--b\r\n\r\none\r\n--b\r\n" TEXT "\r\n--b--\r\n    ";

	(void)state;
	assert_memory_equal(text.at, wanted, strlen(wanted));
	assert_true(text.len >= 5000);
	buf_free(&text);
}

static void test_a_last_boundary_line_gets_its_end(void **state)
{
	struct buf text = body_of(
		"--b\r\n\r\none\r\n--b--",
		&(struct rewrite_cuts){ false, 1, (struct rewrite_cut[]){ { 5, 10, false } } },
		(struct rewrite_room){ 1000, 1000 });

	(void)state;
	assert_non_null(strstr(text.at, "--b--\r\n "));
	buf_free(&text);
}

static void test_a_new_whole_body_is_a_multipart_of_one(void **state)
{
	struct buf text = body_of("old\r\n", &all, (struct rewrite_room){ 5, 5 });
	const char *content = strstr(text.at, "--postern-ff\r\n");
	struct arena *arena = arena_new(1000);

	(void)state;
	assert_string_equal(content, "--postern-ff\r\n" TEXT "\r\n--postern-ff--\r\n");
	for (const char *at = text.at; at < content; at++)
		assert_true(*at == '\r' || *at == '\n'); /* the old one's place */
	assert_string_equal(rewrite_body_type("ff", arena),
			    " multipart/mixed; boundary=\"postern-ff\"");
	arena_free(arena);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_rest_stays_and_the_text_stands_for_a_part),
		cmocka_unit_test(test_a_last_boundary_line_gets_its_end),
		cmocka_unit_test(test_a_new_whole_body_is_a_multipart_of_one),
	};
	return cmocka_run_group_tests_name("rewrite/body", tests, NULL, NULL);
}

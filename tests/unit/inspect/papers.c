#include "inspect/papers.h"

#include "support/documented.h"
#include "support/unit.h"

static void hear_begin(void *of, const char *path)
{
	assert_int_equal(buf_addf(of, "<%s ", path), RC_OK);
}

static void hear_text(void *of, struct slice text)
{
	assert_int_equal(buf_add_slice(of, text), RC_OK);
}

static void hear_end(void *of)
{
	assert_int_equal(buf_add_text(of, ">"), RC_OK);
}

static void hear_file(void *of, const char *path, const struct reader_file *f)
{
	assert_int_equal(
		buf_addf(of, "%s(%.*s %d %s)", path, SLICE_ARG(f->name), (int)f->bytes, f->type),
		RC_OK);
}

static void hear_property(void *of, const char *path, struct slice name, struct slice value)
{
	(void)path, (void)name;
	assert_int_equal(buf_add_slice(of, value), RC_OK);
}

static void hear_label(void *of, const char *path, struct slice value)
{
	(void)path;
	assert_int_equal(buf_add_slice(of, value), RC_OK);
}

static void hear_opaque(void *of, const char *path, const char *why)
{
	assert_int_equal(buf_addf(of, "%s!%s", path, why), RC_OK);
}

static const struct reader_heard heard = { hear_begin,    hear_text,  hear_end,   hear_file,
					   hear_property, hear_label, hear_opaque };

static struct papers_config config_of(struct reader_pool *pool)
{
	return (struct papers_config){ .pool = pool,
				       .folder = "/tmp",
				       .bytes_max = 1 << 20,
				       .limits = { 4, 100, 100, 0, 10000 },
				       .wall_ms = 60000 };
}

static struct reader_pool *some_pool(void)
{
	struct reader_pool *pool = reader_pool_new(
		&(struct reader_config){ .processes = 1, .memory_bytes = 256 << 20 });

	assert_non_null(pool);
	return pool;
}

static void add(struct papers *p, const char *path, const char *name, const char *text)
{
	struct mime_document d = { .path = path, .format = "x", .name = name };

	assert_true(papers_begin(p, &d));
	papers_add(p, slice_of(text));
	papers_end(p);
	papers_add(p, SLICE("what comes later is not its"));
}

/* An archive of one member. */
static void add_zip(struct papers *p)
{
	struct mime_document d = { .path = "3", .format = "zip", .name = "" };
	struct zipped z = { 0 };

	zipped_add(&z, "a", SLICE("b"), 0);
	struct buf in = zipped_end(&z);
	assert_true(papers_begin(p, &d));
	papers_add(p, buf_slice(&in));
	papers_end(p);
	buf_free(&in);
}

static void check(struct papers *p, uint64_t unpacked, const char *wanted)
{
	struct buf out = BUF_INIT(1 << 16);

	papers_read(p, unpacked, &heard, &out);
	assert_string_equal(buf_text(&out), wanted);
	assert_int_equal(p->count, 0);
	buf_free(&out);
}

static void test_documents_of_a_part(void **state)
{
	struct reader_pool *pool = some_pool();
	struct papers_config config = config_of(pool);
	struct papers p;
	(void)state;

	papers_init(&p, &config);
	add(&p, "1.2", "a.html", "41<b>11");
	add(&p, "1.2", "", "begin 644 c.txt\n$-#$Q,0``\n`\nend\n");
	check(&p, 1 << 20,
	      "<1.2 4111><1.2 begin 644 c.txt\n$-#$Q,0``\n`\nend\n>1.2/c.txt(c.txt 4 "
	      "text)<1.2/c.txt "
	      "4111>");
	check(&p, 1 << 20, "");
	papers_fini(&p);
	reader_pool_free(pool);
}

static void test_without_a_pool_none_is_kept(void **state)
{
	struct papers_config config = config_of(NULL);
	struct papers p;
	struct mime_document d = { .path = "1", .format = "x", .name = "" };
	(void)state;

	papers_init(&p, &config);
	assert_false(papers_begin(&p, &d));
	papers_fini(&p);
}

static void test_their_number_is_bounded(void **state)
{
	struct reader_pool *pool = some_pool();
	struct papers_config config = config_of(pool);
	struct papers p;
	struct mime_document d = { .path = "1", .format = "x", .name = "" };
	(void)state;

	papers_init(&p, &config);
	for (int i = 0; i < PAPERS_MAX; i++)
		assert_true(papers_begin(&p, &d));
	assert_false(papers_begin(&p, &d));
	papers_fini(&p);
	reader_pool_free(pool);
}

static void test_the_bounds_are_the_message_s(void **state)
{
	struct reader_pool *pool = some_pool();
	struct papers_config config = config_of(pool);
	struct papers p;
	(void)state;

	papers_init(&p, &config);
	p.wall_ms = config.wall_ms;
	add(&p, "1", "", "4111");
	check(&p, 1 << 20, "1!inspect-ms");
	p.wall_ms = 0;
	p.cpu_ms = 10000;
	add(&p, "1", "", "4111");
	check(&p, 1 << 20, "1!inspect-cpu-ms");
	p.cpu_ms = 0;
	add_zip(&p);
	check(&p, 1 << 20, "3/a(a 1 text)<3/a b>");
	assert_int_equal(p.members, 1);
	p.members = 99;
	add_zip(&p);
	add_zip(&p);
	check(&p, 1 << 20, "3/a(a 1 text)<3/a b>3!archive-members");
	add(&p, "1", "", "begin 644 c.txt\n$-#$Q,0``\n`\nend\n");
	config.bytes_max = 3;
	add(&p, "2", "", "4111");
	check(&p, 1 << 20,
	      "<1 begin 644 c.txt\n$-#$Q,0``\n`\nend\n>1/c.txt(c.txt 4 text)<1/c.txt "
	      "4111>2!message-bytes");
	papers_fini(&p);
	reader_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents_of_a_part),
		cmocka_unit_test(test_without_a_pool_none_is_kept),
		cmocka_unit_test(test_their_number_is_bounded),
		cmocka_unit_test(test_the_bounds_are_the_message_s),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

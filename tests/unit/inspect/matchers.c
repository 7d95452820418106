#include "inspect/matchers.h"

#include "inspect/shelf.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scratch scratch;
static char folder[400];

static int begin(void **state)
{
	(void)state;
	if (!scratch_make(&scratch))
		return -1;
	snprintf(folder, sizeof folder, "%s", scratch_path(&scratch, "compiled"));
	return 0;
}

static int end(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static struct inspect_keep keep_of(bool only)
{
	return (struct inspect_keep){ .folder = folder, .most = 4, .only = only };
}

static const struct matcher_pattern secure[] = { { 3, "secure" }, { 4, "x[0-9]y" } };
static const struct matcher_pattern broken[] = { { 3, "secure(" } };

static enum rc make(const struct matchers_plan *plans, size_t count, struct inspect_keep *keep,
		    struct matcher **out)
{
	struct fault why;

	return matchers_make(plans, count, keep, out, &why);
}

static void hear(void *of, unsigned id, uint64_t from, uint64_t to)
{
	(void)from;
	*(uint64_t *)of += id * 1000 + to;
}

/* They find what they should, and are freed. */
static void use(struct matcher **made, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct matcher_pool *pool = NULL;
		uint64_t sum = 0;
		if (!made[i])
			continue;
		const struct matcher *all[] = { made[i] };
		assert_int_equal(matcher_pool_new(all, 1, &pool), RC_OK);
		struct matcher_scratch *s = matcher_borrow(pool);
		assert_true(matcher_scan(made[i], SLICE("secure x7y"), s, hear, &sum));
		assert_int_equal(sum, 3006 + 4010);
		matcher_give_back(pool, s);
		matcher_pool_free(pool);
		matcher_free(made[i]);
	}
}

static const struct matchers_plan plans[] = {
	{ secure, COUNT(secure), MATCHER_BLOCK },
	{ NULL, 0, MATCHER_STREAM },
	{ secure, COUNT(secure), MATCHER_SPANS },
};

static void test_compiled_once(void **state)
{
	struct inspect_keep keep = keep_of(true);
	struct matcher *made[3] = { NULL };

	(void)state;
	assert_int_equal(make(plans, 3, &keep, made), RC_ABSENT);
	keep = keep_of(false);
	assert_int_equal(make(plans, 3, &keep, made), RC_OK);
	assert_int_equal(keep.state, INSPECT_COMPILED);
	assert_string_equal(keep.trouble.text, "");
	assert_null(made[1]);
	use(made, 3);
	keep = keep_of(true);
	assert_int_equal(make(plans, 3, &keep, made), RC_OK);
	assert_int_equal(keep.state, INSPECT_KEPT);
	assert_null(made[1]);
	use(made, 3);
}

static void test_anything_else_is_compiled_anew(void **state)
{
	static const struct matcher_pattern word[] = { { 3, "secure" }, { 4, "x[0-9]z" } };
	static const struct matcher_pattern id[] = { { 3, "secure" }, { 5, "x[0-9]y" } };
	static const struct matcher_pattern once[] = { { 3, "secure" }, { 4, "x[0-9]y", true } };
	static const struct matcher_pattern lines[] = { { 3, "secure" },
							{ 4, "x[0-9]y", .lines = true } };
	const struct {
		const char *what;
		struct matchers_plan plan;
	} rows[] = {
		{ "another expression", { word, 2, MATCHER_BLOCK } },
		{ "another number", { id, 2, MATCHER_BLOCK } },
		{ "once", { once, 2, MATCHER_BLOCK } },
		{ "by lines", { lines, 2, MATCHER_BLOCK } },
		{ "one less", { secure, 1, MATCHER_BLOCK } },
		{ "another mode", { secure, 2, MATCHER_STREAM } },
	};
	struct inspect_keep keep = keep_of(false);
	struct matcher *made[1] = { NULL };

	(void)state;
	assert_int_equal(make(plans, 1, &keep, made), RC_OK);
	use(made, 1);
	for (size_t i = 0; i < COUNT(rows); i++) {
		keep = keep_of(true);
		if (make(&rows[i].plan, 1, &keep, made) != RC_ABSENT)
			fail_msg("%s was taken for the same", rows[i].what);
	}
}

/* The whole file is sound, and libhs's bytes in it are of another version. */
static void test_another_version_is_compiled_anew(void **state)
{
	struct inspect_keep keep = keep_of(false);
	struct matcher *made[1] = { NULL };
	struct buf bytes = BUF_INIT(1 << 20);
	uint8_t key[CRYPTO_HASH_BYTES];
	struct fault why;

	(void)state;
	assert_int_equal(make(plans, 1, &keep, made), RC_OK);
	use(made, 1);
	DIR *d = opendir(folder);
	for (struct dirent *e; (e = readdir(d));)
		for (size_t i = 0; e->d_name[0] != '.' && i < sizeof key; i++)
			sscanf(e->d_name + 2 * i, "%2hhx", &key[i]);
	closedir(d);
	assert_int_equal(shelf_read(folder, key, &bytes, &why), RC_OK);
	bytes.at[8 + 4] ^= 1; /* behind the length and libhs's mark: its version */
	assert_int_equal(shelf_write(folder, key, buf_slice(&bytes), 4, &why), RC_OK);
	keep = keep_of(true);
	assert_int_equal(make(plans, 1, &keep, made), RC_ABSENT);
	keep = keep_of(false);
	assert_int_equal(make(plans, 1, &keep, made), RC_OK);
	assert_int_equal(keep.state, INSPECT_COMPILED);
	use(made, 1);
	keep = keep_of(true);
	assert_int_equal(make(plans, 1, &keep, made), RC_OK); /* written anew */
	use(made, 1);
	buf_free(&bytes);
}

static void test_without_a_place_they_work_all_the_same(void **state)
{
	struct inspect_keep keep = { .folder = "/dev/null/compiled", .most = 4 };
	struct matcher *made[1] = { NULL };

	(void)state;
	assert_int_equal(make(plans, 1, &keep, made), RC_OK);
	assert_int_equal(keep.state, INSPECT_COMPILED);
	assert_non_null(strstr(keep.trouble.text, "/dev/null"));
	use(made, 1);
	assert_int_equal(make(plans, 1, NULL, made), RC_OK);
	use(made, 1);
}

static void test_what_does_not_compile_is_not_kept(void **state)
{
	const struct matchers_plan two[] = { plans[0], { broken, 1, MATCHER_BLOCK } };
	struct inspect_keep keep = keep_of(false);
	struct matcher *made[2] = { NULL };
	struct fault why;

	(void)state;
	assert_int_equal(matchers_make(two, 2, &keep, made, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "secure("));
	assert_null(made[0]);
	assert_int_equal(access(folder, F_OK), -1);
}

static void test_bytes_that_are_cut(void **state)
{
	struct matcher *made[1] = { NULL }, *loaded = NULL;
	struct buf bytes = BUF_INIT(1 << 20);

	(void)state;
	assert_int_equal(make(plans, 1, NULL, made), RC_OK);
	assert_int_equal(matcher_save(made[0], &bytes), RC_OK);
	assert_int_equal(matcher_save(NULL, &bytes), RC_OK);
	struct slice rest = { bytes.at, 7 };
	assert_int_equal(matcher_load(&rest, &loaded), RC_INVALID);
	rest = (struct slice){ bytes.at, bytes.len - 9 };
	assert_int_equal(matcher_load(&rest, &loaded), RC_INVALID);
	assert_null(loaded);
	rest = buf_slice(&bytes);
	assert_int_equal(matcher_load(&rest, &loaded), RC_OK);
	use(&loaded, 1);
	assert_int_equal(matcher_load(&rest, &loaded), RC_OK);
	assert_null(loaded);
	assert_int_equal(rest.len, 0);
	use(made, 1);
	buf_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_compiled_once, begin, end),
		cmocka_unit_test_setup_teardown(test_anything_else_is_compiled_anew, begin, end),
		cmocka_unit_test_setup_teardown(test_another_version_is_compiled_anew, begin, end),
		cmocka_unit_test(test_without_a_place_they_work_all_the_same),
		cmocka_unit_test_setup_teardown(test_what_does_not_compile_is_not_kept, begin, end),
		cmocka_unit_test(test_bytes_that_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "audit/verify.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { LINES = 6 };

static char path[] = "/tmp/postern-verify-XXXXXX";
static struct buf lines[LINES]; /* a chain that holds */

static int setup(void **state)
{
	char hash[AUDIT_HASH_CHARS + 1];

	(void)state;
	int fd = mkstemp(path);
	if (fd < 0 || close(fd) < 0)
		return -1;
	memset(hash, '0', AUDIT_HASH_CHARS);
	hash[AUDIT_HASH_CHARS] = '\0';
	for (unsigned i = 0; i < LINES; i++) {
		char to[] = "0@plain.test";
		struct audit_record record = { .event = "decided", .to = to };
		to[0] = (char)('1' + i);
		lines[i] = BUF_INIT(AUDIT_LINE_MAX);
		if (audit_record_format(&record, i + 1, hash, &lines[i]) != RC_OK ||
		    audit_line_hash((struct slice){ lines[i].at, lines[i].len - 1 }, hash, NULL) !=
			    RC_OK)
			return -1;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LINES; i++)
		buf_free(&lines[i]);
	return unlink(path);
}

static void note(void *arg, uint64_t line, const char *words)
{
	assert_int_equal(buf_addf(arg, "%u %s\n", (unsigned)line, words), RC_OK);
}

/* Writes the lines named by digits ("1", "2", …; 'x' breaks the one before it, 't' tears
 * it, 'j' is a line of junk) and verifies them. */
static void write_lines(const char *plan, struct buf *out)
{
	for (const char *c = plan; *c; c++) {
		if (*c == 'j') {
			assert_int_equal(buf_add_text(out, "{\"seq\":\"1\"}\n"), RC_OK);
		} else if (*c == 'x') {
			char *to = memrchr(out->at, '@', out->len);
			to[-1] = 'X';
		} else if (*c == 't') {
			out->at[out->len -= 10] = '\0';
		} else {
			struct buf *line = &lines[*c - '1'];
			assert_int_equal(buf_add_slice(out, buf_slice(line)), RC_OK);
		}
	}
}

static const struct {
	const char *name, *plan;
	unsigned problems;
	const char *first; /* how the first problem begins */
} rows[] = {
	{ "a chain that holds", "123456", 0, "" },
	{ "an empty file", "", 0, "" },
	{ "a rotated file goes on from another", "3456", 0, "" },
	{ "a changed line", "123x456", 1, "3 changed: line 4 carries the hash of another text" },
	{ "the first line changed", "1x23", 1, "1 changed: line 2" },
	{ "a removed line", "12456", 1, "3 seq 4 where 3 was due: 1 missing before it" },
	{ "two removed lines", "1256", 1, "3 seq 5 where 3 was due: 2 missing before it" },
	{ "two lines swapped", "124356", 3, "3 seq 4 where 3 was due" },
	{ "a line repeated", "12234", 1, "3 seq 2 where 3 was due: repeated" },
	{ "a line put in between", "12j34", 1, "3 no audit record: no seq" },
	{ "the last line torn", "123t", 1, "3 torn: the file ends within it" },
};

/* Told after each line: never fewer bytes than before. */
static uint64_t told_bytes;

static void on_line(void *arg, const struct audit_chain *chain)
{
	(void)arg;
	assert_true(chain->bytes > told_bytes);
	told_bytes = chain->bytes;
}

static void test_chain(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct buf file = BUF_INIT(1 << 20), told = BUF_INIT(1 << 16);
		struct audit_chain chain = { .on_line = on_line };

		told_bytes = 0;
		print_message("   %s\n", rows[i].name);
		write_lines(rows[i].plan, &file);
		assert_int_equal(file_replace(path, buf_slice(&file), 0600, NULL), RC_OK);
		assert_int_equal(audit_verify(path, &chain, note, &told, NULL), RC_OK);
		assert_true(told_bytes >= file.len && told_bytes <= file.len + 1);
		assert_int_equal(chain.problems, rows[i].problems);
		assert_int_equal(strncmp(buf_text(&told), rows[i].first, strlen(rows[i].first)), 0);
		buf_free(&file);
		buf_free(&told);
	}
}

static void verify_part(const char *plan, struct audit_chain *chain, struct buf *told)
{
	struct buf file = BUF_INIT(1 << 20);

	write_lines(plan, &file);
	assert_int_equal(file_replace(path, buf_slice(&file), 0600, NULL), RC_OK);
	assert_int_equal(audit_verify(path, chain, note, told, NULL), RC_OK);
	buf_free(&file);
}

static void test_across_files(void **state)
{
	struct buf told = BUF_INIT(1 << 16);
	struct audit_chain chain = { 0 };

	(void)state;
	verify_part("123", &chain, &told);
	verify_part("456", &chain, &told);
	assert_int_equal(chain.problems, 0);
	assert_int_equal(chain.lines, 6);
	assert_int_equal(chain.first_seq, 1);
	assert_int_equal(chain.last_seq, 6);

	chain = (struct audit_chain){ 0 };
	verify_part("123x", &chain, &told);
	verify_part("456", &chain, &told);
	assert_int_equal(chain.problems, 1);
	assert_string_equal(buf_text(&told),
			    "1 does not continue the file before: its last line was changed\n");
	buf_free(&told);
}

static void test_link(void **state)
{
	struct audit_link link;

	(void)state;
	assert_int_equal(audit_link_read(buf_slice(&lines[4]), &link, NULL), RC_OK);
	assert_int_equal(link.seq, 5);
	assert_int_equal(strlen(link.prev), AUDIT_HASH_CHARS);
	assert_int_equal(audit_link_read(SLICE("{\"seq\":0,\"prev\":\"00\"}"), &link, NULL),
			 RC_INVALID);
	assert_int_equal(audit_link_read(SLICE("nonsense"), &link, NULL), RC_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_across_files),
		cmocka_unit_test(test_link),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

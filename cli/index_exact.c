#include "base/cleanup.h"
#include "cli/index.h"
#include "cli/progress.h"
#include "directory/csv.h"
#include "inspect/exactmake.h"
#include "json/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct job {
	const char *columns, *need, *key, *table, *out;
	bool no_header;
	struct slice text;
	struct directory_csv csv;
	struct directory_row row;
	size_t used[EXACT_COLUMNS_MAX]; /* which of the table's */
	unsigned count, need_count;
};

/* The table is read where it lies: however long it is, it takes no memory. */
static bool map(const struct cli *cli, struct job *job)
{
	CLEANUP(cleanup_fd) int fd = open(job->table, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *at = MAP_FAILED;

	if (fd < 0 || fstat(fd, &st) < 0) {
		cli_fail(cli, CLI_USAGE, "%s: %s", job->table, strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode) || st.st_size == 0) {
		cli_fail(cli, CLI_USAGE, "%s is empty, or no file", job->table);
		return false;
	}
	at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at == MAP_FAILED) {
		cli_fail(cli, CLI_USAGE, "%s: %s", job->table, strerror(errno));
		return false;
	}
	job->text = (struct slice){ at, (size_t)st.st_size };
	return true;
}

static bool fail_at(const struct cli *cli, const struct job *job, const char *text)
{
	cli_fail(cli, CLI_USAGE, "%s:%u: %s", job->table, job->row.line, text);
	return false;
}

/* ---- which columns ---- */

/* A column's place, by its name in the first row or by its number from 1. */
static bool find_column(const struct job *job, struct slice name, size_t *at)
{
	uint64_t number;

	for (*at = 0; !job->no_header && *at < job->row.count; (*at)++)
		if (slice_same_nocase(slice_trim(job->row.fields[*at]), name))
			return true;
	if (!slice_to_u64(name, &number) || number < 1 || number > job->row.count)
		return false;
	*at = (size_t)number - 1;
	return true;
}

static bool add_column(const struct cli *cli, struct job *job, struct slice name)
{
	size_t at;

	if (!find_column(job, name, &at)) {
		cli_fail(cli, CLI_USAGE, "%s has no column \"%.*s\"", job->table, SLICE_ARG(name));
		return false;
	}
	if (job->count == EXACT_COLUMNS_MAX) {
		cli_fail(cli, CLI_USAGE, "at most %d columns", EXACT_COLUMNS_MAX);
		return false;
	}
	job->used[job->count++] = at;
	return true;
}

/* Reads the first row, which tells the columns. */
static bool choose_columns(const struct cli *cli, struct job *job)
{
	struct slice rest = slice_of(job->columns ? job->columns : ""), name;
	struct directory_csv begin;
	struct fault why;

	directory_csv_start(&job->csv, job->text);
	begin = job->csv;
	if (directory_csv_take(&job->csv, &job->row, &why) != RC_OK)
		return fail_at(cli, job, why.text);
	for (size_t i = 0; !job->columns && i < job->row.count; i++)
		job->used[job->count++] = i;
	while (rest.len) {
		if (!slice_take_until(&rest, ',', &name)) {
			name = rest;
			rest = (struct slice){ 0 };
		}
		if (!add_column(cli, job, slice_trim(name)))
			return false;
	}
	if (job->no_header)
		job->csv = begin;
	return true;
}

static bool choose_need(const struct cli *cli, struct job *job)
{
	uint64_t need = job->count < 2 ? job->count : 2;

	if (job->need &&
	    (!slice_to_u64(slice_of(job->need), &need) || need < 1 || need > job->count)) {
		cli_usage(cli, "--need is %s: expected 1 to %u, as many as there are columns",
			  job->need, job->count);
		return false;
	}
	job->need_count = (unsigned)need;
	return true;
}

/* ---- rows ---- */

static bool add_rows(const struct cli *cli, struct job *job, struct exact_make *m)
{
	struct progress progress = progress_begin(cli, "bytes", job->text.len);
	struct slice cells[EXACT_COLUMNS_MAX];
	struct fault why;
	enum rc rc;

	while ((rc = directory_csv_take(&job->csv, &job->row, &why)) == RC_OK) {
		for (unsigned i = 0; i < job->count; i++)
			cells[i] = job->used[i] < job->row.count ? job->row.fields[job->used[i]]
								 : (struct slice){ "", 0 };
		rc = exact_make_row(m, cells, &why);
		if (rc != RC_OK)
			break;
		progress_show(&progress, job->text.len - job->csv.rest.len);
	}
	progress_clear(&progress);
	return rc == RC_ABSENT || fail_at(cli, job, why.text);
}

static void print(const struct cli *cli, const struct job *job, const struct exact_summary *sum)
{
	struct buf out = BUF_INIT(16384);
	struct json_line line;

	if (!cli->json) {
		printf("%s: %llu rows of %u columns, %llu values, %llu bytes\n", job->out,
		       (unsigned long long)sum->rows, job->count, (unsigned long long)sum->cells,
		       (unsigned long long)sum->bytes);
		printf("a row is found by %u of its values%s\n", job->need_count,
		       job->key ? ", with the key" : "");
		if (sum->passed_over)
			printf("%llu values are too short or too long to be looked for\n",
			       (unsigned long long)sum->passed_over);
		if (sum->thin_rows)
			printf("%llu rows have fewer values than that, and are left out\n",
			       (unsigned long long)sum->thin_rows);
		if (sum->unled_rows)
			printf("%llu rows cannot be found: more than %d rows share each of their "
			       "values\n",
			       (unsigned long long)sum->unled_rows, EXACT_SHARED_MAX);
		return;
	}
	json_line_begin(&line, &out);
	json_line_string(&line, "index", job->out);
	json_line_string(&line, "kind", "exact");
	json_line_number(&line, "rows", (int64_t)sum->rows);
	json_line_number(&line, "columns", job->count);
	json_line_number(&line, "need", job->need_count);
	json_line_number(&line, "values", (int64_t)sum->cells);
	json_line_number(&line, "passed_over", (int64_t)sum->passed_over);
	json_line_number(&line, "thin_rows", (int64_t)sum->thin_rows);
	json_line_number(&line, "unled_rows", (int64_t)sum->unled_rows);
	json_line_number(&line, "bytes", (int64_t)sum->bytes);
	if (json_line_end(&line) == RC_OK)
		fwrite(buf_text(&out), 1, out.len, stdout);
	buf_free(&out);
}

static int make(const struct cli *cli, struct job *job)
{
	struct exact_make *m = NULL;
	struct exact_summary sum;
	struct fault why;
	int status = CLI_USAGE;

	if (!choose_columns(cli, job) || !choose_need(cli, job))
		return CLI_USAGE;
	if (exact_make_new(job->count, job->need_count, job->key ? job->key : "", &m, &why) !=
	    RC_OK)
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	if (add_rows(cli, job, m)) {
		if (exact_make_write(m, job->out, &sum, &why) != RC_OK) {
			cli_fail(cli, CLI_USAGE, "%s: %s", job->table, why.text);
		} else if (index_share(cli, job->out)) {
			print(cli, job, &sum);
			status = CLI_OK;
		}
	}
	exact_make_free(m);
	return status;
}

int index_exact(struct cli *cli, int argc, char **argv)
{
	struct job job = { 0 };
	const struct cli_option options[] = {
		{ "--columns", .value = &job.columns },
		{ "--need", .value = &job.need },
		{ "--key", .value = &job.key },
		{ "--no-header", .flag = &job.no_header },
		{ 0 },
	};
	int status = CLI_USAGE;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc != 3)
		return cli_usage(cli, "say which table, and where the index goes");
	job.table = argv[1];
	job.out = argv[2];
	if (map(cli, &job)) {
		status = make(cli, &job);
		munmap((void *)(uintptr_t)job.text.at, job.text.len);
	}
	directory_row_wipe(&job.row);
	return status;
}

#include "base/cleanup.h"
#include "base/spool.h"
#include "cli/index.h"
#include "cli/progress.h"
#include "inspect/fingerprintmake.h"
#include "json/line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MEMORY = 256 * 1024 }; /* bytes of a document that are kept in memory */

struct making {
	const struct cli *cli;
	struct fingerprint_make *make;
	const char *file;
	char unread[64]; /* the first thing that could not be read of it */
};

/* ---- a document's texts ---- */

static void on_begin(void *of, const char *path)
{
	(void)of, (void)path;
}

static void on_text(void *of, struct slice text)
{
	struct making *m = of;

	fingerprint_make_text(m->make, text);
}

static void on_end(void *of)
{
	struct making *m = of;

	fingerprint_make_break(m->make);
}

static void on_file(void *of, const char *path, const struct reader_file *file)
{
	(void)of, (void)path, (void)file;
}

static void on_property(void *of, const char *path, struct slice name, struct slice value)
{
	(void)of, (void)path, (void)name, (void)value;
}

static void on_label(void *of, const char *path, struct slice value)
{
	(void)of, (void)path, (void)value;
}

static void on_opaque(void *of, const char *path, const char *why)
{
	struct making *m = of;

	(void)path;
	if (!*m->unread)
		snprintf(m->unread, sizeof m->unread, "%s", why);
}

static const struct reader_heard heard = { on_begin,    on_text,  on_end,   on_file,
					   on_property, on_label, on_opaque };

static struct spool *load(const struct making *m, const char *folder, uint64_t most)
{
	CLEANUP(cleanup_fd) int fd = open(m->file, O_RDONLY | O_CLOEXEC);
	struct spool *spool = spool_new(MEMORY, most, folder);
	char bytes[32768];
	ssize_t n = -1;
	struct fault why = { "" };
	enum rc rc = spool ? RC_OK : RC_NOMEM;

	while (fd >= 0 && rc == RC_OK && (n = read(fd, bytes, sizeof bytes)) > 0)
		rc = spool_add(spool, bytes, (size_t)n, &why);
	if (n == 0 && rc == RC_OK)
		return spool;
	cli_fail(m->cli, CLI_USAGE, "%s: %s", m->file, *why.text ? why.text : strerror(errno));
	spool_free(spool);
	return NULL;
}

static bool read_document(struct making *m, struct reader_pool *pool)
{
	const struct settings_limits *limits = &m->cli->settings->limits;
	const char *folder = getenv("TMPDIR"), *slash = strrchr(m->file, '/');
	struct spool *bytes = load(m, folder ? folder : "/tmp", limits->message_bytes);
	struct reader_spent spent = { 0 };

	if (!bytes)
		return false;
	struct reader_job job = { .bytes = bytes,
				  .name = slice_of(slash ? slash + 1 : m->file),
				  .limits = { .depth = limits->archive_depth,
					      .members = limits->archive_members,
					      .ratio = limits->expansion_ratio,
					      .unpacked = limits->decoded_bytes,
					      .cpu_ms = limits->inspect_cpu_ms },
				  .wall_ms = limits->inspect_ms };
	*m->unread = '\0';
	reader_pool_read(pool, &job, &heard, m, &spent);
	spool_free(bytes);
	return true;
}

/* ---- all of them ---- */

static void print(const struct making *m, const struct fingerprint_summary *sum, const char *left)
{
	struct buf out = BUF_INIT(16384);
	struct json_line line;

	if (!m->cli->json) {
		if (left)
			printf("%s: left out: %s", m->file, left);
		else
			printf("%s: %llu words", m->file, (unsigned long long)sum->words);
		printf("%s%s\n", *m->unread ? "; not all could be read: " : "", m->unread);
		return;
	}
	json_line_begin(&line, &out);
	json_line_string(&line, "file", m->file);
	json_line_number(&line, "words", (int64_t)sum->words);
	json_line_number(&line, "kept", (int64_t)sum->kept);
	if (left)
		json_line_string(&line, "left_out", left);
	if (*m->unread)
		json_line_string(&line, "not_read", m->unread);
	if (json_line_end(&line) == RC_OK)
		fwrite(buf_text(&out), 1, out.len, stdout);
	buf_free(&out);
}

/* CLI_NO: it is left out, or not all of it could be read. */
static int add(struct making *m, struct reader_pool *pool)
{
	const char *slash = strrchr(m->file, '/');
	struct fingerprint_summary sum = { 0 };
	struct fault why;

	if (!read_document(m, pool))
		return CLI_USAGE;
	enum rc rc = fingerprint_make_end(m->make, slash ? slash + 1 : m->file, &sum, &why);
	if (rc != RC_OK && rc != RC_ABSENT)
		return cli_fail(m->cli, CLI_USAGE, "%s: %s", m->file, why.text);
	print(m, &sum, rc == RC_ABSENT ? why.text : NULL);
	return rc == RC_ABSENT || *m->unread ? CLI_NO : CLI_OK;
}

static int add_all(struct making *m, struct reader_pool *pool, int count, char **files,
		   const char *out)
{
	struct progress progress = progress_begin(m->cli, "documents", (uint64_t)count);
	int status = CLI_OK;
	struct fault why;

	for (int i = 0; i < count && status != CLI_USAGE; i++) {
		progress_show(&progress, (uint64_t)i);
		progress_clear(&progress);
		m->file = files[i];
		int one = add(m, pool);
		status = one > status ? one : status;
	}
	if (status == CLI_USAGE)
		return status;
	if (fingerprint_make_write(m->make, out, &why) != RC_OK)
		return cli_fail(m->cli, CLI_USAGE, "%s: %s", out, why.text);
	return index_share(m->cli, out) ? status : CLI_USAGE;
}

int index_fingerprint(struct cli *cli, int argc, char **argv)
{
	const char *key = NULL;
	const struct cli_option options[] = { { "--key", .value = &key }, { 0 } };
	struct making m = { .cli = cli };
	struct fault why;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc < 3)
		return cli_usage(cli, "say which documents, and last where the index goes");
	struct reader_pool *pool = cli_settings(cli) ? cli_readers(cli) : NULL;
	if (!pool)
		return CLI_USAGE;
	if (fingerprint_make_new(key ? key : "", &m.make, &why) != RC_OK)
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	int status = add_all(&m, pool, argc - 2, argv + 1, argv[argc - 1]);
	fingerprint_make_free(m.make);
	return status;
}

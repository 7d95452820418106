#include "cli/corpus.h"

#include "base/buf.h"
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 8192, PIECE = 65536 };

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static FTS *open_walk(const char *path)
{
	char *const paths[] = { (char *)(uintptr_t)path, NULL }; /* fts does not write there */

	return fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, by_name);
}

/* Hidden ones, and what a Maildir has not taken in yet. */
static bool is_skipped(FTS *walk, FTSENT *e)
{
	bool skipped =
		e->fts_level > 0 && (e->fts_name[0] == '.' ||
				     (e->fts_info == FTS_D && strcmp(e->fts_name, "tmp") == 0));

	if (skipped && e->fts_info == FTS_D)
		(void)!fts_set(walk, e, FTS_SKIP);
	return skipped;
}

uint64_t corpus_size(const char *path)
{
	FTS *walk = open_walk(path);
	uint64_t size = 0;

	for (FTSENT *e; walk && (e = fts_read(walk));)
		if (!is_skipped(walk, e) && e->fts_info == FTS_F)
			size += (uint64_t)e->fts_statp->st_size;
	if (walk)
		fts_close(walk);
	return size;
}

/* ---- one file ---- */

struct file {
	const struct corpus *corpus;
	const char *path;
	uint64_t done; /* bytes of the corpus, this file's included */
	struct buf text;
	bool mailbox, too_long, stopped;
	unsigned number; /* of the message in a mailbox */
	size_t line_at;  /* in text: where the line at hand begins */
	size_t line_len;
	char head[6];     /* the line's first bytes */
	bool after_blank; /* the line before is empty, or there is none */
};

static void tell_unread(struct file *f, const char *name, const char *why)
{
	f->stopped |= !f->corpus->unread(f->corpus->arg, name, why);
}

static void give(struct file *f)
{
	char name[NAME_MAX_BYTES];

	if (f->mailbox)
		snprintf(name, sizeof name, "%s:%u", f->path, f->number);
	else
		snprintf(name, sizeof name, "%s", f->path);
	if (f->too_long)
		tell_unread(f, name, "it is longer than limits.message_bytes");
	else
		f->stopped |=
			!f->corpus->message(f->corpus->arg, name, buf_slice(&f->text), f->done);
	buf_clear(&f->text);
	f->too_long = false;
}

/* "From " begins a message behind an empty line (RFC 4155, appendix A). */
static void end_line(struct file *f)
{
	bool begins = f->mailbox && f->after_blank && f->line_len >= 5 &&
		      memcmp(f->head, "From ", 5) == 0;
	bool blank = f->line_len == 1 || (f->line_len == 2 && f->head[0] == '\r');

	if (begins) {
		if (!f->too_long)
			f->text.len = f->line_at;
		if (f->number)
			give(f);
		f->number++;
		buf_clear(&f->text);
	}
	f->after_blank = blank;
	f->line_at = f->text.len;
	f->line_len = 0;
}

static void add(struct file *f, struct slice piece)
{
	for (size_t i = 0; i < piece.len && f->line_len + i < sizeof f->head; i++)
		f->head[f->line_len + i] = piece.at[i];
	f->line_len += piece.len;
	if (!f->too_long && buf_add_slice(&f->text, piece) != RC_OK)
		f->too_long = true;
}

static void add_piece(struct file *f, struct slice piece)
{
	while (piece.len && !f->stopped) {
		const char *end = memchr(piece.at, '\n', piece.len);
		size_t len = end ? (size_t)(end - piece.at) + 1 : piece.len;

		add(f, (struct slice){ piece.at, len });
		piece = (struct slice){ piece.at + len, piece.len - len };
		if (end)
			end_line(f);
	}
}

static void read_all(struct file *f, int fd)
{
	char piece[PIECE];
	bool first = true;
	ssize_t n;

	while (!f->stopped && (n = read(fd, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			tell_unread(f, f->path, strerror(errno));
			return;
		}
		if (first)
			f->mailbox = n >= 5 && memcmp(piece, "From ", 5) == 0;
		first = false;
		f->done += (uint64_t)n;
		add_piece(f, (struct slice){ piece, (size_t)n });
	}
	if (f->line_len)
		end_line(f);
	if (!f->stopped && (!f->mailbox || f->number))
		give(f);
}

static bool read_file(const struct corpus *c, const char *path, uint64_t *done)
{
	struct file f = { .corpus = c,
			  .path = path,
			  .done = *done,
			  .text = BUF_INIT(c->message_max),
			  .after_blank = true };
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		tell_unread(&f, path, strerror(errno));
	else
		read_all(&f, fd);
	buf_free(&f.text);
	*done = f.done;
	return !f.stopped;
}

/* ---- the folder ---- */

/* False stops. */
static bool visit(const struct corpus *c, const FTSENT *e, uint64_t *done)
{
	switch (e->fts_info) {
	case FTS_F:
		return read_file(c, e->fts_path, done);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return c->unread(c->arg, e->fts_path, strerror(e->fts_errno));
	case FTS_DC:
		return c->unread(c->arg, e->fts_path, "the folder holds itself");
	case FTS_SLNONE:
		return c->unread(c->arg, e->fts_path, "the link leads nowhere");
	case FTS_DEFAULT:
		return c->unread(c->arg, e->fts_path, "it is no file");
	}
	return true; /* folders, on the way in and out */
}

enum rc corpus_walk(const struct corpus *c, struct fault *why)
{
	uint64_t done = 0;

	if (access(c->path, F_OK) != 0)
		return fault(why, RC_ABSENT, "%s: %s", c->path, strerror(errno));
	FTS *walk = open_walk(c->path);
	if (!walk)
		return fault(why, RC_NOMEM, "%s: %s", c->path, strerror(errno));
	for (FTSENT *e; (e = fts_read(walk));)
		if (!is_skipped(walk, e) && !visit(c, e, &done))
			break;
	fts_close(walk);
	return RC_OK;
}

/* postern-reader: reads documents for the other programs, behind walls.
 *
 * They start it with a socket as its standard input and the bound on its memory as its
 * argument; it ends when they hang up. Not for people. */
#include "base/hex.h"
#include "crypto/hash.h"
#include "document/document.h"
#include "document/filetype.h"
#include "reader/sandbox.h"
#include "reader/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	IN_ROOM = WIRE_FRAME_MAX,
	OUT_ROOM = 256 * 1024, /* records sent at once */
	CPU_GRACE_MS = 250,    /* beyond the bound that parsers ask for: they are stuck */
};

static bool wants_hashes; /* the job at hand */
static struct buf in = { .max = IN_ROOM }, out = { .max = OUT_ROOM };

static _Noreturn void hang_up(void)
{
	_exit(EXIT_FAILURE);
}

/* ---- words to those who asked ---- */

static void flush(void)
{
	struct slice rest = buf_slice(&out);

	while (rest.len) {
		ssize_t n = write(STDIN_FILENO, rest.at, rest.len);
		if (n < 0 && errno != EINTR)
			hang_up();
		if (n > 0)
			rest = (struct slice){ rest.at + n, rest.len - (size_t)n };
	}
	buf_clear(&out);
}

static void say(const struct wire_frame *frame)
{
	if (out.len + WIRE_FRAME_MAX > OUT_ROOM)
		flush();
	if (wire_add(&out, frame) != RC_OK)
		hang_up();
}

static void say_begin(void *of, const char *path)
{
	(void)of;
	say(&(struct wire_frame){ .kind = WIRE_BEGIN, .path = slice_of(path) });
}

static void say_text(void *of, struct slice utf8)
{
	(void)of;
	say(&(struct wire_frame){ .kind = WIRE_TEXT, .body = utf8 });
}

static void say_end(void *of)
{
	(void)of;
	say(&(struct wire_frame){ .kind = WIRE_END });
}

/* What is known of a file's content: its type, and its hash where that is wanted. */
static void add_content(struct slice content, struct buf *body)
{
	uint8_t digest[CRYPTO_HASH_BYTES];
	char text[2 * CRYPTO_HASH_BYTES + 1] = "";
	struct slice head = { content.at,
			      content.len < FILETYPE_HEAD ? content.len : FILETYPE_HEAD };

	if (wants_hashes && content.len && crypto_sha256(content, digest, NULL) == RC_OK)
		hex_format(digest, sizeof digest, text);
	(void)!buf_addf(body, "%s %s", filetype_of(head), text);
}

static void say_file(void *of, const char *path, struct slice name, struct slice content)
{
	struct buf body = BUF_INIT(256);

	(void)of;
	add_content(content, &body);
	say(&(struct wire_frame){ .kind = WIRE_FILE,
				  .path = slice_of(path),
				  .name = name,
				  .number = content.len,
				  .body = buf_slice(&body) });
	buf_free(&body);
}

static void say_property(void *of, const char *path, struct slice name, struct slice value)
{
	(void)of;
	say(&(struct wire_frame){
		.kind = WIRE_PROPERTY, .path = slice_of(path), .name = name, .body = value });
}

static void say_label(void *of, const char *path, struct slice value)
{
	(void)of;
	say(&(struct wire_frame){ .kind = WIRE_LABEL, .path = slice_of(path), .body = value });
}

static void say_opaque(void *of, const char *path, const char *why)
{
	(void)of;
	say(&(struct wire_frame){
		.kind = WIRE_OPAQUE, .path = slice_of(path), .name = slice_of(why) });
}

static const struct document_sink sink = {
	.begin = say_begin,
	.text = say_text,
	.end = say_end,
	.file = say_file,
	.property = say_property,
	.label = say_label,
	.opaque = say_opaque,
};

/* ---- what they ask ---- */

/* The next frame, which lives until the one after it. False: they have hung up. */
static bool listen_for(struct wire_frame *frame)
{
	static size_t used; /* bytes of `in` that the last frame was */

	buf_drop(&in, used);
	used = 0;
	for (;;) {
		struct slice rest = buf_slice(&in);
		char *space;
		enum rc rc = wire_take(&rest, false, frame);
		if (rc == RC_OK) {
			used = in.len - rest.len;
			return true;
		}
		size_t room = IN_ROOM - in.len;
		if (rc != RC_ABSENT || room == 0 || buf_reserve(&in, room, &space) != RC_OK)
			hang_up();
		ssize_t n = read(STDIN_FILENO, space, room);
		if (n == 0 && in.len == 0)
			return false;
		if (n == 0 || (n < 0 && errno != EINTR))
			hang_up();
		if (n > 0)
			buf_added(&in, (size_t)n);
	}
}

/* The document's bytes; NULL when memory is out, and they are passed over. */
static char *take_bytes(uint64_t size)
{
	char *bytes = size < SIZE_MAX ? malloc((size_t)size + 1) : NULL;
	struct wire_frame frame;

	for (uint64_t at = 0; at < size; at += frame.body.len) {
		if (!listen_for(&frame) || frame.kind != WIRE_DATA || frame.body.len == 0 ||
		    frame.body.len > size - at)
			hang_up();
		if (bytes)
			memcpy(bytes + at, frame.body.at, frame.body.len);
	}
	return bytes;
}

static uint64_t cpu_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static struct document_limits limits_of(const struct wire_limits *l)
{
	return (struct document_limits){
		.depth = (unsigned)l->depth,
		.members = (unsigned)l->members,
		.ratio = (unsigned)l->ratio,
		.unpacked = l->unpacked,
		.cpu_ms = (unsigned)l->cpu_ms,
	};
}

static void serve(const struct wire_frame *job)
{
	uint64_t from = cpu_usec(), size = job->number;
	struct wire_limits wire;
	char name[WIRE_NAME_MAX];
	struct slice own_name = { name, job->name.len };

	if (!wire_limits_take(job->body, &wire))
		hang_up();
	memcpy(name, job->name.at, job->name.len);
	wants_hashes = wire.hashes;
	char *bytes = take_bytes(size);
	struct document_limits limits = limits_of(&wire);
	reader_sandbox_limit_cpu(limits.cpu_ms + CPU_GRACE_MS);
	if (bytes)
		document_read((struct slice){ bytes, (size_t)size }, own_name, &limits, &sink);
	else
		say_opaque(NULL, "", "memory");
	reader_sandbox_limit_cpu(0);
	free(bytes);
	say(&(struct wire_frame){ .kind = WIRE_DONE, .number = cpu_usec() - from });
	flush();
}

int main(int argc, char **argv)
{
	struct wire_frame job;
	struct fault why;
	uint64_t memory_bytes;

	if (argc != 2 || !slice_to_u64(slice_of(argv[1]), &memory_bytes)) {
		fputs("postern-reader: the other programs start this one by themselves\n", stderr);
		return 2;
	}
	/* OpenSSL reads its settings at its first use. */
	uint8_t digest[CRYPTO_HASH_BYTES];
	(void)!crypto_sha256((struct slice){ 0 }, digest, NULL);
	document_prepare();
	if (reader_sandbox_enter(memory_bytes, &why) != RC_OK) {
		fprintf(stderr, "postern-reader: %s\n", why.text);
		return EXIT_FAILURE;
	}
	while (listen_for(&job)) {
		if (job.kind != WIRE_JOB)
			hang_up();
		serve(&job);
	}
	_exit(EXIT_SUCCESS);
}

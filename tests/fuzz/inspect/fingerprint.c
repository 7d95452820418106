/* An index that was changed anywhere (three bytes a change: where, and to what) is refused, or
 * no share that is measured by it passes its bounds. */
#include "inspect/fingerprint.h"

#include "inspect/fingerprintmake.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KNOWN "a b c d e f g h i j k l m n o p q r s t u v w x y z "

static void on_seen(void *of, size_t text, unsigned before, unsigned percent)
{
	assert(text < fingerprint_count(of) && *fingerprint_name(of, text));
	assert(before <= percent && percent <= 100);
}

static void make(const char *path)
{
	struct fingerprint_summary sum;
	struct fingerprint_make *m;

	assert(fingerprint_make_new("", &m, NULL) == RC_OK);
	fingerprint_make_text(m, SLICE(KNOWN));
	assert(fingerprint_make_end(m, "known", &sum, NULL) == RC_OK);
	assert(fingerprint_make_write(m, path, NULL) == RC_OK);
	fingerprint_make_free(m);
}

static void match(struct fingerprint *f)
{
	struct fingerprint_state s = { .index = f };
	struct fingerprint_run run = { 0 };
	struct slice text = SLICE(KNOWN KNOWN);
	const struct mime_token *token;
	struct mime_tokens tokens;
	uint64_t hash;

	mime_tokens_begin(&tokens);
	while ((token = mime_token_take(&tokens, &text)))
		if (fingerprint_take(&run, fingerprint_key(f), token, &hash))
			fingerprint_add(&s, hash, on_seen, f);
	fingerprint_state_fini(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/postern-print-XXXXXX";
	int fd = mkstemp(path);
	struct fingerprint *f = NULL;
	struct indexfile file;

	assert(fd >= 0 && close(fd) == 0);
	make(path);
	assert(indexfile_read(path, "", INDEXFILE_FINGERPRINT, &file, NULL) == RC_OK);
	for (; size >= 3; size -= 3, data += 3)
		indexfile_bytes(&file)[(size_t)(data[0] << 8 | data[1]) % file.payload.len] =
			(char)data[2];
	assert(indexfile_write(&file, path, NULL) == RC_OK);
	indexfile_free(&file);
	if (fingerprint_open(path, "", &f, NULL) == RC_OK)
		match(f);
	fingerprint_free(f);
	assert(unlink(path) == 0);
	return 0;
}

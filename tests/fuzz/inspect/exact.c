/* An index that was changed anywhere (three bytes a change: where, and to what) is refused, or
 * matched against within its bounds. */
#include "inspect/exact.h"

#include "inspect/exactmake.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_row(void *of, const struct exact_hit *hit)
{
	assert(hit->columns >= 1 && hit->columns <= exact_columns(of) && hit->at < hit->end);
}

static void make(const char *path)
{
	const struct slice cells[] = { SLICE("Jane O'Hara"), SLICE("47110815") };
	struct exact_summary sum;
	struct exact_make *m;

	assert(exact_make_new(2, 1, "", &m, NULL) == RC_OK);
	assert(exact_make_row(m, cells, NULL) == RC_OK);
	assert(exact_make_write(m, path, &sum, NULL) == RC_OK);
	exact_make_free(m);
}

static void match(struct exact *e)
{
	struct slice text = SLICE("jane o'hara 4711 0815 o'hara ");
	struct exact_state *s = calloc(1, sizeof *s);
	const struct mime_token *token;
	struct mime_tokens tokens;

	s->index = e;
	mime_tokens_begin(&tokens);
	while ((token = mime_token_take(&tokens, &text)))
		exact_take(s, token, on_row, e);
	exact_advance(s, UINT64_MAX, on_row, e);
	free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/postern-exact-XXXXXX";
	int fd = mkstemp(path);
	struct exact *e = NULL;
	struct indexfile f;

	assert(fd >= 0 && close(fd) == 0);
	make(path);
	assert(indexfile_read(path, "", INDEXFILE_EXACT, &f, NULL) == RC_OK);
	for (; size >= 3; size -= 3, data += 3)
		indexfile_bytes(&f)[(size_t)(data[0] << 8 | data[1]) % f.payload.len] =
			(char)data[2];
	assert(indexfile_write(&f, path, NULL) == RC_OK);
	indexfile_free(&f);
	if (exact_open(path, "", &e, NULL) == RC_OK)
		match(e);
	exact_free(e);
	assert(unlink(path) == 0);
	return 0;
}

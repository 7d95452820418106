/* However a page is cut into chunks, the same text comes out, little longer than it. */
#include "mime/page.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_page(struct slice in, size_t step, struct buf *out)
{
	struct mime_page p;
	char piece[2 * HTML_ROOM];
	size_t n = 1;

	mime_page_init(&p);
	while (in.len) {
		struct slice chunk = { in.at, step < in.len ? step : in.len };
		in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
		while (chunk.len)
			(void)!buf_add(out, piece, mime_page_push(&p, &chunk, piece, sizeof piece));
	}
	for (; n; (void)!buf_add(out, piece, n))
		n = mime_page_end(&p, piece, sizeof piece);
	mime_page_fini(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole = BUF_INIT(size + PAGE_PASSES), cut = BUF_INIT(size + PAGE_PASSES);

	read_page((struct slice){ (const char *)data, size }, size, &whole);
	for (size_t step = 1; step < 8; step++, buf_clear(&cut)) {
		read_page((struct slice){ (const char *)data, size }, step, &cut);
		assert(memcmp(buf_text(&cut), buf_text(&whole), whole.len) == 0);
		assert(buf_state(&cut) == RC_OK && cut.len == whole.len);
	}
	buf_free(&whole);
	buf_free(&cut);
	return 0;
}

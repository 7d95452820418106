#include "page/template.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever the template, a value comes out escaped; whatever the value, a page stays one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice bytes = { (const char *)data, size };
	const struct page_value values[] = { { "v", { "<i>{{=v}}", 9 } }, { "x", bytes } };
	const struct page_scope shown[] = { { .section = "s" }, { .section = "s" } };
	const struct page_scope page = { NULL, 2, values, 2, shown };
	const struct page_texts texts = { 1, values };
	struct buf out = BUF_INIT(1 << 20);

	if (page_render(bytes, &texts, &page, &out, NULL) == RC_OK && !memmem(data, size, "<i>", 3))
		assert(!out.len || !memmem(out.at, out.len, "<i>", 3));
	buf_clear(&out);
	assert(page_render(SLICE("<{{=x}}>"), &texts, &page, &out, NULL) == RC_OK);
	assert(memchr(out.at, '>', out.len) == out.at + out.len - 1);
	buf_free(&out);
	return 0;
}

/* The bytes are a map and a font at once; all of a string is taken. */
#include "document/pdffont.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	struct pdf_font_source s = { .font = in, .encoding = in, .widths = in };
	uint32_t c[PDF_LIGATURE], code;
	double width;

	s.to_unicode = size % 2 ? in : s.to_unicode;
	struct pdf_font *f = pdf_font_new(&s);
	assert(f);
	while (in.len)
		assert(pdf_font_take(f, &in, c, &width, &code) <= PDF_LIGATURE && code < PDF_CODES);
	pdf_font_free(f);
	return 0;
}

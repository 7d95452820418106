/* Whatever it is, what the sink is told is as document.h promises. */
#include "document/pdftext.h"

#include "../../support/documented.h"

static struct pdf_font *font;

static const struct pdf_font *find(void *of, struct slice name)
{
	(void)of, (void)name;
	return font;
}

static void read_it(struct reading *r, struct slice s)
{
	const struct pdf_fonts fonts = { NULL, find };
	bool unreadable;

	reading_begin(r);
	pdf_text_read(r, s, &fonts, &unreadable);
	reading_end(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pdf_font_source s = { .font = SLICE("/Subtype/Type1") };

	if (!font)
		font = pdf_font_new(&s);
	struct buf out = documented_by(read_it, (struct slice){ (const char *)data, size });
	buf_free(&out);
	return 0;
}

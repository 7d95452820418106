#include "page/letter.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* However it is cut, every part lies within the message and has a name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct page_letter *letter = NULL;
	const struct page_part *parts;
	bool cut;

	if (size == 0 || page_letter_new(&letter, NULL) != RC_OK)
		return 0;
	size_t half = size * data[0] / 256;
	page_letter_add(letter, (struct slice){ (const char *)data, half });
	page_letter_add(letter, (struct slice){ (const char *)data + half, size - half });
	assert(page_letter_end(letter, NULL) == RC_OK);
	assert(page_letter_text(letter, &cut).len <= PAGE_LETTER_TEXT_MAX);
	for (size_t i = page_letter_parts(letter, &parts); i-- > 0;)
		assert(parts[i].name.len && parts[i].begin <= parts[i].end && parts[i].end <= size);
	page_letter_free(&letter);
	return 0;
}

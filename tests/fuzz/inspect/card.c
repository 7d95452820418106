/* What is found lies in the text, ends where it was looked for, and is a number. */
#include "inspect/card.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct card card;

	for (size_t end = 1; end <= size; end++) {
		if (!card_find(text, end, &card))
			continue;
		assert(card.at + card.len == end);
		assert(card_is_number((struct slice){ card.number, card.digits }));
		assert(card.digits <= card.len && card.len < 2 * card.digits);
	}
	return 0;
}

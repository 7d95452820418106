/* However a text is cut, the same rows of words are seen, and they are of their form. */
#include "inspect/spoken.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct spoken whole = { .count = 0 }, cut = { .count = 0 };
	uint64_t from = 0;

	spoken_begin(&whole);
	spoken_begin(&cut);
	if (spoken_scan(&whole, text, 0, 0) > size)
		abort();
	for (size_t end = 0; end <= size; end += 1 + end % 7)
		from = spoken_scan(&cut, (struct slice){ text.at, end }, 0, from);
	(void)spoken_scan(&cut, text, 0, from);
	if (whole.count != cut.count || whole.more != cut.more || whole.count > SPOKEN_MAX ||
	    memcmp(whole.at, cut.at, sizeof whole.at) != 0)
		abort();
	for (size_t i = 0; i < whole.count; i++)
		if (strspn(whole.at[i], SPOKEN_FIRST SPOKEN_SECOND SPOKEN_VOWELS " ") !=
		    SPOKEN_TEXT - 1)
			abort();
	return 0;
}

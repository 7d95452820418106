/* However a text is cut, the same candidates are told, in bounds. */
#include "inspect/digits.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_hit(void *of, enum digits_kind kind, uint64_t to)
{
	uint64_t *sum = of;

	*sum += (to + 1) * (to + 1) * (kind + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	uint64_t whole = 0, cut = 0;
	struct digits a, b;

	digits_begin(&a);
	digits_begin(&b);
	digits_scan(&a, text, 0, true, ~0u, on_hit, &whole);
	for (size_t end = 0; end < size; end += 1 + end % 7)
		digits_scan(&b, (struct slice){ text.at, end }, 0, false, ~0u, on_hit, &cut);
	digits_scan(&b, text, 0, true, ~0u, on_hit, &cut);
	if (whole != cut)
		abort();
	return 0;
}

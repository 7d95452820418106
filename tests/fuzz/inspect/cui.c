/* A banner lies around where it was looked for, within what may be looked at. */
#include "inspect/cui.h"

#include "inspect/banner.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	struct detector_hit hit;

	for (size_t end = 1; end <= size; end++) {
		struct detector_candidate c = { text, end, 0, end % 2 };
		if (!cui_check(&c, &hit))
			continue;
		assert(hit.at >= banner_from(&c) && hit.at < end);
		assert(hit.at + hit.len >= end && hit.at + hit.len <= banner_to(&c));
		assert(hit.value_len >= 3 && hit.value_len <= DETECTOR_VALUE_MAX);
	}
	return 0;
}

/* Every marking lies in its field, and a field is a marking, whatever it says. */
#include "inspect/aumark.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice value = { (const char *)data, size };
	struct detector_hit hits[DETECTOR_FIELD_HITS];
	size_t count = aumark_take(SLICE("Subject"), value, hits);

	assert(count <= DETECTOR_FIELD_HITS);
	for (size_t i = 0, from = 0; i < count; i++) {
		assert(hits[i].at >= from && hits[i].value_len <= DETECTOR_VALUE_MAX);
		from = hits[i].at + hits[i].len;
		assert(from <= size);
	}
	assert(aumark_take(SLICE("X-Protective-Marking"), value, hits) == 1);
	return 0;
}

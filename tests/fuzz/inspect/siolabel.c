/* A label is always told, with a value that has no blanks around it and fits. */
#include "inspect/siolabel.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice value = { (const char *)data, size };
	struct detector_hit hits[DETECTOR_FIELD_HITS];

	assert(siolabel_take(SLICE("SIO-Label"), value, hits) == 1);
	assert(hits[0].value_len <= DETECTOR_VALUE_MAX);
	struct slice marking = { hits[0].value, hits[0].value_len };
	assert(slice_trim(marking).len == marking.len);
	return 0;
}

/* A label's value is its GUID behind its tenant's, if it has one; each lies in the field. */
#include "inspect/msip.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice value = { (const char *)data, size };
	struct detector_hit hits[DETECTOR_FIELD_HITS];
	size_t count = msip_take(SLICE("msip_labels"), value, hits);

	assert(count <= DETECTOR_FIELD_HITS);
	for (size_t i = 0; i < count; i++) {
		assert(hits[i].at + hits[i].len <= size);
		assert(hits[i].value_len == 0 || hits[i].value_len == 37 ||
		       hits[i].value_len == 73);
		for (size_t k = 0; k < hits[i].value_len; k++)
			assert(hits[i].value[k] < 'A' || hits[i].value[k] > 'Z');
	}
	return 0;
}

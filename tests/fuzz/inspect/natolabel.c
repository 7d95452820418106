/* A value has both a policy and a classification, or nothing. */
#include "inspect/natolabel.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = { (const char *)data, size };
	struct detector_hit hits[DETECTOR_FIELD_HITS];
	size_t count = natolabel_read(in, hits);

	assert(count <= DETECTOR_FIELD_HITS);
	for (size_t i = 0; i < count; i++)
		assert(hits[i].value_len == 0 ||
		       (hits[i].value_len >= 3 && memchr(hits[i].value, '/', hits[i].value_len)));
	count = natolabel_take(SLICE("SIO-Label"), in, hits);
	for (size_t i = 0; i < count; i++)
		assert(hits[i].at + hits[i].len == size);
	return 0;
}

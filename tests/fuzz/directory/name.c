#include "directory/name.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A normal form is its own normal form, and each step wider is a shorter domain. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct directory_name name, again;

	if (directory_name_parse((struct slice){ (const char *)data, size }, &name, NULL) != RC_OK)
		return 0;
	assert(strlen(name.text) <= DIRECTORY_NAME_MAX);
	if (directory_name_parse(slice_of(name.text), &again, NULL) == RC_OK)
		assert(strcmp(name.text, again.text) == 0 && name.local_len == again.local_len);
	for (size_t len = strlen(name.text); directory_name_widen(&name); len = strlen(name.text))
		assert(strlen(name.text) < len && name.local_len == 0);
	return 0;
}

/* A destination's one way of writing it reads as the same destination. */
#include "assurance/destination.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct assurance_destination d, again;

	if (assurance_destination_parse((struct slice){ (const char *)data, size }, &d, NULL) !=
	    RC_OK)
		return 0;
	struct slice text = { d.text, strlen(d.text) };
	if (assurance_destination_parse(text, &again, NULL) != RC_OK ||
	    strcmp(d.text, again.text) != 0 || strcmp(d.name, again.name) != 0 ||
	    d.port != again.port || d.host != again.host || d.literal != again.literal)
		abort();
	if (d.port == 0 || d.literal != !*d.name)
		abort();
	return 0;
}

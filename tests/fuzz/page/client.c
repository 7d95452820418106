#include "page/client.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An address comes out, or nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct sockaddr peer = { .sa_family = AF_UNIX };
	const struct page_peer from = { &peer, NULL };
	const struct slice bytes = { size ? (const char *)data : "", size };
	char out[PAGE_CLIENT_TEXT], space[16];

	page_client_name(&from, bytes, out);
	assert(!out[0] || inet_pton(strchr(out, ':') ? AF_INET6 : AF_INET, out, space) == 1);
	assert(!page_client_is_ours("https://a.example", bytes, SLICE("cross-site")));
	return 0;
}

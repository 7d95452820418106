/* Whatever a server sends, an answer keeps the promises of dns/answer.h. The first
 * byte picks the type, the rest is the message. */
#include "dns/wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum dns_type types[] = { DNS_MX,   DNS_A,     DNS_AAAA,  DNS_TXT,
				       DNS_TLSA, DNS_CNAME, DNS_DNSKEY };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_question q = { "a.old.example", types[size ? data[0] % 7 : 0] };
	struct slice message = { (const char *)data + 1, size ? size - 1 : 0 };
	const struct dns_answer *a = size ? dns_wire_read(message, &q, true, "fuzz") : NULL;

	if (!a)
		return 0;
	if ((a->count > 0) != (a->status == DNS_FOUND) || a->count > DNS_RECORDS_MAX ||
	    (*a->why != '\0') != (a->status == DNS_FAILED) || a->ttl > DNS_TTL_MAX)
		abort();
	if (a->trust == DNS_SECURE && (a->status == DNS_FAILED || !(message.at[3] & 0x20)))
		abort();
	if (strlen(a->name) >= DNS_NAME_MAX || (!a->aliased && strcmp(a->name, q.name) != 0))
		abort();
	for (size_t i = 0; i < a->count; i++)
		if (q.type == DNS_MX && (strlen(a->records[i].mx.host) >= DNS_NAME_MAX ||
					 strpbrk(a->records[i].mx.host, "ABCXYZ *\n")))
			abort();
	dns_answer_unref(a);
	return 0;
}

#include "assurance/hosts.h"

#include "dns/name.h"

#include <stdlib.h>
#include <string.h>

static int by_preference(const void *a, const void *b)
{
	const struct assurance_host *x = a, *y = b;

	return x->preference != y->preference
		       ? (x->preference > y->preference) - (x->preference < y->preference)
		       : strcmp(x->host, y->host);
}

static bool is_listed(const struct assurance_host *hosts, size_t count, const char *host)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(hosts[i].host, host) == 0)
			return true;
	return false;
}

static bool is_host(const char *name)
{
	char normalised[DNS_NAME_MAX];

	return dns_name_normalise(slice_of(name), normalised, NULL) == RC_OK &&
	       strcmp(name, normalised) == 0;
}

static size_t take_mx(const struct dns_answer *mx, struct assurance_host *hosts)
{
	struct assurance_host all[DNS_RECORDS_MAX];
	size_t count = 0, kept = 0;

	/* "." beside others names no host (RFC 7505 §3 forbids it there), and nor does
	 * what cannot be looked up. */
	for (size_t i = 0; i < mx->count && count < DNS_RECORDS_MAX; i++)
		if (is_host(mx->records[i].mx.host))
			all[count++] = (struct assurance_host){
				.host = mx->records[i].mx.host,
				.preference = mx->records[i].mx.preference,
			};
	if (count > 1)
		qsort(all, count, sizeof *all, by_preference);
	for (size_t i = 0; i < count && kept < ASSURANCE_HOSTS_MAX; i++)
		if (!is_listed(hosts, kept, all[i].host))
			hosts[kept++] = all[i];
	return kept;
}

size_t assurance_hosts(const struct assurance_destination *destination, const struct dns_answer *mx,
		       struct assurance_host *hosts)
{
	if (destination->literal || (!destination->host && !mx))
		return 0;
	/* Without MX records the domain is its own host (RFC 5321 §5.1). */
	if (destination->host || mx->status == DNS_NODATA) {
		hosts[0] = (struct assurance_host){ .host = destination->name };
		return 1;
	}
	return mx->status == DNS_FOUND ? take_mx(mx, hosts) : 0;
}

static void add_name(const char *names[static ASSURANCE_PROBE_NAMES_MAX], size_t *count,
		     const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(names[i], name) == 0)
			return;
	names[(*count)++] = name;
}

/* DANE applies where all of that is signed. */
size_t assurance_reference_names(const struct assurance_destination *destination,
				 const struct dns_answer *mx, const char *base,
				 const char *names[static ASSURANCE_PROBE_NAMES_MAX])
{
	size_t count = 0;

	add_name(names, &count, base);
	add_name(names, &count, destination->name);
	if (mx && mx->aliased)
		add_name(names, &count, mx->name);
	return count;
}

struct dane_evidence assurance_host_evidence(const struct assurance_host *host, uint16_t port,
					     bool found_securely)
{
	return (struct dane_evidence){
		.host = host->host,
		.port = port,
		.found_securely = found_securely,
		.a = host->a,
		.aaaa = host->aaaa,
		.cname = host->cname,
		.expanded = host->expanded,
		.original = host->original,
	};
}

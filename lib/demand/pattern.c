#include "demand/pattern.h"

#include <string.h>

/* What follows the last @, since a quoted local part may hold others. False when
 * there is none: such an address has no domain yet. */
static bool split(struct slice address, struct slice *local, struct slice *domain)
{
	const char *at = address.len ? memrchr(address.at, '@', address.len) : NULL;

	if (!at)
		return false;
	*local = (struct slice){ address.at, (size_t)(at - address.at) };
	*domain = (struct slice){ at + 1, address.len - local->len - 1 };
	if (domain->len && domain->at[domain->len - 1] == '.')
		domain->len--;
	return true;
}

/* suffix begins with a dot, and something must stand before it. */
static bool ends_in(struct slice domain, struct slice suffix)
{
	if (domain.len <= suffix.len)
		return false;
	domain.at += domain.len - suffix.len;
	domain.len = suffix.len;
	return slice_same_nocase(domain, suffix);
}

bool demand_pattern_names(const char *pattern, struct slice address)
{
	struct slice local, domain, wanted_local, wanted_domain;

	if (strcmp(pattern, "*") == 0)
		return true;
	if (!split(address, &local, &domain))
		return false;
	if (pattern[0] == '.')
		return ends_in(domain, slice_of(pattern));
	if (!split(slice_of(pattern), &wanted_local, &wanted_domain))
		return slice_same_nocase(domain, slice_of(pattern));
	return slice_same_nocase(domain, wanted_domain) && slice_same_nocase(local, wanted_local);
}

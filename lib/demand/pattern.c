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

bool demand_pattern_covers(const char *wide, const char *narrow)
{
	struct slice domain = slice_of(narrow);

	if (strcmp(wide, "*") == 0 || slice_same_nocase(slice_of(wide), domain))
		return true;
	if (strcmp(narrow, "*") == 0 || strchr(wide, '@'))
		return false;
	if (strchr(narrow, '@'))
		return demand_pattern_names(wide, domain);
	return wide[0] == '.' && ends_in(domain, slice_of(wide));
}

#include "smtp/capability.h"

#include <assert.h>

static const struct {
	enum smtp_extension extension;
	const char *name;
} names[] = {
	{ SMTP_STARTTLS, "STARTTLS" },
	{ SMTP_8BITMIME, "8BITMIME" },
	{ SMTP_SMTPUTF8, "SMTPUTF8" },
	{ SMTP_DSN, "DSN" },
	{ SMTP_SIZE, "SIZE" },
	{ SMTP_PIPELINING, "PIPELINING" },
	{ SMTP_REQUIRETLS, "REQUIRETLS" },
	{ SMTP_CHUNKING, "CHUNKING" },
};
enum { NAMES = sizeof names / sizeof *names };

static bool same_nocase(struct slice word, const char *name)
{
	size_t len = 0;

	while (name[len])
		len++;
	return slice_same_nocase(word, (struct slice){ name, len });
}

struct smtp_capability smtp_capability_read(const struct smtp_reply *ehlo)
{
	struct smtp_capability can = { 0 };

	for (size_t l = 1; l < ehlo->line_count; l++) {
		struct slice rest = slice_trim(ehlo->lines[l]), word = rest;

		if (!slice_take_until(&rest, ' ', &word))
			rest.len = 0;
		for (size_t n = 0; n < NAMES; n++) {
			uint64_t size;

			if (!same_nocase(word, names[n].name))
				continue;
			can.extensions |= names[n].extension;
			if (names[n].extension == SMTP_SIZE &&
			    slice_to_u64(slice_trim(rest), &size))
				can.size_max_bytes = size;
		}
	}
	return can;
}

const char *smtp_extension_name(enum smtp_extension extension)
{
	size_t n = 0;

	while (n < NAMES && names[n].extension != extension)
		n++;
	assert(n < NAMES);
	return names[n].name;
}

#include "dns/name.h"

#include <idn2.h>
#include <string.h>

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_label(struct slice label)
{
	if (label.len == 0 || label.len > DNS_LABEL_MAX)
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!is_alnum(label.at[i]) && label.at[i] != '-')
			return false;
	return label.at[0] != '-' && label.at[label.len - 1] != '-';
}

bool dns_is_hostname(struct slice name)
{
	struct slice label;

	if (name.len >= DNS_NAME_MAX)
		return false;
	while (slice_take_until(&name, '.', &label))
		if (!is_label(label))
			return false;
	return is_label(name);
}

static enum rc check_label(struct slice label, struct fault *why)
{
	if (label.len == 0)
		return fault(why, RC_INVALID, "empty label");
	if (label.len > DNS_LABEL_MAX)
		return fault(why, RC_INVALID, "label of %zu bytes", label.len);
	for (size_t i = 0; i < label.len; i++)
		if (!is_alnum(label.at[i]) && label.at[i] != '-' && label.at[i] != '_')
			return fault(why, RC_INVALID, "byte 0x%02x in a name",
				     (unsigned)(unsigned char)label.at[i]);
	return RC_OK;
}

static enum rc take_ascii(struct slice name, char *out, struct fault *why)
{
	if (name.len && name.at[name.len - 1] == '.')
		name.len--;
	if (name.len == 0)
		return fault(why, RC_INVALID, "empty name");
	if (name.len >= DNS_NAME_MAX)
		return fault(why, RC_INVALID, "name of %zu bytes", name.len);

	struct slice rest = name, label;
	while (slice_take_until(&rest, '.', &label)) {
		enum rc rc = check_label(label, why);
		if (rc != RC_OK)
			return rc;
	}
	enum rc rc = check_label(rest, why);
	if (rc != RC_OK)
		return rc;

	for (size_t i = 0; i < name.len; i++)
		out[i] = name.at[i] >= 'A' && name.at[i] <= 'Z' ? (char)(name.at[i] + 32)
								: name.at[i];
	out[name.len] = '\0';
	return RC_OK;
}

enum rc dns_name_normalise(struct slice name, char *out, struct fault *why)
{
	uint8_t text[DNS_UNICODE_MAX + 1];
	uint8_t *alabels = NULL;

	if (slice_is_ascii(name))
		return take_ascii(name, out, why);
	if (name.len > DNS_UNICODE_MAX)
		return fault(why, RC_INVALID, "name of %zu bytes", name.len);
	if (memchr(name.at, '\0', name.len))
		return fault(why, RC_INVALID, "byte 0x00 in a name");
	memcpy(text, name.at, name.len);
	text[name.len] = '\0';

	/* STD 3 rules are left to take_ascii(): libidn2's would forbid "_mta-sts". */
	int bad = idn2_lookup_u8(text, &alabels, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (bad == IDN2_MALLOC)
		return fault(why, RC_NOMEM, "no memory to convert a name");
	if (bad != IDN2_OK)
		return fault(why, RC_INVALID, "not an internationalised name: %s",
			     idn2_strerror(bad));
	enum rc rc =
		take_ascii((struct slice){ (char *)alabels, strlen((char *)alabels) }, out, why);
	idn2_free(alabels);
	return rc;
}

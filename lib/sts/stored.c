#include "sts/stored.h"

#include "base/hex.h"

#include <inttypes.h>
#include <string.h>

/* As in ISO 3309 and zlib; records are small and rare, so no table. */
static uint32_t crc32_of(struct slice s)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < s.len; i++) {
		crc ^= (uint8_t)s.at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
	}
	return ~crc;
}

enum rc sts_policy_format(const struct sts_policy *policy, struct buf *out)
{
	(void)buf_addf(out, "version: STSv1\nmode: %s\n", sts_mode_name(policy->mode));
	for (size_t i = 0; i < policy->mx_count; i++)
		(void)buf_addf(out, "mx: %.*s\n", SLICE_ARG(policy->mx[i]));
	return buf_addf(out, "max_age: %" PRIu32 "\n", policy->max_age);
}

enum rc sts_stored_seal(struct slice body, struct buf *out)
{
	(void)buf_addf(out, "postern-sts 1 %08" PRIx32 "\n", crc32_of(body));
	return buf_add_slice(out, body);
}

enum rc sts_stored_format(const struct sts_stored *stored, struct buf *out)
{
	struct buf body = BUF_INIT(STS_STORED_MAX);

	(void)buf_addf(&body, "domain: %s\nid: %s\nfetched: %" PRId64 "\nexpires: %" PRId64 "\n\n",
		       stored->domain, stored->id, stored->fetched_s, stored->expires_s);
	enum rc rc = sts_policy_format(&stored->policy, &body);
	if (rc == RC_OK)
		rc = sts_stored_seal(buf_slice(&body), out);
	buf_free(&body);
	return rc;
}

static bool take_head(struct slice *bytes)
{
	struct slice line;
	uint8_t sum[4];

	if (!slice_take_line(bytes, &line) || !slice_drop_prefix(&line, "postern-sts 1 ") ||
	    !hex_parse(line, sum, sizeof sum))
		return false;

	uint32_t crc = crc32_of(*bytes);
	for (size_t i = 0; i < sizeof sum; i++)
		if (sum[i] != (uint8_t)(crc >> (24 - 8 * i)))
			return false;
	return true;
}

static bool take_field(struct slice *bytes, const char *name, struct slice *value)
{
	return slice_take_line(bytes, value) && slice_drop_prefix(value, name) &&
	       slice_drop_prefix(value, ": ");
}

static bool take_text(struct slice *bytes, const char *name, char *out, size_t room)
{
	struct slice value;

	if (!take_field(bytes, name, &value) || value.len >= room)
		return false;
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] < '!' || value.at[i] > '~')
			return false;
	memcpy(out, value.at, value.len);
	out[value.len] = '\0';
	return true;
}

static bool take_time(struct slice *bytes, const char *name, int64_t *out)
{
	struct slice value;
	uint64_t number;

	if (!take_field(bytes, name, &value) || !slice_to_u64(value, &number) || number > INT64_MAX)
		return false;
	*out = (int64_t)number;
	return true;
}

enum rc sts_stored_parse(struct slice bytes, struct sts_stored *out, struct fault *why)
{
	struct sts_stored stored = { 0 };
	struct slice empty;

	if (bytes.len > 2 * STS_STORED_MAX || !take_head(&bytes))
		return fault(why, RC_INVALID, "the stored policy is damaged");
	if (!take_text(&bytes, "domain", stored.domain, sizeof stored.domain) ||
	    !take_text(&bytes, "id", stored.id, sizeof stored.id) ||
	    !take_time(&bytes, "fetched", &stored.fetched_s) ||
	    !take_time(&bytes, "expires", &stored.expires_s) || !slice_take_line(&bytes, &empty) ||
	    empty.len > 0)
		return fault(why, RC_INVALID, "the stored policy's fields are not ours");

	stored.text = bytes;
	enum rc rc = sts_policy_parse(bytes, &stored.policy, why);
	if (rc != RC_OK)
		return RC_INVALID;
	*out = stored;
	return RC_OK;
}

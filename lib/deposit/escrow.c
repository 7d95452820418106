#include "deposit/escrow.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "crypto/random.h"
#include "deposit/seal.h"

#include <stdlib.h>
#include <string.h>

static const char bucket[] = "escrow";
static const char heading[17] = { 'p', 'o', 's', 't', 'e', 'r', 'n', '-', 'e',
				  's', 'c', 'r', 'o', 'w', '-', '1', '\n' };

/* ---- officers ---- */

void deposit_officers_free(struct deposit_officers **officers)
{
	if (!*officers)
		return;
	for (size_t i = 0; i < (*officers)->count; i++)
		crypto_group_free(&(*officers)->groups[i]);
	free(TAKE(*officers));
}

static enum rc check_time(const struct crypto_certificate *c, int64_t now_s, struct fault *why)
{
	char text[CLOCK_TEXT];

	if (now_s < c->begins_s)
		return fault(why, RC_INVALID, "the certificate of %.80s is not valid before %s",
			     c->name, clock_format(c->begins_s, text));
	if (now_s >= c->ends_s)
		return fault(why, RC_INVALID, "the certificate of %.80s has expired at %s", c->name,
			     clock_format(c->ends_s, text));
	return RC_OK;
}

/* Whether a key of the new group stands in an earlier one: its owner would have two shares. */
static enum rc check_distinct(const struct deposit_officers *officers,
			      const struct crypto_certificate *c, struct fault *why)
{
	struct crypto_certificate other;

	for (size_t g = 0; g + 1 < officers->count; g++)
		for (size_t i = 0; i < crypto_group_count(officers->groups[g]); i++) {
			enum rc rc = crypto_group_certificate(officers->groups[g], i, &other, why);
			if (rc != RC_OK)
				return rc;
			if (memcmp(other.key_digest, c->key_digest, sizeof c->key_digest) == 0)
				return fault(why, RC_INVALID,
					     "the key of %.80s is that of another group too",
					     c->name);
		}
	return RC_OK;
}

static enum rc check_group(const struct deposit_officers *officers, int64_t now_s,
			   struct fault *why)
{
	const struct crypto_group *group = officers->groups[officers->count - 1];
	struct crypto_certificate c;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < crypto_group_count(group); i++) {
		rc = crypto_group_certificate(group, i, &c, why);
		if (rc == RC_OK)
			rc = check_time(&c, now_s, why);
		if (rc == RC_OK)
			rc = check_distinct(officers, &c, why);
	}
	return rc;
}

static enum rc add_group(struct deposit_officers *officers, const char *file, int64_t now_s,
			 struct fault *why)
{
	CLEANUP(buf_free) struct buf pem = BUF_INIT(CRYPTO_GROUP_PEM_MAX);
	struct fault what;
	enum rc rc = file_read(file, &pem, &what);

	if (rc != RC_OK)
		return fault(why, RC_INVALID, "escrow.officers: %s", what.text);
	rc = crypto_group_read(buf_slice(&pem), &officers->groups[officers->count], &what);
	if (rc == RC_OK) {
		officers->count++;
		rc = check_group(officers, now_s, &what);
	}
	return rc == RC_OK ? RC_OK : fault(why, rc, "%.120s: %s", file, what.text);
}

enum rc deposit_officers_read(const char *const *files, size_t count, int64_t now_s,
			      struct deposit_officers **out, struct fault *why)
{
	CLEANUP(deposit_officers_free) struct deposit_officers *officers = NULL;
	enum rc rc = RC_OK;

	if (count == 1)
		return fault(why, RC_INVALID,
			     "%.120s: escrow.officers names one group, which could open everything "
			     "alone: expected two at least, or none",
			     files[0]);
	if (count > DEPOSIT_GROUPS_MAX)
		return fault(why, RC_INVALID, "escrow.officers names %zu groups, more than %d",
			     count, DEPOSIT_GROUPS_MAX);
	if (count == 0) {
		*out = NULL;
		return RC_OK;
	}
	officers = calloc(1, sizeof *officers);
	if (!officers)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; rc == RC_OK && i < count; i++)
		rc = add_group(officers, files[i], now_s, why);
	if (rc == RC_OK)
		*out = TAKE(officers);
	return rc;
}

int64_t deposit_officers_until(const struct deposit_officers *officers)
{
	int64_t until_s = INT64_MAX;
	struct crypto_certificate c;

	for (size_t g = 0; g < officers->count; g++)
		for (size_t i = 0; i < crypto_group_count(officers->groups[g]); i++)
			if (crypto_group_certificate(officers->groups[g], i, &c, NULL) == RC_OK &&
			    c.ends_s < until_s)
				until_s = c.ends_s;
	return until_s;
}

/* ---- splitting ---- */

void deposit_shares_free(struct deposit_shares *shares)
{
	for (size_t i = 0; i < shares->count; i++)
		buf_free(&shares->at[i]);
	shares->count = 0;
}

static void xor_into(struct crypto_key *to, const uint8_t *bytes)
{
	for (size_t i = 0; i < sizeof to->bytes; i++)
		to->bytes[i] ^= bytes[i];
}

/* heading | id | version | number | count | share */
static void lay_out(const uint8_t *id, size_t number, size_t count, const struct crypto_key *share,
		    uint8_t out[DEPOSIT_ESCROW_PLAIN])
{
	uint8_t *at = out;

	memcpy(at, heading, sizeof heading);
	at += sizeof heading;
	deposit_bound(id, at);
	at += DEPOSIT_BOUND_BYTES;
	*at++ = (uint8_t)number;
	*at++ = (uint8_t)count;
	memcpy(at, share->bytes, sizeof share->bytes);
}

static enum rc seal_share(const struct deposit_officers *officers, const uint8_t *id,
			  const struct crypto_key *share, struct deposit_shares *out,
			  struct fault *why)
{
	uint8_t plain[DEPOSIT_ESCROW_PLAIN];
	struct buf *sealed = &out->at[out->count];

	lay_out(id, out->count, officers->count, share, plain);
	*sealed = BUF_INIT(CRYPTO_CMS_MAX);
	enum rc rc =
		crypto_cms_seal(officers->groups[out->count],
				(struct slice){ (const char *)plain, sizeof plain }, sealed, why);
	out->count++;
	crypto_wipe(plain, sizeof plain);
	return rc;
}

enum rc deposit_escrow_split(const struct deposit_officers *officers,
			     const uint8_t id[STORE_ID_BYTES], const struct crypto_key *dek,
			     struct deposit_shares *out, struct fault *why)
{
	CLEANUP(deposit_shares_free) struct deposit_shares shares = { 0 };
	CLEANUP(crypto_key_wipe) struct crypto_key rest = *dek, share = { 0 };
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i + 1 < officers->count; i++) {
		rc = crypto_key_make(&share, why);
		if (rc == RC_OK)
			rc = seal_share(officers, id, &share, &shares, why);
		xor_into(&rest, share.bytes);
	}
	if (rc == RC_OK)
		rc = seal_share(officers, id, &rest, &shares, why);
	crypto_key_wipe(&share);
	if (rc == RC_OK) {
		*out = shares;
		shares.count = 0;
	}
	return rc;
}

/* ---- the store ---- */

enum { NAME_BYTES = STORE_ID_BYTES + 1 };

static struct slice name_of(const uint8_t *id, size_t number, char out[NAME_BYTES])
{
	memcpy(out, id, STORE_ID_BYTES);
	out[STORE_ID_BYTES] = (char)number;
	return (struct slice){ out, NAME_BYTES };
}

enum rc deposit_escrow_put(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			   const struct deposit_shares *shares, struct fault *why)
{
	char name[NAME_BYTES];
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < shares->count; i++)
		rc = store_put(tx, bucket, name_of(id, i, name), buf_slice(&shares->at[i]),
			       STORE_FOREVER, why);
	return rc;
}

enum rc deposit_escrow_get(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			   struct deposit_shares *out, struct fault *why)
{
	CLEANUP(deposit_shares_free) struct deposit_shares shares = { 0 };
	char name[NAME_BYTES];
	enum rc rc = RC_OK;

	while (rc == RC_OK && shares.count < DEPOSIT_GROUPS_MAX) {
		struct buf *at = &shares.at[shares.count];
		*at = BUF_INIT(CRYPTO_CMS_MAX);
		rc = store_get(tx, bucket, name_of(id, shares.count, name), 0, at, why);
		shares.count += rc == RC_OK;
	}
	if (rc == RC_LIMIT)
		return fault(why, RC_INVALID, "an escrow share is damaged");
	if (rc != RC_OK && rc != RC_ABSENT)
		return rc;
	if (shares.count == 0)
		return fault(why, RC_ABSENT, "the deposit has no escrow shares");
	*out = shares;
	shares.count = 0;
	return RC_OK;
}

/* ---- joining ---- */

/* Opens one share with whichever key does. RC_ABSENT: none. */
static enum rc open_share(struct slice sealed, struct crypto_officer *const *keys, size_t key_count,
			  struct buf *plain)
{
	for (size_t i = 0; i < key_count; i++)
		if (crypto_cms_open(keys[i], sealed, plain, NULL) == RC_OK)
			return RC_OK;
	return RC_ABSENT;
}

static enum rc take_share(struct slice plain, const uint8_t *id, size_t number, size_t count,
			  struct crypto_key *sum, struct fault *why)
{
	const struct crypto_key none = { 0 };
	uint8_t expected[DEPOSIT_ESCROW_PLAIN];
	const size_t head = sizeof expected - CRYPTO_KEY_BYTES;

	lay_out(id, number, count, &none, expected);
	if (plain.len != sizeof expected || memcmp(plain.at, expected, head) != 0)
		return fault(why, RC_INVALID,
			     "share %zu of %zu belongs to another deposit, or to another place",
			     number + 1, count);
	xor_into(sum, (const uint8_t *)plain.at + head);
	return RC_OK;
}

enum rc deposit_escrow_join(const struct deposit_shares *shares, struct crypto_officer *const *keys,
			    size_t key_count, const uint8_t id[STORE_ID_BYTES],
			    const struct deposit_record *record, struct crypto_key *dek,
			    struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key sum = { 0 };
	uint8_t commitment[CRYPTO_HASH_BYTES];
	size_t open = 0;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < shares->count; i++) {
		CLEANUP(buf_wipe) struct buf plain = BUF_SECRET(DEPOSIT_ESCROW_PLAIN);
		if (open_share(buf_slice(&shares->at[i]), keys, key_count, &plain) != RC_OK)
			continue;
		open++;
		rc = take_share(buf_slice(&plain), id, i, shares->count, &sum, why);
	}
	if (rc == RC_OK && open < shares->count)
		return fault(why, RC_INVALID,
			     "the keys open %zu of %zu shares, and all are needed: one key of each "
			     "group",
			     open, shares->count);
	if (rc == RC_OK)
		rc = deposit_commit(&sum, id, commitment, why);
	if (rc == RC_OK && !crypto_same(commitment, record->commitment, sizeof commitment))
		rc = fault(why, RC_INVALID, "the shares do not make the key of this deposit");
	if (rc == RC_OK)
		*dek = sum;
	return rc;
}

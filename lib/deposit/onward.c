#include "deposit/onward.h"

#include "base/cleanup.h"
#include "crypto/hash.h"

#include <string.h>

enum { VERSION = 1, EIGHTBIT = 1, SMTPUTF8 = 2 };

static const char label[] = "upgrade";
enum { BOUND = sizeof label - 1 + DEPOSIT_BOUND_BYTES };

static struct slice bound_of(const uint8_t *id, uint8_t out[BOUND])
{
	memcpy(out, label, sizeof label - 1);
	deposit_bound(id, out + sizeof label - 1);
	return (struct slice){ (const char *)out, BOUND };
}

/* HKDF(upgrade.key || the epoch's key, "upgrade" || version) */
static enum rc derive(const struct deposit_onward_keys *keys, const struct crypto_key *epoch,
		      struct crypto_key *out, struct fault *why)
{
	static const char info[] = { 'u', 'p', 'g', 'r', 'a', 'd', 'e', DEPOSIT_VERSION };
	char secret[2 * CRYPTO_KEY_BYTES];

	memcpy(secret, keys->upgrade->bytes, CRYPTO_KEY_BYTES);
	memcpy(secret + CRYPTO_KEY_BYTES, epoch->bytes, CRYPTO_KEY_BYTES);
	enum rc rc = crypto_hkdf((struct slice){ secret, sizeof secret },
				 (struct slice){ info, sizeof info }, out, why);
	crypto_wipe(secret, sizeof secret);
	return rc;
}

/* ---- out ---- */

static void put_number(struct buf *out, size_t n)
{
	(void)buf_add_byte(out, (char)(n >> 8 & 0xff));
	(void)buf_add_byte(out, (char)(n & 0xff));
}

static void put_text(struct buf *out, struct slice text)
{
	put_number(out, text.len);
	(void)buf_add_slice(out, text);
}

static bool fits(const struct deposit_onward *onward)
{
	bool all = onward->envid.len <= MAIL_ENVID_MAX && onward->recipient_count > 0 &&
		   onward->recipient_count <= DEPOSIT_RECIPIENTS_MAX;

	for (size_t i = 0; all && i < onward->recipient_count; i++)
		all = onward->recipients[i].orcpt.len <= MAIL_ORCPT_MAX;
	return all;
}

static enum rc seal(const struct deposit_onward_keys *keys, const uint8_t *id,
		    const struct crypto_key *dek, uint32_t *number,
		    uint8_t out[CRYPTO_SEALED_KEY_BYTES], struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key key = { 0 };
	struct crypto_epoch epoch;
	uint8_t bound[BOUND];

	crypto_keys_current(keys->epochs, &epoch);
	*number = epoch.number;
	enum rc rc = derive(keys, &epoch.key, &key, why);
	crypto_wipe(&epoch, sizeof epoch);
	return rc == RC_OK ? crypto_key_seal(&key, bound_of(id, bound), dek, out, why) : rc;
}

enum rc deposit_onward_encode(const struct deposit_onward_keys *keys,
			      const uint8_t id[STORE_ID_BYTES], const struct crypto_key *dek,
			      const struct deposit_onward *onward, struct buf *out,
			      struct fault *why)
{
	uint8_t sealed[CRYPTO_SEALED_KEY_BYTES];
	uint32_t epoch;

	if (!fits(onward))
		return fault(why, RC_LIMIT, "the envelope's parameters are too long to be kept");
	enum rc rc = seal(keys, id, dek, &epoch, sealed, why);
	if (rc != RC_OK)
		return rc;
	(void)buf_add_byte(out, VERSION);
	(void)buf_add_byte(
		out, (char)((onward->eightbit ? EIGHTBIT : 0) | (onward->smtputf8 ? SMTPUTF8 : 0)));
	put_number(out, epoch >> 16);
	put_number(out, epoch & 0xffff);
	(void)buf_add(out, sealed, sizeof sealed);
	put_text(out, onward->envid);
	put_number(out, onward->recipient_count);
	for (size_t i = 0; i < onward->recipient_count; i++) {
		(void)buf_add_byte(out, (char)onward->recipients[i].notify);
		put_text(out, onward->recipients[i].orcpt);
	}
	return buf_state(out) == RC_OK ? RC_OK : fault(why, buf_state(out), "out of memory");
}

/* ---- in ---- */

struct cursor {
	struct slice rest;
	bool bad;
};

static struct slice take(struct cursor *c, size_t len)
{
	struct slice taken = { c->rest.at, len };

	c->bad |= c->rest.len < len;
	if (c->bad)
		return (struct slice){ 0 };
	c->rest = (struct slice){ c->rest.at + len, c->rest.len - len };
	return taken;
}

static unsigned take_byte(struct cursor *c)
{
	struct slice s = take(c, 1);

	return s.len ? (unsigned char)s.at[0] : 0;
}

static size_t take_number(struct cursor *c)
{
	size_t high = take_byte(c);

	return high << 8 | take_byte(c);
}

/* What stands in an SMTP command must stay in it. */
static struct slice take_text(struct cursor *c, size_t max)
{
	size_t len = take_number(c);
	struct slice text = take(c, len);

	c->bad |= len > max;
	for (size_t i = 0; i < text.len; i++)
		c->bad |= text.at[i] <= ' ' || text.at[i] > '~';
	return text;
}

static bool read_row(struct cursor *c, struct slice *sealed, struct deposit_onward *out)
{
	const unsigned all =
		MAIL_NOTIFY_NEVER | MAIL_NOTIFY_SUCCESS | MAIL_NOTIFY_FAILURE | MAIL_NOTIFY_DELAY;

	c->bad |= take_byte(c) != VERSION;
	unsigned flags = take_byte(c);
	c->bad |= (flags & ~(unsigned)(EIGHTBIT | SMTPUTF8)) != 0;
	out->eightbit = flags & EIGHTBIT;
	out->smtputf8 = flags & SMTPUTF8;
	out->epoch = (uint32_t)take_number(c) << 16;
	out->epoch |= (uint32_t)take_number(c);
	*sealed = take(c, CRYPTO_SEALED_KEY_BYTES);
	out->envid = take_text(c, MAIL_ENVID_MAX);
	out->recipient_count = take_number(c);
	c->bad |= out->recipient_count == 0 || out->recipient_count > DEPOSIT_RECIPIENTS_MAX;
	for (size_t i = 0; !c->bad && i < out->recipient_count; i++) {
		out->recipients[i].notify = take_byte(c);
		c->bad |= (out->recipients[i].notify & ~all) != 0;
		out->recipients[i].orcpt = take_text(c, MAIL_ORCPT_MAX);
	}
	return !c->bad && c->rest.len == 0;
}

static enum rc open(const struct deposit_onward_keys *keys, uint32_t number, const uint8_t *id,
		    struct slice sealed, struct crypto_key *dek, struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key key = { 0 };
	CLEANUP(crypto_key_wipe) struct crypto_key epoch = { 0 };
	uint8_t bound[BOUND];

	if (!crypto_keys_epoch(keys->epochs, number, &epoch))
		return fault(why, RC_ABSENT, "the key of epoch %u is destroyed", (unsigned)number);
	enum rc rc = derive(keys, &epoch, &key, why);
	return rc == RC_OK ? crypto_key_unseal(&key, bound_of(id, bound),
					       (const uint8_t *)sealed.at, dek, why)
			   : rc;
}

enum rc deposit_onward_decode(struct slice row, const struct deposit_onward_keys *keys,
			      const uint8_t id[STORE_ID_BYTES], struct crypto_key *dek,
			      struct deposit_onward *out, struct fault *why)
{
	struct deposit_onward read = { .recipient_count = 0 };
	struct cursor c = { .rest = row };
	struct slice sealed;

	if (!read_row(&c, &sealed, &read))
		return fault(why, RC_INVALID, "what is kept for sending a deposit on is damaged");
	if (dek) {
		enum rc rc = open(keys, read.epoch, id, sealed, dek, why);
		if (rc != RC_OK)
			return rc;
	}
	*out = read;
	return RC_OK;
}

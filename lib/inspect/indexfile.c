#include "inspect/indexfile.h"

#include "base/file.h"
#include "crypto/hash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 1 };

struct header {
	uint64_t magic;
	uint32_t kind, version;
	unsigned char salt[INDEXFILE_SALT];
	uint64_t len;                            /* of the payload */
	unsigned char digest[CRYPTO_HASH_BYTES]; /* of all else */
};

/* Another byte order reads another number. */
static const uint64_t magic = 0x0158444e54535350u;

static enum rc no_memory(struct fault *why)
{
	return fault(why, RC_NOMEM, "out of memory for an index");
}

static enum rc digest_of(const struct header *h, struct slice payload, uint8_t *out,
			 struct fault *why)
{
	struct crypto_hash *hash = NULL;
	struct header rest = *h;
	enum rc rc = crypto_hash_new(NULL, &hash, why);

	if (rc != RC_OK)
		return rc;
	memset(rest.digest, 0, sizeof rest.digest);
	crypto_hash_add(hash, (struct slice){ (const char *)&rest, sizeof rest });
	crypto_hash_add(hash, payload);
	return crypto_hash_end(&hash, out, why);
}

static enum rc read_key(const char *path, struct buf *out, struct fault *why)
{
	struct fault cause = { "out of memory" };
	enum rc rc = file_read(path, out, &cause);

	if (rc == RC_LIMIT || (rc == RC_OK && out->len < INDEXFILE_KEY_MIN))
		return fault(why, RC_INVALID, "%.120s: a key has %d to %d bytes", path,
			     INDEXFILE_KEY_MIN, INDEXFILE_KEY_MAX);
	return rc == RC_OK ? rc : fault(why, rc == RC_ABSENT ? RC_INVALID : rc, "%s", cause.text);
}

/* From the salt and the operator's key. */
static enum rc make_key(const struct header *h, const char *path, struct siphash_key *out,
			struct fault *why)
{
	struct buf own = BUF_SECRET(INDEXFILE_KEY_MAX);
	struct crypto_hash *hash = NULL;
	uint8_t digest[CRYPTO_HASH_BYTES];
	enum rc rc = *path ? read_key(path, &own, why) : RC_OK;

	if (rc == RC_OK)
		rc = crypto_hash_new(NULL, &hash, why);
	if (rc == RC_OK) {
		crypto_hash_add_field(hash, SLICE("postern index"));
		crypto_hash_add_field(hash,
				      (struct slice){ (const char *)h->salt, sizeof h->salt });
		crypto_hash_add_field(hash, buf_slice(&own));
		rc = crypto_hash_end(&hash, digest, why);
	}
	if (rc == RC_OK)
		memcpy(out, digest, sizeof *out);
	explicit_bzero(digest, sizeof digest);
	buf_wipe(&own);
	return rc;
}

/* ---- reading ---- */

static enum rc check(struct slice whole, enum indexfile_kind kind, const char *path,
		     struct fault *why)
{
	static const char *const kinds[] = { "", "exact", "fingerprint" };
	uint8_t digest[CRYPTO_HASH_BYTES];
	struct header h;

	if (whole.len < sizeof h || memcmp(whole.at, &magic, sizeof magic) != 0)
		return fault(why, RC_INVALID, "%.120s is no index that this machine made", path);
	memcpy(&h, whole.at, sizeof h);
	if (h.version != VERSION)
		return fault(why, RC_INVALID, "%.120s is of version %u: make it anew", path,
			     h.version);
	if (h.kind != (uint32_t)kind)
		return fault(why, RC_INVALID, "%.120s is not of the kind %s", path, kinds[kind]);
	whole = (struct slice){ whole.at + sizeof h, whole.len - sizeof h };
	if (h.len != whole.len)
		return fault(why, RC_INVALID, "%.120s is cut short, or goes on behind its end",
			     path);
	enum rc rc = digest_of(&h, whole, digest, why);
	if (rc == RC_OK && memcmp(digest, h.digest, sizeof digest) != 0)
		rc = fault(why, RC_INVALID, "%.120s is damaged: make it anew", path);
	return rc;
}

enum rc indexfile_read(const char *path, const char *key_path, enum indexfile_kind kind,
		       struct indexfile *out, struct fault *why)
{
	struct buf whole = BUF_INIT(INDEXFILE_MAX);
	struct indexfile f = { 0 };
	enum rc rc = file_read(path, &whole, why);

	if (rc == RC_OK)
		rc = check(buf_slice(&whole), kind, path, why);
	if (rc == RC_OK)
		rc = make_key((const struct header *)(const void *)whole.at, key_path, &f.key, why);
	if (rc == RC_ABSENT || rc == RC_LIMIT)
		rc = RC_INVALID;
	if (rc != RC_OK) {
		buf_free(&whole);
		return rc;
	}
	f.block = whole.at;
	f.payload = (struct slice){ whole.at + sizeof(struct header),
				    whole.len - sizeof(struct header) };
	*out = f;
	return RC_OK;
}

void indexfile_free(struct indexfile *f)
{
	free(f->block);
	explicit_bzero(&f->key, sizeof f->key);
	*f = (struct indexfile){ 0 };
}

/* ---- writing ---- */

enum rc indexfile_new(const char *key_path, enum indexfile_kind kind, struct indexfile *out,
		      struct fault *why)
{
	struct header h = { .magic = magic, .kind = kind, .version = VERSION };
	struct siphash_key random;
	struct indexfile f = { .block = malloc(sizeof h) };

	static_assert(sizeof random == sizeof h.salt, "one is made of the other");
	if (!f.block)
		return no_memory(why);
	enum rc rc = siphash_key_make(&random)
			     ? RC_OK
			     : fault(why, RC_RETRY, "the system gives no randomness");
	memcpy(h.salt, &random, sizeof h.salt);
	if (rc == RC_OK)
		rc = make_key(&h, key_path, &f.key, why);
	memcpy(f.block, &h, sizeof h);
	if (rc == RC_OK)
		*out = f;
	else
		indexfile_free(&f);
	return rc;
}

enum rc indexfile_room(struct indexfile *f, uint64_t len, struct fault *why)
{
	struct header *h = (struct header *)(void *)f->block;
	char *block;

	if (len > INDEXFILE_MAX - sizeof *h)
		return fault(why, RC_LIMIT, "the index would have %llu MB, more than %llu",
			     (unsigned long long)(len >> 20), INDEXFILE_MAX >> 20);
	block = calloc(1, sizeof *h + len);
	if (!block)
		return no_memory(why);
	h->len = len;
	memcpy(block, h, sizeof *h);
	free(f->block);
	f->block = block;
	f->payload = (struct slice){ block + sizeof *h, len };
	return RC_OK;
}

enum rc indexfile_write(struct indexfile *f, const char *path, struct fault *why)
{
	struct header *h = (struct header *)(void *)f->block;
	enum rc rc = digest_of(h, f->payload, h->digest, why);

	if (rc != RC_OK)
		return rc;
	return file_replace(path, (struct slice){ f->block, sizeof *h + f->payload.len }, 0640,
			    why);
}

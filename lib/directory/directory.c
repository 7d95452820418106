#include "directory/directory.h"

#include "base/cleanup.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

#include <stdlib.h>
#include <string.h>

static const char bucket[] = "directory";

static enum rc derive(const struct crypto_keys *keys, struct crypto_key *out, struct fault *why)
{
	const struct slice secret = { (const char *)keys->outbox.bytes, sizeof keys->outbox.bytes };

	return crypto_hkdf(secret, SLICE("directory"), out, why);
}

/* "directory" and the name: an entry cannot be moved to another's place. */
static enum rc bind(struct slice name, struct buf *out, struct fault *why)
{
	(void)buf_add_text(out, "directory\n");
	enum rc rc = buf_add_slice(out, name);

	return rc == RC_OK ? RC_OK : fault(why, rc, "no room for a name of %zu bytes", name.len);
}

enum { BOUND_MAX = DIRECTORY_NAME_MAX + 20 };

enum rc directory_put(struct store_tx *tx, const struct crypto_keys *keys,
		      const struct directory_entry *entry, struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key key = { 0 };
	CLEANUP(buf_wipe) struct buf plain = BUF_SECRET(DIRECTORY_RECORD_MAX);
	CLEANUP(buf_free) struct buf sealed = BUF_INIT(DIRECTORY_RECORD_MAX + CRYPTO_SEAL_BYTES);
	CLEANUP(buf_free) struct buf bound = BUF_INIT(BOUND_MAX);
	const struct slice name = slice_of(entry->name.text);
	enum rc rc = directory_entry_check(entry, why);

	if (rc == RC_OK)
		rc = derive(keys, &key, why);
	if (rc == RC_OK)
		rc = bind(name, &bound, why);
	if (rc == RC_OK && directory_entry_encode(entry, &plain) != RC_OK)
		rc = fault(why, buf_state(&plain), "no room for an entry of the directory");
	if (rc == RC_OK)
		rc = crypto_seal(&key, buf_slice(&bound), buf_slice(&plain), &sealed, why);
	if (rc == RC_OK)
		rc = store_put(tx, bucket, name, buf_slice(&sealed), STORE_FOREVER, why);
	return rc;
}

static enum rc open_entry(const struct crypto_key *key, struct slice name, struct slice sealed,
			  struct directory_entry *out, struct fault *why)
{
	CLEANUP(buf_wipe) struct buf plain = BUF_SECRET(DIRECTORY_RECORD_MAX);
	CLEANUP(buf_free) struct buf bound = BUF_INIT(BOUND_MAX);
	enum rc rc = bind(name, &bound, why);

	if (rc == RC_OK && crypto_unseal(key, buf_slice(&bound), sealed, &plain, NULL) != RC_OK)
		rc = fault(why, RC_INVALID,
			   "the directory's entry for %.*s does not open: it was sealed under "
			   "another outbox.key, or changed",
			   name.len < 100 ? (int)name.len : 100, name.at);
	if (rc == RC_OK)
		rc = directory_entry_decode(buf_slice(&plain), out, why);
	return rc;
}

/* key is derived already. */
static enum rc get(struct store_tx *tx, const struct crypto_key *key,
		   const struct directory_name *name, struct directory_entry *out,
		   struct fault *why)
{
	CLEANUP(buf_free) struct buf sealed = BUF_INIT(DIRECTORY_RECORD_MAX + CRYPTO_SEAL_BYTES);
	const struct slice text = slice_of(name->text);
	enum rc rc = store_get(tx, bucket, text, 0, &sealed, why);

	if (rc == RC_ABSENT)
		return fault(why, RC_ABSENT, "the directory has no entry for %.*s",
			     text.len < 100 ? (int)text.len : 100, text.at);
	if (rc == RC_LIMIT)
		return fault(why, RC_INVALID, "the directory's entry is damaged");
	if (rc != RC_OK)
		return rc;
	out->name = *name;
	return open_entry(key, text, buf_slice(&sealed), out, why);
}

enum rc directory_get(struct store_tx *tx, const struct crypto_keys *keys,
		      const struct directory_name *name, struct directory_entry *out,
		      struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key key = { 0 };
	enum rc rc = derive(keys, &key, why);

	return rc == RC_OK ? get(tx, &key, name, out, why) : rc;
}

enum rc directory_lookup(struct store_tx *tx, const struct crypto_keys *keys, struct slice address,
			 struct directory_entry *out, struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key key = { 0 };
	CLEANUP(directory_entry_wipe) struct directory_entry found = { .changed_s = 0 }, one;
	struct directory_name name;
	bool any = false;

	if (directory_name_parse(address, &name, NULL) != RC_OK)
		return fault(why, RC_ABSENT, "the directory has no entry for what is no address");
	enum rc rc = derive(keys, &key, why);
	for (bool more = true; rc == RC_OK && more; more = directory_name_widen(&name)) {
		rc = get(tx, &key, &name, &one, why);
		if (rc == RC_ABSENT) {
			rc = RC_OK;
			continue;
		}
		if (rc == RC_OK && any)
			directory_entry_complete(&found, &one);
		else if (rc == RC_OK)
			found = one;
		any = true;
	}
	directory_entry_wipe(&one);
	if (rc == RC_OK && !any)
		return fault(why, RC_ABSENT, "the directory has no entry for %.*s",
			     address.len < 100 ? (int)address.len : 100, address.at);
	if (rc == RC_OK)
		*out = found;
	return rc;
}

enum rc directory_forget(struct store_tx *tx, const struct directory_name *name, struct fault *why)
{
	struct buf sealed = BUF_INIT(DIRECTORY_RECORD_MAX + CRYPTO_SEAL_BYTES);
	const struct slice text = slice_of(name->text);
	enum rc rc = store_get(tx, bucket, text, 0, &sealed, why);

	buf_free(&sealed);
	if (rc == RC_ABSENT)
		return fault(why, RC_ABSENT, "the directory has no entry for %.*s",
			     text.len < 100 ? (int)text.len : 100, text.at);
	/* One that is too long is damaged, and goes like any other. */
	return rc == RC_OK || rc == RC_LIMIT ? store_delete(tx, bucket, text, why) : rc;
}

struct walk {
	struct crypto_key key;
	struct directory_entry entry;
	directory_fn *fn;
	void *arg;
	enum rc rc;
	struct fault *why;
};

static bool walk_one(void *arg, struct slice key, struct slice value, int64_t until_s)
{
	struct walk *walk = arg;
	struct directory_name *name = &walk->entry.name;

	(void)until_s;
	if (key.len > DIRECTORY_NAME_MAX) {
		walk->rc = fault(walk->why, RC_INVALID, "the directory's entry is damaged");
		return false;
	}
	memcpy(name->text, key.at, key.len);
	name->text[key.len] = '\0';
	const char *at = strrchr(name->text, '@');
	name->local_len = at ? (size_t)(at - name->text) : 0;
	walk->rc = open_entry(&walk->key, key, value, &walk->entry, walk->why);
	return walk->rc == RC_OK && walk->fn(walk->arg, &walk->entry);
}

enum rc directory_each(struct store_tx *tx, const struct crypto_keys *keys, directory_fn *fn,
		       void *arg, struct fault *why)
{
	struct walk *walk = calloc(1, sizeof *walk);

	if (!walk)
		return fault(why, RC_NOMEM, "out of memory");
	walk->fn = fn;
	walk->arg = arg;
	walk->why = why;
	enum rc rc = derive(keys, &walk->key, why);
	if (rc == RC_OK)
		rc = store_each(tx, bucket, 0, walk_one, walk, why);
	if (rc == RC_OK)
		rc = walk->rc;
	crypto_wipe(walk, sizeof *walk);
	free(walk);
	return rc;
}

#include "inspect/matchers.h"

#include "base/cleanup.h"
#include "inspect/shelf.h"

#include <assert.h>
#include <string.h>

static void add_number(struct crypto_hash *h, uint64_t n)
{
	crypto_hash_add(h, (struct slice){ (const char *)&n, sizeof n });
}

static void add_pattern(struct crypto_hash *h, const struct matcher_pattern *p)
{
	add_number(h, p->id);
	add_number(h, (p->once ? 1u : 0) | (p->lines ? 2u : 0));
	crypto_hash_add_field(h, slice_of(p->expression));
}

static enum rc digest_of(const struct matchers_plan *plans, size_t count,
			 uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	CLEANUP(buf_free) struct buf platform = BUF_INIT(1024);
	struct crypto_hash *h = NULL;
	enum rc rc = matcher_platform(&platform);

	if (rc == RC_OK)
		rc = crypto_hash_new(NULL, &h, why);
	if (rc != RC_OK)
		return rc;
	crypto_hash_add_field(h, buf_slice(&platform));
	for (size_t i = 0; i < count; i++) {
		add_number(h, plans[i].mode);
		add_number(h, plans[i].count);
		for (size_t k = 0; k < plans[i].count; k++)
			add_pattern(h, &plans[i].patterns[k]);
	}
	return crypto_hash_end(&h, out, why);
}

static void drop_all(struct matcher **matchers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		matcher_free(matchers[i]);
		matchers[i] = NULL;
	}
}

/* RC_ABSENT: there is none that can be used. */
static enum rc load(const char *folder, const uint8_t key[CRYPTO_HASH_BYTES], size_t count,
		    struct matcher **out, struct fault *why)
{
	CLEANUP(buf_free) struct buf kept = BUF_INIT(SHELF_BYTES);
	enum rc rc = shelf_read(folder, key, &kept, why);
	struct slice rest = buf_slice(&kept);

	for (size_t i = 0; rc == RC_OK && i < count; i++)
		rc = matcher_load(&rest, &out[i]);
	if (rc == RC_OK && rest.len)
		rc = RC_INVALID;
	if (rc != RC_OK)
		drop_all(out, count);
	return rc == RC_NOMEM ? rc : rc == RC_OK ? RC_OK : RC_ABSENT;
}

static enum rc save(const struct inspect_keep *keep, const uint8_t key[CRYPTO_HASH_BYTES],
		    size_t count, struct matcher *const *matchers, struct fault *why)
{
	CLEANUP(buf_free) struct buf bytes = BUF_INIT(SHELF_BYTES);
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < count; i++)
		rc = matcher_save(matchers[i], &bytes);
	if (rc != RC_OK)
		return fault(why, rc, "what was compiled is too large to be kept");
	return shelf_write(keep->folder, key, buf_slice(&bytes), keep->most, why);
}

static enum rc compile_all(const struct matchers_plan *plans, size_t count, struct matcher **out,
			   struct fault *why)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < count; i++)
		if (plans[i].count)
			rc = matcher_compile(plans[i].patterns, plans[i].count, plans[i].mode,
					     &out[i], why);
	if (rc != RC_OK)
		drop_all(out, count);
	return rc;
}

enum rc matchers_make(const struct matchers_plan *plans, size_t count, struct inspect_keep *keep,
		      struct matcher **out, struct fault *why)
{
	struct matcher *made[MATCHERS_MAX] = { NULL };
	uint8_t key[CRYPTO_HASH_BYTES];
	enum rc rc = RC_ABSENT;

	assert(count <= MATCHERS_MAX);
	if (keep) {
		keep->state = INSPECT_COMPILED;
		keep->trouble.text[0] = '\0';
		rc = digest_of(plans, count, key, why);
		if (rc != RC_OK)
			return rc;
		rc = load(keep->folder, key, count, made, &keep->trouble);
	}
	if (rc == RC_OK)
		keep->state = INSPECT_KEPT;
	else if (keep && keep->only)
		return fault(why, RC_ABSENT, "nothing that was compiled earlier can be used: %s",
			     keep->trouble.text);
	else
		rc = compile_all(plans, count, made, why);
	if (rc == RC_OK && keep && keep->state == INSPECT_COMPILED &&
	    save(keep, key, count, made, &keep->trouble) == RC_OK)
		keep->trouble.text[0] = '\0';
	if (rc == RC_OK)
		memcpy(out, made, count * sizeof *out);
	return rc;
}

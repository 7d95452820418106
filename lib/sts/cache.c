#include "sts/cache.h"

#include "base/table.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct sts_stored stored; /* when text is set */
	char *text;               /* the policy in our fixed form; NULL: none */
	bool damaged;
	char *failure; /* NULL: none */
	char failed_id[STS_ID_MAX + 1];
	int64_t failed_s;
};

struct sts_cache {
	struct table *entries;
	size_t policies, failures; /* entries with a policy (or damaged); those without */
	struct sts_cache_store store;
};

static struct slice key_of(const char *domain)
{
	return (struct slice){ domain, strlen(domain) };
}

static struct entry *find(const struct sts_cache *cache, const char *domain)
{
	return table_find(cache->entries, key_of(domain));
}

static bool is_policy(const struct entry *e)
{
	return e->text || e->damaged;
}

static void entry_free(struct entry *e)
{
	if (!e)
		return;
	free(e->text);
	free(e->failure);
	free(e);
}

struct sts_cache *sts_cache_new(const struct sts_cache_store *store)
{
	struct sts_cache *cache = calloc(1, sizeof *cache);

	if (!cache)
		return NULL;
	cache->entries = table_new();
	if (!cache->entries) {
		free(cache);
		return NULL;
	}
	if (store)
		cache->store = *store;
	return cache;
}

void sts_cache_free(struct sts_cache *cache)
{
	size_t at = 0;
	struct slice key;
	void *value;

	if (!cache)
		return;
	while (table_next(cache->entries, &at, &key, &value))
		entry_free(value);
	table_free(cache->entries);
	free(cache);
}

static enum sts_standing standing_of(const struct entry *e, int64_t now_s)
{
	if (!e)
		return STS_UNKNOWN;
	if (e->damaged)
		return STS_UNREADABLE;
	if (!e->text)
		return STS_UNKNOWN;
	if (now_s < e->stored.expires_s)
		return STS_LIVE;
	if (e->stored.policy.mode == STS_ENFORCE && now_s < e->stored.expires_s + STS_LOST_S)
		return STS_LOST;
	return STS_UNKNOWN;
}

static bool is_resting(const struct entry *e, int64_t now_s)
{
	/* A clock that was set back does not prolong the rest. */
	return e && e->failure && now_s >= e->failed_s && now_s < e->failed_s + STS_BACKOFF_S;
}

/* Drops what means nothing any more: policies that ran out, failures at rest. */
static void sweep(struct sts_cache *cache, int64_t now_s)
{
	size_t at = 0;
	struct slice key;
	void *value;

	while (table_next(cache->entries, &at, &key, &value)) {
		struct entry *e = value;

		if (standing_of(e, now_s) != STS_UNKNOWN || is_resting(e, now_s))
			continue;
		is_policy(e) ? cache->policies-- : cache->failures--;
		table_remove(cache->entries, key);
		entry_free(e);
	}
}

/* The domain's entry, made when missing, if there is room for one more of its
 * kind. NULL: no room, or no memory. */
static struct entry *obtain(struct sts_cache *cache, const char *domain, bool policy, int64_t now_s)
{
	struct entry *e = find(cache, domain);
	size_t *count = policy ? &cache->policies : &cache->failures;
	size_t most = policy ? STS_CACHE_MAX : STS_FAILURES_MAX;

	if (e && (is_policy(e) || !policy))
		return e;
	if (*count >= most) {
		sweep(cache, now_s);
		e = find(cache, domain);
	}
	if (*count >= most)
		return NULL;
	if (e) {
		cache->failures--;
		cache->policies++;
		return e;
	}
	e = calloc(1, sizeof *e);
	if (!e || !table_set(cache->entries, key_of(domain), e, NULL)) {
		free(e);
		return NULL;
	}
	++*count;
	return e;
}

/* An entry that was obtained for a policy and got none. */
static void discard(struct sts_cache *cache, const char *domain, struct entry *e)
{
	if (is_policy(e))
		return;
	cache->policies--;
	table_remove(cache->entries, key_of(domain));
	entry_free(e);
}

/* Puts a policy into e: in our fixed form, so that a stranger's padding is not kept. */
static enum rc set_policy(struct entry *e, const struct sts_stored *stored)
{
	struct buf text = BUF_INIT(STS_STORED_POLICY_MAX);
	enum rc rc = sts_policy_format(&stored->policy, &text);

	if (rc != RC_OK) {
		buf_free(&text);
		return rc;
	}
	free(e->text);
	e->text = text.at;
	e->stored = *stored;
	e->stored.text = buf_slice(&text);
	e->damaged = false;
	return sts_policy_parse(e->stored.text, &e->stored.policy, NULL);
}

enum rc sts_cache_load(struct sts_cache *cache, struct slice domain, struct slice record,
		       struct fault *why)
{
	struct sts_stored stored;
	char name[DNS_NAME_MAX];

	if (domain.len >= sizeof name)
		return fault(why, RC_INVALID, "a stored policy has no domain for a key");
	memcpy(name, domain.at, domain.len);
	name[domain.len] = '\0';

	struct fault detail;
	enum rc rc = sts_stored_parse(record, &stored, &detail);
	if (rc == RC_OK && strcmp(stored.domain, name) != 0)
		rc = fault(&detail, RC_INVALID, "it is that of %s", stored.domain);

	struct entry *e = obtain(cache, name, true, 0);
	if (!e)
		return fault(why, RC_LIMIT, "no room for the stored policy of %s", name);
	if (rc == RC_OK) {
		rc = set_policy(e, &stored);
		discard(cache, name, e);
		return rc;
	}
	e->damaged = true;
	return fault(why, RC_INVALID, "the stored MTA-STS policy of %s cannot be used: %s", name,
		     detail.text);
}

struct sts_known sts_cache_find(const struct sts_cache *cache, const char *domain, int64_t now_s)
{
	const struct entry *e = find(cache, domain);
	struct sts_known known = { .standing = standing_of(e, now_s), .failure = "" };

	if (known.standing == STS_LIVE || known.standing == STS_LOST)
		known.stored = &e->stored;
	if (e && e->failure) {
		known.failure = e->failure;
		known.retry_s = e->failed_s + STS_BACKOFF_S;
	}
	return known;
}

/* Daily, less up to an eighth by domain; a policy of less than two days, at half its life. */
static bool is_due(const char *domain, const struct sts_stored *stored, int64_t now_s)
{
	uint32_t spread = 0;
	int64_t life = stored->expires_s - stored->fetched_s, after;

	for (const char *c = domain; *c; c++)
		spread = spread * 31 + (uint8_t)*c;
	after = STS_REFRESH_S - (int64_t)(spread % (STS_REFRESH_S / 8));
	if (after > life / 2)
		after = life / 2;
	return now_s < stored->fetched_s || now_s >= stored->fetched_s + after;
}

enum sts_need sts_cache_need(const struct sts_cache *cache, const char *domain,
			     const struct sts_record *announced, int64_t now_s)
{
	const struct entry *e = find(cache, domain);
	enum sts_standing standing = standing_of(e, now_s);
	bool news = announced && (standing != STS_LIVE || strcmp(announced->id, e->stored.id) != 0);

	/* The rest is per id (§3.3): a newly announced one is tried at once. */
	if (is_resting(e, now_s) && strcmp(e->failed_id, announced ? announced->id : "") == 0)
		return STS_NEED_NOTHING;
	if (news || standing == STS_LOST || standing == STS_UNREADABLE)
		return STS_NEED_FETCH;
	return standing == STS_LIVE && is_due(domain, &e->stored, now_s) ? STS_NEED_REFRESH
									 : STS_NEED_NOTHING;
}

void sts_cache_each_due(const struct sts_cache *cache, int64_t now_s, sts_cache_due_fn *fn,
			void *arg)
{
	size_t at = 0;
	struct slice domain;
	void *value;

	while (table_next(cache->entries, &at, &domain, &value)) {
		const struct entry *e = value;
		if (standing_of(e, now_s) == STS_LIVE && !is_resting(e, now_s) &&
		    is_due(e->stored.domain, &e->stored, now_s) &&
		    !fn(arg, e->stored.domain, e->stored.id))
			return;
	}
}

void sts_cache_each(const struct sts_cache *cache, int64_t now_s, sts_cache_each_fn *fn, void *arg)
{
	size_t at = 0;
	struct slice key;
	void *value;

	while (table_next(cache->entries, &at, &key, &value)) {
		char domain[DNS_NAME_MAX];
		if (key.len >= sizeof domain)
			continue;
		memcpy(domain, key.at, key.len);
		domain[key.len] = '\0';
		const struct sts_known known = sts_cache_find(cache, domain, now_s);
		if (known.standing != STS_UNKNOWN && !fn(arg, domain, &known))
			return;
	}
}

static void save(struct sts_cache *cache, const struct sts_stored *stored)
{
	struct buf record = BUF_INIT(STS_STORED_MAX);
	int64_t until_s = stored->expires_s;

	if (!cache->store.save)
		return;
	if (stored->policy.mode == STS_ENFORCE)
		until_s += STS_LOST_S;
	if (sts_stored_format(stored, &record) == RC_OK)
		cache->store.save(cache->store.arg, stored->domain, buf_slice(&record), until_s);
	buf_free(&record);
}

static void clear_failure(struct entry *e)
{
	free(e->failure);
	e->failure = NULL;
	e->failed_id[0] = '\0';
	e->failed_s = 0;
}

enum rc sts_cache_keep(struct sts_cache *cache, const char *domain, const char *id,
		       struct slice text, int64_t now_s, struct fault *why)
{
	struct sts_stored stored = { .fetched_s = now_s };
	enum rc rc = sts_policy_parse(text, &stored.policy, why);

	if (rc != RC_OK)
		return rc;
	if (strlen(domain) >= sizeof stored.domain || strlen(id) >= sizeof stored.id)
		return fault(why, RC_INVALID, "the domain or the id is too long");
	memcpy(stored.domain, domain, strlen(domain) + 1);
	memcpy(stored.id, id, strlen(id) + 1);
	stored.expires_s = now_s + stored.policy.max_age;

	struct entry *e = obtain(cache, domain, true, now_s);
	if (!e)
		return fault(why, RC_NOMEM, "no room to remember the policy of %s", domain);
	rc = set_policy(e, &stored);
	if (rc != RC_OK) {
		discard(cache, domain, e);
		return fault(why, rc, "no room to remember the policy of %s", domain);
	}
	clear_failure(e);
	save(cache, &e->stored);
	return RC_OK;
}

void sts_cache_failed(struct sts_cache *cache, const char *domain, const char *id,
		      const char *reason, int64_t now_s)
{
	struct entry *e = obtain(cache, domain, false, now_s);
	char *copy = e ? strdup(reason) : NULL;

	if (!copy)
		return; /* it will be tried again a little early */
	clear_failure(e);
	e->failure = copy;
	e->failed_s = now_s;
	if (strlen(id) < sizeof e->failed_id)
		memcpy(e->failed_id, id, strlen(id) + 1);
}

void sts_cache_forget(struct sts_cache *cache, const char *domain)
{
	struct entry *e = table_remove(cache->entries, key_of(domain));

	if (!e)
		return;
	is_policy(e) ? cache->policies-- : cache->failures--;
	if (is_policy(e) && cache->store.remove)
		cache->store.remove(cache->store.arg, domain);
	entry_free(e);
}

size_t sts_cache_count(const struct sts_cache *cache)
{
	return cache->policies;
}

#include "sts/cache.h"

#include "base/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct failure {
	int64_t at_s;
	char id[STS_ID_MAX + 1];
	char why[];
};

/* A site may know of thousands: what is handed out is made anew each time. */
struct entry {
	int64_t fetched_s, expires_s; /* when text is set, as is mode */
	char *text;                   /* id, NUL, the policy in our fixed form; NULL: none */
	uint32_t text_len;
	enum sts_mode mode;
	bool damaged;
	struct failure *failure; /* NULL: none */
};

struct sts_cache {
	struct table *entries;
	size_t policies, failures; /* entries with a policy (or damaged); those without */
	struct sts_cache_store store;
	struct sts_stored *told; /* what was handed out last */
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
	cache->told = calloc(1, sizeof *cache->told);
	if (!cache->entries || !cache->told) {
		sts_cache_free(cache);
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
	while (cache->entries && table_next(cache->entries, &at, &key, &value))
		entry_free(value);
	table_free(cache->entries);
	free(cache->told);
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
	if (now_s < e->expires_s)
		return STS_LIVE;
	if (e->mode == STS_ENFORCE && now_s < e->expires_s + STS_LOST_S)
		return STS_LOST;
	return STS_UNKNOWN;
}

static bool is_resting(const struct entry *e, int64_t now_s)
{
	/* A clock that was set back does not prolong the rest. */
	return e && e->failure && now_s >= e->failure->at_s &&
	       now_s < e->failure->at_s + STS_BACKOFF_S;
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
	struct buf text = BUF_INIT(STS_STORED_POLICY_MAX + sizeof stored->id);

	(void)buf_add(&text, stored->id, strlen(stored->id) + 1);
	size_t id_len = text.len;
	enum rc rc = sts_policy_format(&stored->policy, &text);
	if (rc == RC_OK) { /* tell() reads it again */
		struct sts_policy again;
		rc = sts_policy_parse((struct slice){ text.at + id_len, text.len - id_len }, &again,
				      NULL);
	}
	char *copy = rc == RC_OK ? malloc(text.len) : NULL; /* no larger than it must be */
	if (copy) {
		memcpy(copy, text.at, text.len);
		free(e->text);
		e->text = copy;
		e->text_len = (uint32_t)text.len;
		e->mode = stored->policy.mode;
		e->fetched_s = stored->fetched_s;
		e->expires_s = stored->expires_s;
		e->damaged = false;
	} else if (rc == RC_OK) {
		rc = RC_NOMEM;
	}
	buf_free(&text);
	return rc;
}

/* What e holds, made into the cache's one copy. */
static const struct sts_stored *tell(const struct sts_cache *cache, const char *domain,
				     const struct entry *e)
{
	struct sts_stored *told = cache->told;
	size_t id_len = strlen(e->text) + 1;

	memcpy(told->domain, domain, strlen(domain) + 1); /* it was short enough to be kept */
	memcpy(told->id, e->text, id_len);
	told->fetched_s = e->fetched_s;
	told->expires_s = e->expires_s;
	told->text = (struct slice){ e->text + id_len, e->text_len - id_len };
	enum rc rc = sts_policy_parse(told->text, &told->policy, NULL);
	assert(rc == RC_OK);
	return told;
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
		known.stored = tell(cache, domain, e);
	if (e && e->failure) {
		known.failure = e->failure->why;
		known.retry_s = e->failure->at_s + STS_BACKOFF_S;
	}
	return known;
}

/* Daily, less up to an eighth by domain; a policy of less than two days, at half its life. */
static bool is_due(const char *domain, const struct entry *e, int64_t now_s)
{
	uint32_t spread = 0;
	int64_t life = e->expires_s - e->fetched_s, after;

	for (const char *c = domain; *c; c++)
		spread = spread * 31 + (uint8_t)*c;
	after = STS_REFRESH_S - (int64_t)(spread % (STS_REFRESH_S / 8));
	if (after > life / 2)
		after = life / 2;
	return now_s < e->fetched_s || now_s >= e->fetched_s + after;
}

enum sts_need sts_cache_need(const struct sts_cache *cache, const char *domain,
			     const struct sts_record *announced, int64_t now_s)
{
	const struct entry *e = find(cache, domain);
	enum sts_standing standing = standing_of(e, now_s);
	bool news = announced && (standing != STS_LIVE || strcmp(announced->id, e->text) != 0);

	/* The rest is per id (§3.3): a newly announced one is tried at once. */
	if (is_resting(e, now_s) && strcmp(e->failure->id, announced ? announced->id : "") == 0)
		return STS_NEED_NOTHING;
	if (news || standing == STS_LOST || standing == STS_UNREADABLE)
		return STS_NEED_FETCH;
	return standing == STS_LIVE && is_due(domain, e, now_s) ? STS_NEED_REFRESH
								: STS_NEED_NOTHING;
}

/* A key of the table, which is a domain, as text. */
static char *text_of(struct slice key, char out[static DNS_NAME_MAX])
{
	assert(key.len < DNS_NAME_MAX);
	memcpy(out, key.at, key.len);
	out[key.len] = '\0';
	return out;
}

void sts_cache_each_due(const struct sts_cache *cache, int64_t now_s, sts_cache_due_fn *fn,
			void *arg)
{
	char domain[DNS_NAME_MAX];
	size_t at = 0;
	struct slice key;
	void *value;

	while (table_next(cache->entries, &at, &key, &value)) {
		const struct entry *e = value;
		if (standing_of(e, now_s) == STS_LIVE && !is_resting(e, now_s) &&
		    is_due(text_of(key, domain), e, now_s) && !fn(arg, domain, e->text))
			return;
	}
}

void sts_cache_each(const struct sts_cache *cache, int64_t now_s, sts_cache_each_fn *fn, void *arg)
{
	char domain[DNS_NAME_MAX];
	size_t at = 0;
	struct slice key;
	void *value;

	while (table_next(cache->entries, &at, &key, &value)) {
		const struct sts_known known = sts_cache_find(cache, text_of(key, domain), now_s);
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
	save(cache, &stored);
	return RC_OK;
}

void sts_cache_failed(struct sts_cache *cache, const char *domain, const char *id,
		      const char *reason, int64_t now_s)
{
	struct entry *e =
		strlen(domain) < DNS_NAME_MAX ? obtain(cache, domain, false, now_s) : NULL;
	size_t len = strlen(reason) + 1;
	struct failure *failure = e ? calloc(1, sizeof *failure + len) : NULL;

	if (!failure)
		return; /* it will be tried again a little early */
	clear_failure(e);
	failure->at_s = now_s;
	if (strlen(id) < sizeof failure->id)
		memcpy(failure->id, id, strlen(id) + 1);
	memcpy(failure->why, reason, len);
	e->failure = failure;
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

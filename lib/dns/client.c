#include "dns/client.h"

#include "base/table.h"
#include "dns/asking.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = DNS_NAME_MAX + 2 };

/* One question, and all who want its answer. */
struct question {
	struct dns_asked asked;
	struct dns_client *client;
	struct ring lookups;
	bool in_table, delivering;
};

struct dns_lookup {
	struct question *question;
	struct ring link;
	dns_done *done;
	void *arg;
};

struct dns_client {
	struct dns_asking asking;
	struct table *table; /* questions under way, by name and type */
	bool delivering, freed;
};

static struct slice key_of(const char *name, enum dns_type type, char *out)
{
	size_t len = strlen(name);

	memcpy(out, name, len);
	out[len] = (char)((unsigned)type >> 8);
	out[len + 1] = (char)type;
	return (struct slice){ out, len + 2 };
}

static struct question *holder(struct dns_asked *asked)
{
	return RING_HOLDER(asked, struct question, asked);
}

static void leave_table(struct question *q)
{
	char key[KEY_MAX];

	if (q->in_table)
		(void)table_remove(q->client->table,
				   key_of(q->asked.name, q->asked.asks.type, key));
	q->in_table = false;
}

static void free_question(struct question *q)
{
	leave_table(q);
	dns_question_end(&q->asked);
	while (!ring_is_empty(&q->lookups)) {
		struct dns_lookup *l = RING_HOLDER(q->lookups.next, struct dns_lookup, link);
		ring_remove(&l->link);
		free(l);
	}
	free(q);
}

/* Whoever asks again from within a callback asks anew. */
static void deliver(struct dns_client *c, struct question *q)
{
	q->delivering = true;
	leave_table(q);
	ring_remove(&q->asked.place);
	while (!ring_is_empty(&q->lookups)) {
		struct dns_lookup *l = RING_HOLDER(q->lookups.next, struct dns_lookup, link);
		dns_done *done = l->done;
		void *arg = l->arg;
		ring_remove(&l->link);
		free(l);
		done(arg, q->asked.answer);
		if (c->freed) /* with all lookups, but for those of this question */
			break;
	}
	free_question(q);
}

static void destroy(struct dns_client *c)
{
	c->asking.stopped = true;
	while (!ring_is_empty(&c->asking.ages))
		free_question(holder(RING_HOLDER(c->asking.ages.next, struct dns_asked, age)));
	while (!ring_is_empty(&c->asking.done))
		free_question(holder(RING_HOLDER(c->asking.done.next, struct dns_asked, place)));
	dns_asking_fini(&c->asking);
	table_free(c->table);
	free(c);
}

/* The end of every turn that began in the loop: the one place that calls back, so
 * that nothing below is ever in the middle of something when an owner cancels,
 * asks again or frees the client. */
static void settle(void *arg)
{
	struct dns_client *c = arg;

	c->delivering = true;
	while (!c->freed && !ring_is_empty(&c->asking.done))
		deliver(c, holder(RING_HOLDER(c->asking.done.next, struct dns_asked, place)));
	c->delivering = false;
	if (c->freed)
		destroy(c);
	else
		dns_asking_arm(&c->asking);
}

void dns_client_free(struct dns_client *c)
{
	if (!c)
		return;
	c->freed = true;
	c->asking.stopped = true;
	if (!c->delivering)
		destroy(c);
}

struct dns_client *dns_client_new(struct loop *loop, const struct dns_client_config *config,
				  struct fault *why)
{
	struct dns_client *c = calloc(1, sizeof *c);

	if (!c) {
		(void)fault(why, RC_NOMEM, "no memory for a DNS client");
		return NULL;
	}
	c->table = table_new();
	if (!c->table)
		(void)fault(why, RC_NOMEM, "no memory for a DNS client");
	else if (dns_asking_init(&c->asking, loop, config, settle, c, why) == RC_OK)
		return c;
	table_free(c->table);
	free(c);
	return NULL;
}

static struct question *find_question(struct dns_client *c, const char *name, enum dns_type type)
{
	char key[KEY_MAX];

	return strlen(name) < DNS_NAME_MAX ? table_find(c->table, key_of(name, type, key)) : NULL;
}

static struct question *new_question(struct dns_client *c, const char *name, enum dns_type type)
{
	struct question *q = calloc(1, sizeof *q);

	if (!q)
		return NULL;
	q->client = c;
	ring_init(&q->lookups);
	dns_question_init(&q->asked, &c->asking, name, type);
	return q;
}

/* Begins the question, or ends it at once. */
static void begin(struct question *q, const char *name)
{
	struct dns_client *c = q->client;
	char key[KEY_MAX];
	struct fault why;

	if (q->asked.query_len == 0) {
		(void)fault(&why, RC_INVALID, "\"%s\" is not a name to ask for", name);
		dns_question_fail(&q->asked, why.text);
		return;
	}
	if (table_count(c->table) >= DNS_LOOKUPS_MAX) {
		dns_question_fail(&q->asked, "too many lookups under way");
		return;
	}
	q->in_table = table_set(c->table, key_of(name, q->asked.asks.type, key), q, NULL);
	if (q->in_table)
		dns_question_begin(&q->asked);
	else
		dns_question_fail(&q->asked, "out of memory");
}

struct dns_lookup *dns_client_lookup(struct dns_client *c, const char *name, enum dns_type type,
				     dns_done *done, void *arg)
{
	struct question *q = find_question(c, name, type);
	struct dns_lookup *l = calloc(1, sizeof *l);
	bool fresh = !q;

	if (l && fresh)
		q = new_question(c, name, type);
	if (!l || !q) {
		free(l);
		return NULL;
	}
	*l = (struct dns_lookup){ .question = q, .done = done, .arg = arg };
	ring_init(&l->link);
	ring_append(&q->lookups, &l->link);
	c->asking.stats.lookups++;
	c->asking.stats.shared += !fresh;
	if (fresh) {
		begin(q, name);
		dns_asking_arm(&c->asking);
	}
	return l;
}

void dns_lookup_cancel(struct dns_lookup *l)
{
	if (!l)
		return;
	struct question *q = l->question;

	ring_remove(&l->link);
	free(l);
	if (ring_is_empty(&q->lookups) && !q->delivering)
		free_question(q);
}

struct dns_client_stats dns_client_stats(const struct dns_client *c)
{
	return c->asking.stats;
}

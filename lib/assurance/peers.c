#include "assurance/peers.h"

#include "base/table.h"
#include "dns/name.h"

#include <stdlib.h>
#include <string.h>

enum { VERSION_MAX = 16 };

struct peer {
	struct assurance_probed probed;
	int64_t until_s; /* what is known counts until then; 0: nothing is */
	int64_t next_s;  /* not to be spoken to before */
	unsigned failures;
	char tls[VERSION_MAX];
	struct fault why;
};

struct assurance_peers {
	struct table *by_key;
	int64_t minute; /* in which `begun` were */
	unsigned begun;
	/* Those without STARTTLS since one had it. */
	char bare[ASSURANCE_PEERS_STRIPPED][DNS_NAME_MAX];
	int64_t bare_s[ASSURANCE_PEERS_STRIPPED];
	size_t bare_count;
};

struct assurance_peers *assurance_peers_new(void)
{
	struct assurance_peers *peers = calloc(1, sizeof *peers);

	if (!peers)
		return NULL;
	peers->by_key = table_new();
	if (peers->by_key)
		return peers;
	free(peers);
	return NULL;
}

void assurance_peers_free(struct assurance_peers *peers)
{
	size_t at = 0;
	struct slice key;
	void *peer;

	if (!peers)
		return;
	while (table_next(peers->by_key, &at, &key, &peer))
		free(peer);
	table_free(peers->by_key);
	free(peers);
}

static void drop_old(struct assurance_peers *peers, int64_t now_s)
{
	size_t at = 0;
	struct slice key;
	void *value;

	while (table_next(peers->by_key, &at, &key, &value)) {
		const struct peer *peer = value;
		if (peer->until_s > now_s || peer->next_s > now_s)
			continue;
		table_remove(peers->by_key, key);
		free(value);
	}
}

/* NULL: no room, no memory. */
static struct peer *peer_of(struct assurance_peers *peers, const char *key, int64_t now_s)
{
	struct peer *peer = table_find(peers->by_key, slice_of(key));

	if (peer)
		return peer;
	if (table_count(peers->by_key) >= ASSURANCE_PEERS_MAX)
		drop_old(peers, now_s);
	if (table_count(peers->by_key) >= ASSURANCE_PEERS_MAX)
		return NULL;
	peer = calloc(1, sizeof *peer);
	if (peer && table_set(peers->by_key, slice_of(key), peer, NULL))
		return peer;
	free(peer);
	return NULL;
}

static int64_t rest_after(unsigned failures)
{
	int64_t rest = ASSURANCE_PEER_REST_S;

	while (failures-- > 1 && rest < ASSURANCE_PEER_REST_MAX_S)
		rest *= 2;
	return rest < ASSURANCE_PEER_REST_MAX_S ? rest : ASSURANCE_PEER_REST_MAX_S;
}

/* begins: how many probes that is. */
static bool take(struct assurance_peers *peers, const char *key, unsigned begins, int64_t now_s)
{
	struct peer *peer = peer_of(peers, key, now_s);

	if (!peer || peer->next_s > now_s)
		return false;
	if (peers->minute != now_s / 60) {
		peers->minute = now_s / 60;
		peers->begun = 0;
	}
	if (peers->begun >= ASSURANCE_PEERS_PER_MINUTE)
		return false;
	peers->begun += begins;
	peer->next_s = now_s + ASSURANCE_PEER_REST_S;
	return true;
}

bool assurance_peers_take(struct assurance_peers *peers, const char *key, int64_t now_s)
{
	return take(peers, key, 1, now_s);
}

bool assurance_peers_look(struct assurance_peers *peers, const char *key, int64_t now_s)
{
	return take(peers, key, 0, now_s);
}

/* ---- who strips STARTTLS? ---- */

static void note_starttls(struct assurance_peers *peers, const char *host, bool starttls,
			  int64_t now_s)
{
	size_t at = peers->bare_count;

	if (starttls) {
		peers->bare_count = 0;
		return;
	}
	for (size_t i = 0; i < peers->bare_count; i++)
		if (strcmp(peers->bare[i], host) == 0)
			at = i;
	if (at == ASSURANCE_PEERS_STRIPPED) { /* the oldest goes */
		memmove(peers->bare, peers->bare + 1, sizeof peers->bare - sizeof *peers->bare);
		memmove(peers->bare_s, peers->bare_s + 1,
			sizeof peers->bare_s - sizeof *peers->bare_s);
		at--;
	}
	if (strlen(host) >= sizeof *peers->bare)
		return;
	memcpy(peers->bare[at], host, strlen(host) + 1);
	peers->bare_s[at] = now_s;
	if (at == peers->bare_count)
		peers->bare_count++;
}

bool assurance_peers_are_stripped(const struct assurance_peers *peers, int64_t now_s)
{
	if (peers->bare_count < ASSURANCE_PEERS_STRIPPED)
		return false;
	for (size_t i = 0; i < peers->bare_count; i++)
		if (now_s - peers->bare_s[i] > ASSURANCE_PEERS_STRIPPED_S)
			return false;
	return true;
}

/* ---- results ---- */

static void keep(struct peer *peer, const struct assurance_probed *probed)
{
	peer->probed = *probed;
	peer->probed.tls = peer->tls;
	peer->probed.why = peer->why.text;
	peer->tls[0] = '\0';
	if (strlen(probed->tls) < sizeof peer->tls)
		memcpy(peer->tls, probed->tls, strlen(probed->tls) + 1);
	(void)fault(&peer->why, probed->rc, "%s", probed->why);
}

void assurance_peers_note(struct assurance_peers *peers, const char *key, const char *host,
			  const struct assurance_probed *probed, int64_t now_s)
{
	struct peer *peer = peer_of(peers, key, now_s);
	bool good = probed->rc == RC_OK, bad = probed->rc == RC_INVALID;

	if (good || bad)
		note_starttls(peers, host, probed->starttls, now_s);
	if (!peer)
		return;
	if (good) {
		peer->failures = 0;
		peer->until_s = now_s + ASSURANCE_PEER_GOOD_S;
		peer->next_s = now_s + ASSURANCE_PEER_GOOD_S / 2;
	} else {
		peer->failures++;
		peer->next_s = now_s + rest_after(peer->failures);
	}
	if (bad)
		peer->until_s = now_s + ASSURANCE_PEER_BAD_S;
	if (good || bad) /* what could not be found out leaves what was known */
		keep(peer, probed);
}

const struct assurance_probed *assurance_peers_find(struct assurance_peers *peers, const char *key,
						    int64_t now_s)
{
	const struct peer *peer = table_find(peers->by_key, slice_of(key));

	if (!peer || peer->until_s <= now_s)
		return NULL;
	if (!peer->probed.starttls && assurance_peers_are_stripped(peers, now_s))
		return NULL;
	return &peer->probed;
}

void assurance_peers_forget_key(struct assurance_peers *peers, const char *key)
{
	free(table_remove(peers->by_key, slice_of(key)));
}

void assurance_peers_forget(struct assurance_peers *peers, const char *host)
{
	size_t at = 0;
	struct slice key;
	void *peer;

	while (table_next(peers->by_key, &at, &key, &peer)) { /* "host:port by ..." */
		struct slice rest = key;
		if (!slice_drop_prefix(&rest, host) || rest.len == 0 || rest.at[0] != ':')
			continue;
		table_remove(peers->by_key, key);
		free(peer);
	}
}

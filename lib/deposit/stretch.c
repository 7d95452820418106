#include "deposit/stretch.h"

#include "base/cleanup.h"
#include "base/parallel.h"

#include <stdlib.h>

struct piece {
	struct crypto_key key;
	enum rc rc;
	struct fault why;
};

struct deposit_stretch {
	const struct crypto_keys *keys;
	const struct deposit_party *parties;
	size_t count;
	struct slice live;
	uint8_t tag[DEPOSIT_TAG_BYTES];
	struct parallel *running;
	struct piece pieces[]; /* of each party, then of the tag */
};

static void make_piece(void *arg, size_t i)
{
	struct deposit_stretch *s = arg;
	struct piece *p = &s->pieces[i];

	if (i == s->count) {
		p->rc = s->live.len ? deposit_live_tag(s->keys, s->live, s->tag, &p->why) : RC_OK;
		return;
	}
	const struct deposit_party *party = &s->parties[i];
	p->rc = deposit_derive_stretch(party, party->phrase.len ? CRYPTO_PBKDF2_ROUNDS_MIN : 0,
				       &p->key, &p->why);
}

enum rc deposit_stretch_start(const struct crypto_keys *keys, const struct deposit_party *parties,
			      size_t count, struct slice live, struct deposit_stretch **out,
			      struct fault *why)
{
	struct deposit_stretch *s = calloc(1, sizeof *s + (count + 1) * sizeof *s->pieces);

	if (!s)
		return fault(why, RC_NOMEM, "out of memory");
	s->keys = keys;
	s->parties = parties;
	s->count = count;
	s->live = live;
	bool any = live.len > 0;
	for (size_t i = 0; i < count; i++)
		any |= parties[i].phrase.len > 0; /* the others' keys are zeros, and there */
	if (any)
		s->running = parallel_start(count + 1, make_piece, s);
	if (any && !s->running) {
		free(s);
		return fault(why, RC_NOMEM, "out of memory");
	}
	*out = s;
	return RC_OK;
}

enum rc deposit_stretch_wait(struct deposit_stretch *s, struct fault *why)
{
	parallel_wait(&s->running);
	for (size_t i = 0; i <= s->count; i++)
		if (s->pieces[i].rc != RC_OK)
			return fault(why, s->pieces[i].rc, "%s", s->pieces[i].why.text);
	return RC_OK;
}

const struct crypto_key *deposit_stretch_key(const struct deposit_stretch *s, size_t party)
{
	return &s->pieces[party].key;
}

const uint8_t *deposit_stretch_tag(const struct deposit_stretch *s)
{
	return s->tag;
}

void deposit_stretch_free(struct deposit_stretch **sp)
{
	struct deposit_stretch *s = TAKE(*sp);

	if (!s)
		return;
	parallel_wait(&s->running);
	crypto_wipe(s->pieces, (s->count + 1) * sizeof *s->pieces);
	free(s);
}

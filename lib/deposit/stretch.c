#include "deposit/stretch.h"

#include "base/cleanup.h"
#include "base/parallel.h"
#include "crypto/pbkdf2.h"

#include <stdlib.h>

struct piece {
	struct crypto_key key;
	enum rc rc;
	struct fault why;
};

struct deposit_stretch {
	const struct deposit_party *parties;
	size_t count;
	struct parallel *running;
	struct piece pieces[]; /* of each party */
};

static void make_piece(void *arg, size_t i)
{
	struct deposit_stretch *s = arg;
	struct piece *p = &s->pieces[i];
	const struct deposit_party *party = &s->parties[i];

	p->rc = deposit_derive_stretch(party, party->phrase.len ? CRYPTO_PBKDF2_ROUNDS_MIN : 0,
				       &p->key, &p->why);
}

enum rc deposit_stretch_start(const struct deposit_party *parties, size_t count,
			      struct deposit_stretch **out, struct fault *why)
{
	struct deposit_stretch *s = calloc(1, sizeof *s + count * sizeof *s->pieces);
	bool any = false;

	if (!s)
		return fault(why, RC_NOMEM, "out of memory");
	s->parties = parties;
	s->count = count;
	for (size_t i = 0; i < count; i++)
		any |= parties[i].phrase.len > 0; /* the others' keys are zeros, and there */
	if (any)
		s->running = parallel_start(count, make_piece, s);
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
	for (size_t i = 0; i < s->count; i++)
		if (s->pieces[i].rc != RC_OK)
			return fault(why, s->pieces[i].rc, "%s", s->pieces[i].why.text);
	return RC_OK;
}

const struct crypto_key *deposit_stretch_key(const struct deposit_stretch *s, size_t party)
{
	return &s->pieces[party].key;
}

void deposit_stretch_free(struct deposit_stretch **sp)
{
	struct deposit_stretch *s = TAKE(*sp);

	if (!s)
		return;
	parallel_wait(&s->running);
	crypto_wipe(s->pieces, s->count * sizeof *s->pieces);
	free(s);
}

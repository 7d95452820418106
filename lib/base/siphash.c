#include "base/siphash.h"

#include <string.h>
#include <sys/random.h>

struct sip {
	uint64_t a, b, c, d;
};

static uint64_t rotate(uint64_t v, int n)
{
	return (v << n) | (v >> (64 - n));
}

static void sip_round(struct sip *s)
{
	s->a += s->b;
	s->b = rotate(s->b, 13) ^ s->a;
	s->a = rotate(s->a, 32);
	s->c += s->d;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotate(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotate(s->b, 17) ^ s->c;
	s->c = rotate(s->c, 32);
}

uint64_t siphash(const struct siphash_key *key, struct slice text)
{
	struct sip s = { key->k0 ^ 0x736f6d6570736575u, key->k1 ^ 0x646f72616e646f6du,
			 key->k0 ^ 0x6c7967656e657261u, key->k1 ^ 0x7465646279746573u };
	uint64_t last = (uint64_t)text.len << 56;
	size_t i = 0;

	for (; i + 8 <= text.len; i += 8) {
		uint64_t word;
		memcpy(&word, text.at + i, 8);
		s.d ^= word;
		sip_round(&s);
		s.a ^= word;
	}
	for (int shift = 0; i < text.len; i++, shift += 8)
		last |= (uint64_t)(unsigned char)text.at[i] << shift;
	s.d ^= last;
	sip_round(&s);
	s.a ^= last;
	s.c ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

bool siphash_key_make(struct siphash_key *out)
{
	return getrandom(out, sizeof *out, 0) == (ssize_t)sizeof *out;
}

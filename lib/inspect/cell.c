#include "inspect/cell.h"

#include "base/buf.h"
#include "mime/fold.h"

#include <string.h>

/* ---- hashes ---- */

static uint64_t hash_words(const struct siphash_key *key, const uint64_t *hashes, size_t count)
{
	return siphash(key, (struct slice){ (const char *)hashes, count * sizeof *hashes });
}

static uint64_t hash_digits(const struct siphash_key *key, const char *digits, size_t len)
{
	char text[1 + CELL_DIGITS] = { '#' };

	memcpy(text + 1, digits, len); /* no multiple of eight but with a first word of '#' */
	return siphash(key, (struct slice){ text, 1 + len });
}

/* ---- groups of digits ---- */

/* Whether it may stand between the groups of a number. */
static bool parts_digits(const struct mime_token *sign)
{
	return sign->len == 1 && strchr("-./()+", sign->text[0]);
}

/* Groups in a row as one number; 0: too long, or more letters than digits. */
static size_t join(const struct cell_group *groups, size_t count, char *out)
{
	size_t len = 0, digits = 0;

	for (size_t i = 0; i < count; i++) {
		len += groups[i].len;
		digits += groups[i].digits;
	}
	if (len > CELL_DIGITS || 2 * digits < len)
		return 0;
	for (size_t i = 0; i < count; i++) {
		memcpy(out, groups[i].text, groups[i].len);
		out += groups[i].len;
	}
	return len;
}

static unsigned value_of(const struct cell_group *g)
{
	unsigned n = 0;

	for (size_t i = 0; i < g->len; i++)
		n = n * 10 + (unsigned)(g->text[i] - '0');
	return n;
}

enum { DATE_DIGITS = 8 };

static void put_date(const struct cell_group *first, const struct cell_group *second,
		     const struct cell_group *third, char *out)
{
	const struct cell_group *all[] = { first, second, third };

	for (size_t i = 0; i < 3; i++) {
		if (all[i]->len == 1)
			*out++ = '0';
		memcpy(out, all[i]->text, all[i]->len);
		out += all[i]->len;
	}
}

/* Three groups as a date: day and month in either order, then the year, or the year first.
 * How many ways there are to write it, the one at hand first; 0: it is none. */
static size_t read_date(const struct cell_group *g, char out[CELL_DATES][DATE_DIGITS])
{
	bool ahead = g[0].len == 4;
	const struct cell_group *year = ahead ? &g[0] : &g[2], *a = ahead ? &g[1] : &g[0],
				*b = ahead ? &g[2] : &g[1];

	if (year->len != 4 || a->len > 2 || b->len > 2)
		return 0;
	for (size_t i = 0; i < 3; i++)
		if (g[i].digits != g[i].len)
			return 0;
	unsigned x = value_of(a), y = value_of(b);
	if (x < 1 || y < 1 || x > 31 || y > 31 || (x > 12 && y > 12))
		return 0;
	put_date(ahead ? year : a, ahead ? a : b, ahead ? b : year, out[0]);
	if (ahead) {
		put_date(b, a, year, out[1]);
		put_date(a, b, year, out[2]);
	} else {
		put_date(year, b, a, out[1]);
		put_date(year, a, b, out[2]);
	}
	return CELL_DATES;
}

static void keep_group(struct cell_state *s, const struct mime_token *token)
{
	if (s->group_count == CELL_GROUPS)
		memmove(s->group, s->group + 1, --s->group_count * sizeof *s->group);
	struct cell_group *g = &s->group[s->group_count++];
	g->at = token->at;
	g->end = token->end;
	g->len = (unsigned char)token->len;
	g->digits = 0;
	memcpy(g->text, token->text, token->len);
	for (size_t i = 0; i < token->len; i++)
		if (token->text[i] >= '0' && token->text[i] <= '9')
			g->digits++;
}

/* A word of ASCII letters and digits. */
static bool is_group(const struct mime_token *token)
{
	if (token->len > CELL_DIGITS)
		return false;
	for (size_t i = 0; i < token->len; i++)
		if ((signed char)token->text[i] < '0' || token->text[i] == '_')
			return false;
	return true;
}

/* ---- cells ---- */

struct cell_draft {
	struct cell_state groups;
	uint64_t words[CELL_WORDS];
	size_t count, bytes;
	bool other; /* something in it is of no number */
};

static void add_token(struct cell_draft *d, const struct mime_token *token)
{
	if (token->sign) {
		d->other = d->other || !parts_digits(token);
		return;
	}
	if (d->count < CELL_WORDS)
		d->words[d->count] = token->hash;
	d->count++;
	d->bytes += (size_t)(token->end - token->at);
	d->other = d->other || !is_group(token);
	if (!d->other && d->count <= CELL_GROUPS)
		keep_group(&d->groups, token);
}

static enum rc finish(const struct cell_draft *d, const struct siphash_key *key, struct cell *out)
{
	char digits[CELL_DIGITS], dates[CELL_DATES][DATE_DIGITS];
	size_t len = 0;

	if (d->bytes < CELL_MIN)
		return RC_ABSENT;
	if (!d->other && d->count <= CELL_GROUPS)
		len = join(d->groups.group, d->count, digits);
	if (len && d->count == 3 && read_date(d->groups.group, dates)) {
		memcpy(digits, dates[0], DATE_DIGITS);
		len = DATE_DIGITS;
	}
	if (len) {
		*out = (struct cell){ true, 0, len, hash_digits(key, digits, len) };
		return RC_OK;
	}
	if (d->count > CELL_WORDS)
		return RC_ABSENT;
	*out = (struct cell){ false, d->count, 0, hash_words(key, d->words, d->count) };
	return RC_OK;
}

static void take_all(struct mime_tokens *tokens, struct slice text, struct cell_draft *d)
{
	const struct mime_token *token;

	while ((token = mime_token_take(tokens, &text)))
		add_token(d, token);
}

enum rc cell_of(const struct siphash_key *key, struct slice text, struct cell *out)
{
	struct mime_fold fold = { 0 };
	struct mime_tokens tokens;
	struct cell_draft draft = { .count = 0 };
	const struct mime_token *last;
	char piece[FOLD_ROOM];

	mime_tokens_begin(&tokens);
	while (text.len) {
		size_t n = mime_fold_push(&fold, &text, piece, sizeof piece);
		take_all(&tokens, (struct slice){ piece, n }, &draft);
	}
	take_all(&tokens, (struct slice){ piece, mime_fold_end(&fold, piece) }, &draft);
	if ((last = mime_token_end(&tokens)))
		add_token(&draft, last);
	return finish(&draft, key, out);
}

/* ---- in a text ---- */

static void take_word(struct cell_state *s, const struct siphash_key *key, uint64_t lengths,
		      const struct mime_token *token, cell_found *found, void *of)
{
	if (s->word_count == CELL_WORDS) {
		memmove(s->hash, s->hash + 1, (CELL_WORDS - 1) * sizeof *s->hash);
		memmove(s->at, s->at + 1, (CELL_WORDS - 1) * sizeof *s->at);
		s->word_count--;
	}
	s->hash[s->word_count] = token->hash;
	s->at[s->word_count++] = token->at;
	for (size_t n = 1; n <= s->word_count; n++) {
		size_t first = s->word_count - n;
		if (lengths >> n & 1)
			found(of, hash_words(key, s->hash + first, n), s->at[first]);
	}
}

static void take_dates(const struct cell_state *s, const struct siphash_key *key, cell_found *found,
		       void *of)
{
	const struct cell_group *g = &s->group[s->group_count - 3];
	char dates[CELL_DATES][DATE_DIGITS];
	size_t count = read_date(g, dates);

	for (size_t i = 0; i < count; i++)
		found(of, hash_digits(key, dates[i], DATE_DIGITS), g->at);
}

static void take_number(struct cell_state *s, const struct siphash_key *key, uint64_t lengths,
			const struct mime_token *token, cell_found *found, void *of)
{
	char digits[CELL_DIGITS];

	if (s->group_count && token->at - s->group[s->group_count - 1].end > CELL_GAP)
		s->group_count = 0;
	keep_group(s, token);
	for (size_t n = 1; n <= s->group_count; n++) {
		const struct cell_group *first = &s->group[s->group_count - n];
		size_t len = join(first, n, digits);
		if (len >= CELL_MIN && lengths >> len & 1)
			found(of, hash_digits(key, digits, len), first->at);
	}
	if (s->group_count >= 3 && lengths >> DATE_DIGITS & 1)
		take_dates(s, key, found, of);
}

void cell_take(struct cell_state *s, const struct siphash_key *key, struct cell_lengths lengths,
	       const struct mime_token *token, cell_found *found, void *of)
{
	bool group = is_group(token);

	if (!group && !(token->sign && parts_digits(token)))
		s->group_count = 0;
	if (token->sign)
		return;
	take_word(s, key, lengths.words, token, found, of);
	if (group)
		take_number(s, key, lengths.digits, token, found, of);
}

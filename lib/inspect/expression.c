#include "inspect/expression.h"

#include <string.h>

enum {
	MOST = 1000000, /* counted no further */
	DEPTH_MAX = 64, /* groups in each other that are told apart */
};

/* A piece of the expression: what a quantifier behind it repeats. */
struct atom {
	bool wide;     /* one character of many kinds */
	bool anything; /* of all but a few */
	uint64_t any;  /* that it stands for already, as a group */
};

struct repeat {
	bool given; /* there is a quantifier */
	bool unbounded;
	uint64_t copies; /* how often the atom is written out */
	uint64_t min;
};

static uint64_t most(uint64_t n)
{
	return n < MOST ? n : MOST;
}

static bool take(struct slice *s, char c)
{
	if (s->len == 0 || s->at[0] != c)
		return false;
	*s = (struct slice){ s->at + 1, s->len - 1 };
	return true;
}

static void skip(struct slice *s, size_t n)
{
	n = n < s->len ? n : s->len;
	*s = (struct slice){ s->at + n, s->len - n };
}

static uint64_t take_number(struct slice *s)
{
	uint64_t n = 0;

	for (; s->len && s->at[0] >= '0' && s->at[0] <= '9'; skip(s, 1))
		n = most(n * 10 + (uint64_t)(s->at[0] - '0'));
	return n;
}

/* "{m}", "{m,}", "{m,n}". False, with nothing taken: the brace is a character. */
static bool take_braces(struct slice *s, struct repeat *out)
{
	struct slice rest = *s;
	struct repeat r = { .given = true };

	if (!take(&rest, '{') || rest.len == 0 || rest.at[0] < '0' || rest.at[0] > '9')
		return false;
	r.copies = r.min = take_number(&rest);
	if (take(&rest, ',')) {
		r.unbounded = rest.len && rest.at[0] == '}';
		if (!r.unbounded)
			r.copies = take_number(&rest);
	}
	if (!take(&rest, '}'))
		return false;
	*s = rest;
	*out = r;
	return true;
}

static struct repeat take_repeat(struct slice *s)
{
	struct repeat r = { .copies = 1, .min = 1 };

	if (take(s, '*'))
		r = (struct repeat){ true, true, 1, 0 };
	else if (take(s, '+'))
		r = (struct repeat){ true, true, 1, 1 };
	else if (take(s, '?'))
		r = (struct repeat){ true, false, 1, 0 };
	else if (!take_braces(s, &r))
		return r;
	if (!take(s, '?')) /* lazy or possessive: the same for us */
		(void)take(s, '+');
	return r;
}

/* "[…]": wide when it is turned around or has many characters. */
static struct atom take_class(struct slice *s)
{
	enum { MANY = 20 };
	bool negated, escaped = false, first = true;
	unsigned width = 0;

	skip(s, 1);
	negated = take(s, '^');
	for (; s->len && (first || escaped || s->at[0] != ']'); skip(s, 1)) {
		bool range = !first && s->len > 1 && s->at[0] == '-' && s->at[1] > s->at[-1];
		escaped = !escaped && s->at[0] == '\\';
		width += range ? (unsigned)(s->at[1] - s->at[-1]) : 1;
		first = false;
	}
	skip(s, 1);
	return (struct atom){ negated || width > MANY, negated, 0 };
}

/* "\w" and its kin; "\x{…}" is one character. */
static bool take_escape(struct slice *s)
{
	char c = s->len > 1 ? s->at[1] : '\0';

	skip(s, 2);
	if ((c == 'x' || c == 'p' || c == 'P') && s->len && s->at[0] == '{') {
		const char *end = memchr(s->at, '}', s->len);
		skip(s, end ? (size_t)(end - s->at) + 1 : s->len);
	}
	return c == 'S' || c == 'W' || c == 'D' || c == 'p' || c == 'P' || c == 'X' || c == 'N';
}

/* ---- groups ---- */

/* What has been counted of the groups that are open, innermost last. */
struct groups {
	unsigned depth;
	uint64_t any[DEPTH_MAX];
};

static void add(struct groups *g, uint64_t any)
{
	uint64_t *sum = &g->any[g->depth < DEPTH_MAX ? g->depth : DEPTH_MAX - 1];

	*sum = most(*sum + any);
}

/* The marks behind "(?": flags, names, kinds of groups. */
static void open_group(struct groups *g, struct slice *s)
{
	skip(s, 1);
	if (take(s, '?'))
		while (s->len && s->at[0] != ':' && s->at[0] != ')' && s->at[0] != '>' &&
		       s->at[0] != '(')
			skip(s, 1);
	if (s->len && (s->at[0] == ':' || s->at[0] == '>'))
		skip(s, 1);
	if (++g->depth < DEPTH_MAX)
		g->any[g->depth] = 0;
}

static struct atom close_group(struct groups *g, struct slice *s)
{
	struct atom group = { .any = 0 };

	skip(s, 1);
	if (g->depth && g->depth < DEPTH_MAX)
		group.any = g->any[g->depth];
	if (g->depth)
		g->depth--;
	return group;
}

static struct atom take_atom(struct groups *g, struct slice *s)
{
	switch (s->at[0]) {
	case ')':
		return close_group(g, s);
	case '[':
		return take_class(s);
	case '\\':
		return (struct atom){ .wide = take_escape(s) };
	case '.':
		skip(s, 1);
		return (struct atom){ .wide = true, .anything = true };
	}
	skip(s, 1);
	return (struct atom){ .any = 0 };
}

/* A single one is free: only what is written out again and again counts. */
static uint64_t weigh(struct atom atom, struct repeat r)
{
	uint64_t inner = most(atom.any * (r.copies ? r.copies : 1));

	return atom.wide && r.copies > 1 ? most(inner + r.copies) : inner;
}

struct expression expression_look(struct slice text)
{
	struct groups g = { .depth = 0 };
	struct expression e = { .any = 0 };
	bool first = true;

	while (text.len) {
		if (text.at[0] == '(') {
			open_group(&g, &text);
			first = false;
			continue;
		}
		struct atom atom = take_atom(&g, &text);
		struct repeat r = take_repeat(&text);
		bool empty = atom.anything && r.unbounded;
		add(&g, weigh(atom, r));
		e.leading |= first && empty;
		e.trailing = empty;
		first = false;
	}
	for (; g.depth; g.depth--) /* left open */
		if (g.depth < DEPTH_MAX)
			g.any[0] = most(g.any[0] + g.any[g.depth]);
	e.any = g.any[0];
	return e;
}

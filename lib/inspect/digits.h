/* inspect/digits.h: where a number may end, found by its digits.
 *
 *     "card 4111 1111 1111 1111."   →   DIGITS_CARD, up to and with the point
 *
 * The expressions for numbers have no fixed text in them: each costs the matcher a pass of its
 * own, and all of them together ten times the rest of the rules. Most text has few digits,
 * though. So those expressions are not given to the matcher: this looks for digits, and at
 * each run of them whether an expression would match there. What it finds is a candidate,
 * for the validators to look back from: up to and with one byte behind the last digit, or the
 * last character of what ends in letters.
 *
 * Threads  one user at a time */
#pragma once

#include "base/slice.h"

/* The expressions that are not given to the matcher. */
enum digits_kind {
	DIGITS_CARD,    /* CARD_CANDIDATE */
	DIGITS_SSN,     /* SSN_CANDIDATE */
	DIGITS_IBAN,    /* IBAN_CANDIDATE */
	DIGITS_ID,      /* IDNUMBER_DIGITS */
	DIGITS_LETTERS, /* IDNUMBER_LETTERS */
	DIGITS_KINDS
};

enum {
	/* Bytes behind a run of digits that must be there to say what it is; and, with a run,
	 * the most that is left for the next call. */
	DIGITS_AHEAD = 12,
	DIGITS_HELD = 64,
	/* Bytes before a run that are looked at: a card or a CNPJ with all its separators. */
	DIGITS_BACK = 24,
};

struct digits {
	uint64_t from; /* of the whole text: what follows is not looked at yet */
};

/* to: offset in the whole text, behind the last character. */
typedef void digits_hit(void *of, enum digits_kind kind, uint64_t to);

/* Which of them it is; DIGITS_KINDS: none. */
enum digits_kind digits_kind_of(const char *expression);

/* A new text begins. */
void digits_begin(struct digits *d);

/* Looks at text, whose first byte has offset base in the whole of it, for kinds (a set of
 * 1 << digits_kind); ends: no more comes. Each candidate is told once, in order of its digits.
 * DIGITS_BACK bytes before from must be there, as far as the whole has them. */
void digits_scan(struct digits *d, struct slice text, uint64_t base, bool ends, unsigned kinds,
		 digits_hit *hit, void *of);

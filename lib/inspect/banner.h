/* inspect/banner.h: where a marking that people write into text counts.
 *
 *     SECRET\n                    the first line of a text: a marking
 *     Re: [SECRET] minutes        set off by brackets: a marking
 *     the secret of good mail     within a sentence: none
 *
 * A line is the first one where nothing but blanks stands before it, in the part
 * or in a message that it quotes (behind ">", or below "Original Message", "…
 * wrote:" and the lines of a quoted header).
 *
 * Threads   pure functions */
#pragma once

#include "inspect/detector.h"

enum {
	/* Bytes from a part's beginning within which what stands before a candidate is
	 * all there, however the text was cut; later DETECTOR_BEFORE are. */
	BANNER_BEGINNING = 1024,
};

/* The text that is looked at around a candidate, the same however it was cut. */
size_t banner_from(const struct detector_candidate *c);
size_t banner_to(const struct detector_candidate *c);

bool banner_is_first_line(const struct detector_candidate *c, size_t at);

enum banner_lead {
	BANNER_WITHIN,  /* words stand before it */
	BANNER_APART,   /* a colon or a dash sets it off */
	BANNER_BRACKET, /* an opening bracket stands before it */
	BANNER_LINE,    /* it begins the line, but for signs, "Re:", "Classification:" */
};

enum banner_lead banner_lead(const struct detector_candidate *c, size_t at);

enum banner_tail {
	BANNER_GOES_ON,
	BANNER_SIGN,   /* a colon or a dash comes next */
	BANNER_CLOSED, /* a closing bracket */
	BANNER_ENDS,   /* the line does, but for signs */
};

enum banner_tail banner_tail(const struct detector_candidate *c, size_t end);

/* Whether that sets a single word off from a sentence that it could stand in. */
bool banner_is_set_off(enum banner_lead lead, enum banner_tail tail);

/* Moves *at to the beginning of the word that ends there, letter for letter. */
bool banner_drop_back(const struct detector_candidate *c, size_t *at, const char *word);

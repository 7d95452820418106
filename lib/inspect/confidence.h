/* inspect/confidence.h: how sure a finding is.
 *
 *     4111111111111111            its check digit is right              medium
 *     Visa: 4111111111111111      and a word beside it says so too      high
 *     536-22-8726                 nothing but its form                  low
 *     SSN 536-22-8726             its form, and a word                  high
 *
 * What says itself what it is (labels, keys, terms, hashes) and numbers whose check is strong
 * are high; markings that break their grammar are low.
 *
 * Threads   pure functions */
#pragma once

#include "inspect/detector.h"

enum {
	/* How far words count: a line or so, within what is there of any candidate. */
	CONFIDENCE_BEFORE = 100,
	CONFIDENCE_AFTER = 40,
};

/* Of what the detector found at text.at[at], with its normalised value. */
enum rules_confidence confidence_of(const struct detector *d, struct slice text, size_t at,
				    size_t len, struct slice value);

const char *confidence_name(enum rules_confidence c); /* "low" */

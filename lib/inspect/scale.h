/* inspect/scale.h: values of markings in order, so that a rule may say "at least".
 *
 *     { detector = "tlp"; at_least = "AMBER"; scale = "tlp"; }
 *     { header = "X-Class"; at_least = "b"; order = [ "a", "b", "c" ]; }
 *
 * A value that the scale does not know cannot be called low, and hits.
 *
 * Threads   pure functions */
#pragma once

#include "base/fault.h"
#include "settings/rules.h"

/* The test's scale: of the rules, else a ready-made one of that name; NULL where the test
 * names none, which may have an order of its own.
 *   RC_INVALID  *why is "FILE:LINE: …": there is no such scale, or it lacks at_least */
enum rc scale_for(const struct rules *rules, const struct rules_test *test,
		  const struct rules_scale **out, struct fault *why);

/* Whether value is at least what the test asks for, if it does. */
bool scale_allows(const struct rules_test *test, const struct rules_scale *scale,
		  struct slice value);

/* Whether that is certain: the test asks for nothing, or its scale knows the value. */
bool scale_knows(const struct rules_test *test, const struct rules_scale *scale,
		 struct slice value);

/* Those that are ready-made, for lists; NULL past the last. */
const struct rules_scale *scale_at(size_t i);

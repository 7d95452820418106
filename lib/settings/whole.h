/* settings/whole.h: whether markers, rules and expectations fit together.
 *
 *     marker "b" names marker "a", rule "r" names marker "b":  a, b are looked at in this order
 *
 * Used by this layer only. */
#pragma once

#include "base/arena.h"
#include "settings/rules.h"

/* Looks up all names, in *rules' lists, which are still the caller's alone; puts the markers
 * in order. RC_INVALID: *why is "FILE:LINE: …"; RC_NOMEM. */
enum rc whole_settle(struct rules *rules, struct arena *arena, struct fault *why);

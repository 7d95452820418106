/* demand/cover.h: rules that can never make a difference.
 *
 *     1  cards and ids, to anyone     require authenticated, otherwise refuse
 *     2  cards, to partner.example    require authenticated, otherwise divert
 *
 * All rules that hit count together (demand/demand.h), so that what is first does not
 * win by that. Rule 2 is covered: wherever it hits, rule 1 does, and what it asks for is
 * asked for already. What is said here always holds; that a rule is not said to be
 * covered does not show that it is needed.
 *
 * Threads  pure functions */
#pragma once

#include "settings/rules.h"

/* Whether x, which stands behind y or before it, never changes what becomes of a
 * message, because of y alone. */
bool cover_rule(const struct rules_rule *y, const struct rules_rule *x, bool y_stands_first);

/* A marker that the rule needs and forbids at once, so that it hits nothing that was
 * read; NULL: none. */
const char *cover_contradiction(const struct rules_rule *rule);

/* settings/when.h: when a rule applies, and when it does not, as the rules file says.
 *
 *     when = { markers = [ "card" ]; direction = "outbound"; size = { min = 1000000; };
 *              time = { days = [ "sat", "sun" ]; from = "22:00"; to = "06:00"; }; };
 *     exceptions = ( { to = [ "partner.example" ]; until = "2027-01-31"; why = "ticket 4711"; } );
 *
 * Used by this layer only. */
#pragma once

#include "settings/field.h"
#include "settings/rules.h"

/* For rows of settings/field.h; out is a struct rules_when, a struct rules_rule. */
enum rc when_read(struct reader *r, const config_setting_t *at, const struct field *f, void *out);
enum rc when_read_exceptions(struct reader *r, const config_setting_t *at, const struct field *f,
			     void *out);

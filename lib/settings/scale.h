/* settings/scale.h: an order of values from the least to the most sensitive, under a name.
 *
 *     { name = "ours"; order = ( "public", [ "internal", "intern" ], "secret" ); }
 *
 * Used by this layer only. */
#pragma once

#include "settings/field.h"
#include "settings/rules.h"

/* For field_items(): item is a struct rules_scale. A value stands in one step only. */
enum rc scale_read(struct reader *r, const config_setting_t *at, void *item);

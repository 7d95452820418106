/* settings/marker.h: a marker and its tests, as they stand in the rules file.
 *
 *     { name = "card"; any = ( { detector = "payment-card"; min_unique = 1; } ); }
 *
 * Used by this layer only. */
#pragma once

#include "settings/field.h"
#include "settings/rules.h"

/* For field_items(): item is a struct rules_marker. */
enum rc marker_read(struct reader *r, const config_setting_t *at, void *item);

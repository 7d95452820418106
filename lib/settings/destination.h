/* settings/destination.h: what the operator knows of a destination, as it stands in the rules
 * file.
 *
 *     { domain = "partner.example"; assurance = "authenticated";
 *       match = ["mx1.partner.example"]; pin = { ca_file = "partner-ca.pem"; };
 *       why = "contract 2026-14"; }
 *     { domain = ".shop.example"; assurance = "authenticated"; why = "keys told by phone";
 *       pin = { spki_sha256 = ["3f2a…"]; }; }
 *     { domain = "rival.example"; never = true; why = "court order 7/26"; }
 *
 * Used by this layer only. */
#pragma once

#include "settings/field.h"
#include "settings/rules.h"

/* For field_items(): item is a struct rules_destination. */
enum rc destination_read(struct reader *r, const config_setting_t *at, void *item);

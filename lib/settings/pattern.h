/* settings/pattern.h: who a rule is about.
 *
 *     "*"  "partner.example"  ".partner.example"  "user@partner.example"  "./board.txt"
 *
 * The last names a file with one such pattern a line; lines that are empty or
 * begin with '#' are skipped. Domains are written as A-labels.
 *
 * Used by this layer only. */
#pragma once

#include "settings/field.h"

/* For a row of settings/field.h: a list of patterns, files replaced by what they
 * hold. */
enum rc pattern_read(struct reader *r, const config_setting_t *at, const struct field *f,
		     void *out);

/* NULL, or what was expected. */
const char *pattern_check_relay(const char *text); /* "[h.example]:587", "d.example" */
const char *pattern_check(const char *text);       /* one pattern that is no file */
const char *
pattern_check_destination(const char *text);      /* "d.example", "[h.example]:587", ".d.example" */
const char *pattern_check_host(const char *text); /* "mx1.d.example", ".d.example" */

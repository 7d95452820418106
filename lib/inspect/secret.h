/* inspect/secret.h: keys and passwords in text.
 *
 *     -----BEGIN RSA PRIVATE KEY-----            →   "pem"
 *     AKIA…16 capitals and digits…               →   "aws"
 *     password = "…16 characters that look random…"   →   "generic"
 *
 * The pattern of each ends where text.at[end - 1] does; the value is the kind. Case
 * counts, though the matcher does not see it.
 *
 * Threads  pure functions */
#pragma once

#include "base/slice.h"

struct secret {
	size_t at, len;
	const char *kind;
};

#define PRIVATE_KEY_CANDIDATE                                                                      \
	"-----BEGIN [A-Z0-9 ]{0,24}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-[0-9]:|"        \
	"AGE-SECRET-KEY-1[A-Z0-9]{20}"
bool secret_find_key(struct slice text, size_t end, struct secret *out);

/* Only what they begin with: short words are the cheapest to look for. The rest is
 * read ahead. */
#define API_SECRET_CANDIDATE                                                                       \
	"A(?:KI|SI)A|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AIza|sk_live_|\\.eyJ"
#define PASSWORD_CANDIDATE "(?:password|passwd|secret|token|api[_\\-]?key)[\"']?[ ]{0,3}[:=]"
bool secret_find_api(struct slice text, size_t end, struct secret *out);
bool secret_find_password(struct slice text, size_t end, struct secret *out);

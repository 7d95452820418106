#include "ruleset.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "outlook/outlook.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static enum rc read_settings(const char *path, const struct settings **out, struct fault *why)
{
	enum rc rc = settings_read(path ? path : SETTINGS_FILE, out, why);

	if (rc == RC_ABSENT && !path)
		rc = settings_defaults(out, why);
	return rc == RC_OK ? settings_check_milter(*out, why) : rc;
}

/* The digest by which the audit tells one set of rules from another. */
static enum rc read_rules(struct ruleset *r, struct fault *why)
{
	uint8_t digest[CRYPTO_HASH_BYTES];
	char text[2 * CRYPTO_HASH_BYTES + 1];
	enum rc rc = rules_for(r->settings, &r->rules, why);

	if (rc == RC_OK)
		rc = outlook_check_relay(r->settings, r->rules, why);
	if (rc == RC_OK)
		rc = crypto_sha256(r->rules->source, digest, why);
	if (rc == RC_OK)
		rules_set_digest(r->rules, hex_format(digest, sizeof digest, text));
	return rc;
}

/* Where they cannot be kept, rules work all the same. */
static enum rc compile(struct ruleset *r, struct fault *why)
{
	const struct settings_limits *limits = &r->settings->limits;
	char folder[PATH_MAX];
	struct inspect_keep keep = { .folder = folder, .most = limits->compiled_files };

	if (keep.most == 0 || snprintf(folder, sizeof folder, "%s/compiled", r->settings->state) >=
				      (int)sizeof folder)
		return inspect_compile(r->rules, inspect_limits_from(limits), &r->markers, why);
	enum rc rc = inspect_compile_kept(r->rules, inspect_limits_from(limits), &keep, &r->markers,
					  why);
	if (rc == RC_OK && keep.trouble.text[0])
		log_line(LOG_WARN, NULL, "compiled rules are not kept for the next start: %s",
			 keep.trouble.text);
	return rc;
}

enum rc ruleset_read(const char *path, struct ruleset **out, struct fault *why)
{
	struct ruleset *r = calloc(1, sizeof *r);

	if (!r)
		return fault(why, RC_NOMEM, "out of memory");
	atomic_init(&r->refs, 1);
	enum rc rc = read_settings(path, &r->settings, why);
	if (rc == RC_OK)
		rc = read_rules(r, why);
	if (rc == RC_OK)
		rc = compile(r, why);
	if (rc == RC_OK && r->settings->portal.texts[0])
		rc = deposit_wording_read(r->settings->portal.texts, &r->wording, why);
	if (rc == RC_OK)
		rc = deposit_officers_read(r->settings->escrow.officers.at,
					   r->settings->escrow.officers.count, clock_wall_s(),
					   &r->officers, why);
	if (rc != RC_OK) {
		ruleset_unref(r);
		return rc;
	}
	*out = r;
	return RC_OK;
}

struct ruleset *ruleset_ref(struct ruleset *r)
{
	atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
	return r;
}

void ruleset_unref(struct ruleset *r)
{
	if (!r || atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) != 1)
		return;
	deposit_officers_free(&r->officers);
	deposit_wording_free(&r->wording);
	inspect_rules_unref(r->markers);
	rules_unref(r->rules);
	settings_unref(r->settings);
	free(r);
}

void ruleset_say_modes(const struct ruleset *r)
{
	const struct rules *rules = r->rules;
	size_t count = 0;

	for (size_t i = 0; i < rules->rule_count; i++)
		count += rules->rules[i].mode == RULES_OBSERVE;
	if (rules->mode == RULES_OBSERVE)
		log_line(LOG_WARN, NULL, "all rules observe: nothing is protected");
	else if (count)
		log_line(LOG_NOTE, NULL, "%zu of %zu rules observe: nothing is done by them", count,
			 rules->rule_count);
}

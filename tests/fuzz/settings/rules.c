#include "settings/rules.h"

#include <assert.h>

/* libconfig 1.5 loses its last text when a syntax error follows it. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct rules *rules = NULL;
	struct fault why = { "" };

	if (rules_parse((struct slice){ (const char *)data, size }, "f", &rules, &why) != RC_OK) {
		assert(!rules && why.text[0]);
		return 0;
	}
	assert(rules->source.len == size);
	for (size_t i = 0; i < rules->rule_count; i++) {
		const struct rules_rule *rule = &rules->rules[i];
		assert(rule->name[0] && rule->require != RULES_REQUIRE_NONE && rule->life_days);
		assert(rule->rung_count >= 1 && rule->rung_count <= RULES_RUNGS_MAX);
		assert(rules->mode == RULES_ENFORCE || rule->mode == RULES_OBSERVE);
		for (size_t k = 0; k < rule->exception_count; k++)
			assert(rule->exceptions[k].until && rule->exceptions[k].why[0]);
	}
	for (size_t i = 0; i < rules->marker_count; i++)
		assert(rules->markers[i].name[0] && rules->marker_order[i] < rules->marker_count &&
		       rules->markers[i].min_tests <= rules->markers[i].test_count &&
		       rules->markers[i].test_count + rules->markers[i].not_count >= 1);
	rules_unref(rules);
	return 0;
}

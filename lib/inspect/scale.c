#include "inspect/scale.h"

#include <string.h>

#define STEP(...)                                                                                  \
	{                                                                                          \
		sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), (const char *[])         \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

/* The Australian standard, with the levels of older versions where its guidance puts them. */
static const struct rules_list au[] = {
	STEP("UNOFFICIAL"),
	STEP("OFFICIAL", "UNCLASSIFIED"),
	STEP("OFFICIAL:Sensitive", "OFFICIAL: Sensitive", "X-IN-CONFIDENCE", "RESTRICTED"),
	STEP("PROTECTED", "HIGHLY-PROTECTED", "CONFIDENTIAL"),
	STEP("SECRET"),
	STEP("TOP-SECRET", "TOP SECRET"),
};

static const struct rules_list uk[] = {
	STEP("OFFICIAL"),
	STEP("OFFICIAL-SENSITIVE"),
	STEP("SECRET"),
	STEP("TOP SECRET"),
};

static const struct rules_list tlp[] = {
	STEP("CLEAR", "WHITE"), STEP("GREEN"), STEP("AMBER"), STEP("AMBER+STRICT"), STEP("RED"),
};

/* As the label has them, as marking text and as people shorten them. */
static const struct rules_list nato[] = {
	STEP("NATO/UNCLASSIFIED", "NATO/NATO UNCLASSIFIED", "NATO UNCLASSIFIED", "NU",
	     "UNCLASSIFIED"),
	STEP("NATO/RESTRICTED", "NATO/NATO RESTRICTED", "NATO RESTRICTED", "NR", "RESTRICTED"),
	STEP("NATO/CONFIDENTIAL", "NATO/NATO CONFIDENTIAL", "NATO CONFIDENTIAL", "NC",
	     "CONFIDENTIAL"),
	STEP("NATO/SECRET", "NATO/NATO SECRET", "NATO SECRET", "NS", "SECRET"),
	STEP("NATO/TOP SECRET", "NATO/COSMIC TOP SECRET", "COSMIC TOP SECRET", "CTS", "TOP SECRET",
	     "NATO/COSMIC-TOP-SECRET"),
};

/* X.420 §B.91 names them in this order. */
static const struct rules_list sensitivity[] = {
	STEP("personal"),
	STEP("private"),
	STEP("company-confidential"),
};

#define SCALE(steps)                                                                               \
	{                                                                                          \
#steps, sizeof steps / sizeof *steps, steps,                                       \
		{                                                                                  \
			"built-in", 0                                                              \
		}                                                                                  \
	}

static const struct rules_scale ready[] = {
	SCALE(au), SCALE(uk), SCALE(tlp), SCALE(nato), SCALE(sensitivity),
};

const struct rules_scale *scale_at(size_t i)
{
	return i < sizeof ready / sizeof *ready ? &ready[i] : NULL;
}

static bool lists(const struct rules_list *list, struct slice value)
{
	for (size_t i = 0; i < list->count; i++)
		if (slice_same_nocase(slice_of(list->at[i]), value))
			return true;
	return false;
}

static bool find_step(const struct rules_test *test, const struct rules_scale *scale,
		      struct slice value, size_t *step)
{
	size_t count = scale ? scale->count : test->order.count;

	for (*step = 0; *step < count; (*step)++) {
		struct rules_list one = { 1, scale ? NULL : test->order.at + *step };
		if (lists(scale ? &scale->steps[*step] : &one, value))
			return true;
	}
	return false;
}

static const struct rules_scale *find(const struct rules *rules, const char *name)
{
	for (size_t i = 0; i < rules->scale_count; i++)
		if (strcmp(rules->scales[i].name, name) == 0)
			return &rules->scales[i];
	for (size_t i = 0; scale_at(i); i++)
		if (strcmp(ready[i].name, name) == 0)
			return &ready[i];
	return NULL;
}

enum rc scale_for(const struct rules *rules, const struct rules_test *test,
		  const struct rules_scale **out, struct fault *why)
{
	const struct rules_scale *scale = NULL;
	size_t step;

	if (*test->scale) {
		scale = find(rules, test->scale);
		if (!scale)
			return fault(why, RC_INVALID, "%s:%u: there is no scale \"%.60s\"",
				     test->place.file, test->place.line, test->scale);
	}
	if (*test->at_least && !find_step(test, scale, slice_of(test->at_least), &step))
		return fault(why, RC_INVALID,
			     "%s:%u: at_least is \"%.60s\", which %s does not list",
			     test->place.file, test->place.line, test->at_least,
			     scale ? "the scale" : "order");
	*out = scale;
	return RC_OK;
}

bool scale_allows(const struct rules_test *test, const struct rules_scale *scale,
		  struct slice value)
{
	size_t have, want;

	if (!*test->at_least || !find_step(test, scale, value, &have) ||
	    !find_step(test, scale, slice_of(test->at_least), &want))
		return true;
	return have >= want;
}

bool scale_knows(const struct rules_test *test, const struct rules_scale *scale, struct slice value)
{
	size_t step;

	return !*test->at_least || find_step(test, scale, value, &step);
}

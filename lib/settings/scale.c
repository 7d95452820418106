#include "settings/scale.h"

#include <string.h>
#include <strings.h>

enum {
	NAME_MAX_BYTES = 100,
	STEPS_MAX = 100, /* nobody tells more levels apart */
};

static const char *check_name(const char *text)
{
	return strlen(text) > NAME_MAX_BYTES ? "at most 100 bytes" : NULL;
}

static bool stands_in(const struct rules_list *step, const char *text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(step->at[i], text) == 0)
			return true;
	return false;
}

/* No value of the last step stands in it or in another one too. */
static enum rc check_step(struct reader *r, const config_setting_t *at,
			  const struct rules_list *steps, size_t last)
{
	for (size_t k = 0; k < steps[last].count; k++)
		for (size_t i = 0; i <= last; i++)
			if (stands_in(&steps[i], steps[last].at[k], i == last ? k : steps[i].count))
				return field_fault(r, at, "order has \"%.60s\" twice",
						   steps[last].at[k]);
	return RC_OK;
}

static enum rc read_step(struct reader *r, const config_setting_t *at, const struct field *f,
			 struct rules_list *step)
{
	if (config_setting_type(at) != CONFIG_TYPE_STRING)
		return field_texts(r, at, f, step);
	const char **one = ARENA_NEW(r->arena, const char *);
	if (!one)
		return field_nomem(r);
	*step = (struct rules_list){ 1, one };
	return field_text(r, at, f, one);
}

static enum rc read_order(struct reader *r, const config_setting_t *at, const struct field *f,
			  void *out)
{
	struct rules_scale *scale = out;

	if (!config_setting_is_list(at) && !config_setting_is_array(at))
		return field_fault(r, at, "order is %s: expected ( VALUE, [ VALUE, VALUE ], ... )",
				   tree_type_name(at));
	size_t count = (size_t)config_setting_length(at);
	if (count == 0 || count > STEPS_MAX)
		return field_fault(r, at, "order has %zu steps: expected 1 to %d", count,
				   STEPS_MAX);
	struct rules_list *steps = ARENA_ARRAY(r->arena, struct rules_list, count);
	if (!steps)
		return field_nomem(r);
	for (size_t i = 0; i < count; i++) {
		const config_setting_t *step = config_setting_get_elem(at, (unsigned)i);
		enum rc rc = read_step(r, step, f, &steps[i]);
		if (rc == RC_OK)
			rc = check_step(r, at, steps, i);
		if (rc != RC_OK)
			return rc;
	}
	scale->count = count;
	scale->steps = steps;
	return RC_OK;
}

enum rc scale_read(struct reader *r, const config_setting_t *at, void *item)
{
	static const struct field fields[] = {
		{ "name", field_text, offsetof(struct rules_scale, name), .check = check_name,
		  .required = true },
		{ "order", read_order, 0, .required = true },
		{ 0 },
	};
	struct rules_scale *scale = item;

	scale->place = field_place(r, at);
	return field_read_all(r, at, "a scale", fields, scale);
}

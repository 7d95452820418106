#include "rewrite/edits.h"

#include "base/fault.h"

bool rewrite_field_says(const struct rewrite_field *field, bool whole, struct slice *value)
{
	*value = field->set ? slice_of(field->set) : field->value;
	if (field->off || rewrite_field_is_ours(field))
		return false;
	if (!whole || !rewrite_field_is_mime(field))
		return true;
	return rewrite_field_is(field, "MIME-Version");
}

static bool changes(const struct rewrite_field *f, const char *type, const char **value)
{
	*value = f->set;
	if (rewrite_field_is_ours(f))
		return false;
	if (!type || !rewrite_field_is_mime(f))
		return f->off || f->set;
	if (rewrite_field_is(f, "Content-Type") && f->index == 1)
		*value = type;
	return !rewrite_field_is(f, "MIME-Version");
}

enum rc rewrite_edits_list(const struct rewrite_header *header, const char *type,
			   struct arena *arena, struct rewrite_edits *out, struct fault *why)
{
	struct rewrite_edit *edits = ARENA_ARRAY(arena, struct rewrite_edit, header->count + 2);
	bool has_type = !type, has_version = !type;
	const char *value;
	size_t count = 0;

	if (!edits)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = header->count; i-- > 0;) {
		const struct rewrite_field *f = &header->at[i];
		has_type |= rewrite_field_is(f, "Content-Type");
		has_version |= rewrite_field_is(f, "MIME-Version");
		if (changes(f, type, &value))
			edits[count++] = (struct rewrite_edit){ f->name, f->index, value };
	}
	if (!has_type)
		edits[count++] = (struct rewrite_edit){ "Content-Type", 0, type };
	if (!has_version)
		edits[count++] = (struct rewrite_edit){ "MIME-Version", 0, " 1.0" };
	*out = (struct rewrite_edits){ count, edits };
	return RC_OK;
}

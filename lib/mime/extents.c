#include "mime/extents.h"

#include <string.h>

static void pass_field(void *of, const struct mime_field *field)
{
	(void)of, (void)field;
}

static void pass_part(void *of, const struct mime_part *part)
{
	(void)of, (void)part;
}

static void pass_text(void *of, struct slice utf8)
{
	(void)of, (void)utf8;
}

static void pass_end(void *of)
{
	(void)of;
}

static void pass_opaque(void *of, const char *path, const char *why)
{
	(void)of, (void)path, (void)why;
}

static bool has_room(struct mime_extents *parts)
{
	if (parts->count < parts->room)
		return true;
	size_t room = parts->room ? 2 * parts->room : 16;
	struct mime_extent *grown = ARENA_ARRAY(parts->arena, struct mime_extent, room);
	if (!grown)
		return false;
	if (parts->count)
		memcpy(grown, parts->at, parts->count * sizeof *grown);
	parts->at = grown;
	parts->room = room;
	return true;
}

static void keep(void *of, const struct mime_extent *extent)
{
	struct mime_extents *parts = of;
	struct mime_extent copy = *extent;

	copy.path = arena_text(parts->arena, slice_of(extent->path));
	copy.type = arena_text(parts->arena, slice_of(extent->type));
	if (!copy.path || !copy.type || !has_room(parts))
		parts->lost = true;
	else
		parts->at[parts->count++] = copy;
}

const struct mime_handler mime_extents_handler = {
	.field = pass_field,
	.part = pass_part,
	.text = pass_text,
	.end = pass_end,
	.opaque = pass_opaque,
	.extent = keep,
};

static const struct mime_extent *find_exactly(const struct mime_extents *parts, struct slice path)
{
	for (size_t i = 0; i < parts->count; i++)
		if (slice_is(path, parts->at[i].path))
			return &parts->at[i];
	return NULL;
}

/* "2.1" of "2.1.3", "2" of "2/preamble", "" of "2". */
static struct slice outer_path(struct slice path)
{
	while (path.len && path.at[path.len - 1] != '.' && path.at[path.len - 1] != '/')
		path.len--;
	if (path.len)
		path.len--;
	return path;
}

const struct mime_extent *mime_extents_find(const struct mime_extents *parts, const char *path)
{
	struct slice rest = slice_of(path);

	for (;;) {
		const struct mime_extent *found = find_exactly(parts, rest);
		if (found || rest.len == 0)
			return found;
		rest = outer_path(rest);
	}
}

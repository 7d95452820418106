#include "inspect/veil.h"

#include <string.h>

/* Where the names begin, behind the part's number. */
static const char *names_of(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash ? slash + 1 : path + strlen(path);
}

void veil_add(struct veil *v, struct arena *arena, const char *path)
{
	if (!*names_of(path) || v->count > VEIL_MAX)
		return;
	for (size_t i = 0; i < v->count; i++)
		if (strcmp(v->at[i], path) == 0)
			return;
	const char *copy = NULL;
	if (v->count < VEIL_MAX)
		copy = arena_text(arena, (struct slice){ path, strlen(path) });
	if (copy)
		v->at[v->count++] = copy;
	else
		v->count = VEIL_MAX + 1;
}

static bool stands_above(const char *veiled, const char *path, size_t len)
{
	return strncmp(veiled, path, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* How much of path is to be masked, in bytes from its front. */
static size_t masked_len(const struct veil *v, const char *path)
{
	size_t most = 0;

	if (v->count > VEIL_MAX)
		return strlen(path);
	for (size_t i = 0; i < v->count; i++) {
		size_t len = strlen(v->at[i]);
		if (len > most && stands_above(v->at[i], path, len))
			most = len;
	}
	return most;
}

const char *veil_path(const struct veil *v, struct arena *arena, const char *path)
{
	size_t len = masked_len(v, path), from = (size_t)(names_of(path) - path);

	if (len <= from)
		return path;
	char *copy = arena_text(arena, (struct slice){ path, strlen(path) });
	if (!copy)
		return "";
	for (size_t i = from; i < len; i++)
		if (!strchr("/. -_", copy[i]))
			copy[i] = '*';
	return copy;
}

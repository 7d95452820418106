/* inspect/veil.h: paths of parts in which a name is what must not be shown. For this layer's own
 * use.
 *
 *     found in a name:   2/cards/NG 66 58 84 B.txt
 *     shown:             2, and ***** and ** ** ** ** *.*** as its names, also below it
 *
 * Memory   paths are copied into the caller's arena
 * Threads  one user at a time */
#pragma once

#include "base/arena.h"

enum {
	VEIL_MAX = 32, /* paths that are kept; with more all of a message's are veiled */
};

struct veil {
	size_t count; /* VEIL_MAX + 1: all */
	const char *at[VEIL_MAX];
};

/* Something was found in a name within path. One without names, as "1.2", is left alone. */
void veil_add(struct veil *v, struct arena *arena, const char *path);

/* path as it may be shown: itself, or a copy with its names masked. */
const char *veil_path(const struct veil *v, struct arena *arena, const char *path);

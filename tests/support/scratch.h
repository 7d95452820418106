/* support/scratch.h: a folder of a test's own, removed with all in it.
 *
 *     static struct scratch scratch;   set-up: scratch_make(&scratch)
 *     scratch_path(&scratch, "state")  → "/tmp/postern-test-Ab3xYz/state"
 *
 * It is in $TMPDIR where that is set: ./dev test has one in memory for the sanitizers. */
#pragma once

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scratch {
	char folder[64];
	char path[400]; /* the last scratch_path() */
};

static inline bool scratch_make(struct scratch *s)
{
	const char *top = getenv("TMPDIR");
	int len =
		snprintf(s->folder, sizeof s->folder, "%s/postern-test-XXXXXX", top ? top : "/tmp");

	return len < (int)sizeof s->folder && mkdtemp(s->folder) != NULL;
}

static inline const char *scratch_path(struct scratch *s, const char *name)
{
	snprintf(s->path, sizeof s->path, "%s/%s", s->folder, name);
	return s->path;
}

static inline int scratch_remove_one(const char *path, const struct stat *st, int kind,
				     struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static inline void scratch_remove(struct scratch *s)
{
	nftw(s->folder, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* support/beside.h: a program in the build tree, by its path from the tests' own folder. */
#pragma once

#include <assert.h>
#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

enum { BESIDE_MAX = 4096 };

static inline const char *beside(const char *path, char out[BESIDE_MAX])
{
	char own[BESIDE_MAX / 2];
	ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);

	assert(len > 0);
	own[len] = '\0';
	snprintf(out, BESIDE_MAX, "%s/%s", dirname(own), path);
	return out;
}

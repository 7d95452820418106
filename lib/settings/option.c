#include "settings/option.h"

#include "base/cleanup.h"

#include <string.h>
#include <stdlib.h>

const struct option *option_find(const char *path)
{
	for (size_t i = 0; i < option_count; i++)
		if (strcmp(options[i].path, path) == 0)
			return &options[i];
	return NULL;
}

bool option_is_group(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < option_count; i++)
		if (strncmp(options[i].path, path, len) == 0 && options[i].path[len] == '.')
			return true;
	return false;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The number of letters to add, drop, change or swap with their neighbour that
 * makes b of a (optimal string alignment); more than any length when memory is
 * out. */
static size_t edits(const char *a, const char *b)
{
	size_t m = strlen(a), n = strlen(b), width = n + 1;
	CLEANUP(cleanup_free) size_t *cell = calloc((m + 1) * width, sizeof *cell);

	if (!cell)
		return SIZE_MAX;
	for (size_t i = 0; i <= m; i++)
		cell[i * width] = i;
	for (size_t j = 0; j <= n; j++)
		cell[j] = j;
	for (size_t i = 1; i <= m; i++) {
		for (size_t j = 1; j <= n; j++) {
			size_t *here = &cell[i * width + j];
			size_t change = a[i - 1] != b[j - 1];

			*here = least(*(here - width) + 1, *(here - 1) + 1);
			*here = least(*here, *(here - width - 1) + change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				*here = least(*here, *(here - 2 * width - 2) + 1);
		}
	}
	return cell[m * width + n];
}

enum { WORD_MAX = 64 }; /* a longer word is no slip of the finger, and costs its square */

const char *option_nearest(const char *word, const char *const *words, size_t count)
{
	const char *nearest = NULL;
	size_t best = strlen(word) / 3 + 1;

	if (strlen(word) > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t far = edits(word, words[i]);
		if (far < best) {
			best = far;
			nearest = words[i];
		}
	}
	return nearest;
}

/* The groups of the table; a test compares them. */
static const char *const groups[] = { "milter",   "tls_policy", "resolver", "sts",    "probe",
				      "outbound", "audit",      "portal",   "escrow", "outbox",
				      "scan",     "metrics",    "limits" };

const char *option_suggest(const char *path)
{
	CLEANUP(cleanup_free) const char **words = calloc(option_count, sizeof *words);
	const char *dot = strrchr(path, '.'), *name = dot ? dot + 1 : path;

	if (!words)
		return NULL;
	for (size_t i = 0; i < option_count; i++)
		words[i] = options[i].path;
	const char *nearest = option_nearest(path, words, option_count);
	if (!nearest && !dot)
		nearest = option_nearest(path, groups, sizeof groups / sizeof *groups);
	if (nearest)
		return nearest;

	/* In the wrong group, or in none: the same last word elsewhere. */
	for (size_t i = 0; i < option_count; i++) {
		dot = strchr(options[i].path, '.');
		if (dot && strcmp(dot + 1, name) == 0)
			return options[i].path;
	}
	return NULL;
}

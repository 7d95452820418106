/* settings/tree.h: text in libconfig's syntax as a tree, made safe to read.
 *
 * Used by this layer only. What libconfig 1.5 gets wrong is caught before it
 * sees the text: it would leave the process at an @include of a folder, take a
 * comment that never ends for the end of the file, stop at a NUL, and wrap
 * integers of more than 32 bits that have no L.
 *
 * Threads  one user at a time */
#pragma once

#include "base/buf.h"
#include "base/fault.h"
#include "base/slice.h"

#include <libconfig.h>

enum {
	TREE_INCLUDES_MAX = 64, /* files; a loop of includes ends here */
	TREE_DEPTH_MAX = 32,    /* braces within braces: ours need 5 */
};

struct tree;

/* The file with its includes, which are named relative to its folder.
 *   RC_ABSENT   no such file            RC_INVALID  *why is "FILE:LINE: …"
 *   RC_LIMIT    too large, too many or too deep      RC_NOMEM
 * *out belongs to the caller: tree_free(). */
enum rc tree_read(const char *path, struct tree **out, struct fault *why);

/* The same from memory; an include is RC_INVALID. */
enum rc tree_parse(struct slice text, const char *name, struct tree **out, struct fault *why);

void tree_free(struct tree *tree); /* NULL is fine */

const config_setting_t *tree_root(const struct tree *tree);
struct slice tree_source(const struct tree *tree); /* every byte read, in the order read */

/* As it was opened: an included one with the folder. Lives as long as the tree. */
const char *tree_file(const struct tree *tree, const config_setting_t *at);
unsigned tree_line(const config_setting_t *at);

/* RC_INVALID with "FILE:LINE: …". */
enum rc tree_fault(const struct tree *tree, const config_setting_t *at, struct fault *why,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "a text", "a number", "a list": what at is, for a sentence. */
const char *tree_type_name(const config_setting_t *at);

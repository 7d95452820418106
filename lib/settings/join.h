/* settings/join.h: a rules file and those that it includes, read and put into one.
 *
 *     rules.conf           include = [ "rules.d/health.conf" ];
 *     rules.d/health.conf  markers = ( … );  rules = ( … );
 *
 * Each is a rules file of its own, read by settings/shape.h: names of files in it are
 * relative to its own folder, and its mode is that of its own rules and of what it
 * includes. Lists come in the order in which files are named: first what a file itself
 * has, then what it includes. Used by this layer only. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "settings/rules.h"

enum { JOIN_SOURCE_MAX = 16 << 20 }; /* bytes of all files together, those of addresses too */

/* Texts and lists of *out live in arena; source gets every byte that was read.
 *   RC_ABSENT   no such file; one that is included and not there is RC_INVALID
 *   RC_INVALID  *why is "FILE:LINE: …"
 *   RC_LIMIT    too large     RC_RETRY, RC_NOMEM  could not be read */
enum rc join_read(const char *path, struct arena *arena, struct buf *source, struct rules *out,
		  struct fault *why);

/* The same from memory, which can name no file. */
enum rc join_parse(struct slice text, const char *name, struct arena *arena, struct buf *source,
		   struct rules *out, struct fault *why);

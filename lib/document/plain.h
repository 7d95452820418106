/* document/plain.h: plain text, HTML, and what text there is in other bytes.
 *
 * Charset: a byte order mark's, UTF-16 where every other byte is zero, UTF-8, else
 * Latin-1. A uuencoded file in a text is read as a document of its own.
 *
 * Threads  one reading at a time */
#pragma once

#include "document/reading.h"

/* A text of its own at the place at hand. */
void plain_read(struct reading *r, struct slice bytes, bool html);

/* Adds bytes in a charset that is known by name, within a text. */
void plain_add(struct reading *r, struct slice bytes, const char *charset);

/* A text made of the runs of at least RUN_MIN printable characters, in 8 bits and in
 * UTF-16, each in its own line: for what we do not know how to read better. */
enum { RUN_MIN = 4 };
void plain_read_runs(struct reading *r, struct slice bytes);

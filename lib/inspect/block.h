/* inspect/block.h: what is matched whole: header fields, names of files, properties of
 * documents; and files as files. For this layer's own use.
 *
 *     Subject: 4111 1111 1111 1111       a field's value
 *     cards.csv                          a name, and a file of some type, size and hash
 *     Classification: Secret             a property
 *
 * Threads  as inspect/message.h */
#pragma once

#include "inspect/message.h"

/* A field of the message or of one of its parts, from the decoder. */
void block_field(struct inspect *m, const struct mime_field *field);

/* The name of a file, of that part. */
void block_name(struct inspect *m, const char *part, struct slice name);

/* A file as a whole: its name's pattern is for block_name(). */
void block_file(struct inspect *m, const char *part, const struct files_seen *file);

void block_property(struct inspect *m, const char *part, struct slice name, struct slice value);
void block_label(struct inspect *m, const char *part, struct slice value);

/* Text folded into m->line with a line end behind it; false: memory is out. */
bool block_fold(struct inspect *m, struct slice text);
struct slice block_line(const struct inspect *m); /* it, without that line end */

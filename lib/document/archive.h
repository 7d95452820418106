/* document/archive.h: the members of an archive, or what one compressed file holds.
 *
 *     zip  7z  tar  rar  cab  ar  cpio  lha  iso9660      several files
 *     gzip  bzip2  xz  lzma  zstd  lz4  lzip  compress    one, which may be a tar
 *
 * Each member's name is told, and its content is read as a document of its own. What
 * is encrypted is told as such; its name is told all the same. Formats that would have
 * other programs or files opened are not asked for.
 *
 * This is the only place that knows libarchive.
 *
 * Threads  one reading at a time */
#pragma once

#include "document/reading.h"

/* word: what it is called in findings when it cannot be read. */
void archive_document_read(struct reading *r, struct slice bytes, const char *word);

/* name: of the compressed file, from which that of its content is taken. */
void archive_compressed_read(struct reading *r, struct slice bytes, struct slice name,
			     const char *word);

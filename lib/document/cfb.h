/* document/cfb.h: OLE compound files: a file system in a file.
 *
 *     D0 CF 11 E0 …    header, sectors, a table that chains them, a directory
 *       WordDocument, 1Table, \005SummaryInformation, Data/…
 *
 * Chains may run in circles and entries lie: no sector is followed for longer than
 * the file has sectors, and no stream is longer than its chain. Entries are listed
 * as they stand in the directory, deleted ones too; what order a tree gives them
 * does not matter here.
 *
 * Standard  [MS-CFB] v20210817 §2.2 (header), §2.3 (FAT), §2.4 (mini FAT), §2.6
 * Memory    entries and streams are the caller's: cfb_fini(), buf_free()
 * Threads   one user at a time */
#pragma once

#include "base/buf.h"

enum {
	CFB_ENTRIES_MAX = 16384, /* Outlook items have a thousand */
	CFB_NAME_MAX = 32 * 3,   /* bytes, UTF-8 of 31 units and a NUL */
};

struct cfb_entry {
	char name[CFB_NAME_MAX];
	bool stream; /* or a storage, or the root */
	uint32_t start;
	uint64_t size;
};

struct cfb {
	struct slice bytes;
	size_t sector, mini_sector;
	uint32_t mini_cutoff, fat_count, mini_fat_start, directory_start;
	struct buf fat, mini_fat, mini; /* tables of little-endian numbers; the mini stream */
	struct cfb_entry *entries;
	size_t count;
	bool over; /* there are more entries than we keep */
};

/* RC_INVALID: not a compound file. RC_NOMEM. */
enum rc cfb_init(struct cfb *c, struct slice bytes);
void cfb_fini(struct cfb *c); /* a zeroed one is fine */

/* Adds the stream's bytes to out, as far as its chain goes. RC_INVALID: that is not
 * as far as its size. RC_LIMIT, RC_NOMEM: from out. */
enum rc cfb_read(const struct cfb *c, const struct cfb_entry *e, struct buf *out);

/* The first stream of that name; NULL for none. */
const struct cfb_entry *cfb_find(const struct cfb *c, const char *name);

#include "document/cfb.h"

#include "document/bytes.h"
#include "mime/utf8.h"

#include <stdlib.h>
#include <string.h>

enum {
	HEADER = 512,
	ENTRY = 128,
	DIFAT_IN_HEADER = 109,
	TYPE_STREAM = 2,
	TYPE_ROOT = 5,
};

static const uint32_t chain_end = 0xFFFFFFFA; /* this and above are no sectors (§2.1) */

/* A sector's bytes, fewer at the file's end. */
static struct slice sector_at(const struct cfb *c, uint32_t number)
{
	uint64_t from = ((uint64_t)number + 1) * c->sector;

	if (from >= c->bytes.len)
		return (struct slice){ 0 };
	size_t left = c->bytes.len - (size_t)from;
	return (struct slice){ c->bytes.at + from, left < c->sector ? left : c->sector };
}

/* The one after it, in a table of chains. */
static uint32_t next_of(const struct buf *table, uint32_t number)
{
	if ((uint64_t)number * 4 + 4 > table->len)
		return chain_end;
	return bytes_u32(buf_slice(table), (size_t)number * 4);
}

static size_t sectors_of(const struct cfb *c)
{
	return c->bytes.len / c->sector + 1;
}

/* Adds a chain of sectors, at most len bytes. */
static enum rc add_chain(const struct cfb *c, uint32_t start, uint64_t len, struct buf *out)
{
	size_t steps = 0, most = sectors_of(c);
	uint64_t left = len;

	for (uint32_t at = start; at < chain_end && left && steps++ < most;
	     at = next_of(&c->fat, at)) {
		struct slice piece = sector_at(c, at);
		piece.len = piece.len < left ? piece.len : (size_t)left;
		if (piece.len == 0)
			break;
		enum rc rc = buf_add_slice(out, piece);
		if (rc != RC_OK)
			return rc;
		left -= piece.len;
	}
	return left ? RC_INVALID : RC_OK;
}

/* The FAT lies in sectors that the header lists, and then a chain of lists (§2.5). */
static enum rc read_fat(struct cfb *c)
{
	size_t left = c->fat_count, most = sectors_of(c);
	struct slice list = { c->bytes.at + 76, (size_t)4 * DIFAT_IN_HEADER };
	uint32_t next = bytes_u32(c->bytes, 68);

	left = left < most ? left : most;
	for (size_t lists = 0; left && lists <= most; lists++) {
		for (size_t at = 0; at + 4 <= list.len && left; at += 4, left--) {
			uint32_t number = bytes_u32(list, at);
			if (number >= chain_end)
				continue;
			enum rc rc = buf_add_slice(&c->fat, sector_at(c, number));
			if (rc != RC_OK)
				return rc;
		}
		struct slice sector = sector_at(c, next);
		if (next >= chain_end || sector.len < c->sector)
			break;
		list = (struct slice){ sector.at, c->sector - 4 };
		next = bytes_u32(sector, c->sector - 4);
	}
	return RC_OK;
}

static void read_name(struct slice entry, char *out)
{
	size_t units = bytes_u16(entry, 64) / 2, len = 0;

	for (size_t i = 0; i + 1 < units && i < 31; i++) {
		uint32_t u = bytes_u16(entry, 2 * i);
		if (u == 0)
			break;
		len += mime_utf8_put(u >= 0xD800 && u <= 0xDFFF ? 0xFFFD : u, out + len);
	}
	out[len] = '\0';
}

static enum rc read_directory(struct cfb *c)
{
	struct buf all = BUF_INIT((size_t)CFB_ENTRIES_MAX * ENTRY);
	enum rc rc = add_chain(c, c->directory_start, UINT64_MAX, &all);
	size_t count = all.len / ENTRY;

	c->over = rc == RC_LIMIT;
	c->entries = calloc(count ? count : 1, sizeof *c->entries);
	rc = rc == RC_NOMEM || !c->entries ? RC_NOMEM : RC_OK;
	for (size_t i = 0; rc == RC_OK && i < count; i++) {
		struct slice entry = { all.at + i * ENTRY, ENTRY };
		unsigned type = (unsigned char)entry.at[66];
		struct cfb_entry *e = &c->entries[c->count];
		*e = (struct cfb_entry){ .stream = type == TYPE_STREAM,
					 .start = bytes_u32(entry, 116),
					 .size = bytes_u32(entry, 120) };
		read_name(entry, e->name);
		if (type == TYPE_ROOT)
			rc = add_chain(c, e->start, e->size, &c->mini) == RC_NOMEM ? RC_NOMEM
										   : RC_OK;
		c->count += *e->name != '\0';
	}
	buf_free(&all);
	return rc;
}

enum rc cfb_init(struct cfb *c, struct slice bytes)
{
	uint32_t shift = bytes_u16(bytes, 30), mini_shift = bytes_u16(bytes, 32);

	*c = (struct cfb){ .bytes = bytes };
	if (bytes.len < HEADER || memcmp(bytes.at, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) != 0 ||
	    (shift != 9 && shift != 12) || mini_shift < 4 || mini_shift > shift)
		return RC_INVALID;
	c->sector = (size_t)1 << shift;
	c->mini_sector = (size_t)1 << mini_shift;
	c->fat_count = bytes_u32(bytes, 44);
	c->directory_start = bytes_u32(bytes, 48);
	c->mini_cutoff = bytes_u32(bytes, 56);
	c->mini_fat_start = bytes_u32(bytes, 60);
	c->fat = c->mini_fat = c->mini = BUF_INIT(bytes.len + 2 * c->sector);
	enum rc rc = read_fat(c);
	/* A chain that is cut short leaves a shorter table. */
	if (rc == RC_OK && add_chain(c, c->mini_fat_start, UINT64_MAX, &c->mini_fat) == RC_NOMEM)
		rc = RC_NOMEM;
	if (rc == RC_OK)
		rc = read_directory(c);
	if (rc != RC_OK)
		cfb_fini(c);
	return rc;
}

void cfb_fini(struct cfb *c)
{
	buf_free(&c->fat);
	buf_free(&c->mini_fat);
	buf_free(&c->mini);
	free(c->entries);
	*c = (struct cfb){ 0 };
}

/* Small streams lie in pieces of the mini stream. */
static enum rc add_mini_chain(const struct cfb *c, uint32_t start, uint64_t len, struct buf *out)
{
	size_t steps = 0, most = c->mini.len / c->mini_sector + 1;
	uint64_t left = len;

	for (uint32_t at = start; at < chain_end && left && steps++ < most;
	     at = next_of(&c->mini_fat, at)) {
		uint64_t from = (uint64_t)at * c->mini_sector;
		if (from >= c->mini.len)
			break;
		uint64_t n = c->mini.len - from;
		n = n < c->mini_sector ? n : c->mini_sector;
		n = n < left ? n : left;
		enum rc rc = buf_add(out, c->mini.at + from, (size_t)n);
		if (rc != RC_OK)
			return rc;
		left -= n;
	}
	return left ? RC_INVALID : RC_OK;
}

enum rc cfb_read(const struct cfb *c, const struct cfb_entry *e, struct buf *out)
{
	if (e->size < c->mini_cutoff)
		return add_mini_chain(c, e->start, e->size, out);
	return add_chain(c, e->start, e->size, out);
}

const struct cfb_entry *cfb_find(const struct cfb *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->entries[i].stream && strcmp(c->entries[i].name, name) == 0)
			return &c->entries[i];
	return NULL;
}

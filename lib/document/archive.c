#include "document/archive.h"

#include "base/utf8.h"
#include "document/label.h"
#include "document/office.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

/* What is compressed is unpacked first and then looked at: two blocks of zeros are an
 * empty tar for libarchive, whatever comes behind them. */
static bool set_up(struct archive *a, bool compressed)
{
	int failed = ARCHIVE_OK;

	if (compressed) {
		failed |= archive_read_support_filter_gzip(a);
		failed |= archive_read_support_filter_bzip2(a);
		failed |= archive_read_support_filter_xz(a);
		failed |= archive_read_support_filter_lzma(a);
		failed |= archive_read_support_filter_lzip(a);
		failed |= archive_read_support_filter_zstd(a);
		failed |= archive_read_support_filter_lz4(a);
		failed |= archive_read_support_filter_compress(a);
		failed |= archive_read_support_format_raw(a);
		failed |= archive_read_support_format_empty(a);
	} else {
		failed |= archive_read_support_format_zip(a);
		failed |= archive_read_support_format_7zip(a);
		failed |= archive_read_support_format_rar(a);
		failed |= archive_read_support_format_rar5(a);
		failed |= archive_read_support_format_cab(a);
		failed |= archive_read_support_format_ar(a);
		failed |= archive_read_support_format_cpio(a);
		failed |= archive_read_support_format_lha(a);
		failed |= archive_read_support_format_iso9660(a);
		failed |= archive_read_support_format_tar(a);
	}
	return failed == ARCHIVE_OK;
}

static struct archive *open_bytes(struct reading *r, struct slice bytes, bool compressed)
{
	struct archive *a = archive_read_new();

	if (a && set_up(a, compressed) &&
	    archive_read_open_memory(a, bytes.at, bytes.len) == ARCHIVE_OK)
		return a;
	reading_opaque(r, a ? "archive" : "memory");
	archive_read_free(a);
	return NULL;
}

/* The member's name, UTF-8; one in another charset as Latin-1. Into out. */
static void name_of(struct archive_entry *e, struct buf *out)
{
	const char *text = archive_entry_pathname_utf8(e);
	uint32_t c;

	if (!text)
		text = archive_entry_pathname(e);
	struct slice name = slice_of(text ? text : "member");
	buf_clear(out);
	while (name.len) {
		struct slice before = name;
		if (utf8_take(&name, &c)) {
			(void)!buf_add(out, before.at, before.len - name.len);
			continue;
		}
		name = (struct slice){ before.at + 1, before.len - 1 };
		unsigned char byte = (unsigned char)*before.at;
		char two[2] = { (char)(0xC0 | byte >> 6), (char)(0x80 | (byte & 0x3F)) };
		(void)!buf_add(out, two, sizeof two);
	}
}

/* All of the member's data, as far as bounds and errors let us. NULL: there is no more
 * to say of it. */
static const char *take_data(struct reading *r, struct archive *a, struct buf *out)
{
	const void *block;
	size_t size;
	la_int64_t offset;
	int got;

	while ((got = archive_read_data_block(a, &block, &size, &offset)) == ARCHIVE_OK ||
	       got == ARCHIVE_WARN) {
		/* Holes are left out: they hold nothing, and may be endless. */
		if (!reading_unpacks(r, size))
			return NULL;
		if (buf_add(out, block, size) != RC_OK)
			return "memory";
	}
	return got == ARCHIVE_EOF ? NULL : "damaged";
}

static void read_member(struct reading *r, struct archive *a, struct archive_entry *e,
			struct slice name)
{
	struct buf data = BUF_INIT(SIZE_MAX / 4);
	const char *why = NULL;

	if (archive_entry_is_encrypted(e))
		why = "encrypted";
	else
		why = take_data(r, a, &data);
	reading_file(r, name, buf_slice(&data));
	if (why)
		reading_opaque(r, why);
	if (data.len && !r->stopped && !office_read(r, name, buf_slice(&data)))
		reading_document(r, buf_slice(&data), name);
	buf_free(&data);
}

/* Whether it is a file: folders and links hold nothing but their name. */
static bool holds_data(struct archive_entry *e)
{
	return archive_entry_filetype(e) == AE_IFREG || archive_entry_filetype(e) == 0;
}

static void take_member(struct reading *r, struct archive *a, struct archive_entry *e,
			struct slice name)
{
	size_t mark;

	if (++r->members > r->limits.members) {
		reading_opaque(r, "archive-members");
		r->stopped = true;
		return;
	}
	reading_name(r, name, &mark);
	if (holds_data(e))
		read_member(r, a, e, name);
	else
		reading_file(r, name, (struct slice){ 0 });
	reading_unname(r, mark);
}

/* How it ended: NULL when all was read. */
static const char *take_all(struct reading *r, struct archive *a, struct slice name,
			    const char *word)
{
	struct buf own = BUF_INIT(READING_VALUE);
	struct archive_entry *e;
	int got = ARCHIVE_OK;

	while (reading_goes_on(r)) {
		got = archive_read_next_header(a, &e);
		if (got == ARCHIVE_RETRY)
			continue;
		if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
			break;
		name_of(e, &own);
		bool raw = archive_format(a) == ARCHIVE_FORMAT_RAW;
		take_member(r, a, e, raw ? name : buf_slice(&own));
	}
	buf_free(&own);
	if (r->stopped || got == ARCHIVE_EOF)
		return NULL;
	return archive_read_has_encrypted_entries(a) > 0 ? "encrypted" : word;
}

static void read_all(struct reading *r, struct slice bytes, bool compressed, struct slice name,
		     const char *word)
{
	struct labels labels = { 0 }, *outer = r->labels;
	struct archive *a = open_bytes(r, bytes, compressed);

	if (!a)
		return;
	if (!compressed)
		r->labels = &labels;
	const char *why = take_all(r, a, name, word);
	if (why)
		reading_opaque(r, why);
	if (!compressed)
		reading_labels(r, &labels);
	r->labels = outer;
	archive_read_free(a);
}

/* What stands after the directory: readers show it, and nothing else reads it. */
static void read_zip_comment(struct reading *r, struct slice bytes)
{
	enum { END = 22, COMMENT_MAX = 65535 };

	for (size_t len = 1; len <= COMMENT_MAX && len + END <= bytes.len; len++) {
		const unsigned char *at = (const unsigned char *)bytes.at + (bytes.len - len - END);
		if (memcmp(at, "PK\5\6", 4) != 0 || (at[20] | (size_t)at[21] << 8) != len)
			continue;
		reading_property(r, SLICE("comment"),
				 (struct slice){ (const char *)at + END, len });
		return;
	}
}

void archive_document_read(struct reading *r, struct slice bytes, const char *word)
{
	read_all(r, bytes, false, (struct slice){ 0 }, word);
	if (strcmp(word, "zip") == 0 && !r->stopped)
		read_zip_comment(r, bytes);
}

/* "cards.csv.gz" holds "cards.csv", "x.tgz" holds "x". */
static struct slice without_extension(struct slice name)
{
	for (size_t i = name.len; i-- > 1;) {
		if (name.at[i] == '/')
			break;
		if (name.at[i] == '.')
			return (struct slice){ name.at, i };
	}
	return SLICE("data");
}

static struct slice last_of(struct slice name)
{
	for (size_t i = name.len; i-- > 0;)
		if (name.at[i] == '/')
			return (struct slice){ name.at + i + 1, name.len - i - 1 };
	return name;
}

void archive_compressed_read(struct reading *r, struct slice bytes, struct slice name,
			     const char *word)
{
	read_all(r, bytes, true, without_extension(last_of(name)), word);
}

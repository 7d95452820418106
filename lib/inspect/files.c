#include "inspect/files.h"

#include "base/file.h"
#include "base/hex.h"

#include <stdlib.h>
#include <string.h>

struct files_list {
	size_t count;
	uint8_t (*at)[CRYPTO_HASH_BYTES]; /* sorted */
};

/* ---- lists ---- */

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, CRYPTO_HASH_BYTES);
}

/* "HEX", or "HEX  name" as sha256sum has it; empty lines and # are passed over. */
static bool read_line(struct slice line, struct files_list *l, bool *empty)
{
	line = slice_trim(line);
	*empty = line.len == 0 || *line.at == '#';
	if (*empty)
		return true;
	if (line.len > FILES_HASH && line.at[FILES_HASH] != ' ')
		return false;
	line.len = line.len < FILES_HASH ? line.len : FILES_HASH;
	if (!hex_parse(line, l->at[l->count], CRYPTO_HASH_BYTES))
		return false;
	l->count++;
	return true;
}

static enum rc read_lines(struct slice text, struct files_list *l, const struct rules_test *test,
			  struct fault *why)
{
	struct slice line;
	unsigned number = 0;
	bool empty;

	/* No line is a hash of fewer digits: that bounds their number. */
	l->at = calloc(text.len / FILES_HASH + 1, sizeof *l->at);
	if (!l->at)
		return fault(why, RC_NOMEM, "out of memory");
	while (text.len) {
		if (!slice_take_line(&text, &line)) {
			line = text;
			text = (struct slice){ 0 };
		}
		number++;
		if (!read_line(line, l, &empty))
			return fault(why, RC_INVALID, "%s:%u: a line is a SHA-256 of 64 digits",
				     test->file, number);
	}
	qsort(l->at, l->count, sizeof *l->at, compare);
	return RC_OK;
}

enum rc files_list_read(const struct rules_test *test, struct files_list **out, struct fault *why)
{
	struct buf text = BUF_INIT(FILES_LIST_MAX);
	struct files_list *l = calloc(1, sizeof *l);
	struct fault cause = { "out of memory" };
	enum rc rc = l ? file_read(test->file, &text, &cause) : RC_NOMEM;

	if (rc != RC_OK)
		rc = fault(why, rc == RC_NOMEM ? rc : RC_INVALID, "%s:%u: %s", test->place.file,
			   test->place.line, cause.text);
	else
		rc = read_lines(buf_slice(&text), l, test, why);
	buf_free(&text);
	if (rc == RC_OK)
		*out = l;
	else
		files_list_free(l);
	return rc;
}

void files_list_free(struct files_list *l)
{
	if (!l)
		return;
	free(l->at);
	free(l);
}

bool files_list_has(const struct files_list *l, struct slice hash)
{
	uint8_t bytes[CRYPTO_HASH_BYTES];

	return hex_parse(hash, bytes, sizeof bytes) &&
	       bsearch(bytes, l->at, l->count, sizeof *l->at, compare);
}

bool files_holds(enum files_aspect aspect, const struct rules_test *test,
		 const struct files_list *list, const struct files_seen *file)
{
	switch (aspect) {
	case FILES_NONE:
		return false;
	case FILES_NAME:
		return file->name.len > 0;
	case FILES_TYPE:
		return file->name.len && file->bytes && !filetype_fits(file->name, file->type);
	case FILES_SIZE:
		return file->bytes >= test->min_bytes;
	case FILES_HASHED:
		return list && file->hash.len && files_list_has(list, file->hash);
	}
	return false;
}

/* ---- a file as it comes ---- */

void files_begin(struct files *f, bool hashing)
{
	crypto_hash_free(&f->hash);
	f->hashing = hashing && crypto_hash_new(NULL, &f->hash, NULL) == RC_OK;
	f->bytes = 0;
	f->head_len = 0;
}

void files_add(struct files *f, struct slice bytes)
{
	size_t n = sizeof f->head - f->head_len;

	n = n < bytes.len ? n : bytes.len;
	memcpy(f->head + f->head_len, bytes.at, n);
	f->head_len += n;
	f->bytes += bytes.len;
	if (f->hashing)
		crypto_hash_add(f->hash, bytes);
}

struct files_seen files_end(struct files *f, struct slice name)
{
	struct files_seen seen = { .name = name, .bytes = f->bytes };
	uint8_t digest[CRYPTO_HASH_BYTES];

	seen.type = filetype_of((struct slice){ f->head, f->head_len });
	if (f->hashing && crypto_hash_end(&f->hash, digest, NULL) == RC_OK) {
		hex_format(digest, sizeof digest, f->digits);
		seen.hash = (struct slice){ f->digits, FILES_HASH };
	}
	f->hashing = false;
	return seen;
}

void files_fini(struct files *f)
{
	crypto_hash_free(&f->hash);
}

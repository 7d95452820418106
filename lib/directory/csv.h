/* directory/csv.h: a table as spreadsheets write it.
 *
 *     name,phrase,number,language,note
 *     jane@partner.example,kadim botar rilos fanit,,de,"front desk, ""2nd"" floor"
 *
 * Fields are parted by commas, or by semicolons or tabs where the first line has those and no comma.
 * A field in quotes may hold separators, line ends and, doubled, quotes. Lines end with LF
 * or CRLF; empty ones are passed over, as is a byte order mark.
 *
 * Standard  RFC 4180
 * Memory    a row owns its bytes, which are secret: directory_row_wipe() it
 * Threads   pure functions */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

enum {
	DIRECTORY_FIELDS_MAX = 64,     /* a people's table has five; what is indexed has more */
	DIRECTORY_ROW_MAX = 32 * 1024, /* bytes: a certificate in a field fits */
};

struct directory_csv {
	struct slice rest; /* borrowed */
	unsigned line;     /* of the next row, from 1 */
	char separator;
};

struct directory_row {
	unsigned line; /* where it begins */
	size_t count;
	struct slice fields[DIRECTORY_FIELDS_MAX]; /* without their quotes; borrow from text */
	struct buf text;
};

void directory_csv_start(struct directory_csv *csv, struct slice text);

/* The next row. row is zeros at first, and is used again and again.
 *   RC_ABSENT   there is none
 *   RC_INVALID  a quote that is not closed, or something behind a closed one
 *   RC_LIMIT    more fields, or bytes, than the bounds above     RC_NOMEM
 * After a failure row->line says where, and csv goes on with the next line. */
enum rc directory_csv_take(struct directory_csv *csv, struct directory_row *row, struct fault *why);
void directory_row_wipe(struct directory_row *row); /* for CLEANUP() */

#include "document/sheet.h"

#include "document/bytes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
	CONTINUE = 0x003C,
	FILE_PASS = 0x002F,
	SST = 0x00FC,
	LABEL = 0x0204,
	NUMBER = 0x0203,
	RK = 0x027E,
	MULTI_RK = 0x00BD,
	FORMULA = 0x0006,
	STRING = 0x0207,
	TEXT_OBJECT = 0x01B6,
	BOUND_SHEET = 0x0085,
	HEADER = 0x0014,
	FOOTER = 0x0015,
	NOTE = 0x001C,
};

/* A record, and those that continue it. */
struct record {
	unsigned type;
	struct slice data; /* what is left of the one at hand */
	struct slice rest; /* of the stream */
};

static bool next_record(struct slice *stream, struct record *out)
{
	if (stream->len < 4)
		return false;
	out->type = bytes_u16(*stream, 0);
	out->data = bytes_part(*stream, 4, bytes_u16(*stream, 2));
	*stream = bytes_after(*stream, 4 + (uint64_t)bytes_u16(*stream, 2));
	out->rest = *stream;
	return true;
}

/* Goes on in the record that continues it. False: there is none. */
static bool more(struct record *rec)
{
	struct record next;

	if (!next_record(&rec->rest, &next) || next.type != CONTINUE)
		return false;
	rec->data = next.data;
	rec->rest = next.rest;
	return true;
}

static uint32_t take(struct record *rec, size_t bytes)
{
	while (rec->data.len == 0)
		if (!more(rec))
			return 0;
	uint32_t number = bytes == 1   ? (unsigned char)*rec->data.at
			  : bytes == 2 ? bytes_u16(rec->data, 0)
				       : bytes_u32(rec->data, 0);
	rec->data = bytes_after(rec->data, bytes);
	return number;
}

static void skip(struct record *rec, uint64_t bytes)
{
	while (bytes) {
		if (rec->data.len == 0 && !more(rec))
			return;
		uint64_t n = bytes < rec->data.len ? bytes : rec->data.len;
		rec->data = bytes_after(rec->data, n);
		bytes -= n;
	}
}

/* So many characters; where a record continues in between, it says anew how wide they
 * are (§2.5.293). */
static void put_characters(struct reading *r, struct record *rec, uint32_t count, bool wide)
{
	while (count-- && reading_goes_on(r)) {
		if (rec->data.len < (wide ? 2u : 1u)) {
			if (!more(rec))
				break;
			wide = take(rec, 1) & 1;
		}
		uint32_t c = take(rec, wide ? 2 : 1);
		if (c >= ' ' || c == '\n')
			reading_character(r, c);
	}
	reading_byte(r, '\n');
}

/* A string with its length and flags: 8 or 16 bits of length. */
static void put_string(struct reading *r, struct record *rec, size_t length_bytes)
{
	uint32_t count = take(rec, length_bytes), flags = take(rec, 1);
	uint64_t runs = flags & 8 ? take(rec, 2) : 0, extra = flags & 4 ? take(rec, 4) : 0;

	put_characters(r, rec, count, flags & 1);
	skip(rec, 4 * runs + extra);
}

static void put_number(struct reading *r, double number)
{
	char text[64];

	if (!isfinite(number) || fabs(number) < 100)
		return; /* too short to mean anything by itself */
	snprintf(text, sizeof text,
		 number == floor(number) && fabs(number) < 1e20 ? "%.0f\n" : "%.15g\n", number);
	reading_text(r, slice_of(text));
}

static double double_at(struct slice s, size_t at)
{
	uint64_t bits = bytes_u32(s, at) | (uint64_t)bytes_u32(s, at + 4) << 32;
	double number;

	memcpy(&number, &bits, sizeof number);
	return number;
}

static void put_rk(struct reading *r, uint32_t rk)
{
	double number;
	uint64_t bits = (uint64_t)(rk & 0xFFFFFFFC) << 32;

	if (rk & 2)
		number = (int32_t)rk >> 2;
	else
		memcpy(&number, &bits, sizeof number);
	put_number(r, rk & 1 ? number / 100 : number);
}

static void put_strings(struct reading *r, struct record *rec)
{
	skip(rec, 4); /* how often they are used */
	for (uint32_t left = take(rec, 4); left && reading_goes_on(r); left--) {
		if (rec->data.len == 0 && !more(rec))
			break;
		put_string(r, rec, 2);
	}
}

/* A text box or comment: its text is in the records that continue it. */
static void put_object(struct reading *r, struct record *rec)
{
	uint32_t count = bytes_u16(rec->data, 10);

	if (count && more(rec)) {
		bool wide = take(rec, 1) & 1;
		put_characters(r, rec, count, wide);
	}
}

static void put_record(struct reading *r, struct record *rec)
{
	struct slice data = rec->data;

	switch (rec->type) {
	case SST:
		put_strings(r, rec);
		break;
	case LABEL:
		skip(rec, 6);
		put_string(r, rec, 2);
		break;
	case STRING:
	case HEADER:
	case FOOTER:
		put_string(r, rec, 2);
		break;
	case BOUND_SHEET:
		skip(rec, 6);
		put_string(r, rec, 1);
		break;
	case NOTE:
		skip(rec, 8);
		put_string(r, rec, 2);
		break;
	case NUMBER:
	case FORMULA:
		put_number(r, double_at(data, 6));
		break;
	case RK:
		put_rk(r, bytes_u32(data, 6));
		break;
	case MULTI_RK:
		for (size_t at = 4; at + 8 <= data.len; at += 6)
			put_rk(r, bytes_u32(data, at + 2));
		break;
	case TEXT_OBJECT:
		put_object(r, rec);
		break;
	}
}

void sheet_read(struct reading *r, struct slice stream)
{
	struct record rec;

	reading_begin(r);
	while (next_record(&stream, &rec) && reading_goes_on(r)) {
		if (rec.type == FILE_PASS) {
			reading_opaque(r, "encrypted");
			break;
		}
		put_record(r, &rec);
	}
	reading_end(r);
}

#include "mime/encoding.h"

#include "base/hex.h"

#include <string.h>

#define XX 0xFF
/* clang-format off */
/* The value of each character; XX: none. "-" and "_" are those of RFC 4648 §5,
 * which lenient readers take too. */
static const unsigned char sextets[256] = {
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, 62, XX, 62, XX, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, XX, XX, XX, XX, XX, XX,
	XX, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, XX, XX, XX, XX, 63,
	XX, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
	XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX, XX,
};
/* clang-format on */

static unsigned char sextet(char c)
{
	return sextets[(unsigned char)c];
}

/* Whole groups of four, without a look at the state: the common case. */
static size_t take_groups(struct slice *in, char *out, size_t room)
{
	const char *at = in->at, *end = in->at + in->len;
	char *to = out;

	while (end - at >= 4 && room - (size_t)(to - out) >= 3) {
		uint32_t a = sextet(at[0]), b = sextet(at[1]), c = sextet(at[2]), d = sextet(at[3]);
		if ((a | b | c | d) & 0x80)
			break;
		uint32_t bits = a << 18 | b << 12 | c << 6 | d;
		to[0] = (char)(bits >> 16);
		to[1] = (char)(bits >> 8);
		to[2] = (char)bits;
		to += 3;
		at += 4;
	}
	*in = (struct slice){ at, (size_t)(end - at) };
	return (size_t)(to - out);
}

size_t mime_base64_end(struct mime_base64 *b, char *out)
{
	size_t n = b->count < 2 ? 0 : b->count - 1;

	uint32_t bits = b->bits << (6 * (4 - b->count));
	for (size_t i = 0; i < n; i++)
		out[i] = (char)(bits >> (16 - 8 * i));
	*b = (struct mime_base64){ 0 };
	return n;
}

size_t mime_base64_push(struct mime_base64 *b, struct slice *in, char *out, size_t room)
{
	size_t n = 0;

	while (in->len && room - n >= 3) {
		if (b->count == 0) {
			n += take_groups(in, out + n, room - n);
			if (in->len == 0 || room - n < 3)
				break;
		}
		char c = *in->at;
		*in = (struct slice){ in->at + 1, in->len - 1 };
		if (c == '=') {
			n += mime_base64_end(b, out + n);
			continue;
		}
		if (sextet(c) == XX)
			continue;
		b->bits = b->bits << 6 | sextet(c);
		if (++b->count < 4)
			continue;
		for (int shift = 16; shift >= 0; shift -= 8)
			out[n++] = (char)(b->bits >> shift);
		*b = (struct mime_base64){ 0 };
	}
	return n;
}

enum qp_state {
	PLAIN,
	EQUALS,  /* after "=" */
	DIGIT,   /* after "=4", the 4 in digit */
	PADDING, /* after "= ": a soft break, if the line ends here */
	BREAK,   /* after "=\r" */
};

static size_t take_plain(struct mime_qp *q, struct slice *in, char *out, size_t room)
{
	size_t n = in->len < room ? in->len : room;
	const char *equals = memchr(in->at, '=', n);

	if (equals)
		n = (size_t)(equals - in->at);
	memcpy(out, in->at, n);
	*in = (struct slice){ in->at + n, in->len - n };
	if (equals) {
		*in = (struct slice){ in->at + 1, in->len - 1 };
		q->state = EQUALS;
	}
	return n;
}

/* One character of an escape. One that does not belong is left in the input, to
 * be read again as plain text. */
static size_t take_escape(struct mime_qp *q, struct slice *in, char *out)
{
	char c = *in->at;
	bool blank = c == ' ' || c == '\t', taken = true;
	size_t n = 0;

	if (q->state == EQUALS && hex_digit(c) >= 0) {
		q->state = DIGIT;
		q->digit = (unsigned char)c;
	} else if ((q->state == EQUALS || q->state == PADDING) && (blank || c == '\r')) {
		q->state = blank ? PADDING : BREAK;
	} else if (c == '\n' && q->state != DIGIT) {
		q->state = PLAIN;
	} else if (q->state == DIGIT && hex_digit(c) >= 0) {
		out[n++] = (char)(hex_digit((char)q->digit) << 4 | hex_digit(c));
		q->state = PLAIN;
	} else {
		n = mime_qp_end(q, out);
		taken = false;
	}
	if (taken)
		*in = (struct slice){ in->at + 1, in->len - 1 };
	return n;
}

size_t mime_qp_push(struct mime_qp *q, struct slice *in, char *out, size_t room)
{
	size_t n = 0;

	while (in->len && room - n >= 2)
		n += q->state == PLAIN ? take_plain(q, in, out + n, room - n)
				       : take_escape(q, in, out + n);
	return n;
}

size_t mime_qp_end(struct mime_qp *q, char *out)
{
	size_t n = 0;

	/* After "=\r" the bare CR ends the line for some readers: a soft break. */
	if (q->state == EQUALS || q->state == DIGIT || q->state == PADDING)
		out[n++] = '=';
	if (q->state == DIGIT)
		out[n++] = (char)q->digit;
	*q = (struct mime_qp){ 0 };
	return n;
}

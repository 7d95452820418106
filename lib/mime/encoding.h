/* mime/encoding.h: the transfer encodings of a body, undone as it arrives.
 *
 *     base64             NDExMSAxMTEx          → 4111 1111
 *     quoted-printable   4111=\r\n 1111=3D     → 4111 1111=
 *
 * Every push takes what fits from the front of *in, writes at most room bytes to
 * out and says how many; it is called until *in is empty. However the bytes are
 * cut into chunks, the same comes out.
 *
 * What breaks the standard is read as the most forgiving reader would: bytes
 * outside the alphabet are skipped, data after padding is read on.
 *
 * Standard  RFC 2045 §6.7 (quoted-printable), §6.8 (base64)
 * Threads   one user of a state at a time */
#pragma once

#include "base/slice.h"

enum { ENCODING_ROOM = 8 /* bytes: the least room a push needs to go on */ };

struct mime_base64 {
	uint32_t bits;
	unsigned count; /* sextets in bits, 0..3 */
};

struct mime_qp {
	unsigned char state, digit;
};

size_t mime_base64_push(struct mime_base64 *b, struct slice *in, char *out, size_t room);
/* What an unpadded end still holds: at most 2 bytes. */
size_t mime_base64_end(struct mime_base64 *b, char *out);

size_t mime_qp_push(struct mime_qp *q, struct slice *in, char *out, size_t room);
/* An escape that was cut short, as it stands: at most 2 bytes. */
size_t mime_qp_end(struct mime_qp *q, char *out);

/* base/pack.h: bytes between two of our own processes: one description of a layout serves
 * both ways, so that what is written and what is read cannot drift apart.
 *
 *     static void lay_out(struct pack *p, struct visit *v)
 *     {
 *             pack_number(p, &v->made, 8);           highest byte first
 *             pack_bytes(p, v->ticket, sizeof v->ticket);
 *             pack_slice(p, &v->client, CLIENT_MAX); length (4), bytes
 *     }
 *
 *     struct pack out = PACK_INTO(&buf);   lay_out(&out, &v);   rc = pack_end(&out, "visit", why);
 *     struct pack in = PACK_FROM(bytes);   lay_out(&in, &v);    rc = pack_end(&in, "visit", why);
 *
 * The other process may have been taken over, so reading refuses what is short, too long or
 * out of bounds; the first thing that is wrong is remembered and what follows reads as zeros.
 *
 * Memory   slices that were read borrow from the bytes
 * Threads  pure functions */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

struct pack {
	struct buf *out;   /* writing, unless NULL */
	struct slice in;   /* reading: what is left */
	const char *wrong; /* the first thing that is, in words; NULL: nothing yet */
};

#define PACK_INTO(buf) ((struct pack){ .out = (buf) })
#define PACK_FROM(slice) ((struct pack){ .in = (slice) })

/* The last so many bytes (1..8) of *value. */
void pack_number(struct pack *p, uint64_t *value, unsigned bytes);
void pack_time(struct pack *p, int64_t *value); /* 8 bytes; not negative */
void pack_bool(struct pack *p, bool *value);
/* One byte, below count: for enums, by way of an unsigned. */
void pack_choice(struct pack *p, unsigned *value, unsigned count);
void pack_bytes(struct pack *p, void *bytes, size_t len);
void pack_slice(struct pack *p, struct slice *s, size_t max);
/* The same for a text in size bytes of the caller's own, its NUL counted in. */
void pack_text(struct pack *p, char *text, size_t size);
/* For a check of the caller's own: words become the reason, unless one stands already. */
void pack_refuse(struct pack *p, const char *words);

/* what names the thing in *why.
 *   RC_INVALID  reading: cut, too long, something follows, or pack_refuse(); writing: a value
 *               that could not be read back
 *   RC_LIMIT, RC_NOMEM  writing: from the buffer */
enum rc pack_end(struct pack *p, const char *what, struct fault *why);

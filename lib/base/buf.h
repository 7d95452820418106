/* base/buf.h: bytes that grow, up to a maximum given at birth.
 *
 *     struct buf reply = BUF_INIT(4096);
 *     if (buf_addf(&reply, "451 4.7.10 %s", why) != RC_OK) …
 *     buf_free(&reply);
 *
 * A buffer that has met its maximum or run out of memory stays as it was and
 * remembers: buf_state() gives the first failure, so that a run of additions
 * needs one check at its end.
 *
 * Memory   the buffer owns its bytes; slices of it die with the next addition */
#pragma once

#include "base/rc.h"
#include "base/slice.h"

#include <stdarg.h>

struct buf {
	char *at;    /* NUL-terminated once anything was added, NULL before */
	size_t len;  /* bytes, the NUL not counted */
	size_t room; /* bytes allocated */
	size_t max;  /* len never passes this */
	enum rc state;
	bool secret; /* what it lets go of is overwritten first */
};

#define BUF_INIT(max_bytes) ((struct buf){ .max = (max_bytes) })
/* For secrets: growing, too, leaves no copy behind. */
#define BUF_SECRET(max_bytes) ((struct buf){ .max = (max_bytes), .secret = true })

/* All of them: RC_OK, RC_LIMIT (nothing added) or RC_NOMEM (nothing added);
 * after a failure every further addition fails the same way. */
enum rc buf_add(struct buf *b, const void *bytes, size_t len);
enum rc buf_add_slice(struct buf *b, struct slice s);
enum rc buf_add_text(struct buf *b, const char *text);
enum rc buf_add_byte(struct buf *b, char byte);
enum rc buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum rc buf_addv(struct buf *b, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Room for len more bytes at *space, to be filled and then claimed by
 * buf_added(); RC_LIMIT and RC_NOMEM as above. */
enum rc buf_reserve(struct buf *b, size_t len, char **space);
void buf_added(struct buf *b, size_t len);

enum rc buf_state(const struct buf *b); /* the first failure, or RC_OK */
struct slice buf_slice(const struct buf *b);
const char *buf_text(const struct buf *b); /* never NULL */
void buf_clear(struct buf *b);             /* empties, forgets failures, keeps the room */
void buf_drop(struct buf *b, size_t len);  /* takes len bytes off the front */
void buf_wipe(struct buf *b);              /* overwrites the bytes, then frees: for secrets */
void buf_free(struct buf *b);

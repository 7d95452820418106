/* smtp/capability.h: what a server said it can do.
 *
 *     250-mx.example.net
 *     250-SIZE 10240000
 *     250 REQUIRETLS
 *
 * Standard  RFC 5321 §4.1.1.1; the extension's own RFC beside each name
 * Memory    plain values
 * Threads   pure functions */
#pragma once

#include "smtp/reply.h"

enum smtp_extension {                       /* a set */
		      SMTP_STARTTLS = 1,    /* RFC 3207 */
		      SMTP_8BITMIME = 2,    /* RFC 6152 */
		      SMTP_SMTPUTF8 = 4,    /* RFC 6531 */
		      SMTP_DSN = 8,         /* RFC 3461 */
		      SMTP_SIZE = 16,       /* RFC 1870 */
		      SMTP_PIPELINING = 32, /* RFC 2920 */
		      SMTP_REQUIRETLS = 64, /* RFC 8689; counts only when it was said inside TLS */
		      SMTP_CHUNKING = 128,  /* RFC 3030 */
};

struct smtp_capability {
	unsigned extensions;     /* set of smtp_extension */
	uint64_t size_max_bytes; /* 0: no limit was named */
};

/* Reads the answer to EHLO, a 250. Its first line is the server's name; unknown
 * keywords are passed over, and so is a SIZE whose number cannot be read (the
 * extension still counts). */
struct smtp_capability smtp_capability_read(const struct smtp_reply *ehlo);

const char *smtp_extension_name(enum smtp_extension extension); /* "REQUIRETLS" */

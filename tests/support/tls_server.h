/* support/tls_server.h: a TLS server on a thread that says what a test has written
 * down, whatever it is asked.
 *
 * It serves one connection after the other, on an ephemeral port of the loopback,
 * until it is stopped. */
#pragma once

#include "support/certificates.h"

struct tls_play {
	struct leaf leaf;
	int last_version;  /* TLS1_1_VERSION and the like; 0: the newest */
	const char *says;  /* sent once a request's empty line has come */
	size_t says_len;   /* 0: strlen(says) */
	const char *drips; /* then sent again and again; NULL: the connection is closed */
	unsigned drip_ms;  /* between two drips */
	bool cut;          /* closed without TLS's own goodbye */
};

struct tls_server;

struct tls_server *tls_server_start(const struct authority *a, const struct tls_play *play);
unsigned tls_server_port(const struct tls_server *v);

/* Stops it, and gives what its last client sent and the name it asked for by SNI,
 * each to be freed, where the pointers are not NULL. */
void tls_server_stop(struct tls_server *v, char **heard, char **sni);

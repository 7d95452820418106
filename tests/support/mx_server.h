/* support/mx_server.h: an MX host on a thread that plays what a test has written
 * down, line by line, whatever it is told.
 *
 *     ">220 mx ready"   says that and CRLF; "+220 mx" says that without CRLF
 *     "<EHLO"           takes a line, which must begin so, or the connection ends
 *     "tls"             shakes hands; what is said and taken afterwards is in TLS
 *     "hang"            says nothing more until the other side has gone
 *     "drip"            says "250-more" for ever
 *
 * It serves one connection after the other, on an ephemeral port of the loopback,
 * until it is stopped. Its chain holds the authority's certificate. */
#pragma once

#include "support/certificates.h"

enum { MX_LINES_MAX = 16 };

struct mx_play {
	const char *lines[MX_LINES_MAX]; /* NULL ends them, and the connection */
	struct leaf leaf;
	int last_version; /* TLS1_1_VERSION and the like; 0: the newest */
};

struct mx_server;

struct mx_server *mx_server_start(const struct authority *a, const struct mx_play *play);
unsigned mx_server_port(const struct mx_server *v);
X509 *mx_server_certificate(const struct mx_server *v); /* the server's */

/* Stops it, and gives the name that its last client asked for by SNI, or "", to be
 * freed, where the pointer is not NULL, and what it said in all. */
void mx_server_stop(struct mx_server *v, char **sni, char **heard);

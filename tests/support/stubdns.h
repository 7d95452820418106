/* A DNS server for tests, on real sockets: UDP and TCP on one loopback port, in a
 * thread of its own. What it says is the test's to decide, query by query. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stubdns;

struct stubdns_query {
	bool tcp;
	unsigned number; /* 1 for the first that this server got */
	char name[256];  /* as text, no final dot */
	uint16_t type;
	const uint8_t *message;
	size_t len;
	struct stubdns *from;
	int fd;
	const void *peer; /* of UDP */
};

/* Runs in the server's thread for each query; sends what it likes, or nothing. */
typedef void stubdns_fn(void *arg, const struct stubdns_query *query);

/* address: "127.0.0.1"; port 0: any. A test fails when it cannot be had. */
struct stubdns *stubdns_start(const char *address, uint16_t port, stubdns_fn *fn, void *arg);
uint16_t stubdns_port(const struct stubdns *stub);
void stubdns_stop(struct stubdns *stub); /* NULL is fine */

enum {
	STUBDNS_AD = 1,
	STUBDNS_TC = 2,
	STUBDNS_OTHER_ID = 4,
	STUBDNS_OTHER_NAME = 8,
	STUBDNS_NO_RA = 16,
};

/* Sends a reply with that response code and the records of the lists, which end
 * with NULL and may be NULL: "example. 300 IN MX 10 a.example." */
void stubdns_reply(const struct stubdns_query *query, unsigned flags, unsigned code,
		   const char *const *answer, const char *const *authority);
void stubdns_send(const struct stubdns_query *query, const void *bytes, size_t len);

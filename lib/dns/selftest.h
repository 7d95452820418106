/* dns/selftest.h: whether the resolvers do what our trust rests on.
 *
 *     ""
 *     "resolver 192.0.2.53 does not validate: the root's keys come without AD;
 *      resolver 127.0.0.1 does not answer over TCP: Connection refused"
 *
 * Each server that the settings name is asked for the keys of the root, which are
 * signed for everyone, over UDP and over TCP. A server whose AD bit we do not
 * trust is a complaint, too: nothing it says can be secure. Where a name is known whose
 * signatures are broken, it is asked as well: a server that answers does not validate, and
 * whatever it calls authentic is not.
 *
 * Threads  all on the loop's thread */
#pragma once

#include "dns/client.h"

struct dns_selftest;

/* complaints: "" when all is well; one sentence, borrowed for the call. misleading: a server
 * whose AD is believed has given out what is bogus, so that AD means nothing. */
typedef void dns_selftest_done(void *arg, const char *complaints, bool misleading);

/* Ends within config's timeout_ms or a little more; done is called once, not
 * before this has returned, and the handle is spent as soon as it is. NULL: as
 * dns_client_new(). config is not kept. bogus: "" where no such name is known. */
struct dns_selftest *dns_selftest_start(struct loop *loop, const struct dns_client_config *config,
					const char *bogus, dns_selftest_done *done, void *arg,
					struct fault *why);
void dns_selftest_cancel(struct dns_selftest *test); /* done is not called; NULL is fine */

/* page/route.h: what the portal is asked for, from the path of a request alone.
 *
 *     /m/6f…32 digits                        the pickup page
 *     /m/6f…%23008J-4CT4-…                   the same, from a link whose # was rewritten
 *     /m/6f…/prove                           one step of a pickup
 *     /static/pickup-0a1b2c3d.js             an embedded file
 *
 * The table is fixed and paths are compared as they came: nothing is decoded but the # of a
 * rewritten link, nothing is normalised, and none of it ever names a file.
 *
 * Threads  pure functions */
#pragma once

#include "base/slice.h"
#include "crypto/code.h"

enum {
	PAGE_ID_BYTES = 16,
	PAGE_PATH_MAX = 400, /* bytes; the longest of ours, mangled, has some 120 */
};

enum page_route {
	PAGE_INDEX,
	PAGE_PICKUP,
	PAGE_SENDER,
	PAGE_ABOUT,
	PAGE_KEY,
	PAGE_STATIC,
	PAGE_HEALTH,
	PAGE_LOCATE,
	PAGE_PROVE,
	PAGE_CODE,
	PAGE_FACTOR,
	PAGE_BLOB,
	PAGE_ACKNOWLEDGE,
	PAGE_REPLY,
	PAGE_OPEN,
	PAGE_PART,
	PAGE_ROUTES,
};

enum { PAGE_GET = 1, PAGE_POST = 2 }; /* HEAD is GET without the body */

struct page_target { /* borrowed from the path */
	enum page_route route;
	uint8_t id[PAGE_ID_BYTES];   /* where the path has one */
	char code[CRYPTO_CODE_TEXT]; /* PICKUP: a whole code that stood in the path, else "" */
	struct slice tag;            /* SENDER: digits of either case */
	struct slice name;           /* STATIC */
};

/* prefix: the path in portal.url, "" or "/PATH".
 *   RC_OK      *out is set
 *   RC_ABSENT  no such page */
enum rc page_route_find(struct slice path, const char *prefix, struct page_target *out);

unsigned page_route_methods(enum page_route route);

enum page_takes { PAGE_TAKES_FORM, PAGE_TAKES_JSON, PAGE_TAKES_PARTS };

/* What a POST brings: a form of ours, a script's JSON, or multipart/form-data. */
enum page_takes page_route_takes(enum page_route route);

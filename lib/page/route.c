#include "page/route.h"

#include "base/hex.h"

#include <assert.h>
#include <string.h>

static const struct {
	const char *path;
	enum page_route route;
} whole[] = {
	{ "", PAGE_INDEX },        { "/", PAGE_INDEX },         { "/about", PAGE_ABOUT },
	{ "/key.json", PAGE_KEY }, { "/healthz", PAGE_HEALTH }, { "/locate", PAGE_LOCATE },
};

static const struct {
	const char *word;
	enum page_route route;
} steps[] = {
	{ "/prove", PAGE_PROVE },
	{ "/code", PAGE_CODE },
	{ "/factor", PAGE_FACTOR },
	{ "/blob", PAGE_BLOB },
	{ "/acknowledge", PAGE_ACKNOWLEDGE },
	{ "/reply", PAGE_REPLY },
	{ "/open", PAGE_OPEN },
	{ "/part", PAGE_PART },
};

/* 32 digits, lower case as we print them. */
static bool take_id(struct slice *path, uint8_t out[PAGE_ID_BYTES])
{
	struct slice digits = { path->at, 2 * PAGE_ID_BYTES };

	if (path->len < digits.len || !hex_parse(digits, out, PAGE_ID_BYTES))
		return false;
	for (size_t i = 0; i < digits.len; i++)
		if (digits.at[i] >= 'A' && digits.at[i] <= 'F')
			return false;
	*path = (struct slice){ path->at + digits.len, path->len - digits.len };
	return true;
}

/* A code is kept only when it is one: what else stands in a path is not shown again. */
static bool keep_code(struct slice text, char out[CRYPTO_CODE_TEXT])
{
	uint8_t bytes[CRYPTO_CODE_BYTES];

	if (crypto_code_parse(text, bytes, NULL) != RC_OK)
		return false;
	crypto_code_format(bytes, true, out);
	explicit_bzero(bytes, sizeof bytes);
	return true;
}

/* The # of a link as mail scanners rewrite it, once or twice. */
static bool drop_mark(struct slice *path)
{
	return slice_drop_prefix(path, "#") || slice_drop_prefix(path, "%23") ||
	       slice_drop_prefix(path, "%2523");
}

static enum rc find_message(struct slice rest, struct page_target *out)
{
	if (!take_id(&rest, out->id))
		return RC_ABSENT;
	out->route = PAGE_PICKUP;
	if (rest.len == 0 || slice_is(rest, "/"))
		return RC_OK;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (slice_is(rest, steps[i].word)) {
			out->route = steps[i].route;
			return RC_OK;
		}
	bool slash = slice_drop_prefix(&rest, "/");
	if (drop_mark(&rest)) {
		(void)keep_code(rest, out->code); /* mistyped: to be typed anew */
		return RC_OK;
	}
	return slash && keep_code(rest, out->code) ? RC_OK : RC_ABSENT;
}

static enum rc find_sender(struct slice rest, struct page_target *out)
{
	if (!take_id(&rest, out->id) || !slice_drop_prefix(&rest, "/") || rest.len == 0)
		return RC_ABSENT;
	for (size_t i = 0; i < rest.len; i++)
		if (hex_digit(rest.at[i]) < 0)
			return RC_ABSENT;
	out->route = PAGE_SENDER;
	out->tag = rest;
	return RC_OK;
}

static enum rc find(struct slice path, struct page_target *out)
{
	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		if (slice_is(path, whole[i].path)) {
			out->route = whole[i].route;
			return RC_OK;
		}
	if (slice_drop_prefix(&path, "/m/"))
		return find_message(path, out);
	if (slice_drop_prefix(&path, "/s/"))
		return find_sender(path, out);
	if (!slice_drop_prefix(&path, "/static/"))
		return RC_ABSENT;
	out->route = PAGE_STATIC;
	out->name = path;
	return RC_OK;
}

enum rc page_route_find(struct slice path, const char *prefix, struct page_target *out)
{
	struct page_target target = { 0 };

	if (path.len > PAGE_PATH_MAX || !slice_drop_prefix(&path, prefix))
		return RC_ABSENT;
	enum rc rc = find(path, &target);
	if (rc == RC_OK)
		*out = target;
	return rc;
}

static const struct {
	unsigned methods;
	enum page_takes takes;
} about[PAGE_ROUTES] = {
	[PAGE_INDEX] = { PAGE_GET | PAGE_POST, PAGE_TAKES_FORM },
	[PAGE_PICKUP] = { PAGE_GET, PAGE_TAKES_FORM },
	[PAGE_SENDER] = { PAGE_GET | PAGE_POST, PAGE_TAKES_FORM },
	[PAGE_ABOUT] = { PAGE_GET, PAGE_TAKES_FORM },
	[PAGE_KEY] = { PAGE_GET, PAGE_TAKES_FORM },
	[PAGE_STATIC] = { PAGE_GET, PAGE_TAKES_FORM },
	[PAGE_HEALTH] = { PAGE_GET, PAGE_TAKES_FORM },
	[PAGE_LOCATE] = { PAGE_POST, PAGE_TAKES_JSON },
	[PAGE_PROVE] = { PAGE_POST, PAGE_TAKES_JSON },
	[PAGE_CODE] = { PAGE_POST, PAGE_TAKES_JSON },
	[PAGE_FACTOR] = { PAGE_POST, PAGE_TAKES_JSON },
	[PAGE_BLOB] = { PAGE_POST, PAGE_TAKES_JSON },
	[PAGE_ACKNOWLEDGE] = { PAGE_POST, PAGE_TAKES_JSON },
	[PAGE_REPLY] = { PAGE_POST, PAGE_TAKES_PARTS },
	[PAGE_OPEN] = { PAGE_POST, PAGE_TAKES_FORM },
	[PAGE_PART] = { PAGE_POST, PAGE_TAKES_FORM },
};

unsigned page_route_methods(enum page_route route)
{
	assert(route < PAGE_ROUTES);
	return about[route].methods;
}

enum page_takes page_route_takes(enum page_route route)
{
	assert(route < PAGE_ROUTES);
	return about[route].takes;
}

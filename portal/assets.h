/* portal/assets.h: pages, scripts and texts, embedded at build by tools/portal_assets. The
 * program opens no file for them.
 *
 * Memory   constant */
#pragma once

#include "page/template.h"

struct asset_file {
	const char *value; /* its name in templates: "pickup_js" */
	const char *name;  /* with its hash: "pickup-0123456789abcdef.js" */
	const char *type;
	struct slice bytes;
};

struct asset_language {
	const char *tag; /* lower case: "en" */
	const char *name, *direction;
	const char *texts_file; /* the catalogue for scripts: an asset_file's name */
	struct page_texts texts;
};

extern const struct slice asset_page; /* the template of all pages */
extern const struct asset_file asset_files[];
extern const size_t asset_file_count;
extern const struct asset_language asset_languages[]; /* English first */
extern const size_t asset_language_count;

/* document/label.h: sensitivity labels among a document's properties.
 *
 *     MSIP_Label_<GUID>_Enabled = true
 *     MSIP_Label_<GUID>_SiteId  = <GUID of the tenant>     →   "<tenant>/<label>"
 *
 * In OOXML a label stands in docMetadata/LabelInfo.xml, and what custom properties say
 * beside it is old. A label that is not enabled or removed is none; one that does
 * not say so counts. Without its tenant it is "/<label>".
 *
 * Standard  [MS-OFFCRYPTO] LabelInfo; Microsoft Information Protection metadata
 * Threads   one user at a time */
#pragma once

#include "base/slice.h"

enum {
	LABELS_MAX = 32,                 /* of one document; real ones have one for each tenant */
	LABEL_GUID = 36,                 /* characters */
	LABEL_TEXT = 2 * LABEL_GUID + 2, /* "SITE/GUID" and its end */
};

struct label {
	char guid[LABEL_GUID + 1], site[LABEL_GUID + 1]; /* lower case; site may be "" */
	bool off;
};

struct labels {
	struct label at[LABELS_MAX];
	size_t count;
	bool info; /* they are LabelInfo's: properties no longer count */
};

/* A property, whichever it is. */
void labels_take(struct labels *l, struct slice name, struct slice value);

/* A label of LabelInfo.xml, its attributes' values, empty where missing. */
void labels_info(struct labels *l, struct slice id, struct slice site, bool off);

/* The next that holds from *i on, which begins at 0; false: there is no more. */
bool labels_next(const struct labels *l, size_t *i, char out[LABEL_TEXT]);

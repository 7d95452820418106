/* document/conflabel.h: confidentiality labels that stand in XML.
 *
 *     <ConfidentialityInformation>
 *       <PolicyIdentifier>NATO</PolicyIdentifier>
 *       <Classification>SECRET</Classification>        →   property "ADatP-4774", "NATO/SECRET"
 *
 * Elements are known by their names alone, whatever namespace they are of. A policy without a
 * classification is told as "/": a label that does not say what it means. A classification
 * without a policy before it is some other program's.
 *
 * Standard  ADatP-4774 (label); it stands alone, in a binding (ADatP-4778), or in a custom part
 *           of an office file
 * Threads   one user at a time */
#pragma once

#include "document/reading.h"

enum {
	CONFLABELS_MAX = 16, /* of one file; what comes after is told as one without meaning */
	CONFLABEL_TEXT = 120,
};

struct conflabels {        /* zeroed: none */
	bool taking, over; /* text goes to `text`; it was too long */
	bool open;         /* a policy waits for its classification */
	size_t count, len;
	char text[CONFLABEL_TEXT], policy[CONFLABEL_TEXT];
	char at[CONFLABELS_MAX][2 * CONFLABEL_TEXT];
};

/* An element begins, text stands in it, it ends; names without prefix. */
void conflabels_begin(struct conflabels *l, struct slice name);
void conflabels_text(struct conflabels *l, struct slice text);
void conflabels_end(struct conflabels *l, struct slice name);

/* At the end of the file: tells them as properties, and forgets them. */
void conflabels_tell(struct conflabels *l, struct reading *r);

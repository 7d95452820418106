/* document/xml.h: XML: its text, or the properties that it lists.
 *
 *     <w:t>41</w:t></w:r><w:r><w:t>11</w:t></w:r></w:p>     →   4111\n
 *     <card>4111</card><until>2026</until>                  →   4111\n2026\n
 *     <dc:creator>A. Person</dc:creator>                    →   property "creator"
 *
 * In office formats a word may be cut into runs anywhere, so only paragraphs, cells
 * and the like end a line; in others each element does. What stands beside the text
 * (notes on pictures, links, field codes, deleted words) comes after it.
 *
 * A document type with declarations of its own is refused (entity bombs) and told; it
 * and what is not well formed are then read as HTML is, which expands nothing.
 *
 * This is the only place that knows expat.
 *
 * Standard  XML 1.0, Namespaces; ECMA-376 parts 1 and 4; ODF 1.2; XMP part 1
 * Threads   one reading at a time */
#pragma once

#include "document/reading.h"

enum {
	XML_DEPTH_MAX = 512,        /* elements in each other: real ones stay below 100 */
	XML_ASIDE_MAX = 256 * 1024, /* bytes of what comes after; more is told as opaque */
};

void xml_read(struct reading *r, struct slice bytes); /* with labels, document/conflabel.h */

/* Elements' texts, and attributes, as properties. An element <property name="x"> or
 * <user-defined name="x"> is the property "x". */
void xml_read_properties(struct reading *r, struct slice bytes);

/* LabelInfo.xml: its labels go to r->labels. */
void xml_read_labels(struct reading *r, struct slice bytes);

/* document/pdftext.h: the text that a PDF content stream shows.
 *
 *     BT /F1 12 Tf 72 700 Td (41) Tj 13.3 0 Td (11) Tj ET     →   4111
 *
 * Pieces are joined as they are seen: by where a piece begins and the one before it
 * ended. What stands beside (alternative texts) comes after. Invisible text is text.
 *
 * Standard  ISO 32000-1 §8.3 (coordinates), §9.4 (text objects), §14.6 (marked content)
 * Threads   one reading at a time */
#pragma once

#include "document/pdffont.h"
#include "document/reading.h"

/* Where fonts are found: by the name that a stream uses. */
struct pdf_fonts {
	void *of;
	const struct pdf_font *(*find)(void *of, struct slice name); /* NULL: not known */
};

/* Within a text that has begun. Codes of fonts that cannot be read: *unreadable. */
void pdf_text_read(struct reading *r, struct slice content, const struct pdf_fonts *fonts,
		   bool *unreadable);

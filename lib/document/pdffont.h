/* document/pdffont.h: what the codes of a PDF font's strings mean.
 *
 *     <0018> of a subset with /ToUnicode    →   "4", 0.5 of its size wide
 *
 * The map to Unicode counts; without one the encoding's names do ("/four"), and for
 * CID fonts a character collection in Unicode. A font that gives none of them cannot
 * be read.
 *
 * Standard  ISO 32000-1 §9.6.6 (encodings), §9.7.5 (CMaps), §9.10 (extraction), §9.7.4.3
 * Memory    a table for each code: pdf_font_free()
 * Threads   one user at a time */
#pragma once

#include "document/pdfvalue.h"

enum {
	PDF_CODES = 65536,
	PDF_MAPPED = 4 * PDF_CODES, /* codes that a map may set, each again and again */
	PDF_LIGATURES = 256,        /* codes that stand for several characters, of one font */
	PDF_LIGATURE = 8,           /* characters of one at most */
};

struct pdf_font {
	bool wide;       /* two bytes a code */
	bool starved;    /* memory was out while it was made */
	bool unreadable; /* codes mean nothing that we could know */
	uint32_t *map;   /* a character, 0 for none, or the top bit and a ligature's number */
	float *widths;   /* in units of its size; below 0: not known */
	size_t ligature_count;
	size_t mapped; /* codes so far: ranges may overlap without end */
	uint32_t ligatures[PDF_LIGATURES][PDF_LIGATURE];
};

/* What the font's dictionaries are, references resolved; empty where there is none. */
struct pdf_font_source {
	struct slice font, descendant, encoding;
	struct slice encoding_name;      /* as a name */
	struct slice to_unicode;         /* the CMap, unpacked */
	struct slice widths, cid_widths; /* contents of /Widths and /W */
};

/* NULL: out of memory. */
struct pdf_font *pdf_font_new(const struct pdf_font_source *source);
void pdf_font_free(struct pdf_font *f); /* NULL is fine */

/* Takes a code off the front of *bytes, which is not empty: how many characters it is
 * (0: not known), at most PDF_LIGATURE, and how wide. *code: for a blank's extra space. */
size_t pdf_font_take(const struct pdf_font *f, struct slice *bytes, uint32_t out[PDF_LIGATURE],
		     double *width, uint32_t *code);

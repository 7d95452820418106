/* page/letter.h: a message as a page without scripts shows it: who, when, the text, and where
 * its attachments lie.
 *
 * It is pushed through once and not kept: an attachment is read out of the message anew when it
 * is asked for (page/attachment.h). The text is the plain one where there is one, else what
 * stands in the HTML.
 *
 * Standard  as mime/decoder.h
 * Memory    the limits below, whatever the message's size; letter_free() wipes
 * Threads   one user at a time */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

enum {
	PAGE_LETTER_TEXT_MAX = 256 * 1024, /* bytes shown; a book of 40,000 words. The rest is
					    * in the original, which can be saved */
	PAGE_LETTER_FIELD_MAX = 2000,      /* bytes of Subject, From, … that are shown */
	PAGE_LETTER_PARTS_MAX = 60,        /* attachments listed; people attach a few */
};

struct page_part {
	uint64_t begin, end; /* in the original: header, empty line and body of the part */
	struct slice path;   /* as in mime/decoder.h: "2" */
	struct slice type;   /* "application/pdf" */
	struct slice name;   /* cleaned: page/filename.h; never empty */
};

struct page_letter; /* one being read */

enum rc page_letter_new(struct page_letter **out, struct fault *why); /* RC_NOMEM */
void page_letter_free(struct page_letter **letter);                   /* for CLEANUP() */
void page_letter_add(struct page_letter *letter, struct slice original);
/* The end of the message: the rest can be asked for. RC_NOMEM: it could not be read whole. */
enum rc page_letter_end(struct page_letter *letter, struct fault *why);

struct slice page_letter_subject(const struct page_letter *letter);
struct slice page_letter_from(const struct page_letter *letter);
struct slice page_letter_to(const struct page_letter *letter); /* To and Cc */
struct slice page_letter_date(const struct page_letter *letter);
struct slice page_letter_text(const struct page_letter *letter, bool *cut);
size_t page_letter_parts(const struct page_letter *letter, const struct page_part **parts);

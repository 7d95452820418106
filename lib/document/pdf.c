#include "document/pdf.h"

#include "document/bytes.h"
#include "document/identify.h"
#include "document/label.h"
#include "document/pdfindex.h"
#include "document/pdftext.h"
#include "document/plain.h"
#include "document/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pdf {
	struct reading *r;
	struct pdf_index index;
	bool *done; /* objects that have been read: what pages show */
	unsigned pages;
	bool unreadable, damaged, starved; /* starved: a font found no memory */
	struct slice resources; /* fonts of the stream at hand: the dictionary's content */
	struct slice latest;    /* the last that were found: old streams have lost theirs */
	struct pdf_font *plain; /* for those that nobody finds */
	struct {
		struct slice key; /* the font's dictionary, which tells one from another */
		struct pdf_font *font;
	} fonts[PDF_FONTS_MAX];
	size_t font_count;
};

/* ---- fonts ---- */

static struct slice content_of(struct pdf_value v)
{
	return v.kind == PDF_DICTIONARY || v.kind == PDF_ARRAY ? v.raw : (struct slice){ 0 };
}

static struct pdf_font *make_font(struct pdf *p, struct slice font)
{
	const struct pdf_index *x = &p->index;
	struct pdf_value encoding = pdf_find_resolved(x, font, "Encoding");
	struct pdf_value list = pdf_find_resolved(x, font, "DescendantFonts");
	struct pdf_font_source s = { .font = font, .encoding = content_of(encoding) };
	const struct pdf_object *map = pdf_object_of(x, pdf_find(font, "ToUnicode"));
	struct buf unpacked = { 0 };

	if (list.kind == PDF_ARRAY)
		s.descendant = content_of(pdf_resolve(x, pdf_take(&list.raw)));
	if (encoding.kind == PDF_NAME)
		s.encoding_name = encoding.raw;
	s.widths = content_of(pdf_find_resolved(x, font, "Widths"));
	s.cid_widths = content_of(pdf_find_resolved(x, s.descendant, "W"));
	enum rc rc = map ? pdf_unpack(x, map, &unpacked) : RC_ABSENT;
	if (rc != RC_ABSENT)
		s.to_unicode = buf_slice(&unpacked);
	struct pdf_font *f = pdf_font_new(&s);
	buf_free(&unpacked);
	p->starved |= !f || rc == RC_NOMEM;
	return f;
}

static void forget_fonts(struct pdf *p)
{
	for (size_t i = 0; i < p->font_count; i++)
		pdf_font_free(p->fonts[i].font);
	p->font_count = 0;
}

static const struct pdf_font *find_font(void *of, struct slice name)
{
	struct pdf *p = of;
	char key[128];

	snprintf(key, sizeof key, "%.*s", (int)(name.len < 127 ? name.len : 127), name.at);
	struct slice font = content_of(pdf_find_resolved(&p->index, p->resources, key));
	if (font.len == 0 && !p->plain) {
		p->plain = pdf_font_new(&(struct pdf_font_source){ 0 });
		p->starved |= !p->plain;
	}
	if (font.len == 0)
		return p->plain;
	for (size_t i = 0; i < p->font_count; i++)
		if (p->fonts[i].key.at == font.at)
			return p->fonts[i].font;
	/* The text at hand holds none of them but the one that it sets next. */
	if (p->font_count == PDF_FONTS_MAX)
		forget_fonts(p);
	p->fonts[p->font_count].key = font;
	p->fonts[p->font_count].font = make_font(p, font);
	return p->fonts[p->font_count++].font;
}

/* ---- what is shown ---- */

/* The fonts of a page, or those that it inherits (§7.7.3.4). */
static struct slice fonts_of(struct pdf *p, struct slice dictionary)
{
	for (int i = 0; i < PDF_TREE_MAX && dictionary.len; i++) {
		struct slice resources =
			content_of(pdf_find_resolved(&p->index, dictionary, "Resources"));
		struct slice fonts = content_of(pdf_find_resolved(&p->index, resources, "Font"));
		if (fonts.len)
			p->latest = fonts;
		if (fonts.len)
			return fonts;
		dictionary = content_of(pdf_find_resolved(&p->index, dictionary, "Parent"));
	}
	return p->latest;
}

static void show(struct pdf *p, struct slice content)
{
	struct pdf_fonts fonts = { p, find_font };

	reading_begin(p->r);
	pdf_text_read(p->r, content, &fonts, &p->unreadable);
	reading_end(p->r);
}

static void add_content(struct pdf *p, struct pdf_value reference, struct buf *all)
{
	const struct pdf_object *o = pdf_object_of(&p->index, reference);
	struct buf one = { 0 };

	if (!o)
		return;
	enum rc rc = pdf_unpack(&p->index, o, &one);
	p->damaged |= rc != RC_OK && rc != RC_ABSENT;
	if (rc != RC_ABSENT)
		p->done[o - p->index.objects] = true;
	if (buf_add_slice(all, buf_slice(&one)) != RC_OK || buf_add_byte(all, '\n') != RC_OK)
		p->damaged = true;
	buf_free(&one);
}

/* A page's content is one stream, or several that are one (§7.8.2). */
static void read_page(struct pdf *p, struct slice dictionary)
{
	struct pdf_value contents = pdf_find(dictionary, "Contents");
	struct pdf_value list = pdf_resolve(&p->index, contents), v;
	struct buf all = BUF_INIT(reading_room(p->r));
	char name[32];
	size_t mark;

	if (list.kind == PDF_ARRAY)
		while ((v = pdf_take(&list.raw)).kind != PDF_NOTHING && reading_goes_on(p->r))
			add_content(p, v, &all);
	else
		add_content(p, contents, &all);
	snprintf(name, sizeof name, "page-%u", ++p->pages);
	reading_name(p->r, slice_of(name), &mark);
	p->resources = fonts_of(p, dictionary);
	show(p, buf_slice(&all));
	reading_unname(p->r, mark);
	buf_free(&all);
}

/* ---- other streams ---- */

/* What nobody reads: pictures, programs of fonts, colours, tables of the file itself. */
static bool is_passed_over(struct slice d)
{
	static const char *const types[] = { "XRef", "ObjStm", "Font", "CMap" };
	static const char *const subtypes[] = { "Image", "Type1C", "CIDFontType0C", "OpenType" };
	struct pdf_value type = pdf_find(d, "Type"), subtype = pdf_find(d, "Subtype");

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (pdf_is_name(type, types[i]) || pdf_is_name(subtype, subtypes[i]))
			return true;
	return pdf_find(d, "Length1").kind != PDF_NOTHING ||
	       pdf_find(d, "FunctionType").kind != PDF_NOTHING ||
	       pdf_find(d, "ShadingType").kind != PDF_NOTHING;
}

static bool holds(struct slice s, const char *text)
{
	return s.len && memmem(s.at, s.len, text, strlen(text));
}

static bool is_shown(struct slice dictionary, struct slice content)
{
	if (pdf_find(dictionary, "BBox").kind != PDF_NOTHING)
		return true;
	return holds(content, "BT") && (holds(content, "Tj") || holds(content, "TJ"));
}

static void read_content(struct pdf *p, struct slice dictionary, struct slice content)
{
	const char *word;
	bool embedded = pdf_is_name(pdf_find(dictionary, "Type"), "EmbeddedFile");
	bool metadata = pdf_is_name(pdf_find(dictionary, "Type"), "Metadata");

	if (holds(content, "begincmap"))
		return;
	if (metadata)
		xml_read_properties(p->r, content);
	else if (embedded)
		reading_document(p->r, content, (struct slice){ 0 });
	else if (is_shown(dictionary, content)) {
		p->resources = fonts_of(p, dictionary);
		show(p, content);
	} else if (document_identify(content, (struct slice){ 0 }, &word) != DOCUMENT_BINARY) {
		reading_document(p->r, content, (struct slice){ 0 }); /* scripts, XFA forms */
	}
}

static void read_stream(struct pdf *p, const struct pdf_object *o)
{
	struct slice dictionary, stream;
	struct buf content = { 0 };
	char name[32];
	size_t mark;

	if (!pdf_stream_of(&p->index, o, &dictionary, &stream) || is_passed_over(dictionary))
		return;
	enum rc rc = pdf_unpack(&p->index, o, &content);
	p->damaged |= rc != RC_OK && rc != RC_ABSENT;
	snprintf(name, sizeof name, "object-%u", o->number);
	reading_name(p->r, slice_of(name), &mark);
	if (rc != RC_ABSENT && !p->r->stopped)
		read_content(p, dictionary, buf_slice(&content));
	reading_unname(p->r, mark);
	buf_free(&content);
}

/* ---- strings ---- */

static void put_string(struct reading *r, struct pdf_value v)
{
	struct buf text = BUF_INIT(4 * v.raw.len + 16);

	pdf_add_text(v, &text);
	reading_text(r, buf_slice(&text));
	reading_byte(r, '\n');
	reading_drop(r, &text);
}

/* All strings of a value, however deep: notes, fields, bookmarks, links, names. */
static void put_strings(struct reading *r, struct slice in, unsigned depth)
{
	while (reading_goes_on(r)) {
		struct pdf_value v = pdf_take(&in);
		if (v.kind == PDF_NOTHING)
			return;
		if (v.kind == PDF_STRING || v.kind == PDF_HEX)
			put_string(r, v);
		else if ((v.kind == PDF_ARRAY || v.kind == PDF_DICTIONARY) && depth < PDF_NEST_MAX)
			put_strings(r, v.raw, depth + 1);
		else if (v.kind == PDF_WORD && slice_is(v.raw, "stream"))
			return;
	}
}

/* The Info dictionary: known by what only it has, so that old ones count as well. */
static bool is_info(struct slice d)
{
	return pdf_find(d, "Producer").kind != PDF_NOTHING ||
	       pdf_find(d, "CreationDate").kind != PDF_NOTHING ||
	       pdf_find(d, "ModDate").kind != PDF_NOTHING;
}

static void read_info(struct reading *r, struct slice d)
{
	while (reading_goes_on(r)) {
		struct pdf_value key = pdf_take(&d), v = pdf_take(&d);
		struct buf name = BUF_INIT(READING_VALUE), value = BUF_INIT(4 * v.raw.len + 16);
		if (key.kind == PDF_NOTHING || v.kind == PDF_NOTHING)
			return;
		pdf_add_bytes(key, &name);
		if (v.kind == PDF_STRING || v.kind == PDF_HEX || v.kind == PDF_NAME)
			pdf_add_text(v, &value);
		reading_property(r, buf_slice(&name), buf_slice(&value));
		reading_drop(r, &name);
		reading_drop(r, &value);
	}
}

static struct slice dictionary_of(const struct pdf_object *o)
{
	struct slice body = o->body;

	return content_of(pdf_take(&body));
}

/* ---- the whole ---- */

static void read_pages(struct pdf *p)
{
	for (size_t i = 0; i < p->index.count && reading_goes_on(p->r); i++) {
		struct slice d = dictionary_of(&p->index.objects[i]);
		if (pdf_is_name(pdf_find(d, "Type"), "Page"))
			read_page(p, d);
	}
}

static void read_rest(struct pdf *p)
{
	for (size_t i = 0; i < p->index.count && reading_goes_on(p->r); i++) {
		struct slice d = dictionary_of(&p->index.objects[i]);
		if (is_info(d) && !pdf_is_name(pdf_find(d, "Type"), "EmbeddedFile"))
			read_info(p->r, d);
		if (!p->done[i])
			read_stream(p, &p->index.objects[i]);
	}
}

static void read_strings(struct pdf *p)
{
	size_t mark;

	reading_name(p->r, SLICE("strings"), &mark);
	reading_begin(p->r);
	for (size_t i = 0; i < p->index.count && reading_goes_on(p->r); i++) {
		struct slice d = dictionary_of(&p->index.objects[i]);
		if (!is_info(d))
			put_strings(p->r, p->index.objects[i].body, 0);
	}
	reading_end(p->r);
	reading_unname(p->r, mark);
}

static void read_all(struct pdf *p)
{
	if (p->index.encrypted) {
		reading_opaque(p->r, "encrypted");
		return;
	}
	p->done = calloc(p->index.count ? p->index.count : 1, sizeof *p->done);
	if (!p->done) {
		reading_opaque(p->r, "memory");
		return;
	}
	read_pages(p);
	read_rest(p);
	read_strings(p);
	if (p->index.count == 0 || p->index.over)
		reading_opaque(p->r, "pdf");
	if (p->damaged)
		reading_opaque(p->r, "damaged");
	if (p->unreadable)
		reading_opaque(p->r, "pdf-font");
	if (p->starved)
		reading_opaque(p->r, "memory");
	free(p->done);
}

void pdf_read(struct reading *r, struct slice bytes)
{
	struct labels labels = { 0 }, *outer = r->labels;
	struct pdf *p = calloc(1, sizeof *p);

	if (!p) {
		reading_opaque(r, "memory");
		return;
	}
	p->r = r;
	r->labels = &labels;
	if (pdf_index_init(&p->index, r, bytes) == RC_OK)
		read_all(p);
	reading_labels(r, &labels);
	r->labels = outer;
	forget_fonts(p);
	pdf_font_free(p->plain);
	pdf_index_fini(&p->index);
	free(p);
}

#include "document/ole.h"

#include "document/bytes.h"
#include "document/cfb.h"
#include "document/identify.h"
#include "document/label.h"
#include "document/lzfu.h"
#include "document/plain.h"
#include "document/props.h"
#include "document/sheet.h"
#include "document/slides.h"
#include "document/word.h"
#include "document/xml.h"

#include <string.h>

struct ole {
	struct reading *r;
	struct cfb cfb;
};

/* A stream's bytes; buf_free() them. */
static struct buf take_stream(struct ole *o, const struct cfb_entry *e)
{
	struct buf out = BUF_INIT(reading_room(o->r));
	enum rc rc = cfb_read(&o->cfb, e, &out);

	if (rc == RC_INVALID)
		reading_opaque(o->r, "damaged");
	if (rc == RC_NOMEM)
		reading_opaque(o->r, "memory");
	if (!reading_unpacks(o->r, out.len + 1))
		buf_clear(&out);
	return out;
}

/* ---- embedded objects ---- */

/* A file that was dropped into a document: its names and paths stand before it. */
static void read_native(struct reading *r, struct slice s)
{
	s = bytes_after(s, 6);
	struct slice name = bytes_take_text(&s);
	bytes_take_text(&s);
	s = bytes_after(s, 4);
	s = bytes_after(s, 4 + (uint64_t)bytes_u32(s, 0));
	struct slice data = bytes_after(s, 4);
	uint32_t len = bytes_u32(s, 0);
	data.len = len < data.len ? len : data.len;
	reading_file(r, name, data);
	reading_document(r, data, name);
}

/* ---- Outlook items: "__substg1.0_" and eight digits, the last four the type ---- */

static bool is_property(const char *name, const char *ends)
{
	const char *front = "__substg1.0_";
	size_t len = strlen(name), end = strlen(ends);

	return strncmp(name, front, strlen(front)) == 0 && len > end &&
	       strcmp(name + len - end, ends) == 0;
}

static void read_text(struct reading *r, struct slice bytes, const char *charset)
{
	reading_begin(r);
	plain_add(r, bytes, charset);
	reading_end(r);
}

static void read_compressed(struct reading *r, struct slice bytes)
{
	struct buf out = BUF_INIT(reading_room(r));

	if (lzfu_unpack(bytes, &out) != RC_OK)
		reading_opaque(r, "damaged");
	if (reading_unpacks(r, out.len))
		reading_document(r, buf_slice(&out), (struct slice){ 0 });
	reading_drop(r, &out);
}

/* ---- streams ---- */

static bool is_summary(const char *name, bool *document)
{
	*document = strcmp(name, "\005DocumentSummaryInformation") == 0;
	return *document || strcmp(name, "\005SummaryInformation") == 0;
}

static bool read_known(struct ole *o, const char *name, struct slice bytes)
{
	struct reading *r = o->r;
	bool document;

	if (is_summary(name, &document))
		props_read(r, bytes, document);
	else if (strstr(name, "LabelInfo"))
		xml_read_labels(r, bytes);
	else if (strcmp(name, "Workbook") == 0 || strcmp(name, "Book") == 0)
		sheet_read(r, bytes);
	else if (strcmp(name, "PowerPoint Document") == 0)
		slides_read(r, bytes);
	else if (strcmp(name, "\001Ole10Native") == 0)
		read_native(r, bytes);
	else if (is_property(name, "10090102"))
		read_compressed(r, bytes);
	else if (is_property(name, "001F"))
		read_text(r, bytes, "utf-16le");
	else if (is_property(name, "001E"))
		read_text(r, bytes, "utf-8");
	else
		return false;
	return true;
}

static void read_stream(struct ole *o, const struct cfb_entry *e)
{
	struct buf bytes = take_stream(o, e);
	const char *word;
	enum document_format format =
		document_identify(buf_slice(&bytes), (struct slice){ 0 }, &word);
	bool plain = format == DOCUMENT_BINARY || format == DOCUMENT_TEXT;

	if (!read_known(o, e->name, buf_slice(&bytes))) {
		if (plain)
			plain_read_runs(o->r, buf_slice(&bytes));
		else
			reading_document(o->r, buf_slice(&bytes), (struct slice){ 0 });
	}
	buf_free(&bytes);
}

static void read_word(struct ole *o)
{
	static const char *const tables[] = { "0Table", "1Table" };
	const struct cfb_entry *document = cfb_find(&o->cfb, "WordDocument");

	if (!document)
		return;
	struct buf text = take_stream(o, document), table = { 0 };
	const struct cfb_entry *e = cfb_find(&o->cfb, tables[word_table(buf_slice(&text))]);
	if (e)
		table = take_stream(o, e);
	(void)word_read(o->r, buf_slice(&text), buf_slice(&table));
	buf_free(&text);
	buf_free(&table);
}

/* The name as a path has it: control characters in front mean something to OLE alone. */
static struct slice shown(const char *name)
{
	while (*name && *name < ' ')
		name++;
	return slice_of(name);
}

/* Encrypted OOXML: the package is one stream, and labels stand beside it in clear. */
static bool is_package(const struct ole *o)
{
	return cfb_find(&o->cfb, "EncryptedPackage") != NULL;
}

static void read_all(struct ole *o)
{
	read_word(o);
	if (is_package(o))
		reading_opaque(o->r, "encrypted");
	if (o->cfb.over)
		reading_opaque(o->r, "ole");
	for (size_t i = 0; i < o->cfb.count && reading_goes_on(o->r); i++) {
		const struct cfb_entry *e = &o->cfb.entries[i];
		size_t mark;
		if (!e->stream || strcmp(e->name, "EncryptedPackage") == 0)
			continue;
		reading_name(o->r, shown(e->name), &mark);
		read_stream(o, e);
		reading_unname(o->r, mark);
	}
}

void ole_read(struct reading *r, struct slice bytes)
{
	struct labels labels = { 0 }, *outer = r->labels;
	struct ole o = { .r = r };
	enum rc rc = cfb_init(&o.cfb, bytes);

	if (rc != RC_OK) {
		plain_read_runs(r, bytes);
		reading_opaque(r, rc == RC_NOMEM ? "memory" : "ole");
		return;
	}
	r->labels = &labels;
	read_all(&o);
	reading_labels(r, &labels);
	r->labels = outer;
	cfb_fini(&o.cfb);
}

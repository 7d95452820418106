#include "document/xml.h"

#include "document/conflabel.h"
#include "document/label.h"
#include "document/plain.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

enum mode { TEXT, PROPERTIES, LABELS };

struct state {
	struct reading *r;
	XML_Parser parser;
	enum mode mode;
	unsigned depth, aside_depth;    /* of the element that stands aside, or 0 */
	bool declared, line;            /* line: the last byte was a line end */
	bool aside_over, aside_goes_on; /* deleted words may be cut into runs, too */
	bool starved;                   /* memory was out */
	struct buf aside;
	struct buf name, value; /* of the property at hand */
	struct conflabels labels;
};

/* ---- names ---- */

/* expat gives "uri local". */
static struct slice local_of(const char *name)
{
	const char *blank = strrchr(name, ' ');

	return slice_of(blank ? blank + 1 : name);
}

static bool is_office(const char *name)
{
	return strstr(name, "openxmlformats") || strstr(name, "schemas.microsoft.com/office") ||
	       strstr(name, "purl.oclc.org/ooxml") || strstr(name, "opendocument") ||
	       strstr(name, "w3.org/2000/svg") || strstr(name, "microsoft-com:");
}

static bool is_one_of(struct slice word, const char *const *list)
{
	for (; *list; list++)
		if (slice_is(word, *list))
			return true;
	return false;
}

/* What begins a new line, in WordprocessingML, SpreadsheetML, DrawingML and ODF. */
static const char *const breaks[] = {
	"p",         "br",        "cr",          "tr",         "tc",          "row",
	"c",         "si",        "h",           "table-cell", "table-row",   "line-break",
	"list-item", "comment",   "footnote",    "endnote",    "annotation",  "sp",
	"txBody",    "note",      "text-box",    "v",          "f",           "is",
	"oddHeader", "oddFooter", "evenHeader",  "evenFooter", "firstHeader", "firstFooter",
	"lpwstr",    "lpstr",     "definedName", "text",       "sheet",       "docVar",
	"cm",        "pt",        NULL,
};

static const char *const blanks[] = { "tab", "s", "ptab", NULL };

/* Not where the eye sees it: field codes, deleted words, readings of ideographs. */
static const char *const asides[] = { "instrText", "delInstrText", "delText", "rPh", NULL };

/* Attributes that hold words. */
static const char *const words[] = { "descr",  "title",       "alt",     "string-value",
				     "value",  "formula",     "href",    "Target",
				     "prompt", "promptTitle", "tooltip", "author",
				     "text",   "sheetName",   "display", NULL };

/* ---- text ---- */

static void put(struct state *s, const char *text, size_t len)
{
	if (len == 0)
		return;
	if (s->aside_depth) {
		s->aside_over |= buf_add(&s->aside, text, len) != RC_OK;
		return;
	}
	reading_text(s->r, (struct slice){ text, len });
	s->line = text[len - 1] == '\n';
}

static void end_aside(struct state *s)
{
	if (s->aside_goes_on)
		s->aside_over |= buf_add_byte(&s->aside, '\n') != RC_OK;
	s->aside_goes_on = false;
}

static void break_line(struct state *s)
{
	end_aside(s);
	if (!s->line)
		put(s, "\n", 1);
}

static void put_aside(struct state *s, const char *text)
{
	end_aside(s);
	if (buf_add_text(&s->aside, text) != RC_OK || buf_add_byte(&s->aside, '\n') != RC_OK)
		s->aside_over = true;
}

static void take_attributes(struct state *s, bool office, struct slice element,
			    const char **attributes)
{
	bool all = !office || slice_is(element, "docVar") || slice_is(element, "sheet");

	for (; *attributes; attributes += 2)
		if (attributes[1][0] && (all || is_one_of(local_of(attributes[0]), words)))
			put_aside(s, attributes[1]);
}

/* Deleted words go on with those before them, other asides stand for themselves. */
static void begin_aside(struct state *s, struct slice element)
{
	if (!slice_is(element, "delText"))
		end_aside(s);
	s->aside_depth = s->depth;
}

static void begin_text(struct state *s, const char *name, const char **attributes)
{
	struct slice local = local_of(name);
	bool office = is_office(name);

	take_attributes(s, office, local, attributes);
	if (!office || is_one_of(local, breaks))
		break_line(s);
	else if (is_one_of(local, blanks))
		put(s, " ", 1);
	else if (s->aside_depth == 0 && is_one_of(local, asides))
		begin_aside(s, local);
}

static void end_text(struct state *s, const char *name)
{
	if (s->aside_depth == s->depth) {
		s->aside_goes_on = slice_is(local_of(name), "delText");
		if (!s->aside_goes_on)
			s->aside_over |= buf_add_byte(&s->aside, '\n') != RC_OK;
		s->aside_depth = 0;
	}
	if (!is_office(name) || is_one_of(local_of(name), breaks))
		break_line(s);
}

/* ---- properties ---- */

static const char *attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (slice_same_nocase(local_of(attributes[0]), slice_of(name)))
			return attributes[1];
	return "";
}

static void end_property(struct state *s)
{
	struct slice value = buf_slice(&s->value);

	while (value.len && (unsigned char)*value.at <= ' ')
		value = (struct slice){ value.at + 1, value.len - 1 };
	while (value.len && (unsigned char)value.at[value.len - 1] <= ' ')
		value.len--;
	reading_property(s->r, buf_slice(&s->name), value);
	buf_clear(&s->value);
}

static void begin_property(struct state *s, const char *name, const char **attributes)
{
	struct slice local = local_of(name);
	bool named = slice_is(local, "property") || slice_is(local, "user-defined");

	end_property(s);
	/* <property name="x"><vt:lpwstr>: the value's own element says nothing. */
	if (!strstr(name, "docPropsVTypes")) {
		buf_clear(&s->name);
		struct slice own = named ? slice_of(attribute(attributes, "name")) : local;
		s->starved |= buf_add_slice(&s->name, own) == RC_NOMEM;
	}
	for (; !named && *attributes; attributes += 2)
		reading_property(s->r, local_of(attributes[0]), slice_of(attributes[1]));
}

static bool says_no(const char *value)
{
	return strcmp(value, "0") == 0 || strcmp(value, "false") == 0;
}

static void take_label(struct state *s, const char *name, const char **attributes)
{
	const char *enabled = attribute(attributes, "enabled");
	const char *removed = attribute(attributes, "removed");

	if (s->r->labels && slice_is(local_of(name), "label"))
		labels_info(s->r->labels, slice_of(attribute(attributes, "id")),
			    slice_of(attribute(attributes, "siteId")),
			    says_no(enabled) || (*removed && !says_no(removed)));
}

static void take_text(struct state *s, struct slice text)
{
	conflabels_text(&s->labels, text);
	put(s, text.at, text.len);
}

/* ---- expat ---- */

static void on_start(void *of, const char *name, const char **attributes)
{
	struct state *s = of;

	if (++s->depth > XML_DEPTH_MAX || !reading_goes_on(s->r)) {
		XML_StopParser(s->parser, XML_FALSE);
		return;
	}
	if (s->mode == TEXT) {
		conflabels_begin(&s->labels, local_of(name));
		begin_text(s, name, attributes);
	} else if (s->mode == PROPERTIES) {
		begin_property(s, name, attributes);
	} else {
		take_label(s, name, attributes);
	}
}

static void on_end(void *of, const char *name)
{
	struct state *s = of;

	if (s->mode == TEXT) {
		conflabels_end(&s->labels, local_of(name));
		end_text(s, name);
	} else if (s->mode == PROPERTIES) {
		end_property(s);
	}
	s->depth--;
}

static void on_text(void *of, const char *text, int len)
{
	struct state *s = of;

	if (!reading_goes_on(s->r))
		XML_StopParser(s->parser, XML_FALSE);
	else if (s->mode == TEXT)
		take_text(s, (struct slice){ text, (size_t)len });
	else if (s->mode == PROPERTIES)
		s->starved |= buf_add(&s->value, text, (size_t)len) == RC_NOMEM;
}

static void on_comment(void *of, const char *text)
{
	put_aside(of, text);
}

static void on_doctype(void *of, const char *name, const char *system, const char *public,
		       int declares)
{
	struct state *s = of;

	(void)name, (void)system, (void)public;
	if (!declares)
		return;
	s->declared = true;
	XML_StopParser(s->parser, XML_FALSE);
}

/* False: not read to its end. */
static bool parse(struct state *s, struct slice bytes)
{
	s->parser = XML_ParserCreateNS(NULL, ' ');
	if (!s->parser) {
		reading_opaque(s->r, "memory");
		return true;
	}
	XML_SetUserData(s->parser, s);
	XML_SetElementHandler(s->parser, on_start, on_end);
	XML_SetCharacterDataHandler(s->parser, on_text);
	XML_SetCommentHandler(s->parser, on_comment);
	XML_SetStartDoctypeDeclHandler(s->parser, on_doctype);
	bool done = bytes.len <= INT_MAX &&
		    XML_Parse(s->parser, bytes.at, (int)bytes.len, XML_TRUE) == XML_STATUS_OK;
	XML_ParserFree(s->parser);
	return done;
}

static void read_all(struct reading *r, struct slice bytes, enum mode mode)
{
	struct state s = {
		.r = r,
		.mode = mode,
		.line = true,
		.aside = BUF_INIT(XML_ASIDE_MAX),
		.name = BUF_INIT(READING_VALUE),
		.value = BUF_INIT(16 * READING_VALUE),
	};

	if (mode == TEXT)
		reading_begin(r);
	bool done = parse(&s, bytes);
	if (mode != TEXT && s.aside.len)
		reading_begin(r);
	if (s.aside.len) {
		reading_byte(r, '\n');
		reading_text(r, buf_slice(&s.aside));
	}
	reading_end(r);
	conflabels_tell(&s.labels, r);
	if (s.declared)
		reading_opaque(r, "xml-dtd");
	if (s.aside_over)
		reading_opaque(r, "xml-attributes");
	if (s.starved)
		reading_opaque(r, "memory");
	if (!done && !r->stopped)
		plain_read(r, bytes, true);
	buf_free(&s.aside);
	buf_free(&s.name);
	buf_free(&s.value);
}

void xml_read(struct reading *r, struct slice bytes)
{
	read_all(r, bytes, TEXT);
}

void xml_read_properties(struct reading *r, struct slice bytes)
{
	read_all(r, bytes, PROPERTIES);
}

void xml_read_labels(struct reading *r, struct slice bytes)
{
	read_all(r, bytes, LABELS);
}

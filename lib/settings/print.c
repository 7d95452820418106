#include "settings/print.h"

#include "settings/option.h"

#include <string.h>

enum { COLUMNS = 92 };

/* Takes the next words of text, as many as fit. */
static bool take_words(struct slice *text, size_t width, struct slice *line)
{
	size_t end = text->len;

	if (text->len == 0)
		return false;
	if (text->len > width)
		for (end = width; end > 0 && text->at[end] != ' '; end--)
			;
	if (end == 0) /* one long word */
		end = text->len;
	*line = (struct slice){ text->at, end };
	*text = (struct slice){ text->at + end, text->len - end };
	(void)slice_drop_prefix(text, " ");
	return true;
}

static void add(struct buf *out, const char *text)
{
	(void)!buf_add_text(out, text);
}

static void add_comment(struct buf *out, const char *indent, const char *text)
{
	struct slice rest = { text, strlen(text) }, line;

	while (take_words(&rest, COLUMNS - 2 - 8 * strlen(indent), &line))
		(void)!buf_addf(out, "%s# %.*s\n", indent, SLICE_ARG(line));
}

static void add_list(struct buf *out, const char *words)
{
	struct slice rest = { words, strlen(words) }, word;
	const char *comma = "";

	add(out, "[ ");
	while (take_words(&rest, strcspn(rest.at, " "), &word)) {
		(void)!buf_addf(out, "%s\"%.*s\"", comma, SLICE_ARG(word));
		comma = ", ";
	}
	add(out, words[0] ? " ]" : "]");
}

/* A value as it is written in the file; of an option that is empty by default, its
 * specimen. */
static void add_value(struct buf *out, const struct option *o, bool specimen)
{
	const char *text = specimen && o->specimen ? o->specimen : o->text;

	switch (o->type) {
	case OPTION_TEXT:
		(void)!buf_addf(out, "\"%s\"", text);
		return;
	case OPTION_TEXTS:
		add_list(out, text);
		return;
	case OPTION_FLAG:
		add(out, o->number ? "true" : "false");
		return;
	case OPTION_NUMBER:
		(void)!buf_addf(out, "%u", o->number);
		return;
	}
}

static const char *name_of(const struct option *o)
{
	const char *dot = strchr(o->path, '.');

	return dot ? dot + 1 : o->path;
}

static size_t group_len(const struct option *o)
{
	const char *dot = strchr(o->path, '.');

	return dot ? (size_t)(dot - o->path) : 0;
}

static bool same_group(const struct option *a, const struct option *b)
{
	return group_len(a) == group_len(b) && memcmp(a->path, b->path, group_len(a)) == 0;
}

static void add_option(struct buf *out, const struct option *o)
{
	const char *indent = group_len(o) ? "\t" : "";
	const char *blank = o->unit && o->unit[0] ? " " : "";

	add_comment(out, indent, o->help);
	if (o->type == OPTION_NUMBER)
		(void)!buf_addf(out, "%s# From %u to %u%s%s.\n", indent, o->min, o->max, blank,
				o->unit);
	if (o->specimen)
		(void)!buf_addf(out, "%s# The default is empty; for example:\n", indent);
	(void)!buf_addf(out, "%s#%s = ", indent, name_of(o));
	add_value(out, o, true);
	add(out, ";\n");
}

enum rc print_conf(struct buf *out)
{
	add(out,
	    "# postern.conf: the settings of Postern, as \"postern setup conf\" prints them.\n"
	    "# Each option stands here with its default and is commented out. The milter needs\n"
	    "# outbound.domains and portal.url. Check a change with \"postern lint\", load it "
	    "with\n"
	    "# \"systemctl reload postern-milter\"; postern.conf(5) says the same in longer "
	    "words.\n");
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i], *before = i ? o - 1 : NULL;

		if (before && group_len(before) && !same_group(before, o))
			add(out, "};\n");
		add(out, "\n");
		if (group_len(o) && !(before && same_group(before, o)))
			(void)!buf_addf(out, "%.*s = {\n", (int)group_len(o), o->path);
		add_option(out, o);
	}
	add(out, "};\n");
	return buf_state(out);
}

/* ---- mdoc(7) ---- */

/* Text of a line; none of ours begins with a dot. */
static void add_man(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '"')
			add(out, "\\(dq");
		else if (text.at[i] == '\\')
			add(out, "\\e");
		else
			(void)!buf_add_byte(out, text.at[i]);
	}
}

static const char *type_name(const struct option *o)
{
	switch (o->type) {
	case OPTION_TEXT:
		return "text";
	case OPTION_TEXTS:
		return "list of texts";
	case OPTION_FLAG:
		return "true or false";
	case OPTION_NUMBER:
		return "number";
	}
	return "";
}

static bool is_empty(const struct option *o)
{
	return (o->type == OPTION_TEXT || o->type == OPTION_TEXTS) && o->text[0] == '\0';
}

/* Each sentence begins a line, as mdoc(7) wants it, and goes on in others. */
static void add_sentences(struct buf *out, const char *help)
{
	enum { MAN_COLUMNS = 78 };
	struct slice line;

	while (*help) {
		const char *end = strstr(help, ". ");
		struct slice sentence = { help, end ? (size_t)(end - help) + 1 : strlen(help) };

		help += sentence.len + (end != NULL);
		while (take_words(&sentence, MAN_COLUMNS, &line)) {
			add_man(out, line);
			add(out, "\n");
		}
	}
}

enum rc print_man(struct buf *out)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		const char *blank = o->unit && o->unit[0] ? " " : "";
		struct buf value = BUF_INIT(1024);

		(void)!buf_addf(out, ".It Va %s Pq %s\n", o->path, type_name(o));
		add_sentences(out, o->help);
		if (o->type == OPTION_NUMBER)
			(void)!buf_addf(out, "From %u to %u%s%s.\n", o->min, o->max, blank,
					o->unit);
		if (is_empty(o)) {
			add(out, "The default is empty.\n");
		} else {
			add(out, "The default is ");
			add_value(&value, o, false);
			add_man(out, buf_slice(&value));
			add(out, ".\n");
		}
		buf_free(&value);
	}
	return buf_state(out);
}

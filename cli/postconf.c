#include "cli/postconf.h"

#include "cli/program.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 32 }; /* of one command */

/* ---- asking Postfix ---- */

enum rc postconf_ask(const struct doctor *d, const char *program, const char *const *words,
		     struct slice input, struct buf *out, struct fault *why)
{
	const char *argv[WORDS_MAX] = { program };
	size_t n = 1;

	if (d->postfix) {
		argv[n++] = "-c";
		argv[n++] = d->postfix;
	}
	while (*words && n < WORDS_MAX - 1)
		argv[n++] = *words++;
	return program_run(argv, input, out, why);
}

bool postconf_next_line(struct slice *text, struct slice *line)
{
	if (text->len == 0)
		return false;
	if (!slice_take_until(text, '\n', line)) {
		*line = *text;
		text->len = 0;
	}
	return true;
}

struct slice postconf_trimmed(struct slice s)
{
	while (s.len && isspace((unsigned char)s.at[0]))
		s = (struct slice){ s.at + 1, s.len - 1 };
	while (s.len && isspace((unsigned char)s.at[s.len - 1]))
		s.len--;
	return s;
}

bool postconf_split_line(struct slice line, struct slice *name, struct slice *value)
{
	if (!slice_take_until(&line, '=', name))
		return false;
	*name = postconf_trimmed(*name);
	*value = postconf_trimmed(line);
	return true;
}

struct slice postconf_value(const struct buf *lines, const char *wanted)
{
	struct slice text = buf_slice(lines), line, name, value;

	while (postconf_next_line(&text, &line))
		if (postconf_split_line(line, &name, &value) && slice_is(name, wanted))
			return value;
	return (struct slice){ 0 };
}

struct slice postconf_main(const struct postconf *m, const char *name)
{
	struct slice value = postconf_value(&m->main, name);

	return value.at ? value : (struct slice){ "", 0 };
}

bool postconf_next_word(struct slice *list, struct slice *word)
{
	size_t at = 0, depth = 0, begin;

	while (at < list->len && (list->at[at] == ',' || isspace((unsigned char)list->at[at])))
		at++;
	begin = at;
	for (; at < list->len; at++) {
		char c = list->at[at];
		if (c == '{')
			depth++;
		else if (c == '}' && depth > 0)
			depth--;
		else if (depth == 0 && (c == ',' || isspace((unsigned char)c)))
			break;
	}
	*word = (struct slice){ list->at + begin, at - begin };
	*list = (struct slice){ list->at + at, list->len - at };
	return word->len > 0;
}

/* ---- our sockets, as Postfix names them ---- */

static bool is_same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* A relative path is below the queue, and for what is chrooted there an absolute one, too. */
static bool is_socket(const struct postconf *m, struct slice word, const char *listen)
{
	struct slice path = slice_of(listen), queue = postconf_main(m, "queue_directory");

	if (!slice_drop_prefix(&path, "unix:"))
		return slice_drop_prefix(&word, "inet:") && slice_is(word, listen);
	if (!slice_drop_prefix(&word, "unix:") && !slice_drop_prefix(&word, "local:"))
		return false;
	if (is_same(word, path))
		return true;
	if (path.len <= queue.len || memcmp(path.at, queue.at, queue.len) != 0 ||
	    path.at[queue.len] != '/')
		return false;
	path = (struct slice){ path.at + queue.len, path.len - queue.len };
	(void)slice_drop_prefix(&path, "/");
	(void)slice_drop_prefix(&word, "/");
	return is_same(word, path);
}

bool postconf_has_milter(const struct postconf *m, struct slice list, struct slice *options)
{
	struct slice word, inner;

	while (postconf_next_word(&list, &word)) {
		*options = (struct slice){ "", 0 };
		if (word.len > 2 && word.at[0] == '{') {
			*options = (struct slice){ word.at + 1, word.len - 2 };
			if (!postconf_next_word(options, &inner))
				continue;
			word = inner;
		}
		if (is_socket(m, word, m->d->settings->milter.listen))
			return true;
	}
	return false;
}

bool postconf_is_our_map(const struct postconf *m, struct slice word, struct slice *name)
{
	size_t at = word.len;

	if (!slice_drop_prefix(&word, "socketmap:"))
		return false;
	for (at = word.len; at > 0 && word.at[at - 1] != ':'; at--)
		;
	if (at == 0)
		return false;
	*name = (struct slice){ word.at + at, word.len - at };
	return is_socket(m, (struct slice){ word.at, at - 1 }, m->d->settings->tls_policy.listen);
}

bool postconf_is_older(const struct postconf *m, int major, int minor)
{
	struct slice version = postconf_main(m, "mail_version");
	int a = 0, b = 0;
	char text[16];

	snprintf(text, sizeof text, "%.*s", (int)(version.len < 15 ? version.len : 15), version.at);
	if (sscanf(text, "%d.%d", &a, &b) != 2)
		return false;
	return a < major || (a == major && b < minor);
}

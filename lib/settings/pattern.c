#include "settings/pattern.h"

#include "base/file.h"
#include "settings/rules.h"
#include "settings/settings.h"
#include "settings/value.h"

#include <stdlib.h>
#include <string.h>

static const char expected[] =
	"*, DOMAIN, .DOMAIN or USER@DOMAIN (A-labels), or a file that begins with / or ./";

const char *pattern_check(const char *text)
{
	const char *at = strrchr(text, '@'), *domain = at ? at + 1 : text;

	if (strcmp(text, "*") == 0)
		return NULL;
	if (at == text)
		return expected;
	for (const char *c = text; at && c < at; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f || *c == '<' || *c == '>')
			return expected;
	if (!at && domain[0] == '.')
		domain++;
	return value_domain(domain) ? expected : NULL;
}

const char *pattern_check_host(const char *text)
{
	return value_domain(text[0] == '.' ? text + 1 : text)
		       ? "a host such as \"mx1.partner.example\", or \".partner.example\""
		       : NULL;
}

/* A next hop as the MTA writes it: "d", "[h]", "h:25", "[h]:587"; or ".d", all below d. */
const char *pattern_check_destination(const char *text)
{
	static const char wanted[] = "a domain, a next hop such as \"[relay.example]:587\", or all "
				     "domains below one, \".partner.example\"";
	struct slice rest = { text, strlen(text) }, host = rest;
	bool bracketed = slice_drop_prefix(&rest, "[");

	if (text[0] == '.')
		return value_domain(text + 1) ? wanted : NULL;
	if (bracketed ? !slice_take_until(&rest, ']', &host) : false)
		return wanted;
	if (!bracketed) {
		for (host.len = 0; host.len < rest.len && rest.at[host.len] != ':'; host.len++)
			;
		rest = (struct slice){ rest.at + host.len, rest.len - host.len };
	}
	char *name = strndup(host.at, host.len);
	bool fine = name && !(value_domain(name) && (!bracketed || value_address(name)));
	free(name);

	uint64_t port;
	if (slice_drop_prefix(&rest, ":"))
		fine = fine && slice_to_u64(rest, &port) && port >= 1 && port <= 65535;
	else
		fine = fine && rest.len == 0;
	return fine ? NULL : wanted;
}

const char *pattern_check_relay(const char *text)
{
	return text[0] == '.' || pattern_check_destination(text)
		       ? "a next hop such as \"[relay.example]:587\""
		       : NULL;
}

/* ---- lists ---- */

struct list { /* that grows */
	size_t count, room;
	const char **at;
};

static enum rc add(struct reader *r, const config_setting_t *at, struct list *list,
		   struct slice text)
{
	if (list->count == RULES_PATTERNS_MAX)
		return field_fault(r, at, "more than %d addresses", RULES_PATTERNS_MAX);
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 8;
		const char **more = reallocarray(list->at, room, sizeof *more);
		if (!more)
			return field_nomem(r);
		list->at = more;
		list->room = room;
	}
	list->at[list->count] = arena_text(r->arena, text);
	return list->at[list->count++] ? RC_OK : field_nomem(r);
}

static enum rc add_lines(struct reader *r, const config_setting_t *at, struct list *list,
			 const char *path, struct slice text)
{
	struct slice line;

	for (unsigned number = 1; slice_take_line(&text, &line); number++) {
		line = slice_trim(line);
		if (line.len == 0 || line.at[0] == '#')
			continue;
		enum rc rc = memchr(line.at, '\0', line.len) ? RC_INVALID : add(r, at, list, line);
		if (rc == RC_OK && pattern_check(list->at[list->count - 1]))
			rc = RC_INVALID;
		if (rc == RC_INVALID)
			return fault(r->why, rc, "%s:%u: \"%.*s\": expected %s", path, number,
				     (int)(line.len < 60 ? line.len : 60), line.at, expected);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc add_file(struct reader *r, const config_setting_t *at, struct list *list,
			const char *name)
{
	struct buf text = BUF_INIT(4 * SETTINGS_TEXT_MAX);
	struct fault why;
	const char *path =
		name[0] == '/' ? name : arena_format(r->arena, "%s/%s", r->folder, name + 2);

	if (!r->source)
		return field_fault(r, at, "no file of addresses can be named here");
	if (!path)
		return field_nomem(r);
	enum rc rc = file_read(path, &text, &why);
	if (rc != RC_OK) {
		rc = field_fault(r, at, "%s", why.text);
	} else {
		rc = buf_add_slice(r->source, buf_slice(&text));
		if (rc != RC_OK)
			rc = fault(r->why, rc, "the files of addresses are too large");
		else
			rc = add_lines(r, at, list, path, buf_slice(&text));
	}
	buf_free(&text);
	return rc;
}

static enum rc add_all(struct reader *r, const config_setting_t *at, const struct field *f,
		       const struct rules_list *written, struct list *list)
{
	for (size_t i = 0; i < written->count; i++) {
		const char *text = written->at[i];
		enum rc rc;

		if (text[0] == '/' || strncmp(text, "./", 2) == 0)
			rc = add_file(r, at, list, text);
		else if (pattern_check(text))
			rc = field_fault(r, at, "%s has \"%.60s\": expected %s", f->name, text,
					 expected);
		else
			rc = add(r, at, list, (struct slice){ text, strlen(text) });
		if (rc != RC_OK)
			return rc;
	}
	/* A list that came out empty would be no condition at all. */
	if (list->count == 0)
		return field_fault(r, at, "%s names no address", f->name);
	return RC_OK;
}

enum rc pattern_read(struct reader *r, const config_setting_t *at, const struct field *f, void *out)
{
	struct rules_list written;
	struct list list = { 0 };
	enum rc rc = field_texts(r, at, f, &written);

	if (rc == RC_OK)
		rc = add_all(r, at, f, &written, &list);
	if (rc == RC_OK) {
		const char **kept = ARENA_ARRAY(r->arena, const char *, list.count);
		if (kept) {
			memcpy(kept, list.at, list.count * sizeof *kept);
			*(struct rules_list *)out = (struct rules_list){ list.count, kept };
		} else {
			rc = field_nomem(r);
		}
	}
	free(list.at);
	return rc;
}

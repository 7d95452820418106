#include "rewrite/rewrite.h"

#include "base/cleanup.h"
#include "mail/header.h"
#include "mime/extents.h"
#include "rewrite/body.h"
#include "rewrite/letter.h"
#include "rewrite/text.h"

#include <stdlib.h>
#include <string.h>

enum {
	CHUNK = 64 * 1024,
	TEXT_MAX = 16 * 1024, /* bytes of the portal text, encoded */
};

struct making {
	const struct rewrite_message *message;
	struct arena *arena;
	struct rewrite_header header;
	struct mime_extents parts;
	struct rewrite_room room; /* of the old body */
	enum rules_rewrite what;
	size_t path_count;
	const char *paths[REWRITE_PATHS_MAX];
	struct rewrite_field **fed; /* those that were looked into last, in their order */
	size_t fed_count;
	struct rewrite_cuts cuts;
	struct splice body;
	char *chunk;
};

static enum rc no_memory(struct fault *why)
{
	return fault(why, RC_NOMEM, "out of memory");
}

enum rules_rewrite rewrite_most(enum rules_rewrite a, enum rules_rewrite b)
{
	if (a == b)
		return a;
	/* Findings and attachments: neither has the other in it. */
	return RULES_REWRITE_BODY;
}

/* ---- what was found ---- */

/* False: it was there already. */
static bool add_path(struct making *m, const char *path, enum rc *rc, struct fault *why)
{
	for (size_t i = 0; i < m->path_count; i++)
		if (strcmp(m->paths[i], path) == 0)
			return false;
	const char *copy = arena_text(m->arena, slice_of(path));
	if (!copy)
		*rc = no_memory(why);
	else if (m->path_count == REWRITE_PATHS_MAX)
		*rc = fault(why, RC_ABSENT, "too many of its parts would have to be sealed");
	else
		m->paths[m->path_count++] = copy;
	return true;
}

/* Attachments alone were asked for: all of it cannot be sealed. */
static enum rc seal_whole(struct making *m, const char *since, bool *more, struct fault *why)
{
	if (m->what == RULES_REWRITE_ATTACHMENTS)
		return fault(why, RC_ABSENT, "%s", since);
	*more |= m->what == RULES_REWRITE_FINDINGS;
	m->what = RULES_REWRITE_BODY;
	return RC_OK;
}

/* Whether anything changed. */
static bool take_field_off(struct making *m, struct rewrite_field *f, const char *clean_subject)
{
	if (f->off || mail_header_is_copied(slice_of(f->name)))
		return false;
	if (rewrite_field_is(f, "Subject") && f->index == 1 && clean_subject && !f->set) {
		f->set = arena_format(m->arena, " %s", slice_trim(slice_of(clean_subject)).at);
		return f->set != NULL;
	}
	f->set = NULL;
	f->off = true;
	return true;
}

static enum rc take_header_finding(struct making *m, const struct inspect_findings *findings,
				   const struct inspect_finding *f, bool *more, struct fault *why)
{
	const struct rules_marker *marker = &m->message->rules->markers[f->marker_index];
	enum rc rc = RC_OK;

	if (f->field_number == 0 && strcmp(f->field, "MAIL") == 0)
		return RC_OK; /* in the envelope: nothing to take out */
	if (f->field_number == 0 || f->field_number > m->fed_count)
		return fault(why, RC_ABSENT, "its header could not be read");
	struct rewrite_field *field = m->fed[f->field_number - 1];
	if (demand_is_label(marker))
		rc = seal_whole(m, "a mark in its header speaks of all of it", more, why);
	if (rc == RC_OK && rewrite_field_is_mime(field))
		return seal_whole(m, "its header names what was found", more, why);
	if (rc == RC_OK)
		*more |= take_field_off(m, field, findings->clean_subject);
	return rc;
}

static bool is_in_header(const struct inspect_finding *f)
{
	return f->part[0] == '\0';
}

/* Marks what findings name for being taken out; *more: some of it was not marked before. */
static enum rc take_findings(struct making *m, const struct inspect_findings *findings, bool *more,
			     struct fault *why)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < findings->count; i++) {
		const struct inspect_finding *f = &findings->at[i];
		if (is_in_header(f))
			rc = take_header_finding(m, findings, f, more, why);
		else if (m->what == RULES_REWRITE_FINDINGS)
			*more |= add_path(m, f->part, &rc, why);
	}
	return rc;
}

static enum rc take_opaque(struct making *m, const struct inspect_findings *findings, bool *more,
			   struct fault *why)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < findings->opaque_count; i++) {
		if (findings->opaque[i].part[0] == '\0')
			return fault(why, RC_ABSENT, "its header could not be read");
		if (m->what == RULES_REWRITE_FINDINGS)
			*more |= add_path(m, findings->opaque[i].part, &rc, why);
	}
	return rc;
}

/* ---- the original ---- */

static enum rc read_body(struct making *m, struct mime_decoder *d, struct fault *why)
{
	for (uint64_t at = m->message->body_at;;) {
		size_t got;
		enum rc rc = spool_read(m->message->raw, at, m->chunk, CHUNK, &got, why);
		if (rc != RC_OK || got == 0)
			return rc;
		mime_decoder_body(d, (struct slice){ m->chunk, got });
		at += got;
	}
}

static enum rc read_parts(struct making *m, struct fault *why)
{
	m->parts.arena = m->arena;
	struct mime_decoder *d = mime_decoder_new(inspect_mime_limits(m->message->markers),
						  &mime_extents_handler, &m->parts);
	if (!d)
		return no_memory(why);
	for (size_t i = 0; i < m->header.count; i++)
		mime_decoder_header(d, slice_of(m->header.at[i].name), m->header.at[i].value);
	mime_decoder_headers_end(d);
	enum rc rc = read_body(m, d, why);
	mime_decoder_end(d);
	mime_decoder_free(d);
	return rc;
}

/* ---- what goes on ---- */

static enum rc build_body(struct making *m, struct fault *why)
{
	const struct rewrite_message *message = m->message;
	const struct rewrite_old old = { message->raw, message->body_at, m->room, message->tag };
	struct buf text = BUF_INIT(TEXT_MAX);
	const char *copy = NULL;

	if (rewrite_text(message->organisation, message->portal_url, m->cuts.whole, &text) == RC_OK)
		/* The last line end is the boundary's. */
		copy = arena_text(m->arena, (struct slice){ text.at, text.len - 2 });
	buf_free(&text);
	m->body = (struct splice){ .arena = m->arena };
	return copy ? rewrite_body(&old, &m->cuts, copy, &m->body, why) : no_memory(why);
}

/* ---- looking at what goes on ---- */

static enum rc look_at_body(struct making *m, struct inspect *inspect, struct fault *why)
{
	for (uint64_t at = 0;;) {
		size_t got;
		enum rc rc = splice_read(&m->body, at, m->chunk, CHUNK, &got, why);
		if (rc != RC_OK || got == 0)
			return rc;
		inspect_body(inspect, (struct slice){ m->chunk, got });
		at += got;
	}
}

static enum rc look(struct making *m, struct inspect *inspect, struct fault *why)
{
	const char *type = rewrite_body_type(m->message->tag, m->arena);
	struct slice value;

	m->fed_count = 0;
	for (size_t i = 0; i < m->header.count; i++) {
		struct rewrite_field *f = &m->header.at[i];
		if (!rewrite_field_says(f, m->cuts.whole, &value))
			continue;
		m->fed[m->fed_count++] = f;
		inspect_header(inspect, slice_of(f->name), value);
	}
	if (!type)
		return no_memory(why);
	if (m->cuts.whole)
		inspect_header(inspect, SLICE("Content-Type"), slice_of(type));
	inspect_headers_end(inspect);
	return look_at_body(m, inspect, why);
}

static bool asks_for_protection(const struct making *m, const struct inspect_findings *findings)
{
	const struct rewrite_message *message = m->message;

	for (size_t i = 0; i < message->recipient_count; i++)
		if (demand_decide(message->rules, findings, message->envelope,
				  message->recipients[i])
			    .require != RULES_REQUIRE_NONE)
			return true;
	return false;
}

static void free_inspect(struct inspect **inspect)
{
	inspect_free(*inspect);
}

/* *again: more is to be taken out now. */
static enum rc look_and_mark(struct making *m, bool *again, struct fault *why)
{
	CLEANUP(free_inspect) struct inspect *inspect = inspect_open(m->message->markers);
	enum rc rc = inspect ? look(m, inspect, why) : no_memory(why);

	if (rc != RC_OK)
		return rc;
	const struct inspect_findings *findings = inspect_end(inspect);
	*again = false;
	if (!findings)
		return no_memory(why);
	if (!asks_for_protection(m, findings))
		return RC_OK;
	rc = take_findings(m, findings, again, why);
	if (rc == RC_OK && !*again)
		rc = take_opaque(m, findings, again, why);
	if (rc == RC_OK && !*again)
		rc = fault(why, RC_ABSENT, "what is left of it would still have to be protected");
	return rc;
}

static enum rc list_edits(struct making *m, struct rewrite *out, struct fault *why)
{
	const char *type = rewrite_body_type(m->message->tag, m->arena);

	if (!type)
		return no_memory(why);
	return rewrite_edits_list(&m->header, m->cuts.whole ? type : NULL, m->arena, &out->edits,
				  why);
}

/* ---- all of it ---- */

static enum rc begin(struct making *m, struct fault *why)
{
	const struct rewrite_message *message = m->message;
	enum rc rc = rewrite_header_read(message->raw, message->body_at, m->arena, &m->header, why);

	if (rc == RC_LIMIT)
		return fault(why, RC_ABSENT, "its header is too long");
	if (rc != RC_OK)
		return rc;
	m->chunk = malloc(CHUNK);
	m->fed = ARENA_ARRAY(m->arena, struct rewrite_field *, m->header.count);
	if (!m->chunk || !m->fed)
		return no_memory(why);
	for (size_t i = 0; i < m->header.count; i++)
		m->fed[m->fed_count++] = &m->header.at[i];
	rc = read_parts(m, why);
	return rc == RC_OK ? rewrite_measure(message->raw, message->body_at, &m->room, why) : rc;
}

static enum rc cut(struct making *m, struct fault *why)
{
	return rewrite_cut_make(&m->parts, m->what, m->paths, m->path_count, m->arena, &m->cuts,
				why);
}

static enum rc make(struct making *m, struct fault *why)
{
	bool more = false;
	enum rc rc = take_findings(m, m->message->findings, &more, why);

	/* Only where something could not be read. */
	if (rc == RC_OK && m->what == RULES_REWRITE_FINDINGS && m->path_count == 0)
		rc = take_opaque(m, m->message->findings, &more, why);
	for (unsigned round = 0; rc == RC_OK && round < REWRITE_ROUNDS; round++) {
		bool again = false;
		rc = cut(m, why);
		if (rc == RC_OK)
			rc = build_body(m, why);
		if (rc == RC_OK)
			rc = look_and_mark(m, &again, why);
		if (rc != RC_OK || !again)
			return rc;
	}
	return rc == RC_OK
		       ? fault(why, RC_ABSENT, "what must be sealed of it does not come to an end")
		       : rc;
}

static void making_end(struct making *m)
{
	free(m->chunk);
}

enum rc rewrite_make(const struct rewrite_message *message, struct arena *arena,
		     struct rewrite *out, struct fault *why)
{
	CLEANUP(making_end)
	struct making m = { .message = message, .arena = arena, .what = message->what };
	struct rewrite made = { .sealed = { .arena = arena } };
	enum rc rc = begin(&m, why);

	if (rc == RC_OK)
		rc = make(&m, why);
	if (rc == RC_OK)
		rc = list_edits(&m, &made, why);
	const struct rewrite_original original = {
		.raw = message->raw,
		.body_at = message->body_at,
		.header = &m.header,
		.tag = message->tag,
		.host = rewrite_host(message->portal_url),
	};
	if (rc == RC_OK)
		rc = rewrite_letter(&original, &m.cuts, &made.sealed, why);
	if (rc != RC_OK)
		return rc;
	made.body = m.body;
	*out = made;
	return RC_OK;
}

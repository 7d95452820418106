#include "rewrite/body.h"

static bool ends_a_line(const struct rewrite_old *old)
{
	char last;
	size_t got;

	return spool_read(old->raw, spool_size(old->raw) - 1, &last, 1, &got, NULL) == RC_OK &&
	       got == 1 && last == '\n';
}

static void add_whole(const struct rewrite_old *old, const char *text, struct splice *body)
{
	const char *first = arena_format(body->arena, "\r\n--postern-%s\r\n", old->tag);
	const char *last = arena_format(body->arena, "\r\n--postern-%s--\r\n", old->tag);

	body->lost |= !first || !last;
	splice_add_text(body, slice_of(first ? first : ""));
	splice_add_text(body, slice_of(text));
	splice_add_text(body, slice_of(last ? last : ""));
}

static void add_rest(const struct rewrite_old *old, const struct rewrite_cuts *cuts,
		     const char *text, struct splice *body)
{
	uint64_t at = 0, size = spool_size(old->raw) - old->body_at;

	for (size_t i = 0; i < cuts->count; i++) {
		const struct rewrite_cut *cut = &cuts->at[i];
		splice_add_spool(body, old->raw, old->body_at + at, cut->begin - at);
		if (!cut->outside)
			splice_add_text(body, slice_of(text));
		at = cut->end;
	}
	splice_add_spool(body, old->raw, old->body_at + at, size - at);
	if (!ends_a_line(old)) /* or the last boundary line would go on into what follows */
		splice_add_text(body, SLICE("\r\n"));
}

static void add_content(const struct rewrite_old *old, const struct rewrite_cuts *cuts,
			const char *text, struct splice *body)
{
	if (cuts->whole)
		add_whole(old, text, body);
	else
		add_rest(old, cuts, text, body);
}

enum rc rewrite_body(const struct rewrite_old *old, const struct rewrite_cuts *cuts,
		     const char *text, struct splice *out, struct fault *why)
{
	struct splice body = { .arena = out->arena };
	uint64_t end = cuts->whole ? old->room.least : cuts->at[cuts->count - 1].end;

	add_content(old, cuts, text, &body);
	switch (rewrite_pad_place(&old->room, body.size, end)) {
	case REWRITE_PAD_NONE:
		break;
	case REWRITE_PAD_AFTER:
		rewrite_pad(&old->room, &body);
		break;
	case REWRITE_PAD_BEFORE:
		body = (struct splice){ .arena = out->arena };
		rewrite_pad(&old->room, &body);
		add_content(old, cuts, text, &body);
		break;
	}
	*out = body;
	return body.lost ? fault(why, RC_NOMEM, "out of memory") : RC_OK;
}

const char *rewrite_body_type(const char *tag, struct arena *arena)
{
	return arena_format(arena, " multipart/mixed; boundary=\"postern-%s\"", tag);
}

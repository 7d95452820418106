#include "rewrite/letter.h"

#include <string.h>

static bool add(struct splice *out, const char *text)
{
	if (text)
		splice_add_text(out, slice_of(text));
	return text != NULL;
}

/* In the thread it stands below the message that it was taken out of. */
static bool add_ids(const struct rewrite_original *o, const struct rewrite_field *id,
		    struct splice *out)
{
	return add(out,
		   arena_format(out->arena, "Message-ID: <%s.sealed@%.*s>\r\nIn-Reply-To:%.*s\r\n",
				o->tag, SLICE_ARG(o->host), SLICE_ARG(id->value)));
}

static bool add_header(const struct rewrite_original *o, bool whole, struct splice *out)
{
	bool done = true, answers = false;

	for (size_t i = 0; i < o->header->count; i++)
		answers |= rewrite_field_is(&o->header->at[i], "Message-ID");
	for (size_t i = 0; i < o->header->count; i++) {
		const struct rewrite_field *f = &o->header->at[i];
		if (rewrite_field_is_ours(f) || (!whole && rewrite_field_is_mime(f)))
			continue;
		if (rewrite_field_is(f, "Message-ID"))
			done &= f->index > 1 || add_ids(o, f, out);
		else if (!answers || !rewrite_field_is(f, "In-Reply-To"))
			splice_add_text(out, f->whole);
	}
	return done;
}

static bool add_parts(const struct rewrite_original *o, const struct rewrite_cuts *cuts,
		      struct splice *out)
{
	const char *line = arena_format(out->arena, "\r\n--postern-%s\r\n", o->tag);
	const char *last = arena_format(out->arena, "\r\n--postern-%s--\r\n", o->tag);

	if (!line || !last ||
	    !add(out, arena_format(out->arena,
				   "MIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n"
				   " boundary=\"postern-%s\"\r\n",
				   o->tag)))
		return false;
	for (size_t i = 0; i < cuts->count; i++) {
		const struct rewrite_cut *cut = &cuts->at[i];
		(void)add(out, line);
		if (cut->outside)
			(void)add(out, "\r\n"); /* text without a header */
		splice_add_spool(out, o->raw, o->body_at + cut->begin, cut->end - cut->begin);
	}
	return add(out, last);
}

enum rc rewrite_letter(const struct rewrite_original *original, const struct rewrite_cuts *cuts,
		       struct splice *out, struct fault *why)
{
	bool done = add_header(original, cuts->whole, out);

	if (cuts->whole) {
		(void)add(out, "\r\n");
		splice_add_spool(out, original->raw, original->body_at,
				 spool_size(original->raw) - original->body_at);
	} else {
		done &= add_parts(original, cuts, out);
	}
	return done && !out->lost ? RC_OK : fault(why, RC_NOMEM, "out of memory");
}

#include "carry.h"

#include "base/cleanup.h"
#include "handback.h"
#include "mail/reply.h"
#include "seal.h"
#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum rc refused(struct fault *why, const char *edit)
{
	return fault(why, RC_RETRY, "the mail server would not %s", edit);
}

/* Since we asked for leading blanks (SMFIP_HDR_LEADSPC), the mail server adds none of its
 * own behind the colon: values begin with theirs. */
static enum rc route(SMFICTX *ctx, const struct site *site, struct fault *why)
{
	char value[sizeof site->route_token + sizeof " strict "];

	snprintf(value, sizeof value, " strict %s", site->route_token);
	if (smfi_addheader(ctx, (char *)"Postern-Route", value) != MI_SUCCESS)
		return refused(why, "add the route header");
	return RC_OK;
}

static enum rc return_headers_only(SMFICTX *ctx, const struct message *m, struct fault *why)
{
	CLEANUP(buf_free) struct buf args = BUF_INIT(1024), from = BUF_INIT(MAIL_ADDRESS_MAX + 3);
	struct mail_from_params params = m->params;

	/* CHGFROM takes these two and no more; the others stay as they were. */
	params.ret = MAIL_RET_HDRS;
	params.body = MAIL_BODY_NONE;
	params.smtputf8 = params.requiretls = false;
	(void)buf_addf(&from, "<%s>", m->from);
	if (mail_from_params_format(&params, &args) != RC_OK || buf_state(&from) != RC_OK)
		return fault(why, RC_NOMEM, "out of memory");
	if (smfi_chgfrom(ctx, from.at, args.at) != MI_SUCCESS)
		return refused(why, "return headers only");
	return RC_OK;
}

static enum rc set_header(SMFICTX *ctx, const struct action_edit *e, struct fault *why)
{
	char *name = (char *)e->name, *value = (char *)e->value;
	int done = e->index ? smfi_chgheader(ctx, name, (int)e->index, value)
			    : smfi_addheader(ctx, name, value);

	return done == MI_SUCCESS ? RC_OK : refused(why, "change a header field");
}

/* Libmilter sends each piece on at once: no more than one is held. */
static enum rc replace_body(SMFICTX *ctx, const struct splice *body, struct fault *why)
{
	CLEANUP(cleanup_free) unsigned char *piece = malloc(MILTER_CHUNK_SIZE);

	if (!piece)
		return fault(why, RC_NOMEM, "out of memory");
	for (uint64_t at = 0;;) {
		size_t got;
		enum rc rc = splice_read(body, at, piece, MILTER_CHUNK_SIZE, &got, why);
		if (rc != RC_OK || got == 0)
			return rc;
		if (smfi_replacebody(ctx, piece, (int)got) != MI_SUCCESS)
			return refused(why, "change the body");
		at += got;
	}
}

static enum rc carry_edit(SMFICTX *ctx, struct session *s, const struct judgement *j,
			  const struct action_edit *e, const char *queue_id, struct fault *why)
{
	const struct message *m = &s->message;

	switch (e->kind) {
	case ACTION_EDIT_SEAL:
		return seal_deposit(s, j, ACTION_SEALED, queue_id, why);
	case ACTION_EDIT_SEAL_PARTS:
		return seal_deposit(s, j, ACTION_REWRITTEN, queue_id, why);
	case ACTION_EDIT_HANDBACK:
		return handback_copy(s, j, e->class, queue_id, why);
	case ACTION_EDIT_REPORT:
		return seal_report_waiting(s, j, queue_id, why);
	case ACTION_EDIT_REMOVE_HEADER:
		if (smfi_chgheader(ctx, (char *)e->name, (int)e->index, NULL) != MI_SUCCESS)
			return refused(why, "take a header field off");
		return RC_OK;
	case ACTION_EDIT_SUBJECT:
		if (smfi_chgheader(ctx, (char *)"Subject", 1, (char *)e->value) != MI_SUCCESS)
			return refused(why, "change the subject");
		return RC_OK;
	case ACTION_EDIT_SET_HEADER:
		return set_header(ctx, e, why);
	case ACTION_EDIT_REPLACE_BODY:
		return replace_body(ctx, &j->rewrite.body, why);
	case ACTION_EDIT_REMOVE_RECIPIENT:
		if (smfi_delrcpt(ctx, (char *)m->recipients[e->index].given) != MI_SUCCESS)
			return refused(why, "take a recipient off");
		return RC_OK;
	case ACTION_EDIT_ROUTE:
		return route(ctx, s->site, why);
	case ACTION_EDIT_RET_HEADERS:
		return return_headers_only(ctx, m, why);
	case ACTION_EDIT_QUARANTINE:
		if (smfi_quarantine(ctx, (char *)e->value) != MI_SUCCESS)
			return refused(why, "hold the message");
		return RC_OK;
	case ACTION_EDIT_DISCARD: /* the callback's return value does it */
		return RC_OK;
	}
	return fault(why, RC_INVALID, "an edit is not known");
}

enum rc carry_out(SMFICTX *ctx, struct session *s, const struct judgement *judgement,
		  const char *queue_id, struct fault *why)
{
	for (size_t i = 0; i < judgement->plan.edit_count; i++) {
		enum rc rc =
			carry_edit(ctx, s, judgement, &judgement->plan.edits[i], queue_id, why);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

bool carry_reply(SMFICTX *ctx, const char *code, const char *enhanced, const char *text)
{
	struct arena *arena = arena_new(64 * 1024);
	struct mail_reply r;
	bool done = false;

	if (arena && mail_reply_make((unsigned)strtoul(code, NULL, 10), enhanced,
				     (struct slice){ text, strlen(text) }, arena, &r) == RC_OK) {
		char **l =
			(char **)
				r.lines; /* what follows the last line is NULL, and ends the list */
		done = smfi_setmlreply(ctx, code, enhanced, l[0], l[1], l[2], l[3], l[4], l[5],
				       l[6], l[7], l[8], l[9], l[10], l[11], l[12], l[13], l[14],
				       l[15], l[16], l[17], l[18], l[19], l[20], l[21], l[22],
				       l[23], l[24], l[25], l[26], l[27], l[28], l[29], l[30],
				       l[31], NULL) == MI_SUCCESS;
	}
	arena_free(arena);
	return done;
}

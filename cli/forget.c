#include "cli/policies.h"

#include "assurance/destination.h"
#include "audit/hand.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "sts/shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES_MAX = 64 * 1024 };

struct forgetting {
	struct cli *cli;
	bool policies; /* --policy */
	bool milter;   /* one runs: it has forgotten */
	size_t count;
	struct assurance_destination domains[AUDIT_HAND_RECORDS_MAX];
	struct operator_site site;
	struct sts_cache *remembered; /* before; NULL: there is no store */
};

/* ---- telling ---- */

static void tell(const struct forgetting *f, const char *name, const struct sts_known *known,
		 struct buf *out)
{
	bool there = known->standing != STS_UNKNOWN;
	CLEANUP(buf_free) struct buf policy = BUF_INIT(LINE_BYTES_MAX);

	policies_tell(known, &policy);
	(void)buf_addf(out, "%s: ", name);
	if (f->milter)
		(void)buf_add_text(out, "what was found out is forgotten; ");
	if (!there)
		(void)buf_add_text(out, "no MTA-STS policy was remembered");
	else if (f->policies)
		(void)buf_addf(out,
			       "its MTA-STS policy is forgotten (%s): the next message looks it up "
			       "as a domain that never had one",
			       buf_text(&policy));
	else
		(void)buf_addf(out, "its MTA-STS policy stays (%s): --policy forgets that too",
			       buf_text(&policy));
	(void)buf_add_byte(out, '\n');
}

static void write_json(const struct forgetting *f, const char *name, const struct sts_known *known,
		       struct buf *out)
{
	struct json_line line;

	json_line_begin(&line, out);
	json_line_string(&line, "domain", name);
	json_line_bool(&line, "milter", f->milter);
	json_line_bool(&line, "policy_forgotten", f->policies && known->standing != STS_UNKNOWN);
	json_line_object(&line, "policy");
	policies_write(known, &line);
	json_line_close(&line);
	(void)json_line_end(&line);
}

static void print_all(const struct forgetting *f)
{
	for (size_t i = 0; i < f->count; i++) {
		CLEANUP(buf_free) struct buf text = BUF_INIT(2 * LINE_BYTES_MAX);
		CLEANUP(buf_free) struct buf out = BUF_INIT(2 * LINE_BYTES_MAX);
		struct sts_known known = { .standing = STS_UNKNOWN };

		if (f->remembered)
			known = sts_cache_find(f->remembered, f->domains[i].name, clock_wall_s());
		if (f->cli->json) {
			write_json(f, f->domains[i].text, &known, &out);
		} else {
			tell(f, f->domains[i].text, &known, &text);
			operator_add_text(&out, (struct slice){ text.at, text.len - 1 });
			(void)buf_add_byte(&out, '\n');
		}
		fwrite(buf_text(&out), 1, out.len, stdout);
	}
}

/* ---- doing ---- */

/* Without a milter the store is all that remembers. */
static enum rc remove_policies(struct forgetting *f, struct fault *why)
{
	struct sts_shelf_change *changes = calloc(f->count + 1, sizeof *changes);

	if (!changes)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < f->count; i++) {
		changes[i] = (struct sts_shelf_change){ .removed = true };
		changes[i].next = i + 1 < f->count ? &changes[i + 1] : NULL;
		memcpy(changes[i].domain, f->domains[i].name, sizeof changes[i].domain);
	}
	enum rc rc = sts_shelf_write(f->site.store, changes, why);
	free(changes);
	return rc;
}

static enum rc forget(struct forgetting *f, struct fault *why)
{
	const struct settings *settings = cli_settings(f->cli);
	const struct audit_hand hand = { settings->state, settings->audit.file };
	struct audit_record records[AUDIT_HAND_RECORDS_MAX];

	for (size_t i = 0; i < f->count; i++)
		records[i] = (struct audit_record){
			.event = "forgotten",
			.to = f->domains[i].text,
			.reason = f->policies ? "what was found out of it, and its MTA-STS policy"
					      : "what was found out of it",
		};
	operator_sign(records, f->count);
	enum rc rc = audit_hand_forget(&hand, records, f->count, f->policies, why);
	f->milter = rc == RC_OK;
	if (rc != RC_ABSENT)
		return rc;
	if (!f->policies)
		return fault(why, RC_ABSENT,
			     "no milter runs, and only MTA-STS policies outlive it: with --policy "
			     "they are forgotten");
	rc = operator_record(f->cli, records, f->count, why);
	return rc == RC_OK ? remove_policies(f, why) : rc;
}

static int finish(struct forgetting *f)
{
	struct fault why;
	int status = policies_open(f->cli, &f->site, &f->remembered);

	if (status != CLI_OK)
		return status;
	enum rc rc = forget(f, &why);
	if (rc == RC_OK)
		print_all(f);
	sts_cache_free(f->remembered);
	if (rc == RC_OK)
		return CLI_OK;
	return cli_fail(f->cli, rc == RC_ABSENT ? CLI_NO : CLI_UNDETERMINED, "%s", why.text);
}

static int run(struct cli *cli, int argc, char **argv)
{
	struct forgetting f = { .cli = cli };
	const struct cli_option options[] = { { .name = "--policy", .flag = &f.policies }, { 0 } };
	struct fault why;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc < 2)
		return cli_usage(cli, "which domain?");
	if (argc - 1 > AUDIT_HAND_RECORDS_MAX)
		return cli_usage(cli, "at most %d domains at a time", AUDIT_HAND_RECORDS_MAX);
	for (int i = 1; i < argc; i++)
		if (assurance_destination_parse(slice_of(argv[i]), &f.domains[f.count++], &why) !=
		    RC_OK)
			return cli_usage(cli, "\"%s\" is no destination: %s", argv[i], why.text);
	int status = finish(&f);
	operator_close(&f.site);
	return status;
}

const struct command forget_command = {
	.name = "forget",
	.usage = "[--policy] DOMAIN...",
	.summary = "has the daemon look a destination up anew",
	.help = "What the running daemon has found out of each destination is forgotten, and what\n"
		"its hosts showed when they were spoken to: the next message looks it up again.\n"
		"That only costs lookups.\n\n"
		"  --policy  its MTA-STS policy too. A policy that is remembered is evidence: "
		"until\n"
		"            it runs out it protects against whoever hides the new one. Forget it\n"
		"            only when the domain's postmaster has said, by another way than "
		"mail,\n"
		"            that the policy was withdrawn or cannot be served; until a policy is\n"
		"            fetched again, protected mail goes down its ladder. Works without a\n"
		"            daemon too.\n\n"
		"It stands in the audit before it happens, with who did it.\n\n"
		"Exit status: 0 forgotten, 1 there was nobody to forget, 3 it could not be "
		"recorded.\n",
	.run = run,
};

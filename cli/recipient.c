#include "cli/recipient.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/deposit_secret.h"
#include "deposit/phrase.h"
#include "directory/strength.h"
#include "json/line.h"

#include <stdio.h>
#include <string.h>

/* ---- show, list ---- */

struct listing {
	bool json;
	bool any;
	struct buf out; /* printed when the store is free again: a pager must not hold it */
};

static void add_json(struct listing *l, const struct directory_entry *e)
{
	char changed[CLOCK_TEXT];
	struct json_line line;

	json_line_begin(&line, &l->out);
	json_line_string(&line, "name", e->name.text);
	json_line_string(&line, "kind", e->name.local_len ? "address" : "domain");
	json_line_bool(&line, "phrase", e->phrase[0]);
	json_line_string(&line, "number", e->number[0] ? e->number : NULL);
	json_line_string(&line, "language", e->language[0] ? e->language : NULL);
	json_line_bool(&line, "certificate", e->certificate[0]);
	json_line_string(&line, "note", e->note[0] ? e->note : NULL);
	json_line_string(&line, "changed", clock_format(e->changed_s, changed));
	enum rc rc = json_line_end(&line);
	(void)rc; /* the buffer remembers */
}

/* One line: the name, and what there is. */
static void add_words(struct listing *l, const struct directory_entry *e)
{
	operator_add_text(&l->out, slice_of(e->name.text));
	if (e->phrase[0])
		(void)buf_addf(&l->out, "  phrase (%u bits)",
			       directory_phrase_bits(slice_of(e->phrase), slice_of(e->name.text)));
	if (e->number[0])
		(void)buf_addf(&l->out, "  number %s", e->number);
	if (e->language[0])
		(void)buf_addf(&l->out, "  language %s", e->language);
	if (e->certificate[0])
		(void)buf_add_text(&l->out, "  certificate");
	if (e->note[0]) {
		(void)buf_add_text(&l->out, "  # ");
		operator_add_text(&l->out, slice_of(e->note));
	}
	(void)buf_add_byte(&l->out, '\n');
}

static bool add_entry(void *arg, const struct directory_entry *entry)
{
	struct listing *l = arg;

	l->any = true;
	if (l->json)
		add_json(l, entry);
	else
		add_words(l, entry);
	return buf_state(&l->out) == RC_OK;
}

/* name NULL: all. */
static enum rc gather(const struct operator_site *site, const char *name, struct listing *l,
		      struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	CLEANUP(directory_entry_wipe) struct directory_entry entry = { .changed_s = 0 };
	enum rc rc = store_begin(site->store, &tx, why);

	if (rc == RC_OK && !name)
		rc = directory_each(tx, site->keys, add_entry, l, why);
	if (rc == RC_OK && name)
		rc = directory_lookup(tx, site->keys, slice_of(name), &entry, why);
	if (rc == RC_OK && name)
		add_entry(l, &entry);
	if (rc == RC_OK && buf_state(&l->out) != RC_OK)
		rc = fault(why, buf_state(&l->out), "there are too many recipients to be listed");
	return rc;
}

static int show(struct cli *cli, const char *name)
{
	CLEANUP(operator_close) struct operator_site site = { .store = NULL };
	struct listing l = { .json = cli->json, .out = BUF_SECRET(256 << 20) };
	struct directory_name parsed;
	struct fault why;
	int status;

	if (name && directory_name_parse(slice_of(name), &parsed, &why) != RC_OK)
		return cli_usage(cli, "%s: %s", name, why.text);
	if (!operator_open(cli, &site, &status))
		return status;
	enum rc rc = gather(&site, name, &l, &why);
	if (rc == RC_OK)
		fwrite(buf_text(&l.out), 1, l.out.len, stdout);
	buf_wipe(&l.out);
	if (rc == RC_OK)
		return CLI_OK;
	return cli_fail(cli, rc == RC_ABSENT ? CLI_NO : CLI_UNDETERMINED, "%s", why.text);
}

static int run_show(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option options[] = { { 0 } };

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	return argc == 2 ? show(cli, argv[1]) : cli_usage(cli, "show takes one address or domain");
}

static int run_list(struct cli *cli, int argc, char **argv)
{
	static const struct cli_option options[] = { { 0 } };

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	return argc == 1 ? show(cli, NULL) : cli_usage(cli, "list takes no operand");
}

/* ---- add ---- */

struct adding {
	bool make, ask;
	const char *phrase_file, *certificate_file, *number, *language, *note;
	struct buf phrase, certificate;
	struct recipient_change change;
};

/* Twice, as nobody sees what is typed. */
static bool ask_phrase(struct cli *cli, struct buf *out)
{
	CLEANUP(buf_wipe) struct buf again = BUF_SECRET(SECRET_MAX);

	if (!secret_ask(cli, "Phrase: ", out) || !secret_ask(cli, "Again: ", &again))
		return false;
	if (out->len == again.len && crypto_same(buf_text(out), buf_text(&again), out->len))
		return true;
	return cli_fail(cli, false, "the two are not the same");
}

static bool make_phrase(struct cli *cli, const struct directory_name *name, struct buf *out)
{
	char phrase[DEPOSIT_PHRASE_TEXT];
	struct fault why;
	bool made = false;

	/* One in a thousand has a word twice, or the recipient's name. */
	for (unsigned i = 0; i < 100 && !made; i++) {
		if (deposit_phrase_make(phrase, &why) != RC_OK)
			return cli_fail(cli, false, "%s", why.text);
		made = directory_phrase_bits(slice_of(phrase), slice_of(name->text)) >=
		       DIRECTORY_BITS_MIN;
	}
	made = made && buf_add_text(out, phrase) == RC_OK;
	crypto_wipe(phrase, sizeof phrase);
	return made;
}

static bool get_phrase(struct cli *cli, struct adding *a)
{
	struct directory_name name;
	struct fault why;

	if (a->make + a->ask + a->change.no_phrase + (a->phrase_file != NULL) > 1)
		return cli_fail(cli, false,
				"--phrase, --phrase-file, --make-phrase and --no-phrase exclude "
				"each other");
	if (directory_name_parse(a->change.name, &name, &why) != RC_OK)
		return cli_fail(cli, false, "%.100s: %s", a->change.name.at, why.text);
	if (a->phrase_file)
		return secret_read(cli, a->phrase_file, &a->phrase);
	if (a->ask)
		return ask_phrase(cli, &a->phrase);
	return !a->make || make_phrase(cli, &name, &a->phrase);
}

static enum rc keep(struct cli *cli, const struct operator_site *site, const struct adding *a,
		    struct recipient_said *said, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct audit_record record;
	enum rc rc = store_begin(site->store, &tx, why);

	if (rc == RC_OK)
		rc = recipient_keep(site, tx, &a->change, &record, said, why);
	if (rc == RC_OK)
		rc = operator_record(cli, &record, 1, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

static void print_kept(const struct cli *cli, const struct adding *a,
		       const struct recipient_said *said)
{
	struct buf out = BUF_SECRET(4096);
	struct json_line line;

	if (cli->json) {
		json_line_begin(&line, &out);
		json_line_string(&line, "name", said->name.text);
		json_line_string(&line, "kept", said->what);
		if (a->make)
			json_line_text(&line, "phrase", a->change.phrase);
		enum rc rc = json_line_end(&line);
		(void)rc;
	} else {
		operator_add_text(&out, slice_of(said->name.text));
		(void)buf_addf(&out, ": %s\n", said->what);
		if (a->make)
			(void)buf_addf(&out, "%.*s\n", SLICE_ARG(a->change.phrase));
	}
	fwrite(buf_text(&out), 1, out.len, stdout);
	buf_wipe(&out);
}

static int add(struct cli *cli, struct adding *a)
{
	CLEANUP(operator_close) struct operator_site site = { .store = NULL };
	struct recipient_said said;
	struct fault why;
	int status;

	if (!get_phrase(cli, a))
		return CLI_USAGE;
	if (a->certificate_file && !cli_read(cli, a->certificate_file, &a->certificate))
		return CLI_USAGE;
	a->change.phrase = buf_slice(&a->phrase);
	a->change.certificate = buf_slice(&a->certificate);
	if (!operator_open(cli, &site, &status))
		return status;
	enum rc rc = keep(cli, &site, a, &said, &why);
	if (rc != RC_OK)
		return cli_fail(cli, rc == RC_INVALID ? CLI_NO : CLI_UNDETERMINED, "%s", why.text);
	print_kept(cli, a, &said);
	return CLI_OK;
}

static int run_add(struct cli *cli, int argc, char **argv)
{
	struct adding a = {
		.phrase = BUF_SECRET(SECRET_MAX),
		.certificate = BUF_INIT(DIRECTORY_CERTIFICATE_MAX + 1),
		.number = "",
		.language = "",
		.note = "",
	};
	const struct cli_option options[] = {
		{ .name = "--phrase", .flag = &a.ask },
		{ .name = "--phrase-file", .value = &a.phrase_file },
		{ .name = "--make-phrase", .flag = &a.make },
		{ .name = "--no-phrase", .flag = &a.change.no_phrase },
		{ .name = "--number", .value = &a.number },
		{ .name = "--language", .value = &a.language },
		{ .name = "--note", .value = &a.note },
		{ .name = "--certificate", .value = &a.certificate_file },
		{ 0 },
	};

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc != 2)
		return cli_usage(cli, "add takes one address or domain");
	a.change.name = slice_of(argv[1]);
	a.change.number = slice_of(a.number);
	a.change.language = slice_of(a.language);
	a.change.note = slice_of(a.note);
	int status = add(cli, &a);
	buf_wipe(&a.phrase);
	buf_free(&a.certificate);
	return status;
}

/* ---- forget ---- */

static enum rc forget(struct cli *cli, const struct operator_site *site,
		      const struct directory_name *name, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct audit_record record = { .event = "recipient-forgotten", .to = name->text };
	enum rc rc = store_begin(site->store, &tx, why);

	if (rc == RC_OK)
		rc = directory_forget(tx, name, why);
	if (rc == RC_OK)
		rc = operator_record(cli, &record, 1, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

static int run_forget(struct cli *cli, int argc, char **argv)
{
	CLEANUP(operator_close) struct operator_site site = { .store = NULL };
	static const struct cli_option options[] = { { 0 } };
	struct directory_name name;
	struct fault why;
	int status;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc != 2)
		return cli_usage(cli, "forget takes one address or domain");
	if (directory_name_parse(slice_of(argv[1]), &name, &why) != RC_OK)
		return cli_usage(cli, "%s: %s", argv[1], why.text);
	if (!operator_open(cli, &site, &status))
		return status;
	enum rc rc = forget(cli, &site, &name, &why);
	if (rc == RC_OK)
		return CLI_OK;
	return cli_fail(cli, rc == RC_ABSENT ? CLI_NO : CLI_UNDETERMINED, "%s", why.text);
}

static const struct {
	const char *name;
	int (*run)(struct cli *cli, int argc, char **argv);
} words[] = {
	{ "add", run_add },       { "show", run_show },
	{ "list", run_list },     { "import", recipient_import },
	{ "forget", run_forget },
};

static int run(struct cli *cli, int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < sizeof words / sizeof *words; i++)
		if (strcmp(argv[1], words[i].name) == 0)
			return words[i].run(cli, argc - 1, argv + 1);
	return argc < 2 ? cli_usage(cli, "what about recipients? add, show, list, import or forget")
			: cli_usage(cli, "%s is none of add, show, list, import, forget", argv[1]);
}

const struct command recipient_command = {
	.name = "recipient",
	.usage = "add [OPTIONS] NAME | show NAME | list | import FILE | forget NAME",
	.summary = "keeps the directory: recipients' phrases, numbers for codes, languages",
	.help = "NAME is an address or a domain. What an address lacks, its domain's entry gives,\n"
		"and then that of each parent domain.\n\n"
		"add makes or changes an entry: what an option gives; the rest stays as it is.\n\n"
		"  --phrase          asks for the agreed phrase on the terminal, twice\n"
		"  --phrase-file F   reads it from the first line of a file (- is standard input)\n"
		"  --make-phrase     makes one, and prints it this once\n"
		"  --no-phrase       forgets it: each message gets its own again\n"
		"  --number N        the telephone number to which codes go\n"
		"  --language L      a language tag, such as de or pt-BR\n"
		"  --note TEXT       a note for yourself\n"
		"  --certificate F   the recipient's certificate, PEM\n\n"
		"A chosen phrase must be worth 51 bits, as four words by lot are. It is kept "
		"sealed,\n"
		"under the keys of this site: whoever has store and keys has it.\n\n"
		"show prints what holds for NAME, list all entries; phrases are never shown.\n"
		"import reads a table (CSV) whose first line names its columns: name, phrase,\n"
		"number, language, note. Nothing is imported when a line is wrong.\n"
		"Each change is on record in the audit.\n\n"
		"Exit status: 0 done, 1 there is no entry, or what is given cannot be kept,\n"
		"3 store, keys or audit cannot be used.\n",
	.run = run,
};

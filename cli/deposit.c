#include "cli/command.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "cli/deposit.h"
#include "cli/deposit_secret.h"
#include "deposit/open.h"
#include "json/line.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void close_store(struct store **store)
{
	store_close(*store);
}

/* NULL after a message; *status is what to return then. */
static struct store *open_store(struct cli *cli, int *status)
{
	const struct settings *settings = cli_settings(cli);
	struct store *store = NULL;
	struct fault why;

	*status = CLI_USAGE;
	if (!settings)
		return NULL;
	enum rc rc = store_open_existing(settings->state, &store, &why);
	if (rc == RC_OK)
		return store;
	*status = cli_fail(cli, rc == RC_ABSENT ? CLI_NO : CLI_UNDETERMINED, "%s", why.text);
	return NULL;
}

/* ---- list ---- */

struct listing {
	const struct cli *cli;
	struct store_tx *tx;
	int64_t now_s;
	struct buf ids; /* STORE_ID_BYTES each */
	struct buf out; /* printed when the store is free again: a pager must not hold it */
	struct json_line json;
};

static bool collect_id(void *arg, const struct store_deposit *deposit)
{
	return buf_add(arg, deposit->id, STORE_ID_BYTES) == RC_OK;
}

static const char *state_word(const struct store_deposit *deposit, int64_t now_s)
{
	switch (deposit->state) {
	case STORE_DEPOSIT_OPEN:
		return deposit->until_s > now_s ? "open" : "expired";
	case STORE_DEPOSIT_REVOKED:
		return "revoked";
	case STORE_DEPOSIT_EXPIRED:
		return "expired";
	case STORE_DEPOSIT_SENT_ON:
		return "sent-on";
	}
	return "";
}

/* Strangers' bytes on a terminal: what is not printable ASCII becomes '?'. */
static void add_text(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		(void)buf_add_byte(out, text.at[i] > ' ' && text.at[i] <= '~' ? text.at[i] : '?');
}

static bool begin_deposit(void *arg, const struct store_deposit *deposit)
{
	struct listing *l = arg;
	char id[2 * STORE_ID_BYTES + 1], made[CLOCK_TEXT], until[CLOCK_TEXT];
	const char *state = state_word(deposit, l->now_s);

	hex_format(deposit->id, STORE_ID_BYTES, id);
	clock_format(deposit->made_s, made);
	clock_format(deposit->until_s, until);
	if (!l->cli->json) {
		(void)buf_addf(&l->out, "%s %-7s made %s until %s from <", id, state, made, until);
		add_text(&l->out, deposit->sender);
		(void)buf_add_text(&l->out, "> to");
		return true;
	}
	json_line_begin(&l->json, &l->out);
	json_line_string(&l->json, "id", id);
	json_line_string(&l->json, "state", state);
	json_line_string(&l->json, "made", made);
	json_line_string(&l->json, "until", until);
	json_line_text(&l->json, "from", deposit->sender);
	json_line_array(&l->json, "to");
	return true;
}

static bool add_recipient(void *arg, const struct store_recipient *recipient)
{
	struct listing *l = arg;

	if (l->cli->json) {
		json_line_text(&l->json, NULL, recipient->address);
		return true;
	}
	(void)buf_add_text(&l->out, " <");
	add_text(&l->out, recipient->address);
	(void)buf_add_byte(&l->out, '>');
	return true;
}

static enum rc list_one(struct listing *l, const uint8_t *id, struct fault *why)
{
	enum rc rc = store_deposit_find(l->tx, id, begin_deposit, l, why);
	if (rc == RC_OK)
		rc = store_recipients(l->tx, id, add_recipient, l, why);
	if (rc != RC_OK)
		return rc;
	if (l->cli->json) {
		json_line_close(&l->json);
		rc = json_line_end(&l->json);
	} else {
		rc = buf_add_byte(&l->out, '\n');
	}
	return rc == RC_OK ? RC_OK : fault(why, rc, "there are too many deposits to be listed");
}

static int list(struct cli *cli, struct store *store)
{
	struct listing l = {
		.cli = cli,
		.now_s = clock_wall_s(),
		.ids = BUF_INIT(64 << 20),
		.out = BUF_INIT(256 << 20),
	};
	struct fault why;
	enum rc rc = store_begin_reading(store, &l.tx, &why);

	if (rc == RC_OK)
		rc = store_deposit_each(l.tx, collect_id, &l.ids, &why);
	for (size_t at = 0; rc == RC_OK && at < l.ids.len; at += STORE_ID_BYTES)
		rc = list_one(&l, (const uint8_t *)l.ids.at + at, &why);
	store_abandon(&l.tx);
	if (rc == RC_OK && l.out.len)
		fwrite(l.out.at, 1, l.out.len, stdout);
	buf_free(&l.ids);
	buf_free(&l.out);
	return rc == RC_OK ? CLI_OK : cli_fail(cli, CLI_UNDETERMINED, "%s", why.text);
}

static int run_list(struct cli *cli, int argc, char **argv)
{
	const struct cli_option options[] = { { 0 } };
	int status;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc > 1)
		return cli_usage(cli, "list takes no operand");
	CLEANUP(close_store) struct store *store = open_store(cli, &status);
	return store ? list(cli, store) : status;
}

/* ---- open ---- */

/* Where the original goes: held back until its digest has been compared, in memory or in a
 * file beside the one asked for. */
struct sink {
	const char *path; /* NULL: standard output */
	char beside[PATH_MAX];
	int fd;
};

static enum rc write_all(int fd, struct slice bytes, struct fault *why)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.at, bytes.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault(why, RC_RETRY, "cannot write: %s", strerror(errno));
		bytes = (struct slice){ bytes.at + n, bytes.len - (size_t)n };
	}
	return RC_OK;
}

static enum rc sink_add(void *arg, struct slice bytes, struct fault *why)
{
	return write_all(((struct sink *)arg)->fd, bytes, why);
}

static enum rc sink_open(struct sink *sink, struct fault *why)
{
	if (!sink->path) {
		sink->fd = memfd_create("deposit", MFD_CLOEXEC);
	} else {
		int len = snprintf(sink->beside, sizeof sink->beside, "%s.%ld.new", sink->path,
				   (long)getpid());
		if (len < 0 || (size_t)len >= sizeof sink->beside)
			return fault(why, RC_INVALID, "path is too long: %.80s", sink->path);
		sink->fd = open(sink->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
				0600);
	}
	if (sink->fd < 0)
		return fault(why, RC_INVALID, "cannot write %s: %s",
			     sink->path ? sink->path : "to memory", strerror(errno));
	return RC_OK;
}

static enum rc sink_show(struct sink *sink, struct fault *why)
{
	char piece[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(sink->fd, piece, sizeof piece, at)) > 0) {
		enum rc rc = write_all(STDOUT_FILENO, (struct slice){ piece, (size_t)n }, why);
		if (rc != RC_OK)
			return rc;
		at += n;
	}
	return n < 0 ? fault(why, RC_RETRY, "cannot read memory: %s", strerror(errno)) : RC_OK;
}

static enum rc sink_keep(struct sink *sink, struct fault *why)
{
	if (!sink->path)
		return sink_show(sink, why);
	if (fsync(sink->fd) < 0 || rename(sink->beside, sink->path) < 0)
		return fault(why, RC_RETRY, "cannot write %s: %s", sink->path, strerror(errno));
	sink->beside[0] = '\0';
	return RC_OK;
}

static void sink_close(struct sink *sink)
{
	if (sink->fd >= 0)
		close(sink->fd);
	if (sink->fd >= 0 && sink->beside[0])
		unlink(sink->beside);
}

static int status_of(enum rc rc)
{
	switch (rc) {
	case RC_OK:
		return CLI_OK;
	case RC_ABSENT:
	case RC_INVALID:
		return CLI_NO;
	case RC_RETRY:
	case RC_LIMIT:
	case RC_NOMEM:
		return CLI_UNDETERMINED;
	}
	return CLI_UNDETERMINED;
}

static int open_deposit(struct cli *cli, struct store *store, const struct deposit_visit *visit,
			const char *path)
{
	CLEANUP(crypto_keys_free) struct crypto_keys *keys = NULL;
	CLEANUP(sink_close) struct sink sink = { .path = path, .fd = -1 };
	struct fault why;
	enum rc rc = crypto_keys_open(cli_settings(cli)->keys, &keys, &why);

	if (rc != RC_OK)
		return cli_fail(cli, CLI_UNDETERMINED, "%s", why.text);
	rc = sink_open(&sink, &why);
	if (rc != RC_OK)
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	rc = deposit_open(store, keys, visit, clock_wall_s(), sink_add, &sink, &why);
	if (rc == RC_OK)
		rc = sink_keep(&sink, &why);
	return rc == RC_OK ? CLI_OK : cli_fail(cli, status_of(rc), "%s", why.text);
}

struct secrets {
	const char *code_file, *phrase_file;
	struct buf code, phrase;
};

static bool get_secrets(const struct cli *cli, struct secrets *s)
{
	bool got = s->code_file ? secret_read(cli, s->code_file, &s->code)
				: secret_ask(cli, "Code: ", &s->code);

	if (!got)
		return false;
	if (s->phrase_file)
		return secret_read(cli, s->phrase_file, &s->phrase);
	if (s->code_file && !secret_can_ask())
		return true; /* a deposit may need none; if it does, opening says so */
	return secret_ask(cli, "Phrase (empty where there is none): ", &s->phrase);
}

static int run_open(struct cli *cli, int argc, char **argv)
{
	struct secrets secrets = { .code = BUF_SECRET(SECRET_MAX),
				   .phrase = BUF_SECRET(SECRET_MAX) };
	const char *path = NULL, *recipient = "";
	const struct cli_option options[] = {
		{ .name = "--code-file", .value = &secrets.code_file },
		{ .name = "--phrase-file", .value = &secrets.phrase_file },
		{ .name = "--recipient", .value = &recipient },
		{ .name = "--output", .value = &path },
		{ .name = "-o", .value = &path },
		{ 0 },
	};
	uint8_t id[STORE_ID_BYTES];
	int status;

	if (!cli_options(cli, &argc, argv, options))
		return CLI_USAGE;
	if (argc != 2)
		return cli_usage(cli, "open takes one deposit's number");
	if (!hex_parse((struct slice){ argv[1], strlen(argv[1]) }, id, sizeof id))
		return cli_usage(cli, "a deposit's number is %d hexadecimal digits",
				 2 * STORE_ID_BYTES);
	CLEANUP(close_store) struct store *store = open_store(cli, &status);
	if (!store)
		return status;
	if (get_secrets(cli, &secrets)) {
		const struct deposit_visit visit = {
			.id = id,
			.address = { recipient, strlen(recipient) },
			.code = secret_code(buf_slice(&secrets.code)),
			.phrase = buf_slice(&secrets.phrase),
		};
		status = open_deposit(cli, store, &visit,
				      path && strcmp(path, "-") != 0 ? path : NULL);
	} else {
		status = CLI_USAGE;
	}
	buf_wipe(&secrets.code);
	buf_wipe(&secrets.phrase);
	return status;
}

static const struct {
	const char *name;
	int (*run)(struct cli *cli, int argc, char **argv);
} words[] = {
	{ "list", run_list },
	{ "open", run_open },
	{ "verify", deposit_verify },
};

static int run(struct cli *cli, int argc, char **argv)
{
	struct buf names = BUF_INIT(200);

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (argc > 1 && strcmp(argv[1], words[i].name) == 0)
			return words[i].run(cli, argc - 1, argv + 1);
		(void)buf_addf(&names, "%s%s", i ? ", " : "", words[i].name);
	}
	int status = argc < 2 ? cli_usage(cli, "what about deposits? %s", buf_text(&names))
			      : cli_usage(cli, "%s is none of %s", argv[1], buf_text(&names));
	buf_free(&names);
	return status;
}

const struct command deposit_command = {
	.name = "deposit",
	.usage =
		"list | open [--code-file F] [--phrase-file F] [--recipient A] [-o FILE] NUMBER |\n"
		"       verify [--key HEX|FILE] [--notice FILE | --digest HEX] MESSAGE PROOF",
	.summary = "lists the sealed messages of the portal, opens one, checks a proof",
	.help = "list prints each deposit: its number, its state (open, expired, revoked or "
		"sent-on), when\n"
		"it was made and until when it is kept, and its parties.\n\n"
		"open writes the original message, byte for byte, to FILE or to standard output,\n"
		"once its digest has been compared with that of the notice. It needs what the\n"
		"recipient has: the code from the notice (or the whole link), and the phrase that\n"
		"the sender was told, where there is one. Both are asked for on the terminal\n"
		"without being shown, or read from the first line of a file (- is standard\n"
		"input), never taken from the command line.\n\n"
		"  --code-file F    the code, or the link\n"
		"  --phrase-file F  the phrase\n"
		"  --recipient A    only this recipient's share\n"
		"  -o, --output F   where the message goes; made readable to you alone\n\n"
		"verify checks a message that was saved, and the proof file that was saved with "
		"it,\n"
		"without any portal, and says what was compared with what:\n\n"
		"  --key HEX|FILE  the organisation's published key, or a file with it (also\n"
		"                  the portal's key.json)\n"
		"  --notice FILE   the notice, whose digest is then compared\n"
		"  --digest HEX    that digest\n\n"
		"Without any of them, and without --config on the site itself, nothing shows "
		"whose\n"
		"the proof is, and it does not count as genuine.\n\n"
		"Exit status: 0 done, genuine; 1 no such deposit, or code or phrase is wrong, or\n"
		"what is stored is not what was sealed, or not genuine; 3 store or keys cannot be\n"
		"read.\n",
	.run = run,
};

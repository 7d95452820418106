#include "cli/command.h"

#include "base/file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void complain(const struct cli *cli, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void complain(const struct cli *cli, const char *format, va_list args)
{
	fprintf(stderr, "postern %s: ", cli->command->name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int cli_fail(const struct cli *cli, int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(cli, format, args);
	va_end(args);
	return status;
}

int cli_usage(const struct cli *cli, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(cli, format, args);
	va_end(args);
	fprintf(stderr, "Try 'postern help %s'.\n", cli->command->name);
	return CLI_USAGE;
}

/* Whether word is the option's name, alone or before "=VALUE". */
static bool is_option(const char *word, const char *name, const char **value)
{
	size_t len = strlen(name);

	if (strncmp(word, name, len) != 0 || (word[len] != '\0' && word[len] != '='))
		return false;
	*value = word[len] ? word + len + 1 : NULL;
	return true;
}

static const struct cli_option *find_option(const struct cli_option *options, const char *word,
					    const char **value)
{
	for (; options->name; options++)
		if (is_option(word, options->name, value))
			return options;
	return NULL;
}

static bool set_value(const struct cli *cli, const struct cli_option *option, const char *value)
{
	if (!value) {
		cli_usage(cli, "%s needs a value", option->name);
		return false;
	}
	if (option->value) {
		*option->value = value;
		return true;
	}
	if (*option->count == option->max) {
		cli_usage(cli, "%s is given more than %zu times", option->name, option->max);
		return false;
	}
	option->values[(*option->count)++] = value;
	return true;
}

/* Takes the option at argv[*i]; *i ends on the last word that it used. */
static bool take_option(const struct cli *cli, int argc, char **argv, int *i,
			const struct cli_option *options)
{
	const char *word = argv[*i], *value;
	const struct cli_option *option = find_option(options, word, &value);

	if (!option) {
		cli_usage(cli, "there is no option %s", word);
		return false;
	}
	if (option->flag) {
		*option->flag = true;
		if (value)
			cli_usage(cli, "%s takes no value", option->name);
		return !value;
	}
	if (!value && *i + 1 < argc)
		value = argv[++*i];
	return set_value(cli, option, value);
}

bool cli_options(const struct cli *cli, int *argc, char **argv, const struct cli_option *options)
{
	bool more = true;
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		if (more && strcmp(argv[i], "--") == 0)
			more = false;
		else if (!more || argv[i][0] != '-' || argv[i][1] == '\0')
			argv[kept++] = argv[i];
		else if (!take_option(cli, *argc, argv, &i, options))
			return false;
	}
	argv[kept] = NULL;
	*argc = kept;
	return true;
}

const struct settings *cli_settings(struct cli *cli)
{
	struct fault why;

	if (cli->settings)
		return cli->settings;
	enum rc rc = settings_read(cli->config ? cli->config : SETTINGS_FILE, &cli->settings, &why);
	if (rc == RC_ABSENT && !cli->config)
		rc = settings_defaults(&cli->settings, &why);
	if (rc != RC_OK)
		cli_fail(cli, CLI_USAGE, "%s", why.text);
	return cli->settings;
}

const struct rules *cli_rules(struct cli *cli)
{
	const struct settings *settings = cli_settings(cli);
	struct fault why;

	if (settings && !cli->rules && rules_for(settings, &cli->rules, &why) != RC_OK)
		cli_fail(cli, CLI_USAGE, "%s", why.text);
	return cli->rules;
}

struct reader_pool *cli_readers(struct cli *cli)
{
	const struct settings *settings = cli_settings(cli);

	if (!cli->readers && settings)
		cli->readers = reader_pool_new(&(struct reader_config){
			.processes = settings->limits.readers,
			.memory_bytes = settings->limits.reader_memory_bytes });
	if (!cli->readers)
		cli_fail(cli, CLI_USAGE, "out of memory, or no settings");
	return cli->readers;
}

enum rc cli_markers(struct cli *cli, struct inspect_rules **out, struct fault *why)
{
	const struct settings *settings = cli_settings(cli);
	const struct rules *rules = cli_rules(cli);
	const char *folder = getenv("TMPDIR");

	if (!settings || !rules)
		return fault(why, RC_INVALID, "the settings or the rules cannot be read");
	if (!cli_readers(cli))
		return fault(why, RC_NOMEM, "documents cannot be read");
	enum rc rc = inspect_compile(rules, inspect_limits_from(&settings->limits), out, why);
	if (rc == RC_OK)
		inspect_rules_set_reader(*out, cli->readers, folder ? folder : "/tmp");
	return rc;
}

static bool read_stdin(const struct cli *cli, struct buf *out)
{
	enum { STEP = 65536 };

	for (;;) {
		size_t left = out->max - out->len, step = left < STEP ? left : STEP;
		char *space, beyond;
		if (step && buf_reserve(out, step, &space) != RC_OK)
			break;
		/* A byte beyond what out takes tells a text that just fits from a longer one. */
		ssize_t n = step ? read(STDIN_FILENO, space, step) : read(STDIN_FILENO, &beyond, 1);
		if (n > 0 && !step)
			break;
		if (n == 0)
			return true;
		if (n > 0)
			buf_added(out, (size_t)n);
		else if (errno != EINTR)
			return cli_fail(cli, false, "cannot read standard input: %s",
					strerror(errno));
	}
	return cli_fail(cli, false, "standard input is larger than %zu bytes", out->max);
}

bool cli_read(const struct cli *cli, const char *path, struct buf *out)
{
	struct fault why;

	if (strcmp(path, "-") == 0)
		return read_stdin(cli, out);
	if (file_read(path, out, &why) == RC_OK)
		return true;
	cli_fail(cli, false, "%s", why.text);
	return false;
}

#include "cli/setup_postfix.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "crypto/keys.h"
#include "json/line.h"
#include "outlook/anchors.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_MAX = 64 * 1024 }; /* a dozen lines, and paths of a few KiB at most */

/* ---- the token ---- */

/* Keys that root makes are for the user that Postern runs as: the owner of their
 * folder, or the account "postern" when the folder is new. */
static bool give_away(const char *folder, bool was_there)
{
	const struct passwd *account = was_there ? NULL : getpwnam("postern");
	DIR *dir = opendir(folder);
	struct stat st;
	bool given = dir && fstat(dirfd(dir), &st) == 0;

	if (given && account) {
		st.st_uid = account->pw_uid;
		st.st_gid = account->pw_gid;
		given = fchown(dirfd(dir), st.st_uid, st.st_gid) == 0;
	}
	for (struct dirent *e; given && (e = readdir(dir));)
		if (e->d_name[0] != '.')
			given = fchownat(dirfd(dir), e->d_name, st.st_uid, st.st_gid,
					 AT_SYMLINK_NOFOLLOW) == 0;
	if (dir)
		closedir(dir);
	return given;
}

static bool find_token(const struct cli *cli, const struct settings *s, char token[65])
{
	CLEANUP(crypto_keys_free) struct crypto_keys *keys = NULL;
	struct fault why;
	struct stat st;

	if (s->milter.route_token[0]) {
		snprintf(token, 65, "%s", s->milter.route_token); /* 64 letters at most */
		return true;
	}
	bool was_there = stat(s->keys, &st) == 0;
	enum rc rc = crypto_keys_open(s->keys, &keys, &why);
	if (rc == RC_ABSENT) {
		rc = crypto_keys_make(s->keys, &keys, &why);
		if (rc == RC_OK && geteuid() == 0 && !give_away(s->keys, was_there))
			rc = fault(&why, RC_INVALID, "cannot give the keys in %s to Postern's user",
				   s->keys);
	}
	if (rc != RC_OK) {
		cli_fail(cli, CLI_NO, "%s", why.text);
		return false;
	}
	snprintf(token, 65, "%s", keys->route_token);
	return true;
}

/* ---- the lines ---- */

struct lines {
	struct buf main, master;
};

static void add(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct buf *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)!buf_addv(out, format, args);
	va_end(args);
}

/* As Postfix names it: a path below its queue is relative, which holds inside the
 * chroot and out of it; an internet address says so. */
static void add_socket(struct buf *out, const char *listen)
{
	struct slice path = slice_of(listen);

	if (!slice_drop_prefix(&path, "unix:"))
		add(out, "inet:%s", listen);
	else
		add(out, "unix:%.*s", SLICE_ARG(outlook_for_postfix(path.at)));
}

/* The route header as a regular expression. In main.cf a dollar is written twice. */
static void add_rule(struct buf *out, const struct settings *s, const char *token, const char *end)
{
	add(out, "/^Postern-Route: strict %s%s/ FILTER postern-strict:%s", token, end,
	    s->outbound.relay);
}

static void add_map(struct buf *out, const struct settings *s, const char *token, const char *map)
{
	if (map) {
		add(out, "regexp:%s\n", map);
		return;
	}
	add(out, "regexp:{ {");
	add_rule(out, s, token, "$$");
	add(out, "} }\n");
}

static void add_main(struct buf *out, const struct settings *s, const char *token, const char *map)
{
	add(out, "smtpd_milters = ");
	add_socket(out, s->milter.listen);
	add(out, "\nnon_smtpd_milters = $smtpd_milters\n"
		 "milter_default_action = tempfail\n"
		 "milter_header_checks = ");
	add_map(out, s, token, map);
	add(out, "header_checks = ");
	add_map(out, s, token, map);
	/* Both default to header_checks: a bounce of ours that somebody forwards carries the
	 * field within, and would take the whole message along. */
	add(out, "mime_header_checks =\nnested_header_checks =\n");
}

static void add_master(struct buf *out, const struct settings *s)
{
	add(out, "postern-strict unix - - n - - smtp\n"
		 "  -o syslog_name=postfix/postern-strict\n"
		 "  -o smtp_tls_security_level=dane-only\n"
		 "  -o smtp_dns_support_level=dnssec\n"
		 "  -o smtp_tls_policy_maps=socketmap:");
	add_socket(out, s->tls_policy.listen);
	add(out, ":strict\n"
		 "  -o tls_required_enable=no\n"
		 "  -o smtp_tls_mandatory_protocols=>=TLSv1.2\n"
		 "  -o smtp_tls_fingerprint_digest=sha256\n"
		 "  -o smtp_tls_loglevel=1\n"
		 "  -o smtp_fallback_relay=\n");
	if (s->probe.ca_file[0])
		add(out, "  -o smtp_tls_CAfile=%s\n  -o smtp_tls_CApath=\n", s->probe.ca_file);
	else
		add(out, "  -o smtp_tls_CApath=/etc/ssl/certs\n");
	add(out, "  -o { smtp_header_checks = regexp:{ {/^Postern-/ IGNORE} } }\n");
}

/* ---- printing ---- */

static void print_text(const struct lines *lines)
{
	printf("# For Postfix 3.7 or later, as Debian installs it.\n"
	       "#\n"
	       "# main.cf: Postern stands behind milters that reject mail and before those that\n"
	       "# sign it. Where header_checks are set already, put this map before yours, and\n"
	       "# name yours, without it, in the two that follow: what stands in an attachment\n"
	       "# chooses no route.\n"
	       "%s"
	       "\n"
	       "# master.cf: the enforced way out.\n"
	       "%s",
	       buf_text(&lines->main), buf_text(&lines->master));
}

static int print_json(const struct cli *cli, const struct lines *lines)
{
	struct buf text = BUF_INIT(4 * OUTPUT_MAX);
	struct json_line line;

	json_line_begin(&line, &text);
	json_line_text(&line, "main.cf", buf_slice(&lines->main));
	json_line_text(&line, "master.cf", buf_slice(&lines->master));
	enum rc rc = json_line_end(&line);
	if (rc == RC_OK)
		fwrite(buf_text(&text), 1, text.len, stdout);
	buf_free(&text);
	return rc == RC_OK ? CLI_OK : cli_fail(cli, CLI_NO, "out of memory");
}

static bool write_map(const struct cli *cli, const struct settings *s, const char *path,
		      const char *token)
{
	struct buf text = BUF_INIT(OUTPUT_MAX);
	struct fault why = { "out of memory" };

	add_rule(&text, s, token, "$");
	add(&text, "\n");
	enum rc rc = buf_state(&text);
	if (rc == RC_OK)
		rc = file_replace(path, buf_slice(&text), 0600, &why);
	buf_free(&text);
	if (rc != RC_OK)
		cli_fail(cli, CLI_NO, "%s", why.text);
	return rc == RC_OK;
}

int setup_postfix(struct cli *cli, const char *map)
{
	const struct settings *s = cli_settings(cli);
	struct lines lines = { BUF_INIT(OUTPUT_MAX), BUF_INIT(OUTPUT_MAX) };
	char token[65];
	int status = CLI_OK;

	if (!s)
		return CLI_USAGE;
	if (map && map[0] != '/')
		return cli_usage(cli,
				 "--map needs an absolute path: Postfix reads it from elsewhere");
	if (!find_token(cli, s, token) || (map && !write_map(cli, s, map, token)))
		return CLI_NO;

	add_main(&lines.main, s, token, map);
	add_master(&lines.master, s);
	if (buf_state(&lines.main) != RC_OK || buf_state(&lines.master) != RC_OK)
		status = cli_fail(cli, CLI_NO, "out of memory");
	else if (cli->json)
		status = print_json(cli, &lines);
	else
		print_text(&lines);
	buf_free(&lines.main);
	buf_free(&lines.master);
	return status;
}

#include "cli/operator.h"

#include "audit/hand.h"
#include "base/clock.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

static const char *who(void)
{
	const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;
	const struct passwd *user = getpwuid(getuid());

	if (sudo && sudo[0])
		return sudo;
	return user ? user->pw_name : NULL;
}

void operator_sign(struct audit_record *records, size_t count)
{
	const char *auth = who();

	for (size_t i = 0; i < count; i++) {
		records[i].ts_usec = clock_wall_usec();
		records[i].auth = auth;
	}
}

enum rc operator_record(struct cli *cli, struct audit_record *records, size_t count,
			struct fault *why)
{
	const struct settings *settings = cli_settings(cli);

	if (!settings)
		return fault(why, RC_INVALID, "the settings cannot be read");
	operator_sign(records, count);
	const struct audit_hand hand = { settings->state, settings->audit.file };
	return audit_hand_append(&hand, records, count, why);
}

bool operator_open_store(struct cli *cli, struct operator_site *site, int *status)
{
	const struct settings *settings = cli_settings(cli);
	struct fault why;

	*status = CLI_USAGE;
	if (!settings)
		return false;
	enum rc rc = store_open_existing(settings->state, &site->store, &why);
	if (rc == RC_OK)
		return true;
	*status = cli_fail(cli, rc == RC_ABSENT ? CLI_NO : CLI_UNDETERMINED, "%s", why.text);
	return false;
}

bool operator_open(struct cli *cli, struct operator_site *site, int *status)
{
	struct fault why;

	if (!operator_open_store(cli, site, status))
		return false;
	enum rc rc = crypto_keys_open(cli_settings(cli)->keys, &site->keys, &why);
	if (rc == RC_OK)
		return true;
	*status = cli_fail(cli, rc == RC_ABSENT ? CLI_NO : CLI_UNDETERMINED, "%s", why.text);
	return false;
}

void operator_close(struct operator_site *site)
{
	crypto_keys_free(&site->keys);
	store_close(site->store);
	site->store = NULL;
}

void operator_add_text(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		(void)buf_add_byte(out, text.at[i] >= ' ' && text.at[i] <= '~' ? text.at[i] : '?');
}

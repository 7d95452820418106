#include "cli/index.h"
#include "cli/rules.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool index_share(const struct cli *cli, const char *path)
{
	char folder[PATH_MAX];
	struct stat st;
	const char *slash = strrchr(path, '/');

	/* Others can only give a file to groups of their own, which it has already. */
	if (geteuid() != 0)
		return true;
	snprintf(folder, sizeof folder, "%.*s",
		 !slash          ? 1
		 : slash == path ? 1
				 : (int)(slash - path),
		 slash ? path : ".");
	if (stat(folder, &st) == 0 && chown(path, (uid_t)-1, st.st_gid) == 0)
		return true;
	cli_fail(cli, CLI_USAGE, "%s: cannot be given to its folder's group: %s", path,
		 strerror(errno));
	return false;
}

int rules_index(struct cli *cli, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct cli *cli, int argc, char **argv);
	} kinds[] = {
		{ "exact", index_exact },
		{ "fingerprint", index_fingerprint },
	};

	for (size_t i = 0; argc > 1 && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(argv[1], kinds[i].name) == 0)
			return kinds[i].run(cli, argc - 1, argv + 1);
	return cli_usage(cli, "say what kind of index: exact or fingerprint");
}

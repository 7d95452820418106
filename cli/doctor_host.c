#include "cli/doctor.h"

#include "audit/tail.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "crypto/keys.h"
#include "outbox/outbox.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
	WAITS_LONG_S = 3600, /* mail handed to an MTA on this host waits no hour */
	MESSAGES_AHEAD = 10, /* of the largest size: less room than that is worth a look */
	STUCK_TOLD_MAX = 5,  /* one by one; the rest is counted */
};

void doctor_keys(struct doctor *d)
{
	const char *folder = d->settings->keys;
	CLEANUP(crypto_keys_free) struct crypto_keys *keys = NULL;
	struct fault why = { .text = "out of memory" };

	switch (crypto_keys_open(folder, &keys, &why)) {
	case RC_OK:
		doctor_say(d, DOCTOR_OK, "keys", "", "%s has all keys, closed to others", folder);
		return;
	case RC_ABSENT:
		doctor_say(d, DOCTOR_FAIL, "keys",
			   "start postern-milter, or run postern setup postfix: both make them",
			   "%s has no keys yet", folder);
		return;
	case RC_INVALID:
	case RC_RETRY:
	case RC_LIMIT:
	case RC_NOMEM:
		doctor_say(d, DOCTOR_FAIL, "keys", geteuid() == 0 ? "" : "ask as root", "%s",
			   why.text);
		return;
	}
}

/* ---- state ---- */

static void examine_space(struct doctor *d, const char *folder)
{
	struct statvfs vfs;
	uint64_t largest = d->settings->limits.message_bytes;

	if (statvfs(folder, &vfs) != 0) {
		doctor_say(d, DOCTOR_FAIL, "space", "", "%s: %s", folder, strerror(errno));
		return;
	}
	uint64_t free_bytes = (uint64_t)vfs.f_bavail * vfs.f_frsize, mib = free_bytes >> 20;
	if (free_bytes < largest || (vfs.f_files > 0 && vfs.f_favail == 0))
		doctor_say(d, DOCTOR_FAIL, "space", "make room",
			   "%s has %" PRIu64 " MiB left%s: protected mail that needs it is "
			   "answered 451 4.3.0",
			   folder, mib, vfs.f_favail == 0 ? ", and no file more" : "");
	else
		doctor_say(d, free_bytes < MESSAGES_AHEAD * largest ? DOCTOR_WARN : DOCTOR_OK,
			   "space", "", "%s has %" PRIu64 " MiB left", folder, mib);
}

void doctor_state(struct doctor *d)
{
	const char *folder = d->settings->state;
	struct stat st, keys;

	if (stat(folder, &st) != 0) {
		doctor_say(d, DOCTOR_FAIL, "state",
			   errno == ENOENT ? "start postern-milter, which makes it" : "ask as root",
			   "%s: %s", folder, strerror(errno));
		return;
	}
	if (!S_ISDIR(st.st_mode))
		doctor_say(d, DOCTOR_FAIL, "state", "", "%s is no folder", folder);
	else if (st.st_mode & 077)
		doctor_say(d, DOCTOR_WARN, "state", "chmod 0700 it",
			   "%s is open to others (mode %04o)", folder,
			   (unsigned)st.st_mode & 07777);
	else if ((st.st_mode & 0700) != 0700)
		doctor_say(d, DOCTOR_FAIL, "state", "chmod 0700 it",
			   "%s cannot be written by its owner", folder);
	else if (stat(d->settings->keys, &keys) == 0 && keys.st_uid != st.st_uid)
		doctor_say(d, DOCTOR_FAIL, "state", "chown both to the user of postern-milter",
			   "%s belongs to user %u, and the keys to user %u: one daemon needs both",
			   folder, (unsigned)st.st_uid, (unsigned)keys.st_uid);
	else
		doctor_say(d, DOCTOR_OK, "state", "", "%s is its owner's alone (user %u)", folder,
			   (unsigned)st.st_uid);
	examine_space(d, folder);
}

/* ---- the audit ---- */

void doctor_audit(struct doctor *d)
{
	const char *path = d->settings->audit.file;
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct audit_tail tail;
	struct fault why = { .text = "out of memory" };

	if (fd < 0 && errno == ENOENT)
		doctor_say(d, DOCTOR_WARN, "audit", "start postern-milter, which makes it",
			   "%s is not there yet", path);
	else if (fd < 0)
		doctor_say(d, DOCTOR_FAIL, "audit", "ask as root", "%s: %s", path, strerror(errno));
	else if (audit_tail_find(fd, &tail, &why) != RC_OK)
		doctor_say(d, DOCTOR_FAIL, "audit", "postern audit verify tells where", "%s: %s",
			   path, why.text);
	else if (tail.torn > 0)
		doctor_say(d, DOCTOR_WARN, "audit",
			   "the next start of postern-milter sets it aside",
			   "%s ends within a line", path);
	else if (tail.any)
		doctor_say(d, DOCTOR_OK, "audit", "", "%s ends with seq %" PRIu64 ", hash %s", path,
			   tail.seq, tail.hash);
	else
		doctor_say(d, DOCTOR_OK, "audit", "", "%s has no record yet", path);
}

/* ---- the outbox ---- */

struct waiting {
	struct doctor *d;
	int64_t now_s;
	unsigned stuck, late, all;
};

static bool on_entry(void *arg, const struct outbox_entry *e)
{
	struct waiting *w = arg;
	struct slice to = e->recipient_count ? e->recipients[0].address : (struct slice){ "?", 1 };

	w->all++;
	if (e->stuck && ++w->stuck <= STUCK_TOLD_MAX)
		doctor_say(w->d, DOCTOR_WARN, "outbox", "the sender was told; nothing more is sent",
			   "a %s to %.*s about %.*s was given up: %.*s", outbox_kind_name(e->kind),
			   SLICE_ARG(to), SLICE_ARG(e->queue_id), SLICE_ARG(e->words));
	if (!e->stuck && w->now_s - e->made_s > WAITS_LONG_S)
		w->late++;
	return true;
}

void doctor_outbox(struct doctor *d)
{
	struct waiting w = { .d = d, .now_s = clock_wall_s() };
	struct store *store;
	struct fault why = { .text = "out of memory" };
	enum rc rc = store_open_existing(d->settings->state, &store, &why);

	if (rc == RC_ABSENT) {
		doctor_say(d, DOCTOR_OK, "outbox", "", "there is no store yet");
		return;
	}
	if (rc == RC_OK) {
		rc = outbox_each(store, on_entry, &w, &why);
		store_close(store);
	}
	if (rc != RC_OK)
		doctor_say(d, DOCTOR_FAIL, "outbox", geteuid() == 0 ? "" : "ask as root", "%s",
			   why.text);
	else if (w.late > 0)
		doctor_say(d, DOCTOR_FAIL, "outbox",
			   "see that outbox.smtp takes mail without authentication; the log tells "
			   "its answers",
			   "%u of %u mails wait for over an hour to be taken by %s", w.late, w.all,
			   d->settings->outbox.smtp);
	else
		doctor_say(d, w.stuck ? DOCTOR_WARN : DOCTOR_OK, "outbox", "",
			   "%u wait, %u were given up", w.all - w.stuck, w.stuck);
}

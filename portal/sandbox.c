#include "sandbox.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum rc sandbox_begin(struct fault *why)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fault(why, RC_RETRY, "cannot give up rights: %s", strerror(errno));
	return RC_OK;
}

enum rc sandbox_limits(unsigned descriptors, uint64_t file_bytes, struct fault *why)
{
	const struct rlimit files = { descriptors, descriptors };
	const struct rlimit size = { file_bytes, file_bytes };
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_NOFILE, &files) != 0)
		return fault(why, RC_RETRY, "cannot have %u descriptors: %s", descriptors,
			     strerror(errno));
	if (setrlimit(RLIMIT_FSIZE, &size) != 0 || setrlimit(RLIMIT_NPROC, &none) != 0)
		return fault(why, RC_RETRY, "cannot set limits: %s", strerror(errno));
	return RC_OK;
}

enum rc sandbox_become(uid_t user, gid_t group, struct fault *why)
{
	if (setgroups(0, NULL) != 0 || setresgid(group, group, group) != 0 ||
	    setresuid(user, user, user) != 0)
		return fault(why, RC_RETRY, "cannot become user %u: %s", (unsigned)user,
			     strerror(errno));
	if (user != 0 && setuid(0) == 0)
		return fault(why, RC_RETRY, "could become root again");
	return RC_OK;
}

/* ---- Landlock ---- */

#ifndef LANDLOCK_ACCESS_FS_TRUNCATE /* since Linux 6.2; Debian 12's headers are older */
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

enum { TRUNCATE_SINCE = 3 }; /* Landlock's ABI that knows it */

static const uint64_t every_access =
	LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
	LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |
	LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
	LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
	LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
static const uint64_t file_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;

static enum rc allow(int ruleset, const struct sandbox_folder *folder, uint64_t handled,
		     struct fault *why)
{
	CLEANUP(cleanup_fd) int fd = open(folder->path, O_PATH | O_CLOEXEC);
	struct stat about;
	uint64_t access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return RC_OK;
	if (fd < 0 || fstat(fd, &about) != 0)
		return fault(why, RC_RETRY, "cannot open %s: %s", folder->path, strerror(errno));
	if (folder->write)
		access |= LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
			  LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR |
			  LANDLOCK_ACCESS_FS_TRUNCATE;
	if (!S_ISDIR(about.st_mode))
		access &= file_access | LANDLOCK_ACCESS_FS_TRUNCATE;
	const struct landlock_path_beneath_attr below = {
		.allowed_access = access & handled,
		.parent_fd = fd,
	};
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &below, 0) != 0)
		return fault(why, RC_RETRY, "landlock: %s: %s", folder->path, strerror(errno));
	return RC_OK;
}

enum rc sandbox_files(const struct sandbox_folder *folders, size_t count, bool *there,
		      struct fault *why)
{
	struct landlock_ruleset_attr rules = { .handled_access_fs = every_access };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (there)
		*there = abi > 0;
	if (abi <= 0)
		return RC_OK; /* not in this kernel, or switched off at its start */
	if (abi >= TRUNCATE_SINCE)
		rules.handled_access_fs |= LANDLOCK_ACCESS_FS_TRUNCATE;
	CLEANUP(cleanup_fd)
	int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
	if (fd < 0)
		return fault(why, RC_RETRY, "landlock: %s", strerror(errno));
	for (size_t i = 0; i < count; i++) {
		enum rc rc = allow(fd, &folders[i], rules.handled_access_fs, why);
		if (rc != RC_OK)
			return rc;
	}
	if (syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		return fault(why, RC_RETRY, "landlock: %s", strerror(errno));
	return RC_OK;
}

/* ---- seccomp ---- */

#define CALL(name) SCMP_SYS(name)

/* Descriptors that are there, memory, time, threads that are there. */
static const int both[] = {
	CALL(read),
	CALL(readv),
	CALL(pread64),
	CALL(write),
	CALL(writev),
	CALL(close),
	CALL(lseek),
	CALL(fcntl),
	CALL(recvfrom),
	CALL(recvmsg),
	CALL(sendto),
	CALL(sendmsg),
	CALL(shutdown),
	CALL(getsockopt),
	CALL(setsockopt),
	CALL(getsockname),
	CALL(getpeername),
	CALL(poll),
	CALL(ppoll),
	CALL(epoll_wait),
	CALL(epoll_pwait),
	CALL(epoll_ctl),
	CALL(futex),
	CALL(sched_yield),
	CALL(sched_getaffinity),
	CALL(set_robust_list),
	CALL(rseq),
	CALL(munmap),
	CALL(mremap),
	CALL(madvise),
	CALL(mlock),
	CALL(munlock),
	CALL(brk),
	CALL(membarrier),
	CALL(clock_gettime),
	CALL(clock_getres),
	CALL(clock_nanosleep),
	CALL(nanosleep),
	CALL(gettimeofday),
	CALL(time),
	CALL(times),
	CALL(getrusage),
	CALL(getrandom),
	CALL(getpid),
	CALL(gettid),
	CALL(getuid),
	CALL(geteuid),
	CALL(getgid),
	CALL(getegid),
	CALL(getppid),
	CALL(uname),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(rt_sigtimedwait),
	CALL(sigaltstack),
	CALL(pause),
	CALL(rt_sigsuspend),
	CALL(restart_syscall),
	CALL(exit),
	CALL(exit_group),
};

static const int of_worker[] = {
	CALL(accept), CALL(accept4), CALL(memfd_create), CALL(ftruncate), CALL(sendfile),
};

static const int of_start[] = {
	CALL(epoll_create1), CALL(eventfd2),  CALL(prctl),
	CALL(seccomp),       CALL(prlimit64), CALL(setrlimit),
};

static const int of_keeper[] = {
	CALL(open),      CALL(openat),          CALL(stat),       CALL(lstat),
	CALL(fstat),     CALL(newfstatat),      CALL(statx),      CALL(fstatfs),
	CALL(statfs),    CALL(access),          CALL(faccessat),  CALL(faccessat2),
	CALL(readlink),  CALL(readlinkat),      CALL(getdents64), CALL(pwrite64),
	CALL(ftruncate), CALL(fallocate),       CALL(fsync),      CALL(fdatasync),
	CALL(flock),     CALL(rename),          CALL(renameat),   CALL(renameat2),
	CALL(unlink),    CALL(unlinkat),        CALL(rmdir),      CALL(mkdir),
	CALL(mkdirat),   CALL(fchmod),          CALL(fchmodat),   CALL(fchown),
	CALL(umask),     CALL(getcwd),          CALL(utimensat),  CALL(dup),
	CALL(connect),   CALL(socketpair),      CALL(wait4),      CALL(pipe2),
	CALL(eventfd2),  CALL(signalfd4),       CALL(prlimit64),  CALL(memfd_create),
	CALL(linkat),    CALL(sync_file_range), /* a long blob is written while it comes */
};

static int add_all(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int bad = 0;

	for (size_t i = 0; bad == 0 && i < count; i++)
		bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return bad;
}

/* Memory, but none that can be run; signals to ourselves alone (abort); threads, but no
 * processes. clone3 hides its flags behind a pointer: libc falls back on clone. */
static int add_bounded(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_exec = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp self = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid());

	int bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(mmap), 1, no_exec);
	if (bad == 0)
		bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(mprotect), 1, no_exec);
	if (bad == 0)
		bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(tgkill), 1, self);
	if (bad == 0)
		bad = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), CALL(clone3), 0);
	return bad;
}

static int add_threads(scmp_filter_ctx filter)
{
	const scmp_datum_t thread = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
	const struct scmp_arg_cmp threads = SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread);

	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(clone), 1, threads);
}

static int add_keepers(scmp_filter_ctx filter, pid_t friend)
{
	const struct scmp_arg_cmp unix_only = SCMP_A0(SCMP_CMP_EQ, AF_UNIX);
	const struct scmp_arg_cmp to_friend = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t) friend);

	int bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(socket), 1, unix_only);
	if (bad == 0 && friend > 0)
		bad = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(kill), 1, to_friend);
	if (bad == 0)
		bad = add_threads(filter);
	return bad ? bad : add_all(filter, of_keeper, sizeof of_keeper / sizeof *of_keeper);
}

static int add_role(scmp_filter_ctx filter, enum sandbox_role role, pid_t friend)
{
	int bad = 0;

	switch (role) {
	case SANDBOX_WORKER_START:
		bad = add_threads(filter);
		if (bad == 0)
			bad = add_all(filter, of_start, sizeof of_start / sizeof *of_start);
		if (bad != 0)
			break;
		[[fallthrough]];
	case SANDBOX_WORKER:
		bad = add_all(filter, of_worker, sizeof of_worker / sizeof *of_worker);
		break;
	case SANDBOX_KEEPER:
		bad = add_keepers(filter, friend);
		break;
	}
	return bad;
}

enum rc sandbox_calls(enum sandbox_role role, pid_t friend, struct fault *why)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int bad = filter ? 0 : -ENOMEM;

	if (bad == 0)
		bad = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (bad == 0)
		bad = add_all(filter, both, sizeof both / sizeof *both);
	if (bad == 0)
		bad = add_bounded(filter);
	if (bad == 0)
		bad = add_role(filter, role, friend);
	if (bad == 0)
		bad = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	if (bad != 0)
		return fault(why, RC_RETRY, "seccomp: %s", strerror(-bad));
	return RC_OK;
}

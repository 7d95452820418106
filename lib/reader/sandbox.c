#include "reader/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

/* A sanitizer maps terabytes, and reads /proc to tell of what it has found. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED true
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED false
#endif

static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(getrusage),
	SCMP_SYS(setitimer),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getrandom),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(sched_yield),
};

/* Raised by abort() and by the sanitizers; it can reach ourselves only. */
static const int when_sanitized[] = { SCMP_SYS(sigaltstack), SCMP_SYS(rt_sigaction),
				      SCMP_SYS(prctl),       SCMP_SYS(sched_getaffinity),
				      SCMP_SYS(nanosleep),   SCMP_SYS(clock_nanosleep) };

/* Asked for by libraries, which go on without. */
static const int refused[] = {
	SCMP_SYS(open),      SCMP_SYS(openat),     SCMP_SYS(stat),    SCMP_SYS(newfstatat),
	SCMP_SYS(fstat),     SCMP_SYS(lseek),      SCMP_SYS(access),  SCMP_SYS(faccessat),
	SCMP_SYS(readlink),  SCMP_SYS(readlinkat), SCMP_SYS(ioctl),   SCMP_SYS(fcntl),
	SCMP_SYS(getcwd),    SCMP_SYS(uname),      SCMP_SYS(sysinfo), SCMP_SYS(prlimit64),
	SCMP_SYS(getrlimit), SCMP_SYS(close),
};

static int add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
	int failed = 0;

	for (size_t i = 0; i < count && !failed; i++)
		failed = seccomp_rule_add(filter, action, calls[i], 0);
	return failed;
}

/* Memory, but none that can be run. */
static int add_memory(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp data = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, data);

	return failed ? failed
		      : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, data);
}

/* abort() must be able to end us: tgkill to ourselves, nobody else. */
static int add_abort(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp self = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid());

	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, self);
}

static int load_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int failed = filter ? 0 : -ENOMEM;

	if (!failed)
		failed = add_all(filter, SCMP_ACT_ALLOW, allowed, sizeof allowed / sizeof *allowed);
	if (!failed && IS_SANITIZED)
		failed = add_all(filter, SCMP_ACT_ALLOW, when_sanitized,
				 sizeof when_sanitized / sizeof *when_sanitized);
	if (!failed)
		failed = add_all(filter, SCMP_ACT_ERRNO(EACCES), refused,
				 sizeof refused / sizeof *refused);
	if (!failed)
		failed = add_memory(filter);
	if (!failed)
		failed = add_abort(filter);
	if (!failed)
		failed = seccomp_load(filter);
	seccomp_release(filter);
	return failed;
}

static bool limit(int what, uint64_t most)
{
	struct rlimit limit = { most, most };

	return setrlimit((__rlimit_resource_t)what, &limit) == 0;
}

enum rc reader_sandbox_enter(uint64_t memory_bytes, struct fault *why)
{
	bool done = limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 3) && limit(RLIMIT_FSIZE, 0) &&
		    limit(RLIMIT_NPROC, 0);

	if (done && !IS_SANITIZED)
		done = limit(RLIMIT_AS, memory_bytes);
	if (!done || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return fault(why, RC_RETRY, "cannot give up rights: %s", strerror(errno));
	int failed = load_filter();
	if (failed)
		return fault(why, RC_RETRY, "cannot load a seccomp filter: %s", strerror(-failed));
	return RC_OK;
}

void reader_sandbox_limit_cpu(unsigned cpu_ms)
{
	struct itimerval timer = { .it_value = { .tv_sec = cpu_ms / 1000,
						 .tv_usec = cpu_ms % 1000 * 1000 } };

	(void)setitimer(ITIMER_PROF, &timer, NULL);
}

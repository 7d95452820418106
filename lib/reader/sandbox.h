/* reader/sandbox.h: the walls around a process that reads strangers' documents.
 *
 * Once inside, the process has its open descriptors, memory up to a bound, the
 * time, and nothing else: no file can be opened, no socket or process made. What it
 * asks for beyond ends it (SIGSYS); files alone are refused with EACCES, since
 * libraries look for optional ones.
 *
 * This is the only place that knows libseccomp here.
 *
 * Standard  seccomp(2), prctl(2) PR_SET_NO_NEW_PRIVS, getrlimit(2)
 * Threads   once, before any others start */
#pragma once

#include "base/fault.h"

#include <stdint.h>

/* memory_bytes: of address space; not under a sanitizer, which maps terabytes.
 * RC_RETRY: the kernel refuses; the process must not go on. */
enum rc reader_sandbox_enter(uint64_t memory_bytes, struct fault *why);

/* From here on so much more CPU time; then SIGPROF. 0: no bound. */
void reader_sandbox_limit_cpu(unsigned cpu_ms);

/* support/conformance.h: what any backend of the store must stand: threads and processes at
 * once, a kill at each durable step, failing and full disks, readers beside writers.
 *
 * Memory   files under /tmp, removed
 * Threads  makes its own; forks */
#pragma once

/* Runs the tests; how many failed. */
int conformance_run(void);

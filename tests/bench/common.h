/* common.h - tiny helpers shared by the benchmark programs (monotonic clock,
 * sample statistics, RSS reader).  Header-only so that each tool stays a
 * single translation unit:  gcc -O2 -o tool tool.c ... */
#ifndef PERF_COMMON_H
#define PERF_COMMON_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <time.h>

static inline double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static int cmp_dbl(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* Sorts v in place and prints min / median / max with a label and unit. */
static inline void report(const char *label, double *v, int n, const char *unit)
{
	qsort(v, (size_t)n, sizeof *v, cmp_dbl);
	printf("%-44s min %10.3f  med %10.3f  max %10.3f  %s (n=%d)\n", label, v[0], v[n / 2],
	       v[n - 1], unit, n);
	fflush(stdout);
}

/* Resident set size of this process in KiB (VmRSS). */
static inline long rss_kib(void)
{
	char line[256];
	long kib = -1;
	FILE *f = fopen("/proc/self/status", "r");
	if (!f)
		return -1;
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	fclose(f);
	return kib;
}

/* xorshift64*: deterministic PRNG so that every run sees the same data. */
static uint64_t rng_state = 0x9E3779B97F4A7C15ull;
static inline uint64_t rnd(void)
{
	rng_state ^= rng_state >> 12;
	rng_state ^= rng_state << 25;
	rng_state ^= rng_state >> 27;
	return rng_state * 0x2545F4914F6CDD1Dull;
}
#endif

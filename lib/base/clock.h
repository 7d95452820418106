/* base/clock.h: the time, and how it is written.
 *
 * Deciding code takes the time as a parameter; only programs and edges ask for
 * it here. */
#pragma once

#include "base/slice.h"

int64_t clock_mono_ms(void);   /* since some start; never goes back; for deadlines */
int64_t clock_mono_usec(void); /* the same clock, for what took how long */
int64_t clock_wall_s(void);    /* Unix time; for what outlives the process */
int64_t clock_wall_usec(void); /* Unix time in microseconds; for time stamps */

enum { CLOCK_TEXT = 40 };

/* RFC 3339 in UTC: "2026-11-22T02:45:47Z", and with microseconds. out holds
 * CLOCK_TEXT bytes and is returned. Times outside the years 0..9999 come out as
 * the nearest end. */
char *clock_format(int64_t wall_s, char *out);
char *clock_format_usec(int64_t wall_usec, char *out);

/* For people, whatever their language: "2026-11-22 02:45 UTC". Bounds as there. */
char *clock_format_words(int64_t wall_s, char *out);

/* Reads what clock_format() writes, and nothing else: "2026-11-22T02:45:47Z". False: it is
 * not such a time; *wall_s is untouched. */
bool clock_parse(struct slice text, int64_t *wall_s);

/* RFC 5322 §3.3 in UTC: "Sun, 22 Nov 2026 02:45:47 +0000". */
char *clock_format_mail(int64_t wall_s, char *out);

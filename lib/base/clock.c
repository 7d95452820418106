#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const int64_t year_0 = -62167219200, year_9999_end = 253402300799;

int64_t clock_mono_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
	return clock_mono_usec() / 1000;
}

int64_t clock_wall_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_wall_s(void)
{
	return clock_wall_usec() / 1000000;
}

static struct tm broken_down(int64_t wall_s)
{
	if (wall_s < year_0)
		wall_s = year_0;
	if (wall_s > year_9999_end)
		wall_s = year_9999_end;

	time_t t = (time_t)wall_s;
	struct tm tm;
	gmtime_r(&t, &tm);
	return tm;
}

char *clock_format(int64_t wall_s, char *out)
{
	struct tm tm = broken_down(wall_s);

	strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return out;
}

char *clock_format_words(int64_t wall_s, char *out)
{
	struct tm tm = broken_down(wall_s);

	strftime(out, CLOCK_TEXT, "%Y-%m-%d %H:%M UTC", &tm);
	return out;
}

char *clock_format_usec(int64_t wall_usec, char *out)
{
	int64_t s = wall_usec / 1000000, usec = wall_usec % 1000000;

	if (usec < 0) {
		usec += 1000000;
		s--;
	}
	struct tm tm = broken_down(s);
	size_t n = strftime(out, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, CLOCK_TEXT - n, ".%06dZ", (int)usec);
	return out;
}

static bool digits(struct slice text, size_t at, size_t count, int *out)
{
	int value = 0;

	for (size_t i = at; i < at + count; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		value = value * 10 + (text.at[i] - '0');
	}
	*out = value;
	return true;
}

bool clock_parse(struct slice text, int64_t *wall_s)
{
	struct tm tm = { 0 };
	char again[CLOCK_TEXT];

	if (text.len != 20 || !digits(text, 0, 4, &tm.tm_year) || !digits(text, 5, 2, &tm.tm_mon) ||
	    !digits(text, 8, 2, &tm.tm_mday) || !digits(text, 11, 2, &tm.tm_hour) ||
	    !digits(text, 14, 2, &tm.tm_min) || !digits(text, 17, 2, &tm.tm_sec))
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	int64_t parsed = timegm(&tm);
	/* The 31st of June and a 25th hour come out as another time. */
	if (memcmp(clock_format(parsed, again), text.at, text.len) != 0)
		return false;
	*wall_s = parsed;
	return true;
}

/* strftime's names follow the locale; the header's do not. */
char *clock_format_mail(int64_t wall_s, char *out)
{
	static const char day[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char month[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm = broken_down(wall_s);

	snprintf(out, CLOCK_TEXT, "%s, %02d %s %04d %02d:%02d:%02d +0000", day[tm.tm_wday],
		 tm.tm_mday, month[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return out;
}

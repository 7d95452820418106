#include "cli/doctor.h"
#include "json/line.h"

#include <stdarg.h>
#include <stdio.h>

enum { TEXT_MAX = 8192 }; /* a sentence with a path or two, or an answer quoted */

static void print(const struct doctor *d, enum doctor_level level, const char *check,
		  const char *advice, const char *text)
{
	static const char *const words[] = { "ok", "warn", "fail" };
	static const char *const shown[] = { "ok  ", "warn", "FAIL" };
	struct buf out = BUF_INIT(8 * TEXT_MAX);
	struct json_line line;

	if (!d->cli->json) {
		printf("%s  %s: %s\n%s%s%s", shown[level], check, text, *advice ? "      -> " : "",
		       advice, *advice ? "\n" : "");
		return;
	}
	json_line_begin(&line, &out);
	json_line_string(&line, "check", check);
	json_line_string(&line, "level", words[level]);
	json_line_string(&line, "text", text);
	json_line_string(&line, "advice", *advice ? advice : NULL);
	if (json_line_end(&line) == RC_OK)
		fwrite(buf_text(&out), 1, out.len, stdout);
	buf_free(&out);
}

void doctor_say(struct doctor *d, enum doctor_level level, const char *check, const char *advice,
		const char *format, ...)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	va_list args;

	va_start(args, format);
	enum rc rc = buf_addv(&text, format, args);
	va_end(args);
	/* What is quoted may be a stranger's; the terminal is ours. */
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < ' ' || text.at[i] > '~')
			text.at[i] = '?';
	d->count[level]++;
	print(d, level, check, advice, rc == RC_OK ? buf_text(&text) : "(too long to tell)");
	buf_free(&text);
}

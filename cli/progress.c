#include "cli/progress.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { BAR = 32 }; /* characters: with the numbers well within a line of 80 */

struct progress progress_begin(const struct cli *cli, const char *what, uint64_t total)
{
	return (struct progress){
		.what = what,
		.total = total,
		.due_ms = clock_mono_ms() + PROGRESS_QUIET_MS,
		.wanted = !cli->json && isatty(STDERR_FILENO),
	};
}

static void draw_bar(uint64_t done, uint64_t total)
{
	double part = done < total ? (double)done / (double)total : 1;
	int full = (int)(part * BAR);

	fputc('[', stderr);
	for (int i = 0; i < BAR; i++)
		fputc(i < full ? '#' : '-', stderr);
	fprintf(stderr, "] %3d %%  ", (int)(part * 100));
}

void progress_show(struct progress *p, uint64_t done)
{
	int64_t now_ms = p->wanted ? clock_mono_ms() : 0;

	if (!p->wanted || now_ms < p->due_ms)
		return;
	fputc('\r', stderr);
	if (p->total)
		draw_bar(done, p->total);
	fprintf(stderr, "%" PRIu64, done);
	if (p->total)
		fprintf(stderr, " of %" PRIu64, p->total);
	fprintf(stderr, " %s\033[K", p->what);
	fflush(stderr);
	p->shown = true;
	p->due_ms = now_ms + PROGRESS_EVERY_MS;
}

void progress_now(struct progress *p, uint64_t done)
{
	p->due_ms = 0;
	progress_show(p, done);
}

void progress_clear(struct progress *p)
{
	if (!p->shown)
		return;
	fflush(stdout); /* what stands before it must not come behind */
	fputs("\r\033[K", stderr);
	fflush(stderr);
	p->shown = false;
}

#include "outbox/retry.h"

int64_t outbox_retry_pause_s(int64_t first_s, int64_t max_s, uint32_t tries, uint32_t random)
{
	int64_t pause = first_s > 0 ? first_s : 1;

	for (uint32_t i = 1; i < tries && pause < max_s; i++)
		pause *= 2;
	if (pause > max_s)
		pause = max_s > 0 ? max_s : 1;
	int64_t width = pause / 2 + 1; /* from 3/4 to 5/4 */
	pause += (int64_t)random % width - pause / 4;
	return pause > 0 ? pause : 1;
}

/* A main for a fuzz target built without a fuzzer: runs it on each file of each
 * folder named. A folder that is missing or empty is a failure, since a test
 * that replays nothing would say nothing. */
#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEED_MAX = 4 << 20 };

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		return 1;
	}
	uint8_t *data = malloc(SEED_MAX);
	size_t size = data ? fread(data, 1, SEED_MAX, f) : 0;
	fclose(f);
	/* The exact size on the heap, so that a sanitizer sees a read past the end. */
	uint8_t *exact = malloc(size ? size : 1);
	for (size_t i = 0; exact && i < size; i++)
		exact[i] = data[i];
	free(data);
	if (!exact)
		return 1;
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	return 0;
}

static int replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	int count = 0, bad = 0;

	for (struct dirent *e; dir && (e = readdir(dir));) {
		char path[PATH_MAX];
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		bad |= replay_file(path);
		count++;
	}
	if (dir)
		closedir(dir);
	printf("%s: %d seeds\n", folder, count);
	return bad || count == 0;
}

int main(int argc, char **argv)
{
	int bad = argc < 2;

	for (int i = 1; i < argc; i++)
		bad |= replay_folder(argv[i]);
	return bad;
}

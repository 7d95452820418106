#include "base/lean.h"

#include "support/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int written = 7;
static int *const relocated = &written; /* the loader wrote it, then took the right to */

static long resident_kib(void)
{
	char line[200];
	long kib = -1;
	FILE *f = fopen("/proc/self/status", "r");

	while (kib < 0 && fgets(line, sizeof line, f))
		(void)!sscanf(line, "VmRSS: %ld", &kib);
	fclose(f);
	return kib;
}

static void test_all_goes_on_in_less_memory(void **state)
{
	(void)state;
	written = 11;
	long before = resident_kib();
	lean_settle();
	long after = resident_kib();
	print_message("   %ld KiB, then %ld\n", before, after);
	assert_true(after < before);
	assert_int_equal(*relocated, 11);
	assert_string_equal(strerror(2), "No such file or directory");
	char *text = malloc(100000);
	memset(text, 1, 100000);
	free(text);
	lean_settle();
	assert_int_equal(written, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_goes_on_in_less_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

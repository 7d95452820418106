/* Whatever a file ends in, what is whole and what is torn make up the file. */
#include "audit/tail.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct audit_tail tail;
	int fd = memfd_create("audit", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	if (audit_tail_find(fd, &tail, NULL) == RC_OK) {
		if (tail.end + tail.torn != size || tail.any != (tail.end > 0))
			abort();
		if (tail.end && data[tail.end - 1] != '\n')
			abort();
	}
	close(fd);
	return 0;
}

#include "base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cleanup_fd(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

void cleanup_free(void *ptrptr)
{
	void *ptr;

	memcpy(&ptr, ptrptr, sizeof ptr); /* a pointer to any pointer type, without aliasing it */
	free(ptr);
}

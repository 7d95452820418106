/* support/blobs.h: how many blobs the embedded store has, short and long: beside its interface,
 * which does not list them. */
#pragma once

#include "store/db.h"
#include "support/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

static inline unsigned blobs_long(struct store *of, enum store_area area)
{
	int fd = openat(of->areas[area].fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fdopendir(fd);
	unsigned count = 0;

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir));)
		count += e->d_name[0] != '.';
	closedir(dir);
	return count;
}

static inline unsigned blobs_in(struct store *of, enum store_area area)
{
	sqlite3_stmt *statement = NULL;

	pthread_mutex_lock(&of->reading_lock);
	assert_int_equal(sqlite3_prepare_v2(of->reader.handle,
					    "SELECT count(*) FROM blob WHERE area = ?1", -1,
					    &statement, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_bind_int(statement, 1, (int)area), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	unsigned count = (unsigned)sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	pthread_mutex_unlock(&of->reading_lock);
	return count + blobs_long(of, area);
}

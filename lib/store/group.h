/* store/group.h: transactions of several threads that share one commit, and with it one
 * wait for the disk. For this folder only; no word of the database's here.
 *
 *     group_enter(&line);                  waits for its turn; one thread at a time has it
 *     …                                    the transaction's work, within line.open
 *     if (group_pass(&line, joined, &rc, why))
 *             return rc;                   somebody else has committed for us
 *     …                                    we are the last: commit line.open for all
 *     group_settle(&line, rc, &why);       tells those who wait
 *     group_end(&line);                    and gives the turn away
 *
 * Turns go in the order of arrival. Whoever is ready while others stand in line hands them
 * the turn and waits; who finds nobody behind, or has GROUP_MAX before him, commits. While he
 * waits for the disk the next group gathers, so that groups are as large as the disk is
 * slow, and a thread alone waits for nobody.
 *
 * Threads  any */
#pragma once

#include "base/fault.h"

#include <pthread.h>
#include <stdbool.h>

/* Transactions in a group: beyond this the sync is a small part of its cost, and the
 * first one waits for all. */
enum { GROUP_MAX = 64 };

struct group {
	unsigned begun;     /* transactions that had their turn */
	unsigned ready;     /* of these, the ones to be committed */
	unsigned users;     /* threads that still look at it */
	bool erased;        /* something was deleted: see store_tx.erased */
	bool settled, over; /* rc is known; what was erased is gone from the log as well */
	enum rc rc;
	struct fault why;
	pthread_cond_t changed;
};

struct group_line {
	pthread_mutex_t lock; /* of what follows; the turn keeps open and its begun to ready */
	bool taken;           /* somebody has the turn */
	struct group_waiter *first, **last;
	struct group *open; /* NULL: whoever comes next begins one */
};

void group_line_init(struct group_line *line);
void group_line_fini(struct group_line *line); /* nobody may be in it */

void group_enter(struct group_line *line);

/* With the turn: makes line->open. RC_NOMEM; the turn is still to be given away. */
enum rc group_open(struct group_line *line, struct fault *why);

/* How a transaction takes part in its group. */
enum group_part {
	GROUP_NOTHING, /* it is abandoned; waits only for what it may have read of others */
	GROUP_JOINS,
	GROUP_ERASES, /* joins, and has deleted: it waits until the log is emptied too */
};

/* The end of a transaction's turn. True: the group was left to those in line, and has been
 * committed since; *rc is how. False: the turn is still ours, and the group to be committed
 * (or, with ready 0, to be rolled back). A group that is settled already (the database gave
 * up on it) is passed to nobody. */
bool group_pass(struct group_line *line, enum group_part part, enum rc *rc, struct fault *why);

/* With the turn: the commit's result, for all who wait. The first one counts. */
void group_settle(struct group_line *line, enum rc rc, const struct fault *why);

/* Lets go of line->open, if there is one, and gives the turn to the next in line. */
void group_end(struct group_line *line);

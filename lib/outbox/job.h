/* outbox/job.h: one row on its way through one try.
 *
 *     load     read the row, unwrap its key, open its payload       helper thread
 *     …        smtp_submit_start(job->submission)                   loop
 *     answer   keep what the server said                            loop
 *     settle   tell the program, write the row anew or end it       helper thread
 *
 * Settling can be repeated until it succeeds: what was told is not told again.
 *
 * Memory   an arena per job
 * Threads  one at a time, as above */
#pragma once

#include "outbox/payload.h"
#include "outbox/row.h"
#include "outbox/worker.h"

struct outbox_end { /* of one recipient, in this try */
	enum smtp_fate fate;
	const char *words;
	bool told;
};

struct outbox_job {
	struct arena *arena;
	struct store_outbox_row stored; /* record: in the arena */
	struct outbox_row row;
	struct outbox_payload *payload;
	struct smtp_submission submission;
	struct outbox_end *ends; /* row.mail.recipient_count of them */
	const char *final;       /* the server's answer to the message, or "" */
	bool answered;           /* ends are set: nothing is to be submitted */
	/* When it was settled first; 0: not yet. Settled again after trouble it means what it
	 * meant then: a delay that was told does not become an end that nobody is told of. */
	int64_t settled_s;
};

/* What settling needs from the worker. */
struct outbox_settling {
	struct outbox *outbox;
	const struct outbox_worker_settings *settings; /* no field is 0 or NULL any more */
	outbox_event_fn *event;
	void *arg;
	int64_t now_s;
};

/* A payload or key that is gone or damaged for good makes a job that is answered already,
 * each recipient refused, so that it is told like any refusal.
 *   RC_INVALID  the row itself cannot be read    RC_RETRY  the disk    RC_NOMEM */
enum rc outbox_job_load(struct outbox *outbox, const struct store_outbox_row *stored,
			const struct outbox_worker_settings *settings, struct outbox_job **out,
			struct fault *why);

/* outcome NULL: not even begun. */
void outbox_job_answer(struct outbox_job *job, const struct smtp_outcome *outcome,
		       const char *words);

/* RC_OK: the outcome is durable. Else what the event or the store gave: to be repeated. */
enum rc outbox_job_settle(struct outbox_job *job, const struct outbox_settling *settling,
			  struct fault *why);

void outbox_job_free(struct outbox_job **job); /* for CLEANUP(); NULL is fine */

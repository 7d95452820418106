/* outbox/worker.h: hands what waits in the outbox to the MTA.
 *
 * Each due row becomes one submission. A recipient that the MTA accepts leaves the
 * row; one that it refuses for good, or has not accepted for settings.give_up_s, is
 * told to the program (for the audit), then to the sender by a report of its own,
 * and leaves the row; the rest is tried again, later each time. What is not accepted for
 * settings.report_s is told in the same way, once, and tried on. Reports and alerts are
 * never reported on: no loops.
 *
 * An outcome that cannot be noted (the disk is full) is kept in memory and noted later;
 * the mail is not sent again for that.
 *
 * At least once: a crash between the MTA's answer and our noting it sends the same
 * bytes again, with the same Message-ID.
 *
 * Threads  new, free and what is not said otherwise: the loop's. The store is only
 *          touched on helper threads (loop_work) */
#pragma once

#include "outbox/outbox.h"

struct loop;
struct outbox_worker;

struct outbox_worker_settings {  /* strings are copied */
	const char *server;      /* "127.0.0.1:25", as in smtp/submit.h */
	const char *helo;        /* our name; also the right side of our Message-IDs */
	const char *report_from; /* address in the From field of reports: "postmaster@…" */
	/* crypto_keys' header, for the Postern-Notice pass ("report") of reports, by which the
	 * milter knows them; NULL: none. Lives as long as the worker. */
	const struct crypto_key *header_key;
	unsigned parallel_max; /* submissions at a time; 0: 4 */
	int64_t retry_first_s; /* pause after the first failure; 0: 10 s */
	int64_t retry_max_s;   /* no pause is longer; 0: 15 min */
	int64_t report_s;      /* not accepted for so long: told; 0: 4 h. The MTA is beside
				  * us, so hours mean that a person must look */
	int64_t give_up_s;     /* not accepted for so long: given up; 0: 5 days, as long as
				  * MTAs try (RFC 5321 §4.5.4.1) */
	int64_t keep_stuck_s;  /* how long a given-up entry is listed; 0: 5 days */
	struct smtp_times times;
	int64_t (*now_s)(void *arg); /* NULL: the wall clock */
	void *now_arg;
};

enum outbox_fate {
	OUTBOX_ACCEPTED,
	OUTBOX_REFUSED,  /* for good, by the MTA */
	OUTBOX_DELAYED,  /* not accepted for report_s: still tried; told once */
	OUTBOX_GIVEN_UP, /* not accepted for give_up_s */
};

struct outbox_event { /* one recipient's fate; borrowed for the call */
	uint8_t id[STORE_ID_BYTES];
	enum outbox_kind kind;
	enum outbox_fate fate;
	struct slice from, to, queue_id, message_id;
	struct slice mta_queue_id; /* under which the MTA took it; may be empty */
	const char *words;         /* what the MTA said, or we of it */
	uint32_t tries;
};

/* Called on a helper thread, never two at a time, before the row changes. Anything but
 * RC_OK (the audit is not durable): it is called again later, and only then is the
 * outcome noted. May be called again after a crash too. */
typedef enum rc outbox_event_fn(void *arg, const struct outbox_event *event);

/* Called on a helper thread when the store or a payload failed, for the log. */
typedef void outbox_trouble_fn(void *arg, enum rc rc, const char *words);

/* Starts at once with what is due. RC_NOMEM. */
enum rc outbox_worker_new(struct loop *loop, struct outbox *outbox,
			  const struct outbox_worker_settings *settings, outbox_event_fn *event,
			  outbox_trouble_fn *trouble, void *arg, struct outbox_worker **out,
			  struct fault *why);

/* Something was added: look now. Any thread, until _free. RC_NOMEM: it will be
 * found at the next look, within a minute. */
enum rc outbox_worker_wake(struct outbox_worker *worker);

/* Breaks off submissions; their rows stay and are tried at the next start. done
 * (may be NULL) is called on the loop's thread once no helper thread is at work for
 * it any more, possibly from within this call; the outbox may be closed then. */
void outbox_worker_free(struct outbox_worker *worker, void (*done)(void *arg), void *arg);

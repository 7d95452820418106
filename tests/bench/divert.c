/* divert FOLDER: deposits a second, made one by one and by many sessions at once.
 *
 *     bench_divert -t THREADS -n DEPOSITS [-p] [-f] [-s BYTES] FOLDER
 *
 * Each is a whole one: blob, recipient, notice, report, rows, all durable. -p: with a phrase.
 * -f: what it is held against, no more than what must be durable: a file and its name synced,
 * then one transaction of one row, one after another. Prints "THREADS sessions: N deposits/s". */
#include "base/clock.h"
#include "crypto/keys.h"
#include "deposit/deposit.h"
#include "outbox/outbox.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct deposit_site site = {
	.portal_url = "https://secure.our.example",
	.organisation = "Our Example",
};
static enum rules_factor factor = RULES_FACTOR_LINK;
static unsigned deposits = 2000, threads = 1;
static size_t size = 6000;
static atomic_uint next, failed;

static void make(unsigned number)
{
	char *text = malloc(size + 300);
	int head = snprintf(text, 300,
			    "From: Alice <a@our.example>\r\nTo: b@plain.test\r\n"
			    "Subject: number %u\r\nMessage-ID: <%u@our.example>\r\n\r\n",
			    number, number);
	struct deposit_recipient to[] = { { SLICE("b@plain.test"), factor,
					    SLICE("plain.test offers no proven TLS") } };
	struct deposit_made made;
	struct fault why;

	memset(text + head, 'x', size);
	for (size_t i = 78; i < size; i += 80)
		memcpy(text + (size_t)head + i, "\r\n", 2);
	struct slice bytes = { text, (size_t)head + size };
	struct deposit_message message = {
		.sender = SLICE("a@our.example"),
		.recipient_count = 1,
		.recipients = to,
		.queue_id = SLICE("3XkF2"),
		.source = deposit_source_bytes(&bytes),
	};
	if (deposit_make(&site, &message, clock_wall_s(), &made, &why) != RC_OK) {
		fprintf(stderr, "%s\n", why.text);
		atomic_fetch_add(&failed, 1);
	}
	free(text);
}

static bool bare;
static const char *folder;

/* As a plain program would: one file, one transaction. */
static void make_bare(unsigned number)
{
	struct store_tx *tx = NULL;
	char name[300], *text = calloc(1, 20000);
	struct fault why;

	snprintf(name, sizeof name, "%s/%u", folder, number);
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	int dir = open(folder, O_RDONLY | O_DIRECTORY);
	bool fine = write(fd, text, 20000) == 20000 && fsync(fd) == 0 && fsync(dir) == 0;
	close(fd);
	close(dir);
	free(text);
	fine = fine && store_begin(site.store, &tx, &why) == RC_OK &&
	       store_put(tx, "t", (struct slice){ name, strlen(name) }, SLICE("v"), 0, &why) ==
		       RC_OK &&
	       store_commit(&tx, &why) == RC_OK;
	atomic_fetch_add(&failed, !fine);
}

static void *session(void *arg)
{
	for (unsigned n; (n = atomic_fetch_add(&next, 1)) < deposits;)
		bare ? make_bare(n) : make(n);
	return arg;
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	struct crypto_keys *keys;
	pthread_t all[256];
	char path[300];
	struct fault why = { "" };
	int option;

	while ((option = getopt(argc, argv, "t:n:pfs:")) != -1) {
		if (option == 't')
			threads = (unsigned)atoi(optarg);
		else if (option == 'n')
			deposits = (unsigned)atoi(optarg);
		else if (option == 's')
			size = (size_t)atol(optarg);
		else if (option == 'f')
			bare = true;
		else
			factor = RULES_FACTOR_PHRASE;
	}
	folder = argv[optind];
	snprintf(path, sizeof path, "%s/keys", folder);
	if (crypto_keys_make(path, &keys, &why) != RC_OK)
		return fprintf(stderr, "%s\n", why.text), 1;
	site.keys = keys;
	snprintf(path, sizeof path, "%s/state", argv[optind]);
	if (store_open(path, &site.store, &why) != RC_OK ||
	    outbox_open(site.store, &keys->outbox, &site.outbox, &why) != RC_OK)
		return fprintf(stderr, "%s\n", why.text), 1;
	double start = seconds();
	for (unsigned i = 0; i < threads; i++)
		pthread_create(&all[i], NULL, session, NULL);
	for (unsigned i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
	double took = seconds() - start;
	printf("%u sessions: %.0f deposits/s (%.3f ms each), %u failed\n", threads, deposits / took,
	       took * 1e3 / deposits, failed);
	store_close(site.store);
	return failed > 0;
}

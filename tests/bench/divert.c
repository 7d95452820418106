/* divert FOLDER: deposits a second, made one by one and by many sessions at once.
 *
 *     bench_divert -t THREADS -n DEPOSITS [-p] [-s BYTES] FOLDER
 *
 * Each is a whole one: blob, recipient, notice, report, rows, all durable. -p: with a phrase.
 * Prints "THREADS sessions: N deposits/s". */
#include "base/clock.h"
#include "crypto/keys.h"
#include "deposit/deposit.h"
#include "outbox/outbox.h"

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
	struct deposit_recipient to[] = {
		{ SLICE("b@plain.test"), factor, SLICE("plain.test offers no proven TLS") }
	};
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

static void *session(void *arg)
{
	for (unsigned n; (n = atomic_fetch_add(&next, 1)) < deposits;)
		make(n);
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

	while ((option = getopt(argc, argv, "t:n:ps:")) != -1) {
		if (option == 't')
			threads = (unsigned)atoi(optarg);
		else if (option == 'n')
			deposits = (unsigned)atoi(optarg);
		else if (option == 's')
			size = (size_t)atol(optarg);
		else
			factor = RULES_FACTOR_PHRASE;
	}
	snprintf(path, sizeof path, "%s/keys", argv[optind]);
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
	printf("%u sessions: %.0f deposits/s (%.3f ms each), %u failed\n", threads,
	       deposits / took, took * 1e3 / deposits, failed);
	store_close(site.store);
	return failed > 0;
}

#include "deposit/open.h"

#include "base/cleanup.h"
#include "deposit/phrase.h"
#include "deposit/share.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

struct found {
	const struct crypto_keys *keys;
	struct deposit_party party;
	uint8_t link[CRYPTO_CODE_BYTES];
	int64_t now_s;
	struct deposit_record record;
	struct deposit_recipient_record share;
	struct buf address; /* of the share's recipient */
	bool linked;        /* share and address are set */
	unsigned recipients;
	enum rc rc; /* of the row last seen */
	struct fault *why;
};

static bool take_deposit(void *arg, const struct store_deposit *deposit)
{
	struct found *found = arg;

	found->rc = RC_OK;
	if (deposit->state == STORE_DEPOSIT_REVOKED)
		found->rc = fault(found->why, RC_ABSENT, "the deposit was revoked");
	else if (deposit->state == STORE_DEPOSIT_SENT_ON)
		found->rc = fault(found->why, RC_ABSENT, "the deposit was sent on");
	else if (deposit->state == STORE_DEPOSIT_EXPIRED || deposit->until_s <= found->now_s)
		found->rc = fault(found->why, RC_ABSENT, "the deposit has expired");
	else
		found->rc = deposit_record_decode(deposit->record, &found->record, found->why);
	return false;
}

/* Takes the first whose half the code is; every one is tried, so that the time does
 * not tell which. */
static bool take_recipient(void *arg, const struct store_recipient *recipient)
{
	struct found *found = arg;
	struct deposit_recipient_record share;
	struct deposit_party party = { .id = found->party.id, .address = recipient->address };
	struct slice wanted = found->party.address;

	if (wanted.len && !slice_same_nocase(wanted, recipient->address))
		return true;
	found->recipients++;
	bool ended;
	found->rc = deposit_recipient_decode_any(recipient->record, &share, &ended, found->why);
	if (found->rc != RC_OK)
		return false;
	if (!deposit_share_links(&party, found->keys, found->link, &share) || found->linked)
		return true;
	if (ended) {
		found->rc = fault(found->why, RC_ABSENT, "this recipient's copy was sent on");
		return false;
	}
	found->share = share;
	found->linked = true;
	found->rc = buf_add_slice(&found->address, recipient->address);
	return found->rc == RC_OK;
}

static enum rc find(struct store *store, struct found *found, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(store, &tx, why);

	if (rc == RC_OK)
		rc = store_deposit_find(tx, found->party.id, take_deposit, found, why);
	if (rc == RC_OK)
		rc = found->rc;
	if (rc == RC_OK)
		rc = store_recipients(tx, found->party.id, take_recipient, found, why);
	if (rc == RC_OK)
		rc = found->rc;
	if (rc == RC_OK && found->recipients == 0)
		return fault(why, RC_INVALID, "the deposit has no such recipient");
	if (rc == RC_OK && !found->linked)
		return fault(why, RC_INVALID, "code is wrong");
	return rc;
}

static enum rc unseal(int fd, struct deposit_unseal *u, struct fault *why)
{
	CLEANUP(cleanup_free) char *piece = malloc(PIECE);

	if (!piece)
		return fault(why, RC_NOMEM, "out of memory");
	for (;;) {
		ssize_t n = read(fd, piece, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault(why, RC_RETRY, "cannot read a blob: %s", strerror(errno));
		if (n == 0)
			return deposit_unseal_end(u, why);
		enum rc rc = deposit_unseal_add(u, (struct slice){ piece, (size_t)n }, why);
		if (rc != RC_OK)
			return rc;
	}
}

enum rc deposit_open_blob(struct store *store, const uint8_t id[STORE_ID_BYTES],
			  const struct deposit_record *record, const struct crypto_key *dek,
			  crypto_emit_fn *emit, void *arg, struct fault *why)
{
	CLEANUP(deposit_unseal_free) struct deposit_unseal *u = NULL;
	CLEANUP(cleanup_fd) int fd = -1;
	enum rc rc = deposit_unseal_start(record, dek, id, emit, arg, &u, why);

	if (rc == RC_OK)
		rc = store_blob_open(store, STORE_BLOBS, id, &fd, why);
	return rc == RC_OK ? unseal(fd, u, why) : rc;
}

static enum rc open_found(struct store *store, struct found *found, crypto_emit_fn *emit, void *arg,
			  struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key dek = { 0 };

	found->party.address = buf_slice(&found->address);
	enum rc rc = deposit_share_open(&found->party, found->keys, found->link, &found->share,
					&dek, why);
	return rc == RC_OK ? deposit_open_blob(store, found->party.id, &found->record, &dek, emit,
					       arg, why)
			   : rc;
}

enum rc deposit_open(struct store *store, const struct crypto_keys *keys,
		     const struct deposit_visit *visit, int64_t now_s, crypto_emit_fn *emit,
		     void *arg, struct fault *why)
{
	CLEANUP(buf_wipe) struct buf phrase = BUF_SECRET(DEPOSIT_PHRASE_MAX);
	struct found found = {
		.keys = keys,
		.party = { .id = visit->id, .address = visit->address },
		.now_s = now_s,
		.address = BUF_INIT(STORE_KEY_MAX),
		.why = why,
	};
	enum rc rc = crypto_code_parse(visit->code, found.link, why);

	if (rc == RC_OK && visit->phrase.len)
		rc = deposit_phrase_normalise(visit->phrase, &phrase, why);
	if (rc == RC_OK)
		rc = find(store, &found, why);
	found.party.phrase = buf_slice(&phrase);
	if (rc == RC_OK)
		rc = open_found(store, &found, emit, arg, why);
	crypto_wipe(found.link, sizeof found.link);
	buf_free(&found.address);
	return rc;
}

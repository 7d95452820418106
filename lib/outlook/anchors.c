#include "outlook/anchors.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hex.h"
#include "crypto/hash.h"

#include <string.h>
#include <unistd.h>

enum {
	PATH_BYTES_MAX = 4096,
	NAME_BYTES = 8, /* of the digest: the files are all the operator's */
};

struct slice outlook_for_postfix(const char *path)
{
	static const char queue[] = "/var/spool/postfix/"; /* Debian's */
	struct slice rest = slice_of(path);

	slice_drop_prefix(&rest, queue);
	return rest;
}

/* The whole path of the file for ca. */
static enum rc name_file(const struct settings *settings, struct slice ca, struct buf *out,
			 struct fault *why)
{
	struct slice socket = slice_of(settings->tls_policy.listen);
	uint8_t digest[CRYPTO_HASH_BYTES];
	char name[2 * NAME_BYTES + 1];
	const char *slash;

	if (!slice_drop_prefix(&socket, "unix:"))
		return fault(why, RC_INVALID,
			     "pin.ca_file needs a unix socket as tls_policy.listen: the MTA finds "
			     "the certificates in its folder");
	enum rc rc = crypto_sha256(ca, digest, why);
	if (rc != RC_OK)
		return rc;
	slash = strrchr(socket.at, '/');
	(void)buf_add(out, socket.at, slash ? (size_t)(slash - socket.at) + 1 : 0);
	rc = buf_addf(out, "pin-%s.pem", hex_format(digest, NAME_BYTES, name));
	return rc == RC_OK ? RC_OK : fault(why, rc, "no memory for the name of a file");
}

enum rc outlook_anchors_tell(const struct settings *settings, struct slice ca, struct buf *told,
			     struct fault *why)
{
	CLEANUP(buf_free) struct buf path = BUF_INIT(PATH_BYTES_MAX);
	enum rc rc = name_file(settings, ca, &path, why);

	if (rc != RC_OK)
		return rc;
	rc = buf_add_slice(told, outlook_for_postfix(buf_text(&path)));
	return rc == RC_OK ? RC_OK : fault(why, rc, "no memory for the name of a file");
}

static bool is_there(const char *path, struct slice ca)
{
	CLEANUP(buf_free) struct buf have = BUF_INIT(RULES_CA_BYTES_MAX);

	return file_read(path, &have, NULL) == RC_OK && have.len == ca.len &&
	       memcmp(have.at, ca.at, ca.len) == 0;
}

enum rc outlook_anchors_write(const struct settings *settings, const struct rules *rules,
			      struct fault *why)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < rules->destination_count; i++) {
		CLEANUP(buf_free) struct buf path = BUF_INIT(PATH_BYTES_MAX);
		struct slice ca = rules->destinations[i].pin.ca;

		if (ca.len == 0)
			continue;
		rc = name_file(settings, ca, &path, why);
		if (rc == RC_OK && !is_there(buf_text(&path), ca))
			rc = file_replace(buf_text(&path), ca, 0644, why);
	}
	return rc;
}

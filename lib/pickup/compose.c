#include "pickup/compose.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "crypto/pass.h"
#include "crypto/random.h"
#include "deposit/text.h"
#include "mail/base64.h"
#include "mail/body.h"
#include "mail/header.h"
#include "page/filename.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PIECE = 48 * 1024,
	BOUNDARY_BYTES = 16,
	HEADER_MAX = 32 * 1024,
	INTRO_MAX = 8 * 1024,
	OUT_MAX = 4 << 20, /* what is composed in memory: the text, quoted-printable */
};

struct composing {
	const struct pickup_letter *letter;
	struct pickup_mail *mail;
	struct crypto_hash *hash; /* of the body */
	char boundary[2 * BOUNDARY_BYTES + 1];
	uint64_t at; /* in letter->body */
	struct buf out;
};

void pickup_mail_close(struct pickup_mail *mail)
{
	buf_wipe(&mail->header);
	buf_free(&mail->message_id);
	if (mail->body >= 0)
		cleanup_fd(&mail->body);
	mail->body = -1;
}

/* ---- the stranger's bytes ---- */

static enum rc check_body(const struct pickup_letter *letter, struct fault *why)
{
	const struct pickup_request *parts = letter->parts;
	uint64_t wanted = parts->text_bytes;
	struct stat st;

	for (size_t i = 0; i < parts->file_count; i++)
		wanted += parts->files[i].bytes;
	if (letter->body < 0 || fstat(letter->body, &st) < 0 || !S_ISREG(st.st_mode))
		return fault(why, RC_INVALID, "a reply has no body");
	if ((uint64_t)st.st_size != wanted)
		return fault(why, RC_INVALID, "a reply's body is not as long as it says");
	if (parts->text_bytes > PICKUP_TEXT_MAX)
		return fault(why, RC_LIMIT, "a reply's text has %llu bytes",
			     (unsigned long long)parts->text_bytes);
	return RC_OK;
}

/* The next bytes, len at most. A file that has shrunk since it was measured is refused. */
static enum rc take(struct composing *c, char *into, size_t len, struct fault *why)
{
	while (len) {
		ssize_t n = pread(c->letter->body, into, len, (off_t)c->at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fault(why, RC_INVALID, "a reply's body is cut short");
		c->at += (uint64_t)n;
		into += n;
		len -= (size_t)n;
	}
	return RC_OK;
}

/* ---- writing ---- */

static enum rc flush(struct composing *c, struct fault *why)
{
	struct slice rest = buf_slice(&c->out);

	if (buf_state(&c->out) != RC_OK)
		return fault(why, buf_state(&c->out), "no room for a reply");
	crypto_hash_add(c->hash, rest);
	c->mail->body_bytes += rest.len;
	while (rest.len) {
		ssize_t n = write(c->mail->body, rest.at, rest.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault(why, RC_RETRY, "cannot keep a reply: %s", strerror(errno));
		rest = (struct slice){ rest.at + n, rest.len - (size_t)n };
	}
	buf_clear(&c->out);
	return RC_OK;
}

static void add_intro(const struct pickup_letter *letter, struct buf *out)
{
	char id[2 * STORE_ID_BYTES + 1], date[CLOCK_TEXT];

	clock_format_mail(letter->made_s, date);
	hex_format(letter->id, STORE_ID_BYTES, id);
	(void)buf_addf(
		out,
		"%.*s replies through the portal to your protected message of\n"
		"%s, number %s.\n\n"
		"The reply came over the portal's own page and stays within your mail system. An\n"
		"answer to it by mail goes the usual way: protect it as you did the message.\n"
		"Files are as the recipient sent them.\n\n"
		"----------------------------------------------------------------------\n\n",
		SLICE_ARG(letter->recipient), date, id);
}

/* Controls go, but for line ends and tabs: nobody's terminal is written to. */
static void add_clean(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (c == '\r' && i + 1 < text.len && text.at[i + 1] == '\n')
			continue;
		if (c == '\r')
			c = '\n';
		if ((c >= ' ' && c != 0x7f) || c == '\n' || c == '\t' || (unsigned char)c >= 0x80)
			(void)buf_add_byte(out, c);
	}
}

static enum rc add_text(struct composing *c, struct fault *why)
{
	size_t len = (size_t)c->letter->parts->text_bytes;
	CLEANUP(buf_wipe) struct buf text = BUF_SECRET(PICKUP_TEXT_MAX + INTRO_MAX);
	CLEANUP(cleanup_free) char *given = malloc(len + 1);

	if (!given)
		return fault(why, RC_NOMEM, "out of memory");
	enum rc rc = take(c, given, len, why);
	if (rc == RC_OK) {
		add_intro(c->letter, &text);
		add_clean((struct slice){ given, len }, &text);
		(void)buf_addf(&c->out, "--%s\r\n", c->boundary);
		rc = buf_state(&text);
	}
	if (rc == RC_OK)
		rc = mail_body_text(buf_slice(&text), &c->out);
	crypto_wipe(given, len);
	return rc == RC_OK ? flush(c, why) : rc;
}

static enum rc add_file_head(struct composing *c, const struct pickup_file *file, struct fault *why)
{
	CLEANUP(buf_free) struct buf name = BUF_INIT(PAGE_FILENAME_MAX);
	enum rc rc = page_filename_clean(file->name, "attachment", &name);

	(void)buf_addf(&c->out,
		       "--%s\r\nContent-Type: application/octet-stream\r\n"
		       "Content-Transfer-Encoding: base64\r\nContent-Disposition: ",
		       c->boundary);
	if (rc == RC_OK)
		rc = page_filename_disposition(buf_slice(&name), &c->out);
	(void)buf_add_text(&c->out, "\r\n\r\n");
	return rc == RC_OK ? flush(c, why) : fault(why, rc, "no room for a file's name");
}

static enum rc add_file(struct composing *c, const struct pickup_file *file, struct fault *why)
{
	CLEANUP(cleanup_free) char *piece = malloc(PIECE);
	struct mail_base64 lines = { .kept_len = 0 };
	uint64_t left = file->bytes;
	enum rc rc = piece ? add_file_head(c, file, why) : fault(why, RC_NOMEM, "out of memory");

	while (rc == RC_OK && left) {
		size_t here = left < PIECE ? (size_t)left : PIECE;
		rc = take(c, piece, here, why);
		if (rc != RC_OK)
			break;
		(void)mail_base64_add(&lines, (struct slice){ piece, here }, &c->out);
		rc = flush(c, why);
		left -= here;
	}
	if (rc == RC_OK) {
		(void)mail_base64_end(&lines, &c->out);
		rc = flush(c, why);
	}
	crypto_wipe(&lines, sizeof lines);
	return rc;
}

static enum rc make_body(struct composing *c, uint8_t digest[CRYPTO_HASH_BYTES], struct fault *why)
{
	uint8_t random[BOUNDARY_BYTES];
	enum rc rc = crypto_random(random, sizeof random, why);

	hex_format(random, sizeof random, c->boundary);
	c->mail->body = memfd_create("reply", MFD_CLOEXEC);
	if (rc == RC_OK && c->mail->body < 0)
		rc = fault(why, RC_RETRY, "cannot keep a reply: %s", strerror(errno));
	if (rc == RC_OK)
		rc = crypto_hash_new(NULL, &c->hash, why);
	if (rc == RC_OK)
		rc = add_text(c, why);
	for (size_t i = 0; rc == RC_OK && i < c->letter->parts->file_count; i++)
		rc = add_file(c, &c->letter->parts->files[i], why);
	if (rc == RC_OK) {
		(void)buf_addf(&c->out, "--%s--\r\n", c->boundary);
		rc = flush(c, why);
	}
	return rc == RC_OK ? crypto_hash_end(&c->hash, digest, why) : rc;
}

/* ---- the header ---- */

static enum rc add_pass(const struct deposit_site *site, const struct composing *c,
			const uint8_t digest[CRYPTO_HASH_BYTES], int64_t now_s, struct fault *why)
{
	struct buf text = BUF_INIT(1000);
	struct crypto_pass pass = {
		.use = "reply",
		.until_s = now_s + CRYPTO_PASS_LIFE_S,
		.recipient_count = 1,
		.recipients = &c->letter->sender,
	};

	memcpy(pass.id, c->letter->id, sizeof pass.id);
	memcpy(pass.body_digest, digest, sizeof pass.body_digest);
	enum rc rc = crypto_pass_format(&site->keys->header, &pass, &text, why);
	if (rc == RC_OK)
		(void)buf_addf(&c->mail->header, "Postern-Notice: %s\r\n", buf_text(&text));
	buf_free(&text);
	return rc;
}

static enum rc add_subject(const struct composing *c, struct fault *why)
{
	struct buf subject = BUF_INIT(2000);

	(void)buf_addf(&subject, "Secure reply from %.*s", SLICE_ARG(c->letter->recipient));
	enum rc rc = mail_header_text("Subject", buf_slice(&subject), &c->mail->header, why);
	buf_free(&subject);
	return rc;
}

static enum rc make_header(const struct deposit_site *site, const struct composing *c,
			   const uint8_t digest[CRYPTO_HASH_BYTES], int64_t now_s,
			   struct fault *why)
{
	struct buf *out = &c->mail->header;
	const struct pickup_letter *letter = c->letter;
	enum rc rc = deposit_message_id(site, &c->mail->message_id, why);

	if (rc == RC_OK)
		rc = deposit_text_head(site, letter->sender, buf_slice(&c->mail->message_id), now_s,
				       out, why);
	if (rc == RC_OK)
		rc = mail_header_mailbox("Reply-To", SLICE(""), letter->recipient, out, why);
	if (rc == RC_OK)
		rc = add_subject(c, why);
	if (rc == RC_OK) /* no vacation notice to the recipient, in the clear */
		rc = mail_header_words("Auto-Submitted", SLICE("auto-generated"), out, why);
	if (rc == RC_OK)
		rc = add_pass(site, c, digest, now_s, why);
	(void)buf_addf(out,
		       "MIME-Version: 1.0\r\n"
		       "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n",
		       c->boundary);
	if (rc == RC_OK && buf_state(out) != RC_OK)
		rc = fault(why, buf_state(out), "no room for a reply's header");
	c->mail->smtputf8 = !mail_is_ascii(letter->sender) || !mail_is_ascii(letter->recipient);
	return rc;
}

enum rc pickup_mail_make(const struct deposit_site *site, const struct pickup_letter *letter,
			 int64_t now_s, struct pickup_mail *out, struct fault *why)
{
	struct pickup_mail mail = { .header = BUF_SECRET(HEADER_MAX),
				    .message_id = BUF_INIT(MAIL_MESSAGE_ID_MAX),
				    .body = -1 };
	struct composing c = { .letter = letter, .mail = &mail, .out = BUF_SECRET(OUT_MAX) };
	uint8_t digest[CRYPTO_HASH_BYTES];
	enum rc rc = check_body(letter, why);

	if (rc == RC_OK)
		rc = make_body(&c, digest, why);
	if (rc == RC_OK)
		rc = make_header(site, &c, digest, now_s, why);
	crypto_hash_free(&c.hash);
	buf_wipe(&c.out);
	if (rc == RC_OK)
		*out = mail;
	else
		pickup_mail_close(&mail);
	return rc;
}

enum rc pickup_mail_read(void *arg, char *into, size_t room, size_t *got)
{
	struct pickup_mail *mail = arg;
	size_t left = mail->header.len - (size_t)mail->header_at;
	ssize_t n;

	if (left) {
		*got = left < room ? left : room;
		memcpy(into, mail->header.at + mail->header_at, *got);
		mail->header_at += *got;
		return RC_OK;
	}
	do
		n = pread(mail->body, into, room, (off_t)mail->body_at);
	while (n < 0 && errno == EINTR);
	*got = n > 0 ? (size_t)n : 0;
	mail->body_at += *got;
	return n < 0 ? RC_RETRY : RC_OK;
}

#include "outbox/row.h"

#include <string.h>

static const char MAGIC[] = "PO1";

enum {
	TAG_KIND = 'k',
	TAG_FROM = 'f',
	TAG_RET = 'r',
	TAG_ENVID = 'e',
	TAG_FLAGS = 'b', /* one byte of FLAG_ */
	TAG_QUEUE_ID = 'q',
	TAG_MESSAGE_ID = 'm',
	TAG_WORDS = 'w',
	TAG_KEY = 'K',
	TAG_TOLD = 'l',   /* one byte: 1 */
	TAG_TO = 't',     /* begins a recipient */
	TAG_NOTIFY = 'n', /* these two belong to the one before */
	TAG_ORCPT = 'o',
};

enum { FLAG_SMTPUTF8 = 1, FLAG_EIGHTBIT = 2, FLAG_REQUIRETLS = 4, FLAGS = 7 };
enum { WORD_MAX = 2048, WORDS_MAX = 1024 };

bool outbox_is_wordy(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.at[i] < ' ' || s.at[i] == 0x7f)
			return false;
	return s.len <= WORD_MAX;
}

static void put(struct buf *out, char tag, const void *bytes, size_t len)
{
	const unsigned char head[] = { (unsigned char)tag, (unsigned char)(len >> 24),
				       (unsigned char)(len >> 16), (unsigned char)(len >> 8),
				       (unsigned char)len };

	(void)buf_add(out, head, sizeof head);
	(void)buf_add(out, bytes, len);
}

static void put_slice(struct buf *out, char tag, struct slice s)
{
	if (s.len)
		put(out, tag, s.at, s.len);
}

static void put_byte(struct buf *out, char tag, unsigned value)
{
	const unsigned char byte = (unsigned char)value;

	if (value)
		put(out, tag, &byte, 1);
}

enum rc outbox_row_encode(const struct outbox_row *row, struct buf *out)
{
	const struct outbox_mail *mail = &row->mail;
	unsigned flags = (mail->smtputf8 ? FLAG_SMTPUTF8 : 0) |
			 (mail->eightbit ? FLAG_EIGHTBIT : 0) |
			 (mail->requiretls ? FLAG_REQUIRETLS : 0);
	struct slice words = row->words;

	words.len = words.len < WORDS_MAX ? words.len : WORDS_MAX;
	(void)buf_add_text(out, MAGIC);
	put_byte(out, TAG_KIND, mail->kind);
	put_slice(out, TAG_FROM, mail->from);
	put_byte(out, TAG_RET, mail->ret);
	put_slice(out, TAG_ENVID, mail->envid);
	put_byte(out, TAG_FLAGS, flags);
	put_slice(out, TAG_QUEUE_ID, mail->queue_id);
	put_slice(out, TAG_MESSAGE_ID, mail->message_id);
	put_slice(out, TAG_WORDS, words);
	if (row->has_key)
		put(out, TAG_KEY, row->sealed_key, sizeof row->sealed_key);
	put_byte(out, TAG_TOLD, row->told);
	for (size_t i = 0; i < mail->recipient_count; i++) {
		put(out, TAG_TO, mail->recipients[i].address.at, mail->recipients[i].address.len);
		put_byte(out, TAG_NOTIFY, mail->recipients[i].notify);
		put_slice(out, TAG_ORCPT, mail->recipients[i].orcpt);
	}
	return buf_state(out);
}

static bool take(struct slice *rest, char *tag, struct slice *value)
{
	const unsigned char *at = (const unsigned char *)rest->at;

	if (rest->len < 5)
		return false;
	size_t len = (size_t)at[1] << 24 | (size_t)at[2] << 16 | (size_t)at[3] << 8 | at[4];
	if (len > rest->len - 5)
		return false;
	*tag = rest->at[0];
	*value = (struct slice){ rest->at + 5, len };
	*rest = (struct slice){ rest->at + 5 + len, rest->len - 5 - len };
	return true;
}

/* A byte from 0 to max. */
static bool small(struct slice value, unsigned max, unsigned *out)
{
	if (value.len != 1 || (unsigned char)value.at[0] > max)
		return false;
	*out = (unsigned char)value.at[0];
	return true;
}

static bool text(struct slice value, struct slice *out)
{
	*out = value;
	return outbox_is_wordy(value);
}

static bool set_flags(struct slice value, struct outbox_mail *mail)
{
	unsigned flags;

	if (!small(value, FLAGS, &flags))
		return false;
	mail->smtputf8 = flags & FLAG_SMTPUTF8;
	mail->eightbit = flags & FLAG_EIGHTBIT;
	mail->requiretls = flags & FLAG_REQUIRETLS;
	return true;
}

static bool set_key(struct slice value, struct outbox_row *row)
{
	if (value.len != sizeof row->sealed_key)
		return false;
	memcpy(row->sealed_key, value.at, sizeof row->sealed_key);
	row->has_key = true;
	return true;
}

/* One field of the row itself. */
static bool set_field(char tag, struct slice value, struct outbox_row *row)
{
	struct outbox_mail *mail = &row->mail;
	unsigned number;

	switch (tag) {
	case TAG_KIND:
		if (!small(value, OUTBOX_REPLY, &number))
			return false;
		mail->kind = (enum outbox_kind)number;
		return true;
	case TAG_RET:
		if (!small(value, MAIL_RET_HDRS, &number))
			return false;
		mail->ret = (enum mail_ret)number;
		return true;
	case TAG_FLAGS:
		return set_flags(value, mail);
	case TAG_FROM:
		return text(value, &mail->from);
	case TAG_ENVID:
		return text(value, &mail->envid);
	case TAG_QUEUE_ID:
		return text(value, &mail->queue_id);
	case TAG_MESSAGE_ID:
		return text(value, &mail->message_id);
	case TAG_WORDS:
		return text(value, &row->words);
	case TAG_KEY:
		return set_key(value, row);
	case TAG_TOLD:
		if (!small(value, 1, &number))
			return false;
		row->told = number;
		return true;
	}
	return true; /* of a newer Postern: it adds fields, and never changes one */
}

/* One field of the recipient to, which TAG_TO began. */
static bool set_recipient_field(char tag, struct slice value, struct outbox_recipient *to)
{
	switch (tag) {
	case TAG_TO:
		return value.len > 0 && text(value, &to->address);
	case TAG_NOTIFY:
		return small(value, 15, &to->notify);
	case TAG_ORCPT:
		return text(value, &to->orcpt);
	}
	return true;
}

static size_t count_recipients(struct slice rest)
{
	struct slice value;
	size_t count = 0;
	char tag;

	while (take(&rest, &tag, &value))
		count += tag == TAG_TO;
	return count;
}

enum rc outbox_row_decode(struct slice record, struct arena *arena, struct outbox_row *out,
			  struct fault *why)
{
	struct outbox_row row = { 0 };
	struct outbox_recipient *to = NULL;
	struct slice rest = record, value;
	char tag;

	if (!slice_drop_prefix(&rest, MAGIC))
		return fault(why, RC_INVALID, "outbox record of an unknown form");
	size_t count = count_recipients(rest);
	if (count == 0 || count > OUTBOX_RECIPIENTS_MAX)
		return fault(why, RC_INVALID, "outbox record with %zu recipients", count);
	struct outbox_recipient *list = ARENA_ARRAY(arena, struct outbox_recipient, count);
	if (!list)
		return fault(why, RC_NOMEM, "out of memory");

	while (rest.len) {
		if (!take(&rest, &tag, &value))
			return fault(why, RC_INVALID, "outbox record is cut short");
		if (tag == TAG_TO)
			to = to ? to + 1 : list;
		if (!(to ? set_recipient_field(tag, value, to) : set_field(tag, value, &row)))
			return fault(why, RC_INVALID, "field %c of an outbox record is damaged",
				     tag);
	}
	row.mail.recipients = list;
	row.mail.recipient_count = count;
	*out = row;
	return RC_OK;
}

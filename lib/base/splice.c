#include "base/splice.h"

#include <string.h>

static void add(struct splice *s, struct splice_piece piece)
{
	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 16;
		struct splice_piece *grown = ARENA_ARRAY(s->arena, struct splice_piece, room);
		if (!grown) {
			s->lost = true;
			return;
		}
		if (s->count)
			memcpy(grown, s->pieces, s->count * sizeof *grown);
		s->pieces = grown;
		s->room = room;
	}
	piece.at = s->size;
	s->pieces[s->count++] = piece;
	s->size += piece.len;
}

void splice_add_text(struct splice *s, struct slice text)
{
	splice_add_repeated(s, text, text.len);
}

void splice_add_spool(struct splice *s, const struct spool *spool, uint64_t from, uint64_t len)
{
	if (len)
		add(s, (struct splice_piece){ .spool = spool, .from = from, .len = len });
}

void splice_add_repeated(struct splice *s, struct slice text, uint64_t len)
{
	if (len && text.len)
		add(s, (struct splice_piece){ .text = text, .len = len });
}

/* The piece that has the byte at offset, which is below the size. */
static const struct splice_piece *piece_at(const struct splice *s, uint64_t offset)
{
	size_t low = 0, high = s->count;

	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		*(s->pieces[mid].at <= offset ? &low : &high) = mid;
	}
	return &s->pieces[low];
}

static void repeat(struct slice text, uint64_t offset, char *to, size_t len)
{
	size_t at = (size_t)(offset % text.len);

	for (size_t done = 0; done < len; at = 0) {
		size_t n = text.len - at < len - done ? text.len - at : len - done;
		memcpy(to + done, text.at + at, n);
		done += n;
	}
}

enum rc splice_read(const struct splice *s, uint64_t offset, void *to, size_t room, size_t *got,
		    struct fault *why)
{
	if (s->lost)
		return fault(why, RC_NOMEM, "out of memory");
	*got = 0;
	if (offset >= s->size || room == 0)
		return RC_OK;
	const struct splice_piece *piece = piece_at(s, offset);
	uint64_t within = offset - piece->at, left = piece->len - within;
	size_t n = left < room ? (size_t)left : room;

	if (!piece->spool) {
		repeat(piece->text, within, to, n);
		*got = n;
		return RC_OK;
	}
	enum rc rc = spool_read(piece->spool, piece->from + within, to, n, got, why);
	if (rc == RC_OK && *got == 0)
		rc = fault(why, RC_RETRY, "the message is shorter than it was");
	return rc;
}

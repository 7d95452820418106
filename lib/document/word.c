#include "document/word.h"

#include "document/bytes.h"
#include "document/plain.h"

enum {
	FLAGS = 0x0A,
	ENCRYPTED = 0x0100,
	TABLE_1 = 0x0200,
	CLX = 0x01A2,
	PIECES_MAX = 100000, /* each edit may leave one until the next full save */
	ASIDE_MAX = 64 * 1024,
};

unsigned word_table(struct slice document)
{
	return bytes_u16(document, FLAGS) & TABLE_1 ? 1 : 0;
}

/* The list of pieces: past what describes formats. */
static struct slice find_pieces(struct slice clx)
{
	while (clx.len > 5 && *clx.at == 1)
		clx = bytes_after(clx, 3 + bytes_u16(clx, 1));
	if (clx.len < 5 || *clx.at != 2)
		return (struct slice){ 0 };
	return bytes_part(clx, 5, bytes_u32(clx, 1));
}

struct text {
	struct reading *r;
	unsigned field; /* how deep in field codes, which stand aside */
	struct buf aside;
};

static void put(struct text *t, uint32_t c)
{
	bool breaks = c == '\r' || c == 0x07 || c == 0x0B || c == 0x0C || c == '\n';

	if (c == 0x13) {
		t->field++;
	} else if (c == 0x14 || c == 0x15) {
		t->field -= t->field > 0 && c == 0x14;
		(void)!buf_add_byte(&t->aside, '\n');
	} else if (breaks || c == '\t') {
		reading_byte(t->r, breaks ? '\n' : ' ');
	} else if (t->field) {
		if (buf_add_byte(&t->aside, c < 0x80 ? (char)c : '?') != RC_OK)
			t->field = 0; /* no code is so long: it is text */
	} else if (c == 0x1E) {
		reading_byte(t->r, '-');
	} else if (c >= ' ') {
		reading_character(t->r, c);
	}
}

static void put_narrow(struct text *t, struct slice s)
{
	for (size_t i = 0; i < s.len && reading_goes_on(t->r); i++) {
		unsigned char c = (unsigned char)s.at[i];
		/* Above ASCII the set's own charset decides; Latin-1 but for quotes and dashes. */
		put(t, c >= 0x91 && c <= 0x97 ? (c < 0x95 ? '\'' : '-') : c);
	}
}

static void put_wide(struct text *t, struct slice s)
{
	for (size_t i = 0; i + 1 < s.len && reading_goes_on(t->r); i += 2)
		put(t, bytes_u16(s, i));
}

static void read_pieces(struct text *t, struct slice document, struct slice list)
{
	size_t count = list.len > 4 ? (list.len - 4) / 12 : 0;

	count = count < PIECES_MAX ? count : PIECES_MAX;
	for (size_t i = 0; i < count && reading_goes_on(t->r); i++) {
		uint32_t from = bytes_u32(list, 4 * i), to = bytes_u32(list, 4 * i + 4);
		uint32_t at = bytes_u32(list, 4 * (count + 1) + 8 * i + 2);
		uint64_t characters = to > from ? to - from : 0;
		if (!reading_unpacks(t->r, characters))
			break;
		if (at & 0x40000000)
			put_narrow(t, bytes_part(document, (at & 0x3FFFFFFF) / 2, characters));
		else
			put_wide(t, bytes_part(document, at, 2 * characters));
	}
}

bool word_read(struct reading *r, struct slice document, struct slice table)
{
	struct text t = { .r = r, .aside = BUF_INIT(ASIDE_MAX) };

	if (bytes_u16(document, 0) != 0xA5EC)
		return false;
	if (bytes_u16(document, FLAGS) & ENCRYPTED) {
		reading_opaque(r, "encrypted");
		return false;
	}
	struct slice clx =
		bytes_part(table, bytes_u32(document, CLX), bytes_u32(document, CLX + 4));
	reading_begin(r);
	read_pieces(&t, document, find_pieces(clx));
	reading_byte(r, '\n');
	reading_text(r, buf_slice(&t.aside));
	reading_end(r);
	buf_free(&t.aside);
	return true;
}

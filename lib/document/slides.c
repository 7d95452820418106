#include "document/slides.h"

#include "document/bytes.h"

enum {
	TEXT_CHARS = 0x0FA0,
	TEXT_BYTES = 0x0FA8,
	C_STRING = 0x0FBA,
	CRYPT_SESSION = 0x2F14,
	HEAD = 8,
};

static void put(struct reading *r, uint32_t c)
{
	if (c == '\r' || c == 0x0B)
		reading_byte(r, '\n');
	else if (c >= ' ')
		reading_character(r, c);
}

static void put_atom(struct reading *r, unsigned type, struct slice data)
{
	if (type == TEXT_BYTES) {
		for (size_t i = 0; i < data.len && reading_goes_on(r); i++)
			put(r, (unsigned char)data.at[i]);
	} else if (type == TEXT_CHARS || type == C_STRING) {
		for (size_t i = 0; i + 1 < data.len && reading_goes_on(r); i += 2)
			put(r, bytes_u16(data, i));
	} else {
		return;
	}
	reading_byte(r, '\n');
}

void slides_read(struct reading *r, struct slice stream)
{
	reading_begin(r);
	while (stream.len >= HEAD && reading_goes_on(r)) {
		unsigned type = bytes_u16(stream, 2);
		size_t len = bytes_u32(stream, 4), left = stream.len - HEAD;
		struct slice data = { stream.at + HEAD, len < left ? len : left };
		/* Into containers, over atoms (§2.3.1: version 15). */
		bool container = (bytes_u16(stream, 0) & 0xF) == 0xF;
		if (type == CRYPT_SESSION)
			reading_opaque(r, "encrypted");
		if (!container)
			put_atom(r, type, data);
		size_t step = HEAD + (container ? 0 : data.len);
		stream = (struct slice){ stream.at + step, stream.len - step };
	}
	reading_end(r);
}

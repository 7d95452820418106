#include "crypto/code.h"

#include "crypto/secret.h"

#include <string.h>

static const char digits[32] = { '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A',
				 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'M', 'N',
				 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Y', 'Z' };

static unsigned checksum(const uint8_t bytes[CRYPTO_CODE_BYTES])
{
	unsigned crc = 0;

	for (unsigned i = 0; i < CRYPTO_CODE_BYTES * 8; i++) {
		unsigned bit = bytes[i / 8] >> (7 - i % 8) & 1;
		unsigned top = crc >> 11 & 1;
		crc = (crc << 1 & 0xfff) ^ (bit != top ? 0x80f : 0);
	}
	return crc;
}

char *crypto_code_format(const uint8_t bytes[CRYPTO_CODE_BYTES], bool hyphens,
			 char out[CRYPTO_CODE_TEXT])
{
	uint8_t all[CRYPTO_CODE_BYTES + 3] = { 0 }; /* and one byte that the last digit may touch */
	unsigned crc = checksum(bytes);
	char *to = out;

	memcpy(all, bytes, CRYPTO_CODE_BYTES);
	all[CRYPTO_CODE_BYTES] = (uint8_t)(crc >> 4);
	all[CRYPTO_CODE_BYTES + 1] = (uint8_t)(crc << 4);
	for (unsigned i = 0; i < CRYPTO_CODE_CHARS; i++) {
		unsigned bit = i * 5, two = (unsigned)all[bit / 8] << 8 | all[bit / 8 + 1];
		if (hyphens && i && i % 4 == 0)
			*to++ = '-';
		*to++ = digits[two >> (11 - bit % 8) & 31];
	}
	*to = '\0';
	crypto_wipe(all, sizeof all);
	return out;
}

static int value_of(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	const char *at = memchr(digits, c, sizeof digits);
	return at ? (int)(at - digits) : -1;
}

enum rc crypto_code_parse(struct slice text, uint8_t out[CRYPTO_CODE_BYTES], struct fault *why)
{
	uint8_t all[CRYPTO_CODE_BYTES + 3] = { 0 };
	unsigned count = 0, crc;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n')
			continue;
		int value = value_of(c);
		if (value < 0)
			return fault(why, RC_INVALID, "code has a character that no code has");
		if (count == CRYPTO_CODE_CHARS)
			return fault(why, RC_INVALID, "code is too long");
		unsigned bit = count++ * 5, two = (unsigned)value << (11 - bit % 8);
		all[bit / 8] |= (uint8_t)(two >> 8);
		all[bit / 8 + 1] |= (uint8_t)two;
	}
	if (count < CRYPTO_CODE_CHARS)
		return fault(why, RC_INVALID, "code is too short");
	crc = (unsigned)all[CRYPTO_CODE_BYTES] << 4 | all[CRYPTO_CODE_BYTES + 1] >> 4;
	if (crc != checksum(all)) {
		crypto_wipe(all, sizeof all);
		return fault(why, RC_INVALID, "code is mistyped: its checksum does not agree");
	}
	memcpy(out, all, CRYPTO_CODE_BYTES);
	crypto_wipe(all, sizeof all);
	return RC_OK;
}

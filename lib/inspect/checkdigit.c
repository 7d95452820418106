#include "inspect/checkdigit.h"

#include <assert.h>

static unsigned digit(char c)
{
	return (unsigned)(c - '0');
}

bool checkdigit_luhn(struct slice d)
{
	unsigned sum = 0;

	for (size_t i = 0; i < d.len; i++) {
		unsigned v = digit(d.at[d.len - 1 - i]) << (i & 1);
		sum += v > 9 ? v - 9 : v;
	}
	return sum % 10 == 0;
}

/* The product of a and b in the dihedral group of order ten: 0 to 4 turn, 5 to 9
 * turn and mirror. */
static unsigned dihedral(unsigned a, unsigned b)
{
	if (a < 5)
		return b < 5 ? (a + b) % 5 : 5 + (a + b - 5) % 5;
	return b < 5 ? 5 + (a - 5 + 5 - b) % 5 : (a - 5 + 5 - (b - 5)) % 5;
}

bool checkdigit_verhoeff(struct slice d)
{
	static const unsigned char permuted[10] = { 1, 5, 7, 6, 2, 8, 3, 0, 9, 4 };
	unsigned sum = 0;

	for (size_t i = 0; i < d.len; i++) {
		unsigned v = digit(d.at[d.len - 1 - i]);
		for (size_t k = 0; k < i % 8; k++)
			v = permuted[v];
		sum = dihedral(sum, v);
	}
	return sum == 0;
}

bool checkdigit_mod11_10(struct slice d)
{
	unsigned p = 10;

	if (d.len == 0)
		return false;
	for (size_t i = 0; i + 1 < d.len; i++) {
		unsigned s = (p + digit(d.at[i])) % 10;
		p = (s ? s : 10) * 2 % 11;
	}
	return (p + digit(d.at[d.len - 1])) % 10 == 1;
}

int checkdigit_sum(const char *digits, const signed char *weights, size_t count)
{
	int sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += (digits[i] - '0') * weights[i];
	return sum;
}

uint64_t checkdigit_value(const char *digits, size_t len)
{
	uint64_t n = 0;

	assert(len <= 18);
	for (size_t i = 0; i < len; i++)
		n = n * 10 + digit(digits[i]);
	return n;
}

/* base/hex.h: bytes as hexadecimal digits, lower case. */
#pragma once

#include "base/slice.h"

/* Writes 2 * len digits and a NUL to out, and returns it. */
char *hex_format(const void *bytes, size_t len, char *out);

/* The value of one digit of either case, or -1. */
int hex_digit(char c);

/* False unless text is exactly 2 * len digits of either case. */
bool hex_parse(struct slice text, void *bytes, size_t len);

#include "mime/reference.h"

static const struct reference {
	const char *name;
	uint32_t c;
	bool bare; /* browsers take it without its ";" too */
} references[] = {
	{ "amp", '&', true },
	{ "lt", '<', true },
	{ "gt", '>', true },
	{ "quot", '"', true },
	{ "AMP", '&', true },
	{ "LT", '<', true },
	{ "GT", '>', true },
	{ "QUOT", '"', true },
	{ "nbsp", 0xA0, true },
	{ "iexcl", 0xA1, true },
	{ "cent", 0xA2, true },
	{ "pound", 0xA3, true },
	{ "curren", 0xA4, true },
	{ "yen", 0xA5, true },
	{ "brvbar", 0xA6, true },
	{ "sect", 0xA7, true },
	{ "uml", 0xA8, true },
	{ "copy", 0xA9, true },
	{ "ordf", 0xAA, true },
	{ "laquo", 0xAB, true },
	{ "not", 0xAC, true },
	{ "shy", 0xAD, true },
	{ "reg", 0xAE, true },
	{ "macr", 0xAF, true },
	{ "deg", 0xB0, true },
	{ "plusmn", 0xB1, true },
	{ "sup2", 0xB2, true },
	{ "sup3", 0xB3, true },
	{ "acute", 0xB4, true },
	{ "micro", 0xB5, true },
	{ "para", 0xB6, true },
	{ "middot", 0xB7, true },
	{ "cedil", 0xB8, true },
	{ "sup1", 0xB9, true },
	{ "ordm", 0xBA, true },
	{ "raquo", 0xBB, true },
	{ "frac14", 0xBC, true },
	{ "frac12", 0xBD, true },
	{ "frac34", 0xBE, true },
	{ "iquest", 0xBF, true },
	{ "Agrave", 0xC0, true },
	{ "Aacute", 0xC1, true },
	{ "Acirc", 0xC2, true },
	{ "Atilde", 0xC3, true },
	{ "Auml", 0xC4, true },
	{ "Aring", 0xC5, true },
	{ "AElig", 0xC6, true },
	{ "Ccedil", 0xC7, true },
	{ "Egrave", 0xC8, true },
	{ "Eacute", 0xC9, true },
	{ "Ecirc", 0xCA, true },
	{ "Euml", 0xCB, true },
	{ "Igrave", 0xCC, true },
	{ "Iacute", 0xCD, true },
	{ "Icirc", 0xCE, true },
	{ "Iuml", 0xCF, true },
	{ "ETH", 0xD0, true },
	{ "Ntilde", 0xD1, true },
	{ "Ograve", 0xD2, true },
	{ "Oacute", 0xD3, true },
	{ "Ocirc", 0xD4, true },
	{ "Otilde", 0xD5, true },
	{ "Ouml", 0xD6, true },
	{ "times", 0xD7, true },
	{ "Oslash", 0xD8, true },
	{ "Ugrave", 0xD9, true },
	{ "Uacute", 0xDA, true },
	{ "Ucirc", 0xDB, true },
	{ "Uuml", 0xDC, true },
	{ "Yacute", 0xDD, true },
	{ "THORN", 0xDE, true },
	{ "szlig", 0xDF, true },
	{ "agrave", 0xE0, true },
	{ "aacute", 0xE1, true },
	{ "acirc", 0xE2, true },
	{ "atilde", 0xE3, true },
	{ "auml", 0xE4, true },
	{ "aring", 0xE5, true },
	{ "aelig", 0xE6, true },
	{ "ccedil", 0xE7, true },
	{ "egrave", 0xE8, true },
	{ "eacute", 0xE9, true },
	{ "ecirc", 0xEA, true },
	{ "euml", 0xEB, true },
	{ "igrave", 0xEC, true },
	{ "iacute", 0xED, true },
	{ "icirc", 0xEE, true },
	{ "iuml", 0xEF, true },
	{ "eth", 0xF0, true },
	{ "ntilde", 0xF1, true },
	{ "ograve", 0xF2, true },
	{ "oacute", 0xF3, true },
	{ "ocirc", 0xF4, true },
	{ "otilde", 0xF5, true },
	{ "ouml", 0xF6, true },
	{ "divide", 0xF7, true },
	{ "oslash", 0xF8, true },
	{ "ugrave", 0xF9, true },
	{ "uacute", 0xFA, true },
	{ "ucirc", 0xFB, true },
	{ "uuml", 0xFC, true },
	{ "yacute", 0xFD, true },
	{ "thorn", 0xFE, true },
	{ "yuml", 0xFF, true },
	{ "apos", '\'', false },
	{ "Tab", '\t', false },
	{ "NewLine", '\n', false },
	{ "excl", '!', false },
	{ "num", '#', false },
	{ "dollar", '$', false },
	{ "percnt", '%', false },
	{ "lpar", '(', false },
	{ "rpar", ')', false },
	{ "ast", '*', false },
	{ "plus", '+', false },
	{ "comma", ',', false },
	{ "period", '.', false },
	{ "sol", '/', false },
	{ "colon", ':', false },
	{ "semi", ';', false },
	{ "equals", '=', false },
	{ "quest", '?', false },
	{ "commat", '@', false },
	{ "lsqb", '[', false },
	{ "lbrack", '[', false },
	{ "bsol", '\\', false },
	{ "rsqb", ']', false },
	{ "rbrack", ']', false },
	{ "lowbar", '_', false },
	{ "lcub", '{', false },
	{ "lbrace", '{', false },
	{ "vert", '|', false },
	{ "rcub", '}', false },
	{ "rbrace", '}', false },
	{ "ensp", 0x2002, false },
	{ "emsp", 0x2003, false },
	{ "numsp", 0x2007, false },
	{ "puncsp", 0x2008, false },
	{ "thinsp", 0x2009, false },
	{ "hairsp", 0x200A, false },
	{ "ZeroWidthSpace", 0x200B, false },
	{ "zwnj", 0x200C, false },
	{ "zwj", 0x200D, false },
	{ "lrm", 0x200E, false },
	{ "rlm", 0x200F, false },
	{ "hyphen", 0x2010, false },
	{ "dash", 0x2010, false },
	{ "ndash", 0x2013, false },
	{ "mdash", 0x2014, false },
	{ "horbar", 0x2015, false },
	{ "minus", 0x2212, false },
	{ "lsquo", 0x2018, false },
	{ "rsquo", 0x2019, false },
	{ "ldquo", 0x201C, false },
	{ "rdquo", 0x201D, false },
	{ "bull", 0x2022, false },
	{ "hellip", 0x2026, false },
	{ "euro", 0x20AC, false },
	{ "trade", 0x2122, false },
	{ "NoBreak", 0x2060, false },
	{ "NonBreakingSpace", 0xA0, false },
	{ "InvisibleComma", 0x2063, false },
};

/* What browsers make of the C1 controls: Windows-1252 (HTML §13.2.5.80). */
static const uint16_t c1[32] = {
	0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178,
};

static int digit_value(char c, unsigned base)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (base == 16 && c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return base == 16 && c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "#52", "#x34": true with the character; *rest is what follows its digits. */
static bool read_number(struct slice name, uint32_t *c, struct slice *rest)
{
	unsigned base = 10;
	uint32_t value = 0;

	slice_drop_prefix(&name, "#");
	if (name.len && (*name.at == 'x' || *name.at == 'X')) {
		base = 16;
		name = (struct slice){ name.at + 1, name.len - 1 };
	}
	size_t digits = 0;
	for (int v; digits < name.len && (v = digit_value(name.at[digits], base)) >= 0; digits++)
		value = value > 0x10FFFF ? value : value * base + (uint32_t)v;
	*rest = (struct slice){ name.at + digits, name.len - digits };
	if (value >= 0x80 && value < 0xA0)
		value = c1[value - 0x80];
	*c = value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) ? 0xFFFD : value;
	return digits > 0;
}

/* The longest reference that name begins with; the whole of it where ended, else
 * one that browsers take without its ";". */
static const struct reference *find_reference(struct slice name, bool ended, struct slice *rest)
{
	const struct reference *best = NULL;

	for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
		struct slice tail = name;
		if (!slice_drop_prefix(&tail, references[i].name))
			continue;
		if (!references[i].bare && (tail.len || !ended))
			continue;
		if (best && tail.len > rest->len)
			continue;
		best = &references[i];
		*rest = tail;
	}
	return best;
}

bool mime_reference_read(struct slice name, bool ended, uint32_t *c, struct slice *rest)
{
	if (name.len && *name.at == '#')
		return read_number(name, c, rest);
	const struct reference *r = find_reference(name, ended, rest);
	if (r)
		*c = r->c;
	return r;
}

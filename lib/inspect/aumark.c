#include "inspect/aumark.h"

#include <string.h>

enum {
	ITEM_MAX = 256, /* bytes of one value; the standard gives a NOTE 128 */
	PLACE_SEC = 2,  /* in keys[] */
};

/* In the standard's order. DLM is that of 2012. */
static const struct {
	const char *name;
	bool again;
} keys[] = {
	{ "VER", false },   { "NS", false },      { "SEC", false },    { "DLM", false },
	{ "CAVEAT", true }, { "EXPIRES", false }, { "DOWNTO", false }, { "ACCESS", true },
	{ "NOTE", false },  { "ORIGIN", false },
};

enum { KEYS = sizeof keys / sizeof *keys };

static const char *const levels[] = {
	"UNOFFICIAL",
	"OFFICIAL",
	"OFFICIAL:Sensitive",
	"PROTECTED",
	"SECRET",
	"TOP-SECRET",
	/* of older versions */
	"UNCLASSIFIED",
	"RESTRICTED",
	"X-IN-CONFIDENCE",
	"CONFIDENTIAL",
	"HIGHLY-PROTECTED",
};

static const char *const accesses[] = { "Personal-Privacy", "Legal-Privilege",
					"Legislative-Secrecy" };

static const char *const caveats[] = { "C:", "FG:", "RI:", "SH:" };

/* NULL: the text is none of them. */
static const char *find_word(struct slice text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_same_nocase(text, (struct slice){ words[i], strlen(words[i]) }))
			return words[i];
	return NULL;
}

static const char *find_level(struct slice text)
{
	return find_word(text, levels, sizeof levels / sizeof *levels);
}

/* ---- one item: KEY=value ---- */

struct item {
	size_t key; /* in keys[]; KEYS: unknown */
	char room[ITEM_MAX];
	struct slice value; /* in room, escapes undone */
};

/* Takes up to a comma that no backslash escapes. */
static bool take_value(struct slice *s, struct item *item)
{
	size_t n = 0;

	while (s->len && *s->at != ',') {
		bool escape = *s->at == '\\';
		if (n == ITEM_MAX || (escape && s->len == 1))
			return false;
		item->room[n++] = s->at[escape];
		*s = (struct slice){ s->at + 1 + escape, s->len - 1 - escape };
	}
	if (s->len)
		*s = (struct slice){ s->at + 1, s->len - 1 };
	item->value = slice_trim((struct slice){ item->room, n });
	return item->value.len > 0;
}

static bool take_item(struct slice *s, struct item *item)
{
	struct slice name;

	if (!slice_take_until(s, '=', &name))
		return false;
	name = slice_trim(name);
	for (item->key = 0; item->key < KEYS; item->key++) {
		const char *want = keys[item->key].name;
		if (slice_same_nocase(name, (struct slice){ want, strlen(want) }))
			break;
	}
	return item->key < KEYS && take_value(s, item);
}

static bool is_caveat(struct slice value)
{
	for (size_t i = 0; i < sizeof caveats / sizeof *caveats; i++) {
		size_t len = strlen(caveats[i]);
		struct slice head = { value.at, len };
		if (value.len > len && slice_same_nocase(head, (struct slice){ caveats[i], len }))
			return true;
	}
	return false;
}

/* Those of the others are free text, dates and addresses. */
static bool is_value(const struct item *item)
{
	const char *key = keys[item->key].name;

	if (strcmp(key, "SEC") == 0 || strcmp(key, "DOWNTO") == 0)
		return find_level(item->value) != NULL;
	if (strcmp(key, "CAVEAT") == 0)
		return is_caveat(item->value);
	if (strcmp(key, "ACCESS") == 0)
		return find_word(item->value, accesses, sizeof accesses / sizeof *accesses) != NULL;
	return true;
}

/* ---- a marking ---- */

/* NULL: it breaks the grammar. */
static const char *read_marking(struct slice text)
{
	const char *level = NULL;
	size_t place = 0; /* the least key that may come */
	bool expires = false, down = false;

	while (text.len) {
		struct item item;
		if (!take_item(&text, &item) || item.key < place || !is_value(&item))
			return NULL;
		place = item.key + !keys[item.key].again;
		if (item.key == PLACE_SEC)
			level = find_level(item.value);
		expires = expires || strcmp(keys[item.key].name, "EXPIRES") == 0;
		down = down || strcmp(keys[item.key].name, "DOWNTO") == 0;
	}
	return expires == down ? level : NULL;
}

static struct detector_hit make_hit(const char *level, size_t at, size_t len)
{
	struct detector_hit hit = { .at = at, .len = len };

	if (level) {
		hit.value_len = strlen(level);
		memcpy(hit.value, level, hit.value_len);
	}
	return hit;
}

/* From after the bracket to the one that closes it, escaped ones passed over.
 * False: none does. */
static bool find_close(struct slice text, size_t *len)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\\') {
			i++;
		} else if (text.at[i] == ']') {
			*len = i;
			return true;
		}
	}
	return false;
}

/* The standard puts it at the subject's end; lists and mail programs add to that,
 * so that it counts wherever it stands. */
static size_t take_subject(struct slice subject, struct detector_hit *hits)
{
	const struct slice begin = SLICE("[SEC=");
	size_t count = 0;

	for (size_t i = 0; i + begin.len <= subject.len; i++) {
		struct slice rest = { subject.at + i + 1, subject.len - i - 1 };
		size_t len;
		if (!slice_same_nocase((struct slice){ subject.at + i, begin.len }, begin))
			continue;
		if (count == DETECTOR_FIELD_HITS) {
			hits[count - 1].value_len = 0; /* what comes may be higher */
			break;
		}
		bool closed = find_close(rest, &len);
		if (!closed)
			len = rest.len;
		const char *level = closed ? read_marking((struct slice){ rest.at, len }) : NULL;
		hits[count++] = make_hit(level, i, len + 1 + closed);
		i += len;
	}
	return count;
}

size_t aumark_take(struct slice name, struct slice value, struct detector_hit *hits)
{
	if (slice_same_nocase(name, SLICE("Subject")))
		return take_subject(value, hits);
	if (!slice_same_nocase(name, SLICE("X-Protective-Marking")))
		return 0;
	hits[0] = make_hit(read_marking(value), 0, value.len);
	return 1;
}

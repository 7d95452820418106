#include "mime/caseless.h"

#include "base/utf8.h"
#include "mime/utf8.h"

#include <string.h>
#include <utf8proc.h>

/* NFKC makes at most 18 characters out of three bytes (U+FDFA), so this always suffices for
 * the first time; the second time lengthens hardly anything. */
enum { POINTS_MAX = 6 * MIME_CASELESS_MAX + 32, TEXT_MAX = UTF8_MAX * POINTS_MAX };

struct work { /* as UTF-8, and as code points */
	size_t len, count;
	char text[TEXT_MAX];
	utf8proc_int32_t points[POINTS_MAX];
};

static bool is_blank(utf8proc_int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return (c >= '\t' && c <= '\r') || category == UTF8PROC_CATEGORY_ZS ||
	       category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

/* Whether two programs would read different things in it, or nobody can type it. */
static bool is_unfit(utf8proc_int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_CO ||
	       (category == UTF8PROC_CATEGORY_CC && !is_blank(c));
}

static enum rc take_text(struct work *w, struct slice text, struct fault *why)
{
	struct slice rest = text;

	while (rest.len) {
		size_t at = text.len - rest.len;
		uint32_t c;
		if (!utf8_take(&rest, &c))
			return fault(why, RC_INVALID, "no UTF-8 at byte %zu", at + 1);
		if (is_unfit((utf8proc_int32_t)c))
			return fault(why, RC_INVALID, "no character for people at byte %zu",
				     at + 1);
		if (utf8proc_category((utf8proc_int32_t)c) != UTF8PROC_CATEGORY_CF)
			w->len += mime_utf8_put(c, w->text + w->len);
	}
	return RC_OK;
}

/* NFKC of text, as points. */
static bool compose(struct work *w)
{
	const utf8proc_option_t options = UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_STABLE;
	utf8proc_ssize_t n =
		utf8proc_decompose((const utf8proc_uint8_t *)w->text, (utf8proc_ssize_t)w->len,
				   w->points, POINTS_MAX, options);

	if (n >= 0 && n <= POINTS_MAX)
		n = utf8proc_normalize_utf32(w->points, n, options);
	if (n < 0 || n > POINTS_MAX)
		return false;
	w->count = (size_t)n;
	return true;
}

/* The points, each in its lower case, as text. */
static bool lower(struct work *w)
{
	w->len = 0;
	for (size_t i = 0; i < w->count; i++) {
		uint32_t c = (uint32_t)utf8proc_tolower(w->points[i]);
		if (w->len + 2 * UTF8_MAX > TEXT_MAX)
			return false;
		if (w->points[i] == 0x130) { /* I with a dot: i, and the dot above */
			w->text[w->len++] = 'i';
			c = 0x307;
		} else if (c == 0xdf) { /* sharp s */
			w->text[w->len++] = 's';
			c = 's';
		} else if (c == 0x3c2) { /* final sigma */
			c = 0x3c3;
		}
		w->len += mime_utf8_put(c, w->text + w->len);
	}
	return true;
}

/* The points as text, with single spaces. */
static void close_up(struct work *w)
{
	bool gap = false;

	w->len = 0;
	for (size_t i = 0; i < w->count; i++) {
		if (is_blank(w->points[i])) {
			gap = w->len > 0;
			continue;
		}
		if (gap)
			w->text[w->len++] = ' ';
		gap = false;
		w->len += mime_utf8_put((uint32_t)w->points[i], w->text + w->len);
	}
}

enum rc mime_caseless(struct slice text, struct buf *out, struct fault *why)
{
	struct work w;

	if (text.len > MIME_CASELESS_MAX)
		return fault(why, RC_LIMIT, "longer than %d bytes", MIME_CASELESS_MAX);
	w.len = w.count = 0;
	enum rc rc = take_text(&w, text, why);
	if (rc == RC_OK && !(compose(&w) && lower(&w) && compose(&w)))
		rc = fault(why, RC_LIMIT, "too long when written out");
	if (rc == RC_OK) {
		close_up(&w);
		rc = w.len > MIME_CASELESS_MAX ? RC_LIMIT : buf_add(out, w.text, w.len);
		if (rc != RC_OK)
			(void)fault(why, rc, "too long when written out");
	}
	explicit_bzero(&w, sizeof w);
	return rc;
}

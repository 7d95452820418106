#include "document/pdftext.h"

#include "document/bytes.h"

#include <math.h>
#include <string.h>

enum {
	OPERANDS = 8,  /* kept: no operator that matters here has more than six */
	STATES = 64,   /* saved by q; deeper ones are not restored */
	ASIDE = 65536, /* bytes of what stands beside */
};

/* x' = a x + c y + e, y' = b x + d y + f */
struct matrix {
	double a, b, c, d, e, f;
};

struct text {
	struct reading *r;
	const struct pdf_fonts *fonts;
	struct pdf_value operands[OPERANDS];
	size_t count;
	struct matrix page, line, glyph; /* page: of user space; the others of a text object */
	struct matrix saved[STATES];
	size_t saved_count;
	const struct pdf_font *font;
	double size, character_space, word_space, scale, leading, rise;
	bool shown;          /* something was */
	double end_x, end_y; /* where it ended, on the page */
	bool *unreadable;
	struct buf aside;
};

static struct matrix times(struct matrix m, struct matrix n)
{
	return (struct matrix){ m.a * n.a + m.b * n.c,       m.a * n.b + m.b * n.d,
				m.c * n.a + m.d * n.c,       m.c * n.b + m.d * n.d,
				m.e * n.a + m.f * n.c + n.e, m.e * n.b + m.f * n.d + n.f };
}

static const struct matrix unit = { 1, 0, 0, 1, 0, 0 };

static struct matrix shift(double x, double y)
{
	return (struct matrix){ 1, 0, 0, 1, x, y };
}

/* The n-th operand from the end, 0 where it is no number. */
static double operand(const struct text *t, size_t from_end)
{
	if (from_end >= t->count || from_end >= OPERANDS)
		return 0;
	const struct pdf_value *v = &t->operands[(t->count - 1 - from_end) % OPERANDS];
	return v->kind == PDF_NUMBER ? v->number : 0;
}

static struct pdf_value last(const struct text *t)
{
	return t->count ? t->operands[(t->count - 1) % OPERANDS] : (struct pdf_value){ 0 };
}

static struct matrix six(const struct text *t)
{
	return (struct matrix){ operand(t, 5), operand(t, 4), operand(t, 3),
				operand(t, 2), operand(t, 1), operand(t, 0) };
}

/* ---- showing ---- */

/* How large the text is on the page. */
static double em(const struct text *t, struct matrix m)
{
	double size = fabs(t->size) * sqrt(fabs(m.a * m.d - m.b * m.c));

	return size > 0 ? size : 1;
}

/* A line end or a blank where the eye sees one between the last piece and this. */
static void separate(struct text *t, struct matrix m)
{
	double size = em(t, m), along = hypot(m.a, m.b);
	double dx = m.e - t->end_x, dy = m.f - t->end_y;

	if (!t->shown)
		return;
	along = along > 0 ? along : 1;
	/* Along the direction of writing, and across it. */
	double forward = (dx * m.a + dy * m.b) / along, across = (dy * m.a - dx * m.b) / along;
	if (!(fabs(across) < size * 0.5))
		reading_byte(t->r, '\n');
	else if (!(forward < size * 0.18 && forward > -size * 0.6))
		reading_byte(t->r, ' ');
}

static struct matrix place(const struct text *t)
{
	return times(times(shift(0, t->rise), t->glyph), t->page);
}

static void show_code(struct text *t, struct slice *bytes)
{
	uint32_t characters[PDF_LIGATURE], code;
	double width;
	size_t count = pdf_font_take(t->font, bytes, characters, &width, &code);

	separate(t, place(t));
	for (size_t i = 0; i < count; i++)
		reading_character(t->r, characters[i]);
	if (t->font->unreadable)
		*t->unreadable = true;
	double size = t->size, space = t->character_space;
	if (code == ' ' && !t->font->wide)
		space += t->word_space;
	/* What is not known is taken to be as wide as digits are. */
	double ink = (width < 0 ? 0.556 : width) * size * t->scale;
	struct matrix after =
		times(times(shift(ink + space * t->scale, t->rise), t->glyph), t->page);
	t->shown = true;
	t->end_x = after.e;
	t->end_y = after.f;
	t->glyph = times(shift(ink + space * t->scale, 0), t->glyph);
}

static void show_without_font(struct text *t, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		reading_character(t->r, (unsigned char)bytes.at[i]);
	reading_byte(t->r, ' ');
}

static void show(struct text *t, struct pdf_value v)
{
	struct buf bytes = BUF_INIT(v.raw.len + 1);

	if (v.kind != PDF_STRING && v.kind != PDF_HEX)
		return;
	pdf_add_bytes(v, &bytes);
	struct slice rest = buf_slice(&bytes);
	if (!t->font)
		show_without_font(t, rest);
	while (t->font && rest.len && reading_goes_on(t->r))
		show_code(t, &rest);
	reading_drop(t->r, &bytes);
}

/* Strings, and numbers that move back by thousandths. */
static void show_array(struct text *t, struct pdf_value array)
{
	struct pdf_value v;

	if (array.kind != PDF_ARRAY)
		return;
	while ((v = pdf_take_plain(&array.raw)).kind != PDF_NOTHING && reading_goes_on(t->r)) {
		if (v.kind == PDF_NUMBER)
			t->glyph = times(shift(-v.number / 1000 * t->size * t->scale, 0), t->glyph);
		else
			show(t, v);
	}
}

/* ---- operators ---- */

static void move(struct text *t, double x, double y)
{
	t->line = times(shift(x, y), t->line);
	t->glyph = t->line;
}

static void keep_aside(struct text *t, struct slice dictionary)
{
	static const char *const keys[] = { "ActualText", "Alt", "E", "Contents" };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct pdf_value v = pdf_find(dictionary, keys[i]);
		if (v.kind != PDF_STRING && v.kind != PDF_HEX)
			continue;
		pdf_add_text(v, &t->aside);
		(void)!buf_add_byte(&t->aside, '\n');
	}
}

static void save(struct text *t)
{
	if (t->saved_count < STATES)
		t->saved[t->saved_count] = t->page;
	t->saved_count++;
}

static void restore(struct text *t)
{
	if (t->saved_count == 0)
		return;
	t->saved_count--;
	if (t->saved_count < STATES)
		t->page = t->saved[t->saved_count];
}

static void set_font(struct text *t)
{
	struct pdf_value name = { 0 };

	if (t->count >= 2)
		name = t->operands[(t->count - 2) % OPERANDS];
	t->size = operand(t, 0);
	t->font = name.kind == PDF_NAME ? t->fonts->find(t->fonts->of, name.raw) : NULL;
}

/* Those that move or show; true: it was one. */
static bool text_operator(struct text *t, struct slice op)
{
	if (slice_is(op, "Tj")) {
		show(t, last(t));
	} else if (slice_is(op, "TJ")) {
		show_array(t, last(t));
	} else if (slice_is(op, "'") || slice_is(op, "\"")) {
		if (*op.at == '"') {
			t->word_space = operand(t, 2);
			t->character_space = operand(t, 1);
		}
		move(t, 0, -t->leading);
		show(t, last(t));
	} else if (slice_is(op, "Td")) {
		move(t, operand(t, 1), operand(t, 0));
	} else if (slice_is(op, "TD")) {
		t->leading = -operand(t, 0);
		move(t, operand(t, 1), operand(t, 0));
	} else if (slice_is(op, "T*")) {
		move(t, 0, -t->leading);
	} else if (slice_is(op, "Tm")) {
		t->line = t->glyph = six(t);
	} else if (slice_is(op, "BT")) {
		t->line = t->glyph = unit;
	} else {
		return false;
	}
	return true;
}

static void state_operator(struct text *t, struct slice op)
{
	if (slice_is(op, "Tf"))
		set_font(t);
	else if (slice_is(op, "Tc"))
		t->character_space = operand(t, 0);
	else if (slice_is(op, "Tw"))
		t->word_space = operand(t, 0);
	else if (slice_is(op, "Tz"))
		t->scale = operand(t, 0) / 100;
	else if (slice_is(op, "TL"))
		t->leading = operand(t, 0);
	else if (slice_is(op, "Ts"))
		t->rise = operand(t, 0);
	else if (slice_is(op, "cm"))
		t->page = times(six(t), t->page);
	else if (slice_is(op, "q"))
		save(t);
	else if (slice_is(op, "Q"))
		restore(t);
	else if (slice_is(op, "BDC") && last(t).kind == PDF_DICTIONARY)
		keep_aside(t, last(t).raw);
}

/* An image within the stream: to its end. */
static struct slice skip_image(struct slice in)
{
	for (const char *at; (at = in.len > 3 ? memmem(in.at, in.len, "EI", 2) : NULL);) {
		size_t i = (size_t)(at - in.at);
		bool alone =
			i > 0 && in.at[i - 1] <= ' ' && (i + 2 == in.len || in.at[i + 2] <= ' ');
		in = bytes_after(in, i + 2);
		if (alone)
			return in;
	}
	return (struct slice){ 0 };
}

void pdf_text_read(struct reading *r, struct slice content, const struct pdf_fonts *fonts,
		   bool *unreadable)
{
	struct text t = { .r = r,
			  .fonts = fonts,
			  .page = unit,
			  .line = unit,
			  .glyph = unit,
			  .scale = 1,
			  .unreadable = unreadable,
			  .aside = BUF_INIT(ASIDE) };

	while (content.len && reading_goes_on(r)) {
		struct pdf_value v = pdf_take_plain(&content);
		if (v.kind == PDF_NOTHING) {
			content = bytes_after(pdf_skip_blank(content), 1);
		} else if (v.kind != PDF_WORD) {
			t.operands[t.count++ % OPERANDS] = v;
		} else {
			if (slice_is(v.raw, "ID"))
				content = skip_image(content);
			else if (!text_operator(&t, v.raw))
				state_operator(&t, v.raw);
			t.count = 0;
		}
	}
	reading_byte(r, '\n');
	reading_text(r, buf_slice(&t.aside));
	reading_drop(r, &t.aside);
}

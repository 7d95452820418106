#include "document/pdfindex.h"

#include "base/ascii.h"
#include "document/bytes.h"
#include "document/pdffilter.h"

#include <stdlib.h>
#include <string.h>

/* ---- the list ---- */

static bool add_object(struct pdf_index *x, uint32_t number, struct slice body)
{
	if (x->count == x->room) {
		size_t room = x->room ? 2 * x->room : 256;
		struct pdf_object *grown;
		x->over = room > PDF_OBJECTS_MAX;
		grown = x->over ? NULL : realloc(x->objects, room * sizeof *grown);
		if (!grown)
			return false;
		x->objects = grown;
		x->room = room;
	}
	x->objects[x->count++] = (struct pdf_object){ number, body };
	return true;
}

/* Back over blanks, at least one, and then digits: where those begin; or 0. */
static size_t number_before(struct slice s, size_t at)
{
	size_t end = at;

	while (end > 0 && pdf_is_blank(s.at[end - 1]))
		end--;
	size_t from = end;
	while (from > 0 && ascii_is_digit(s.at[from - 1]))
		from--;
	return end < at && from < end ? from : 0;
}

/* "12 0 obj" whose "obj" is at: the number. */
static bool is_object(struct slice s, size_t at, size_t *from, uint32_t *number)
{
	size_t generation = number_before(s, at), first;
	uint64_t value = 0;

	if (generation == 0)
		return false;
	first = number_before(s, generation);
	if (first == 0 && !(generation > 1 && ascii_is_digit(s.at[0])))
		return false;
	for (size_t i = first; ascii_is_digit(s.at[i]); i++)
		value = value < 1u << 31 ? value * 10 + (uint64_t)(s.at[i] - '0') : value;
	*from = first;
	*number = (uint32_t)value;
	return true;
}

/* Every "N G obj" of the file. */
static void find_objects(struct pdf_index *x)
{
	size_t at = 0, from;
	uint32_t number;

	while (at < x->bytes.len && reading_goes_on(x->r)) {
		const char *hit = memmem(x->bytes.at + at, x->bytes.len - at, "obj", 3);
		if (!hit)
			break;
		size_t place = (size_t)(hit - x->bytes.at);
		at = place + 3;
		if (!is_object(x->bytes, place, &from, &number))
			continue;
		if (x->count) { /* the one before ends here */
			struct slice *body = &x->objects[x->count - 1].body;
			size_t begins = (size_t)(body->at - x->bytes.at);
			body->len = from > begins ? from - begins : 0;
		}
		if (!add_object(x, number, bytes_after(x->bytes, at)))
			break;
	}
}

static int by_number(const void *a, const void *b, void *of)
{
	const struct pdf_index *x = of;
	uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	uint32_t left = x->objects[i].number, right = x->objects[k].number;

	if (left != right)
		return left < right ? -1 : 1;
	return i < k ? -1 : i > k;
}

static enum rc sort(struct pdf_index *x)
{
	free(x->order);
	x->order = calloc(x->count ? x->count : 1, sizeof *x->order);
	if (!x->order)
		return RC_NOMEM;
	for (size_t i = 0; i < x->count; i++)
		x->order[i] = (uint32_t)i;
	qsort_r(x->order, x->count, sizeof *x->order, by_number, x);
	return RC_OK;
}

const struct pdf_object *pdf_object_of(const struct pdf_index *x, struct pdf_value reference)
{
	uint32_t number = pdf_number(reference);
	size_t low = 0, high = x->count;

	if (reference.kind != PDF_REFERENCE)
		return NULL;
	while (low < high) { /* the first that is larger */
		size_t middle = low + (high - low) / 2;
		if (x->objects[x->order[middle]].number <= number)
			low = middle + 1;
		else
			high = middle;
	}
	const struct pdf_object *o = low ? &x->objects[x->order[low - 1]] : NULL;
	return o && o->number == number ? o : NULL;
}

struct pdf_value pdf_resolve(const struct pdf_index *x, struct pdf_value v)
{
	enum { STEPS = 8 };

	for (int i = 0; i < STEPS && v.kind == PDF_REFERENCE; i++) {
		const struct pdf_object *o = pdf_object_of(x, v);
		struct slice body = o ? o->body : (struct slice){ 0 };
		v = pdf_take(&body);
	}
	return v.kind == PDF_REFERENCE ? (struct pdf_value){ 0 } : v;
}

struct pdf_value pdf_find_resolved(const struct pdf_index *x, struct slice dictionary,
				   const char *key)
{
	return pdf_resolve(x, pdf_find(dictionary, key));
}

/* ---- streams ---- */

static struct slice without_line_end(struct slice s)
{
	if (s.len && s.at[s.len - 1] == '\n')
		s.len--;
	if (s.len && s.at[s.len - 1] == '\r')
		s.len--;
	return s;
}

bool pdf_stream_of(const struct pdf_index *x, const struct pdf_object *o, struct slice *dictionary,
		   struct slice *stream)
{
	struct slice body = o->body;
	struct pdf_value v = pdf_take(&body);

	if (v.kind != PDF_DICTIONARY)
		return false;
	body = pdf_skip_blank(body);
	if (!slice_drop_prefix(&body, "stream"))
		return false;
	if (!slice_drop_prefix(&body, "\r\n") && !slice_drop_prefix(&body, "\n"))
		slice_drop_prefix(&body, "\r");
	*dictionary = v.raw;
	/* The body may end too early: "1 0 obj" may stand within the stream. */
	struct slice all = body;
	if (body.at >= x->bytes.at && body.at <= x->bytes.at + x->bytes.len)
		all.len = (size_t)(x->bytes.at + x->bytes.len - body.at);
	uint32_t len = pdf_number(pdf_find_resolved(x, v.raw, "Length"));
	struct slice after = pdf_skip_blank(bytes_after(all, len));
	if (len && slice_drop_prefix(&after, "endstream")) {
		*stream = bytes_part(all, 0, len);
		return true;
	}
	const char *end = memmem(all.at, all.len, "endstream", strlen("endstream"));
	all.len = end ? (size_t)(end - all.at) : body.len;
	*stream = without_line_end(all);
	return true;
}

enum rc pdf_unpack(const struct pdf_index *x, const struct pdf_object *o, struct buf *out)
{
	struct slice dictionary, stream;

	*out = BUF_INIT(reading_room(x->r));
	if (!pdf_stream_of(x, o, &dictionary, &stream))
		return RC_ABSENT;
	enum rc rc = pdf_unfilter(dictionary, stream, out);
	if (!reading_unpacks(x->r, out->len + 1))
		buf_clear(out);
	return rc;
}

/* ---- objects in streams ---- */

/* "12 0 14 57 …": numbers, and where each begins behind First. */
static void list_bundle(struct pdf_index *x, struct slice all, uint32_t first)
{
	struct slice head = bytes_part(all, 0, first);
	uint32_t number = 0, at = 0;
	bool any = false;

	for (;;) {
		struct pdf_value n = pdf_take_plain(&head), place = pdf_take_plain(&head);
		bool more = n.kind == PDF_NUMBER && place.kind == PDF_NUMBER;
		uint32_t next = more ? pdf_number(place) : UINT32_MAX;
		uint64_t len = next > at ? next - at : 0;
		if (any && !add_object(x, number, bytes_part(all, (uint64_t)first + at, len)))
			return;
		if (!more || !reading_goes_on(x->r))
			return;
		any = true;
		number = pdf_number(n);
		at = next;
	}
}

static bool is_bundle(const struct pdf_index *x, const struct pdf_object *o, uint32_t *first)
{
	struct slice body = o->body;
	struct pdf_value v = pdf_take(&body);

	if (v.kind != PDF_DICTIONARY || !pdf_is_name(pdf_find(v.raw, "Type"), "ObjStm"))
		return false;
	*first = pdf_number(pdf_find_resolved(x, v.raw, "First"));
	return true;
}

static enum rc unpack_bundles(struct pdf_index *x)
{
	size_t count = x->count;
	uint32_t first;

	for (size_t i = 0; i < count && reading_goes_on(x->r); i++) {
		if (!is_bundle(x, &x->objects[i], &first))
			continue;
		if (x->bundle_count == PDF_BUNDLES_MAX) {
			x->over = true;
			break;
		}
		struct buf *grown = realloc(x->bundles, (x->bundle_count + 1) * sizeof *x->bundles);
		if (!grown)
			return RC_NOMEM;
		x->bundles = grown;
		struct buf *own = &x->bundles[x->bundle_count++];
		struct pdf_object o = x->objects[i];
		enum rc rc = pdf_unpack(x, &o, own);
		if (rc == RC_NOMEM)
			return rc;
		list_bundle(x, buf_slice(own), first);
	}
	return RC_OK;
}

/* In a trailer, or in the dictionary of a cross-reference stream. */
static bool is_encrypted(const struct pdf_index *x)
{
	struct slice rest = x->bytes;

	for (const char *at; rest.len && (at = memmem(rest.at, rest.len, "trailer", 7));) {
		rest = bytes_after(rest, (uint64_t)(at - rest.at) + 7);
		struct slice in = rest;
		struct pdf_value v = pdf_take(&in);
		if (v.kind == PDF_DICTIONARY && pdf_find(v.raw, "Encrypt").kind != PDF_NOTHING)
			return true;
	}
	for (size_t i = 0; i < x->count && reading_goes_on(x->r); i++) {
		struct slice body = x->objects[i].body;
		struct pdf_value v = pdf_take(&body);
		if (v.kind == PDF_DICTIONARY && pdf_is_name(pdf_find(v.raw, "Type"), "XRef") &&
		    pdf_find(v.raw, "Encrypt").kind != PDF_NOTHING)
			return true;
	}
	return false;
}

enum rc pdf_index_init(struct pdf_index *x, struct reading *r, struct slice bytes)
{
	*x = (struct pdf_index){ .r = r, .bytes = bytes };
	find_objects(x);
	enum rc rc = sort(x);
	if (rc == RC_OK)
		x->encrypted = is_encrypted(x);
	if (rc == RC_OK && !x->encrypted)
		rc = unpack_bundles(x);
	if (rc == RC_OK)
		rc = sort(x);
	if (rc != RC_OK) {
		reading_opaque(r, "memory");
		pdf_index_fini(x);
	}
	return rc;
}

void pdf_index_fini(struct pdf_index *x)
{
	for (size_t i = 0; i < x->bundle_count; i++)
		buf_free(&x->bundles[i]);
	free(x->bundles);
	free(x->objects);
	free(x->order);
	*x = (struct pdf_index){ 0 };
}

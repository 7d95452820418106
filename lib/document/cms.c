#include "document/cms.h"

#include "deflate/inflate.h"
#include "document/bytes.h"

enum {
	TAG_OCTETS = 0x04,
	TAG_OID = 0x06,
	TAG_SEQUENCE = 0x30,
	TAG_CONTENT = 0xA0, /* [0], constructed */
	CONSTRUCTED = 0x20,
};

/* One value: content without the end that an indefinite length has. */
struct value {
	unsigned tag;
	struct slice content;
};

static bool take(struct slice *in, unsigned depth, struct value *out);

/* How long the content of an indefinite length is, its end not counted. */
static bool measure(struct slice in, unsigned depth, size_t *len)
{
	struct slice rest = in;
	struct value v;

	while (rest.len >= 2 && (rest.at[0] || rest.at[1]))
		if (!take(&rest, depth + 1, &v))
			return false;
	*len = in.len - rest.len;
	return rest.len >= 2;
}

/* Takes a value off the front of *in. One that is cut short goes to the end. */
static bool take(struct slice *in, unsigned depth, struct value *out)
{
	uint64_t len = 0, head = 2;
	size_t open;

	if (in->len < 2 || depth > CMS_DEPTH_MAX || ((unsigned char)in->at[0] & 0x1F) == 0x1F)
		return false;
	unsigned first = (unsigned char)in->at[1];
	out->tag = (unsigned char)in->at[0];
	if (first == 0x80) {
		if (!measure(bytes_after(*in, 2), depth, &open))
			return false;
		out->content = bytes_part(*in, 2, open);
		*in = bytes_after(*in, 4 + (uint64_t)open);
		return true;
	}
	if (first > 0x84)
		return false;
	for (unsigned i = 0; first > 0x80 && i < first - 0x80; i++)
		len = len << 8 | (head < in->len ? (unsigned char)in->at[head] : 0), head++;
	len = first < 0x80 ? first : len;
	out->content = bytes_part(*in, head, len);
	*in = bytes_after(*in, head + len);
	return true;
}

static bool take_tag(struct slice *in, unsigned tag, struct value *out)
{
	struct slice rest = *in;

	if (!take(&rest, 0, out) || out->tag != tag)
		return false;
	*in = rest;
	return true;
}

/* Octets may come in pieces, which may come in pieces. */
static bool add_octets(struct slice in, unsigned depth, struct buf *out)
{
	struct value v;

	while (in.len && depth < CMS_DEPTH_MAX && take(&in, depth, &v)) {
		if (v.tag & CONSTRUCTED) {
			if (!add_octets(v.content, depth + 1, out))
				return false;
		} else if (v.tag == TAG_OCTETS && buf_add_slice(out, v.content) != RC_OK) {
			return false;
		}
	}
	return true;
}

/* encapContentInfo, after whatever stands before it: the first SEQUENCE that begins
 * with an OID and has a content. */
static bool find_content(struct slice in, struct slice *content)
{
	struct value v, oid;

	while (take(&in, 0, &v)) {
		struct slice inner = v.content;
		if (v.tag != TAG_SEQUENCE || !take_tag(&inner, TAG_OID, &oid) ||
		    !take_tag(&inner, TAG_CONTENT, &v))
			continue;
		*content = v.content;
		return true;
	}
	return false;
}

static void read_content(struct reading *r, struct slice content, bool compressed)
{
	struct buf octets = BUF_INIT(reading_room(r)), out = BUF_INIT(reading_room(r));
	bool fine = add_octets(content, 0, &octets);

	if (fine && compressed)
		fine = inflate_zlib(buf_slice(&octets), &out) == RC_OK;
	if (!fine)
		reading_opaque(r, "damaged");
	struct slice whole = buf_slice(compressed ? &out : &octets);
	if (reading_unpacks(r, whole.len))
		reading_document(r, whole, SLICE("a.eml"));
	buf_free(&octets);
	buf_free(&out);
}

void cms_read(struct reading *r, struct slice bytes)
{
	struct value info, oid, content, body;
	struct slice in = bytes, inner;

	if (!take_tag(&in, TAG_SEQUENCE, &info) || !take_tag(&info.content, TAG_OID, &oid) ||
	    !take_tag(&info.content, TAG_CONTENT, &content) ||
	    !take_tag(&content.content, TAG_SEQUENCE, &body)) {
		reading_opaque(r, "smime");
		return;
	}
	bool is_signed = slice_is(oid.content, "\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02");
	bool compressed = slice_is(oid.content, "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x09");
	if (!is_signed && !compressed) {
		reading_opaque(r, "smime");
		reading_opaque(r, "encrypted");
	} else if (find_content(body.content, &inner)) {
		read_content(r, inner, compressed);
	}
}

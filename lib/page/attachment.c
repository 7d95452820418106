#include "page/attachment.h"

#include "base/cleanup.h"
#include "mime/content.h"
#include "mime/encoding.h"
#include "mime/field.h"

#include <stdlib.h>

enum { HEADER_MAX = 1 << 20, PIECE = 4096 };

struct page_attachment {
	page_emit_fn *emit;
	void *arg;
	struct mime_fields fields;
	struct mime_content content;
	bool in_body;
	union {
		struct mime_base64 base64;
		struct mime_qp qp;
	} transfer;
};

enum rc page_attachment_new(page_emit_fn *emit, void *arg, struct page_attachment **out,
			    struct fault *why)
{
	struct page_attachment *a = calloc(1, sizeof *a);

	if (!a)
		return fault(why, RC_NOMEM, "out of memory");
	a->emit = emit;
	a->arg = arg;
	mime_fields_init(&a->fields, HEADER_MAX);
	mime_content_init(&a->content, false);
	*out = a;
	return RC_OK;
}

void page_attachment_free(struct page_attachment **attachment)
{
	if (!*attachment)
		return;
	mime_fields_fini(&(*attachment)->fields);
	mime_content_fini(&(*attachment)->content);
	free(TAKE(*attachment));
}

static size_t push(struct page_attachment *a, struct slice *in, char *out)
{
	return a->content.encoding == MIME_BASE64
		       ? mime_base64_push(&a->transfer.base64, in, out, PIECE)
		       : mime_qp_push(&a->transfer.qp, in, out, PIECE);
}

static bool is_coded(const struct page_attachment *a)
{
	return a->content.encoding == MIME_BASE64 || a->content.encoding == MIME_QUOTED_PRINTABLE;
}

static enum rc take_body(struct page_attachment *a, struct slice bytes, struct fault *why)
{
	char out[PIECE];
	enum rc rc = RC_OK;

	if (!is_coded(a))
		return bytes.len ? a->emit(a->arg, bytes, why) : RC_OK;
	while (rc == RC_OK && bytes.len) {
		size_t len = push(a, &bytes, out);
		if (len)
			rc = a->emit(a->arg, (struct slice){ out, len }, why);
	}
	return rc;
}

enum rc page_attachment_add(struct page_attachment *a, struct slice part, struct fault *why)
{
	if (a->in_body)
		return take_body(a, part, why);
	while (mime_fields_take(&a->fields, &part))
		mime_content_take(&a->content, a->fields.name, a->fields.value);
	if (!a->fields.ended)
		return RC_OK;
	a->in_body = true;
	enum rc rc = take_body(a, mime_fields_rest(&a->fields), why);
	return rc == RC_OK ? take_body(a, part, why) : rc;
}

enum rc page_attachment_end(struct page_attachment *a, struct fault *why)
{
	char out[PIECE];
	size_t len;

	if (!a->in_body || !is_coded(a))
		return RC_OK;
	len = a->content.encoding == MIME_BASE64 ? mime_base64_end(&a->transfer.base64, out)
						 : mime_qp_end(&a->transfer.qp, out);
	return len ? a->emit(a->arg, (struct slice){ out, len }, why) : RC_OK;
}

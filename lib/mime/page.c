#include "mime/page.h"

void mime_page_init(struct mime_page *p)
{
	*p = (struct mime_page){ .hidden = BUF_INIT(PAGE_HIDDEN_MAX),
				 .source = BUF_INIT(PAGE_HIDDEN_MAX) };
}

void mime_page_fini(struct mime_page *p)
{
	buf_free(&p->hidden);
	buf_free(&p->source);
}

size_t mime_page_push(struct mime_page *p, struct slice *in, char *out, size_t room)
{
	p->html.hidden = &p->hidden; /* here: a page may have been moved since its start */
	size_t n = mime_html_push(&p->html, in, out, room);
	p->encloses |= p->html.encloses;
	return n;
}

/* What was hidden becomes the page to read. False: there is none, or it is too deep. */
static bool turn(struct mime_page *p)
{
	struct buf read = p->source;

	if (buf_state(&p->hidden) != RC_OK)
		p->lost = true;
	if (p->hidden.len == 0)
		return false;
	if (p->pass == PAGE_PASSES) {
		p->lost = true;
		return false;
	}
	p->source = p->hidden;
	p->hidden = read;
	buf_clear(&p->hidden);
	p->at = 0;
	p->pass++;
	return true;
}

size_t mime_page_end(struct mime_page *p, char *out, size_t room)
{
	size_t n = 0;

	while (n == 0) {
		if (p->pass && p->at < p->source.len) {
			struct slice rest = { p->source.at + p->at, p->source.len - p->at };
			n = mime_page_push(p, &rest, out, room);
			p->at = p->source.len - rest.len;
			continue;
		}
		n = mime_html_end(&p->html, out);
		if (!turn(p))
			break;
		out[n++] = '\n';
	}
	return n;
}

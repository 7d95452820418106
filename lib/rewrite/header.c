#include "rewrite/header.h"

#include <strings.h>
#include <string.h>

/* One field with the lines that go on with it. False: no more. */
static bool take_field(struct slice *rest, struct slice *whole)
{
	struct slice at = *rest, line;

	if (!slice_take_line(rest, &line) || line.len == 0)
		return false;
	while (rest->len && slice_blank(rest->at[0]))
		(void)slice_take_line(rest, &line);
	*whole = (struct slice){ at.at, (size_t)(rest->at - at.at) };
	return true;
}

static size_t count_fields(struct slice text)
{
	struct slice whole;
	size_t n = 0;

	while (take_field(&text, &whole))
		n++;
	return n;
}

static bool keep(struct rewrite_header *header, struct slice whole, struct arena *arena)
{
	struct rewrite_field *field = &header->at[header->count];
	struct slice value = whole, name;

	/* A line without a colon names a field whose value is empty. */
	if (!slice_take_until(&value, ':', &name)) {
		name = whole;
		value = (struct slice){ whole.at + whole.len, 0 };
	}
	while (value.len && strchr("\r\n", value.at[value.len - 1]))
		value.len--;
	*field = (struct rewrite_field){ .name = arena_text(arena, slice_trim(name)),
					 .index = 1,
					 .value = value,
					 .whole = whole };
	for (size_t i = 0; field->name && i < header->count; i++)
		field->index += strcasecmp(header->at[i].name, field->name) == 0;
	header->count++;
	return field->name != NULL;
}

static enum rc read_all(const struct spool *raw, char *to, size_t len, struct fault *why)
{
	for (size_t at = 0; at < len;) {
		size_t got;
		enum rc rc = spool_read(raw, at, to + at, len - at, &got, why);
		if (rc != RC_OK)
			return rc;
		if (got == 0)
			return fault(why, RC_RETRY, "the message is shorter than it was");
		at += got;
	}
	return RC_OK;
}

enum rc rewrite_header_read(const struct spool *raw, uint64_t body_at, struct arena *arena,
			    struct rewrite_header *out, struct fault *why)
{
	if (body_at > REWRITE_HEADER_MAX)
		return fault(why, RC_LIMIT, "the header is too long");
	char *text = arena_alloc(arena, (size_t)body_at + 1);
	if (!text)
		return fault(why, RC_NOMEM, "out of memory");
	enum rc rc = read_all(raw, text, (size_t)body_at, why);
	if (rc != RC_OK)
		return rc;
	struct slice rest = { text, (size_t)body_at }, whole;
	*out = (struct rewrite_header){
		.at = ARENA_ARRAY(arena, struct rewrite_field, count_fields(rest)),
	};
	if (!out->at)
		return fault(why, RC_NOMEM, "out of memory");
	while (take_field(&rest, &whole))
		if (!keep(out, whole, arena))
			return fault(why, RC_NOMEM, "out of memory");
	return RC_OK;
}

bool rewrite_field_is(const struct rewrite_field *field, const char *name)
{
	return strcasecmp(field->name, name) == 0;
}

bool rewrite_field_is_mime(const struct rewrite_field *field)
{
	return rewrite_field_is(field, "MIME-Version") ||
	       strncasecmp(field->name, "Content-", strlen("Content-")) == 0;
}

bool rewrite_field_is_ours(const struct rewrite_field *field)
{
	return strncasecmp(field->name, "Postern-", strlen("Postern-")) == 0;
}

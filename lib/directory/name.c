#include "directory/name.h"

#include "mime/caseless.h"

#include <string.h>

static enum rc put_domain(struct directory_name *name, size_t at, struct slice domain,
			  struct fault *why)
{
	char normal[DNS_NAME_MAX];
	enum rc rc = dns_name_normalise(domain, normal, why);
	size_t len;

	if (rc != RC_OK)
		return rc;
	len = strlen(normal);
	if (at + len > DIRECTORY_NAME_MAX)
		return fault(why, RC_LIMIT, "an address is longer than %d bytes",
			     DIRECTORY_NAME_MAX);
	memcpy(name->text + at, normal, len + 1);
	return RC_OK;
}

static enum rc put_address(struct directory_name *name, const struct mail_address *address,
			   struct fault *why)
{
	struct buf local = BUF_INIT(DIRECTORY_NAME_MAX - 1);
	enum rc rc = mime_caseless(mail_address_local(address), &local, why);

	if (rc == RC_OK && local.len == 0)
		rc = fault(why, RC_INVALID, "an address needs letters before its \"@\"");
	if (rc == RC_OK) {
		memcpy(name->text, local.at, local.len);
		name->text[local.len] = '@';
		name->local_len = local.len;
		rc = put_domain(name, local.len + 1, mail_address_domain(address), why);
	}
	buf_free(&local);
	return rc;
}

enum rc directory_name_parse(struct slice text, struct directory_name *out, struct fault *why)
{
	struct directory_name name = { .local_len = 0 };
	struct mail_address address;
	enum rc rc;

	text = slice_trim(text);
	struct slice domain = text;
	(void)(slice_drop_prefix(&domain, "@") || slice_drop_prefix(&domain, "."));
	if (domain.len == 0)
		return fault(why, RC_INVALID, "neither an address nor a domain");
	if (!memchr(domain.at, '@', domain.len)) {
		rc = put_domain(&name, 0, domain, why);
	} else {
		rc = mail_address_parse(text, &address, why);
		if (rc == RC_OK && (address.literal || mail_address_is_null(&address)))
			rc = fault(why, RC_INVALID, "an address needs a domain with a name");
		if (rc == RC_OK)
			rc = put_address(&name, &address, why);
	}
	if (rc == RC_OK)
		*out = name;
	return rc;
}

bool directory_name_widen(struct directory_name *name)
{
	size_t drop = name->local_len ? name->local_len : strcspn(name->text, ".");
	size_t len = strlen(name->text);

	if (drop + 1 >= len)
		return false;
	memmove(name->text, name->text + drop + 1, len - drop);
	name->local_len = 0;
	return true;
}

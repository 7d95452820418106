#include "rewrite/text.h"

#include "mail/body.h"

#include <string.h>

enum { TEXT_MAX = 8192 }; /* an organisation's name and an address have a kilobyte each */

struct slice rewrite_host(const char *portal_url)
{
	struct slice host = slice_of(portal_url);

	if (!slice_drop_prefix(&host, "https://"))
		slice_drop_prefix(&host, "http://");
	host.len = strcspn(host.at, ":/");
	return host;
}

enum rc rewrite_text(const char *organisation, const char *portal_url, bool whole, struct buf *out)
{
	struct slice name = organisation[0] ? slice_of(organisation) : rewrite_host(portal_url);
	struct buf text = BUF_INIT(TEXT_MAX);

	(void)buf_addf(&text,
		       "%s must not travel unprotected, and no\n"
		       "protected way to your mail system could be proven. It is kept, sealed, by\n"
		       "%.*s.\n\n",
		       whole ? "The text of this message" : "A part of this message",
		       SLICE_ARG(name));
	(void)buf_addf(
		&text,
		"A mail of its own, a notice, tells you how to read it: it has a link and a\n"
		"code for you alone. The link leads to this address and to no other:\n\n"
		"    %s\n\n"
		"You need no account and will never be asked for a password, for payment, for\n"
		"personal data or to install anything.\n",
		portal_url);
	enum rc rc = buf_state(&text);
	if (rc == RC_OK)
		rc = mail_body_text(buf_slice(&text), out);
	buf_free(&text);
	return rc;
}

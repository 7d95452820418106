#include "mail/mailbox.h"

/* What the byte at hand stands in. */
struct place {
	bool quoted, literal, angle;
	unsigned comment; /* comments nest */
};

static bool is_bare(const struct place *p)
{
	return !p->quoted && !p->literal && !p->angle && p->comment == 0;
}

static void enter_or_leave(struct place *p, char c)
{
	if (p->comment)
		p->comment += c == '(' ? 1u : c == ')' ? -1u : 0;
	else if (p->quoted)
		p->quoted = c != '"';
	else if (p->literal)
		p->literal = c != ']';
	else if (c == '(')
		p->comment = 1;
	else if (c == '"')
		p->quoted = true;
	else if (c == '[')
		p->literal = true;
	else if (c == '<' || c == '>')
		p->angle = c == '<';
}

/* One member of the list being read. */
struct member {
	struct place place;
	bool angle;                      /* it has a path in brackets, which alone counts */
	size_t len;                      /* of text; past its end when it is too long */
	char text[MAIL_ADDRESS_MAX + 2]; /* with the brackets */
};

static void restart(struct member *m)
{
	m->len = 0;
	m->angle = false;
}

static void keep(struct member *m, char c)
{
	if (m->len < sizeof m->text)
		m->text[m->len] = c;
	m->len++;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Names before a path are not kept; blanks and comments nowhere but in quotes. */
static void add(struct member *m, char c, bool escaped)
{
	const struct place was = m->place;

	if (!escaped)
		enter_or_leave(&m->place, c);
	if (was.comment || m->place.comment || (is_blank(c) && !was.quoted))
		return;
	if (!was.angle && m->place.angle) {
		m->len = 0;
		m->angle = true;
	} else if (m->angle && !was.angle) {
		return; /* words behind the path */
	}
	keep(m, c);
}

/* Whether the byte ends a member, or the name of a group. */
static bool is_end(const struct member *m, char c)
{
	return is_bare(&m->place) && (c == ',' || c == ';' || c == ':');
}

/* The next member's text, or len 0: none, and the list is at its end. */
static void take_member(struct slice *list, struct member *m)
{
	bool escaped = false;
	size_t i = 0;

	for (; i < list->len; i++) {
		char c = list->at[i];
		bool pair = !escaped && c == '\\' && (m->place.quoted || m->place.comment);

		if (!is_end(m, c)) {
			add(m, c, escaped);
			escaped = pair;
			continue;
		}
		if (c != ':' && m->len)
			break;
		restart(m);
	}
	size_t used = i < list->len ? i + 1 : i;
	*list = (struct slice){ list->at + used, list->len - used };
}

enum rc mail_mailbox_take(struct slice *list, struct mail_address *out, struct fault *why)
{
	struct member m = { .len = 0 };

	take_member(list, &m);
	if (m.len == 0)
		return fault(why, RC_ABSENT, "no address is left in the list");
	if (m.len > sizeof m.text)
		return fault(why, RC_LIMIT, "an address is longer than %d bytes", MAIL_ADDRESS_MAX);
	struct mail_address address;
	enum rc rc = mail_address_parse((struct slice){ m.text, m.len }, &address, why);
	if (rc == RC_OK && mail_address_is_null(&address))
		rc = fault(why, RC_INVALID, "the null address is nobody's");
	if (rc == RC_OK)
		*out = address;
	return rc;
}

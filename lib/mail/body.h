/* mail/body.h: a text/plain body, or part, composed.
 *
 *     Content-Type: text/plain; charset=utf-8
 *     Content-Transfer-Encoding: quoted-printable
 *
 *     Gr=C3=BC=C3=9Fe
 *
 * ASCII in short lines goes as it is, since people and programs read it without
 * decoding; all else is quoted-printable and survives any server.
 *
 * Standard  RFC 2045 §6.7 (quoted-printable), §6.2; RFC 2046 §4.1
 * Memory    a struct buf grows
 * Threads   pure functions */
#pragma once

#include "base/buf.h"

/* Adds both fields, the empty line and text (UTF-8; LF or CRLF), with CRLF behind each
 * line, the last too. Bytes that are no UTF-8 become U+FFFD. The top of a message needs
 * "MIME-Version: 1.0" besides. RC_LIMIT and RC_NOMEM from the buffer. */
enum rc mail_body_text(struct slice text, struct buf *out);

/* settings/value.h: the shapes that texts in the settings may have.
 *
 * Each check is NULL for a value that is fine, or what was expected, to stand
 * after "expected ". Nothing is looked up: a folder need not be there yet.
 *
 * Threads  pure functions */
#pragma once

const char *value_path(const char *text);    /* absolute, without "..": "/var/lib/postern" */
const char *value_scanner(const char *text); /* "unix:/path", "V4:PORT", "[V6]:PORT" */
const char *value_listen(const char *text);  /* "unix:/path", "HOST:PORT", "[V6]:PORT" */
const char *value_server(const char *text);  /* "V4:PORT", "[V6]:PORT" */
const char *value_mode(const char *text);    /* "0660" */
const char *value_group(const char *text);   /* a group's name */
const char *value_user(const char *text);    /* a user's name */
const char *value_token(const char *text);   /* 16 to 64 letters and digits */
const char *value_address(const char *text); /* "127.0.0.1", "::1" */
const char *value_network(const char *text); /* "127.0.0.0/8" */
const char *value_domain(const char *text);  /* "our.example" */
const char *value_url(const char *text);     /* "https://HOST[:PORT][/PATH]" */
const char *value_line(const char *text);    /* printable UTF-8 on one line */
const char *value_store(const char *text);   /* "sqlite" */

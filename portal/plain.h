/* portal/plain.h: the pages that need no proof: the first one, where a code is typed, the
 * pickup page, the sender's, and what this is. GET changes nothing, here as everywhere. */
#pragma once

#include "view.h"

/* bad_code: what was typed is no code. */
enum MHD_Result plain_index(struct request *request, bool bad_code);
/* A code typed without JavaScript: the pickup page of its message, known or not. */
enum MHD_Result plain_locate(struct request *request);
enum MHD_Result plain_pickup(struct request *request);
enum MHD_Result plain_about(struct request *request);
enum MHD_Result plain_sender(struct request *request);

/* A field of the request's form. RC_ABSENT: none, or an empty one; RC_INVALID: a broken form;
 * RC_LIMIT: longer than out may be. */
enum rc plain_field(const struct request *request, const char *name, struct buf *out);

/* Digits as people type them, with blanks and hyphens. False: something else, or too many. */
bool plain_digits(struct slice typed, char out[PICKUP_CODE_MAX + 1]);

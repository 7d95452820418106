/* page/form.h: what a browser without JavaScript sends.
 *
 *     code=7K2M-90QX&phrase=kadim+botan&confirm=yes
 *
 * Standard  application/x-www-form-urlencoded (WHATWG URL §5.1), %XX and + undone
 * Threads   pure functions */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

/* Adds the value of a field to out.
 *   RC_ABSENT   there is none of that name; *why is untouched
 *   RC_INVALID  it is there twice, or a % is not followed by two digits
 *   RC_LIMIT    out may not grow so far
 * On failure out is as it was. */
enum rc page_form_get(struct slice body, const char *name, struct buf *out, struct fault *why);

/* inspect/siolabel.h: the security label that a mail program shows and sends.
 *
 *     SIO-Label: marking="EXAMPLE CONFIDENTIAL"; fgcolor=black; bgcolor=red;
 *      type=":ess"; label="MQYGASkCAQE="     →   EXAMPLE CONFIDENTIAL
 *
 * A marking may come in pieces (marking*0=, marking*1=) or percent-encoded. One
 * that is missing, empty or longer than a value may be is told with an empty
 * value: the message is labelled, as what is not known. SIO-Label-History tells
 * of former labels and is not read.
 *
 * Standard  RFC 7444 §3 (fields), RFC 2231 §3 and §4 (parameters)
 * Threads   pure functions */
#pragma once

#include "base/buf.h"
#include "inspect/detector.h"

size_t siolabel_take(struct slice name, struct slice value, struct detector_hit *hits);

/* Adds a parameter of such a field: as mime_param_find(). */
enum rc siolabel_find(struct slice value, const char *name, struct buf *out);

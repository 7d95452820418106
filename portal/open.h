/* portal/open.h: a message opened without JavaScript: here, during the request, which the page and
 * the audit say.
 *
 * Code and phrase come to this server, and the message is decrypted by it; what stays in memory
 * afterwards is portal/handle.h's. A message passes through in pieces and is never held whole. */
#pragma once

#include "worker.h"

enum MHD_Result open_answer(struct request *request); /* POST m/ID/open */

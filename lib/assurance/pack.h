/* assurance/pack.h: an assurance in few bytes, for the many that are remembered and
 * seldom asked for.
 *
 *     some 900 bytes of sentences, hosts and pointers  →  some 100
 *
 * Everything comes back as it was. What is packed stays in this process: the form is
 * no contract.
 *
 * Memory   a packer holds some 60 KB
 * Threads  one user of a packer at a time */
#pragma once

#include "assurance/assurance.h"
#include "base/buf.h"

enum { ASSURANCE_PACK_MAX = 256 * 1024 }; /* bytes before packing: 32 hosts with their reasons */

struct assurance_packer;

struct assurance_packer *assurance_packer_new(void);         /* NULL: out of memory */
void assurance_packer_free(struct assurance_packer *packer); /* NULL is fine */

/* Adds the packed form to out. RC_LIMIT, RC_NOMEM. */
enum rc assurance_pack(struct assurance_packer *packer, const struct assurance *a, struct buf *out);

/* The caller's reference. NULL: out of memory, or not what assurance_pack() made. */
const struct assurance *assurance_unpack(struct assurance_packer *packer, struct slice packed);

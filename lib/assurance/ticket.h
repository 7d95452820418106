/* assurance/ticket.h: a place where one thread waits for what another finds out.
 *
 * The counted core of assurance_ticket_open(): it knows nothing of services.
 *
 * Threads  any */
#pragma once

#include "assurance/assurance.h"

struct assurance_ticket;

/* Two hold it from the start: who waits, and who answers. NULL: out of memory. */
struct assurance_ticket *assurance_ticket_new(const char *destination);
const char *assurance_ticket_destination(const struct assurance_ticket *ticket);

/* Gives the answer (NULL: memory was out), once, and ends the answerer's hold. */
void assurance_ticket_answer(struct assurance_ticket *ticket, const struct assurance *assurance);

/* base/lean.h: a daemon that waits holds no more memory than waiting takes.
 *
 * Threads  any, while others run */
#pragma once

/* Gives back what only starting needed, or reading settings and rules anew: the heap's free
 * pages; and of programs and libraries the pages that nobody has written to, which most were
 * touched once, to find and bind names. Those are the page cache's, which the kernel could take
 * at any time; what is used again is mapped again, without a read while it is cached. */
void lean_settle(void);

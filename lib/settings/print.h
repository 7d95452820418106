/* settings/print.h: the table of options as people read it.
 *
 * conf/postern.conf and the options of docs/man/postern.conf.5 are what these print;
 * a test compares them.
 *
 * Threads  pure functions */
#pragma once

#include "base/buf.h"

/* The settings file with every option at its default, commented out, with its help. */
enum rc print_conf(struct buf *out);

/* The options as items of an mdoc(7) list. */
enum rc print_man(struct buf *out);

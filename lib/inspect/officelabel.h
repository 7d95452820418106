/* inspect/officelabel.h: labels in a document's properties.
 *
 *     <tenant>/<label>           Microsoft's, GUIDs in lower case
 *     Classification=Secret      any other property, "name=value"
 *
 * A test with a value sees every property. One without sees those whose name is that
 * of a label, as the common labelling programs and people choose them: every
 * document has a title.
 *
 * Threads  pure functions */
#pragma once

#include "inspect/detector.h"

/* False: one of Microsoft's own, of which labels are made, or too long to be a label.
 * *marks: its name is that of a label. */
bool officelabel_property(struct slice name, struct slice value, struct detector_hit *hit,
			  bool *marks);

/* "tenant/label" as the reader has put it together. */
bool officelabel_label(struct slice value, struct detector_hit *hit);

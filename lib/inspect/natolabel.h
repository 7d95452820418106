/* inspect/natolabel.h: NATO's confidentiality label, as SIO-Label carries it or a file.
 *
 *     SIO-Label: marking="NATO SECRET"; type=":xml"; label="<base64 of>"
 *         <ConfidentialityLabel><ConfidentialityInformation>
 *           <PolicyIdentifier>NATO</PolicyIdentifier>
 *           <Classification>SECRET</Classification>…     →   NATO/SECRET
 *
 * Elements are known by their names alone, whatever prefix they bear. A policy
 * without a classification, or either in a form that we do not read (entities,
 * CDATA), is told with an empty value. A label that is no XML is another's.
 *
 * Standard  ADatP-4774 (label), RFC 7444 §3 (field)
 * Threads   pure functions */
#pragma once

#include "inspect/detector.h"

size_t natolabel_take(struct slice name, struct slice value, struct detector_hit *hits);

/* Of a file: the property that document/conflabel.h makes of one, "POLICY/CLASSIFICATION". One
 * that is too long to be known is told with an empty value. */
size_t natolabel_property(struct slice name, struct slice value, struct detector_hit *hits);

/* The label itself, decoded. */
size_t natolabel_read(struct slice xml, struct detector_hit *hits);

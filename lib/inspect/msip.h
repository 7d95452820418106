/* inspect/msip.h: Microsoft's sensitivity labels in a header field.
 *
 *     msip_labels: MSIP_Label_<GUID>_Enabled=True;MSIP_Label_<GUID>_SiteId=<GUID>;
 *      MSIP_Label_<GUID>_Name=Secret;…     →   "<site's GUID>/<label's GUID>", lower case
 *
 * A label is known by its tenant's and its own GUID, never by its Name, which
 * whoever sends can choose. Several tenants may label one message. Only labels
 * that are enabled count; one that does not say so, or says both, is taken for enabled. A label without
 * its tenant is "/<GUID>". An empty value: a field with something in it and no
 * label, or with more labels than we keep.
 *
 * Standard  Microsoft Information Protection, label metadata
 * Threads   pure functions */
#pragma once

#include "inspect/detector.h"

size_t msip_take(struct slice name, struct slice value, struct detector_hit *hits);

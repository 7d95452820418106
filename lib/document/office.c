#include "document/office.h"

#include "document/identify.h"
#include "document/plain.h"
#include "document/xml.h"

#include <string.h>

enum use { PROPERTIES, LABELS, MANIFEST, DEVICE };

/* DEVICE: what programs write for themselves, fonts, and drawings: no format of ours, and
 * no reason to call the whole document unread. */
static const struct part {
	const char *begins, *ends; /* without regard to case */
	enum use use;
} parts[] = {
	{ "docProps/", ".xml", PROPERTIES },
	{ "docMetadata/LabelInfo", ".xml", LABELS },
	{ "meta.xml", "", PROPERTIES },
	{ "META-INF/manifest.xml", "", MANIFEST },
	{ "word/fonts/", ".odttf", DEVICE },
	{ "ppt/fonts/", ".fntdata", DEVICE },
	{ "xl/printerSettings/", ".bin", DEVICE },
	{ "word/printerSettings/", ".bin", DEVICE },
	{ "ppt/printerSettings/", ".bin", DEVICE },
	{ "word/media/", ".emf", DEVICE },
	{ "ppt/media/", ".emf", DEVICE },
	{ "xl/media/", ".emf", DEVICE },
	{ "word/media/", ".wmf", DEVICE },
	{ "ppt/media/", ".wmf", DEVICE },
	{ "xl/media/", ".wmf", DEVICE },
	{ "word/media/", ".wdp", DEVICE },
	{ "ppt/media/", ".wdp", DEVICE },
};

static bool is_part(const struct part *p, struct slice path)
{
	size_t begins = strlen(p->begins), ends = strlen(p->ends);

	if (path.len < begins + ends)
		return false;
	return slice_same_nocase((struct slice){ path.at, begins }, slice_of(p->begins)) &&
	       slice_same_nocase((struct slice){ path.at + path.len - ends, ends },
				 slice_of(p->ends)) &&
	       (*p->ends || p->begins[begins - 1] == '/' || path.len == begins);
}

/* ODF lists there what is encrypted, and how. */
static bool read_manifest(struct reading *r, struct slice bytes)
{
	if (memmem(bytes.at, bytes.len, "encryption-data", strlen("encryption-data")))
		reading_opaque(r, "encrypted");
	return false;
}

static bool read_device(struct reading *r, struct slice bytes)
{
	const char *word;

	if (document_identify(bytes, (struct slice){ 0 }, &word) != DOCUMENT_BINARY)
		return false;
	plain_read_runs(r, bytes);
	return true;
}

bool office_read(struct reading *r, struct slice path, struct slice bytes)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (!is_part(&parts[i], path))
			continue;
		switch (parts[i].use) {
		case PROPERTIES:
			xml_read_properties(r, bytes);
			return true;
		case LABELS:
			xml_read_labels(r, bytes);
			return true;
		case MANIFEST:
			return read_manifest(r, bytes);
		case DEVICE:
			return read_device(r, bytes);
		}
	}
	return false;
}

/* mime/leaf.h: the body of one part that holds no parts, from the bytes on the
 * wire to text.
 *
 *     transfer encoding → first bytes looked at → charset → HTML, or broken lines → text
 *
 * A format of its own gives no text, but its bytes, where the sink wants them;
 * otherwise that is told once, by its name. A uuencoded file in a text is such a
 * document, too, and text as well. A picture behind which an archive stands is told as
 * "zip": many programs open it as that.
 *
 * Memory   a few hundred bytes of state, an iconv handle: mime_leaf_fini()
 * Threads  one user at a time */
#pragma once

#include "mime/charset.h"
#include "mime/content.h"
#include "mime/encoding.h"
#include "mime/magic.h"
#include "mime/page.h"
#include "mime/uublock.h"

struct mime_sink {
	void *of;
	/* UTF-8; true: go on. False: no more is wanted of this part. */
	bool (*text)(void *of, struct slice utf8);
	void (*opaque)(void *of, const char *why);
	/* Bytes with the transfer encoding undone, for a nested message. */
	void (*bytes)(void *of, struct slice bytes);
	/* A document begins (within: in a text), of this format. False, or NULL: it is
	 * told as opaque. */
	bool (*document)(void *of, const char *format, bool within);
	void (*data)(void *of, struct slice bytes); /* its bytes */
	void (*document_end)(void *of);
	/* Every byte of whatever it is, with the transfer encoding undone; may be NULL. */
	void (*raw)(void *of, struct slice bytes);
};

struct mime_leaf {
	const struct mime_sink *sink;
	enum mime_kind kind;
	enum mime_encoding encoding;
	const char *format;
	bool looked;
	bool no_text;  /* none is wanted, or there is none */
	bool document; /* the sink takes the bytes */
	bool block;    /* or those of the block in the text at hand */
	bool picture;  /* passed over, but for an archive behind it */
	unsigned char last_len;
	char last[3];         /* of a picture's bytes so far */
	uint64_t seen;        /* and how many they are */
	uint64_t archive_end; /* behind where what ends an archive began last; 0: nowhere */
	unsigned head_len;
	char head[MAGIC_HEAD];
	union {
		struct mime_base64 base64;
		struct mime_qp qp;
	} transfer;
	struct mime_charset charset;
	struct mime_page page;
	struct mime_uublock uublock;
	struct mime_softline lines;
};

/* kind: any but MIME_MULTIPART. *sink lives as long as the leaf. */
void mime_leaf_init(struct mime_leaf *l, const struct mime_content *c, enum mime_kind kind,
		    const char *format, const struct mime_sink *sink);
void mime_leaf_push(struct mime_leaf *l, struct slice wire);
void mime_leaf_end(struct mime_leaf *l);
void mime_leaf_fini(struct mime_leaf *l); /* a zeroed one is fine */

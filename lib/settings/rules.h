/* settings/rules.h: what the operator wrote in the rules file, checked and typed.
 *
 *     markers = ( { name = "card"; any = ( { detector = "payment-card"; min_unique = 1; } ); } );
 *     rules   = ( { name = "cards only over proven TLS"; when = { markers = ["card"]; };
 *                   require = "authenticated"; otherwise = ["encrypt", "divert", "defer"]; } );
 *     include = [ "rules.d/health.conf" ];
 *
 * An included file is a rules file of its own, with its own lists; they are joined
 * behind those of the file that names it, in order. Here nothing is matched and nothing decided: inspect compiles the markers,
 * demand reads the rules, assurance the destinations.
 *
 * Memory   one immutable, counted tree; every pointer lives as long as it
 * Threads  any, once read */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

struct settings;

enum {
	RULES_MARKERS_MAX = 1000, /* far more than people keep apart */
	RULES_RULES_MAX = 1000,
	RULES_DESTINATIONS_MAX = 10000,
	RULES_EXPECTATIONS_MAX = 10000,
	RULES_TESTS_MAX = 1000, /* of one marker */
	RULES_SCALES_MAX = 100,
	RULES_PATTERNS_MAX = 100000,  /* addresses in one list, files counted in */
	RULES_EXCEPTIONS_MAX = 1000,  /* on one rule */
	RULES_FILES_MAX = 64,         /* included ones; a folder of ready-made sets has ten */
	RULES_FILES_DEPTH_MAX = 8,    /* of files that include files */
	RULES_SAY_MAX = 200,          /* bytes: it stands in replies beside our own sentence */
	RULES_MARKERS_DEPTH_MAX = 16, /* of markers that name markers */
};

struct rules_place {
	const char *file;
	unsigned line;
};

struct rules_list { /* of texts */
	size_t count;
	const char *const *at;
};

enum rules_where {                   /* a set */
		   RULES_HEADER = 1, /* any header field but Subject */
		   RULES_SUBJECT = 2,
		   RULES_BODY = 4,       /* inline text, preamble, epilogue */
		   RULES_ATTACHMENT = 8, /* text of attached, archived, nested content */
		   RULES_FILENAME = 16,
		   RULES_METADATA = 32,
};

enum rules_test_kind {
	RULES_TEST_DETECTOR,
	RULES_TEST_HEADER,
	RULES_TEST_SUBJECT,
	RULES_TEST_BODY,
	RULES_TEST_MARKER, /* another marker holds */
};

/* How sure a finding is (inspect/confidence.h). */
enum rules_confidence { RULES_LOW, RULES_MEDIUM, RULES_HIGH };

struct rules_scale { /* one of `scales` */
	const char *name;
	size_t count;
	const struct rules_list *steps; /* values that mean the same; the least sensitive first */
	struct rules_place place;
};

struct rules_test {
	enum rules_test_kind kind;
	const char *name;    /* the detector, header field or marker; "" otherwise */
	unsigned marker;     /* of a marker: its place in rules.markers */
	const char *value;   /* regular expression, "" when none was given */
	unsigned where;      /* set of rules_where; 0: the detector's own */
	unsigned min_unique; /* at least 1 */
	struct {
		struct rules_list words; /* count 0: no such condition */
		unsigned before, after;  /* characters */
	} near;
	struct rules_list except;
	bool strip;                       /* take the trigger off the Subject */
	const char *at_least;             /* "" when not given */
	struct rules_list order;          /* with at_least this or */
	const char *scale;                /* the name of one; "" when not given */
	enum rules_confidence confidence; /* the least that counts */
	bool invalid;                     /* markings that break their grammar, and no others */
	const char *file, *index;         /* "", or a path as resolved against the rules file */
	uint64_t min_bytes;
	unsigned percent; /* 0 when not given */
	unsigned columns; /* of a row; 0 when not given */
	const char *key;  /* of an index: "", or a path */
	struct rules_place place;
};

struct rules_marker {
	const char *name;
	bool all; /* every test must hit; otherwise min_tests of them */
	size_t test_count;
	unsigned min_tests; /* so many of the tests must hit: all, 1, or as said; 0: there are
			     * none but those of not */
	size_t not_count;   /* tests of not, behind the others: tests[test_count]...; the marker
			     * holds only where none of them hits */
	const struct rules_test *tests;
	size_t first_test; /* how many tests the markers before it have, those of not too */
	/* Only rules that observe name it, be it through other markers: what its tests would
	 * strip stays. */
	bool observed;
	struct rules_place place;
};

enum rules_tristate { RULES_EITHER, RULES_YES, RULES_NO };

/* The rungs of a ladder, as written in `otherwise`. Delivery by the strict route
 * is always tried first and is no rung. */
enum rules_rung {
	RULES_ENCRYPT,
	RULES_REWRITE,
	RULES_DIVERT,
	RULES_HOLD,
	RULES_DEFER,
	RULES_REFUSE
};
enum { RULES_RUNGS_MAX = 6 }; /* each at most once */

enum rules_factor { RULES_FACTOR_PHRASE, RULES_FACTOR_CODE, RULES_FACTOR_LINK };

/* What the rung rewrite takes out of a message. */
enum rules_rewrite {
	RULES_REWRITE_FINDINGS,    /* the parts in which something was found */
	RULES_REWRITE_ATTACHMENTS, /* all attachments */
	RULES_REWRITE_BODY,        /* everything but the header */
};

enum rules_require { RULES_REQUIRE_NONE, RULES_REQUIRE_AUTHENTICATED, RULES_REQUIRE_REQUIRETLS };

/* By domains that are ours: outbound.domains and outbound.internal_domains. */
enum rules_direction {
	RULES_ANY_DIRECTION,
	RULES_OUTBOUND, /* to a domain that is not ours */
	RULES_INTERNAL, /* from ours to ours */
	RULES_INBOUND,  /* from elsewhere, or from nobody, to ours */
};

enum { RULES_DAY_MINUTES = 24 * 60 };

struct rules_time { /* of the week */
	bool given;
	unsigned days; /* set of 1 << day, Sunday is 0 */
	/* Minutes of the day; up to `to`, which is not in it. to <= from: over midnight, and the
	 * day is that on which it begins. */
	unsigned from, to;
	bool local; /* the host's time; otherwise so many minutes east of UTC */
	int east;
};

struct rules_size { /* bytes of the whole message, both ends counted in */
	uint64_t min, max;
};

struct rules_when { /* an empty list, 0 and EITHER are no condition; all given must hold */
	struct rules_list markers, markers_all, not_markers, from, to;
	enum rules_tristate submission_tls, authenticated;
	enum rules_direction direction;
	struct rules_size size;
	unsigned recipients_min; /* of the message */
	struct rules_time time;
};

struct rules_exception {        /* to a rule: whom it does not apply to, for a while */
	struct rules_when when; /* without markers; from or to is given */
	unsigned until;         /* the last day, of the host's calendar: 20270131 */
	const char *why;
	struct rules_place place;
};

/* Observed: it is decided and audited what would become of a message, and nothing is done. */
enum rules_mode { RULES_ENFORCE, RULES_OBSERVE };

struct rules_rule {
	const char *name;
	enum rules_mode mode; /* that of its file, or its own */
	struct rules_when when;
	struct { /* the place in rules.markers of each name in the lists above */
		const unsigned *markers, *markers_all, *not_markers;
	} at;
	enum rules_require require;
	size_t rung_count;
	enum rules_rung rungs[RULES_RUNGS_MAX];
	enum rules_factor factor;
	bool independent;   /* the factor must not travel the notice's way: LINK is refused then */
	bool opaque_ignore; /* `opaque = "ignore"`: unread content alone does not hit */
	bool undetermined_on; /* `undetermined = "otherwise"`: go on down the ladder instead of deferring */
	unsigned life_days; /* of a deposit; default 14 */
	enum rules_rewrite rewrite;
	bool upgrade;    /* a deposit may be opened by us, to send it on when its way is proven */
	const char *say; /* the operator's words to the sender, one line; "" when not given */
	size_t exception_count;
	const struct rules_exception *exceptions;
	struct rules_place place;
};

/* By what a peer must prove itself beside, or in place of, its names. */
struct rules_pin {
	const char *ca_file; /* as resolved, "": none; its certificates, in PEM: */
	struct slice ca;
	struct rules_list spki_sha256; /* digests of public keys, 64 lower-case hex digits each */
};

enum {
	RULES_KEYS_MAX = 16,       /* of one destination: its hosts, and their next keys */
	RULES_CA_BYTES_MAX = 65536 /* a dozen certificates */
};

struct rules_destination {
	const char *domain;           /* "d.example", "[h.example]:587"; ".d.example": all below */
	bool never;                   /* nothing may be sent there; what follows is empty */
	enum rules_require assurance; /* NONE: never */
	struct rules_list match;      /* names, one of which the certificate must carry; none
				       * where keys are pinned: by them no name counts */
	struct rules_pin pin;
	const char *why;
	enum rules_mode mode; /* of its file: of `never` alone, a promise holds as it is */
	struct rules_place place;
};

struct rules_expectation { /* one of `tests`, run by `postern rules test` */
	const char *message, *from;
	const char *expect; /* the verdict; "": any */
	const char *rule;   /* that must decide; "": any. One of the two is given */
	bool timed;
	int64_t at_s; /* when it is sent, if timed */
	struct rules_list to;
	struct rules_place place;
};

struct rules {
	enum rules_mode mode; /* OBSERVE: of the whole, senders' wishes too: nothing is enforced */
	size_t marker_count, rule_count, destination_count, expectation_count;
	const struct rules_marker *markers;
	const struct rules_rule *rules;
	const struct rules_destination *destinations;
	const struct rules_expectation *expectations;
	const unsigned *marker_order; /* places in markers: each behind those that it names */
	bool observes;                /* some rule observes, or all */
	size_t scale_count;
	const struct rules_scale *scales;
	struct slice source; /* every byte read, included files and lists of addresses too */
	char digest[65];     /* SHA-256 of source in hex: rules_set_digest(); "" before */
};

/* Reads and checks a rules file with its includes. Regular expressions are not
 * compiled here: inspect does.
 *   RC_ABSENT   no such file     RC_INVALID  *why is "FILE:LINE: what was expected"
 *   RC_LIMIT    too large        RC_RETRY, RC_NOMEM  could not be read
 * *out belongs to the caller: rules_unref(). */
enum rc rules_read(const char *path, const struct rules **out, struct fault *why);

/* The same from memory, where no file may be named but those of detectors, which are
 * not opened here. name is used in *why; what those name is relative to
 * /etc/postern. */
enum rc rules_parse(struct slice text, const char *name, const struct rules **out,
		    struct fault *why);

/* The rules that are compiled in: what conf/rules.conf says. */
enum rc rules_embedded(const struct rules **out, struct fault *why);
struct slice rules_embedded_text(void);

/* The rules for these settings: the file that they name; the embedded ones when
 * they name none and SETTINGS_RULES_FILE is not there. */
enum rc rules_for(const struct settings *settings, const struct rules **out, struct fault *why);

/* Once, by the program that has read them, before others see them. */
void rules_set_digest(const struct rules *rules, const char digest[65]);

const struct rules *rules_ref(const struct rules *rules);
void rules_unref(const struct rules *rules); /* NULL is fine */

const char *rules_rung_name(enum rules_rung rung);       /* "divert" */
const char *rules_factor_name(enum rules_factor factor); /* "phrase" */
const char *rules_where_name(enum rules_where where);    /* "subject"; "" for several */
/* Whether it reaches the recipient by another way than the notice: a phrase is told, and a code
 * goes to a number; a link is all that there is. */
bool rules_factor_is_independent(enum rules_factor factor);
const char *rules_require_name(enum rules_require require); /* "authenticated"; "" for none */
const char *rules_mode_name(enum rules_mode mode);          /* "observe" */

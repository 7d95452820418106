/* settings/settings.h: what the operator set, checked and typed.
 *
 *     outbound = { domains = [ "our.example" ]; };
 *     portal   = { url = "https://secure.our.example"; };
 *
 * Every option stands once in the table of settings/option.c with its type,
 * unit, default, range and help; parsing, conf/postern.conf and the manual page
 * come from there. A snapshot is read whole or not at all: SIGHUP makes a new
 * one, and messages that began under the old one end under it.
 *
 * Memory   one immutable, counted snapshot; every pointer lives as long as it
 * Threads  any, once read */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

#define SETTINGS_FILE "/etc/postern/postern.conf"
#define SETTINGS_RULES_FILE "/etc/postern/rules.conf"

enum {
	SETTINGS_TEXT_MAX = 1 << 20, /* bytes, includes counted in: far above any real file */
	/* Of limits.recipients: five times what Postfix takes unless told otherwise. What is kept
	 * and audited of a message grows with it. */
	SETTINGS_RECIPIENTS_MAX = 5000,
};

struct settings_list { /* of texts */
	size_t count;
	const char *const *at;
};

struct settings_socket {
	const char *listen; /* "unix:/path", "HOST:PORT" or "[V6]:PORT" */
	const char *mode;   /* "0660", for a unix socket */
	const char *group;  /* "" for the process's own */
};

struct settings_milter {
	const char *listen, *mode, *group;
	const char *route_token; /* "": the one in keys/route.token; settings_token_read() */
};

struct settings_resolver {
	const char *bogus_name;       /* "": none */
	struct settings_list servers; /* addresses */
	unsigned port;
	struct settings_list trust_ad; /* networks: settings/network.h */
	unsigned timeout_ms;           /* of a lookup, all tries together */
	unsigned tries;
};

struct settings_sts {
	unsigned port;
	const char *ca_file; /* "": the system's CAs */
	unsigned timeout_ms;
};

struct settings_probe {
	bool enabled;
	unsigned port;
	const char *ca_file; /* "": the system's CAs */
	unsigned timeout_ms;
	const char *helo; /* "": this host's name */
};

struct settings_outbound {
	struct settings_list domains;          /* ours, lower case; the milter needs at least one */
	struct settings_list networks;         /* whose mail is outgoing: settings/network.h */
	bool authenticated;                    /* mail submitted with SMTP AUTH is outgoing */
	struct settings_list internal_domains; /* lower case */
	const char *relay;                     /* "[h.example]:587"; "": none */
};

/* Where mail to domain leaves to: the relay, where there is one. */
const char *settings_way(const struct settings_outbound *outbound, const char *domain);

struct settings_audit {
	const char *file;
	bool syslog;
};

struct settings_portal {
	const char *url; /* "https://HOST[:PORT][/PATH]", no final slash; the milter needs it */
	const char *listen;
	const char *organisation;
	const char *user;                      /* whom the web worker becomes */
	struct settings_list trusted_proxies;  /* networks: settings/network.h */
	const char *certificate, *private_key; /* files; both or neither */
	const char *help;                      /* shown to recipients; may be "" */
	const char *texts;        /* folder of the operator's words for mails; "": the built-in */
	const char *code_command; /* "": the factor CODE is not to be had */
};

struct settings_escrow {
	struct settings_list
		officers; /* files, each a group's certificates; none, or two and more */
};

struct settings_scan {
	const char *clamd; /* "unix:/path", "V4:PORT" or "[V6]:PORT"; "": nobody looks */
	unsigned timeout_ms;
	bool required; /* what could not be looked at waits, or is refused when it never can be */
};

struct settings_metrics {
	const char *listen; /* "": nowhere */
	const char *mode, *group;
};

struct settings_outbox {
	const char *smtp; /* "HOST:PORT" or "[V6]:PORT" */
};

/* Bounds. The reason for each stands in its help text in settings/option.c. */
struct settings_limits {
	unsigned message_memory_bytes; /* raw bytes of a message in memory before they spill */
	unsigned message_bytes;        /* of a message that is inspected or deposited */
	unsigned mime_depth;           /* parts within parts */
	unsigned mime_parts;           /* in one message */
	unsigned header_bytes;         /* all header fields of one part */
	unsigned decoded_bytes;        /* text decoded from one message */
	unsigned findings;             /* kept for one message */
	unsigned archive_depth;        /* containers in an attachment, in each other */
	unsigned archive_members;      /* of all attachments of one message */
	unsigned expansion_ratio;      /* bytes unpacked for each that came */
	unsigned inspect_ms;           /* for reading all attachments of one message */
	unsigned inspect_cpu_ms;       /* likewise, CPU time */
	unsigned readers;              /* processes that read documents */
	unsigned reader_memory_bytes;  /* of each */
	unsigned sessions;             /* messages at once */
	unsigned recipients;           /* of one message */
	unsigned lookup_ms;            /* wait at end of message, for all lookups together */
	unsigned cache_domains;        /* destinations remembered */
	unsigned socketmap_connections;
	unsigned socketmap_idle_s;
	unsigned socketmap_request_bytes;
	unsigned compiled_files;      /* sets of rules kept as the matcher compiled them */
	unsigned diverts_per_hour;    /* deposits, per sender */
	unsigned outbox_report_hours; /* not taken so long: the sender is told, once */
	unsigned outbox_age_days;     /* not taken so long: given up, and listed so long again */
	unsigned deposit_life_days;   /* the longest, whatever a rule says */
	unsigned deposit_keep_days;   /* of the rows of one that has ended */
	unsigned upgrade_minutes;     /* between looks at destinations of deposits; 0: never */
	unsigned epoch_days;          /* of one epoch's key: a retention period */
	unsigned retry_window_days;   /* a client's retry finds its earlier deposit */
	unsigned portal_connections;
	unsigned portal_request_bytes; /* a request's line and header */
	unsigned reply_bytes;          /* text and files of one reply */
	unsigned replies_per_hour;     /* of one recipient to one message */
};

struct settings {
	const char *file; /* as read; "" for the defaults */
	const char *state;
	const char *rules; /* SETTINGS_RULES_FILE unless set */
	bool rules_set;    /* the operator named it, so it must be there */
	const char *store; /* "sqlite" */
	const char *keys;
	struct settings_milter milter;
	struct settings_socket tls_policy;
	struct settings_resolver resolver;
	struct settings_sts sts;
	struct settings_probe probe;
	struct settings_outbound outbound;
	struct settings_audit audit;
	struct settings_portal portal;
	struct settings_escrow escrow;
	struct settings_scan scan;
	struct settings_outbox outbox;
	struct settings_metrics metrics;
	struct settings_limits limits;
};

/* Reads and checks a file with its includes.
 *   RC_ABSENT   no such file
 *   RC_INVALID  *why is "FILE:LINE: what was expected"
 *   RC_LIMIT    more than SETTINGS_TEXT_MAX bytes
 *   RC_RETRY, RC_NOMEM  could not be read
 * *out belongs to the caller: settings_unref(). */
enum rc settings_read(const char *path, const struct settings **out, struct fault *why);

/* The same from memory, where no include is taken. name is used in *why. */
enum rc settings_parse(struct slice text, const char *name, const struct settings **out,
		       struct fault *why);

/* Every option at its default. */
enum rc settings_defaults(const struct settings **out, struct fault *why);

/* What the milter needs beyond a file that reads: outbound.domains and
 * portal.url. RC_INVALID: *why names the one that is missing. */
enum rc settings_check_milter(const struct settings *settings, struct fault *why);

/* What the portal needs: portal.url; and portal.certificate and portal.key both or
 * neither. RC_INVALID: *why names what is missing. */
enum rc settings_check_portal(const struct settings *settings, struct fault *why);

/* The line that set an option, "FILE:LINE", or "" when it has its default. */
const char *settings_place(const struct settings *settings, const char *option);

const struct settings *settings_ref(const struct settings *settings);
void settings_unref(const struct settings *settings); /* NULL is fine */

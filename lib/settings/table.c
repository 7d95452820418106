#include "settings/option.h"
#include "settings/pattern.h"
#include "settings/value.h"

enum { KIB = 1024, MIB = 1024 * KIB };

#define TEXT(name, field, fallback, ...)                                                           \
	{                                                                                          \
		.path = name, .type = OPTION_TEXT, .offset = offsetof(struct settings, field),     \
		.text = fallback, __VA_ARGS__                                                      \
	}
#define TEXTS(name, field, fallback, ...)                                                          \
	{                                                                                          \
		.path = name, .type = OPTION_TEXTS, .offset = offsetof(struct settings, field),    \
		.text = fallback, __VA_ARGS__                                                      \
	}
#define FLAG(name, field, fallback, ...)                                                           \
	{                                                                                          \
		.path = name, .type = OPTION_FLAG, .offset = offsetof(struct settings, field),     \
		.number = fallback, __VA_ARGS__                                                    \
	}
#define NUMBER(name, field, fallback, least, most, of, ...)                                        \
	{                                                                                          \
		.path = name, .type = OPTION_NUMBER, .offset = offsetof(struct settings, field),   \
		.number = fallback, .min = least, .max = most, .unit = of, __VA_ARGS__             \
	}
#define LIMIT(name, ...) NUMBER("limits." #name, limits.name, __VA_ARGS__)

/* In the order of the file. */
/* clang-format off */
const struct option options[] = {
	TEXT("state", state, "/var/lib/postern", .check = value_path,
	     .help = "The folder for the database, sealed messages and caches."),
	TEXT("rules", rules, SETTINGS_RULES_FILE, .check = value_path,
	     .help = "The rules file. While this option is not set and the file is not there, the "
		     "rules that are built in hold, which are those of the rules.conf that comes "
		     "with Postern."),
	TEXT("store", store, "sqlite", .check = value_store,
	     .help = "What keeps the records: sqlite, a file under state."),
	TEXT("keys", keys, "/etc/postern/keys", .check = value_path,
	     .help = "The folder for this site's keys and tokens, mode 0700. It must not lie under "
		     "state: a backup of the one must not open the other."),

	TEXT("milter.listen", milter.listen, "unix:/var/spool/postfix/postern/milter.sock",
	     .check = value_listen,
	     .help = "Where the MTA finds the milter: unix:/PATH or HOST:PORT. A unix socket is "
		     "faster, and Debian's Postfix sees only what lies under /var/spool/postfix."),
	TEXT("milter.mode", milter.mode, "0660", .check = value_mode,
	     .help = "The permissions of a unix socket, in octal."),
	TEXT("milter.group", milter.group, "postfix", .check = value_group, .may_be_empty = true,
	     .help = "The group that owns a unix socket. Empty: the group that Postern runs as."),
	TEXT("milter.route_token", milter.route_token, "", .check = value_token,
	     .specimen = "0123456789abcdef0123456789abcdef",
	     .help = "The secret word in the Postern-Route header, by which the MTA knows that the "
		     "header is ours: 16 to 64 letters and digits. Empty: one is made once and "
		     "kept in route.token in the folder of keys."),

	TEXT("tls_policy.listen", tls_policy.listen,
	     "unix:/var/spool/postfix/postern/tls-policy.sock", .check = value_listen,
	     .help = "Where the MTA asks for the TLS policy of a destination (socketmap): "
		     "unix:/PATH or HOST:PORT."),
	TEXT("tls_policy.mode", tls_policy.mode, "0660", .check = value_mode,
	     .help = "The permissions of a unix socket, in octal."),
	TEXT("tls_policy.group", tls_policy.group, "postfix", .check = value_group, .may_be_empty = true,
	     .help = "The group that owns a unix socket. Empty: the group that Postern runs as."),

	TEXTS("resolver.servers", resolver.servers, "127.0.0.1", .check = value_address,
	      .max = 8,
	      .help = "The addresses of the DNS resolvers, at most eight, in the order in which "
		      "they are asked. They must validate DNSSEC."),
	NUMBER("resolver.port", resolver.port, 53, 1, 65535, "",
	       .help = "The port on which they answer."),
	TEXTS("resolver.trust_ad", resolver.trust_ad, "127.0.0.0/8 ::1/128", .check = value_network,
	      .help = "The networks whose resolvers are believed when they say that an answer is "
		      "authentic (the AD bit). Name only paths that nobody else can write to."),
	TEXT("resolver.bogus_name", resolver.bogus_name, "", .check = value_domain,
	     .may_be_empty = true, .specimen = "dnssec-failed.org",
	     .help = "A name whose signatures are broken on purpose. The self-test of the "
		     "resolvers asks for it: one that answers passes forged data on, and nothing "
		     "then counts as signed. Empty: nothing is asked."),
	NUMBER("resolver.timeout_ms", resolver.timeout_ms, 5000, 100, 60000, "ms",
	       .help = "How long a lookup may take, all tries together. A validating resolver needs "
		       "seconds for a name that it sees for the first time."),
	NUMBER("resolver.tries", resolver.tries, 3, 1, 8, "",
	       .help = "How often a question is asked before it counts as unanswered. One lost "
		       "packet must not defer a message."),

	NUMBER("sts.port", sts.port, 443, 1, 65535, "",
	       .help = "The port of the hosts that publish MTA-STS policies. It is 443 everywhere "
		       "but in a test."),
	TEXT("sts.ca_file", sts.ca_file, "", .check = value_path,
	     .specimen = "/etc/ssl/certs/ca-certificates.crt",
	     .help = "The authorities that are believed for those hosts, as PEM. Empty: those of "
		     "the system."),
	NUMBER("sts.timeout_ms", sts.timeout_ms, 60000, 1000, 300000, "ms",
	       .help = "How long fetching a policy may take. RFC 8461 section 3.3 suggests a "
		       "minute."),

	FLAG("probe.enabled", probe.enabled, true,
	     .help = "Whether Postern may connect to MX hosts to see what they offer, as REQUIRETLS can "
		     "be known in no other way. The milter speaks to the hosts of destinations that "
		     "protected mail goes to, a few times a day; whoever breaks a promise then counts "
		     "as what it is, before more mail waits for it."),
	NUMBER("probe.port", probe.port, 25, 1, 65535, "",
	       .help = "The port of MX hosts. It is 25 everywhere but in a test."),
	TEXT("probe.ca_file", probe.ca_file, "", .check = value_path,
	     .specimen = "/etc/ssl/certs/ca-certificates.crt",
	     .help = "The authorities that are believed for MX hosts under MTA-STS, as PEM. Empty: "
		     "those of the system. The MTA must believe the same."),
	NUMBER("probe.timeout_ms", probe.timeout_ms, 30000, 1000, 300000, "ms",
	       .help = "How long one probe may take. Some hosts greet late on purpose."),
	TEXT("probe.helo", probe.helo, "", .check = value_domain, .specimen = "mail.our.example",
	     .help = "The name that a probe gives in EHLO. Empty: the name of this host."),

	TEXTS("outbound.domains", outbound.domains, "", .check = value_domain, .lower = true,
	      .specimen = "our.example",
	      .help = "Our domains. The milter does not start without one: only senders in these "
		      "domains are sent reports that carry the phrase of a deposit."),
	TEXTS("outbound.networks", outbound.networks, "127.0.0.0/8 ::1/128", .check = value_network,
	      .help = "The networks whose mail is outgoing without authentication."),
	FLAG("outbound.authenticated", outbound.authenticated, true,
	     .help = "Whether mail submitted with SMTP authentication is outgoing."),
	TEXTS("outbound.internal_domains", outbound.internal_domains, "", .check = value_domain,
	      .lower = true, .specimen = "our.example",
	      .help = "The domains whose mail never leaves this site. Naming one is your word that "
		      "no alias, forward or copy sends its mail outward, for recipients there are "
		      "not protected."),
	TEXT("outbound.relay", outbound.relay, "", .check = pattern_check_relay,
	     .may_be_empty = true, .specimen = "[relay.example]:587",
	     .help = "The relay that takes all our mail, as the mail server has it in relayhost. "
		     "Protected mail then goes by it too, and what the rules say of it in "
		     "destinations, where it must stand, counts for every recipient: your word "
		     "that it protects the way onward as well. Empty: mail goes to the "
		     "recipients' own hosts."),

	TEXT("audit.file", audit.file, "/var/log/postern/audit.jsonl", .check = value_path,
	     .help = "The file that gets one chained line for each decision."),
	FLAG("audit.syslog", audit.syslog, true,
	     .help = "Whether each decision also goes to syslog, beginning with the queue id."),

	TEXT("portal.url", portal.url, "", .check = value_url,
	     .specimen = "https://secure.our.example",
	     .help = "The address of the portal as recipients see it: https, a host, and no more "
		     "than a plain path. The milter does not start without it."),
	TEXT("portal.listen", portal.listen, "127.0.0.1:8025", .check = value_listen,
	     .help = "Where the portal waits for the web server that stands before it: unix:/PATH "
		     "or HOST:PORT."),
	TEXT("portal.organisation", portal.organisation, "", .check = value_line,
	     .specimen = "Our Example",
	     .help = "The name of your organisation, shown on pages and in notices."),
	TEXT("portal.user", portal.user, "postern-portal", .check = value_user,
	     .help = "The user that the portal's web worker becomes when the portal is started by "
		     "root. The keeper, which holds keys and store, becomes the owner of state."),
	TEXTS("portal.trusted_proxies", portal.trusted_proxies, "127.0.0.0/8 ::1/128",
	      .check = value_network,
	      .help = "The networks of the web servers that stand before the portal, whose "
		      "X-Forwarded-For header is believed: its last entry is the recipient's "
		      "address. Who comes by a unix socket is always believed."),
	TEXT("portal.certificate", portal.certificate, "", .check = value_path,
	     .specimen = "/etc/postern/portal.pem",
	     .help = "The certificate with its chain, as PEM, when the portal is to speak TLS "
		     "itself. Empty: a web server before it does."),
	TEXT("portal.key", portal.private_key, "", .check = value_path,
	     .specimen = "/etc/postern/portal.key",
	     .help = "The private key of portal.certificate, as PEM."),
	TEXT("portal.texts", portal.texts, "", .check = value_path,
	     .specimen = "/etc/postern/mails",
	     .help = "A folder with your own words for the mails about deposits: notice.txt, "
		     "report.txt, receipt.txt, alert.txt, warning.txt, revoked.txt, expired.txt and "
		     "sent-on.txt, each as the sample of that name. Those that are not there keep "
		     "the built-in words."),
	TEXT("portal.help", portal.help, "", .check = value_line,
	     .specimen = "IT service desk, +49 30 1234-0",
	     .help = "Whom recipients can turn to, shown at the foot of the portal's pages."),
	TEXT("portal.code_command", portal.code_command, "", .check = value_path,
	     .specimen = "/etc/postern/send-code",
	     .help = "The program that sends a code of eight digits to a number of the directory, "
		     "by SMS, pager or letter; postern-portal(8) says what it is given. Empty: the "
		     "factor \"code\" is not to be had."),

	TEXTS("escrow.officers", escrow.officers, "", .check = value_path,
	      .specimen = "/etc/postern/escrow/legal.pem",
	      .help = "Certificate files (PEM), one for each group of officers whose keys together "
		      "open any deposit of the portal: two at least, or none. Each group gets one "
		      "share, and whichever certificate of its file opens that; no group opens "
		      "anything alone. A deposit that cannot be given its shares is not made."),

	TEXT("scan.clamd", scan.clamd, "", .check = value_scanner,
	     .specimen = "unix:/run/clamav/clamd.ctl",
	     .help = "ClamAV's daemon, which looks at each message before it is sealed for the "
		     "portal: unix:/PATH, or an IP address and a port. What it finds is refused "
		     "(550 5.7.0); what it did not find, when, and by which signatures stands in "
		     "the proof of the pickup. A recipient's reply is not looked at here: it comes "
		     "by outbox.smtp, past the scanner that the MTA has for all mail. Empty: nobody "
		     "looks."),
	NUMBER("scan.timeout_ms", scan.timeout_ms, 60000, 1000, 240000, "ms",
	       .help = "How long that may take. The MTA waits 300 s for a milter's answer, "
		       "limits.lookup_ms included."),
	FLAG("scan.required", scan.required, true,
	     .help = "Whether a message that could not be looked at is kept from the portal: it is "
		     "deferred while the scanner does not answer, and refused when it is longer "
		     "than the scanner takes (clamd's StreamMaxLength). When false, it is sealed "
		     "all the same, and its proof tells of no scan."),

	TEXT("outbox.smtp", outbox.smtp, "127.0.0.1:25", .check = value_server,
	     .help = "The MTA that takes notices, reports and copies from Postern: its IP address and port. It "
		     "must accept them without authentication and pass them by the milter."),

	TEXT("metrics.listen", metrics.listen, "", .check = value_listen, .may_be_empty = true,
	     .specimen = "127.0.0.1:9925",
	     .help = "Where the milter tells its metrics by HTTP, as Prometheus reads them (GET "
		     "/metrics): unix:/PATH or HOST:PORT, for this machine only. Empty: nowhere."),
	TEXT("metrics.mode", metrics.mode, "0660", .check = value_mode,
	     .help = "The permissions of a unix socket, in octal."),
	TEXT("metrics.group", metrics.group, "", .check = value_group, .may_be_empty = true,
	     .specimen = "prometheus",
	     .help = "The group that owns a unix socket. Empty: the group that Postern runs as."),

	LIMIT(message_memory_bytes, 1 * MIB, 16 * KIB, 64 * MIB, "bytes",
	      .help = "How much of a message is kept in memory before the rest goes to an unlinked "
		      "temporary file. Nine messages in ten are smaller; times limits.sessions, it "
		      "bounds memory."),
	LIMIT(message_bytes, 100 * MIB, 64 * KIB, 1024 * MIB, "bytes",
	      .help = "The largest outgoing message. A larger one cannot be checked and is refused "
		      "(550 5.7.0): let this be no less than the MTA's message_size_limit."),
	LIMIT(mime_depth, 16, 4, 100, "",
	      .help = "How deep parts may be nested. Real mail nests three to six deep; each level costs "
		      "memory, and deeper ones are made to exhaust a reader."),
	LIMIT(mime_parts, 1000, 10, 100000, "",
	      .help = "How many parts one message may have. Mailing-list digests reach hundreds."),
	LIMIT(header_bytes, 256 * KIB, 16 * KIB, 4 * MIB, "bytes",
	      .help = "How long the header of a message or part may be. Postfix cuts at 100 KiB "
		      "(header_size_limit), long traces of relays included."),
	LIMIT(decoded_bytes, 256 * MIB, 1 * MIB, 2047 * MIB, "bytes",
	      .help = "How much text is decoded from one message. Encodings and archives expand; "
		      "what lies beyond counts as unread."),
	LIMIT(findings, 64, 1, 100000, "",
	      .help = "How many findings are kept for one message. One decides; more only help to "
		      "explain."),
	LIMIT(archive_depth, 8, 1, 64, "",
	      .help = "How deep archives, messages and documents in an attachment may lie within each "
		      "other. People nest two or three; archives that hold themselves have no end."),
	LIMIT(archive_members, 10000, 10, 1000000, "",
	      .help = "How many files the archives of one message may hold. A folder of photographs "
		      "has thousands; each costs its name and its opening."),
	LIMIT(expansion_ratio, 200, 2, 100000, "",
	      .help = "To how many times its size an attachment may be unpacked, beyond the first 16 "
		      "MiB. Text packs up to 30 times, spreadsheets 100; a bomb thousands."),
	LIMIT(inspect_ms, 20000, 100, 240000, "ms",
	      .help = "How long reading all attachments of one message may take. It adds to the end of "
		      "the message, which the MTA waits for (milter_content_timeout, 300 s)."),
	LIMIT(inspect_cpu_ms, 10000, 100, 240000, "ms",
	      .help = "How much CPU time reading all attachments of one message may take: what hostile "
		      "documents can cost at most. A book of 1000 pages takes a second."),
	LIMIT(readers, 4, 1, 64, "",
	      .help = "How many processes read documents. Each serves one at a time, and messages "
		      "wait for a free one within limits.inspect_ms: one or two for each processor."),
	LIMIT(reader_memory_bytes, 512 * MIB, 64 * MIB, 2047 * MIB, "bytes",
	      .help = "How much memory each of them may map: an attachment, what is unpacked of it, "
		      "and 50 MiB for itself. What does not fit counts as unread."),
	LIMIT(sessions, 200, 1, 10000, "",
	      .help = "How many messages are handled at once; more get 451. Each may hold a thread "
		      "of the milter while it waits at its end. Postfix runs 100 smtpd processes "
		      "unless told otherwise."),
	LIMIT(recipients, 1000, 1, SETTINGS_RECIPIENTS_MAX, "",
	      .help = "How many recipients one message may have. One with more cannot be checked and is "
		      "refused (550 5.7.0). Postfix allows 1000 (smtpd_recipient_limit)."),
	LIMIT(lookup_ms, 25000, 100, 240000, "ms",
	      .help = "How long the end of a message waits for what is known of its destinations. "
		      "What is not known then is undetermined. It lies below the MTA's "
		      "milter_content_timeout (300 s) and below the patience of a person."),
	LIMIT(cache_domains, 100000, 100, 10000000, "",
	      .help = "How many destinations are remembered. One takes some 200 bytes; the one unused "
		      "for longest goes first."),
	LIMIT(socketmap_connections, 500, 1, 10000, "",
	      .help = "How many connections the socketmap server holds. Each smtp(8) process keeps "
		      "one, and Postfix runs 100 of them for each transport."),
	LIMIT(socketmap_idle_s, 200, 1, 86400, "s",
	      .help = "After how long without a word a connection to the socketmap server is "
		      "closed. Postfix closes its own after 100 s at most."),
	LIMIT(socketmap_request_bytes, 10000, 512, 100000, "bytes",
	      .help = "How long a socketmap request may be. Postfix sends no more than 10000 "
		      "bytes."),
	LIMIT(compiled_files, 8, 0, 1000, "files",
	      .help = "How many sets of rules, as the matcher has compiled them, are kept under "
		      "STATE/compiled, so that the next start or reload with the same expressions "
		      "takes no time. One takes a few hundred KiB to some MiB; 0: none is kept."),
	LIMIT(diverts_per_hour, 100, 1, 100000, "",
	      .help = "How many deposits one sender may cause in an hour. A stolen account must "
		      "not flood strangers with notices."),
	LIMIT(outbox_report_hours, 4, 1, 240, "hours",
	      .help = "After how long the sender is told, once, that the MTA has not taken a notice "
		      "or copy, which is tried on; the audit tells it of all that waits in the "
		      "outbox. The MTA is beside Postern: hours mean that somebody must look."),
	LIMIT(outbox_age_days, 5, 1, 30, "days",
	      .help = "After how long the outbox gives up what the MTA has not taken, destroys it "
		      "and tells the sender. What was refused or given up stays listed as long, "
		      "without its content. Five days are what mail servers try for, and outlast "
		      "a long weekend."),
	LIMIT(deposit_life_days, 90, 1, 3650, "days",
	      .help = "The longest that a deposit can be picked up, whatever a rule says. Rules say "
		      "14 days unless they name life_days: two weeks outlast a holiday, and what "
		      "is gone cannot leak."),
	LIMIT(deposit_keep_days, 30, 1, 3650, "days",
	      .help = "How long the list still shows a deposit that has ended, and whoever holds its "
		      "link is told what became of it. Its keys and its content are destroyed at "
		      "once; what stays are the parties and the times."),
	LIMIT(upgrade_minutes, 15, 0, 10080, "minutes",
	      .help = "How often destinations of waiting deposits are looked at again, where a rule "
		      "has upgrade; 0 for never. A domain that publishes DANE or MTA-STS does so "
		      "within hours at best, and each look asks its DNS."),
	LIMIT(epoch_days, 30, 1, 3650, "days",
	      .help = "How long one epoch key serves. It is destroyed when no open deposit needs it "
		      "any more, and with it all that backups of the store still hold: a shorter "
		      "period makes them useless sooner."),
	LIMIT(retry_window_days, 5, 1, 30, "days",
	      .help = "How long a client's retry of one message finds the deposit it has made. "
		      "Clients retry for up to five days (RFC 5321 section 4.5.4.1)."),
	LIMIT(portal_connections, 500, 8, 20000, "",
	      .help = "How many connections the portal holds. A browser behind a proxy takes up to "
		      "some twenty for a moment; each connection costs some 30 KiB."),
	LIMIT(portal_request_bytes, 16 * KIB, 2 * KIB, 256 * KIB, "bytes",
	      .help = "How long the header of a request to the portal may be. Browsers send one to "
		      "three KiB, as there are no cookies; proxies allow 8 to 32 KiB."),
	LIMIT(reply_bytes, 25 * MIB, 1 * KIB, 200 * MIB, "bytes",
	      .help = "How large a recipient's reply through the portal may be, with its files: "
		      "what mail servers commonly take in one message. As a mail it is a third "
		      "larger: Postfix's message_size_limit must have room for that (doctor looks). "
		      "Up to four are in memory at once."),
	LIMIT(replies_per_hour, 10, 1, 1000, "",
	      .help = "How many replies a recipient may send through the portal in an hour to one "
		      "message: a conversation, and no flood of mail from whoever has the link."),
};
/* clang-format on */

const size_t option_count = sizeof options / sizeof *options;

/* The vectors: a world, a destination, and what it guarantees. */
#include "assurance/gather.h"

#include "assurance/decide.h"
#include "support/script.h"
#include "support/unit.h"

/* A domain whose MX is signed, one whose MX is not, both with one host. */
#define SIGNED                                                                                     \
	"zone d.test secure\n"                                                                     \
	"d.test MX 10 mx.d.test\n"                                                                 \
	"mx.d.test A 192.0.2.1\n"
#define UNSIGNED                                                                                   \
	"d.test MX 10 mx.d.test\n"                                                                 \
	"mx.d.test A 192.0.2.1\n"
#define TLSA(host) "_25._tcp." host " TLSA 3 1 1 sha256\n"
#define TXT "_mta-sts.d.test TXT v=STSv1; id=7\nmta-sts.d.test A 192.0.2.80\n"
#define POLICY(mode, mx)                                                                           \
	TXT "https mta-sts.d.test version: STSv1\\nmode: " mode "\\nmx: " mx                       \
	    "\\nmax_age: 604800\\n\n"

#define UNDETERMINED ASSURANCE_UNDETERMINED
#define UNROUTABLE ASSURANCE_UNROUTABLE
#define NONE ASSURANCE_NONE
#define ENCRYPTED ASSURANCE_ENCRYPTED
#define AUTHENTICATED ASSURANCE_AUTHENTICATED
#define NOTHING ASSURANCE_BY_NOTHING
#define DANE ASSURANCE_BY_DANE
#define STS ASSURANCE_BY_STS
#define NULL_MX ASSURANCE_BY_NULL_MX

/* RFC 7672 §2, RFC 8461 §3, RFC 7505 §3 and what follows from them. */
static const struct vector {
	const char *clause, *sentence, *destination, *world;
	enum assurance_level level;
	enum assurance_by by;
	const char *reason;  /* part of the first reason; NULL: not looked at */
	const char *unasked; /* a question that must not be asked */
} vectors[] = {
	/* ---- DANE ---- */
	{ "RFC 7672 2.2", "signed MX, signed address, usable TLSA", "d.test",
	  SIGNED TLSA("mx.d.test"), AUTHENTICATED, DANE, "1 usable TLSA record", NULL },
	{ "RFC 7672 2.2.1", "an unsigned MX leads to a signed host with TLSA: proves nothing",
	  "d.test",
	  "d.test MX 10 mx.host.test\nzone host.test secure\nmx.host.test A 192.0.2.1\n" TLSA(
		  "mx.host.test"),
	  NONE, NOTHING, "not signed", "_25._tcp.mx.host.test TLSA" },
	{ "RFC 7672 2.2.2", "signed MX, unsigned host: TLSA is not asked for", "d.test",
	  "zone d.test secure\nd.test MX 10 mx.u.test\nmx.u.test A 192.0.2.1\n" TLSA("mx.u.test"),
	  NONE, NOTHING, "mx.u.test is not signed", "_25._tcp.mx.u.test TLSA" },
	{ "RFC 7672 2.2", "signed denial of TLSA", "d.test", SIGNED, NONE, NOTHING,
	  "has no TLSA records", NULL },
	{ "RFC 7672 2.2", "TLSA NODATA", "d.test", SIGNED "_25._tcp.mx.d.test TLSA nodata\n", NONE,
	  NOTHING, "has no TLSA records", NULL },
	{ "RFC 7672 2.1.1", "an unsigned denial of TLSA is no error", "d.test",
	  SIGNED "_25._tcp.mx.d.test TLSA insecure nxdomain\n", NONE, NOTHING, NULL, NULL },
	{ "RFC 7672 2.2", "an unsigned TLSA RRset counts for nothing", "d.test",
	  SIGNED "_25._tcp.mx.d.test TLSA insecure 3 1 1 sha256\n", NONE, NOTHING,
	  "TLSA records that are not signed", NULL },
	{ "RFC 7672 2.1.2", "TLSA lookup fails: unusable now, never a downgrade", "d.test",
	  SIGNED "_25._tcp.mx.d.test TLSA failed SERVFAIL from 127.0.0.1\n", UNDETERMINED, NOTHING,
	  "SERVFAIL from 127.0.0.1", NULL },
	/* Seen in others: the failure of one MX host failing the domain (RFC 7672 §2.1.2). */
	{ "RFC 7672 2.1.2", "TLSA fails on one host, the other is good", "d.test",
	  SIGNED "d.test MX 10 mx.d.test, 20 mx2.d.test\nmx2.d.test A 192.0.2.2\n"
		 "_25._tcp.mx.d.test TLSA failed SERVFAIL\n" TLSA("mx2.d.test"),
	  AUTHENTICATED, DANE, "mx2.d.test has 1 usable", NULL },
	{ "RFC 7672 2.1.2", "the address of one host fails, the other is good", "d.test",
	  SIGNED
	  "d.test MX 10 bad.d.test, 20 mx.d.test\nbad.d.test * failed SERVFAIL\n" TLSA("mx.d.test"),
	  AUTHENTICATED, DANE, NULL, "_25._tcp.bad.d.test TLSA" },
	{ "RFC 7672 2.1.2",
	  "one host fails, the other has no TLSA: the first might be proved later", "d.test",
	  SIGNED "d.test MX 10 mx.d.test, 20 mx2.d.test\nmx2.d.test A 192.0.2.2\n"
		 "_25._tcp.mx.d.test TLSA failed SERVFAIL\n",
	  UNDETERMINED, NOTHING, "SERVFAIL", NULL },
	{ "RFC 7672 2.2.1", "the better preference has no TLSA, the worse has: good by the worse",
	  "d.test",
	  SIGNED
	  "d.test MX 10 mx.d.test, 20 mx2.d.test\nmx2.d.test A 192.0.2.2\n" TLSA("mx2.d.test"),
	  AUTHENTICATED, DANE, "mx2.d.test", NULL },
	{ "RFC 7672 2.2.2", "AAAA fails beside a secure A: usable (our reading)", "d.test",
	  SIGNED "mx.d.test AAAA failed SERVFAIL\n" TLSA("mx.d.test"), AUTHENTICATED, DANE, NULL,
	  NULL },
	{ "RFC 7672 2.2.2", "A fails and AAAA says there is none: not found out", "d.test",
	  SIGNED "mx.d.test A failed SERVFAIL\nmx.d.test AAAA nodata\n" TLSA("mx.d.test"),
	  UNDETERMINED, NOTHING, "address of mx.d.test failed", "_25._tcp.mx.d.test TLSA" },
	{ "RFC 7672 2.2.2", "AAAA alone is an address", "d.test",
	  "zone d.test secure\nd.test MX 10 mx.d.test\nmx.d.test AAAA 2001:db8::1\n" TLSA(
		  "mx.d.test"),
	  AUTHENTICATED, DANE, NULL, NULL },
	{ "RFC 7672 2.2.2", "no host has an address", "d.test",
	  "zone d.test secure\nd.test MX 10 mx.d.test\nmx.d.test TXT x\n", UNROUTABLE, NOTHING,
	  "no host for d.test has an address", "_25._tcp.mx.d.test TLSA" },
	{ "RFC 7672 2.2.2", "one host has no address, the other is good", "d.test",
	  SIGNED "d.test MX 10 gone.d.test, 20 mx.d.test\n" TLSA("mx.d.test"), AUTHENTICATED, DANE,
	  NULL, "_25._tcp.gone.d.test TLSA" },
	{ "RFC 7672 2.2.2", "one host has no address, the other fails", "d.test",
	  SIGNED "d.test MX 10 gone.d.test, 20 bad.d.test\nbad.d.test * failed timeout\n",
	  UNDETERMINED, NOTHING, "timeout", NULL },
	{ "RFC 7672 2.2.3", "secure alias: the expanded name is the base", "d.test",
	  "zone d.test secure\nd.test MX 10 alias.d.test\nalias.d.test CNAME host.d.test\n"
	  "host.d.test A 192.0.2.9\n" TLSA("host.d.test"),
	  AUTHENTICATED, DANE, "_25._tcp.host.d.test", "_25._tcp.alias.d.test TLSA" },
	{ "RFC 7672 2.2.3", "secure alias, no TLSA at the expanded name: the original is tried",
	  "d.test",
	  "zone d.test secure\nd.test MX 10 alias.d.test\nalias.d.test CNAME host.d.test\n"
	  "host.d.test A 192.0.2.9\n" TLSA("alias.d.test"),
	  AUTHENTICATED, DANE, "_25._tcp.alias.d.test", NULL },
	{ "RFC 7672 2.2.3", "the lookup at the expanded name fails: stop, do not try the original",
	  "d.test",
	  "zone d.test secure\nd.test MX 10 alias.d.test\nalias.d.test CNAME host.d.test\n"
	  "host.d.test A 192.0.2.9\n_25._tcp.host.d.test TLSA failed SERVFAIL\n" TLSA(
		  "alias.d.test"),
	  UNDETERMINED, NOTHING, "SERVFAIL", "_25._tcp.alias.d.test TLSA" },
	{ "RFC 7672 2.2.3", "TLSA at the expanded name is unsigned: the original is tried",
	  "d.test",
	  "zone d.test secure\nd.test MX 10 alias.d.test\nalias.d.test CNAME host.d.test\n"
	  "host.d.test A 192.0.2.9\n_25._tcp.host.d.test TLSA insecure 3 1 1 sha256\n" TLSA(
		  "alias.d.test"),
	  AUTHENTICATED, DANE, "_25._tcp.alias.d.test", NULL },
	{ "RFC 7672 2.2.2", "signed alias to an unsigned host: the original is the base", "d.test",
	  "zone d.test secure\nd.test MX 10 alias.d.test\nalias.d.test CNAME host.u.test\n"
	  "host.u.test A 192.0.2.9\n" TLSA("alias.d.test") TLSA("host.u.test"),
	  AUTHENTICATED, DANE, "_25._tcp.alias.d.test", "_25._tcp.host.u.test TLSA" },
	{ "RFC 7672 2.2.2", "unsigned alias to a signed host: no DANE", "d.test",
	  "zone d.test secure\nd.test MX 10 alias.u.test\nalias.u.test CNAME host.d.test\n"
	  "host.d.test A 192.0.2.9\n" TLSA("alias.u.test") TLSA("host.d.test"),
	  NONE, NOTHING, "alias that is not signed", "_25._tcp.host.d.test TLSA" },
	{ "RFC 7672 2.1.3", "aliases in a circle: the lookup has failed", "d.test",
	  "zone d.test secure\nd.test MX 10 a.d.test\na.d.test CNAME b.d.test\n"
	  "b.d.test CNAME a.d.test\n",
	  UNDETERMINED, NOTHING, "chain is too long", NULL },
	{ "RFC 7672 2.2.3", "an intermediate name of the chain is never a base", "d.test",
	  "zone d.test secure\nd.test MX 10 a.d.test\na.d.test CNAME b.d.test\n"
	  "b.d.test CNAME c.d.test\nc.d.test A 192.0.2.9\n" TLSA("b.d.test"),
	  NONE, NOTHING, NULL, "_25._tcp.b.d.test TLSA" },
	{ "RFC 7672 2.2.3", "a CNAME at the TLSA name does not move the base", "d.test",
	  SIGNED "_25._tcp.mx.d.test CNAME shared.d.test\nshared.d.test TLSA 2 0 1 sha256\n",
	  AUTHENTICATED, DANE, "_25._tcp.mx.d.test", NULL },
	{ "RFC 7672 2.2.3", "a CNAME at the TLSA name into an unsigned zone", "d.test",
	  SIGNED "_25._tcp.mx.d.test CNAME shared.u.test\nshared.u.test TLSA 2 0 1 sha256\n", NONE,
	  NOTHING, "not signed", NULL },
	{ "RFC 7672 2.2.1", "a signed alias of the domain itself", "www.d.test",
	  SIGNED "www.d.test CNAME d.test\n" TLSA("mx.d.test"), AUTHENTICATED, DANE, NULL, NULL },
	{ "RFC 7672 2.1.3", "an unsigned alias of the domain taints its MX", "w.u.test",
	  SIGNED "w.u.test CNAME d.test\n" TLSA("mx.d.test"), NONE, NOTHING, "not signed",
	  "_25._tcp.mx.d.test TLSA" },
	{ "RFC 7672 2.2.2", "no MX records: the domain is its own host", "d.test",
	  "zone d.test secure\nd.test A 192.0.2.1\n" TLSA("d.test"), AUTHENTICATED, DANE,
	  "d.test has 1 usable", NULL },
	{ "RFC 7672 2.2.2", "no MX records, and that is not signed", "d.test",
	  "d.test A 192.0.2.1\n" TLSA("d.test"), NONE, NOTHING, NULL, "_25._tcp.d.test TLSA" },
	{ "RFC 5321 5.1", "no MX, no address: nowhere to go", "d.test", "d.test TXT hello\n",
	  UNROUTABLE, NOTHING, NULL, NULL },
	{ "RFC 7672 2.2", "no usable TLSA: TLS is mandatory, nobody is proved", "d.test",
	  SIGNED "_25._tcp.mx.d.test TLSA 1 1 1 sha256\n", ENCRYPTED, NOTHING, "public CAs", NULL },
	{ "RFC 7672 2.2", "a digest of the wrong length is unusable", "d.test",
	  SIGNED "_25._tcp.mx.d.test TLSA 3 1 2 sha256\n", ENCRYPTED, NOTHING, "not 64 bytes",
	  NULL },
	{ "RFC 7671 4", "whole data that is no certificate is unusable", "d.test",
	  SIGNED "_25._tcp.mx.d.test TLSA 3 0 0 00ff00\n", ENCRYPTED, NOTHING, "no certificate",
	  NULL },
	{ "RFC 7672 2.2", "one usable among unusable ones is enough", "d.test",
	  SIGNED "_25._tcp.mx.d.test TLSA 0 0 1 sha256, 3 1 9 ffff, 2 1 2 sha512\n", AUTHENTICATED,
	  DANE, "1 usable", NULL },
	{ "RFC 7672 2.1.2", "MX SERVFAIL: all of the domain waits", "d.test",
	  "d.test MX failed SERVFAIL\n" POLICY("enforce", "mx.d.test"), UNDETERMINED, NOTHING,
	  "MX records of d.test failed", NULL },
	{ "RFC 7672 2.1.2", "MX never answers", "d.test", "d.test MX never\n", UNDETERMINED,
	  NOTHING, "no answer within 90 s", NULL },
	{ "RFC 7672 2.1.2", "TLSA never answers", "d.test",
	  SIGNED "_25._tcp.mx.d.test TLSA never\n", UNDETERMINED, NOTHING, "90 s", NULL },

	/* ---- no mail there ---- */
	{ "RFC 7505 3", "null MX", "d.test", "d.test MX 0 .\n", UNROUTABLE, NULL_MX, "null MX",
	  NULL },
	/* Seen in others: a null MX taken for a domain without policy (RFC 7505 §3). */
	{ "RFC 7505 3", "a null MX is not \"no policy\": MTA-STS does not matter", "d.test",
	  "d.test MX 0 .\n" POLICY("enforce", "mx.d.test"), UNROUTABLE, NULL_MX, NULL,
	  "https mta-sts.d.test" },
	{ "RFC 7505 3", "\".\" beside others is ignored", "d.test",
	  SIGNED "d.test MX 0 ., 10 mx.d.test\n" TLSA("mx.d.test"), AUTHENTICATED, DANE, NULL,
	  NULL },
	{ "RFC 5321 5.1", "no such domain", "gone.test", "", UNROUTABLE, NOTHING,
	  "there is no domain gone.test", NULL },

	/* ---- MTA-STS ---- */
	{ "RFC 8461 5", "unsigned, enforce, the policy names the host", "d.test",
	  UNSIGNED POLICY("enforce", "mx.d.test"), AUTHENTICATED, STS,
	  "MTA-STS policy 7 is in mode enforce and names mx.d.test", NULL },
	{ "RFC 8461 4.1", "a wildcard names one label", "d.test",
	  UNSIGNED POLICY("enforce", "*.d.test"), AUTHENTICATED, STS, NULL, NULL },
	{ "RFC 8461 4.1", "a wildcard does not name two labels", "d.test",
	  "d.test MX 10 a.b.d.test\na.b.d.test A 192.0.2.1\n" POLICY("enforce", "*.d.test"),
	  UNDETERMINED, NOTHING, "does not name a.b.d.test", NULL },
	{ "RFC 8461 5", "enforce, and no MX host is named: not now", "d.test",
	  UNSIGNED POLICY("enforce", "other.d.test"), UNDETERMINED, NOTHING, "must not be used",
	  NULL },
	{ "RFC 8461 5", "enforce, one of two hosts is named", "d.test",
	  UNSIGNED "d.test MX 10 evil.test, 20 mx.d.test\nevil.test A 192.0.2.66\n" POLICY(
		  "enforce", "mx.d.test"),
	  AUTHENTICATED, STS, "names mx.d.test", NULL },
	/* Seen in others: mode testing counted as proof (RFC 8461 §5). */
	{ "RFC 8461 5", "testing guarantees nothing", "d.test",
	  UNSIGNED POLICY("testing", "mx.d.test"), NONE, NOTHING, NULL, NULL },
	{ "RFC 8461 8.3", "mode none takes the promise back", "d.test",
	  UNSIGNED POLICY("none", "mx.d.test"), NONE, NOTHING, NULL, NULL },
	{ "RFC 8461 3.3", "announced, cannot be had, none remembered: nothing was promised",
	  "d.test", UNSIGNED TXT "https mta-sts.d.test fails the server answered 404\n", NONE,
	  NOTHING, NULL, NULL },
	{ "RFC 8461 3.3", "announced, and the policy host has no address", "d.test",
	  UNSIGNED "_mta-sts.d.test TXT v=STSv1; id=7\n", NONE, NOTHING, NULL,
	  "https mta-sts.d.test" },
	{ "RFC 8461 3.2", "the policy is none: a word too many", "d.test",
	  UNSIGNED TXT "https mta-sts.d.test version: STSv1\\nmode: ENFORCE\\nmx: mx.d.test\\n"
		       "max_age: 1\\n\n",
	  NONE, NOTHING, NULL, NULL },
	/* Seen in others: of keys given twice the last counts (RFC 8461 §3.2). */
	{ "RFC 8461 3.2", "of keys given twice the first counts", "d.test",
	  UNSIGNED TXT
	  "https mta-sts.d.test version: STSv1\\nmode: testing\\nmode: enforce\\nmx: mx.d.test\\n"
	  "max_age: 604800\\n\n",
	  NONE, NOTHING, NULL, NULL },
	/* Seen in others: v=STSv10 taken for a candidate (RFC 8461 §3.1). */
	{ "RFC 8461 3.1", "v=STSv10 is no candidate", "d.test",
	  UNSIGNED POLICY("enforce", "mx.d.test") "_mta-sts.d.test TXT v=STSv10; id=7\n", NONE,
	  NOTHING, NULL, "https mta-sts.d.test" },
	{ "RFC 8461 3.1", "two records: as if there were none", "d.test",
	  UNSIGNED POLICY("enforce",
			  "mx.d.test") "_mta-sts.d.test TXT v=STSv1; id=7 | v=STSv1; id=8\n",
	  NONE, NOTHING, NULL, "https mta-sts.d.test" },
	/* Seen in others: all TXT records taken for one text (RFC 8461 §3.1). */
	{ "RFC 8461 3.1", "records about other things do not disturb", "d.test",
	  UNSIGNED POLICY("enforce",
			  "mx.d.test") "_mta-sts.d.test TXT v=spf1 -all | v=STSv1; id=7\n",
	  AUTHENTICATED, STS, NULL, NULL },
	{ "RFC 8461 3.1", "the record may stand behind a CNAME", "d.test",
	  UNSIGNED POLICY("enforce", "mx.d.test") "_mta-sts.d.test CNAME _mta-sts.p.test\n"
						  "_mta-sts.p.test TXT v=STSv1; id=9;\n",
	  AUTHENTICATED, STS, NULL, NULL },
	{ "RFC 8461 3.4", "a parent's policy is not asked for", "sub.d.test",
	  "sub.d.test MX 10 mx.d.test\nmx.d.test A 192.0.2.1\n" POLICY("enforce", "mx.d.test"),
	  NONE, NOTHING, NULL, "_mta-sts.d.test TXT" },
	{ "our reading", "the TXT lookup fails and nothing is remembered: not found out", "d.test",
	  UNSIGNED "_mta-sts.d.test TXT failed SERVFAIL\n", UNDETERMINED, NOTHING,
	  "TXT at _mta-sts.d.test failed", NULL },
	{ "our reading", "the TXT lookup fails, DANE proves the host all the same", "d.test",
	  SIGNED TLSA("mx.d.test") "_mta-sts.d.test TXT failed SERVFAIL\n", AUTHENTICATED, DANE,
	  NULL, NULL },
	{ "RFC 8461 3.3", "the fetch never ends: not found out by the deadline", "d.test",
	  UNSIGNED TXT "https mta-sts.d.test never\n", UNDETERMINED, NOTHING,
	  "no answer within 90 s", NULL },
	{ "RFC 8461 5", "enforce, and no host has an address", "d.test",
	  "d.test MX 10 mx.d.test\nmx.d.test TXT x\n" POLICY("enforce", "mx.d.test"), UNROUTABLE,
	  NOTHING, NULL, NULL },
	{ "RFC 8461 5", "enforce, the named host's address fails", "d.test",
	  "d.test MX 10 mx.d.test\nmx.d.test * failed SERVFAIL\n" POLICY("enforce", "mx.d.test"),
	  UNDETERMINED, NOTHING, "SERVFAIL", NULL },
	{ "RFC 5321 5.1", "enforce names the domain that is its own host", "d.test",
	  "d.test A 192.0.2.1\n" POLICY("enforce", "d.test"), AUTHENTICATED, STS, NULL, NULL },

	/* ---- both ---- */
	/* Seen in others: MTA-STS dropped where the MX records are unsigned though TLSA exists (RFC 7672 §2.2.1). */
	{ "RFC 8461 2", "the MX is unsigned though TLSA exists: MTA-STS binds", "d.test",
	  UNSIGNED TLSA("mx.d.test") POLICY("enforce", "mx.d.test"), AUTHENTICATED, STS, NULL,
	  "_25._tcp.mx.d.test TLSA" },
	/* Seen in others: MTA-STS dropped where no TLSA record is usable (RFC 7672 §2.2). */
	{ "RFC 8461 2", "no TLSA is usable: MTA-STS binds", "d.test",
	  SIGNED "_25._tcp.mx.d.test TLSA 1 1 1 sha256\n" POLICY("enforce", "mx.d.test"),
	  AUTHENTICATED, STS, NULL, NULL },
	{ "RFC 8461 5", "no TLSA is usable, and the policy does not name the host", "d.test",
	  SIGNED "_25._tcp.mx.d.test TLSA 1 1 1 sha256\n" POLICY("enforce", "other.d.test"),
	  UNDETERMINED, NOTHING, "does not name", NULL },
	/* Seen in others: MTA-STS overriding DANE (RFC 8461 §2). */
	{ "RFC 8461 2", "the TLSA lookup fails: MTA-STS does not rescue", "d.test",
	  SIGNED "_25._tcp.mx.d.test TLSA failed SERVFAIL\n" POLICY("enforce", "mx.d.test"),
	  UNDETERMINED, NOTHING, "SERVFAIL", NULL },
	{ "RFC 8461 2", "DANE proves a host that the policy does not name", "d.test",
	  SIGNED TLSA("mx.d.test") POLICY("enforce", "other.d.test"), AUTHENTICATED, DANE, NULL,
	  NULL },
	/* Seen in others: TLSA looked up at the original name alone, so that MTA-STS overrides DANE (RFC 7672 §2.2.3). */
	{ "RFC 8461 2", "DANE at the expanded name goes before MTA-STS", "d.test",
	  "zone d.test secure\nd.test MX 10 a.d.test\na.d.test CNAME h.d.test\n"
	  "h.d.test A 192.0.2.9\n" TLSA("h.d.test") POLICY("enforce", "a.d.test"),
	  AUTHENTICATED, DANE, NULL, NULL },
	{ "RFC 8461 2", "DANE does not wait for a slow policy", "d.test",
	  SIGNED TLSA("mx.d.test") TXT "https mta-sts.d.test never\n", AUTHENTICATED, DANE, NULL,
	  NULL },
	{ "RFC 8461 2", "signed, no TLSA, enforce", "d.test", SIGNED POLICY("enforce", "mx.d.test"),
	  AUTHENTICATED, STS, NULL, NULL },
	{ "RFC 8461 2", "one host by DANE, the other by policy: DANE is the route", "d.test",
	  SIGNED "d.test MX 10 mx.d.test, 20 b.d.test\nb.d.test A 192.0.2.2\n" TLSA("b.d.test")
		  POLICY("enforce", "mx.d.test"),
	  AUTHENTICATED, DANE, "b.d.test has 1 usable", NULL },

	/* ---- next hops ---- */
	{ "RFC 7672 2.2.3", "a relay in brackets, its port in the TLSA name", "[relay.d.test]:587",
	  "zone d.test secure\nrelay.d.test A 192.0.2.1\n_587._tcp.relay.d.test TLSA 3 1 1 "
	  "sha256\n",
	  AUTHENTICATED, DANE, "_587._tcp.relay.d.test", "relay.d.test MX" },
	{ "RFC 8461 3.4", "a relay's policy is its own", "[relay.u.test]",
	  "relay.u.test A 192.0.2.1\n_mta-sts.relay.u.test TXT v=STSv1; id=1\n"
	  "mta-sts.relay.u.test A 192.0.2.2\n"
	  "https mta-sts.relay.u.test version: STSv1\\nmode: enforce\\nmx: relay.u.test\\n"
	  "max_age: 86400\\n\n",
	  AUTHENTICATED, STS, NULL, "relay.u.test MX" },
	{ "RFC 7672 2.2.3", "host:port goes through MX, with that port", "d.test:2525",
	  SIGNED "_2525._tcp.mx.d.test TLSA 3 1 1 sha256\n", AUTHENTICATED, DANE, NULL,
	  "_25._tcp.mx.d.test TLSA" },
	{ "RFC 5891", "U-labels and capitals are looked up as A-labels", "M\xc3\xbcLLER.Test.",
	  "zone xn--mller-kva.test secure\nxn--mller-kva.test MX 10 mx.xn--mller-kva.test\n"
	  "mx.xn--mller-kva.test A 192.0.2.1\n" TLSA("mx.xn--mller-kva.test"),
	  AUTHENTICATED, DANE, NULL, NULL },
};

struct outcome {
	bool done;
	const struct assurance *assurance;
	bool refresh;
	char id[STS_ID_MAX + 1];
};

static void on_gathered(void *arg, const struct assurance_gathered *gathered)
{
	struct outcome *outcome = arg;

	assert_false(outcome->done);
	outcome->done = true;
	outcome->assurance = assurance_ref(gathered->assurance);
	outcome->refresh = gathered->refresh;
	memcpy(outcome->id, gathered->id, sizeof outcome->id);
}

static struct outcome gather(struct script *script, struct sts_cache *policies, const char *text)
{
	const struct assurance_sources sources = script_sources(script);
	struct assurance_destination destination;
	struct outcome outcome = { 0 };
	struct fault why = { 0 };

	assert_int_equal(assurance_destination_parse((struct slice){ text, strlen(text) },
						     &destination, &why),
			 RC_OK);
	const struct assurance_gather_wish wish = {
		.destination = &destination,
		.policies = policies,
		.within_ms = 90000,
	};
	assert_non_null(assurance_gather_start(&sources, &wish, on_gathered, &outcome));
	assert_true(script_run(script, 100000, &outcome.done));
	assert_non_null(outcome.assurance);
	assert_int_equal(script_pending(script), 0);
	return outcome;
}

static void test_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		const struct vector *v = &vectors[i];
		struct script *script = script_new(v->world);
		struct sts_cache *policies = sts_cache_new(NULL);
		struct outcome out = gather(script, policies, v->destination);
		const struct assurance *a = out.assurance;

		print_message("   %s: %s\n", v->clause, v->sentence);
		for (size_t r = 0; r < a->reason_count; r++)
			print_message("      %s\n", a->reasons[r]);
		assert_string_equal(assurance_level_name(a->level), assurance_level_name(v->level));
		assert_string_equal(assurance_by_name(a->by), assurance_by_name(v->by));
		assert_true(a->reason_count > 0);
		if (v->reason)
			assert_non_null(strstr(a->reasons[0], v->reason));
		if (v->unasked)
			assert_int_equal(script_asked(script, v->unasked), 0);
		assert_true(a->until > script_now_s(script) - 100);
		for (size_t m = 0; m < a->mx_count; m++)
			assert_true(*a->mx[m].why);
		assurance_unref(a);
		sts_cache_free(policies);
		script_free(script);
	}
}

static void test_addresses_come_before_tlsa(void **state)
{
	(void)state;
	struct script *script =
		script_new(SIGNED TLSA("mx.d.test") "mx.d.test AAAA delay=500 nodata\n");
	const struct assurance_sources sources = script_sources(script);
	struct sts_cache *policies = sts_cache_new(NULL);
	struct assurance_destination destination;
	struct outcome outcome = { 0 };
	struct fault why;

	assert_int_equal(assurance_destination_parse(SLICE("d.test"), &destination, &why), RC_OK);
	const struct assurance_gather_wish wish = { &destination, policies, 90000, false };
	assert_non_null(assurance_gather_start(&sources, &wish, on_gathered, &outcome));
	assert_int_equal(script_asked(script, "d.test MX"), 1);
	assert_int_equal(script_asked(script, "_mta-sts.d.test TXT"), 1);
	assert_int_equal(script_asked(script, ""), 2);
	assert_false(script_run(script, 400, &outcome.done));
	assert_int_equal(script_asked(script, "mx.d.test A"), 1);
	assert_int_equal(script_asked(script, "mx.d.test AAAA"), 1);
	assert_int_equal(script_asked(script, "_25._tcp.mx.d.test TLSA"), 0);
	assert_true(script_run(script, 400, &outcome.done));
	assert_int_equal(script_asked(script, "_25._tcp.mx.d.test TLSA"), 1);
	assert_int_equal(script_asked(script, ""), 5);
	assurance_unref(outcome.assurance);
	sts_cache_free(policies);
	script_free(script);
}

static void test_hosts_are_looked_up_together(void **state)
{
	(void)state;
	struct script *script = script_new(
		"zone d.test secure\nd.test MX 1 a.d.test, 1 b.d.test, 2 c.d.test\n"
		"a.d.test A delay=100 192.0.2.1\nb.d.test A delay=100 192.0.2.2\n"
		"c.d.test A delay=100 192.0.2.3\n_25._tcp.a.d.test TLSA delay=100 3 1 1 sha256\n"
		"_25._tcp.b.d.test TLSA delay=100 3 1 1 sha256\n"
		"_25._tcp.c.d.test TLSA delay=100 nodata\n");
	struct sts_cache *policies = sts_cache_new(NULL);
	int64_t before_ms = script_now_ms(script);
	struct outcome outcome = gather(script, policies, "d.test");

	assert_true(script_now_ms(script) - before_ms <= 250);
	assert_int_equal(outcome.assurance->mx_count, 3);
	assert_string_equal(outcome.assurance->mx[2].host, "c.d.test");
	assert_int_equal(outcome.assurance->mx[2].level, NONE);
	assert_int_equal(outcome.assurance->mx[2].tlsa, ASSURANCE_ABSENT);
	assert_int_equal(outcome.assurance->match_count, 0);
	assurance_unref(outcome.assurance);
	sts_cache_free(policies);
	script_free(script);
}

/* How many lookups one after the other an answer takes, where each takes 100 ms. */
static const struct {
	const char *name, *world;
	enum assurance_level level;
	int64_t at_most_ms;
} rounds[] = {
	{ "nothing is promised: one round",
	  "d.test MX delay=100 10 mx.d.test\n_mta-sts.d.test TXT delay=100 nxdomain\n"
	  "mx.d.test A delay=100 192.0.2.1\nmx.d.test AAAA delay=100 nodata\n",
	  NONE, 105 },
	{ "nothing is promised, and the hosts' server never answers: one round",
	  "d.test MX delay=100 10 mx.d.test\n_mta-sts.d.test TXT delay=100 nxdomain\n"
	  "mx.d.test * never\n",
	  NONE, 105 },
	{ "DANE: the MX, the addresses, the TLSA records",
	  "zone d.test secure\nd.test MX delay=100 10 mx.d.test\n"
	  "_mta-sts.d.test TXT delay=100 nxdomain\nmx.d.test A delay=100 192.0.2.1\n"
	  "mx.d.test AAAA delay=100 nodata\n_25._tcp.mx.d.test TLSA delay=100 3 1 1 sha256\n",
	  AUTHENTICATED, 310 },
	{ "a signed MX may have DANE: its hosts are waited for",
	  "zone d.test secure\nd.test MX delay=100 10 mx.d.test\n"
	  "_mta-sts.d.test TXT delay=100 nxdomain\nmx.d.test A delay=100 192.0.2.1\n"
	  "mx.d.test AAAA delay=100 nodata\n_25._tcp.mx.d.test TLSA delay=100 nodata\n",
	  NONE, 310 },
};

static void test_rounds_of_lookups(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rounds / sizeof *rounds; i++) {
		struct script *script = script_new(rounds[i].world);
		struct sts_cache *policies = sts_cache_new(NULL);
		int64_t before_ms = script_now_ms(script);

		print_message("   %s\n", rounds[i].name);
		struct outcome outcome = gather(script, policies, "d.test");
		assert_int_equal(outcome.assurance->level, rounds[i].level);
		assert_in_range(script_now_ms(script) - before_ms, 100, rounds[i].at_most_ms);
		assurance_unref(outcome.assurance);
		sts_cache_free(policies);
		script_free(script);
	}
}

static void test_report_of_an_sts_domain(void **state)
{
	(void)state;
	struct script *script =
		script_new(UNSIGNED "d.test MX 10 mx.d.test, 5 evil.test, 7 b.d.test\n"
				    "evil.test A 192.0.2.66\n"
				    "b.d.test A 192.0.2.2\n" POLICY("enforce", "*.d.test"));
	struct sts_cache *policies = sts_cache_new(NULL);
	const struct assurance *a = gather(script, policies, "d.test").assurance;

	assert_int_equal(a->match_count, 2);
	assert_string_equal(a->match[0], "b.d.test");
	assert_string_equal(a->match[1], "mx.d.test");
	assert_string_equal(a->mx[0].host, "evil.test");
	assert_false(a->mx[0].sts_match);
	assert_int_equal(a->mx[0].level, UNDETERMINED);
	assert_int_equal(a->mx[0].lookup, ASSURANCE_INSECURE);
	assert_int_equal(a->mx[0].tlsa, ASSURANCE_NOT_ASKED);
	assert_true(a->mx[1].sts_match);
	assert_non_null(a->sts);
	assert_string_equal(a->sts->mode, "enforce");
	assert_string_equal(a->sts->id, "7");
	assert_int_equal(a->sts->max_age, 604800);
	assert_string_equal(a->sts->mx[0], "*.d.test");
	assert_int_equal(a->sts->source, ASSURANCE_STS_FETCHED);
	assert_int_equal(a->until, script_now_s(script) + 300);
	assurance_unref(a);

	a = gather(script, policies, "d.test").assurance;
	assert_int_equal(a->sts->source, ASSURANCE_STS_CACHED);
	assert_int_equal(script_asked(script, "https mta-sts.d.test"), 1);
	assurance_unref(a);
	sts_cache_free(policies);
	script_free(script);
}

/* ---- stories with time ---- */

struct story {
	struct script *script;
	struct sts_cache *policies;
};

static struct story begin(const char *world)
{
	return (struct story){ script_new(world), sts_cache_new(NULL) };
}

static void end(struct story *story)
{
	sts_cache_free(story->policies);
	script_free(story->script);
}

static void expect(struct story *story, enum assurance_level level, const char *reason)
{
	struct outcome out = gather(story->script, story->policies, "d.test");
	bool said = false;

	for (size_t i = 0; i < out.assurance->reason_count; i++) {
		print_message("      %s\n", out.assurance->reasons[i]);
		said = said || strstr(out.assurance->reasons[i], reason);
	}
	assert_string_equal(assurance_level_name(out.assurance->level),
			    assurance_level_name(level));
	assert_true(said);
	assurance_unref(out.assurance);
}

enum { DAY = 86400 };

/* Seen in others: a live policy dropped since the id changed and HTTPS was blocked (RFC 8461 §3.3). */
static void test_new_id_while_https_is_blocked(void **state)
{
	(void)state;
	struct story s = begin(UNSIGNED POLICY("enforce", "mx.d.test"));

	expect(&s, AUTHENTICATED, "policy 7");
	script_say(s.script, "_mta-sts.d.test TXT v=STSv1; id=8\n"
			     "https mta-sts.d.test fails a time-out\n");
	expect(&s, AUTHENTICATED, "could not be renewed: a time-out");
	assert_int_equal(script_asked(s.script, "https mta-sts.d.test"), 2);
	expect(&s, AUTHENTICATED, "policy 7");
	assert_int_equal(script_asked(s.script, "https mta-sts.d.test"), 2); /* at rest */
	script_pass(s.script, STS_BACKOFF_S + 1);
	expect(&s, AUTHENTICATED, "policy 7");
	assert_int_equal(script_asked(s.script, "https mta-sts.d.test"), 3);
	end(&s);
}

/* The same when HTTPS does not refuse but swallows: the old policy is not kept waiting. */
static void test_new_id_while_https_is_swallowed(void **state)
{
	(void)state;
	struct story s = begin(UNSIGNED POLICY("enforce", "mx.d.test"));

	expect(&s, AUTHENTICATED, "policy 7");
	script_say(s.script, "_mta-sts.d.test TXT v=STSv1; id=8\nhttps mta-sts.d.test never\n");
	int64_t before_ms = script_now_ms(s.script);
	struct outcome out = gather(s.script, s.policies, "d.test");
	assert_int_equal(out.assurance->level, AUTHENTICATED);
	assert_int_equal(out.assurance->sts->source, ASSURANCE_STS_CACHED);
	assert_true(out.refresh);
	assert_string_equal(out.id, "8");
	assert_true(script_now_ms(s.script) - before_ms <= ASSURANCE_PATIENCE_MS + 100);
	assurance_unref(out.assurance);

	script_say(s.script, "https mta-sts.d.test delay=900 version: STSv1\\nmode: enforce\\n"
			     "mx: other.test\\nmax_age: 604800\\n\n");
	expect(&s, UNDETERMINED, "policy 8"); /* a new one that comes in time counts at once */
	end(&s);
}

/* RFC 8461 §5.1: a message must not fail for good before the policy was looked at again. */
static void test_a_policy_that_no_host_fits_is_looked_at_again(void **state)
{
	(void)state;
	struct story s = begin(UNSIGNED POLICY("enforce", "old.d.test"));

	expect(&s, UNDETERMINED, "does not name mx.d.test");
	struct outcome out = gather(s.script, s.policies, "d.test");
	assert_true(out.assurance->until <= script_now_s(s.script) + ASSURANCE_RETRY_S);
	assurance_unref(out.assurance);
	assert_int_equal(script_asked(s.script, "https mta-sts.d.test"), 1); /* the same id */
	script_say(s.script, POLICY("enforce", "mx.d.test"));
	script_say(s.script, "_mta-sts.d.test TXT v=STSv1; id=8\n");
	expect(&s, AUTHENTICATED, "policy 8");
	assert_int_equal(script_asked(s.script, "https mta-sts.d.test"), 2);
	end(&s);
}

static void test_txt_vanishes(void **state)
{
	(void)state;
	struct story s = begin(UNSIGNED POLICY("enforce", "mx.d.test"));

	expect(&s, AUTHENTICATED, "policy 7");
	script_say(s.script, "_mta-sts.d.test TXT nxdomain\n");
	expect(&s, AUTHENTICATED, "policy 7");
	script_say(s.script, "_mta-sts.d.test TXT failed SERVFAIL\n");
	expect(&s, AUTHENTICATED, "policy 7");
	script_say(s.script, "_mta-sts.d.test TXT v=STSv1; id=8 | v=STSv1; id=9\n");
	expect(&s, AUTHENTICATED, "policy 7");
	end(&s);
}

/* Seen in others: an expired policy renewed by a TXT record alone (RFC 8461 §3.3). */
static void test_txt_alone_never_extends(void **state)
{
	(void)state;
	struct story s = begin(UNSIGNED POLICY("enforce", "mx.d.test"));

	expect(&s, AUTHENTICATED, "policy 7");
	script_say(s.script, "https mta-sts.d.test fails a time-out\n");
	script_pass(s.script, 7 * DAY + 1); /* the same id all the while */
	expect(&s, UNDETERMINED, "ran out");
	script_pass(s.script, 29 * DAY);
	expect(&s, UNDETERMINED, "ran out");
	script_pass(s.script, 2 * DAY);
	expect(&s, NONE, "cannot be had");
	end(&s);
}

static void test_lost_policy_comes_back(void **state)
{
	(void)state;
	struct story s = begin(UNSIGNED POLICY("enforce", "mx.d.test"));

	expect(&s, AUTHENTICATED, "policy 7");
	script_say(s.script, "_mta-sts.d.test TXT nxdomain\nmta-sts.d.test A nxdomain\n");
	script_pass(s.script, 8 * DAY);
	expect(&s, UNDETERMINED, "has no address");
	script_say(s.script, POLICY("enforce", "mx.d.test"));
	script_pass(s.script, STS_BACKOFF_S + 1);
	expect(&s, AUTHENTICATED, "policy 7");
	end(&s);
}

static void test_forgotten_policy(void **state)
{
	(void)state;
	struct story s = begin(UNSIGNED POLICY("enforce", "mx.d.test"));

	expect(&s, AUTHENTICATED, "policy 7");
	script_say(s.script, "_mta-sts.d.test TXT nxdomain\nmta-sts.d.test A nxdomain\n");
	script_pass(s.script, 8 * DAY);
	expect(&s, UNDETERMINED, "ran out");
	sts_cache_forget(s.policies, "d.test");
	expect(&s, NONE, "announces no MTA-STS policy");
	end(&s);
}

static void test_testing_policy_runs_out(void **state)
{
	(void)state;
	struct story s = begin(UNSIGNED POLICY("testing", "mx.d.test"));

	expect(&s, NONE, "mode testing");
	script_say(s.script, "_mta-sts.d.test TXT nxdomain\n");
	script_pass(s.script, 8 * DAY);
	expect(&s, NONE, "announces no");
	end(&s);
}

static void test_policy_is_taken_back(void **state)
{
	(void)state;
	struct story s = begin(UNSIGNED POLICY("enforce", "mx.d.test"));

	expect(&s, AUTHENTICATED, "policy 7");
	script_say(s.script, POLICY("none", "mx.d.test") "_mta-sts.d.test TXT v=STSv1; id=8\n");
	expect(&s, NONE, "taken its promise back");
	end(&s);
}

static void test_refresh_is_due_daily(void **state)
{
	(void)state;
	struct story s = begin(UNSIGNED POLICY("enforce", "mx.d.test"));

	expect(&s, AUTHENTICATED, "policy 7");
	struct outcome early = gather(s.script, s.policies, "d.test");
	assert_false(early.refresh);
	assurance_unref(early.assurance);
	script_pass(s.script, DAY);
	struct outcome due = gather(s.script, s.policies, "d.test");
	assert_true(due.refresh);
	assert_string_equal(due.id, "7");
	assert_int_equal(due.assurance->level, AUTHENTICATED);
	assurance_unref(due.assurance);
	assert_int_equal(script_asked(s.script, "https mta-sts.d.test"), 1); /* nobody waited */
	end(&s);
}

static void test_short_policy_bounds_until(void **state)
{
	(void)state;
	struct story s =
		begin(UNSIGNED TXT
		      "https mta-sts.d.test version: STSv1\\nmode: enforce\\nmx: mx.d.test\\n"
		      "max_age: 100\\n\n");
	struct outcome out = gather(s.script, s.policies, "d.test");

	assert_int_equal(out.assurance->level, AUTHENTICATED);
	assert_int_equal(out.assurance->until, script_now_s(s.script) + 100);
	assurance_unref(out.assurance);
	end(&s);
}

static void test_policy_of_no_life(void **state)
{
	(void)state;
	struct story s =
		begin(UNSIGNED TXT
		      "https mta-sts.d.test version: STSv1\\nmode: enforce\\nmx: mx.d.test\\n"
		      "max_age: 0\\n\n");

	expect(&s, AUTHENTICATED, "policy 7"); /* fetched this moment */
	expect(&s, AUTHENTICATED, "policy 7");
	assert_int_equal(script_asked(s.script, "https mta-sts.d.test"), 2);
	script_say(s.script, "https mta-sts.d.test fails a time-out\n");
	expect(&s, UNDETERMINED, "ran out");
	end(&s);
}

static void test_until_follows_ttl(void **state)
{
	(void)state;
	static const struct {
		const char *world;
		int64_t after_s;
	} rows[] = {
		{ SIGNED TLSA("mx.d.test"), 300 },
		{ SIGNED "_25._tcp.mx.d.test TLSA ttl=70 3 1 1 sha256\n", 70 },
		{ SIGNED "_25._tcp.mx.d.test TLSA ttl=1 3 1 1 sha256\n", 60 },
		{ "d.test MX failed SERVFAIL\n", 30 },
		{ "d.test MX ttl=90000 0 .\n_mta-sts.d.test TXT never\n", 3600 },
		{ "d.test MX ttl=900 0 .\n_mta-sts.d.test TXT never\n", 900 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct story s = begin(rows[i].world);
		struct outcome out = gather(s.script, s.policies, "d.test");

		assert_int_equal(out.assurance->until - script_now_s(s.script), rows[i].after_s);
		assurance_unref(out.assurance);
		end(&s);
	}
}

static void test_cancel(void **state)
{
	(void)state;
	static const int64_t after_ms[] = { 0, 1, 2, 3, 50 };

	for (size_t i = 0; i < sizeof after_ms / sizeof *after_ms; i++) {
		struct story s = begin(SIGNED "_25._tcp.mx.d.test TLSA never\n" TXT
					      "https mta-sts.d.test never\n");
		const struct assurance_sources sources = script_sources(s.script);
		struct assurance_destination destination;
		struct outcome outcome = { 0 };
		struct fault why;

		assert_int_equal(assurance_destination_parse(SLICE("d.test"), &destination, &why),
				 RC_OK);
		const struct assurance_gather_wish wish = { &destination, s.policies, 90000, true };
		struct assurance_gather *g =
			assurance_gather_start(&sources, &wish, on_gathered, &outcome);
		script_run(s.script, after_ms[i], NULL);
		assert_true(script_pending(s.script) > 0);
		assurance_gather_cancel(g);
		assert_int_equal(script_pending(s.script), 0);
		assert_false(outcome.done);
		end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors),
		cmocka_unit_test(test_addresses_come_before_tlsa),
		cmocka_unit_test(test_hosts_are_looked_up_together),
		cmocka_unit_test(test_rounds_of_lookups),
		cmocka_unit_test(test_report_of_an_sts_domain),
		cmocka_unit_test(test_new_id_while_https_is_blocked),
		cmocka_unit_test(test_new_id_while_https_is_swallowed),
		cmocka_unit_test(test_a_policy_that_no_host_fits_is_looked_at_again),
		cmocka_unit_test(test_txt_vanishes),
		cmocka_unit_test(test_txt_alone_never_extends),
		cmocka_unit_test(test_lost_policy_comes_back),
		cmocka_unit_test(test_forgotten_policy),
		cmocka_unit_test(test_testing_policy_runs_out),
		cmocka_unit_test(test_policy_is_taken_back),
		cmocka_unit_test(test_refresh_is_due_daily),
		cmocka_unit_test(test_short_policy_bounds_until),
		cmocka_unit_test(test_policy_of_no_life),
		cmocka_unit_test(test_until_follows_ttl),
		cmocka_unit_test(test_cancel),
	};
	return cmocka_run_group_tests_name("assurance/gather", tests, NULL, NULL);
}

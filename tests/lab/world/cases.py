"""The destinations: what each domain publishes and how its MX host behaves.

A domain NAME.test has the MX host mx.NAME.test on an address of its own."""

from dataclasses import dataclass, field


@dataclass
class Case:
    name: str
    promise: str             # for people: what the destination guarantees, and by what
    signing: str = "signed"
    tls: str = "ca"          # ca, self, none
    tlsa: str = ""           # "3 1 1", "2 0 1", "wrong"
    sts: str = ""            # mode, or "" for no policy
    sts_mx: str = ""         # default: the real MX host
    requiretls: bool = False
    mx: str = "own"          # own, null
    ttl: int = 60
    address: str = field(default="", init=False)

    @property
    def domain(self):
        return self.name + ".test"

    @property
    def host(self):
        return f"mx.{self.domain}"


def table():
    cases = [
        Case("dane-good", "DANE: secure MX, right TLSA", tlsa="3 1 1"),
        Case("dane-ta", "DANE: trust anchor in TLSA", tlsa="2 0 1"),
        Case("dane-wrong", "DANE: TLSA of another key", tlsa="wrong"),
        Case("dane-weak", "DANE, until a test takes it back", tlsa="3 1 1", ttl=1),
        Case("reqtls", "DANE and REQUIRETLS", tlsa="3 1 1", requiretls=True),
        Case("sts-enforce", "MTA-STS, mode enforce", signing="unsigned", sts="enforce"),
        Case("sts-weak", "MTA-STS, until a test takes it back", signing="unsigned",
             sts="enforce", ttl=1),
        Case("dane-moved", "DANE, until a test moves its MX", tlsa="3 1 1", ttl=1),
        Case("sts-testing", "MTA-STS, mode testing: nothing", signing="unsigned", sts="testing"),
        Case("sts-none", "MTA-STS, mode none: nothing", signing="unsigned", sts="none"),
        Case("sts-mismatch", "MTA-STS whose policy names another MX", signing="unsigned",
             sts="enforce", sts_mx="mail.sts-mismatch.test"),
        Case("plain", "TLS, self-signed, no promise", signing="unsigned", tls="self"),
        Case("signed-plain", "signed zone, no TLSA, no promise", tls="self"),
        Case("notls", "no STARTTLS at all", signing="unsigned", tls="none"),
        Case("nullmx", "null MX: takes no mail", signing="unsigned", mx="null"),
        Case("bogus", "broken signature over the MX", signing="bogus", tlsa="3 1 1"),
        Case("expired", "signatures that are over", signing="expired", tlsa="3 1 1"),
        Case("servfail", "a zone that nobody serves", signing="lame"),
    ]
    for number, case in enumerate(cases, start=10):
        case.address = f"127.0.1.{number}"
    return cases


def records(case, certificate, other):
    """The zone's lines. certificate: that of its MX host; other: of somebody else."""
    if case.mx == "null":
        return ["@ MX 0 ."]
    lines = ["@ MX 10 mx", f"mx A {case.address}"]
    if case.tlsa:
        usage, selector, _ = (case.tlsa if case.tlsa != "wrong" else "3 1 1").split()
        source = other if case.tlsa == "wrong" or usage == "2" else certificate
        lines.append(f"_25._tcp.mx TLSA {source.tlsa(usage, int(selector))}")
    if case.sts:
        lines += [f'_mta-sts TXT "v=STSv1; id={case.sts}1;"', f"mta-sts A {POLICY_ADDRESS}"]
    return lines


POLICY_ADDRESS = "127.0.2.1"


def policy_text(mode, mx, max_age=86400):
    return f"version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: {max_age}\r\n"

"""An attacker's MX: where a domain has made a real promise, somebody else answers on port 25.

The domains of each promise stand in one zone: NAME.attacked.test (signed, with TLSA) and
NAME.swayed.test (unsigned, with an MTA-STS policy in mode enforce). Every host would take
mail if it were given any, so that what it never hears, nobody was fooled into saying."""

import itertools
import ssl
import threading
import time
from dataclasses import dataclass, field

from .cases import POLICY_ADDRESS, policy_text
from .mail import Host, Session
from .policy import Policy
from .zones import Zone

DANE_ZONE, STS_ZONE = "attacked.test", "swayed.test"
LONG_S = 4  # for which a host that never ends goes on; the limits of the tests are below that


@dataclass
class Attack:
    name: str
    by: str                # the promise: ee and ta (DANE), sts
    why: str               # what a probe says, "" for a host that is as it should be
    lasting: bool = True   # shown to be bad; False: nothing was found out
    cert: str = "own"      # own, other, expired, self, cn, wide, narrow, partial
    sni: str = ""          # the certificate for those who name the host; "" the same
    greet: str = "220 {} ready"
    ehlo: str = ""         # in place of the answer to EHLO
    offers: tuple = ("STARTTLS",)
    starttls: str = "tls"  # tls, plain, close, silent, or a reply
    before: str = ""       # said behind the reply to STARTTLS, before the handshake
    apart: bool = False    # and in a packet of its own
    tls: str = ""          # "1.1": no later version
    second: str = ""       # in place of the answer to EHLO within TLS
    within: tuple = ()     # offered there
    requiretls: bool = False
    proved: bool = False   # the right host, which says no within TLS
    address: str = field(default="", init=False)

    @property
    def domain(self):
        return f"{self.name}.{STS_ZONE if self.by == 'sts' else DANE_ZONE}"

    @property
    def host(self):
        return "mx." + self.domain


def table():
    both = ("ee", "sts")
    attacks = [
        *(Attack("twin-" + by, by, "") for by in ("ee", "ta", "sts")),
        Attack("twin-wide", "sts", "", cert="wide"),
        Attack("twin-sni", "sts", "", cert="other", sni="own"),
        Attack("twin-onward", "ee", "", within=("REQUIRETLS",), requiretls=True),
        Attack("clear-onward", "ee", "", offers=("REQUIRETLS", "STARTTLS")),
        Attack("clear-onward-2", "sts", "", offers=("REQUIRETLS", "STARTTLS")),
        *(Attack("strips-" + by, by, "does not offer STARTTLS", offers=()) for by in both),
        *(Attack("plain-" + by, by, "TLS failed", starttls="plain") for by in both),
        *(Attack("injects-" + by, by, "put in between STARTTLS and TLS",
                 before="250-mx\r\n250 REQUIRETLS\r\n") for by in both),
        Attack("injects-half", "ee", "put in between STARTTLS and TLS", before="250-m"),
        Attack("injects-later", "ee", "TLS", before="250 REQUIRETLS\r\n", apart=True),
        Attack("hurries", "ee", "what it was not asked",
               ehlo="250-mx\r\n250 STARTTLS\r\n220 go on"),
        *(Attack("old-" + by, by, "TLS failed", tls="1.1") for by in both),
        Attack("named-ta", "ta", "certificate is for other.invalid", cert="other"),
        Attack("named-sts", "sts", "certificate is for other.invalid", cert="other"),
        Attack("expired-ta", "ta", "expired", cert="expired"),
        Attack("expired-sts", "sts", "expired", cert="expired"),
        Attack("key", "ee", "matches no TLSA record", cert="self"),
        Attack("self", "sts", "not accepted", cert="self"),
        Attack("cn", "sts", "no DNS name", cert="cn"),
        Attack("narrow", "sts", "certificate is for", cert="narrow"),
        Attack("partial", "sts", "certificate is for", cert="partial"),
        Attack("sni", "sts", "certificate is for other.invalid", sni="other"),
        Attack("ehlo-5", "ee", "does not offer STARTTLS", ehlo="502 5.5.1 what?"),
        Attack("starttls-5", "ee", "STARTTLS was \"502", starttls="502 5.5.1 no"),
        Attack("second-5", "ee", "within TLS was \"502", second="502 5.5.1 what?",
               proved=True),

        Attack("greets-4", "ee", "421", False, greet="421 4.3.2 later"),
        Attack("greets-5", "sts", "554", False, greet="554 5.7.1 not you"),
        Attack("ehlo-4", "ee", "450", False, ehlo="450 4.3.2 later"),
        Attack("ehlo-not-you", "sts", "550", False, ehlo="550 5.7.1 not you"),
        Attack("starttls-4", "sts", "454", False, starttls="454 4.7.0 not now"),
        Attack("second-4", "ee", "450", False, second="450 4.3.2 later",
               proved=True),
        Attack("closes", "ee", "the connection was lost", False, starttls="close"),
        Attack("no-smtp", "sts", "is not a reply", False, greet="SSH-2.0-OpenSSH_9.2"),
        Attack("banner-endless", "ee", "over 64 lines", False, greet="endless of 220"),
        Attack("banner-slow", "sts", "the greeting", False, greet="slow of 220"),
        Attack("banner-drips", "ee", "the greeting", False, greet="drips of 220"),
        Attack("ehlo-endless", "sts", "over 64 lines", False, ehlo="endless of 250"),
        Attack("ehlo-long", "ee", "over 1024 bytes", False, ehlo="250 " + "x" * 5000),
        Attack("silent", "ee", "the TLS handshake", False, starttls="silent"),
    ]
    for number, attack in enumerate(attacks, start=10):
        attack.address = f"127.0.3.{number}"
    return attacks


class Attackers:
    """The zones stand with the world; the hosts listen from start() to stop()."""

    def __init__(self, authority, other, log):
        self.attacks = {a.name: a for a in table()}
        self.authority, self.other, self.log = authority, other, log
        self.own = {a.name: authority.issue(a.host) for a in self.attacks.values()}
        self.hosts = {}

    def zones(self):
        dane, sts = [], []
        for a in self.attacks.values():
            lines = sts if a.by == "sts" else dane
            lines += [f"{a.domain}. MX 10 {a.host}.", f"{a.host}. A {a.address}"]
            if a.by == "sts":
                lines += [f'_mta-sts.{a.domain}. TXT "v=STSv1; id=1;"',
                          f"mta-sts.{a.domain}. A {POLICY_ADDRESS}"]
            else:
                of, usage, selector = (self.own[a.name], 3, 1) if a.by == "ee" else \
                    (self.authority.root, 2, 0)
                lines.append(f"_25._tcp.{a.host}. TLSA {of.tlsa(usage, selector)}")
        return [Zone(DANE_ZONE, dane), Zone(STS_ZONE, sts, "unsigned")]

    def publish(self, policies):
        for a in self.attacks.values():
            if a.by == "sts":
                policies.publish("mta-sts." + a.domain, Policy(policy_text("enforce", a.host)))

    def certificate(self, a, kind):
        parent = a.host.partition(".")[2]
        makers = {
            "own": lambda: self.own[a.name],
            "other": lambda: self.other,
            "expired": lambda: self.authority.issue(a.host, over=True),
            "self": lambda: self.authority.self_signed(a.host),
            "cn": lambda: self.authority.issue(a.host, san=False),
            "wide": lambda: self.authority.issue("*." + parent),
            "narrow": lambda: self.authority.issue("*." + parent.partition(".")[2]),
            "partial": lambda: self.authority.issue("m*." + parent),
        }
        return makers[kind]()

    def start(self):
        for a in self.attacks.values():
            host = AttackersHost(a, self.log, self.certificate(a, a.cert))
            if a.sni:
                host.by_name(self.certificate(a, a.sni))
            self.hosts[a.name] = host.start()
        return self

    def stop(self):
        for host in self.hosts.values():
            host.stop()
        self.hosts.clear()


class AttackersHost(Host):
    def __init__(self, attack, log, certificate):
        super().__init__(attack.host, attack.address, log, certificate)
        self.attack = attack
        if attack.tls:
            self.context.minimum_version = ssl.TLSVersion.TLSv1
            self.context.maximum_version = ssl.TLSVersion.TLSv1_1
            self.context.set_ciphers("ALL:@SECLEVEL=0")

    def by_name(self, certificate):
        other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        other.load_cert_chain(certificate.chain)

        def choose(connection, name, _context):
            if name == self.name:
                connection.context = other
        self.context.sni_callback = choose

    def serve(self, listener):
        while True:
            try:
                connection, client = listener.accept()
            except OSError:
                return
            threading.Thread(target=AttackersSession(self, connection, client[0]).run,
                             daemon=True).start()


class AttackersSession(Session):
    def use(self, connection):
        super().use(connection)
        self.attack = self.host.attack

    def say(self, text):
        how, _, code = text.partition(" of ")
        if how == "endless":
            self.go_on([f"{code}-there is more\r\n" * 50], 0)
        elif how == "slow":
            self.go_on([f"{code}-there is more\r\n"], 0.4)
        elif how == "drips":
            self.go_on(code + "-" + "x" * 100, 0.4)
        else:
            self.reply(text.format(self.host.name))

    def go_on(self, pieces, pause):
        end = time.monotonic() + LONG_S
        for piece in itertools.cycle(pieces):
            if time.monotonic() > end:
                raise OSError("that was long enough")
            self.connection.sendall(piece.encode())
            time.sleep(pause)

    def run(self):
        try:
            self.say(self.attack.greet)
            while self.step():
                pass
        except (OSError, ssl.SSLError) as e:
            self.host.log.say(self.host.name, f"[{e}]\n".encode())
        finally:
            self.connection.close()

    def on_ehlo(self, name):
        self.helo = name
        instead = self.attack.second if self.tls else self.attack.ehlo
        if instead:
            return self.say(instead)
        offers = self.attack.within if self.tls else self.attack.offers
        lines = [self.host.name, "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", *offers]
        return self.reply("\r\n".join(f"250-{l}" for l in lines[:-1]) + f"\r\n250 {lines[-1]}")

    def on_starttls(self, _rest):
        how = self.attack.starttls
        if how[0].isdigit():
            return self.reply(how)
        first = "220 go on\r\n" + ("" if self.attack.apart else self.attack.before)
        self.connection.sendall(first.encode())
        if self.attack.apart:
            time.sleep(0.05)
            self.connection.sendall(self.attack.before.encode())
        if how == "close":
            raise OSError("closed after STARTTLS")
        if how == "silent":
            time.sleep(LONG_S)
            raise OSError("that was long enough")
        if how == "plain":
            self.connection.recv(1)
            return self.reply("250-mx\r\n250 REQUIRETLS")
        secured = self.host.context.wrap_socket(self.connection, server_side=True)
        self.tls = secured.version()
        self.use(secured)
        return self.reset()

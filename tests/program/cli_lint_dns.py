"""postern lint --dns: what the operator vouches for, beside what the destinations publish."""

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
from dns_stub import A, MX, SERVFAIL, TLSA, Dns, mx  # noqa: E402

POSTERN = os.environ["POSTERN"]
EE = bytes([3, 1, 1]) + b"\x5a" * 32

ZONE = {
    "good.test": (True, {MX: [mx(10, "mx.good.test"), mx(20, "mx2.good.test")]}),
    "mx.good.test": (True, {A: [bytes([192, 0, 2, 1])]}),
    "mx2.good.test": (True, {A: [bytes([192, 0, 2, 2])]}),
    "_25._tcp.mx.good.test": (True, {TLSA: [EE]}),
    "_25._tcp.mx2.good.test": (True, {TLSA: [EE]}),
    "plain.test": (False, {MX: [mx(10, "mx.plain.test"), mx(20, "in.other.test")]}),
    "mx.plain.test": (False, {A: [bytes([192, 0, 2, 4])]}),
    "in.other.test": (False, {A: [bytes([192, 0, 2, 5])]}),
    "null.test": (False, {MX: [mx(0, "")]}),
    "broken.test": SERVFAIL,
    "relay.test": (False, {A: [bytes([192, 0, 2, 6])]}),
}

SETTINGS = """outbound = {{ domains = [ "our.example" ]; internal_domains = [ {internal} ]; }};
portal = {{ url = "https://secure.our.example"; }};
rules = "{rules}"; state = "{top}/state";
resolver = {{ servers = [ "127.0.0.1" ]; port = {port}; timeout_ms = 2000; tries = 1; }};
"""

RULES = """markers = ( { name = "m"; any = ( { detector = "payment-card"; } ); } );
rules = ( { name = "r"; when = { markers = [ "m" ]; }; require = "authenticated";
            otherwise = [ "defer" ]; } );
destinations = (
%s
);
"""


def vouched(domain, *match, pin=""):
    names = f"match = [ {', '.join(f'{chr(34)}{m}{chr(34)}' for m in match)} ];" if match else pin
    return f'{{ domain = "{domain}"; assurance = "authenticated"; why = "w"; {names} }}'


class LintDns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dns = Dns(ZONE)
        cls.dns.start()

    @classmethod
    def tearDownClass(cls):
        cls.dns.stop()

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.rules = os.path.join(self.folder.name, "rules.conf")

    def lint(self, *destinations, words=("--dns",), internal=""):
        """The status, and what is said of line 5 and the following: [(line, text)]."""
        with open(self.rules, "w") as f:
            f.write(RULES % ",\n".join(destinations))
        conf = os.path.join(self.folder.name, "postern.conf")
        with open(conf, "w") as f:
            f.write(SETTINGS.format(rules=self.rules, port=self.dns.port, internal=internal,
                                    top=self.folder.name))
        done = subprocess.run([POSTERN, "lint", *words, "--config", conf], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        said = []
        for line in done.stdout.splitlines():
            place, _, text = line.removeprefix("warning: ").partition(": ")
            line = int(place.rsplit(":", 1)[1]) if place.startswith(self.rules + ":") else 0
            if line > 4:
                said.append((line, text))
        return done.returncode, said

    def test_what_agrees_is_passed_over(self):
        self.assertEqual(self.lint(
            vouched("plain.test", "mx.plain.test", ".other.test"),
            vouched("[relay.test]:587", "relay.test"), vouched(".sub.test", "mx.plain.test"),
            vouched("[192.0.2.9]", "mx.plain.test"),
            '{ domain = "good.test"; never = true; why = "w"; }',
            '{ domain = "null.test"; never = true; why = "w"; }'), (0, []))

    def test_names_that_are_no_hosts(self):
        status, said = self.lint(vouched("null.test", "x.test"),
                                 vouched("plain.test", "mx.plain.test", "old.plain.test"))
        self.assertEqual((status, [line for line, _ in said]), (0, [5, 6, 6]))
        self.assertIn("mail sent there comes back, whatever is pinned: null.test accepts no mail",
                      said[0][1])
        self.assertIn("match has old.plain.test, which is no host of plain.test "
                      "(mx.plain.test, in.other.test)", said[1][1])
        self.assertIn("in.other.test is a host of plain.test, and match does not name it",
                      said[2][1])

    def test_a_pin_that_puts_less_in_the_place_of_more(self):
        _, said = self.lint(vouched("good.test", ".good.test"))
        self.assertEqual([line for line, _ in said], [5])
        self.assertIn("proves itself by DANE, and the pin puts less in its place", said[0][1])
        _, said = self.lint(vouched("good.test",
                                    pin=f'pin = {{ spki_sha256 = [ "{"3f" * 32}" ]; }};'))
        self.assertIn("proves itself by DANE: the pin is not needed", said[0][1])

    def test_what_could_not_be_found_out(self):
        _, said = self.lint(vouched("broken.test", "x.test"))
        self.assertIn("could not be found out: looking up the MX records of broken.test failed",
                      said[0][1])

    def test_without_dns_nothing_is_asked(self):
        self.assertEqual(self.lint(vouched("null.test", "x.test"), words=()), (0, []))

    def test_what_the_milter_would_not_start_on(self):
        status, said = self.lint(vouched("plain.test", "a.test"), vouched("Plain.test", "b.test"),
                                 words=())
        self.assertEqual((status, said), (1, [(6, "Plain.test is pinned twice")]))

    def test_an_internal_domain_is_never_asked_about(self):
        _, said = self.lint(vouched("plain.test", "mx.plain.test"), words=(),
                            internal='"plain.test"')
        self.assertIn("is one of outbound.internal_domains", said[0][1])


if __name__ == "__main__":
    unittest.main()

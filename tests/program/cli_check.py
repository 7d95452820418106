"""postern check: the report, its JSON and its status, against a small world of our own
(a DNS server that says what is signed, a policy host with a private authority)."""

import datetime
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
from dns_stub import A, MX, ROOT, SERVFAIL, TLSA, TXT, Resolver, mx, txt  # noqa: E402

POSTERN = os.environ["POSTERN"]
EE = bytes([3, 1, 1]) + b"\x5a" * 32

# name → (signed, {type: [rdata]}); a number for a response code
ZONE = {
    "good.test": (True, {MX: [mx(10, "mx.good.test"), mx(20, "old.good.test")]}),
    "mx.good.test": (True, {A: [bytes([192, 0, 2, 1])]}),
    "_25._tcp.mx.good.test": (True, {TLSA: [EE]}),
    "old.good.test": (True, {A: [bytes([192, 0, 2, 2])]}),
    "sts.test": (False, {MX: [mx(10, "mx.sts.test")]}),
    "mx.sts.test": (False, {A: [bytes([192, 0, 2, 3])]}),
    "_mta-sts.sts.test": (False, {TXT: [txt("v=STSv1; id=20261122;")]}),
    "mta-sts.sts.test": (False, {A: [bytes([127, 0, 0, 1])]}),
    "plain.test": (False, {MX: [mx(10, "mx.plain.test")]}),
    "mx.plain.test": (False, {A: [bytes([192, 0, 2, 4])]}),
    "null.test": (False, {MX: [mx(0, "")]}),
    "broken.test": SERVFAIL,
    "xn--mller-kva.test": (False, {MX: [mx(0, "")]}),
}

POLICY = "version: STSv1\r\nmode: enforce\r\nmx: *.sts.test\r\nmax_age: 604800\r\n"


def certificate(folder, host):
    """A self-signed certificate for host: (file with both, file with the authority)."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.utcnow()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    cert = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(7)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256()))
    pem = cert.public_bytes(serialization.Encoding.PEM)
    both, alone = os.path.join(folder, "both.pem"), os.path.join(folder, "ca.pem")
    with open(both, "wb") as f:
        f.write(pem)
        f.write(key.private_bytes(serialization.Encoding.PEM,
                                  serialization.PrivateFormat.PKCS8,
                                  serialization.NoEncryption()))
    with open(alone, "wb") as f:
        f.write(pem)
    return both, alone


class PolicyHost(threading.Thread):
    def __init__(self, pem):
        super().__init__(daemon=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.requests = 0
        self.stopping = False

    def run(self):
        while True:
            peer, _ = self.socket.accept()
            if self.stopping:
                peer.close()
                return
            try:
                with self.context.wrap_socket(peer, server_side=True) as tls:
                    tls.recv(4096)
                    self.requests += 1
                    tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                b"Content-Length: %d\r\n\r\n%s" % (len(POLICY), POLICY.encode()))
                    tls.unwrap()
            except OSError:
                pass

    def stop(self):
        self.stopping = True
        socket.create_connection(self.socket.getsockname()).close()
        self.join()
        self.socket.close()


class Mx(threading.Thread):
    """An MX host: STARTTLS where it has a certificate; REQUIRETLS only within TLS."""

    def __init__(self, pem):
        super().__init__(daemon=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.starttls, self.stopping = True, False

    def run(self):
        while True:
            peer, _ = self.socket.accept()
            if self.stopping:
                peer.close()
                return
            try:
                with peer:
                    self.talk(peer)
            except OSError:
                pass

    def talk(self, peer):
        peer.settimeout(30)
        peer.sendall(b"220 mx ready\r\n")
        peer.recv(1000)
        peer.sendall(b"250-mx\r\n250 STARTTLS\r\n" if self.starttls else b"250 mx\r\n")
        if not peer.recv(1000).startswith(b"STARTTLS"):
            return
        peer.sendall(b"220 go ahead\r\n")
        with self.context.wrap_socket(peer, server_side=True) as tls:
            tls.recv(1000)
            tls.sendall(b"250-mx\r\n250 REQUIRETLS\r\n")
            tls.recv(1000)

    def stop(self):
        self.stopping = True
        socket.create_connection(self.socket.getsockname()).close()
        self.join()
        self.socket.close()


def digest_of(pem):
    with open(pem, "rb") as f:
        return x509.load_pem_x509_certificate(f.read()).fingerprint(hashes.SHA256())


class Check(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        both, _ = certificate(self.folder.name, "mx.alive.test")
        self.mx = Mx(both)
        self.mx.start()
        zone = {**ROOT, **ZONE}
        for domain, digest in (("alive.test", digest_of(both)), ("wrong.test", b"\x5a" * 32)):
            zone[domain] = (True, {MX: [mx(10, "mx." + domain)]})
            zone["mx." + domain] = (True, {A: [bytes([127, 0, 0, 1])]})
            zone["_25._tcp.mx." + domain] = (True, {TLSA: [bytes([3, 0, 1]) + digest]})
        self.dns = Resolver(zone)
        self.dns.start()
        both, ca = certificate(self.folder.name, "mta-sts.sts.test")
        self.web = PolicyHost(both)
        self.web.start()
        self.conf = os.path.join(self.folder.name, "postern.conf")
        self.rules = os.path.join(self.folder.name, "rules.conf")
        self.state = os.path.join(self.folder.name, "state")
        with open(self.rules, "w") as f:
            f.write('destinations = ( { domain = "partner.test"; assurance = "authenticated";\n'
                    '  match = ["mx1.partner.test"]; why = "contract 14"; } );\n')
        with open(self.conf, "w") as f:
            f.write(f'state = "{self.state}";\nrules = "{self.rules}";\n'
                    f'resolver = {{ servers = ["127.0.0.1"]; port = {self.dns.port}; }};\n'
                    f'sts = {{ port = {self.web.port}; ca_file = "{ca}"; }};\n'
                    f'probe = {{ port = {self.mx.port}; }};\n')

    def tearDown(self):
        self.dns.stop()
        self.web.stop()
        self.mx.stop()
        self.folder.cleanup()

    def run_check(self, *words):
        return subprocess.run([POSTERN, "check", "--config", self.conf, *words],
                              capture_output=True, text=True, timeout=60)

    def check(self, *domains):
        done = self.run_check("--json", *domains)
        self.assertEqual(done.stderr, "")
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def test_dane(self):
        status, [report] = self.check("GOOD.test")
        self.assertEqual(status, 0)
        self.assertEqual(report["domain"], "good.test")
        self.assertEqual(report["assurance"], "authenticated")
        self.assertEqual(report["by"], "dane")
        self.assertRegex(report["until"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertIsNone(report["sts"])
        first, second = report["mx"]
        self.assertEqual(
            {k: first[k] for k in first if k != "why"},
            {"host": "mx.good.test", "preference": 10, "lookup": "secure", "address": "secure",
             "tlsa": "secure", "tlsa_base": "mx.good.test", "usable": 1, "sts_match": False, "names": [],
             "assurance": "authenticated", "probe": None})
        self.assertEqual(second["tlsa"], "absent")
        self.assertEqual(second["assurance"], "none")

    def test_sts(self):
        status, [report] = self.check("sts.test")
        self.assertEqual(status, 0)
        self.assertEqual(report["by"], "sts")
        self.assertEqual(report["sts"], {
            "mode": "enforce", "id": "20261122", "max_age": 604800, "mx": ["*.sts.test"],
            "source": "fetched"})
        self.assertTrue(report["mx"][0]["sts_match"])
        self.assertEqual(report["mx"][0]["lookup"], "insecure")
        self.assertEqual(report["mx"][0]["tlsa"], "not-asked")

    def test_levels_and_statuses(self):
        for domain, level, by, status in (
            ("plain.test", "none", None, 1),
            ("null.test", "unroutable", "null", 1),
            ("gone.test", "unroutable", None, 1),
            ("broken.test", "undetermined", None, 3),
            ("partner.test", "authenticated", "pin", 0),
            ("[192.0.2.1]", "none", None, 1),
            ("m\u00fcller.test", "unroutable", "null", 1),
        ):
            with self.subTest(domain):
                got, [report] = self.check(domain)
                self.assertEqual((report["assurance"], report["by"], got), (level, by, status))
                self.assertTrue(report["reasons"])

    def test_several_domains_in_the_order_given(self):
        status, reports = self.check("good.test", "plain.test")
        self.assertEqual(status, 1)
        self.assertEqual([r["domain"] for r in reports], ["good.test", "plain.test"])
        status, reports = self.check("broken.test", "good.test", "plain.test", "good.test")
        self.assertEqual(status, 3)
        self.assertEqual([r["domain"] for r in reports],
                         ["broken.test", "good.test", "plain.test", "good.test"])
        self.assertEqual(self.check("good.test", "sts.test")[0], 0)

    def test_an_unsigned_resolver_proves_nothing(self):
        with open(self.conf) as f:
            text = f.read()
        text = text.replace(
            "resolver = {", 'resolver = { trust_ad = ["192.0.2.0/24"];')
        with open(self.conf, "w") as f:
            f.write(text)
        done = self.run_check("--json", "good.test")
        status, report = done.returncode, json.loads(done.stdout)
        self.assertEqual((status, report["assurance"]), (1, "none"))
        self.assertIn("is not one whose validation we trust (resolver.trust_ad)", done.stderr)
        self.assertEqual(report["mx"][0]["lookup"], "insecure")

    def test_a_policy_host_that_is_not_proved(self):
        certificate(self.folder.name, "mta-sts.sts.test")  # another key: ca.pem is not its own
        status, [report] = self.check("sts.test")
        self.assertEqual((status, report["assurance"]), (1, "none"))
        self.assertIn("cannot be had", " ".join(report["reasons"]))

    def test_probe(self):
        status, [good, wrong] = self.check("--probe", "alive.test", "wrong.test")
        self.assertEqual(status, 1)
        self.assertEqual((good["assurance"], good["by"]), ("requiretls", "dane"))
        self.assertEqual(good["mx"][0]["probe"], {
            "starttls": True, "authenticated": True, "requiretls": True, "tls": "TLSv1.3",
            "why": None})
        self.assertEqual((wrong["assurance"], wrong["by"]), ("encrypted", None))
        self.assertEqual(wrong["mx"][0]["probe"], {
            "starttls": True, "authenticated": False, "requiretls": False, "tls": "TLSv1.3",
            "why": "the certificate matches no TLSA record"})
        self.assertIn("matches no TLSA record", wrong["reasons"][0])
        self.assertEqual(self.check("--probe", "alive.test")[0], 0)
        self.assertEqual(self.check("wrong.test")[0], 0)  # nobody looked

    def test_probe_of_a_host_without_starttls(self):
        self.mx.starttls = False
        status, [report] = self.check("--probe", "alive.test")
        self.assertEqual((status, report["assurance"]), (1, "none"))
        self.assertFalse(report["mx"][0]["probe"]["starttls"])

    def test_probe_of_a_port_that_cannot_be_reached(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            with open(self.conf) as f:
                text = f.read().replace(f"port = {self.mx.port};",
                                        f"port = {closed.getsockname()[1]};")
            with open(self.conf, "w") as f:
                f.write(text)
            status, [report] = self.check("--probe", "alive.test")
        self.assertEqual((status, report["assurance"]), (3, "undetermined"))
        self.assertIn("refused", report["mx"][0]["probe"]["why"])

    def test_probe_for_people(self):
        done = self.run_check("--probe", "alive.test", "wrong.test")
        self.assertIn("    mx.alive.test: STARTTLS, TLSv1.3, proved, REQUIRETLS\n", done.stdout)
        self.assertIn("    mx.wrong.test: STARTTLS, TLSv1.3, not proved: the certificate matches no\n"
                      "      TLSA record\n", done.stdout)
        self.assertEqual([line for line in done.stdout.splitlines() if len(line) > 79], [])

    def test_probe_that_the_settings_forbid(self):
        with open(self.conf) as f:
            text = f.read().replace("probe = {", "probe = { enabled = false;")
        with open(self.conf, "w") as f:
            f.write(text)
        done = self.run_check("--probe", "alive.test")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("probe.enabled", done.stderr)

    def test_report_for_people(self):
        done = self.run_check("good.test", "sts.test")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"(?m)^good\.test: authenticated by DANE, until ")
        self.assertRegex(done.stdout, r"(?m)^sts\.test: authenticated by MTA-STS, until ")
        self.assertIn("RFC 7672", done.stdout)
        self.assertIn("mode enforce, id 20261122, fetched just now", done.stdout)
        self.assertIn("    DNSSEC      MX records not signed\n", done.stdout)
        self.assertIn("Mail travels over TLS to a host that proves who it is", done.stdout)

    def test_advice_for_the_other_side(self):
        done = self.run_check("plain.test", "good.test")
        self.assertIn("What the postmaster of plain.test could do:\n"
                      "  * Publish an MTA-STS policy for plain.test", done.stdout)
        self.assertNotIn("postmaster of good.test could do:\n  * Publish an", done.stdout)
        _, [report] = self.check("plain.test")
        self.assertRegex(report["advice"][0], "RFC 8461 section 3")
        self.assertNotIn("\033", done.stdout)  # no terminal, no colour

    def test_colour_on_a_terminal(self):
        for more, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
            ours, theirs = os.openpty()
            done = subprocess.Popen([POSTERN, "check", "--config", self.conf, "plain.test"],
                                    stdout=theirs, stderr=subprocess.DEVNULL,
                                    env={**os.environ, **more})
            os.close(theirs)
            got = b""
            try:
                while more := os.read(ours, 65536):
                    got += more
            except OSError:
                pass  # the other end is closed
            os.close(ours)
            self.assertEqual(done.wait(60), 1)
            self.assertEqual(b"plain.test: \033[31mnone\033[0m" in got, coloured, got)

    def test_what_the_resolver_lacks_is_said(self):
        self.dns.zone[""] = (False, ROOT[""][1])
        done = self.run_check("plain.test")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "postern check: what is found here may be too little: resolver "
                         "127.0.0.1 does not validate: the root's keys come without AD\n")

    def test_a_resolver_that_gives_out_what_is_bogus(self):
        """What it calls authentic does not count: DANE is not claimed."""
        with open(self.conf) as f:
            text = f.read()
        with open(self.conf, "w") as f:
            f.write(text.replace("resolver = {", 'resolver = { bogus_name = "bogus.test";'))
        self.dns.zone["bogus.test"] = SERVFAIL
        self.assertEqual(self.run_check("good.test").returncode, 0)
        self.dns.zone["bogus.test"] = (False, {A: [bytes([192, 0, 2, 9])]})
        done = self.run_check("--json", "good.test", "sts.test")
        self.assertIn("it gives out bogus.test, whose signatures are broken", done.stderr)
        good, sts = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual((good["assurance"], good["mx"][0]["lookup"]), ("none", "insecure"))
        self.assertEqual((sts["assurance"], sts["by"]), ("authenticated", "sts"))

    def test_names_that_a_certificate_may_bear(self):
        """DANE-TA: the TLSA base domain and the next hop (RFC 7672 section 3.2.2)."""
        self.dns.zone["_25._tcp.mx.good.test"] = (True, {TLSA: [bytes([2, 0, 1]) + b"\x5a" * 32]})
        _, [report] = self.check("good.test")
        self.assertEqual(report["mx"][0]["names"], ["mx.good.test", "good.test"])
        self.assertIn("its certificate must bear one of", " ".join(
            self.run_check("good.test").stdout.split()))
        _, [report] = self.check("sts.test")
        self.assertEqual(report["mx"][0]["names"], ["mx.sts.test"])

    def test_watch_prints_what_changes(self):
        watch = subprocess.Popen([POSTERN, "check", "--config", self.conf, "--json", "--watch", "1",
                                  "good.test", "plain.test"], stdout=subprocess.PIPE, text=True)
        try:
            first = [json.loads(watch.stdout.readline()) for _ in range(2)]
            self.assertEqual([(f["domain"], f["changes"]) for f in first],
                             [("good.test", []), ("plain.test", [])])
            self.assertRegex(first[0]["ts"], r"^\d{4}-\d\d-\d\dT")
            self.dns.zone["_25._tcp.mx.good.test"] = (True, {})
            self.dns.zone["good.test"] = (True, {MX: [mx(10, "mx.good.test")]})
            changed = json.loads(watch.stdout.readline())
            while "old.good.test: no longer a host" not in changed["changes"]:
                changed["changes"] += json.loads(watch.stdout.readline())["changes"]
            self.assertEqual(changed["domain"], "good.test")
            told = " | ".join(changed["changes"])
            self.assertIn("authenticated by dane -> none: ", told)
            self.assertIn("mx.good.test: TLSA secure (1 usable) -> absent (0 usable)", told)
        finally:
            watch.send_signal(signal.SIGINT)
        self.assertEqual(watch.wait(60), 1)
        watch.stdout.close()

    def test_watch_for_people(self):
        watch = subprocess.Popen([POSTERN, "check", "--config", self.conf, "--watch=1", "good.test"],
                                 stdout=subprocess.PIPE, text=True)
        try:
            while not watch.stdout.readline().startswith("    MTA-STS"):
                pass
            self.dns.zone["good.test"] = SERVFAIL
            line = " "
            while line.startswith(" "):
                line = watch.stdout.readline()
            self.assertRegex(line, r"^\d{4}-\S+Z good\.test: authenticated by dane -> undetermined: ")
        finally:
            watch.send_signal(signal.SIGTERM)
        self.assertEqual(watch.wait(60), 3)  # as things stood last
        watch.stdout.close()

    def test_usage(self):
        for words in ((), ("a b",), ("--what", "good.test"), ("--watch", "0", "good.test")):
            with self.subTest(words):
                done = self.run_check(*words)
                self.assertEqual(done.returncode, 2)
                self.assertTrue(done.stderr)
                self.assertEqual(done.stdout, "")

    def test_nothing_is_left_behind(self):
        self.check("sts.test")
        self.assertFalse(os.path.exists(self.state))


if __name__ == "__main__":
    unittest.main()

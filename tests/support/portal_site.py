"""A site of its own for tests of the portal: postern-milter, postern-portal and a server that
takes the mail of its outbox, all on loopback in a folder that goes with it.

    with PortalSite(build) as site:
        made = site.deposit(["b@plain.test"], b"Subject: x\\r\\n\\r\\ntext", factor="phrase")
        made.id, made.phrase, made.link["b@plain.test"], made.code[…], made.digest[…]
        site.url            "https://secure.our.test"; site.port is where it really listens
        site.mail("jane@our.test")     the texts of mails that came since the last call

The portal has TLS of its own, with a certificate that nobody signed. Needs
python3-cryptography."""
import datetime
import email
import email.policy
import json
import os
import re
import socket
import socketserver
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from milter_client import MilterClient  # noqa: E402

PATIENCE = 60  # seconds, for what takes a moment on an idle machine
HOST = "secure.our.test"
SENDER = "jane@our.test"

SETTINGS = """state = "{top}/state";
keys = "{top}/keys";
rules = "{top}/rules.conf";
milter = {{ listen = "unix:{top}/milter.sock"; mode = "0600"; group = ""; }};
tls_policy = {{ listen = "unix:{top}/policy.sock"; mode = "0640"; group = ""; }};
resolver = {{ servers = [ "127.0.0.1" ]; port = {resolver}; timeout_ms = 100; tries = 1; }};
outbound = {{ domains = [ "our.test" ]; networks = [ "127.0.0.0/8" ];
  internal_domains = [ "our.test" ]; }};
audit = {{ file = "{top}/audit.jsonl"; syslog = false; }};
outbox = {{ smtp = "127.0.0.1:{outbox}"; }};
portal = {{ url = "https://{host}"; listen = "127.0.0.1:{port}"; organisation = "Our Example";
  certificate = "{top}/tls.pem"; key = "{top}/tls.key"; help = "+49 30 901820";
  code_command = "{top}/carrier"; }};
{more}
"""

RULES = """markers = ( {{ name = "phrase"; any = ( {{ header = "X-Test"; value = "phrase"; }} ); }},
            {{ name = "code"; any = ( {{ header = "X-Test"; value = "code"; }} ); }},
            {{ name = "link"; any = ( {{ header = "X-Test"; value = "link"; }} ); }} );
rules = ( {rules} );
"""
RULE = """{{ name = "{factor}"; when = {{ markers = [ "{factor}" ]; }}; require = "authenticated";
  otherwise = [ "divert" ]; undetermined = "otherwise"; opaque = "ignore"; factor = "{factor}"; }}"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def until(what, true, patience=PATIENCE):
    end = time.monotonic() + patience
    while not (got := true()):
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {patience} s")
        time.sleep(0.02)
    return got


def accepts(family, address):
    with socket.socket(family) as one:
        try:
            one.connect(address)
        except OSError:
            return False
    return True


class Sink(socketserver.ThreadingTCPServer):
    """An SMTP server that takes everything: self.mails has (recipients, bytes)."""
    daemon_threads = True

    class Session(socketserver.StreamRequestHandler):
        def handle(self):
            self.say("220 sink.our.test ESMTP")
            to = []
            for line in self.rfile:
                word = line[:4].upper()
                if word == b"EHLO":
                    self.say("250-sink.our.test\r\n250-8BITMIME\r\n250-DSN\r\n250 SMTPUTF8")
                elif word == b"RCPT":
                    to.append(re.search(rb"<(.*?)>", line)[1].decode())
                    self.say("250 2.1.5 ok")
                elif word == b"DATA":
                    self.say("354 go on")
                    data = b""
                    while not data.endswith(b"\r\n.\r\n"):
                        data += self.rfile.readline()
                    self.server.mails.append((to, data[:-3].replace(b"\r\n..", b"\r\n.")))
                    to = []
                    self.say("250 2.0.0 ok")
                elif word == b"QUIT":
                    self.say("221 2.0.0 bye")
                    return
                else:
                    self.say("250 2.0.0 ok")

        def say(self, text):
            self.wfile.write(text.encode() + b"\r\n")

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Session)
        self.mails = []


def certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.utcnow()
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), False)
            .sign(key, hashes.SHA256()))
    with open(os.path.join(folder, "tls.pem"), "wb") as f:
        f.write(made.public_bytes(serialization.Encoding.PEM))
    with open(os.open(os.path.join(folder, "tls.key"), os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
        f.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                  serialization.NoEncryption()))


class Made:
    """A deposit as its mails tell of it; link, code and digest by recipient."""

    def __init__(self):
        self.id, self.phrase, self.link, self.code, self.digest = "", "", {}, {}, {}
        self.handle = self.number = ""  # the sender's link, and the number that goes with it
        self.original = b""


def text_of(data):
    parsed = email.message_from_bytes(data, policy=email.policy.default)
    return parsed.get_body(("plain",)).get_content()


class PortalSite:
    """more: settings besides; factors: rules that there are. The operator's program for codes
    puts what it is given into the file codes."""

    def __init__(self, build, more="", factors=("phrase", "link")):
        self.build = build
        self.folder = tempfile.TemporaryDirectory(prefix="postern-portal-")
        self.top = self.folder.name
        self.port, self.url = free_port(), f"https://{HOST}"
        self.sink = Sink()
        self.resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # nobody answers there
        self.resolver.bind(("127.0.0.1", 0))
        self.conf, self.log = self.path("postern.conf"), self.path("log")
        self.processes = {}
        self.count = self.seen = 0
        certificate(self.top)
        self.write("postern.conf", SETTINGS.format(
            top=self.top, resolver=self.resolver.getsockname()[1], host=HOST, port=self.port,
            outbox=self.sink.server_address[1], more=more))
        self.write("carrier", f"#!/bin/sh\ncat >>{self.path('codes')}\n")
        os.chmod(self.path("carrier"), 0o700)
        self.write("rules.conf", RULES.format(
            rules=", ".join(RULE.format(factor=factor) for factor in factors)))

    def __enter__(self):
        try:
            threading.Thread(target=self.sink.serve_forever, daemon=True).start()
            self.start("milter")
            self.start("portal")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def path(self, name):
        return os.path.join(self.top, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def start(self, name):
        with open(self.log, "ab") as log:
            self.processes[name] = subprocess.Popen(
                [os.path.join(self.build, name, f"postern-{name}"), "-f", "-c", self.conf],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        ready = {"milter": (socket.AF_UNIX, self.path("milter.sock")),
                 "portal": (socket.AF_INET, ("127.0.0.1", self.port))}[name]
        until(f"postern-{name}", lambda: self.alive(name) and accepts(*ready))

    def alive(self, name):
        status = self.processes[name].poll()
        if status is not None:
            raise AssertionError(f"postern-{name} ended with {status}:\n{self.said()}")
        return True

    def stop(self, name):
        process = self.processes.pop(name, None)
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def close(self):
        for name in ("portal", "milter"):
            self.stop(name)
        self.sink.shutdown()
        self.sink.server_close()
        self.resolver.close()
        said = self.said()
        self.folder.cleanup()
        if "Sanitizer" in said or "runtime error: " in said:
            raise AssertionError(said)

    def said(self):
        if not os.path.exists(self.log):
            return ""
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def postern(self, *words, **options):
        return subprocess.run([os.path.join(self.build, "cli", "postern"), *words, "--config",
                               self.conf], capture_output=True, timeout=PATIENCE, **options)

    def deposit(self, to, original, factor="phrase", sender=SENDER):
        """original: header, empty line and body, CRLF; X-Test is added, and a Message-ID."""
        self.count += 1
        header, _, body = original.partition(b"\r\n\r\n")
        header = (f"X-Test: {factor}\r\nMessage-ID: <{self.count}@our.test>\r\n").encode() + header
        made = Made()
        made.original = header + b"\r\n\r\n" + body
        fields = [tuple(line.decode("utf-8", "surrogateescape").split(":", 1)) for line in
                  re.split(rb"\r\n(?![ \t])", header)]
        before = len(self.sink.mails)
        with MilterClient(self.path("milter.sock")) as client:
            client.connect("127.0.0.1")
            outcome = client.message(sender, to, fields, body)
        if outcome.action != "discard":
            raise AssertionError(f"not diverted: {outcome}\n{self.said()}")
        self.read(made, to, sender, before)
        return made

    def read(self, made, to, sender, before):
        def came():
            fresh = self.sink.mails[before:]
            return {one for who, _ in fresh for one in who} >= {*to, sender} and fresh
        for who, data in until("notices and report", came):
            text = text_of(data)
            link = re.search(r"https://\S+/m/([0-9a-f]{32})#(\S+)", text)
            if link:
                made.id, made.link[who[0]], made.code[who[0]] = link[1], link[0], link[2]
                made.digest[who[0]] = re.search(r"(?m)^\s*([0-9a-f]{64})\s*$", text)[1]
            elif handle := re.search(r"https://\S+/s/[0-9a-f]{32}/[0-9a-f]+", text):
                made.handle = handle[0]
                made.number = re.search(r"(?m)^\s+([0-9 ]{6,7})\s*$", text)[1].replace(" ", "")
                words = re.search(r"(?m)^\s*([a-z]{5}(?: [a-z]{5}){3})\s*$", text)
                made.phrase = words[1] if words else ""

    def mail(self, to):
        """Texts of the mails to that address that have come since the last call."""
        fresh, self.seen = self.sink.mails[self.seen:], len(self.sink.mails)
        return [text_of(data) for who, data in fresh if to in who]

    def audit(self, event=None):
        with open(self.path("audit.jsonl"), encoding="utf-8") as f:
            records = [json.loads(line) for line in f]
        return [one for one in records if event in (None, one["event"])]

    def age(self, ident, until_s):
        """Moves the end of a deposit's life."""
        with sqlite3.connect(self.path("state/postern.db"), timeout=PATIENCE) as db:
            db.execute("UPDATE deposit SET until = ? WHERE id = ?", (until_s, bytes.fromhex(ident)))
        db.close()

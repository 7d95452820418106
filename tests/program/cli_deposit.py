"""postern deposit: a deposit made here, from postern-deposit(5) and not by our code, is
listed and opened; each wrong thing is refused; nothing secret is shown or left behind."""
import json
import os
import pty
import secrets
import select
import sqlite3
import stat
import struct
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
try:
    from sealed import Sealed, code_of, mac
except ImportError:
    raise SystemExit(77)

POSTERN = os.environ["POSTERN"]
MESSAGE = b"Subject: x\r\n\r\nthe original\r\n.\r\n\x00\xff to the byte\n"
PHRASE = "kadim botan rilos fanit"
TABLES = """
CREATE TABLE record (bucket TEXT NOT NULL, name BLOB NOT NULL, value BLOB NOT NULL,
  until INTEGER NOT NULL, PRIMARY KEY (bucket, name)) STRICT;
CREATE INDEX record_until ON record (until) WHERE until > 0;
CREATE TABLE outbox (id BLOB NOT NULL PRIMARY KEY, state INTEGER NOT NULL,
  made INTEGER NOT NULL, next INTEGER NOT NULL, tries INTEGER NOT NULL,
  record BLOB NOT NULL) STRICT;
CREATE INDEX outbox_next ON outbox (state, next);
CREATE TABLE deposit (id BLOB NOT NULL PRIMARY KEY, state INTEGER NOT NULL,
  made INTEGER NOT NULL, until INTEGER NOT NULL, sender BLOB NOT NULL,
  record BLOB NOT NULL) STRICT;
CREATE TABLE recipient (deposit BLOB NOT NULL REFERENCES deposit (id) ON DELETE CASCADE,
  number INTEGER NOT NULL, state INTEGER NOT NULL, address BLOB NOT NULL,
  record BLOB NOT NULL, PRIMARY KEY (deposit, number)) STRICT;
PRAGMA application_id = 1349743665;
PRAGMA user_version = 1;
"""


class Site:
    """A store and keys, as the two manual pages have them."""

    def __init__(self, folder):
        self.folder, self.state, self.keys = folder, folder + "/state", folder + "/keys"
        os.makedirs(self.state + "/blobs", 0o700)
        os.makedirs(self.state + "/outbox", 0o700)
        os.mkdir(self.keys, 0o700)
        self.key = {}
        for name in ("site", "verifier", "outbox", "retry", "header", "epoch-1"):
            self.key[name] = secrets.token_bytes(32)
            self.write_key(name + ".key", self.key[name].hex())
        self.write_key("route.token", secrets.token_hex(16))
        self.conf = folder + "/postern.conf"
        with open(self.conf, "w") as f:
            f.write(f'state = "{self.state}"; keys = "{self.keys}";\n')
        self.db = sqlite3.connect(self.state + "/postern.db", isolation_level=None)
        self.db.executescript(TABLES)

    def write_key(self, name, text):
        with open(os.open(f"{self.keys}/{name}", os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(text + "\n")

    def deposit(self, message=MESSAGE, phrase=PHRASE, to=b"b@plain.test", until=None, state=0):
        sealed = Sealed(message, phrase, to)
        ident, self.last = sealed.id, sealed
        with open(os.open(f"{self.state}/blobs/{ident.hex()}", os.O_WRONLY | os.O_CREAT, 0o600),
                  "wb") as f:
            f.write(sealed.blob)
        record = b"\1" + sealed.digest + sealed.commitment + struct.pack(">Q", len(sealed.payload))
        share = struct.pack(">BBII", 1, 0 if phrase else 2, sealed.rounds, 1)
        share += mac(self.key["verifier"], sealed.auth1) + mac(self.key["verifier"], sealed.auth2)
        share += sealed.seal(self.key["epoch-1"], sealed.server) + sealed.wrapped_dek
        share += mac(self.key["verifier"], sealed.locate)
        now = int(time.time())
        self.db.execute("INSERT INTO deposit VALUES (?, ?, ?, ?, ?, ?)",
                        (ident, state, now, until or now + 86400, b"a@our.example", record))
        self.db.execute("INSERT INTO recipient VALUES (?, 0, 0, ?, ?)", (ident, to, share))
        return ident.hex(), sealed.code

    def file(self, name, text):
        path = f"{self.folder}/{name}"
        with open(path, "w") as f:
            f.write(text)
        return path


class Deposit(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = Site(folder.name)
        self.addCleanup(self.site.db.close)

    def postern(self, *words):
        # A session of its own has no terminal that could be asked.
        return subprocess.run([POSTERN, "deposit", *words, "--config", self.site.conf],
                              capture_output=True, timeout=60, start_new_session=True)

    def open(self, ident, code, phrase=PHRASE, *more):
        words = ["open", ident, "--code-file", self.site.file("code", code)]
        if phrase:
            words += ["--phrase-file", self.site.file("phrase", phrase)]
        return self.postern(*words, *more)

    def refused(self, p, words, status=1):
        self.assertEqual((p.returncode, p.stdout), (status, b""))
        self.assertIn(words, p.stderr.decode())

    def test_byte_for_byte(self):
        for name, message in (("short", MESSAGE), ("empty", b""),
                              ("of several records", os.urandom(300000)),
                              ("exactly one bucket", os.urandom(65536 - 40))):
            with self.subTest(name):
                p = self.open(*self.site.deposit(message))
                self.assertEqual((p.returncode, p.stderr), (0, b""))
                self.assertEqual(p.stdout, message)

    def test_as_people_type(self):
        ident, code = self.site.deposit()
        spaced = "-".join(code[i:i + 4] for i in range(0, 28, 4)).lower()
        for name, text in (("with hyphens, small", spaced),
                           ("O and l", code.replace("0", "O").replace("1", "l")),
                           ("the link", f"https://secure.our.example/m/{ident}#{code}\n"),
                           ("a mangled link", f"\nhttps://x/m/{ident}%23{code}\n")):
            with self.subTest(name):
                p = self.open(ident, text, "  Kadim BOTAN\trilos fanit \n")
                self.assertEqual((p.returncode, p.stdout), (0, MESSAGE), p.stderr)

    def test_refused(self):
        ident, code = self.site.deposit()
        self.refused(self.open(ident, code, "kadim botan rilos fanik"), "phrase is wrong")
        self.refused(self.open(ident, code, None), "a phrase is needed")
        self.refused(self.open(ident, code_of(bytes(16))), "code is wrong")
        self.refused(self.open(ident, code[:-1] + ("0" if code[-1] != "0" else "1")), "mistyped")
        self.refused(self.open("00" * 16, code), "there is no such deposit")
        self.refused(self.open(ident, code, PHRASE, "--recipient", "c@plain.test"),
                     "no such recipient")
        self.refused(self.open("12", code), "32 hexadecimal digits", 2)
        self.refused(self.open(*self.site.deposit(until=int(time.time()))), "has expired")
        self.refused(self.open(*self.site.deposit(state=1)), "was revoked")

    def test_tampering(self):
        ident, code = self.site.deposit(os.urandom(200000))
        path = f"{self.site.state}/blobs/{ident}"
        with open(path, "rb") as f:
            blob = f.read()
        sealed = 65536 + 16
        one, two = blob[12:12 + sealed], blob[12 + sealed:12 + 2 * sealed]
        for name, bad in (("cut", blob[:-1]), ("a record less", blob[:12 + 2 * sealed]),
                          ("reordered", blob[:12] + two + one + blob[12 + 2 * sealed:]),
                          ("repeated", blob[:12 + sealed] + one + blob[12 + sealed:]),
                          ("longer", blob + b"x"), ("empty", b""),
                          ("flipped", blob[:70000] + bytes([blob[70000] ^ 1]) + blob[70001:])):
            with self.subTest(name):
                with open(path, "wb") as f:
                    f.write(bad)
                out = self.site.folder + "/out.eml"
                self.refused(self.open(ident, code, PHRASE, "-o", out), "")
                self.assertFalse(os.path.exists(out))
        self.assertEqual([n for n in os.listdir(self.site.folder) if n.endswith(".new")], [])

    def test_file(self):
        ident, code = self.site.deposit(phrase=None)
        out = self.site.folder + "/out.eml"
        p = self.open(ident, code, None, "-o", out)
        self.assertEqual((p.returncode, p.stdout, p.stderr), (0, b"", b""))
        with open(out, "rb") as f:
            self.assertEqual(f.read(), MESSAGE)
        self.assertEqual(stat.S_IMODE(os.stat(out).st_mode), 0o600)

    def test_on_the_terminal(self):
        ident, code = self.site.deposit()
        out = self.site.folder + "/out.eml"
        pid, fd = pty.fork()
        if pid == 0:
            os.execv(POSTERN, [POSTERN, "deposit", "open", ident, "-o", out,
                               "--config", self.site.conf])
        seen = self.talk(fd, b"Code: ", code[:3].encode() + b"XX\x7f\x7f" + code[3:].encode())
        seen += self.talk(fd, b"Phrase", PHRASE.encode())
        seen += self.talk(fd, None, None)
        self.assertEqual(os.waitpid(pid, 0)[1], 0, seen)
        os.close(fd)
        self.assertNotIn(code.encode(), seen)
        self.assertNotIn(b"kadim", seen)
        with open(out, "rb") as f:
            self.assertEqual(f.read(), MESSAGE)

    def talk(self, fd, prompt, answer):
        """Reads up to the prompt, then types the answer; without one, to the end."""
        seen, deadline = b"", time.monotonic() + 30
        while not (prompt and prompt in seen) and time.monotonic() < deadline:
            if not select.select([fd], [], [], 1)[0]:
                continue
            try:
                more = os.read(fd, 4096)
            except OSError:
                more = b""
            if not more:
                break
            seen += more
        if answer:
            time.sleep(0.2)  # what is typed before the echo is off is thrown away
            os.write(fd, answer + b"\n")
        return seen

    def test_list(self):
        ident, _ = self.site.deposit(to=b"b\x1b[2J@plain.test")
        old, _ = self.site.deposit(until=int(time.time()) - 5, to=b"c@plain.test")
        p = self.postern("list")
        self.assertEqual((p.returncode, p.stderr), (0, b""))
        lines = p.stdout.decode().splitlines()
        self.assertEqual(len(lines), 2)
        self.assertTrue(lines[0].startswith(ident + " open "))
        self.assertIn("from <a@our.example> to <b?[2J@plain.test>", lines[0])
        self.assertTrue(lines[1].startswith(old + " expired "))
        p = self.postern("list", "--json")
        rows = [json.loads(line) for line in p.stdout.decode().splitlines()]
        self.assertEqual([r["id"] for r in rows], [ident, old])
        self.assertEqual([r["state"] for r in rows], ["open", "expired"])
        self.assertEqual(rows[1]["to"], ["c@plain.test"])
        self.assertEqual(rows[1]["from"], "a@our.example")

    def test_usage(self):
        self.refused(self.postern(), "what about deposits? list, open", 2)
        self.refused(self.postern("burn"), "burn is none of list, open", 2)
        self.refused(self.postern("list", "x"), "no operand", 2)
        self.refused(self.postern("open"), "one deposit's number", 2)
        self.refused(self.postern("open", "00" * 16, "--code", "X"), "--code", 2)
        self.refused(self.postern("open", "00" * 16), "no terminal", 2)
        os.chmod(self.site.keys + "/outbox.key", 0o644)
        self.refused(self.open(*self.site.deposit(phrase=None), None), "open to others", 3)
        self.site.file("postern.conf", 'state = "/nonexistent";\n')
        self.refused(self.postern("list"), "cannot open", 1)


if __name__ == "__main__":
    unittest.main()

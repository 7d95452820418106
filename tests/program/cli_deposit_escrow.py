"""postern deposit escrow-open: shares made by openssl, from postern-deposit(5) and not by our
code, open a deposit together, to the byte and on record; one group alone opens nothing."""
import json
import os
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
import unittest

import cli_deposit
from cli_deposit import MESSAGE, POSTERN, Site

if not shutil.which("openssl"):
    raise SystemExit(77)


def openssl(*words, data=b""):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True,
                          timeout=60).stdout


class Officer:
    def __init__(self, folder, name, kind, passphrase=None):
        self.key, self.certificate = f"{folder}/{name}.key", f"{folder}/{name}.pem"
        self.kind, self.passphrase = kind, passphrase
        options = ["rsa_keygen_bits:2048"] if kind == "RSA" else ["ec_paramgen_curve:P-256"]
        secret = ["-aes256", "-pass", "pass:" + passphrase] if passphrase else []
        openssl("genpkey", "-algorithm", kind, "-pkeyopt", options[0], "-out", self.key, *secret)
        openssl("req", "-x509", "-new", "-key", self.key, "-subj", "/CN=" + name, "-days", "30",
                "-out", self.certificate, *(["-passin", "pass:" + passphrase] if passphrase else []))

    def seal(self, share):
        options = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"] \
            if self.kind == "RSA" else ["ecdh_kdf_md:sha256"]
        return openssl("cms", "-encrypt", "-binary", "-outform", "DER", "-aes-256-gcm", "-recip",
                       self.certificate, *(w for o in options for w in ("-keyopt", o)), data=share)


class Escrow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keys = tempfile.TemporaryDirectory()
        cls.legal = Officer(cls.keys.name, "Legal", "RSA")
        cls.board = Officer(cls.keys.name, "Board", "EC", "hush")
        cls.stranger = Officer(cls.keys.name, "Stranger", "EC")
        cls.words = cls.keys.name + "/passphrase"
        with open(cls.words, "w") as f:
            f.write("hush\n")

    @classmethod
    def tearDownClass(cls):
        cls.keys.cleanup()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = Site(folder.name)
        self.addCleanup(self.site.db.close)
        self.audit, self.out = folder.name + "/audit.jsonl", folder.name + "/out.eml"
        with open(self.site.conf, "a") as f:
            f.write(f'audit = {{ file = "{self.audit}"; }};\n')
            f.write(f'escrow = {{ officers = [ "{self.legal.certificate}", '
                    f'"{self.board.certificate}" ]; }};\n')

    def escrowed(self, message=MESSAGE, **more):
        """A deposit with two shares; its number, and the shares' plain text."""
        ident, _ = self.site.deposit(message, **more)
        raw, dek = bytes.fromhex(ident), self.site.last.dek
        one = secrets.token_bytes(32)
        two = bytes(a ^ b for a, b in zip(one, dek))
        head = b"postern-escrow-1\n" + raw + b"\1"
        plain = [head + bytes([i, 2]) + share for i, share in enumerate((one, two))]
        for i, officer in enumerate((self.legal, self.board)):
            self.put(ident, i, officer.seal(plain[i]))
        return ident, plain

    def put(self, ident, number, sealed):
        self.site.db.execute("INSERT OR REPLACE INTO record VALUES ('escrow', ?, ?, 0)",
                             (bytes.fromhex(ident) + bytes([number]), sealed))

    def open(self, ident, *officers, reason="court order 7/2026", more=()):
        words = ["escrow-open", ident, "--out", self.out, "--reason", reason]
        for officer in officers:
            words += ["--officer", officer.key]
        if self.board in officers:  # the n-th file is for the n-th key
            words += ["--passphrase-file", self.words] * (officers.index(self.board) + 1)
        return subprocess.run([POSTERN, "deposit", *words, *more, "--config", self.site.conf],
                              capture_output=True, timeout=60, start_new_session=True)

    def refused(self, p, words, status=1):
        self.assertEqual((p.returncode, p.stdout), (status, b""), p.stderr)
        self.assertIn(words, p.stderr.decode())
        self.assertFalse(os.path.exists(self.out))
        self.assertEqual([n for n in os.listdir(self.site.folder) if n.endswith(".new")], [])

    def test_byte_for_byte_and_on_record(self):
        for name, message in (("short", MESSAGE), ("of several records", os.urandom(200000))):
            with self.subTest(name):
                ident, _ = self.escrowed(message)
                p = self.open(ident, self.legal, self.board)
                self.assertEqual((p.returncode, p.stdout, p.stderr), (0, b"", b""))
                with open(self.out, "rb") as f:
                    self.assertEqual(f.read(), message)
                self.assertEqual(stat.S_IMODE(os.stat(self.out).st_mode), 0o600)
                with open(self.audit) as f:
                    row = json.loads(f.readlines()[-1])
                self.assertEqual((row["event"], row["deposit"], row["from"], row["to"],
                                  row["mode"]),
                                 ("escrow-opened", ident, "a@our.example", "b@plain.test",
                                  "server"))
                self.assertRegex(row["reason"], r"^/CN=Legal [0-9a-f]{16}, /CN=Board "
                                                r"[0-9a-f]{16}: court order 7/2026$")
                self.assertTrue(row["auth"])

    def test_a_single_group_opens_nothing(self):
        ident, plain = self.escrowed()
        for officers in ((self.legal,), (self.board,), (self.legal, self.stranger)):
            self.refused(self.open(ident, *officers), "open 1 of 2 shares")
        self.refused(self.open(ident, self.stranger), "open 0 of 2 shares")
        self.refused(self.open(ident, self.legal, self.legal), "open 1 of 2 shares")
        self.assertFalse(os.path.exists(self.audit))
        # A share alone is as good as random: the same share fits any key.
        self.assertNotIn(self.site.last.dek, plain[0] + plain[1])

    def test_shares_of_another_deposit(self):
        ident, plain = self.escrowed()
        other, others = self.escrowed(b"Subject: y\r\n\r\nanother\r\n")
        self.put(ident, 1, self.board.seal(others[1]))
        self.refused(self.open(ident, self.legal, self.board),
                     "share 2 of 2 belongs to another deposit")
        self.put(ident, 0, self.legal.seal(others[0]))
        self.refused(self.open(ident, self.legal, self.board),
                     "share 1 of 2 belongs to another deposit")
        # In the right place by name, and yet not of this deposit's key.
        forged = plain[1][:-32] + others[1][-32:]
        self.put(ident, 0, self.legal.seal(plain[0]))
        self.put(ident, 1, self.board.seal(forged))
        self.refused(self.open(ident, self.legal, self.board), "do not make the key")
        self.put(ident, 1, self.board.seal(plain[1])[:-1] + b"\0")
        self.refused(self.open(ident, self.legal, self.board), "open 1 of 2")
        self.assertFalse(os.path.exists(self.audit))
        self.put(ident, 1, self.board.seal(plain[1]))
        self.assertEqual(self.open(ident, self.legal, self.board).returncode, 0)

    def test_not_without_the_record(self):
        ident, _ = self.escrowed()
        os.mkdir(self.audit)
        self.refused(self.open(ident, self.legal, self.board), "", 3)
        os.rmdir(self.audit)
        self.assertEqual(self.open(ident, self.legal, self.board).returncode, 0)

    def test_a_message_that_was_changed(self):
        ident, _ = self.escrowed(os.urandom(100000))
        path = f"{self.site.state}/blobs/{ident}"
        with open(path, "r+b") as f:
            f.seek(90000)
            byte = f.read(1)
            f.seek(90000)
            f.write(bytes([byte[0] ^ 1]))
        self.refused(self.open(ident, self.legal, self.board), "")
        with open(self.audit) as f:  # that it was tried stays on record
            self.assertEqual(json.loads(f.readline())["event"], "escrow-opened")

    def test_ended(self):
        for more in ({"until": int(time.time()) - 1}, {"state": 1}):
            ident, _ = self.escrowed(**more)
            self.refused(self.open(ident, self.legal, self.board), "has ended")
        ident, _ = self.site.deposit()
        self.refused(self.open(ident, self.legal, self.board), "no escrow shares")
        self.refused(self.open("00" * 16, self.legal, self.board), "no such deposit")

    def test_passphrases(self):
        ident, _ = self.escrowed()
        words = ["--officer", self.legal.key, "--officer", self.board.key]
        p = self.open(ident, more=words)
        self.refused(p, "no terminal", 2)
        wrong = self.site.file("wrong", "husk\n")
        p = self.open(ident, more=words + ["--passphrase-file", wrong] * 2)
        self.refused(p, "passphrase is wrong", 2)
        self.assertNotIn(b"husk", p.stderr)

    def test_on_the_terminal(self):
        ident, _ = self.escrowed()
        pid, fd = os.forkpty()
        if pid == 0:
            os.execv(POSTERN, [POSTERN, "deposit", "escrow-open", ident, "--out", self.out,
                               "--reason", "drill", "--officer", self.board.key, "--officer",
                               self.legal.key, "--config", self.site.conf])
        talk = cli_deposit.Deposit.talk
        seen = talk(self, fd, b"Passphrase of", b"hush") + talk(self, fd, None, None)
        self.assertEqual(os.waitpid(pid, 0)[1], 0, seen)
        os.close(fd)
        self.assertNotIn(b"hush", seen)
        with open(self.out, "rb") as f:
            self.assertEqual(f.read(), MESSAGE)

    def test_usage(self):
        ident, _ = self.escrowed()
        self.refused(self.open(ident), "--officer FILE", 2)
        self.refused(self.open("12", self.legal), "32 hexadecimal digits", 2)
        for reason in ("", "  ", "x", "two\nlines", "y" * 501):
            self.refused(self.open(ident, self.legal, self.board, reason=reason),
                         "--reason TEXT", 2)
        p = subprocess.run([POSTERN, "deposit", "escrow-open", ident, "--officer", self.legal.key,
                            "--config", self.site.conf], capture_output=True, timeout=60)
        self.refused(p, "needs --out", 2)
        self.refused(self.open(ident, more=["--officer", self.site.conf]), "no private key", 2)
        self.refused(self.open(ident, more=["--officer", "/nonexistent"]), "/nonexistent", 2)


if __name__ == "__main__":
    unittest.main()

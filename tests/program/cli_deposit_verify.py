"""postern deposit verify: a proof made here, from postern-deposit(5) and not by our code, is
genuine; each thing that was changed is found; it says what was compared with what."""
import base64
import hashlib
import json
import os
import quopri
import secrets
import subprocess
import tempfile
import unittest

try:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
except ImportError:
    raise SystemExit(77)

POSTERN = os.environ["POSTERN"]
MESSAGE = b"Subject: x\r\n\r\nthe original\r\n.\r\n\x00\xff to the byte\n"
SALT = bytes(range(32))
SIGNED = ("version", "deposit", "digest", "sender", "recipient", "made", "picked_up", "factor",
          "independent", "mode", "scan", "organisation", "portal")


def canonical(proof):
    text = json.dumps({name: proof[name] for name in SIGNED}, separators=(",", ":"),
                      ensure_ascii=False)
    return b"postern-proof-1\n" + text.encode()


def public(key):
    return key.public_key().public_bytes(serialization.Encoding.Raw,
                                         serialization.PublicFormat.Raw).hex()


def proof_of(key, message=MESSAGE, **other):
    proof = {
        "version": 1, "deposit": "6f" * 16,
        "digest": hashlib.sha256(SALT + message).hexdigest(), "salt": SALT.hex(),
        "sender": "a@our.example", "recipient": '"b \\" c"@plain.test',
        "made": "2026-11-22T02:45:47Z", "picked_up": "2026-11-23T09:12:00Z",
        "factor": "phrase", "independent": True, "mode": "browser",
        "scan": {"engine": "ClamAV 1.0.7", "result": "clean", "date": "2026-11-22T02:45:46Z"},
        "organisation": "Our Éxample", "portal": "https://secure.our.example",
    }
    proof.update(other)
    proof["key"] = public(key)
    proof["signature"] = key.sign(canonical(proof)).hex()
    return proof


class Verify(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.site = Ed25519PrivateKey.generate()
        self.key = public(self.site)
        self.file("message.eml", MESSAGE)

    def file(self, name, content):
        path = f"{self.folder}/{name}"
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return path

    def verify(self, proof, *words, message="message.eml"):
        text = proof if isinstance(proof, str) else json.dumps(proof)
        return subprocess.run(
            [POSTERN, "deposit", "verify", *words, f"{self.folder}/{message}",
             self.file("proof.json", text)], capture_output=True, text=True, timeout=60)

    def genuine(self, p, *words):
        self.assertEqual((p.returncode, p.stderr), (0, ""), p.stdout)
        self.assertTrue(p.stdout.endswith("\nGenuine.\n"), p.stdout)
        for word in words:
            self.assertIn(word, " ".join(p.stdout.split()))

    def not_shown(self, p, *words):
        self.assertEqual(p.returncode, 1, p.stdout + p.stderr)
        self.assertNotIn("\nGenuine.", p.stdout)
        for word in words:
            self.assertIn(word, " ".join(p.stdout.split()) + p.stderr)

    def test_by_the_published_key(self):
        proof = proof_of(self.site)
        old = public(Ed25519PrivateKey.generate())
        for name, given in (
                ("on the command line", self.key), ("in capitals", self.key.upper()),
                ("in a file", self.file("key", self.key + "\n")),
                ("after an older one", self.file("keys", f"{old}\n{self.key}\n")),
                ("as the portal has it", self.file("key.json", json.dumps(
                    {"version": 1, "organisation": "Our", "ed25519": self.key})))):
            with self.subTest(name):
                self.genuine(self.verify(proof, "--key", given),
                             "is, to the byte, the one that the proof names",
                             "good, by the key that you gave: " + self.key,
                             "was not compared with a notice",
                             "from <a@our.example> for <\"b \\\" c\"@plain.test>",
                             "scanned 2026-11-22T02:45:46Z by ClamAV 1.0.7: clean",
                             "no proof can show")

    def test_as_other_programs_write_it(self):
        proof = proof_of(self.site, scan=None, factor="link", independent=False, mode="server")
        text = json.dumps(dict(reversed(proof.items())), indent=2)
        self.genuine(self.verify(text, "--key", self.key), "not scanned",
                     "decrypted by the portal", "factor link, which travelled the notice's way")

    def notice(self, digest, encoding):
        text = (f"a@our.example has a message for you.\n\n    {digest}\n\n-- \nOur Éxample\n")
        head = f"From: a@our.example\nContent-Type: text/plain; charset=utf-8\n"
        head += f"Content-Transfer-Encoding: {encoding}\n\n"
        body = {"8bit": lambda b: b, "quoted-printable": quopri.encodestring,
                "base64": base64.encodebytes}[encoding](text.encode())
        return self.file("notice.eml", head.encode() + body)

    def test_by_the_notice(self):
        proof = proof_of(self.site)
        for encoding in ("8bit", "quoted-printable", "base64"):
            with self.subTest(encoding):
                self.genuine(
                    self.verify(proof, "--notice", self.notice(proof["digest"], encoding)),
                    "The digest of the proof is the one that the notice has",
                    "good, by the key that the proof itself names", "Whose the key is was not",
                    "DKIM")
        self.genuine(self.verify(proof, "--digest", proof["digest"].upper()), "that you gave")
        self.not_shown(self.verify(proof, "--notice", self.notice("9c" * 32, "8bit")),
                       "is NOT the one that the notice has")
        self.not_shown(self.verify(proof, "--key", self.key, "--digest", "9c" * 32),
                       "is NOT the one that you gave")

    def test_nothing_to_compare_with(self):
        self.not_shown(self.verify(proof_of(self.site)), "anyone could have made all of it",
                       "NOT shown to be genuine")

    def test_somebody_elses_key(self):
        forged = proof_of(Ed25519PrivateKey.generate())
        self.not_shown(self.verify(forged, "--key", self.key), "NOT good by the key that you gave")
        forged["key"] = self.key
        self.not_shown(self.verify(forged, "--digest", forged["digest"]), "NOT good by")

    def test_each_member_counts(self):
        changes = {
            "deposit": "6e" * 16, "sender": "x@our.example", "recipient": "c@plain.test",
            "made": "2026-11-22T02:45:48Z", "picked_up": "2026-11-24T09:12:00Z",
            "factor": "code", "independent": False, "mode": "server", "scan": None,
            "organisation": "Your Example", "portal": "https://secure.your.example",
        }
        for name, value in changes.items():
            with self.subTest(name):
                proof = proof_of(self.site)
                proof[name] = value
                self.not_shown(self.verify(proof, "--key", self.key), "NOT good by")
        self.assertEqual(set(changes) | {"version", "digest"}, set(SIGNED))
        for name in ("digest", "salt"):
            with self.subTest(name):
                proof = proof_of(self.site)
                proof[name] = secrets.token_hex(32)
                self.not_shown(self.verify(proof, "--key", self.key),
                               "The message is NOT the one that the proof names")

    def test_the_message(self):
        proof = proof_of(self.site)
        for name, other in (("a byte", MESSAGE.replace(b"original", b"originaL")),
                            ("a line end", MESSAGE.replace(b"\r\n", b"\n")),
                            ("a byte more", MESSAGE + b"\n"), ("none", b"")):
            with self.subTest(name):
                self.file("other.eml", other)
                self.not_shown(self.verify(proof, "--key", self.key, message="other.eml"),
                               "The message is NOT the one")
        del proof["salt"]
        self.not_shown(self.verify(proof, "--key", self.key), "the proof has no salt")

    def test_no_proof_at_all(self):
        for name, text, why in (("no JSON", "x", "not JSON"), ("empty", "", "empty"),
                                ("another version", json.dumps(
                                    dict(proof_of(self.site), version=2)), '"version"'),
                                ("twice", '{"version":1,"version":1}', "duplicate")):
            with self.subTest(name):
                p = self.verify(text, "--key", self.key)
                self.assertEqual((p.returncode, p.stdout), (1, ""))
                self.assertIn(why, p.stderr)

    def test_json(self):
        p = self.verify(proof_of(self.site), "--json", "--key", self.key)
        self.assertEqual(p.returncode, 0)
        self.assertEqual(json.loads(p.stdout), {
            "genuine": True, "message": "same", "signature": "good", "key": self.key,
            "key_from": "given", "digest": "not-compared", "deposit": "6f" * 16,
            "from": "a@our.example", "to": '"b \\" c"@plain.test',
            "made": "2026-11-22T02:45:47Z", "picked_up": "2026-11-23T09:12:00Z",
            "factor": "phrase", "independent": True, "mode": "browser"})

    def test_on_the_site_itself(self):
        keys = self.folder + "/keys"
        os.mkdir(keys, 0o700)
        raw = self.site.private_bytes_raw() if hasattr(self.site, "private_bytes_raw") else \
            self.site.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw,
                                    serialization.NoEncryption())
        for name in ("site", "verifier", "outbox", "retry", "header", "epoch-1"):
            value = raw if name == "site" else secrets.token_bytes(32)
            with open(os.open(f"{keys}/{name}.key", os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
                f.write(value.hex() + "\n")
        with open(os.open(f"{keys}/route.token", os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(secrets.token_hex(16) + "\n")
        conf = self.file("postern.conf", f'keys = "{keys}";\n')
        self.genuine(self.verify(proof_of(self.site), "--config", conf),
                     "good, by a key of this site")
        self.not_shown(self.verify(proof_of(Ed25519PrivateKey.generate()), "--config", conf),
                       "the key that the proof itself names")

    def test_terminal(self):
        p = self.verify(proof_of(self.site, organisation="x\x1b[2J", sender="a\u202e@x"),
                        "--key", self.key)
        self.assertNotIn("\x1b", p.stdout)
        self.assertNotIn("\u202e", p.stdout)

    def test_usage(self):
        proof = proof_of(self.site)
        for words, why in (((), "takes a message and its proof"),
                           (("--key", "12", "a", "b"), "12"),
                           (("--digest", "12", "a", "b"), "64 hexadecimal digits"),
                           (("--digest", "12", "--notice", "x", "a", "b"), "give one")):
            p = subprocess.run([POSTERN, "deposit", "verify", *words], capture_output=True,
                               text=True, timeout=60)
            self.assertEqual((p.returncode, p.stdout), (2, ""))
            self.assertIn(why, p.stderr)
        for words, why in ((("--notice", self.file("n", "Subject: x\n\nno digest\n")),
                            "has no digest"),
                           (("--key", self.file("k", "nothing")), "has no key"),
                           (("--notice", self.folder + "/none"), "none")):
            p = self.verify(proof, *words)
            self.assertEqual((p.returncode, p.stdout), (2, ""))
            self.assertIn(why, p.stderr)
        self.assertEqual(self.verify(proof, message="none.eml").returncode, 2)


if __name__ == "__main__":
    unittest.main()

"""postern keys: the public halves, the epochs, and a site key that is replaced on record."""

import json
import os
import subprocess
import tempfile
import unittest

try:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
except ImportError:
    raise SystemExit(77)

POSTERN = os.environ["POSTERN"]


class Keys(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.keys = self.folder.name + "/keys"
        os.mkdir(self.keys, 0o700)
        os.mkdir(self.folder.name + "/state", 0o700)
        for name in ("site", "verifier", "outbox", "retry", "header", "epoch-1", "epoch-4"):
            self.write(name + ".key", os.urandom(32).hex())
        self.write("route.token", os.urandom(16).hex())
        self.conf = self.folder.name + "/postern.conf"
        self.log = self.folder.name + "/audit.jsonl"
        with open(self.conf, "w") as f:
            f.write(f'state = "{self.folder.name}/state"; keys = "{self.keys}";\n'
                    f'audit = {{ file = "{self.log}"; syslog = false; }};\n')

    def write(self, name, text):
        with open(os.open(f"{self.keys}/{name}", os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(text + "\n")

    def public(self):
        with open(self.keys + "/site.key") as f:
            key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(f.read()))
        return key.public_key().public_bytes(serialization.Encoding.Raw,
                                             serialization.PublicFormat.Raw).hex()

    def postern(self, *words):
        return subprocess.run([POSTERN, "keys", *words, "--config", self.conf],
                              capture_output=True, text=True, timeout=60, check=False)

    def test_list_shows_nothing_secret(self):
        done = self.postern("list")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, f"site  {self.public()} current\nepoch 4 current\n"
                                      "epoch 1 old\n")
        for name in os.listdir(self.keys):
            with open(f"{self.keys}/{name}") as f:
                self.assertNotIn(f.read().strip(), done.stdout)

    def test_the_site_key_is_replaced_on_record(self):
        old = self.public()
        done = self.postern("renew-site", "--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        fresh = self.public()
        self.assertNotEqual(old, fresh)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([(r["kind"], r["name"], r["current"]) for r in rows],
                         [("site", fresh, True), ("site", old, False)])
        with open(self.keys + "/site-1.pub") as f:
            self.assertEqual(f.read(), old + "\n")
        with open(self.log) as f:
            records = [json.loads(line) for line in f]
        self.assertEqual([(r["event"], r["reason"]) for r in records],
                         [("key-renewed", "the site's key, which was " + old)])
        self.assertIn(f"site  {old} old\n", self.postern("list").stdout)

    def test_without_the_audit_it_stays(self):
        old = self.public()
        os.mkdir(self.log)
        self.assertEqual(self.postern("renew-site").returncode, 3)
        self.assertEqual(self.public(), old)

    def test_usage(self):
        for words in ((), ("make",), ("list", "x")):
            self.assertEqual(self.postern(*words).returncode, 2)
        os.chmod(self.keys + "/outbox.key", 0o644)
        done = self.postern("list")
        self.assertEqual(done.returncode, 3)
        self.assertIn("open to others", done.stderr)


if __name__ == "__main__":
    unittest.main()

"""postern known and postern forget: what the daemon remembers of a destination is listed, and
forgotten on the operator's word, which stands in the audit."""

import json
import os
import sqlite3
import sys
import time
import unittest
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from milter_start import Daemon, POSTERN, run, until  # noqa: E402
from dns_stub import A, MX, TLSA, Dns, mx  # noqa: E402  (milter_start has set the path)

NOW = int(time.time())
DAY = 86400
EE = bytes([3, 1, 1]) + b"\x5a" * 32


def zone():
    return {
        "good.test": (True, {MX: [mx(10, "mx.good.test")]}),
        "mx.good.test": (True, {A: [bytes([192, 0, 2, 1])]}),
        "_25._tcp.mx.good.test": (True, {TLSA: [EE]}),
        "sts.test": (False, {MX: [mx(10, "mx.sts.test")]}),
        "mx.sts.test": (False, {A: [bytes([192, 0, 2, 3])]}),
    }


def stored(domain, mode="enforce", fetched=NOW - 60, expires=NOW + 7 * DAY):
    """As lib/sts/stored.h has it."""
    body = (f"domain: {domain}\nid: 7\nfetched: {fetched}\nexpires: {expires}\n\n"
            f"version: STSv1\nmode: {mode}\nmx: mx.{domain}\nmax_age: 604800\n").encode()
    return b"postern-sts 1 %08x\n" % zlib.crc32(body) + body


class Forget(unittest.TestCase):
    def setUp(self):
        self.dns = Dns(zone())
        self.dns.start()
        self.addCleanup(self.dns.stop)
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        with open(self.daemon.conf, encoding="utf-8") as f:
            settings = f.read()
        port = self.daemon.resolver.getsockname()[1]
        with open(self.daemon.conf, "w", encoding="utf-8") as f:
            f.write(settings.replace(f"port = {port}", f"port = {self.dns.port}"))
        self.daemon.start()
        self.stop()  # the store is there
        self.put("sts.test", stored("sts.test"))

    def stop(self):
        """At once: libmilter takes five seconds to end in order."""
        self.daemon.process.kill()
        self.daemon.process.wait()

    def put(self, domain, record):
        with sqlite3.connect(self.daemon.path("state/postern.db")) as db:
            db.execute("INSERT OR REPLACE INTO record VALUES ('sts', ?, ?, ?)",
                       (domain.encode(), record, NOW + 60 * DAY))

    def postern(self, *words):
        done = run(POSTERN, *words, "--config", self.daemon.conf)
        self.assertNotIn("Sanitizer", done.stderr)
        return done

    def known(self, *domains):
        return [json.loads(line) for line in
                self.postern("known", "--json", *domains).stdout.splitlines()]

    def audited(self):
        with open(self.daemon.path("audit.jsonl"), encoding="utf-8") as f:
            return [r for r in map(json.loads, f) if r["event"] == "forgotten"]

    def ask(self, domain):
        return self.daemon.ask("strict " + domain)[0]

    def test_what_is_remembered_is_listed(self):
        self.put("lost.test", stored("lost.test", expires=NOW - DAY))
        self.put("bad.test", b"postern-sts 1 00000000\nx")
        self.put("testing.test", stored("testing.test", mode="testing"))
        listed = self.known()
        self.assertEqual([(k["domain"], k["standing"], k["mode"]) for k in listed],
                         [("bad.test", "unreadable", None), ("lost.test", "lost", "enforce"),
                          ("sts.test", "live", "enforce"), ("testing.test", "live", "testing")])
        self.assertEqual((listed[2]["id"], listed[2]["mx"]), ("7", ["mx.sts.test"]))
        done = self.postern("known", "STS.test", "lost.test")
        self.assertEqual(done.returncode, 0)
        self.assertIn("sts.test: mode enforce, id 7, fetched ", done.stdout)
        self.assertIn("protected mail waits until", done.stdout)
        done = self.postern("known", "other.test")
        self.assertEqual((done.returncode, done.stdout), (1, "other.test: no policy\n"))

    def test_without_a_daemon_only_policies_are_forgotten(self):
        done = self.postern("forget", "sts.test")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no milter runs", done.stderr)
        self.assertEqual(len(self.known()), 1)
        self.assertEqual(self.audited(), [])

        done = self.postern("forget", "--policy", "sts.test", "other.test")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("sts.test: its MTA-STS policy is forgotten (mode enforce, id 7", done.stdout)
        self.assertIn("other.test: no MTA-STS policy was remembered", done.stdout)
        self.assertEqual(self.known(), [])
        self.assertEqual([r["to"] for r in self.audited()], ["sts.test", "other.test"])
        self.assertTrue(self.audited()[0]["auth"])

    def test_a_running_daemon_looks_up_anew(self):
        self.daemon.start()
        self.assertEqual(self.ask("good.test"), "OK dane-only")
        self.dns.zone["good.test"] = (False, {MX: [mx(10, "mx.good.test")]})
        self.assertEqual(self.ask("good.test"), "OK dane-only")  # from memory
        done = self.postern("forget", "--json", "good.test")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), {
            "domain": "good.test", "milter": True, "policy_forgotten": False,
            "policy": {"standing": "none", "mode": None, "id": None, "fetched": None,
                       "until": None, "mx": []}})
        self.assertIn("TEMP good.test is none", self.ask("good.test"))
        self.assertEqual([(r["to"], r["reason"]) for r in self.audited()],
                         [("good.test", "what was found out of it")])
        self.assertIn("what was found out of good.test is forgotten", self.daemon.said())

    def test_a_policy_stays_unless_it_is_named(self):
        """The domain announces nothing any more: while its policy lives that counts for nothing."""
        self.daemon.start()
        self.assertIn("match=mx.sts.test", self.ask("sts.test"))
        done = self.postern("forget", "sts.test")
        self.assertIn("its MTA-STS policy stays (mode enforce, id 7", done.stdout)
        self.assertIn("match=mx.sts.test", self.ask("sts.test"))
        done = self.postern("forget", "--policy", "sts.test")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("TEMP sts.test is none", self.ask("sts.test"))
        until("the store", lambda: self.known() == [])
        self.stop()
        self.daemon.start()
        self.assertIn("TEMP sts.test is none", self.ask("sts.test"))  # nor after a restart

    def test_what_is_no_destination(self):
        for words in (["forget"], ["forget", "a b"], ["forget", "--all", "sts.test"]):
            with self.subTest(words):
                self.assertEqual(self.postern(*words).returncode, 2)

    def test_what_cannot_be_recorded_does_not_happen(self):
        os.remove(self.daemon.path("audit.jsonl"))
        os.mkdir(self.daemon.path("audit.jsonl"))
        done = self.postern("forget", "--policy", "sts.test")
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertEqual(len(self.known()), 1)


if __name__ == "__main__":
    unittest.main()

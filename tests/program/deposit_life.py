"""How deposits end: by the command line and by the daemon, with its clock and without; what the
sender is told, what the audit has, and that nothing is left."""

import glob
import json
import os
import re
import sqlite3
import struct
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from milter_start import POSTERN, Daemon, until  # noqa: E402

DAY = 86400
PORTAL = [("Subject", "portal please: CANARY-subject")]
BODY = b"CANARY-body, nothing else.\r\n"


class Life(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def divert(self, number, to=("bob@plain.test",)):
        fields = [*PORTAL, ("Message-ID", f"<{number}@our.test>")]
        self.assertEqual(self.daemon.message(BODY, fields, to=to).action, "discard")

    def postern(self, *words):
        done = subprocess.run([POSTERN, "deposit", *words, "--config", self.daemon.conf],
                              capture_output=True, text=True, timeout=60, check=False)
        if "Sanitizer" in done.stderr:
            raise AssertionError(done.stderr)
        return done

    def rows(self):
        done = self.postern("list", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def audit(self, event):
        with open(self.daemon.path("audit.jsonl"), encoding="utf-8") as f:
            return [r for r in map(json.loads, f) if r["event"] == event]

    def db(self):
        return sqlite3.connect(self.daemon.path("state/postern.db"), timeout=30,
                               isolation_level=None)

    def outbox(self):
        """How many mails wait."""
        with self.db() as db:
            return db.execute("SELECT count(*) FROM outbox").fetchone()[0]

    def age(self, seconds):
        """As if all deposits had been made so much earlier. Needs the daemon to be stopped."""
        with self.db() as db:
            db.execute("UPDATE deposit SET made = made - ?, until = until - ?",
                       (seconds, seconds))

    def stop(self):
        """At once; ending in order takes seconds and is not what is looked at."""
        self.daemon.process.kill()
        self.daemon.process.wait()

    def chain_holds(self):
        done = subprocess.run([POSTERN, "audit", "verify", "--config", self.daemon.conf],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_an_operator_revokes(self):
        self.divert(1, ("bob@plain.test", "eve@plain.test"))
        self.divert(2)
        first, second = self.rows()
        self.assertEqual((first["state"], first["pickups"], first["ended"]),
                         ("open", ["new", "new"], None))
        self.assertEqual(self.outbox(), 3 + 2)
        done = self.postern("revoke", "--reason", "sent to the wrong address", first["id"])
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, f"{first['id']} is revoked\n", ""))
        self.assertEqual([r["state"] for r in self.rows()], ["revoked", "open"])
        self.assertEqual(self.outbox(), 1 + 2)  # the letter to the sender, and the other's
        told = self.audit("revoked")
        self.assertEqual([r["to"] for r in told], ["bob@plain.test", "eve@plain.test"])
        for r in told:
            self.assertEqual((r["deposit"], r["from"], r["reason"]),
                             (first["id"], "jane@our.test",
                              "by operator: sent to the wrong address"))
            self.assertTrue(r["auth"])
        done = self.postern("revoke", first["id"], second["id"], "00" * 16, "--json")
        self.assertEqual(done.returncode, 1)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line["done"] for line in lines], [False, True, False])
        self.assertEqual(lines[0]["why"], "the deposit has ended")
        self.assertEqual(lines[2]["why"], "there is no such deposit")
        self.assertEqual(len(self.audit("revoked")), 3)
        self.chain_holds()

    def test_an_operator_extends(self):
        self.divert(1)
        row = self.rows()[0]
        done = self.postern("extend", row["id"])
        self.assertRegex(done.stdout, f"^{row['id']} is kept until 20..-..-..T..:..:..Z\n$")
        self.assertGreater(self.rows()[0]["until"], row["until"])
        done = self.postern("extend", "--days", "3650", "--reason", "on leave", row["id"])
        self.assertEqual(done.returncode, 0, done.stderr)
        longest = self.rows()[0]["until"]
        self.assertIn(f"by operator: until {longest}, on leave",
                      [r["reason"] for r in self.audit("extended")])
        done = self.postern("extend", row["id"])
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("kept that long already", done.stderr)
        self.assertEqual(self.postern("extend", "--days", "soon", row["id"]).returncode, 2)
        self.assertEqual(self.postern("extend").returncode, 2)
        self.chain_holds()

    def test_without_a_daemon_the_command_line_writes_the_audit_itself(self):
        self.divert(1)
        self.stop()
        done = self.postern("revoke", self.rows()[0]["id"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.audit("revoked")), 1)
        self.chain_holds()

    def test_what_cannot_be_audited_does_not_happen(self):
        self.divert(1)
        self.stop()
        with open(self.daemon.conf, encoding="utf-8") as f:
            text = f.read()
        with open(self.daemon.conf, "w", encoding="utf-8") as f:
            f.write(text.replace("/audit.jsonl", "/nowhere/audit.jsonl"))
        done = self.postern("revoke", self.rows()[0]["id"])
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertEqual(self.rows()[0]["state"], "open")
        self.assertEqual(self.outbox(), 2)

    def test_the_daemon_warns_and_ends_in_time(self):
        self.divert(1)
        self.stop()
        self.age(8 * DAY)
        self.daemon.start()
        until("the warning", lambda: self.outbox() == 3)
        self.stop()
        self.daemon.start()  # and does not forget that it has warned
        until("the second round", lambda: self.daemon.said().count(" started: ") == 3)
        time.sleep(0.3)
        self.assertEqual(self.outbox(), 3)
        self.assertEqual(self.daemon.said().count("senders_warned=1"), 1)
        self.stop()
        self.age(7 * DAY)
        self.daemon.start()
        until("the end", lambda: self.rows()[0]["state"] == "expired")
        until("the audit", lambda: len(self.audit("expired")) == 1)
        self.assertEqual(self.audit("expired")[0]["reason"], "by time")
        until("the log", lambda: "deposits_expired=1" in self.daemon.said())
        # The notices are gone; two letters to the sender wait.
        self.assertEqual(self.outbox(), 2)
        self.assertEqual(glob.glob(self.daemon.path("state/blobs/*")), [])
        self.stop()
        self.chain_holds()

    def set_known_time(self, seconds):
        """What the store remembers of the time, moved by so much."""
        with self.db() as db:
            value = db.execute("SELECT value FROM record WHERE bucket = 'clock'").fetchone()[0]
            words = value.split(b" ")
            words[0] = b"%d" % (int(words[0]) + seconds)
            db.execute("UPDATE record SET value = ? WHERE bucket = 'clock'", (b" ".join(words),))

    def test_a_clock_that_jumps_ends_nothing(self):
        self.divert(1)
        self.stop()
        self.age(15 * DAY)
        self.set_known_time(-20 * DAY)  # so that the clock seems to have jumped by 20 days
        self.daemon.start()
        until("the alarm", lambda: "deposits end by the latter" in self.daemon.said())
        done = self.postern("purge")
        self.assertEqual((done.returncode, done.stdout), (0, "0 ended, 0 purged\n"))
        self.assertIn("the clock has jumped", done.stderr)
        with self.db() as db:
            self.assertEqual(db.execute("SELECT state FROM deposit").fetchall(), [(0,)])
        # Somebody looks, and says that the clock is right.
        done = self.postern("purge", "--clock-is-right", "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)),
                         (0, {"ended": 1, "purged": 0}))
        self.assertEqual(self.rows()[0]["state"], "expired")

    def test_what_has_ended_is_purged(self):
        self.divert(1)
        self.divert(2)
        first, second = (r["id"] for r in self.rows())
        self.postern("revoke", first)
        self.assertEqual(self.postern("purge").stdout, "0 ended, 0 purged\n")
        with self.db() as db:
            record = db.execute("SELECT record FROM deposit WHERE id = ?",
                                (bytes.fromhex(first),)).fetchone()[0]
            old = struct.pack(">Q", int(time.time()) - 2 * DAY)
            db.execute("UPDATE deposit SET record = ? WHERE id = ?",
                       (record[:-8] + old, bytes.fromhex(first)))
        self.assertEqual(self.postern("purge").stdout, "0 ended, 0 purged\n")
        self.assertEqual(self.postern("purge", "--keep", "1").stdout, "0 ended, 1 purged\n")
        self.assertEqual([r["id"] for r in self.rows()], [second])
        self.assertEqual(len(self.audit("purged")), 1)
        with self.db() as db:
            self.assertEqual(db.execute("SELECT count(*) FROM record WHERE bucket = 'locate'")
                             .fetchone(), (1,))
        self.assertEqual(self.postern("purge", "--keep", "0").returncode, 2)
        self.assertEqual(self.postern("purge", "now").returncode, 2)

    def test_an_epoch_s_lost_key_is_said(self):
        self.divert(1)
        self.stop()
        os.unlink(self.daemon.path("keys/epoch-1.key"))
        self.daemon.start()
        until("the words", lambda: re.search(r"key of an epoch is lost, and with it 1 waiting",
                                             self.daemon.said()))
        self.assertTrue(os.path.exists(self.daemon.path("keys/epoch-2.key")))
        self.divert(2)  # under the new one
        self.assertEqual([r["state"] for r in self.rows()], ["open", "open"])

    def test_the_operator_s_own_words(self):
        os.mkdir(self.daemon.path("mails"))
        with open(self.daemon.path("mails/revoked.txt"), "w", encoding="utf-8") as f:
            f.write("Subject: Back\n\n{{people}}\nhttps://other.example\n")
        with open(self.daemon.conf, encoding="utf-8") as f:
            text = f.read()
        with open(self.daemon.conf, "w", encoding="utf-8") as f:
            f.write(text.replace('portal = {',
                                 f'portal = {{ texts = "{self.daemon.path("mails")}";'))
        self.divert(1)
        done = self.postern("revoke", self.rows()[0]["id"])
        self.assertEqual(done.returncode, 2)
        self.assertIn('revoked.txt:4: "://" is what tricksters write', done.stderr)
        self.assertEqual(self.rows()[0]["state"], "open")
        with open(self.daemon.path("mails/revoked.txt"), "w", encoding="utf-8") as f:
            f.write("Subject: Back\n\n{{people}}\n")
        self.assertEqual(self.postern("revoke", self.rows()[0]["id"]).returncode, 0)


if __name__ == "__main__":
    unittest.main()

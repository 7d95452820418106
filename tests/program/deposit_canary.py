"""What a thief of the store, of a backup or of the disk finds: nothing, at every step of a
deposit's life. Searched are the database, its log, blobs, the outbox, the audit and the daemon's log,
for the message, the phrase, the code, and for the wrapped keys once they must be gone."""

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from milter_start import POSTERN, Daemon, until  # noqa: E402

DAY = 86400
CANARY = b"CANARY-74b1c0f2"
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Sink:
    """An MTA that takes everything, on a socket that is bound already."""

    def __init__(self, listener):
        self.mails, self.listener = [], listener
        listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                one, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(one,), daemon=True).start()

    def talk(self, one):
        with one, one.makefile("rwb") as f:
            def say(text):
                f.write(text.encode() + b"\r\n")
                f.flush()
            say("220 sink.test ESMTP")
            for line in f:
                verb = line[:4].upper()
                if verb == b"EHLO":
                    say("250-sink.test\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 DSN")
                elif verb == b"DATA":
                    say("354 go on")
                    mail = b""
                    while (more := f.readline()) not in (b".\r\n", b""):
                        mail += more
                    self.mails.append(mail.decode())
                    say("250 2.0.0 queued as 7")
                elif verb == b"QUIT":
                    say("221 bye")
                    return
                else:
                    say("250 2.1.0 ok")


def bytes_of(code):
    """The 16 bytes that the code's first 26 characters are."""
    number = 0
    for c in code[:26]:
        number = number << 5 | DIGITS.index(c)
    return (number >> 2).to_bytes(16, "big")


class Canary(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        self.secrets = {"message": CANARY}
        self.copies = []

    def postern(self, *words, conf=None):
        return subprocess.run([POSTERN, "deposit", *words, "--config", conf or self.daemon.conf],
                              capture_output=True, text=True, timeout=60, check=False)

    def files(self, top):
        for folder, _, names in os.walk(top):
            yield from (os.path.join(folder, n) for n in names if not n.endswith(".sock"))

    def read(self, path):
        try:
            with open(path, "rb") as f:
                return f.read()
        except FileNotFoundError:
            return b""

    def search(self, step, top=None):
        """No secret is in any file of the store, nor in what is written about it."""
        tops = [top] if top else [self.daemon.path("state")]
        paths = [p for t in tops for p in self.files(t)]
        if not top:
            paths += [self.daemon.path("audit.jsonl"), self.daemon.log]
        self.assertTrue(any(p.endswith("postern.db") for p in paths))
        for path in paths:
            data = self.read(path)
            for name, secret in self.secrets.items():
                self.assertNotIn(secret, data, f"{name} in {path}, {step}")

    def copy(self, step):
        to = self.daemon.path(f"backup-{len(self.copies)}")
        shutil.copytree(self.daemon.path("state"), to,
                        ignore=lambda folder, names: [n for n in names if n.endswith(".sock")])
        self.copies.append((step, to))
        return to

    def step(self, name):
        self.search(name)
        self.copy(name)

    def divert(self, number):
        fields = [("Subject", "portal please: " + CANARY.decode()),
                  ("Message-ID", f"<{number}@our.test>")]
        self.assertEqual(self.daemon.message(CANARY + b" in the body\r\n", fields).action,
                         "discard")

    def db(self):
        return sqlite3.connect(self.daemon.path("state/postern.db"), timeout=30,
                               isolation_level=None)

    def one(self, sql, *values):
        with self.db() as db:
            found = db.execute(sql, values).fetchone()
        db.close()
        return found

    def take(self, name, ident):
        """What must be gone later: the keys as they are wrapped, and the blob."""
        record, = self.one("SELECT record FROM recipient WHERE deposit = ?", ident)
        found, = self.one("SELECT bytes FROM blob WHERE id = ?", ident)
        return {f"{name}'s K_srv": record[74:134], f"{name}'s dek": record[134:194],
                f"{name}'s second verifier": record[42:74], f"{name}'s blob": found[100:200]}

    def revoke_and_look(self):
        ident, = self.one("SELECT id FROM deposit WHERE state = 0 ORDER BY made, rowid")
        gone = self.take("the revoked", ident)
        for secret in gone.values():  # so that what is searched for was there
            self.assertTrue(any(secret in self.read(p)
                                for p in self.files(self.daemon.path("state"))))
        self.secrets |= gone
        self.assertEqual(self.postern("revoke", ident.hex()).returncode, 0)
        self.search("revoked")

    def open(self, ident, code, phrase, conf=None):
        for name, text in (("code", code), ("phrase", phrase)):
            with open(self.daemon.path(name), "w", encoding="utf-8") as f:
                f.write(text)
        done = self.postern("open", ident, "--code-file", self.daemon.path("code"),
                            "--phrase-file", self.daemon.path("phrase"), conf=conf)
        os.unlink(self.daemon.path("code"))
        os.unlink(self.daemon.path("phrase"))
        return done

    def stop(self):
        self.daemon.process.kill()
        self.daemon.process.wait()

    def sent(self):
        """Lets the outbox go out: the code and the phrase, as recipient and sender have them."""
        sink = Sink(self.daemon.outbox)
        self.stop()
        self.daemon.start()  # so that it tries at once
        until("the mails", lambda: len(sink.mails) == 2 and
              self.one("SELECT count(*) FROM outbox") == (0,))
        notice = next(m for m in sink.mails if "To: bob@plain.test" in m)
        report = next(m for m in sink.mails if "To: jane@our.test" in m)
        code = re.search(r"#([0-9A-Z]{28})", notice).group(1)
        phrase = re.search(r"\r\n\r\n([a-z]{5}(?: [a-z]{5}){3})\r\n\r\n", report).group(1)
        self.secrets |= {"the code": code.encode(), "the code as typed": "-".join(
            code[i:i + 4] for i in range(0, 28, 4)).encode(), "K_link": bytes_of(code),
            "the phrase": phrase.encode()}
        return code, phrase

    def backup(self, path):
        """Settings by which the command line looks at a backup with the site's keys."""
        conf = self.daemon.path("backup.conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write(f'state = "{path}"; keys = "{self.daemon.path("keys")}";\n')
        return conf

    def make_older(self, epoch):
        with self.db() as db:
            db.execute("UPDATE record SET value = CAST(? || substr(value, instr(value, ' ')) AS "
                       "BLOB) WHERE bucket = 'epoch' AND name = CAST(? AS BLOB)",
                       (str(int(time.time()) - 40 * DAY), f"{epoch:010}"))
        db.close()

    def test_a_stolen_store_or_backup_shows_nothing(self):
        self.divert(1)
        self.step("made")
        ident, = self.one("SELECT id FROM deposit")
        code, phrase = self.sent()
        self.step("sent")
        done = self.open(ident.hex(), code, phrase)
        self.assertIn(CANARY.decode(), done.stdout, done.stderr)
        self.step("opened")
        with self.db() as db:
            db.execute("UPDATE recipient SET state = 4")
        db.close()
        self.step("acknowledged")
        for step, path in self.copies:  # the code and the phrase are known only now
            self.search(f"in the copy, {step}", path)
        self.revoke_and_look()
        self.divert(2)
        self.expire_and_look()

        # Of all that was kept before, whoever has code, phrase and keys opens nothing, once the
        # epoch is over.
        conf = self.backup(self.copies[1][1])
        self.assertIn(CANARY.decode(), self.open(ident.hex(), code, phrase, conf).stdout)
        self.end_epoch()
        done = self.open(ident.hex(), code, phrase, conf)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("the key of epoch 1 is destroyed", done.stderr)

    def expire_and_look(self):
        ident, = self.one("SELECT id FROM deposit WHERE state = 0")
        self.secrets |= self.take("the expired", ident)
        self.stop()
        with self.db() as db:
            db.execute("UPDATE deposit SET made = made - ?, until = until - ? WHERE state = 0",
                       (15 * DAY, 15 * DAY))
        db.close()
        self.daemon.start()
        until("the end", lambda: self.one("SELECT state FROM deposit WHERE id = ?", ident) == (2,))
        until("the log", lambda: "deposits_expired=1" in self.daemon.said())
        self.search("expired")

    def end_epoch(self):
        for number, name in ((1, "epoch-2.key"), (2, "epoch-3.key")):
            self.stop()
            self.make_older(number)
            self.daemon.start()
            until(name, lambda name=name: os.path.exists(self.daemon.path("keys/" + name)))
        until("the end of the first epoch",
              lambda: not os.path.exists(self.daemon.path("keys/epoch-1.key")))


if __name__ == "__main__":
    unittest.main()

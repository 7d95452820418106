"""What other programs of ours hand to the milter for the audit: STATE/audit.sock, as
lib/audit/hand.h has it, packed here by the contract and not by our code."""
import json
import os
import socket
import stat
import struct
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from milter_start import CARD, Daemon, POSTERN, run, until  # noqa: E402

TEXTS = ("event", "queue_id", "client", "auth", "from", "to", "rule", "require", "assurance",
         "by", "verdict", "reply", "reason", "rules_sha256", "deposit", "visit", "mode")


def text(value):
    data = b"" if value is None else value.encode() + b"\0"
    return struct.pack(">I", len(data)) + data


def record(event="proved", independent=None, **named):
    return (struct.pack(">Q", 1795315547123456) +
            b"".join(text({"event": event, **named}.get(name)) for name in TEXTS) + b"\0" +
            bytes([{None: 0, False: 1, True: 2}[independent]]))


def appends(*records):
    return bytes([0, len(records)]) + b"".join(records)


def netstring(data):
    return b"%d:%s," % (len(data), data)


class Handed(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def connect(self):
        one = socket.socket(socket.AF_UNIX)
        self.addCleanup(one.close)
        one.settimeout(60)
        one.connect(self.daemon.path("state/audit.sock"))
        return one

    def answer(self, one):
        """The result and its words; None: it hung up."""
        got = b""
        while more := one.recv(4096):
            got += more
        if not got:
            return None
        head, rest = got.split(b":", 1)
        self.assertEqual(len(rest), int(head) + 1)
        return rest[0], rest[5:-1].decode()

    def ask(self, data):
        one = self.connect()
        one.sendall(data)
        return self.answer(one)

    def audited(self):
        with open(self.daemon.path("audit.jsonl"), encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def test_only_the_owner_reaches_the_socket(self):
        mode = os.stat(self.daemon.path("state/audit.sock")).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        self.daemon.end()
        self.assertFalse(os.path.exists(self.daemon.path("state/audit.sock")))

    def test_records_are_in_the_file_once_they_are_answered(self):
        told = dict(deposit="00112233445566778899aabbccddeeff", visit="0a1b2c3d", to="bob@plain.test",
                    client="192.0.2.7", mode="browser", **{"from": ""})
        self.assertEqual(self.ask(netstring(appends(record("proved", True, **told),
                                                    record("factored", False, **told)))), (0, ""))
        first, second = self.audited()
        self.assertEqual({**first, **told}, first)
        self.assertEqual((first["event"], first["independent"], first["queue_id"]),
                         ("proved", True, None))
        self.assertEqual((second["event"], second["independent"]), ("factored", False))
        self.assertEqual(first["ts"], "2026-11-22T02:45:47.123456Z")

    def test_the_milter_s_own_records_and_others_make_one_chain(self):
        def hand():
            for _ in range(10):
                self.assertEqual(self.ask(netstring(appends(record()))), (0, ""))

        threads = [threading.Thread(target=hand) for _ in range(4)]
        for one in threads:
            one.start()
        for _ in range(5):
            self.daemon.message(CARD)
        for one in threads:
            one.join()
        done = run(POSTERN, "audit", "verify", "--config", self.daemon.conf)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        events = [line["event"] for line in self.audited()]
        self.assertEqual((events.count("proved"), events.count("decided")), (40, 5))

    def test_what_is_no_hand_over_changes_nothing(self):
        for data, wanted in ((netstring(b""), "it is cut short"),
                             (netstring(b"\7\1" + record()), "a value is none"),
                             (netstring(appends(record()) + b"x"), "something follows it"),
                             (netstring(appends(record(None))), "a record has no event"),
                             (netstring(b"\0\xff"), "the number of records is wrong")):
            with self.subTest(wanted):
                result, words = self.ask(data)
                self.assertEqual(result, 2)
                self.assertIn(wanted, words)
        for data in (b"what?", b"999999999:", b"00:,"):
            with self.subTest(data):
                self.assertIsNone(self.ask(data))
        self.assertEqual(self.audited(), [])
        self.assertIn("handed-over audit records are refused", self.daemon.said())

    def test_half_a_hand_over_holds_nobody_up(self):
        many = [self.connect() for _ in range(40)]  # more than are served at a time
        for one in many:
            one.sendall(b"100:half")
        self.assertEqual(self.daemon.message().action, "continue")
        for one in many[:32]:
            self.assertIsNone(self.answer(one))  # its time is over
        self.assertEqual(self.ask(netstring(appends(record()))), (0, ""))
        half = self.connect()
        half.sendall(netstring(appends(record()))[:-1])
        half.close()
        self.assertEqual(len(self.audited()), 1)

    def test_the_outbox_is_woken(self):
        self.assertEqual(self.ask(netstring(b"\1\0")), (0, ""))

    def test_what_cannot_be_written_is_refused(self):
        """As the keeper sees a full disk: it must not go on."""
        audit = self.daemon.path("audit.jsonl")
        os.rename(audit, audit + ".away")
        os.mkdir(audit)
        self.daemon.process.send_signal(1)  # SIGHUP: opens it anew, in vain; the old one stays
        until("the old file is kept", lambda: "stays the old one" in self.daemon.said())
        self.assertEqual(self.ask(netstring(appends(record()))), (0, ""))
        with open(audit + ".away", encoding="utf-8") as f:
            self.assertEqual(len(f.readlines()), 1)

    def test_a_stopped_milter_has_answered_what_it_took(self):
        answers = []

        def hand():
            try:
                answers.append(self.ask(netstring(appends(record()))))
            except OSError:  # it listens no more
                answers.append(None)

        threads = [threading.Thread(target=hand) for _ in range(8)]
        for one in threads:
            one.start()
        time.sleep(0.01)
        self.assertEqual(self.daemon.end()[0], 0, self.daemon.said())
        for one in threads:
            one.join()
        self.assertGreaterEqual(len(self.audited()), answers.count((0, "")))


if __name__ == "__main__":
    unittest.main()

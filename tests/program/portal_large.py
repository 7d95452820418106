"""A message of 50 MB: its download begins at once, and neither process holds it; and how long an
answer takes tells nothing of whether there is a message."""

import json
import os
import re
import statistics
import sys
import time
import unittest

try:
    import cryptography  # noqa: F401
except ImportError:
    raise SystemExit(77)

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
import portal_world  # noqa: E402
from portal_client import Visit  # noqa: E402
from portal_world import memory, sanitized  # noqa: E402

MIB = 1 << 20
UNKNOWN = "00112233445566778899aabbccddeeff"


class Large(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = portal_world.World()
        line = b"0123456789abcdef" * 4 + b"\r\n"
        body = (b"--b\r\nContent-Type: text/plain\r\n\r\nlarge\r\n--b\r\nContent-Type: application/x\r\n"
                b"Content-Disposition: attachment; filename=big.bin\r\n\r\n" +
                line * (50 * MIB // len(line)) + b"\r\n--b--\r\n")
        cls.secret = cls.world.divert(body, fields=(
            ("Content-Type", "multipart/mixed; boundary=b"),))

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def bounded(self):
        """Most of what a process has is its program and libraries."""
        if sanitized():
            return  # which have a memory of their own
        for pid in (self.world.worker(), self.world.keeper()):
            self.assertLess(memory(pid), 40 * MIB)

    def test_the_download_begins_at_once_and_is_held_by_nobody(self):
        visit = Visit(self.world.portal(), self.secret.id, self.secret.code)
        visit.prove()
        visit.factor(self.secret.phrase)
        begin = time.monotonic()
        connection, response = self.world.portal().send(
            "POST", f"/m/{self.secret.id}/blob", json.dumps({"ticket": visit.ticket}),
            {"Content-Type": "application/json"})
        self.assertEqual(response.status, 200)
        first = response.read(4)
        self.assertEqual(first, b"PSB1")
        self.assertLess(time.monotonic() - begin, 5, "not at once")
        self.assertNotIn("sent", self.events(), "on record as sent before it was")
        blob = first + response.read()
        connection.close()
        self.assertEqual(len(blob), visit.about["blob_bytes"])
        self.assertIn("sent", self.events())
        self.assertEqual(visit.open(blob), self.secret.original)
        self.bounded()

    def events(self):
        return [r["event"] for r in self.world.audit() if r.get("deposit") == self.secret.id]

    def test_without_javascript_neither(self):
        portal = self.world.portal()
        page = portal.form(f"/m/{self.secret.id}/open", {
            "code": self.secret.code, "phrase": self.secret.phrase, "confirm": "1"}).text()
        handle = re.search(r'name="handle" value="([0-9a-f]{32})"', page)[1]
        fields = {"handle": handle, "part": "original"}
        self.assertEqual(portal.form(f"/m/{self.secret.id}/part", fields).body, self.secret.original)
        file = portal.form(f"/m/{self.secret.id}/part", {**fields, "part": "0"}).body
        self.assertGreater(len(file), 49 * MIB)
        self.bounded()

    def test_time_tells_nothing_of_an_unknown_message(self):
        """Wrong proofs for a known and for an unknown id, in turn; medians that differ by less than
        what a network adds. Each from a network of its own, so that nothing slows down."""
        times = {self.secret.id: [], UNKNOWN: []}
        for n in range(60):
            for ident, taken in times.items():
                portal = self.world.portal(client=f"203.0.{n}.{len(taken) % 200 + 1}"
                                           if ident == UNKNOWN else f"198.51.{n}.7")
                begin = time.monotonic()
                answer = portal.post(f"/m/{ident}/prove", {"auth1": "ab" * 32})
                taken.append(time.monotonic() - begin)
                self.assertEqual(answer.status, 403)
        known, unknown = (statistics.median(taken) for taken in times.values())
        self.assertLess(abs(known - unknown), 0.010 + 0.5 * min(known, unknown),
                        f"{known * 1000:.1f} ms and {unknown * 1000:.1f} ms")


if __name__ == "__main__":
    unittest.main()

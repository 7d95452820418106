"""The socketmap server, as many clients meet it: those that hurry, dawdle, babble, and vanish."""

import os
import re
import select
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from milter_start import Daemon, PATIENCE, write  # noqa: E402

PINNED = ('destinations = ( { domain = "pinned.test"; assurance = "authenticated"; '
          'match = [ "mx.pinned.test" ]; why = "a contract"; } );\n')
PIN = "OK secure match=mx.pinned.test servername=hostname"


def framed(*requests):
    return b"".join(b"%d:%s," % (len(r), r) for r in (r.encode() for r in requests))


class Client:
    def __init__(self, daemon):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(daemon.path("policy.sock"))
        self.stream = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def send(self, raw):
        self.socket.sendall(raw)

    def take(self):
        """The next answer; None: it hung up."""
        size = b""
        while not size.endswith(b":"):
            one = self.stream.read(1)
            if not one:
                return None
            size += one
        body = self.stream.read(int(size[:-1]) + 1)
        assert body.endswith(b","), body
        return body[:-1].decode()

    def ask(self, *requests):
        self.send(framed(*requests))
        return [self.take() for _ in requests]

    def hung_up(self):
        """Waits until it has."""
        try:
            return self.socket.recv(65536) == b""
        except ConnectionResetError:
            return True


class Served(unittest.TestCase):
    limits = ""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(f"limits = {{ {cls.limits} }};\n")
        cls.addClassCleanup(cls.daemon.close)
        rules = cls.daemon.path("rules.conf")
        with open(rules, encoding="utf-8") as f:
            write(rules, f.read() + PINNED)
        cls.daemon.start()

    def client(self):
        client = Client(self.daemon)
        self.addCleanup(client.__exit__)
        return client

    def assert_serves(self):
        self.assertEqual(self.client().ask("strict pinned.test")[0], PIN)


class Map(Served):
    limits = "socketmap_request_bytes = 1000;"

    def test_thousands_behind_one_another_are_answered_in_their_order(self):
        mixed = [("strict pinned.test", "OK"), ("strict .pinned.test", "NOTFOUND"),
                 ("nosuch pinned.test", "PERM"), ("strict silent.test", "TEMP")]
        requests = [mixed[i * i % 7 % len(mixed)] for i in range(5000)]
        client = self.client()
        answers = client.ask(*(request for request, _ in requests))
        for i, (request, status) in enumerate(requests):
            self.assertEqual(answers[i].split(" ")[0], status, f"{i}: {request}")

    def test_a_request_may_come_byte_by_byte(self):
        client = self.client()
        for byte in framed("strict pinned.test", "strict .test"):
            client.send(bytes([byte]))
            time.sleep(0.002)
        self.assertEqual([client.take(), client.take()], [PIN, "NOTFOUND "])

    def test_a_request_as_long_as_may_be_and_one_byte_more(self):
        client = self.client()
        longest = "strict " + "a" * 993
        self.assertRegex(client.ask(longest)[0], "^(PERM|TEMP|OK)")
        self.assertEqual(client.ask("strict .test")[0], "NOTFOUND ")
        client.send(b"1001:strict ")
        self.assertTrue(client.hung_up())
        self.assert_serves()

    def test_keys_that_are_none(self):
        client = self.client()
        for key in ("a\0b.test", ""):
            self.assertRegex(client.ask("strict " + key)[0], "^PERM ", repr(key))
        for key in ("two words.test", "x" * 300 + ".test", "a..test", "\u00fc" * 200, "-", "[::1"):
            self.assertRegex(client.ask("strict " + key)[0], "^(TEMP|PERM) ", repr(key))
            self.assertRegex(client.ask("policy " + key)[0], "^(NOTFOUND|TEMP|PERM) ", repr(key))

    def test_what_is_no_netstring_ends_the_connection_of_its_sender(self):
        other = self.client()
        for raw in (b"GET / HTTP/1.0\r\n\r\n", b"05:strict,", b"4:abcde,", b"-1:,", b":,", b" 3:abc,",
                    b"18446744073709551617:,", b"\0" * 20, b"18:strict pinned.test;"):
            client = self.client()
            client.send(raw)
            self.assertTrue(client.hung_up(), raw)
        self.assertEqual(other.ask("strict pinned.test"), [PIN])

    def test_parent_labels_are_answered_without_the_dns(self):
        for name in ("strict", "policy", "policy-tlsrpt", "sts"):
            self.assertEqual(self.client().ask(f"{name} .parent.asked.test", f"{name} .test"),
                             ["NOTFOUND ", "NOTFOUND "])
        self.assertRegex(self.client().ask("strict child.asked.test")[0], "^TEMP .*no answer in")
        asked = b""
        while select.select([self.daemon.resolver], [], [], 0)[0]:
            asked += self.daemon.resolver.recv(4096)
        self.assertIn(b"\5child\5asked", asked)
        self.assertNotIn(b"\6parent\5asked", asked)

    def test_who_does_not_read_is_not_read(self):
        """and holds nobody up; when it reads at last, every answer is there, in order."""
        slow = self.client()
        pair = framed("strict pinned.test", "strict .test")
        sent = 0
        while select.select([], [slow.socket], [], 0.5)[1]:  # until nothing goes for so long
            some = pair[sent % len(pair):] + pair * 400
            sent += slow.socket.send(some, socket.MSG_DONTWAIT)
            self.assertLess(sent, 64 << 20, "it reads on and on")
        self.assert_serves()
        whole, rest = divmod(sent, len(pair))
        for n in range(whole):
            self.assertEqual((slow.take(), slow.take()), (PIN, "NOTFOUND "), n)
        if rest:
            slow.send(pair[rest:])
            self.assertEqual((slow.take(), slow.take()), (PIN, "NOTFOUND "))

    def test_who_sends_no_more_still_gets_its_answers(self):
        client = self.client()
        client.send(framed("strict silent2.test", "strict pinned.test"))
        client.socket.shutdown(socket.SHUT_WR)
        self.assertRegex(client.take(), "^TEMP ")
        self.assertEqual(client.take(), PIN)
        self.assertTrue(client.hung_up())

    def test_who_vanishes_while_it_is_looked_up_leaves_no_trace(self):
        for n in range(20):
            with Client(self.daemon) as client:
                client.send(framed(*(f"strict gone{n}.{i}.test" for i in range(8))))
        self.assert_serves()


class Silent(Served):
    limits = "socketmap_connections = 8; socketmap_idle_s = 2;"

    def test_the_silent_are_closed_and_the_next_come_in(self):
        silent = [self.client() for _ in range(8)]
        half = silent[0]
        half.send(b"18:strict pin")  # a word that has no end counts as said when it came
        late = self.client()  # the ninth waits in the queue until one has gone
        late.send(framed("strict pinned.test"))
        self.assertEqual(select.select([late.socket], [], [], 0.3)[0], [])
        self.assertEqual(late.take(), PIN)
        for client in silent:
            self.assertTrue(client.hung_up())

    def test_who_asks_now_and_then_stays(self):
        client = self.client()
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            self.assertEqual(client.ask("strict pinned.test"), [PIN])
            time.sleep(0.2)


if __name__ == "__main__":
    unittest.main()

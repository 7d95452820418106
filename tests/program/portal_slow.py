"""Clients that take their time: a header, a body or an answer a byte at a time. Each is cut off,
others are served meanwhile."""

import os
import select
import socket
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
import portal_world  # noqa: E402

ID = "00112233445566778899aabbccddeeff"
PATIENCE = 60  # seconds; the portal gives up after some 15


class Dribble(threading.Thread):
    """Sends head at once and then a byte of tail every 0.3 s, until it is cut off."""

    def __init__(self, port, head, tail, room=None):
        super().__init__(daemon=True)
        self.socket = socket.socket()
        if room:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.socket.settimeout(0.3)
        self.socket.connect(("127.0.0.1", port))
        self.head, self.tail, self.cut, self.got = head, tail, None, b""

    def run(self):
        self.socket.sendall(self.head)
        begin = time.monotonic()
        try:
            for at in range(10000):
                if time.monotonic() - begin > PATIENCE:
                    return
                if self.tail:
                    self.socket.sendall(self.tail[at % len(self.tail):][:1])
                if self.read():
                    return
        except OSError:
            pass
        finally:
            if time.monotonic() - begin < PATIENCE:
                self.cut = time.monotonic() - begin
            self.socket.close()

    def read(self):
        """Whether the other side has ended."""
        time.sleep(0.3)
        look = select.poll()
        look.register(self.socket, 0)
        if look.poll(0):
            return True  # reset, whatever still lies unread
        try:
            more = self.socket.recv(1)
            self.got += more
            return not more
        except TimeoutError:
            return False


class Slow(unittest.TestCase):
    def test_each_kind_of_slow_client_is_cut_off_while_others_are_served(self):
        world = portal_world.World()
        self.addCleanup(world.close)
        post = (f"POST /m/{ID}/prove HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                "Content-Length: 8000\r\n\r\n").encode()
        get = b"GET /m/" + ID.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n"
        clients = {
            "silent": Dribble(world.port, b"", b""),
            "header": Dribble(world.port, b"GET / HTTP/1.1\r\n", b"X-A: b\r\n"),
            "body": Dribble(world.port, post, b" "),
            # Pipelined, so that the answers are more than the sockets hold.
            "answer": Dribble(world.port, get * 400, b"", room=2048),
        }
        for client in clients.values():
            client.start()
        for _ in range(20):
            self.assertEqual(world.portal().get("/").status, 200)
            time.sleep(0.05)
        for name, client in clients.items():
            client.join(PATIENCE + 10)
            self.assertIsNotNone(client.cut, f"{name} was not cut off in {PATIENCE} s")
            self.assertGreater(client.cut, 5, f"{name} was cut off too soon")
        self.assertEqual(world.portal().get("/healthz").text(), "ok\n")
        self.assertTrue(world.alive())

    def test_a_house_full_of_silent_clients_empties_by_itself(self):
        world = portal_world.World(more="limits = { portal_connections = 16; };")
        self.addCleanup(world.close)
        held = [socket.create_connection(("127.0.0.1", world.port), 10) for _ in range(24)]
        for one in held:
            self.addCleanup(one.close)
        fds = f"/proc/{world.worker()}/fd"
        portal_world.until("a full house", lambda: len(os.listdir(fds)) > 16 + 8)
        self.assertLess(len(os.listdir(fds)), 16 + 60, "more connections than are allowed")
        begin = time.monotonic()
        self.assertEqual(world.portal().get("/").status, 200)  # waits for its turn
        self.assertLess(time.monotonic() - begin, PATIENCE)


if __name__ == "__main__":
    unittest.main()

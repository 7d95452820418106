"""A DNS server for tests that says what is signed: UDP on a port of its own.

The zone is name -> (signed, {type: [rdata]}), or a number for a response code; a
name that is not in it is NXDOMAIN."""

import socket
import struct
import threading

A, MX, TXT, AAAA, DNSKEY, TLSA = 1, 15, 16, 28, 48, 52
SERVFAIL, NXDOMAIN = 2, 3

# What a resolver that validates knows: the self-test asks for it.
ROOT = {"": (True, {DNSKEY: [b"\x01\x01\x03\x08" + b"k" * 64]})}


def name_wire(name):
    return b"".join(bytes([len(l)]) + l.encode() for l in name.split(".") if l) + b"\0"


def mx(preference, host):
    return struct.pack(">H", preference) + name_wire(host)


def txt(text):
    return bytes([len(text)]) + text.encode()


def answer(zone, query):
    question, at, labels = query[12:], 0, []
    while question[at]:
        labels.append(question[at + 1 : at + 1 + question[at]].decode().lower())
        at += 1 + question[at]
    kind = struct.unpack(">H", question[at + 1 : at + 3])[0]
    question = question[: at + 5]
    entry = zone.get(".".join(labels), NXDOMAIN)
    signed, records, code = False, [], 0
    if isinstance(entry, int):
        code = entry
    else:
        signed, records = entry[0], entry[1].get(kind, [])
    flags = 0x8180 | (0x20 if signed else 0) | code
    body = b"".join(
        b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 300, len(r)) + r for r in records)
    return query[:2] + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + question + body


class Dns(threading.Thread):
    def __init__(self, zone):
        super().__init__(daemon=True)
        self.zone = zone
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def run(self):
        while True:
            query, peer = self.socket.recvfrom(4096)
            if query == b"stop":
                return
            self.socket.sendto(answer(self.zone, query), peer)

    def stop(self):
        self.socket.sendto(b"stop", self.socket.getsockname())
        self.join()
        self.socket.close()


class Resolver(Dns):
    """The same over TCP, on the same port."""

    def __init__(self, zone):
        self.listener = None
        while not self.listener:
            super().__init__(zone)
            try:
                self.listener = socket.create_server(("127.0.0.1", self.port))
            except OSError:  # somebody else's, over TCP
                self.socket.close()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                one, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(one,), daemon=True).start()

    def serve(self, one):
        with one, one.makefile("rb") as file:
            while len(size := file.read(2)) == 2:
                said = answer(self.zone, file.read(int.from_bytes(size, "big")))
                one.sendall(len(said).to_bytes(2, "big") + said)

    def stop(self):
        self.listener.close()
        super().stop()

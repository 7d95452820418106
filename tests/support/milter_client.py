"""The mail server's side of the milter protocol (version 6), byte by byte: it sends one message
and tells what the milter wants done with it.

    with MilterClient("/path/milter.sock") as client:
        outcome = client.message("a@our.test", ["b@plain.test"], [("Subject", " hi")], b"text\\r\\n")
    outcome.action      "continue", "accept", "discard", "reject", "tempfail", "reply"
    outcome.reply       "451 4.7.10 …", the lines as one text, or ""
    outcome.edits       [("add header", "Postern-Route", " strict …"), …]

Names of macros are as smfi_getsymval() has them: "i", "{auth_authen}"."""

import socket
import struct

ACTIONS = 0x1FF    # all that there are
STEPS = 0x1FFFFF   # all that may be left out or left unanswered

NOT_SENT = {"C": 0x1, "H": 0x2, "M": 0x4, "R": 0x8, "B": 0x10, "L": 0x20, "N": 0x40, "T": 0x200}
NOT_ANSWERED = {"L": 0x80, "C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000, "T": 0x10000,
                "N": 0x40000, "B": 0x80000}
LEADING_SPACE = 0x100000
CHUNK = 65535

ENDS = {b"c": "continue", b"a": "accept", b"d": "discard", b"r": "reject", b"t": "tempfail",
        b"y": "reply", b"s": "skip"}


class Outcome:
    def __init__(self, action, reply="", edits=()):
        self.action, self.reply, self.edits = action, reply, list(edits)

    def of(self, kind):
        return [edit[1:] for edit in self.edits if edit[0] == kind]

    def __repr__(self):
        return f"Outcome({self.action!r}, {self.reply!r}, {self.edits!r})"


class MilterClient:
    def __init__(self, path, timeout=60):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.send("O", struct.pack("!III", 6, ACTIONS, STEPS))
        kind, body = self.receive()
        if kind != b"O":
            raise ConnectionError(f"negotiation was answered {kind}")
        self.version, self.actions, self.steps = struct.unpack("!III", body[:12])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.send("Q")
        except OSError:
            pass
        self.socket.close()

    def send(self, kind, body=b""):
        self.socket.sendall(struct.pack("!I", 1 + len(body)) + kind.encode() + body)

    def read(self, count):
        got = b""
        while len(got) < count:
            more = self.socket.recv(count - len(got))
            if not more:
                raise ConnectionError("the milter hung up")
            got += more
        return got

    def receive(self):
        size, = struct.unpack("!I", self.read(4))
        packet = self.read(size)
        return packet[:1], packet[1:]

    def macros(self, step, values):
        body = b"".join(f"{name}\0{value}\0".encode() for name, value in values.items())
        self.send("D", step.encode() + body)

    def step(self, kind, body=b""):
        """One command; what it was answered, or None where nothing is."""
        if self.steps & NOT_SENT.get(kind, 0):
            return None
        self.send(kind, body)
        if self.steps & NOT_ANSWERED.get(kind, 0):
            return None
        return self.answer()

    def answer(self):
        edits = []
        while True:
            kind, body = self.receive()
            if kind in ENDS:
                reply = body.rstrip(b"\0").decode("utf-8", "replace") if kind == b"y" else ""
                return Outcome(ENDS[kind], reply, edits)
            if kind != b"p":  # progress
                edits.append(self.edit(kind, body))

    @staticmethod
    def edit(kind, body):
        def texts(part):
            return [one.decode("utf-8", "replace") for one in part.rstrip(b"\0").split(b"\0")]

        def field(part):
            name, value = part.split(b"\0")[:2]
            return name.decode(), value.decode("utf-8", "replace")

        if kind == b"h":
            return ("add header", *field(body))
        if kind in (b"i", b"m"):
            index, = struct.unpack("!I", body[:4])
            return ({b"i": "insert header", b"m": "change header"}[kind], index, *field(body[4:]))
        names = {b"+": "add recipient", b"2": "add recipient", b"-": "delete recipient",
                 b"e": "change sender", b"q": "quarantine"}
        if kind in names:
            return (names[kind], *texts(body))
        if kind == b"b":
            return ("replace body", body)
        raise ConnectionError(f"the milter sent {kind}")

    def connect(self, address="127.0.0.1", host="localhost", macros=None):
        """address None: a session of the sendmail command."""
        self.macros("C", {"j": "mail.our.test", **(macros or {})})
        if address is None:
            return self.step("C", host.encode() + b"\0U")
        family = b"6" if ":" in address else b"4"
        body = host.encode() + b"\0" + family + struct.pack("!H", 4711) + address.encode() + b"\0"
        return self.step("C", body)

    def message(self, sender, recipients, fields, body, macros=None, queue_id="4XkF2test",
                parameters=()):
        """A message on a session that has been connected, up to its end."""
        words = [f"<{sender}>", *parameters]
        ended = self.early(self.envelope(words, recipients, macros or {}))
        if ended:
            return ended
        for name, value in fields:
            if self.steps & LEADING_SPACE and not value.startswith((" ", "\t")):
                value = " " + value
            ended = self.early(self.step("L", f"{name}\0{value}\0".encode()))
            if ended:
                return ended
        ended = self.early(self.step("N"))
        for at in range(0, len(body), CHUNK):
            answer = self.step("B", body[at:at + CHUNK])
            if answer and answer.action == "skip":
                break
            ended = ended or self.early(answer)
        if ended:
            return ended
        self.macros("E", {"i": queue_id})
        self.send("E")
        return self.answer()

    def envelope(self, words, recipients, macros):
        self.step("H", b"client.our.test\0")
        self.macros("M", macros)
        answer = self.step("M", b"".join(word.encode() + b"\0" for word in words))
        for recipient in recipients:
            answer = self.early(answer) or self.step("R", f"<{recipient}>\0".encode())
        return answer if answer else self.step("T")

    @staticmethod
    def early(answer):
        return answer if answer and answer.action != "continue" else None

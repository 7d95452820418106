"""Hosts that take mail: SMTP with STARTTLS on port 25, or LMTP for our own domain.

What arrives is kept and also written as JSON lines; every byte that a client
said, complete message or not, is kept too, so that a test can claim that a word
was never said to a host."""

import json
import os
import socket
import ssl
import threading
import time


class Arrival(dict):
    """One message as it came in: host, tls, client, mail, rcpt, data (bytes)."""

    @property
    def data(self):
        return self["data"]

    @property
    def header(self):
        return self["data"].split(b"\r\n\r\n", 1)[0]

    def json(self):
        return json.dumps({**self, "data": self["data"].decode("latin-1")})


class Log:
    def __init__(self, folder):
        self.arrivals, self.said = [], {}
        self.lock = threading.Condition()
        self.file = open(os.path.join(folder, "arrivals.jsonl"), "w", encoding="utf-8")

    def add(self, arrival):
        with self.lock:
            self.arrivals.append(arrival)
            self.file.write(arrival.json() + "\n")
            self.file.flush()
            self.lock.notify_all()

    def say(self, host, line):
        with self.lock:
            self.said.setdefault(host, bytearray()).extend(line)

    def find(self, test):
        with self.lock:
            return [a for a in self.arrivals if test(a)]

    def wait(self, test, seconds=15, count=1):
        """The arrivals that pass the test, as soon as there are `count`, or at the deadline."""
        end = time.monotonic() + seconds
        with self.lock:
            while True:
                found = [a for a in self.arrivals if test(a)]
                left = end - time.monotonic()
                if len(found) >= count or left <= 0:
                    return found
                self.lock.wait(left)


class Host:
    """certificate: None for no STARTTLS. requiretls: announced after STARTTLS only.
    `answer` may be changed at any time: {"RCPT": "451 4.7.1 later"} replaces the
    reply to that verb (MAIL, RCPT, DATA, or "." for the end of the message)."""

    def __init__(self, name, address, log, certificate=None, requiretls=False, lmtp=False, port=25):
        self.name, self.address, self.port, self.log = name, address, port, log
        self.requiretls, self.lmtp = requiretls, lmtp
        self.answer = {}
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate.chain)
        self.listener = None

    def start(self):
        self.listener = socket.create_server((self.address, self.port), backlog=64)
        threading.Thread(target=self.serve, args=(self.listener,), daemon=True).start()
        return self

    def stop(self):
        """Nobody listens any more: connections are refused until start()."""
        listener, self.listener = self.listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def serve(self, listener):
        while True:
            try:
                connection, client = listener.accept()
            except OSError:
                return
            threading.Thread(target=Session(self, connection, client[0]).run,
                             daemon=True).start()


class Session:
    def __init__(self, host, connection, client):
        self.host, self.client = host, client
        self.tls = None
        self.use(connection)
        self.reset()

    def use(self, connection):
        connection.settimeout(120)
        self.connection, self.stream = connection, connection.makefile("rb")

    def reset(self):
        self.mail, self.rcpt = None, []

    def reply(self, text):
        self.connection.sendall(text.encode() + b"\r\n")

    def run(self):
        try:
            self.reply(f"220 {self.host.name} ready")
            while self.step():
                pass
        except (OSError, ssl.SSLError) as e:
            self.host.log.say(self.host.name, f"[{e}]\n".encode())
        finally:
            self.connection.close()

    def line(self):
        line = self.stream.readline(100000)
        self.host.log.say(self.host.name, line)
        return line

    def step(self):
        line = self.line()
        if not line:
            return False
        verb, _, rest = line.decode("utf-8", "surrogateescape").strip().partition(" ")
        verb = verb.upper()
        if verb == "QUIT":
            self.reply("221 bye")
            return False
        action = getattr(self, "on_" + verb.lower(), None)
        if action is None:
            self.reply("502 5.5.1 not known here")
        else:
            action(rest)
        return True

    def on_ehlo(self, name):
        self.helo = name
        offers = ["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE 0", "ENHANCEDSTATUSCODES"]
        if self.host.context and not self.tls:
            offers.append("STARTTLS")
        if self.host.requiretls and self.tls:
            offers.append("REQUIRETLS")
        lines = [self.host.name, *offers]
        self.reply("\r\n".join(f"250-{l}" for l in lines[:-1]) + f"\r\n250 {lines[-1]}")

    on_lhlo = on_ehlo

    def on_helo(self, name):
        self.helo = name
        self.reply("250 " + self.host.name)

    def on_starttls(self, _rest):
        if not self.host.context or self.tls:
            return self.reply("503 5.5.1 no")
        self.reply("220 go on")
        secured = self.host.context.wrap_socket(self.connection, server_side=True)
        self.tls = secured.version()
        self.use(secured)
        return self.reset()

    def on_mail(self, rest):
        if "MAIL" in self.host.answer:
            return self.reply(self.host.answer["MAIL"])
        self.mail = rest.partition(":")[2].strip()
        return self.reply("250 2.1.0 ok")

    def on_rcpt(self, rest):
        if "RCPT" in self.host.answer:
            return self.reply(self.host.answer["RCPT"])
        self.rcpt.append(rest.partition(":")[2].strip())
        return self.reply("250 2.1.5 ok")

    def on_rset(self, _rest):
        self.reset()
        self.reply("250 2.0.0 ok")

    def on_noop(self, _rest):
        self.reply("250 2.0.0 ok")

    def on_data(self, _rest):
        if "DATA" in self.host.answer or not self.rcpt:
            return self.reply(self.host.answer.get("DATA", "503 5.5.1 no recipients"))
        self.reply("354 go on")
        lines = []
        while True:
            line = self.line()
            if not line:
                return None
            if line in (b".\r\n", b".\n"):
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        return self.end_of_message(b"".join(lines))

    def end_of_message(self, data):
        answer = self.host.answer.get(".", "250 2.0.0 taken")
        if answer.startswith("2"):
            self.host.log.add(Arrival(
                host=self.host.name, time=time.time(), client=self.client, helo=self.helo,
                tls=self.tls, mail=self.mail, rcpt=list(self.rcpt), data=data))
        for _ in self.rcpt if self.host.lmtp else [None]:
            self.reply(answer)
        self.reset()

"""The recipient's side of the portal in Python: what a browser does, from the manual pages
postern-portal(8) and postern-deposit(5) and not from our code.

    portal = Portal("127.0.0.1", 8025)
    visit = Visit(portal, ident, code)
    visit.prove()
    visit.factor("kadim botan rilos fanit")
    original = visit.fetch()
    proof = visit.acknowledge()

Needs python3-cryptography."""

import hashlib
import http.client
import json
import socket
import ssl
import struct
import urllib.parse

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sealed import DIGITS, RECORD, hkdf

PATIENCE = 60


class Answer:
    def __init__(self, response, body):
        self.status, self.body = response.status, body
        self.headers = response.getheaders()

    def header(self, name):
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[-1] if found else None

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode()


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Portal:
    """ca: the file of an authority, for TLS. client: goes as X-Forwarded-For, as a proxy has it."""

    def __init__(self, host="127.0.0.1", port=None, path=None, ca=None, prefix="", client=None,
                 agent="portal_client"):
        self.host, self.port, self.path, self.ca = host, port, path, ca
        self.prefix, self.client, self.agent = prefix, client, agent

    def connection(self):
        if self.path:
            return UnixConnection(self.path, PATIENCE)
        if self.ca:
            context = ssl.create_default_context(cafile=self.ca)
            return http.client.HTTPSConnection(self.host, self.port, timeout=PATIENCE,
                                               context=context)
        return http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)

    def send(self, method, path, body=None, headers=None):
        """The connection and its response, whose body is yet to be read."""
        connection = self.connection()
        fields = {"User-Agent": self.agent, **(headers or {})}
        if self.client:
            fields["X-Forwarded-For"] = self.client
        connection.request(method, self.prefix + path, body, fields)
        return connection, connection.getresponse()

    def ask(self, method, path, body=None, headers=None):
        connection, response = self.send(method, path, body, headers)
        try:
            return Answer(response, response.read())
        finally:
            connection.close()

    def get(self, path, headers=None):
        return self.ask("GET", path, None, headers)

    def post(self, path, fields, headers=None):
        return self.ask("POST", path, json.dumps(fields),
                        {"Content-Type": "application/json", **(headers or {})})

    def form(self, path, fields, headers=None):
        return self.ask("POST", path, urllib.parse.urlencode(fields),
                        {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})


class Refused(Exception):
    def __init__(self, answer):
        super().__init__(f"{answer.status} {answer.body[:200]!r}")
        self.answer, self.status = answer, answer.status


def half_of(code):
    """The 16 bytes of a code as people type it."""
    text = code.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    number = 0
    for char in text.replace("-", "").replace(" ", ""):
        number = number << 5 | DIGITS.index(char)
    return (number >> 12).to_bytes(16, "big")


def unseal(dek, bound, blob):
    """The payload of a whole blob."""
    if blob[:4] != b"PSB1" or blob[11] != 0:
        raise ValueError("not a sealed blob")
    prefix, at, number, out = blob[4:11], 12, 0, []
    while True:
        record = blob[at:at + RECORD + 16]
        at += len(record)
        last = at >= len(blob)
        out.append(AESGCM(dek).decrypt(prefix + struct.pack(">IB", number, last), record, bound))
        number += 1
        if last:
            return b"".join(out)


class Visit:
    def __init__(self, portal, ident, code):
        self.portal, self.id, self.half = portal, ident, half_of(code)
        self.bound = bytes.fromhex(ident) + b"\1"
        self.auth1 = hkdf(self.half, b"link" + self.bound)

    def step(self, name, fields):
        answer = self.portal.post(f"/m/{self.id}/{name}", fields)
        if answer.status != 200:
            raise Refused(answer)
        return answer

    def prove(self):
        self.about = self.step("prove", {"auth1": self.auth1.hex()}).json()
        self.ticket = self.about.get("ticket")
        return self.about

    def send_code(self):
        return self.step("code", {"ticket": self.ticket}).json()

    def factor(self, phrase=None, pin=None):
        stretched, end = bytes(32), b"-none"
        if phrase:
            normal = " ".join(phrase.lower().split()).encode()
            salt = bytes.fromhex(self.id) + self.about["address"].encode()
            stretched = hashlib.pbkdf2_hmac("sha256", normal, salt, self.about["rounds"])
            end = b""
        auth2 = hkdf(self.half + stretched, b"pickup" + end + self.bound)
        fields = {"ticket": self.ticket, "auth2": auth2.hex()}
        if pin:
            fields["code"] = pin
        got = self.step("factor", fields).json()
        kek = hkdf(self.half + bytes.fromhex(got["server"]) + stretched, b"kek" + end + self.bound)
        wrapped = bytes.fromhex(got["wrapped_dek"])
        self.dek = AESGCM(kek).decrypt(wrapped[:12], wrapped[12:], self.bound)
        if hkdf(self.dek, b"commitment" + self.bound).hex() != got["commitment"]:
            raise ValueError("the key is another than the one committed to")
        self.digest = got["digest"]
        return got

    def blob(self, start=0):
        return self.step("blob", {"ticket": self.ticket, "from": start}).body

    def open(self, blob):
        payload = unseal(self.dek, self.bound, blob)
        self.salt, (length,) = payload[:32], struct.unpack(">Q", payload[32:40])
        original = payload[40:40 + length]
        if hashlib.sha256(self.salt + original).hexdigest() != self.digest:
            raise ValueError("another message than the notice's")
        return original

    def fetch(self):
        return self.open(self.blob())

    def acknowledge(self):
        """The proof file, with the salt that whoever decrypts adds."""
        proof = self.step("acknowledge", {"ticket": self.ticket, "digest": self.digest}).json()
        return {**proof, "salt": self.salt.hex()}


def locate(portal, code):
    """The id of the deposit that a typed code belongs to."""
    answer = portal.post("/locate", {"locate": hkdf(half_of(code), b"locate\1").hex()})
    if answer.status != 200:
        raise Refused(answer)
    return answer.json()["id"]


def pick_up(portal, ident, code, phrase=None):
    """All of it: the visit and the original."""
    visit = Visit(portal, ident, code)
    visit.prove()
    visit.factor(phrase)
    original = visit.fetch()
    visit.proof = visit.acknowledge()
    return visit, original

"""A message sealed for one recipient, made from postern-deposit(5) and not by our code.

    sealed = Sealed(b"Subject: x\\r\\n\\r\\ntext", "kadim botan rilos fanit", b"b@plain.test")
    sealed.id, sealed.blob, sealed.code, sealed.auth1, sealed.auth2, sealed.server, …

Needs python3-cryptography."""
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECORD = 65536


def hkdf(secret, info):
    return HKDF(hashes.SHA256(), 32, None, info).derive(secret)


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def code_of(half):
    number, crc = int.from_bytes(half, "big"), int.from_bytes(half, "big") << 12
    for bit in range(139, 11, -1):
        if crc >> bit & 1:
            crc ^= 0b1100000001111 << (bit - 12)
    number = number << 12 | crc
    return "".join(DIGITS[number >> 135 - 5 * i & 31] for i in range(28))


def bucket(length):
    step = 2048
    if length <= 16384:
        return 16384
    while step * 16 < length:
        step *= 2
    return -(-length // step) * step


class Sealed:
    def __init__(self, message, phrase, to, rounds=600000):
        self.id, self.dek, self.salt = (secrets.token_bytes(n) for n in (16, 32, 32))
        self.bound = self.id + b"\1"
        self.payload = self.salt + struct.pack(">Q", len(message)) + message
        self.payload += bytes(bucket(len(self.payload)) - len(self.payload))
        self.digest = hashlib.sha256(self.salt + message).digest()
        self.commitment = hkdf(self.dek, b"commitment" + self.bound)
        self.blob = self.records(self.payload)
        self.share(phrase, to, rounds if phrase else 0)

    def records(self, payload):
        prefix = secrets.token_bytes(7)
        blob = b"PSB1" + prefix + b"\0"
        for n in range(0, len(payload), RECORD):
            last = n + RECORD >= len(payload)
            nonce = prefix + struct.pack(">IB", n // RECORD, last)
            blob += AESGCM(self.dek).encrypt(nonce, payload[n:n + RECORD], self.bound)
        return blob

    def share(self, phrase, to, rounds):
        self.half, self.server, self.rounds = secrets.token_bytes(16), secrets.token_bytes(32), rounds
        stretched = bytes(32)
        if phrase:
            stretched = hashlib.pbkdf2_hmac("sha256", phrase.encode(), self.id + to, rounds)
        end = b"" if phrase else b"-none"
        self.code = code_of(self.half)
        self.auth1 = hkdf(self.half, b"link" + self.bound)
        self.auth2 = hkdf(self.half + stretched, b"pickup" + end + self.bound)
        self.locate = hkdf(self.half, b"locate\1")
        kek = hkdf(self.half + self.server + stretched, b"kek" + end + self.bound)
        self.wrapped_dek = self.seal(kek, self.dek)

    def seal(self, key, data):
        nonce = secrets.token_bytes(12)
        return nonce + AESGCM(key).encrypt(nonce, data, self.bound)

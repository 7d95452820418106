#!/usr/bin/env python3
"""Prints sealed messages as JSON, for the tests of the pages' scripts: made from
postern-deposit(5), not by our code."""
import base64
import json
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from sealed import Sealed, code_of  # noqa: E402

TO = "b@plain.test"
HEX = ("id", "salt", "digest", "commitment", "half", "server", "auth1", "auth2", "locate",
       "wrapped_dek")


def vector(message, phrase):
    sealed = Sealed(message, phrase, TO.encode(), rounds=2000)
    other = Sealed(message, phrase, TO.encode(), rounds=2000)
    return {**{name: getattr(sealed, name).hex() for name in HEX}, "code": sealed.code,
            "rounds": sealed.rounds, "phrase": phrase, "to": TO,
            "message": base64.b64encode(message).decode(),
            "blob": base64.b64encode(sealed.blob).decode(),
            "other_commitment": other.commitment.hex(),
            "dirty": base64.b64encode(sealed.records(sealed.payload[:-1] + b"x")).decode(),
            "too_long": base64.b64encode(sealed.records(
                sealed.salt + (1 << 40).to_bytes(8, "big") + message)).decode()}


steady = random.Random(1)
print(json.dumps({
    "phrase": vector(b"Subject: x\r\n\r\nthe original\r\n.\r\n\x00\xff to the byte\n",
                     "kadim botan rilos fanit"),
    "none": vector(b"", None),
    "several": vector(steady.randbytes(300000), None),
    "bucket": vector(steady.randbytes(65536 - 40), None),
    "codes": {half.hex(): code_of(half) for half in
              (bytes.fromhex("00112233445566778899aabbccddeeff"), bytes(16), b"\xff" * 16,
               *(steady.randbytes(16) for _ in range(20)))},
}))

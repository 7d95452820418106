"""What the operator pins: Postfix holds deliveries to it, and a host that bears something else
gets nothing."""

import hashlib
import os

from cryptography.hazmat.primitives import serialization

from harness import ALICE, RULES, claim, message, wait_for
from test_strict import enforced
from test_weakened import TEMP
from world.process import write

DESTINATIONS = """
destinations = (
  {{ domain = "plain.test"; assurance = "authenticated"; why = "key told by phone";
    pin = {{ spki_sha256 = [ "{other}", "{plain}" ]; }}; }},
  {{ domain = "signed-plain.test"; assurance = "authenticated"; why = "an old key";
    pin = {{ spki_sha256 = [ "{other}" ]; }}; }},
  {{ domain = ".sts-testing.test"; never = true; why = "closed down"; }},
  {{ domain = "sts-testing.test"; assurance = "authenticated"; why = "their own CA";
    match = [ "mx.sts-testing.test" ]; pin = {{ ca_file = "ca.pem"; }}; }},
  {{ domain = "sts-none.test"; assurance = "authenticated"; why = "a CA that is not theirs";
    match = [ "mx.sts-none.test" ]; pin = {{ ca_file = "self.pem"; }}; }}
);
"""


def spki(certificate):
    return hashlib.sha256(certificate.cert.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def pem(certificate):
    return certificate.cert.public_bytes(serialization.Encoding.PEM).decode()


def rules(lab):
    certificates = lab.world.certificates
    folder = lab.postern.folder
    write(os.path.join(folder, "ca.pem"), pem(lab.world.authority))
    write(os.path.join(folder, "self.pem"), pem(certificates["plain"]))
    return RULES + DESTINATIONS.format(plain=spki(certificates["plain"]),
                                       other=spki(certificates["dane-good"]))


def send(lab, name, tag=""):
    to = lab.address(name + ".test")
    one = message(to, tag)
    return one, lab.send(one, to, user=ALICE).expect("250").queue_id, to


def test_pinned_keys_and_authorities_deliver(lab):
    """a pinned key, and a pinned authority, prove a host that publishes nothing"""
    with lab.other(rules=rules(lab)) as postern:
        for name in ("plain", "sts-testing"):
            one, queue_id, to = send(lab, name)
            enforced(lab, one, name, queue_id)
            lab.nowhere(one, but=[f"mx.{name}.test", "/spool/"])
            record = lab.audited(to)
            claim((record["verdict"], record["by"]) == ("deliver", "pin"), f"audited as {record}")
        files = [n for n in os.listdir(postern.sockets) if n.startswith("pin-")]
        claim(len(files) == 2, f"the authorities stand in {files}")


def test_another_key_or_authority_gets_nothing(lab):
    """a host with another key, or of another authority, gets nothing, and an alarm says so"""
    with lab.other(rules=rules(lab)) as postern:
        for name in ("signed-plain", "sts-none"):
            one, queue_id, _ = send(lab, name, "[defer]")
            reasons = lab.deferred(queue_id)
            # Postfix has seen it, or the map has said so after the probe.
            claim(any(why in reasons for why in ("not verified", "not trusted", TEMP)), reasons)
            lab.nowhere(one, but=["/spool/"])
            def alarm():
                with open(postern.log, encoding="utf-8") as f:
                    return f"ALARM: the pin of {name}.test is not kept" in f.read()
            wait_for(f"an alarm about {name}", alarm)
            one, _, to = send(lab, name)
            claim(lab.audited(to)["verdict"] == "divert", "trusted after all that was seen")
            lab.nowhere(one, but=["/spool/"])
            lab.postfix.clear()


def test_never_mail(lab):
    """nothing is sent where the operator lets nothing be sent, be it ever so harmless"""
    with lab.other(rules=rules(lab)):
        good, never = lab.address("dane-good.test"), lab.address("shop.sts-testing.test")
        one = message(good, card=False)
        lab.send(one, [good, never], user=ALICE).expect("550 5.7.1")
        lab.nowhere(one)
        claim(lab.strict_map("shop.sts-testing.test").startswith("TEMP "), "not kept back")

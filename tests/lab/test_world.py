"""The world itself, asked with tools that are not ours: before Postern is blamed."""

import re

from harness import ALICE, claim, message
from world.process import run


def dig(name, kind, *options):
    text = run("dig", "+dnssec", "+time=5", *options, "@127.0.0.1", name, kind)
    status = re.search(r"status: (\w+)", text).group(1)
    flags = re.search(r"flags: ([a-z ]+);", text).group(1).split()
    return status, "ad" in flags, text


def finger(domain, level="dane"):
    return run("posttls-finger", "-c", "-t", "10", "-l", level, domain, check=False)


def test_signed_zones_are_secure(lab):
    """answers of signed zones come with the AD bit, those of unsigned ones without"""
    for case in lab.world.cases.values():
        if case.signing not in ("signed", "unsigned"):
            continue
        status, secure, text = dig(case.domain, "MX")
        claim(status == "NOERROR", f"{case.domain}: {text}")
        claim(secure == (case.signing == "signed"), f"{case.domain}: AD is {secure}\n{text}")


def test_broken_zones_fail(lab):
    """bogus, expired and unserved zones are SERVFAIL; the first two not so without checking"""
    for name in ("bogus", "expired", "servfail"):
        status, _, text = dig(name + ".test", "MX")
        claim(status == "SERVFAIL", f"{name}: {text}")
    for name in ("bogus", "expired"):
        status, _, text = dig(name + ".test", "MX", "+cd")
        claim(status == "NOERROR" and "mx." + name in text, f"{name} with CD: {text}")


def test_delv_agrees(lab):
    """delv validates from the private root on its own"""
    key = open(lab.world.zones.path("root.key"), encoding="ascii").read().split()
    position = key.index("DNSKEY")
    anchor = lab.world.zones.path("delv.anchor")
    with open(anchor, "w", encoding="ascii") as f:
        words = key[position + 1:position + 4]
        f.write('trust-anchors { . static-key %s "%s"; };\n' % (" ".join(words), key[position + 4]))
    good = run("delv", "-a", anchor, "+root=.", "@127.0.0.1", "dane-good.test", "MX")
    claim("fully validated" in good, good)


def test_postfix_verifies_dane(lab):
    """posttls-finger verifies DANE where TLSA is right, and nowhere else"""
    for name in ("dane-good", "dane-ta", "reqtls"):
        claim("Verified TLS connection" in finger(name + ".test"), finger(name + ".test"))
    claim("Verified TLS connection" not in finger("dane-wrong.test"), finger("dane-wrong.test"))
    claim("Verified TLS connection" not in finger("plain.test"), finger("plain.test"))


def test_requiretls_only_after_starttls(lab):
    """REQUIRETLS is announced after STARTTLS only, and only by the host that should"""
    for name, wanted in (("reqtls", True), ("dane-good", False)):
        with lab.smtp_to(name) as client:
            claim(not client.has_extn("requiretls"), f"{name} announces it in the clear")
            client.starttls()
            client.ehlo()
            claim(client.has_extn("requiretls") == wanted, f"{name}: {client.esmtp_features}")


def test_policies_are_served(lab):
    """MTA-STS policies come over HTTPS with certificates of the private authority"""
    for name, mode in (("sts-enforce", "enforce"), ("sts-testing", "testing")):
        text = lab.world.fetch_policy(name)
        claim(f"mode: {mode}\r\n" in text, text)
        status, _, answer = dig(f"_mta-sts.{name}.test", "TXT")
        claim(status == "NOERROR" and "v=STSv1;" in answer, answer)


def test_a_changed_zone_is_seen_at_once(lab):
    """a zone that a test changes is another one at the next question, and then back"""
    try:
        lab.world.change_zone("dane-weak", ["@ MX 10 mx.plain.test."])
        status, secure, text = dig("dane-weak.test", "MX")
        claim(status == "NOERROR" and secure and "mx.plain.test" in text, text)
    finally:
        lab.world.restore_zone("dane-weak")
    _, secure, text = dig("dane-weak.test", "MX")
    claim(secure and "mx.dane-weak.test" in text, text)


def test_submission_needs_a_password(lab):
    """port 587 takes mail of an authenticated user and of nobody else"""
    claim(lab.send(message("x@our.test", card=False), "x@our.test", user=ALICE).code == 250,
          "an authenticated message is not taken")
    with lab.client(ALICE) as client:
        claim(client.docmd("AUTH", "PLAIN AGFAYgBj")[0] != 235, "a wrong password is taken")

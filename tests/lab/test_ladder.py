"""Protected mail to destinations that cannot prove themselves, or not now."""

from harness import ALICE, claim, message

UNPROVEN = ("plain", "signed-plain", "notls", "sts-testing", "sts-none")
UNKNOWN = ("bogus", "expired", "servfail", "sts-mismatch")


def test_refused(lab):
    """a rule that refuses: 550 5.7.10 names the recipient, and the content is nowhere"""
    for name in UNPROVEN:
        to = lab.address(name + ".test")
        one = message(to, "[refuse]")
        reply = lab.send(one, to, user=ALICE).expect("550 5.7.10")
        claim(to in reply.text, f"the reply does not name {to}: {reply.text}")
        claim(one.canary.decode() not in reply.text, "the reply tells content")
        lab.nowhere(one)
        claim(lab.audited(to)["verdict"] == "refuse", "not audited as refused")


def test_diverted(lab):
    """a rule that diverts: notice and report arrive, and the content is nowhere in the clear"""
    for name in UNPROVEN:
        to = lab.address(name + ".test")
        one = message(to)
        reply = lab.send(one, to, user=ALICE).expect("250")
        lab.mail_to(to)
        lab.mail_to(ALICE, lambda a, t=to: t.encode() in a.data)
        lab.gone(reply.queue_id)
        lab.nowhere(one)
        claim(lab.audited(to)["verdict"] == "divert", "not audited as diverted")


def test_deferred_for_a_program(lab):
    """a rule that defers: a program gets 451 4.7.10 and keeps the message"""
    for name in UNPROVEN:
        to = lab.address(name + ".test")
        one = message(to, "[defer]", card=False)
        lab.send(one, to).expect("451 4.7.10")
        lab.nowhere(one)


def test_deferred_for_a_person(lab):
    """a rule that defers: a person's message waits on the strict route, and they are told"""
    to = lab.address("plain.test")
    one = message(to, "[defer]", card=False)
    reply = lab.send(one, to, user=ALICE).expect("250")
    lab.mail_to(ALICE, lambda a: to.encode() in a.data)
    lab.deferred(reply.queue_id)
    lab.postfix.flush()
    lab.deferred(reply.queue_id)
    lab.nowhere(one, but=["/spool/"])
    lab.postfix.clear()


def test_wrong_tlsa(lab):
    """a wrong TLSA record: the message waits, and its words are said to no host"""
    to = lab.address("dane-wrong.test")
    one = message(to)
    reply = lab.send(one, to, user=ALICE)
    if reply.code == 250 and lab.audited(to)["verdict"] == "deliver":
        reasons = lab.deferred(reply.queue_id)
        claim("not trusted" in reasons or "not verified" in reasons, reasons)
        lab.postfix.flush()
        lab.deferred(reply.queue_id)
    else:
        claim(reply.code in (250, 451), f"{reply}")
    lab.nowhere(one, but=["/spool/"])
    lab.postfix.clear()


def test_undetermined_for_a_program(lab):
    """bogus, expired, unserved, and a policy that names no MX: 451, and nothing is guessed"""
    for name in UNKNOWN:
        to = lab.address(name + ".test")
        for subject in ("", "[refuse]"):
            one = message(to, subject)
            lab.send(one, to).expect("451 4.7.10")
            lab.nowhere(one)
        claim(lab.audited(to)["verdict"] == "defer", "not audited as deferred")


def test_undetermined_for_a_person(lab):
    """the same, submitted by a person: it waits on the strict route"""
    for name in UNKNOWN:
        to = lab.address(name + ".test")
        one = message(to)
        reply = lab.send(one, to, user=ALICE).expect("250")
        lab.deferred(reply.queue_id)
        lab.nowhere(one, but=["/spool/"])
    lab.postfix.clear()


def test_null_mx(lab):
    """null MX is left to Postfix: its own 5xx, and the bounce holds headers only"""
    to = lab.address("nullmx.test")
    one = message(to)
    lab.send(one, to, user=ALICE).expect("250")
    bounce = lab.mail_to(ALICE, lambda a: to.encode() in a.data)
    claim(b"nullMX" in bounce.data or b"does not accept mail" in bounce.data, bounce.data)
    claim(one.words[1] not in bounce.data, "the bounce carries the body")


def test_held(lab):
    """a rule that holds: quarantined, and still enforced when a person lets it go"""
    to = lab.address("plain.test")
    one = message(to, "[hold]", card=False)
    reply = lab.send(one, to, user=ALICE).expect("250")
    entry = lab.queued(reply.queue_id)
    claim(entry and entry["queue_name"] == "hold", f"not held: {entry}")
    lab.postfix.release(reply.queue_id)
    lab.postfix.flush()
    lab.deferred(reply.queue_id)
    lab.nowhere(one, but=["/spool/"])
    lab.postfix.clear()

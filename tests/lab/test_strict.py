"""Protected mail to destinations that can prove themselves."""

import re

from harness import ALICE, claim, message, wait_for

PROVEN = (("dane-good", "dane"), ("dane-ta", "dane"), ("reqtls", "dane"), ("sts-enforce", "sts"))


def enforced(lab, one, name, queue_id=None):
    """Arrived over TLS that Postfix verified, without our route header, else unchanged."""
    arrival = lab.arrival(one, f"mx.{name}.test")
    claim(arrival["tls"], "arrived in the clear")
    claim(b"postern" not in arrival.header.lower(), f"our header left with it: {arrival.header!r}")
    claim(arrival.data.endswith(one.raw), f"changed on its way: {arrival.data!r}")
    sent = wait_for("the delivery in the log", lambda: lab.postfix.log_of(
        rf"{queue_id or ''}: to=<{arrival_address(arrival)}>.*status=sent"))
    claim("postfix/postern-strict/smtp" in sent[-1], f"not by the strict route: {sent[-1]}")
    proof = lab.postfix.log_of(
        rf"postern-strict/smtp.*Verified TLS connection established to mx\.{name}\.test")
    claim(proof, f"Postfix did not verify mx.{name}.test")
    return arrival


def arrival_address(arrival):
    return re.escape(re.search(r"<([^>]*)>", arrival["rcpt"][0]).group(1))


def test_proven_destinations_get_it(lab):
    """marked mail to DANE and MTA-STS enforce goes the strict route, over verified TLS"""
    for name, by in PROVEN:
        to = lab.address(name + ".test")
        one = message(to)
        reply = lab.send(one, to, user=ALICE).expect("250")
        enforced(lab, one, name, reply.queue_id)
        lab.nowhere(one, but=[f"mx.{name}.test", "/spool/"])
        record = lab.audited(to)
        claim((record["verdict"], record["by"]) == ("deliver", by), f"audited as {record}")
        claim(record["queue_id"] == reply.queue_id, f"audited under {record['queue_id']}")
        claim(record["auth"] and record["submission_tls"], f"audited as {record}")


def test_listed_network_too(lab):
    """a program in a listed network is outgoing too"""
    to = lab.address("dane-good.test")
    one = message(to)
    lab.send(one, to).expect("250")
    enforced(lab, one, "dane-good")


def test_strict_map_answers(lab):
    """the strict map says how, says TEMP where it cannot vouch, and knows no parents"""
    ask = lab.strict_map
    claim(ask("dane-good.test") == "OK dane-only", ask("dane-good.test"))
    answer = ask("sts-enforce.test")
    claim(answer.startswith("OK secure ") and "match=mx.sts-enforce.test" in answer
          and "servername=hostname" in answer, answer)
    for name in ("plain", "sts-testing", "bogus", "servfail", "notls", "sts-mismatch"):
        answer = ask(name + ".test")
        claim(answer.startswith(f"TEMP {name}.test is "), f"{name}: {answer!r}")
    claim(ask(".test") == "NOTFOUND ", f"a parent label is answered: {ask('.test')!r}")


def test_requiretls_is_not_promised(lab):
    """a demand for REQUIRETLS is refused: this carrier cannot keep it"""
    to = lab.address("reqtls.test")
    one = message(to, "[onward]", card=False)
    lab.send(one, to, user=ALICE).expect("550 5.7.30")
    lab.nowhere(one)


def test_wish_by_header(lab):
    """a sender's Postern-Require is honoured and taken off the message"""
    to = lab.address("dane-good.test")
    one = message(to, card=False, headers=["Postern-Require: authenticated"])
    lab.send(one, to, user=ALICE).expect("250")
    arrival = lab.arrival(one, "mx.dane-good.test")
    claim(b"postern" not in arrival.header.lower(), arrival.header)
    claim(lab.audited(to)["verdict"] == "deliver", "not audited as protected")
    for name, value in (("plain", "authenticated"), ("dane-good", "requiretls")):
        to = lab.address(name + ".test")
        one = message(to, card=False, headers=[f"Postern-Require: {value}"])
        lab.send(one, to, user=ALICE).expect("250")
        claim(lab.audited(to)["verdict"] == "divert", "a mere wish is not diverted")
        lab.mail_to(to)
        lab.nowhere(one)


def test_unknown_wish(lab):
    """a Postern-Require that is not known is refused: 550 5.7.0"""
    to = lab.address("plain.test")
    one = message(to, card=False, headers=["Postern-Require: perhaps"])
    lab.send(one, to, user=ALICE).expect("550 5.7.0")
    lab.nowhere(one)


def test_wish_by_subject(lab):
    """the tag of a wish is taken off the subject of what is delivered"""
    to = lab.address("dane-good.test")
    one = message(to, "[secure]", card=False)
    lab.send(one, to, user=ALICE).expect("250")
    arrival = lab.arrival(one, "mx.dane-good.test")
    claim(b"[secure]" not in arrival.header, arrival.header)
    claim(lab.audited(to)["verdict"] == "deliver", "not audited as protected")


def test_sendmail_command(lab):
    """mail of the sendmail command is outgoing too: enforced, or bounced with headers only"""
    good, plain = lab.address("dane-good.test"), lab.address("plain.test")
    one = message(good)
    lab.postfix.sendmail(ALICE, [good], one.raw.replace(b"\r\n", b"\n"))
    enforced(lab, one, "dane-good")
    one = message(plain, "[refuse]")
    lab.postfix.sendmail(ALICE, [plain], one.raw.replace(b"\r\n", b"\n"))
    bounce = lab.mail_to(ALICE, lambda a: plain.encode() in a.data)
    claim(b"5.7.10" in bounce.data, bounce.data)
    lab.nowhere(one, but=["host inbox.our.test", "/spool/"])

"""Messages that wait in the portal and can be sent after all, when the world has changed."""

import os
import re

from harness import ALICE, claim, message, open_deposit, secrets_of, text_of, wait_for


def without_tls_records(lab, name):
    """That destination has no DANE any more, until its zone is restored."""
    case = lab.world.cases[name]
    lab.world.change_zone(name, ["@ MX 10 mx", f"mx A {case.address}"])
    lab.forget()


def upgraded(lab, to):
    """The audit's record that the copy for that recipient was sent on."""
    return wait_for(f"{to} to be upgraded", lambda: [
        r for r in lab.postern.audit(to) if r.get("event") == "upgraded"], 30, 0.2)[-1]


def strictly(lab, one, to):
    """The copy as it arrived; the notice went to the same recipient, by the usual way."""
    arrival = lab.arrival(one, "mx.dane-good.test", seconds=60)
    claim(arrival["tls"], "it came without TLS")
    wait_for("the strict route in the log", lambda: lab.postfix.log_of(
        rf"postfix/postern-strict/smtp.*to=<{re.escape(to)}>.*status=sent"), 20, 0.1)
    return arrival


def letter_about(lab, to):
    return lab.mail_to(ALICE, lambda a: to.encode() in a.data and
                       b"delivered by ordinary secured mail" in a.data)


def test_destination_that_gains_dane(lab):
    """a deposit whose destination gains DANE goes by the strict route; its link then says so"""
    to = lab.address("dane-good.test")
    one = message(to, "[later]", card=False, body="A line with 8 bits: " + "x" * 300)
    try:
        without_tls_records(lab, "dane-good")
        lab.send(one, to, user=ALICE, options=["ENVID=lab-up"],
                 rcpt_options=["NOTIFY=FAILURE"]).expect("250")
        notice, report = lab.mail_to(to), lab.mail_to(ALICE, lambda a: to.encode() in a.data)
        secret = secrets_of(notice, report)
        lab.nowhere(one)
    finally:
        lab.world.restore_zone("dane-good")
    claim(not [r for r in lab.postern.audit(to) if r.get("event") == "upgraded"], "too early")
    lab.forget()
    record = upgraded(lab, to)
    claim(record["deposit"] == secret.deposit, f"{record}")
    arrival = strictly(lab, one, to)
    claim(arrival.data.endswith(one.raw.split(b"\r\n\r\n", 1)[1]), "not the original")
    claim(b"postern" not in arrival.header.lower(), arrival.header)
    claim("ENVID=lab-up" in arrival["mail"] and "RET=HDRS" in arrival["mail"], arrival["mail"])
    claim("NOTIFY=FAILURE" in arrival["rcpt"][0], arrival["rcpt"])
    claim(to in text_of(letter_about(lab, to)), "the letter does not name the recipient")
    out = os.path.join(lab.folder, "late.eml")
    done = open_deposit(lab, secret, out)
    claim(done.returncode != 0 and "sent on" in done.stderr, f"{done.stdout}{done.stderr}")
    lab.nowhere(one, but=["mx.dane-good.test", "/spool/"])


def test_one_of_two(lab):
    """of two recipients one can be reached: the other's deposit waits on, and opens"""
    good, plain = lab.address("dane-good.test"), lab.address("plain.test")
    one = message(f"{good}, {plain}", "[later]", card=False)
    try:
        without_tls_records(lab, "dane-good")
        lab.send(one, [good, plain], user=ALICE).expect("250")
        notice, report = lab.mail_to(plain), lab.mail_to(ALICE, lambda a: plain.encode() in a.data)
        secret = secrets_of(notice, report)
        other = secrets_of(lab.mail_to(good), report)
    finally:
        lab.world.restore_zone("dane-good")
    lab.forget()
    upgraded(lab, good)
    arrival = strictly(lab, one, good)
    claim(len(arrival["rcpt"]) == 1, f"{arrival['rcpt']}")
    out = os.path.join(lab.folder, "one.eml")
    claim(open_deposit(lab, other, out).returncode != 0, "opened with the link of the one sent on")
    done = open_deposit(lab, secret, out)
    claim(done.returncode == 0, f"not opened: {done.stdout}{done.stderr}")
    with open(out, "rb") as f:
        claim(f.read() == one.raw, "not the original")
    claim(not [r for r in lab.postern.audit(plain) if r.get("event") == "upgraded"], "both")


def test_without_the_word_of_the_rule(lab):
    """a rule that does not say upgrade keeps no key: the deposit waits, whatever becomes proven"""
    to = lab.address("dane-good.test")
    one = message(to)
    try:
        without_tls_records(lab, "dane-good")
        lab.send(one, to, user=ALICE).expect("250")
        secret = secrets_of(lab.mail_to(to), lab.mail_to(ALICE, lambda a: to.encode() in a.data))
        other = lab.address("dane-good.test")
        sentinel = message(other, "[later]", card=False)
        lab.send(sentinel, other, user=ALICE).expect("250")
        lab.mail_to(other)
    finally:
        lab.world.restore_zone("dane-good")
    lab.forget()
    upgraded(lab, other)  # the round has been
    lab.arrival(sentinel, "mx.dane-good.test")
    lab.nowhere(one)
    out = os.path.join(lab.folder, "kept.eml")
    done = open_deposit(lab, secret, out)
    claim(done.returncode == 0, f"not opened: {done.stdout}{done.stderr}")


def test_copy_that_waits_survives_a_crash(lab):
    """killed when the copy is in the outbox and cannot be handed over: it arrives, once opened"""
    to = lab.address("dane-good.test")
    one = message(to, "[later]", card=False)
    try:
        without_tls_records(lab, "dane-good")
        lab.send(one, to, user=ALICE).expect("250")
        lab.mail_to(to)
    finally:
        lab.world.restore_zone("dane-good")
    with lab.other(outbox_port=2525):
        upgraded(lab, to)
        lab.postern.kill()
        lab.nowhere(one, but=["/spool/"])
    strictly(lab, one, to)
    records = [r for r in lab.postern.audit(to) if r.get("event") == "upgraded"]
    claim(len(records) == 1, f"{len(records)} records")
    claim(re.fullmatch("[0-9a-f]{32}", records[0]["deposit"]), f"{records[0]}")

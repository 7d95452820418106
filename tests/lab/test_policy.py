"""Ordinary mail, with the map `policy` in main.cf as the documentation has it."""

import contextlib
import os
import re

from harness import ALICE, claim, message, wait_for
from world.process import run

LINES = """
smtp_tls_security_level = may
smtp_dns_support_level = dnssec
smtp_tls_policy_maps = socketmap:unix:postern/tls-policy.sock:policy
"""


def socket(lab):
    return os.path.join(lab.postern.sockets, "tls-policy.sock")


@contextlib.contextmanager
def policy_map(lab):
    """Postfix asks `policy` for all mail that does not take the strict route."""
    path = os.path.join(lab.postfix.config, "main.cf")
    with open(path, encoding="utf-8") as f:
        before = f.read()

    def write(text):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.utime(path, (os.path.getatime(path), os.path.getmtime(path) - 10))
        lab.postfix.reload()

    write(before + LINES)
    try:
        yield
    finally:
        write(before)


def ask(lab, key, name="policy"):
    path = f"socketmap:unix:{socket(lab)}:{name}"
    return run("postmap", "-c", lab.postfix.config, "-q", key, path, check=False).strip()


def sent(lab, name):
    """An ordinary message on its way to that destination, and its queue id."""
    to = lab.address(name + ".test")
    one = message(to, card=False)
    return one, lab.send(one, to, user=ALICE).expect("250").queue_id


def tls_to(lab, name):
    """What Postfix said of its last connection to that host."""
    return wait_for(f"a connection to mx.{name}.test in the log", lambda: lab.postfix.log_of(
        rf"postfix/smtp\[.*TLS connection established to mx\.{name}\.test"))[-1]


def test_policy_answers(lab):
    """the map policy says what each destination has promised, and nothing of the others"""
    claim(ask(lab, "dane-good.test") == "dane-only", ask(lab, "dane-good.test"))
    for name in ("policy", "policy-tlsrpt"):
        answer = ask(lab, "sts-enforce.test", name)
        claim(answer.startswith("secure match=mx.sts-enforce.test servername=hostname"), answer)
        claim(("policy_type=sts policy_domain=sts-enforce.test "
               "mx_host_pattern=mx.sts-enforce.test" in answer) == (name != "policy"), answer)
        for free in ("plain", "signed-plain", "notls", "sts-testing", "sts-none", "nullmx"):
            claim(ask(lab, free + ".test", name) == "", f"{free}: {ask(lab, free + '.test', name)}")
        for shut in ("sts-mismatch", "bogus", "servfail"):
            answer = ask(lab, shut + ".test", name)
            claim("error" in answer or "temporary" in answer.lower(), f"{shut}: {answer!r}")
    claim(ask(lab, ".test") == "", "a parent label is answered")


def test_policy_holds_ordinary_mail(lab):
    """ordinary mail to DANE and MTA-STS goes over verified TLS, without the strict route"""
    with policy_map(lab):
        for name in ("dane-good", "dane-ta", "sts-enforce"):
            one, _ = sent(lab, name)
            arrival = lab.arrival(one, f"mx.{name}.test")
            claim(arrival["tls"], f"{name}: arrived in the clear")
            claim("Verified TLS" in tls_to(lab, name), tls_to(lab, name))


def test_policy_asks_no_more(lab):
    """ordinary mail to who promises nothing goes as ever, in the clear where need be"""
    with policy_map(lab):
        for name, tls in (("plain", True), ("signed-plain", True), ("sts-testing", True),
                          ("sts-none", True), ("notls", False)):
            one, _ = sent(lab, name)
            claim(bool(lab.arrival(one, f"mx.{name}.test")["tls"]) == tls, name)


def test_policy_defers_broken_promises(lab):
    """a wrong key under DANE, and an MX that the policy does not name: ordinary mail waits"""
    with policy_map(lab):
        for name, reason in (("dane-wrong", r"not (verified|trusted)"),
                             ("sts-mismatch", "TLS configuration problem")):
            one, queue_id = sent(lab, name)
            reasons = lab.deferred(queue_id)
            claim(re.search(reason, reasons, re.I), f"{name}: {reasons}")
            lab.nowhere(one, but=["/spool/"])
    lab.postfix.clear()


def test_policy_remembers(lab):
    """a forged MX, and the policy's record gone from the DNS: the remembered policy holds"""
    case = lab.world.cases["sts-weak"]
    with policy_map(lab):
        one, _ = sent(lab, "sts-weak")
        lab.arrival(one, f"mx.{case.domain}")
        try:
            lab.world.change_zone("sts-weak", ["@ MX 10 mx.notls.test."])
            lab.forget()
            one, queue_id = sent(lab, "sts-weak")
            reasons = lab.deferred(queue_id)
            claim("TLS configuration problem" in reasons, reasons)
            lab.nowhere(one, but=["/spool/"])
        finally:
            lab.world.restore_zone("sts-weak")
        lab.forget()
        lab.flush_until(one)

"""A diverted message from the sender's submission to the recipient's hands, by way of the portal."""

import os
import sys

from harness import ALICE, claim, message, secrets_of, wait_for

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from portal_client import Portal, Refused, Visit, locate, pick_up  # noqa: E402


def diverted(lab, one, to):
    reply = lab.send(one, to, user=ALICE).expect("250")
    notice = lab.mail_to(to)
    report = lab.mail_to(ALICE, lambda a: to.encode() in a.data)
    lab.gone(reply.queue_id)
    return secrets_of(notice, report)


def test_pickup_through_the_portal(lab):
    """notice in a real mailbox, code and phrase, the original byte for byte, a receipt on record"""
    to = lab.address("plain.test")
    one = message(to, body="A line with 8 bits: " + "x" * 300)
    secret = diverted(lab, one, to)
    portal = Portal(path=lab.postern.portal_socket, client="192.0.2.44")
    claim(locate(portal, secret.code) == secret.deposit, "the code leads elsewhere")
    visit = Visit(portal, secret.deposit, secret.code)
    visit.prove()
    try:
        visit.factor("wrong horse battery staple")
        claim(False, "opened with a wrong phrase")
    except Refused as refused:
        claim(refused.status == 403, f"a wrong phrase is answered {refused.status}")
    visit, original = wait_for("the phrase's turn", lambda: opened(portal, secret), 30, 0.5)
    claim(original == one.raw, f"not the original: {original[:200]!r}")
    lab.nowhere(one)
    records = [r for r in lab.postern.audit() if r.get("deposit") == secret.deposit]
    events = [r["event"] for r in records]
    for event in ("proved", "factored", "sent", "acknowledged"):
        claim(event in events, f"{event} is not on record: {events}")
    claim({r["client"] for r in records if r["event"] == "sent"} == {"192.0.2.44"}, f"{records}")
    done = lab.postern.cli("audit", "verify", "--config", lab.postern.conf)
    claim(done.returncode == 0, done.stdout + done.stderr)


def opened(portal, secret):
    """What the pickup gives, or None while a wrong phrase is still to be waited for."""
    try:
        return pick_up(portal, secret.deposit, secret.code, secret.phrase)
    except Refused as refused:
        if refused.status != 429:
            raise
        return None

"""What a client writes into the message cannot loosen anything."""

import os
import re

from harness import ALICE, OUTSIDE, Message, claim, message
from test_strict import enforced

FORGED = ("Postern-Route: strict 0123456789abcdef", "Postern-Notice: v=1; id=1; mac=00",
          "Postern-Handback: v=1; id=1; mac=00", "Postern-Anything: x", "POSTERN-ROUTE: none")


def test_tls_required_no(lab):
    """TLS-Required: no changes nothing about what a rule demands"""
    header = ["TLS-Required: no"]
    good, plain = lab.address("dane-good.test"), lab.address("plain.test")
    one = message(good, headers=header)
    lab.send(one, good, user=ALICE).expect("250")
    enforced(lab, one, "dane-good")
    one = message(plain, "[refuse]", headers=header)
    lab.send(one, plain, user=ALICE).expect("550 5.7.10")
    lab.nowhere(one)


def test_forged_headers_on_unmarked_mail(lab):
    """forged Postern headers are removed and the rest passes as it came"""
    to = lab.address("plain.test")
    one = message(to, card=False, headers=FORGED)
    lab.send(one, to, user=ALICE).expect("250")
    arrival = lab.arrival(one, "mx.plain.test")
    claim(b"postern" not in arrival.header.lower(), arrival.header)
    clean = re.sub(rb"(?mi)^postern-[^\r]*\r\n", b"", one.raw)
    claim(arrival.data.endswith(clean), f"more than that was changed: {arrival.data!r}")


def test_forged_headers_on_marked_mail(lab):
    """forged Postern headers spare no marked message its verdict"""
    to = lab.address("plain.test")
    one = message(to, "[refuse]", headers=FORGED)
    lab.send(one, to, user=ALICE).expect("550 5.7.10")
    lab.nowhere(one)


def test_forged_headers_from_outside(lab):
    """forged Postern headers of incoming mail are removed as well"""
    one = message("bob@our.test", card=False, sender="x@plain.test", headers=FORGED)
    lab.send(one, "bob@our.test", sender="x@plain.test", source=OUTSIDE).expect("250")
    claim(b"postern" not in lab.arrival(one, "inbox.our.test").header.lower(), "not removed")


def test_a_stolen_notice_header(lab):
    """the header of a real notice does not let another message through"""
    to = lab.address("plain.test")
    lab.send(message(to), to, user=ALICE).expect("250")
    notice = lab.mail_to(to)
    stolen = [l for l in notice.header.decode().split("\r\n") if l.lower().startswith("postern-")]
    claim(not stolen, f"a notice leaves with {stolen}")


def test_no_phrase_for_null_sender(lab):
    """the null sender gets no phrase: its message is not diverted"""
    to = lab.address("plain.test")
    one = message(to)
    lab.send(one, to, sender="").expect("451")
    lab.nowhere(one)
    claim(not lab.world.log.find(lambda a: any(to in r for r in a["rcpt"])), "a notice was sent")


def test_no_phrase_for_foreign_sender(lab):
    """a sender that is not ours gets no phrase, from a listed network or authenticated"""
    for user in (None, ALICE):
        to, sender = lab.address("plain.test"), lab.address("notls.test")
        one = message(to, sender=sender)
        reply = lab.send(one, to, sender=sender, user=user)
        claim(reply.code in (250, 451), f"{reply}")
        claim(lab.audited(to)["verdict"] != "divert", "diverted")
        lab.nowhere(one, but=["/spool/"])
        claim(not lab.world.log.find(lambda a, t=to: any(t in r for r in a["rcpt"])),
              "a notice was sent")
        claim(not lab.world.log.find(lambda a, s=sender: any(s in r for r in a["rcpt"])
                                     and b"phrase" in a.data.lower()), "a phrase was sent")
    lab.postfix.clear()


def test_no_phrase_for_another_account(lab):
    """who is logged in as one and writes as another does not get the other's phrase"""
    to = lab.address("plain.test")
    one = message(to)
    lab.send(one, to, user="mallory@our.test").expect("250")
    lab.mail_to(to)
    for report in lab.world.log.find(lambda a: to.encode() in a.data and a["host"] == "inbox.our.test"):
        claim(not any("mallory" in r for r in report["rcpt"]), f"{report['rcpt']}")


def test_route_in_an_attachment(lab):
    """our route header with the true token, in a forwarded bounce, steers nothing"""
    to = lab.address("plain.test")
    with open(os.path.join(lab.postern.keys, "route.token"), encoding="ascii") as f:
        route = f"Postern-Route: strict {f.read().strip()}"
    parts = ["--p", "Content-Type: text/plain", route, "", "see below", "--p",
             "Content-Type: message/rfc822", "", "From: x@our.test", route, "Subject: returned", "",
             "text", "--p--"]
    plain = message(to, card=False)
    raw = plain.raw.replace(b"Content-Type: text/plain; charset=us-ascii",
                            b'Content-Type: multipart/mixed; boundary="p"')
    one = Message(raw + "\r\n".join(parts + [""]).encode(), plain.canary, plain.words)
    lab.send(one, to, user=ALICE).expect("250")
    claim(lab.arrival(one, "mx.plain.test").data.endswith(one.raw), "it was changed on its way")

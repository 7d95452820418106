"""What needs no protection passes as it came, wherever it goes."""

from harness import ALICE, OUTSIDE, claim, message

REACHABLE = ("dane-good", "dane-ta", "dane-wrong", "reqtls", "sts-enforce", "sts-testing",
             "sts-none", "sts-mismatch", "plain", "signed-plain", "notls")


def same_bytes(arrival, sent):
    """The message stands at the end, unchanged; before it nothing but Received lines."""
    data = arrival.data
    claim(data.endswith(sent.raw), f"changed on its way: {data!r}")
    added = data[:-len(sent.raw)].decode()
    fields = [l for l in added.split("\r\n") if l and not l[0].isspace()]
    claim(all(f.startswith("Received:") for f in fields), f"added fields: {fields}")


def test_unmarked_mail_is_unchanged(lab):
    """unmarked mail arrives unchanged, byte for byte, at every kind of destination"""
    sent = []
    for name in REACHABLE:
        to = lab.address(name + ".test")
        one = message(to, card=False)
        lab.send(one, to, user=ALICE).expect("250")
        sent.append((name, one))
    for name, one in sent:
        same_bytes(lab.arrival(one, f"mx.{name}.test"), one)


def test_odd_bytes_are_unchanged(lab):
    """8-bit text, folded and odd header fields and long lines stay as they are"""
    to = lab.address("plain.test")
    one = message(to, card=False, headers=(
        "X-Folded: one,\r\n\ttwo,\r\n  three", "X-Empty:", "x-lower:no-space-after-the-colon",
        "X-Twice: 1", "X-Twice: 2"))
    one.raw = one.raw.replace(b"Dear customer,", b"Dear \xe9\xff\x80 " + b"x" * 900 + b" ,")
    lab.send(one, to, options=["BODY=8BITMIME"]).expect("250")
    same_bytes(lab.arrival(one, "mx.plain.test"), one)


def test_several_messages_in_one_session(lab):
    """a second message of the same session is judged on its own"""
    clean, marked = message("a@plain.test", card=False), message("a@plain.test", "[refuse]")
    with lab.client(ALICE) as client:
        for one, code in ((clean, 250), (marked, 550), (clean, 250)):
            client.mail(ALICE)
            client.rcpt("a@plain.test")
            got, text = client.docmd("DATA")
            client.send(one.wire + b".\r\n")
            got, text = client.getreply()
            claim(got == code, f"{got} {text} where {code} was due")
    lab.arrival(clean, "mx.plain.test", count=2)
    lab.nowhere(marked)


def test_unmarked_mail_without_a_way(lab):
    """unmarked mail to bogus, expired and unserved zones is Postfix's own affair"""
    for name in ("bogus", "expired", "servfail"):
        one = message(f"a@{name}.test", card=False)
        reply = lab.send(one, lab.address(name + ".test"), user=ALICE).expect("250")
        reasons = lab.deferred(reply.queue_id)
        claim("Name service error" in reasons, reasons)
    lab.postfix.clear()


def test_incoming_mail_passes(lab):
    """mail from outside to us is not judged, sensitive or not, even with our own sender"""
    for sender in ("stranger@plain.test", ALICE):
        one = message("bob@our.test", "[refuse]", sender=sender)
        lab.send(one, "bob@our.test", sender=sender, source=OUTSIDE).expect("250")
        same_bytes(lab.arrival(one, "inbox.our.test"), one)


def test_strangers_cannot_relay(lab):
    """a stranger with our address as sender is still a stranger to Postfix"""
    one = message("a@plain.test")
    lab.send(one, "a@plain.test", source=OUTSIDE).expect("554")
    lab.nowhere(one)

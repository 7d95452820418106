"""The rung rewrite: parts of a message are sealed, the rest goes on in place."""

import base64
import contextlib
import email
import os
import re

from harness import (ALICE, Message, card_number, claim, message, open_deposit, secrets_of, text_of,
                     wait_for)
from test_mixed import INTERNAL
from test_strict import enforced

PARTS, ATTACHMENTS, BODY = (f"{name}@our.test" for name in ("parts", "attachments", "body"))
LATER = {"RCPT": "451 4.7.1 later, please"}
B = b"--=-=\r\n"


def mixed(to, parts, sender, end=b"--=-=--\r\n", subject="", kind=b"mixed"):
    """A multipart of these parts, each whole with its header; its word stands in the first."""
    one = message(to, subject, card=False, sender=sender)
    head, text = one.raw.split(b"\r\n\r\n", 1)
    head = head.replace(b"text/plain; charset=us-ascii",
                        b"multipart/" + kind + b'; boundary="=-="').replace(
                            b" invoice " + one.canary, b" greetings")
    parts = [b"Content-Type: text/plain\r\n\r\n" + text if p is None else p for p in parts]
    one.raw = head + b"\r\n\r\n" + b"".join(B + p + b"\r\n" for p in parts) + end
    return one


def secret_part(rows=3, width=40, name="list.csv"):
    """An attachment, and the words in it that nobody may see."""
    number, word = card_number(), "canary" + os.urandom(8).hex()
    row = (word + " ").ljust(width - 2, "x").encode() + b"\r\n"
    part = (b"Content-Type: text/csv; name=" + name.encode() + b"\r\nContent-Disposition: attachment"
            b"\r\n\r\ncard " + number.encode() + b"\r\n" + row * rows + word.encode())
    return part, Message(b"", word.encode(), [number.encode(), number.replace(" ", "").encode(),
                                              word.encode()])


def body_of(data):
    """A message's bytes behind its header."""
    return data.split(b"\r\n\r\n", 1)[1]


def pieces(data, boundary=b"=-="):
    """The parts of a multipart's bytes, whole."""
    found = re.split(rb"(?:^|\r\n)--" + re.escape(boundary) + rb"(?:--)?\r\n", body_of(data))
    return found[1:-1]


def deposit_of(lab, to, sender):
    """Opens the deposit with the notice's code and the report's phrase: its message."""
    notice = lab.mail_to(to, lambda a: b"A protected message" in a.data)
    report = lab.mail_to(sender, lambda a: to.encode() in a.data)
    out = os.path.join(lab.folder, "parts.eml")
    done = open_deposit(lab, secrets_of(notice, report), out)
    claim(done.returncode == 0, f"not opened: {done.stdout}{done.stderr}")
    with open(out, "rb") as f:
        data = f.read()
    os.unlink(out)
    return data, notice, report


@contextlib.contextmanager
def deferring(lab, name):
    """The host of that case takes nothing for a while."""
    host = lab.world.hosts[name]
    host.answer.update(LATER)
    try:
        yield
    finally:
        host.answer.clear()


def in_queue(lab, secret):
    """The words of it that Postfix's files hold."""
    return [w for w in secret.words for _, data in lab.postfix.files() if w in data]


def test_part_is_sealed_and_the_rest_goes_on(lab):
    """the part with the finding is replaced; the others arrive byte for byte; it is opened whole"""
    to = lab.address("plain.test")
    part, secret = secret_part()
    picture = b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + \
        base64.encodebytes(b"\x89PNG\r\n\x1a\n" + os.urandom(900)).replace(b"\n", b"\r\n")
    strange = b"Content-Type: text/plain; charset=utf-8\r\n\r\n\ttabs \xc3\xa9\r\n. dot\r\n\r\n end "
    one = mixed(to, [None, part, picture, strange], PARTS)
    reply = lab.send(one, to, sender=PARTS, user=ALICE, options=["BODY=8BITMIME"]).expect("250")
    got = lab.arrival(one, "mx.plain.test").data
    sent, came = pieces(one.raw), pieces(got)
    claim(len(came) == 4, f"{len(came)} parts arrived:\n{got!r}")
    for i in (0, 2, 3):
        claim(came[i] == sent[i], f"part {i + 1} changed:\n{came[i]!r}\n{sent[i]!r}")
    text = email.message_from_bytes(came[1])
    claim(text.get_content_type() == "text/plain" and text.get_filename() is None, came[1])
    urls = set(re.findall(r"https?://[^\s\"<>]+", text.get_payload()))
    claim(urls == {"https://secure.our.test"}, f"{urls}")
    lab.nowhere(secret)
    data, notice, report = deposit_of(lab, to, PARTS)
    opened = email.message_from_bytes(data)
    claim(pieces(data, opened.get_boundary().encode()) == [sent[1]], f"not the part: {data!r}")
    claim(opened["From"] == f"Alice <{PARTS}>" and opened["Subject"], f"{opened.items()}")
    claim(b"Message-ID: " + opened["In-Reply-To"].encode() in one.raw, f"{opened.items()}")
    claim(opened["In-Reply-To"].encode() in notice.header, "the notice is in no thread")
    claim("The rest" in text_of(report), text_of(report))
    claim(lab.audited(to)["verdict"] == "rewrite", "not audited as rewritten")
    claim(lab.postfix.log_of(rf"{reply.queue_id}: to=<{re.escape(to)}>.*postfix/?.*status=sent") or
          lab.postfix.log_of(rf"{reply.queue_id}: to=<{re.escape(to)}>.*status=sent"),
          "not under the same queue id")


def test_nothing_stays_in_the_queue_file(lab):
    """while it waits, no byte of what was sealed is in the queue: long, short, last and only parts"""
    long_lines, first = secret_part(rows=300, width=900)
    short_lines, second = secret_part(rows=2000, width=20)
    tiny, third = secret_part(rows=1, width=20)
    to = lab.address("plain.test")
    only = message(to, sender=PARTS, body=(card_number() + " " + "y" * 300 + "\r\n") * 3)
    filler = b"Content-Type: text/plain\r\n\r\n" + b"nothing to see\r\n" * 3000
    rows = [(mixed(to, [None, long_lines], PARTS), first),
            (mixed(to, [short_lines, None], PARTS), second),
            (mixed(to, [None, filler, tiny], PARTS), third),
            (only, Message(b"", b"", only.words[1:]))]
    with deferring(lab, "plain"):
        for one, secret in rows:
            reply = lab.send(one, to, sender=PARTS, user=ALICE).expect("250")
            lab.deferred(reply.queue_id)
            wait_for("the notice to be handed over", lambda s=secret: not in_queue(lab, s), 5, 0.2)
            claim(not in_queue(lab, secret), f"{in_queue(lab, secret)}")
            lab.nowhere(secret)
            size = next(e["message_size"] for e in lab.postfix.queue()
                        if e["queue_id"] == reply.queue_id)
            claim(size >= len(one.raw) - 200, f"{size} bytes of {len(one.raw)}")
        lab.postfix.clear()


def test_body_of_one_part(lab):
    """a message of one part: the whole body is sealed, as it came, and a text stands for it"""
    to = lab.address("plain.test")
    one = message(to, sender=BODY, headers=["Content-Language: en"])
    lab.send(one, to, sender=BODY, user=ALICE).expect("250")
    got = lab.mail_to(to, lambda a: b"invoice" in a.data)
    parsed = email.message_from_bytes(got.data)
    claim(parsed.get_content_type() == "multipart/mixed" and parsed["Content-Language"] is None,
          f"{parsed.items()}")
    claim(len(parsed.get_payload()) == 1, f"{got.data!r}")
    claim("The text of this message" in parsed.get_payload(0).get_payload(), f"{got.data!r}")
    secret = Message(b"", b"", one.words[1:])
    lab.nowhere(secret)
    data, _, _ = deposit_of(lab, to, BODY)
    claim(body_of(data) == body_of(one.raw), f"not the body: {data!r}")
    claim(b"Content-Language: en" in data, f"{data!r}")


def test_attachments_alone(lab):
    """attachments are sealed, whatever was found in them; a finding in the text passes on"""
    to, other = lab.address("plain.test"), lab.address("plain.test")
    part, secret = secret_part()
    harmless = b"Content-Type: image/gif; name=x.gif\r\n\r\nGIF89a"
    one = mixed(to, [None, part, harmless], ATTACHMENTS)
    lab.send(one, to, sender=ATTACHMENTS, user=ALICE).expect("250")
    got = lab.arrival(one, "mx.plain.test").data
    claim(pieces(got)[0] == pieces(one.raw)[0] and b"GIF89a" not in got, f"{got!r}")
    lab.nowhere(secret)
    data, _, _ = deposit_of(lab, to, ATTACHMENTS)
    claim(part in data and harmless in data, f"{data!r}")
    text = b"Content-Type: text/plain\r\n\r\n" + card_number().encode()
    two = mixed(other, [None, text, harmless], ATTACHMENTS)
    lab.send(two, other, sender=ATTACHMENTS, user=ALICE).expect("250")
    claim(lab.audited(other)["verdict"] == "divert", "not diverted")
    claim("still have to be protected" in lab.audited(other)["reason"], lab.audited(other)["reason"])
    lab.mail_to(other)
    lab.nowhere(two)


def test_alternative_goes_as_a_whole(lab):
    """a finding in one of two alternatives seals both"""
    to = lab.address("plain.test")
    part, secret = secret_part()
    plain = b"Content-Type: text/plain\r\n\r\nsee the other " + secret.canary
    inner = (b"Content-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\n" + plain +
             b"\r\n--in\r\n" + part + b"\r\n--in--")
    one = mixed(to, [None, inner], PARTS)
    lab.send(one, to, sender=PARTS, user=ALICE).expect("250")
    claim(pieces(lab.arrival(one, "mx.plain.test").data)[0] == pieces(one.raw)[0], "changed")
    lab.nowhere(secret)
    data, _, _ = deposit_of(lab, to, PARTS)
    claim(inner in data, f"{data!r}")


def test_signed_passes_on(lab):
    """of a signed message nothing is taken out: the next rung's turn, and the reason says so"""
    to = lab.address("plain.test")
    part, _ = secret_part()
    signature = b"Content-Type: application/pkcs7-signature\r\n\r\nMIIB"
    one = mixed(to, [part, signature], PARTS, kind=b"signed")
    lab.send(one, to, sender=PARTS, user=ALICE).expect("250")
    lab.mail_to(to)
    record = lab.audited(to)
    claim(record["verdict"] == "divert" and "signed message" in record["reason"], record["reason"])
    lab.nowhere(one)


def test_subject_with_a_finding(lab):
    """a Subject with a card number is taken off; From, To and Date stay"""
    to = lab.address("plain.test")
    number = card_number()
    part, secret = secret_part()
    one = mixed(to, [None, part], PARTS, subject=number)
    lab.send(one, to, sender=PARTS, user=ALICE).expect("250")
    got = email.message_from_bytes(lab.arrival(one, "mx.plain.test").data)
    claim(got["Subject"] is None and got["From"] and got["To"] and got["Date"], f"{got.items()}")
    for word in (number.encode(), number.replace(" ", "").encode()):
        said = [h for h, data in lab.world.log.said.items() if word in bytes(data)]
        claim(not said, f"{word} was said to {said}")
    data, _, _ = deposit_of(lab, to, PARTS)
    claim(number in email.message_from_bytes(data)["Subject"], f"{data!r}")


def test_mixed_recipients(lab):
    """one rewritten, one strict, one internal: each has its own; the whole goes to the latter two"""
    with lab.other(outbound=INTERNAL):
        bob, good = lab.address("our.test"), lab.address("dane-good.test")
        plain = lab.address("plain.test")
        part, secret = secret_part()
        one = mixed(f"{bob}, {good}, {plain}", [None, part], PARTS)
        reply = lab.send(one, [bob, good, plain], sender=PARTS, user=ALICE).expect("250")
        enforced(lab, one, "dane-good")
        home = lab.arrival(one, "inbox.our.test")
        claim(body_of(home.data) == body_of(one.raw), "the internal copy was changed")
        claim(b"postern" not in home.header.lower(), home.header)
        claim(secret.canary in lab.arrival(one, "mx.dane-good.test").data, "the strict copy was cut")
        got = lab.arrival(one, "mx.plain.test")
        claim(secret.canary not in got.data and len(got["rcpt"]) == 1, f"{got['rcpt']}")
        lab.gone(reply.queue_id)
        lab.nowhere(secret, but=["mx.dane-good.test", "inbox.our.test", "/spool/"])


def test_retry_finds_the_parts(lab):
    """a client that sends it again makes no second deposit, and it is rewritten again"""
    to = lab.address("plain.test")
    part, secret = secret_part()
    one = mixed(to, [None, part], PARTS)

    def deposits():
        return len(lab.postern.cli("deposit", "list", "--json", "--config", lab.postern.conf,
                                   check=True).stdout.splitlines())
    before = deposits()
    for _ in range(2):
        lab.send(one, to, sender=PARTS, user=ALICE).expect("250")
    lab.arrival(one, "mx.plain.test", count=2)
    claim(deposits() == before + 1, f"{deposits() - before} deposits")
    lab.nowhere(secret)


def test_big_attachment(lab):
    """five megabytes are taken out, and the message is as long as it was"""
    to = lab.address("plain.test")
    lines = base64.encodebytes(os.urandom(3_700_000)).replace(b"\n", b"\r\n")
    part, secret = secret_part()
    big = part.replace(b"\r\n\r\n", b"\r\n\r\n" + lines, 1)
    one = mixed(to, [None, big], PARTS)
    lab.send(one, to, sender=PARTS, user=ALICE).expect("250")
    got = lab.arrival(one, "mx.plain.test", seconds=60).data
    claim(pieces(got)[0] == pieces(one.raw)[0], "changed")
    claim(lines[:76] not in got and len(got) > 4_000_000, f"{len(got)} bytes")
    lab.nowhere(secret)
    data, _, _ = deposit_of(lab, to, PARTS)
    claim(big in data, "not the attachment")

"""A diverted message from the sender's submission to the original in the hands of the reader."""

import base64
import os
import re
import stat

from harness import ALICE, claim, message, open_deposit, secrets_of, text_of, wait_for



def diverted(lab, to, one):
    """Sends it; the texts of the notice and the report."""
    reply = lab.send(one, to, user=ALICE).expect("250")
    notice = lab.mail_to(to)
    report = lab.mail_to(ALICE, lambda a: to.encode() in a.data)
    lab.gone(reply.queue_id)
    return notice, report


def test_divert_end_to_end(lab):
    """code and phrase give the original back, byte for byte; the wrong phrase does not"""
    to = lab.address("plain.test")
    one = message(to, body="A line with 8 bits: " + "x" * 300)
    notice, report = diverted(lab, to, one)
    secret = secrets_of(notice, report)
    claim(secret.phrase.encode() not in notice.data, "the phrase stands in the notice")
    claim(secret.code.encode() not in report.data, "the code stands in the report")
    out = os.path.join(lab.folder, "original.eml")
    wrong = open_deposit(lab, secret, out, "wrong horse battery staple")
    claim(wrong.returncode != 0 and not os.path.exists(out), "opened with a wrong phrase")
    done = open_deposit(lab, secret, out)
    claim(done.returncode == 0, f"not opened: {done.stdout}{done.stderr}")
    with open(out, "rb") as f:
        data = f.read()
    claim(data == one.raw, f"not the original: {data!r}")
    os.unlink(out)


def test_notice_tells_nothing(lab):
    """the notice: from the sender, plain text first, the digest, and no word of the content"""
    to = lab.address("notls.test")
    one = message(to, headers=["Keywords: secret-keyword", "Thread-Topic: secret-topic"])
    notice, report = diverted(lab, to, one)
    header, body = notice.header.decode(), text_of(notice)
    claim(re.search(r"(?mi)^From:.*alice@our\.test", header), header)
    claim(re.search(r"\b[0-9a-f]{64}\b", body), f"no digest in the notice:\n{body}")
    for word in (b"secret-keyword", b"secret-topic", *one.words):
        claim(word not in notice.data, f"{word} stands in the notice")
        claim(word not in report.data or word == one.canary, f"{word} stands in the report")
    claim(ALICE in notice["mail"], f"envelope sender {notice['mail']}")
    claim("RET=HDRS" in notice["mail"] and "NOTIFY=FAILURE" in notice["rcpt"][0],
          f"{notice['mail']} {notice['rcpt']}")
    claim(b"\r\npostern-" not in b"\r\n" + notice.header.lower(), header)


def test_two_recipients_two_notices(lab):
    """two diverted recipients: one deposit, one report, a notice and a code for each"""
    first, second = lab.address("plain.test"), lab.address("notls.test")
    one = message(f"{first}, {second}")
    before = deposits(lab)
    lab.send(one, [first, second], user=ALICE).expect("250")
    notices = [lab.mail_to(first), lab.mail_to(second)]
    codes = {re.search(r"#([0-9A-Za-z-]+)", text_of(n)).group(1) for n in notices}
    claim(len(codes) == 2, f"{codes}")
    for notice in notices:
        claim(len(notice["rcpt"]) == 1, f"{notice['rcpt']}")
    claim(len(deposits(lab)) == len(before) + 1, "not one deposit")
    lab.nowhere(one)


def deposits(lab):
    """Lines of `postern deposit list --json`."""
    done = lab.postern.cli("deposit", "list", "--json", "--config", lab.postern.conf, check=True)
    return done.stdout.splitlines()


def test_retry_finds_the_deposit(lab):
    """a client that sends the same message again makes no second deposit"""
    to = lab.address("plain.test")
    one = message(to)
    before = len(deposits(lab))
    for _ in range(3):
        lab.send(one, to, user=ALICE).expect("250")
    lab.mail_to(to)
    claim(len(deposits(lab)) == before + 1, f"{len(deposits(lab)) - before} deposits")


def test_nothing_in_the_clear_on_disk(lab):
    """after a divert: no content, code or phrase in any file, and keys are private"""
    to = lab.address("plain.test")
    one = message(to)
    secret = secrets_of(*diverted(lab, to, one))
    lab.nowhere(one)

    def clean():
        return not any(word.encode() in data for word in (secret.code, secret.phrase)
                       for _, data in [*lab.postern.files(), *lab.postfix.files()])
    wait_for("the outbox to be empty of code and phrase", clean, 20, 0.2)
    for name in os.listdir(lab.postern.keys):
        mode = os.stat(os.path.join(lab.postern.keys, name)).st_mode
        claim(stat.S_IMODE(mode) & 0o077 == 0, f"{name} is {stat.filemode(mode)}")


def test_big_message(lab):
    """a message of five megabytes with an attachment comes back byte for byte"""
    to = lab.address("plain.test")
    one = message(to, headers=['X-Folded: a\r\n\tb\r\n  c'])
    lines = base64.encodebytes(os.urandom(3_900_000)).replace(b"\n", b"\r\n")
    head, body = one.raw.split(b"\r\n\r\n", 1)
    head = head.replace(b"text/plain; charset=us-ascii", b'multipart/mixed; boundary="=-="')
    one.raw = (head + b"\r\n\r\n--=-=\r\nContent-Type: application/octet-stream\r\n"
               b"Content-Transfer-Encoding: base64\r\n\r\n" + lines +
               b"--=-=\r\nContent-Type: text/plain\r\n\r\n" + body + b"--=-=--\r\n")
    secret = secrets_of(*diverted(lab, to, one))
    out = os.path.join(lab.folder, "big.eml")
    done = open_deposit(lab, secret, out)
    claim(done.returncode == 0, f"not opened: {done.stdout}{done.stderr}")
    with open(out, "rb") as f:
        claim(f.read() == one.raw, "not the original")
    os.unlink(out)


def test_a_sender_cannot_flood_the_portal(lab):
    """more diverts than limits.diverts_per_hour go down the ladder, in words and on record; others divert on"""
    with lab.other(more="limits = { diverts_per_hour = 2; };"):
        sender = f"flood{lab.number}@our.test"  # nobody has counted for that one yet
        for _ in range(2):
            to = lab.address("plain.test")
            lab.send(message(to, sender=sender), to, sender=sender, user=ALICE).expect("250")
            lab.mail_to(to)
        before = len(deposits(lab))
        to = lab.address("plain.test")
        one = message(to, subject="[secure]", card=False, sender=sender)
        reply = lab.send(one, to, sender=sender, user=ALICE).expect("550 5.7.10")
        claim("too often within an hour" in reply.text, reply.text)
        record = lab.audited(to)
        claim(record["verdict"] == "refuse" and "too often within an hour" in record["reason"], f"{record}")
        claim(len(deposits(lab)) == before, "a deposit beyond the cap")
        lab.nowhere(one)
        other, sender = lab.address("plain.test"), f"calm{lab.number}@our.test"
        lab.send(message(other, sender=sender), other, sender=sender, user=ALICE).expect("250")
        lab.mail_to(other)

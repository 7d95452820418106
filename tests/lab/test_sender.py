"""What the sender of a diverted message can do, and is told: real mail, real keys."""

import json
import os
import re

from harness import ALICE, claim, message, open_deposit, secrets_of, text_of


def diverted(lab):
    to = lab.address("plain.test")
    reply = lab.send(message(to), to, user=ALICE).expect("250")
    notice = lab.mail_to(to)
    report = lab.mail_to(ALICE, lambda a: to.encode() in a.data)
    lab.gone(reply.queue_id)
    return to, report, secrets_of(notice, report)


def row(lab, secret):
    done = lab.postern.cli("deposit", "list", "--json", "--config", lab.postern.conf, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return next(r for r in rows if r["id"] == secret.deposit)


def change(lab, *words):
    return lab.postern.cli("deposit", *words, "--config", lab.postern.conf)


def test_revoked(lab):
    """revoked by the operator: nobody opens it any more, and the sender's mailbox has the news"""
    start = os.path.getsize(lab.postern.log)  # what other tests made it say does not count
    to, _, secret = diverted(lab)
    out = os.path.join(lab.folder, "revoked.eml")
    claim(open_deposit(lab, secret, out).returncode == 0, "not opened before")
    os.unlink(out)
    done = change(lab, "revoke", "--reason", "wrong address", secret.deposit)
    claim(done.returncode == 0, done.stdout + done.stderr)
    after = open_deposit(lab, secret, out)
    claim(after.returncode == 1 and "revoked" in after.stderr, after.stderr)
    claim(not os.path.exists(out), "something was written")
    told = lab.mail_to(ALICE, lambda a: b"was taken back" in a.data and to.encode() in a.data)
    claim(b"\r\nSubject: Your protected message was taken back\r\n" in told.header, told.header)
    with open(lab.postern.log, encoding="utf-8", errors="replace") as f:
        f.seek(start)
        claim("field of ours does not hold" not in f.read(), "the milter did not know the letter")
    claim(secret.phrase.encode() not in told.data and secret.code.encode() not in told.data,
          "the letter has what opens")
    claim(b"postern-" not in told.header.lower(), told.header)
    records = [r for r in lab.postern.audit(to) if r["event"] == "revoked"]
    claim(len(records) == 1 and records[0]["reason"] == "by operator: wrong address" and
          records[0]["deposit"] == secret.deposit, f"{records}")


def test_extended(lab):
    """extended by the operator: kept longer, and no longer than may be"""
    _, _, secret = diverted(lab)
    before = row(lab, secret)
    claim(before["pickups"] == ["new"], f"{before}")
    done = change(lab, "extend", secret.deposit)
    claim(done.returncode == 0, done.stderr)
    longer = row(lab, secret)["until"]
    claim(longer > before["until"], f"{longer}")
    change(lab, "extend", "--days", "3650", secret.deposit)
    longest = row(lab, secret)["until"]
    claim(longest > longer, longest)
    claim(change(lab, "extend", secret.deposit).returncode == 1, "kept longer than may be")


def test_report_has_one_link_and_a_number(lab):
    """the report: why, for whom, the phrase, one link of our own that opens nothing, a number"""
    to, report, secret = diverted(lab)
    text = text_of(report)
    links = re.findall(r"https?://\S+", text)
    claim(len(links) == 1 and re.search(rf"/s/{secret.deposit}/[0-9a-f]{{32}}$", links[0]), f"{links}")
    numbers = re.findall(r"(?m)^ {4}(\d{6})\s*$", text)
    claim(len(numbers) == 1 and numbers[0] not in links[0], f"{numbers}")
    claim(secret.code not in text, "the report has the code")
    claim(to in text and "no trick" in text, text)

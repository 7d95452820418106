"""A phrase that opens something must not travel by mail."""

import base64

from harness import ALICE, claim, message, secrets_of


def diverted(lab):
    """A deposit, and what opens it."""
    to = lab.address("plain.test")
    lab.send(message(to), to, user=ALICE).expect("250")
    return to, secrets_of(lab.mail_to(to), lab.mail_to(ALICE, lambda a: to.encode() in a.data))


def with_text(one, text, kind="text/plain", encoding="7bit"):
    head, _ = one.raw.split(b"\r\n\r\n", 1)
    head = head.replace(b"text/plain; charset=us-ascii", kind.encode())
    one.raw = (head + f"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() +
               text.encode() + b"\r\n")
    return one


def test_a_live_phrase_does_not_leave(lab):
    """a phrase that opens a deposit is refused on its way out, however it is written"""
    to, secret = diverted(lab)
    other = lab.address("dane-good.test")
    words = secret.phrase.split()
    html = f"<table><tr><td>{words[0]}</td><td>{words[1].upper()}</td></tr></table><p>{words[2]}<br>{words[3]}"
    for address, text, kind, encoding in (
            (to, f"the phrase is {secret.phrase}.", "text/plain", "7bit"),
            (other, "\r\n> ".join(["> " + words[0], *words[1:]]), "text/plain", "7bit"),
            (other, html, "text/html", "7bit"),
            (other, base64.b64encode(f"{'  '.join(words).title()}".encode()).decode(), "text/plain",
             "base64")):
        one = with_text(message(address, card=False), text, kind, encoding)
        reply = lab.send(one, address, user=ALICE).expect("550 5.7.0")
        claim("phrase" in reply.text and "telephone" in reply.text, reply.text)
        claim(secret.phrase not in reply.text, "the reply tells the phrase")
        record = lab.audited(address)
        claim(record["verdict"] == "refuse" and "phrase" in record["reason"], f"{record}")
        claim(secret.phrase not in str(record), f"the audit tells the phrase: {record}")
        lab.nowhere(one)
    one = message(other, subject=secret.phrase, card=False)
    lab.send(one, other, user=ALICE).expect("550 5.7.0")


def test_other_words_of_that_form_leave(lab):
    """words of a phrase's form that open nothing are no phrase, nor are three of four"""
    _, secret = diverted(lab)
    to = lab.address("dane-good.test")
    words = secret.phrase.split()
    for text in (" ".join(words[:3]), " ".join(reversed(words)), " ".join(words[:3]) + " telephone"):
        one = message(to, card=False, body=text)
        lab.send(one, to, user=ALICE).expect("250")
        lab.arrival(one)


def test_the_phrase_of_what_has_ended_leaves(lab):
    """when a deposit is revoked its phrase opens nothing, and is no longer refused"""
    _, secret = diverted(lab)
    other = lab.address("dane-good.test")
    one = message(other, card=False, body=secret.phrase)
    lab.send(one, other, user=ALICE).expect("550 5.7.0")
    lab.postern.cli("deposit", "revoke", secret.deposit, "--reason", "over", "--config",
                    lab.postern.conf, check=True)
    lab.send(one, other, user=ALICE).expect("250")
    lab.arrival(one)

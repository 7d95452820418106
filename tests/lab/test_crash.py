"""Ends at the worst moment: a message is delivered, deferred, diverted, or still the client's."""

import contextlib
import os
import smtplib
import time

from harness import ALICE, claim, message, wait_for
from test_divert import deposits
from test_strict import enforced
from world.process import run


def begin(client, one, to, part=None):
    """MAIL, RCPT, DATA, and the message without its end (or only a part of it)."""
    client.mail(ALICE)
    client.rcpt(to)
    claim(client.docmd("DATA")[0] == 354, "DATA was not taken")
    client.send(one.wire[:part])


def test_killed_during_data(lab):
    """killed while the message arrives: the client keeps it, and its retry is judged"""
    to = lab.address("plain.test")
    one = message(to, body="x" * 900 + "\r\n" + "y" * 900)
    with lab.client(ALICE) as client:
        begin(client, one, to, part=600)
        lab.postern.kill()
        with contextlib.suppress(smtplib.SMTPServerDisconnected, OSError):
            client.send(one.wire[600:] + b".\r\n")
            code, text = client.getreply()
            claim(code // 100 == 4, f"{code} {text}")
    lab.nowhere(one)
    lab.postern.start()
    lab.send(one, to, user=ALICE).expect("250")
    lab.mail_to(to)
    lab.nowhere(one)


def end_and_kill(lab, one, to, delay):
    """Ends the message, kills the daemon `delay` seconds later; whether the client heard 250."""
    with lab.client(ALICE) as client:
        begin(client, one, to)
        client.send(b".\r\n")
        time.sleep(delay)
        lab.postern.kill()
        try:
            code, text = client.getreply()
        except (smtplib.SMTPServerDisconnected, OSError):
            code, text = 451, b"connection lost"
    lab.postern.start()
    claim(code == 250 or code // 100 == 4, f"{code} {text}")
    return code == 250


DELAYS = (0, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.12)


def test_killed_at_end_of_diverted_message(lab):
    """killed at the end of a message to divert: one deposit for each message, whatever the moment"""
    heard = []
    for delay in DELAYS:
        to = lab.address("plain.test")
        one = message(to)
        before = len(deposits(lab))
        done = end_and_kill(lab, one, to, delay)
        heard.append(done)
        if not done:
            lab.send(one, to, user=ALICE).expect("250")
        lab.mail_to(to)
        lab.mail_to(ALICE, lambda a, t=to: t.encode() in a.data)
        made = len(deposits(lab)) - before
        claim(made == 1, f"{made} deposits when killed after {delay} s")
        lab.nowhere(one)


def test_killed_at_end_of_strict_message(lab):
    """killed at the end of a message to deliver: it arrives enforced, or the client still has it"""
    for delay in DELAYS:
        to = lab.address("dane-good.test")
        one = message(to)
        if not end_and_kill(lab, one, to, delay):
            lab.send(one, to, user=ALICE).expect("250")
        lab.flush_until(one)
        enforced(lab, one, "dane-good")


def test_outbox_survives(lab):
    """killed while notice and report wait: both leave after the restart"""
    to = lab.address("plain.test")
    one = message(to)
    with lab.other(outbox_port=2525):
        lab.send(one, to, user=ALICE).expect("250")
        claim(not lab.world.log.wait(lambda a: any(to in r for r in a["rcpt"]), 1),
              "a notice left although nobody takes it")
        lab.postern.kill()
        lab.nowhere(one)
    lab.mail_to(to, seconds=40)
    lab.mail_to(ALICE, lambda a: to.encode() in a.data, seconds=40)
    lab.nowhere(one)


def test_full_store(lab):
    """the store on a full file system: 451, nothing is lost, and later it goes on"""
    small = os.path.join(lab.folder, "small")
    os.makedirs(small, mode=0o700)
    run("mount", "-t", "tmpfs", "-o", "size=4m,mode=0755", "small", small)
    filler = os.path.join(small, "filler")
    try:
        with lab.other(state=os.path.join(small, "state")):
            before = len(deposits(lab))
            fill(filler)
            to = lab.address("plain.test")
            one = message(to)
            lab.send(one, to, user=ALICE).expect("451 4.3.0")
            lab.nowhere(one)
            harmless = message(to, card=False)
            lab.send(harmless, to, user=ALICE).expect("250")
            lab.arrival(harmless, "mx.plain.test")
            os.unlink(filler)
            claim(len(deposits(lab)) == before, "half a deposit stayed")
            lab.send(one, to, user=ALICE).expect("250")
            lab.mail_to(to, lambda a: harmless.canary not in a.data)
            claim(len(deposits(lab)) == before + 1, "not one deposit")
    finally:
        run("umount", "-l", small)


def fill(path):
    with open(path, "wb", buffering=0) as f:
        for size in (65536, 4096, 512, 1):
            with contextlib.suppress(OSError):
                while f.write(b"x" * size):
                    pass


def test_full_audit(lab):
    """an audit record that cannot be written defers the protected message"""
    small = os.path.join(lab.folder, "small-audit")
    os.makedirs(small, mode=0o700)
    run("mount", "-t", "tmpfs", "-o", "size=64k,mode=0755", "small", small)
    try:
        with lab.other(audit=os.path.join(small, "audit.jsonl")):
            fill(os.path.join(small, "filler"))
            to = lab.address("dane-good.test")
            one = message(to)
            lab.send(one, to, user=ALICE).expect("451 4.3.0")
            lab.nowhere(one)
            os.unlink(os.path.join(small, "filler"))
            wait_for("the audit to go on",
                     lambda: lab.send(one, to, user=ALICE).code == 250, 30, 1)
            enforced(lab, one, "dane-good")
    finally:
        run("umount", "-l", small)


def test_clean_stop(lab):
    """SIGTERM: an exit with status 0, and no socket stays that would answer nobody"""
    claim(lab.postern.stop() == 0, f"status {lab.postern.program.process.returncode}")
    lab.postern.start()


def test_reload(lab):
    """SIGHUP: new rules count at once, and bad ones leave the old ones in force"""
    to = lab.address("plain.test")
    with lab.other() as postern:
        path = os.path.join(postern.folder, "rules.conf")
        with open(path, encoding="utf-8") as f:
            rules = f.read()
        for text, code in ((rules.replace('otherwise = ["divert", "defer"]',
                                          'otherwise = ["refuse"]'), "550 5.7.10"),
                           ("rules = ( { nonsense = 1; } );", "550 5.7.10"),
                           (rules, "250")):
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            postern.program.send(1)
            wait_for(f"a marked message to get {code}", lambda c=code: str(
                lab.send(message(to), to, user=ALICE).code) == c[:3], 20, 0.3)

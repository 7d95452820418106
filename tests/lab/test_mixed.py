"""Several recipients with different fates."""

import contextlib
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

from harness import ALICE, claim, message, wait_for
from test_strict import enforced

PROVEN = ("dane-good", "sts-enforce")
INTERNAL = 'internal_domains = [ "our.test" ];'

# A demand that a copy which comes from the outbox, without a login, would not meet again.
WHO_LOGGED_IN = """
markers = ( { name = "card"; any = ( { detector = "payment-card"; min_unique = 1; } ); } );
rules = ( { name = "cards of who logged in";
            when = { markers = ["card"]; authenticated = true; };
            require = "authenticated"; otherwise = ["refuse"]; } );
"""


def relay(here, there, state):
    """Passes bytes on; the first answer that takes a message is lost, with the connection."""
    with contextlib.suppress(OSError):
        while data := here.recv(65536):
            if b"queued as" in data and not state["lost"]:
                state["lost"] = True
                break
            there.sendall(data)
    for one in (here, there):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def forgetful_relay():
    """A port before Postfix's, and what became of it."""
    state = {"lost": False}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    client = listener.accept()[0]
                    server = socket.create_connection(("127.0.0.1", 25))
                    for pair in ((client, server), (server, client)):
                        threading.Thread(target=relay, args=(*pair, state), daemon=True).start()
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1], state
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def test_proven_and_unproven(lab):
    """one by the strict route, one by the portal: each gets its own, and nothing else"""
    good, plain = lab.address("dane-good.test"), lab.address("plain.test")
    one = message(f"{good}, {plain}")
    lab.send(one, [good, plain], user=ALICE).expect("250")
    arrival = enforced(lab, one, "dane-good")
    claim(not any(plain in r for r in arrival["rcpt"]), f"{arrival['rcpt']}")
    lab.mail_to(plain)
    lab.nowhere(one, but=["mx.dane-good.test", "/spool/"])
    claim(lab.audited(good)["verdict"] == "deliver", "not audited as delivered")
    claim(lab.audited(plain)["verdict"] == "divert", "not audited as diverted")


def test_two_proven(lab):
    """two proven destinations, by DANE and by MTA-STS, both arrive enforced"""
    to = [lab.address("dane-good.test"), lab.address("sts-enforce.test")]
    one = message(", ".join(to))
    lab.send(one, to, user=ALICE).expect("250")
    enforced(lab, one, "dane-good")
    enforced(lab, one, "sts-enforce")


def test_one_refused_refuses_all(lab):
    """one refused recipient refuses the whole message: nobody gets half of it"""
    good, plain = lab.address("dane-good.test"), lab.address("plain.test")
    one = message(f"{good}, {plain}", "[refuse]")
    reply = lab.send(one, [good, plain], user=ALICE).expect("550 5.7.10")
    claim(plain in reply.text and good not in reply.text, reply.text)
    lab.nowhere(one)


def test_one_undetermined_defers_all_for_a_program(lab):
    """one undetermined recipient: a program keeps the whole message, nobody gets half of it"""
    to = [lab.address("dane-good.test"), lab.address("bogus.test")]
    one = message(", ".join(to))
    lab.send(one, to).expect("451")
    lab.nowhere(one)


def test_nobody_is_internal_by_default(lab):
    """without the operator's word our own domain is a destination like others"""
    one = message("bob@our.test", "[refuse]")
    lab.send(one, "bob@our.test", user=ALICE).expect("550 5.7.10")
    lab.nowhere(one)


def test_internal_and_proven(lab):
    """internal and external: the internal copy goes home, the external one goes strict"""
    with lab.other(outbound=INTERNAL):
        bob, good = lab.address("our.test"), lab.address("dane-good.test")
        one = message(f"{bob}, {good}")
        lab.send(one, [bob, good], user=ALICE).expect("250")
        enforced(lab, one, "dane-good")
        home = lab.arrival(one, "inbox.our.test")
        claim(any(bob in r for r in home["rcpt"]), f"{home['rcpt']}")
        claim(b"postern" not in home.header.lower(), home.header)
        lab.arrival(one, count=2)
        claim(lab.audited(good)["verdict"] == "deliver", "not audited")


def test_internal_alone(lab):
    """internal recipients alone: delivered untouched"""
    with lab.other(outbound=INTERNAL):
        one = message("bob@our.test", "[refuse]")
        lab.send(one, "bob@our.test", user=ALICE).expect("250")
        claim(lab.arrival(one, "inbox.our.test").data.endswith(one.raw), "changed")


def test_internal_and_unproven(lab):
    """internal and unproven: the internal copy goes home, the other one into the portal"""
    with lab.other(outbound=INTERNAL):
        bob, plain = lab.address("our.test"), lab.address("plain.test")
        one = message(f"{bob}, {plain}")
        lab.send(one, [bob, plain], user=ALICE).expect("250")
        lab.arrival(one, "inbox.our.test")
        lab.mail_to(plain)
        lab.nowhere(one, but=["inbox.our.test", "/spool/"])


def test_copy_keeps_parameters(lab):
    """the copy that is handed back keeps RET, ENVID, NOTIFY and ORCPT"""
    with lab.other(outbound=INTERNAL):
        bob, good = lab.address("our.test"), lab.address("dane-good.test")
        one = message(f"{bob}, {good}")
        lab.send(one, [bob, good], user=ALICE, options=["RET=HDRS", "ENVID=lab-77"],
                 rcpt_options=["NOTIFY=FAILURE", f"ORCPT=rfc822;{good}"]).expect("250")
        arrival = lab.arrival(one, "mx.dane-good.test")
        claim("RET=HDRS" in arrival["mail"] and "ENVID=lab-77" in arrival["mail"], arrival["mail"])
        claim("NOTIFY=FAILURE" in arrival["rcpt"][0] and "ORCPT=" in arrival["rcpt"][0],
              arrival["rcpt"])


def test_copy_handed_over_twice(lab):
    """a copy that is handed back twice, since an answer was lost, is enforced both times"""
    with forgetful_relay() as (port, state), lab.other(
            rules=WHO_LOGGED_IN, outbound=INTERNAL, outbox_port=port):
        bob, good = lab.address("our.test"), lab.address("dane-good.test")
        one = message(f"{bob}, {good}")
        lab.send(one, [bob, good], user=ALICE).expect("250")
        lab.arrival(one, "mx.dane-good.test", seconds=60, count=2)
        claim(state["lost"], "no answer was lost")

        def sent():
            lines = lab.postfix.log_of(rf"to=<{re.escape(good)}>.*status=sent")
            return lines if len(lines) == 2 else None
        lines = wait_for("both deliveries in the log", sent)
        claim(all("postfix/postern-strict/smtp" in line for line in lines),
              "not by the strict route:\n" + "\n".join(lines))


def test_copy_from_a_network_that_is_not_listed(lab):
    """a copy whose way back is not listed waits: it never leaves as ordinary mail"""
    with lab.other(outbound=INTERNAL, networks="192.0.2.1/32"):
        bob, good = lab.address("our.test"), lab.address("dane-good.test")
        one = message(f"{bob}, {good}")
        lab.send(one, [bob, good], user=ALICE).expect("250")
        lab.arrival(one, "inbox.our.test")

        def complained():
            with open(lab.postern.log, encoding="utf-8", errors="replace") as log:
                return "which outbound.networks does not have" in log.read()
        wait_for("the complaint in the log", complained)
        lab.nowhere(one, but=["inbox.our.test", "/spool/"])


def test_copy_survives_a_crash(lab):
    """killed while the copy for the strict route waits: it still arrives, and enforced"""
    bob, good = lab.address("our.test"), lab.address("dane-good.test")
    one = message(f"{bob}, {good}")
    with lab.other(outbound=INTERNAL, outbox_port=2525):
        lab.send(one, [bob, good], user=ALICE).expect("250")
        lab.arrival(one, "inbox.our.test")
        lab.postern.kill()
        lab.nowhere(one, but=["inbox.our.test", "/spool/"])
    with lab.other(outbound=INTERNAL):
        lab.arrival(one, "mx.dane-good.test", seconds=60)
        enforced(lab, one, "dane-good")


def test_many_at_once(lab):
    """forty messages at once, of four fates: each meets its own, and no other"""
    fates = {"dane-good": "250", "sts-enforce": "250", "plain": "250", "notls": "550"}
    jobs = []
    for number in range(40):
        name = list(fates)[number % 4]
        to = lab.address(name + ".test")
        jobs.append((name, to, message(to, "[refuse]" if name == "notls" else "")))
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda job: lab.send(job[2], job[1], user=ALICE), jobs))
    for (name, to, one), reply in zip(jobs, replies):
        reply.expect(fates[name])
        if name in PROVEN:
            enforced(lab, one, name)
        elif name == "plain":
            notice = lab.mail_to(to, seconds=60)
            claim(len(notice["rcpt"]) == 1, f"{notice['rcpt']}")
            claim(lab.audited(to)["verdict"] == "divert", "not audited as diverted")
        else:
            claim(lab.audited(to)["verdict"] == "refuse", "not audited as refused")
        lab.nowhere(one, but=["/spool/", f"mx.{name}.test"] if name in PROVEN else [])

"""Several recipients with different fates."""

from harness import ALICE, claim, message
from test_strict import enforced

INTERNAL = 'internal_domains = [ "our.test" ];'


def test_proven_and_unproven(lab):
    """one by the strict route, one by the portal: each gets its own, and nothing else"""
    good, plain = lab.address("dane-good.test"), lab.address("plain.test")
    one = message(f"{good}, {plain}")
    lab.send(one, [good, plain], user=ALICE).expect("250")
    arrival = enforced(lab, one, "dane-good")
    claim(not any(plain in r for r in arrival["rcpt"]), f"{arrival['rcpt']}")
    lab.mail_to(plain)
    lab.nowhere(one, but=["mx.dane-good.test", "/queue/"])
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
        lab.nowhere(one, but=["inbox.our.test", "/queue/"])


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

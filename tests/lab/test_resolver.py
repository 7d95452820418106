"""A resolver that is not there, or that cannot be trusted."""

import os

from harness import ALICE, claim, message, wait_for
from test_strict import enforced
from world.resolver import Resolver


def test_dead_resolver(lab):
    """without a resolver nothing is guessed: protected mail waits, other mail is taken"""
    lab.world.resolver.stop()
    lab.forget()
    try:
        to, plain = lab.address("dane-good.test"), lab.address("plain.test")
        one = message(to)
        lab.send(one, to).expect("451 4.7.10")
        lab.nowhere(one)
        held = message(to)
        reply = lab.send(held, to, user=ALICE).expect("250")
        other = message(plain, card=False)
        lab.send(other, plain, user=ALICE).expect("250")
        lab.deferred(reply.queue_id)
    finally:
        lab.world.resolver.start()
        lab.forget()
    lab.flush_until(held)
    enforced(lab, held, "dane-good")
    lab.flush_until(other)


def test_resolver_without_dnssec(lab):
    """a resolver that does not validate: DANE vouches for nothing, MTA-STS still does"""
    weak = Resolver(lab.folder, lab.world.zones.folder, "unbound-weak", 5353, validating=False)
    weak.start()
    said = len(lab.postern.log_text())
    try:
        with lab.other(port=5353):
            to = lab.address("dane-good.test")
            one = message(to, "[refuse]")
            lab.send(one, to, user=ALICE).expect("550 5.7.10")
            lab.nowhere(one)
            to = lab.address("sts-enforce.test")
            one = message(to, "[refuse]")
            lab.send(one, to, user=ALICE).expect("250")
            enforced(lab, one, "sts-enforce")
            wait_for("the log to say that the resolver lacks DNSSEC",
                     lambda: "does not validate" in lab.postern.log_text()[said:])
    finally:
        weak.stop()


def test_untrusted_resolver(lab):
    """AD from a resolver that the settings do not trust is worth nothing"""
    with lab.other(resolver='trust_ad = [ "192.0.2.1/32" ];'):
        to = lab.address("dane-good.test")
        one = message(to, "[refuse]")
        lab.send(one, to, user=ALICE).expect("550 5.7.10")
        lab.nowhere(one)


def test_restart_keeps_sts(lab):
    """an MTA-STS policy is remembered over a restart while its host is gone"""
    name = "mta-sts.sts-enforce.test"
    policy = lab.world.policies.policies[name]
    lab.postern.check("sts-enforce.test")
    to = lab.address("sts-enforce.test")
    lab.send(message(to, "[refuse]"), to, user=ALICE).expect("250")
    lab.postern.kill()
    lab.world.policies.withdraw(name)
    try:
        lab.postern.start()
        one = message(to, "[refuse]")
        lab.send(one, to, user=ALICE).expect("250")
        enforced(lab, one, "sts-enforce")
    finally:
        lab.world.policies.publish(name, policy)
    claim(os.path.exists(lab.postern.state), "no state")

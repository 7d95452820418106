"""A resolver that is not there, or that cannot be trusted."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

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


RUSH, SIDES = 1000, 16


def dropped(port):
    """What the socket on that UDP port had no room for, since it was opened."""
    with open("/proc/net/udp", encoding="ascii") as f:
        rows = [line.split() for line in f][1:]
    return [int(row[-1]) for row in rows if row[1] == f"0100007F:{port:04X}"]


def test_rush(lab):
    """a thousand destinations at once: unbound loses no question, and none is asked again"""
    metrics = f"{lab.postern.sockets}/metrics.sock"
    slow = "timeout_ms = 60000;"  # whoever counts losses must not take a busy machine for one
    with lab.other(resolver=slow, more=f'metrics = {{ listen = "unix:{metrics}"; }};'):
        before = dropped(53)
        names = [f"d{n}.rush.test" for n in range(RUSH)]
        with ThreadPoolExecutor(SIDES) as pool:
            answers = list(pool.map(lab.strict_maps, [names[i::SIDES] for i in range(SIDES)]))
        asked = lab.metrics(metrics)
        claim(dropped(53) == before and before, f"unbound's socket dropped {dropped(53)}, {before} before")
    for answer in sum(answers, []):
        claim(re.match(r"TEMP d\d+\.rush\.test is none", answer), answer)
    claim(int(asked['dns_questions_total{what="sent"}']) >= 2 * RUSH, f"{asked}")
    for what in ("late", "again"):
        claim(asked[f'dns_questions_total{{what="{what}"}}'] == "0", f"{what}: {asked}")

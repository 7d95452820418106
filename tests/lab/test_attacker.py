"""An attacker answers in place of the MX host of a domain that has promised something."""

import contextlib
import re

from harness import ALICE, claim, message, wait_for

PROBE = "timeout_ms = 3000;"  # below attacks.LONG_S, and the whole run takes no longer
TOGETHER = 12                 # destinations of one message: Postern probes 16 at once


@contextlib.contextmanager
def attacked(lab):
    """The hosts listen, and a Postern that knows none of them waits no longer than PROBE."""
    attackers = lab.world.attackers.start()
    try:
        with lab.other(probe=PROBE):
            yield attackers.attacks.values()
    finally:
        lab.world.attackers.stop()
        lab.postfix.clear()


def test_probe(lab):
    """check --probe: no attacker's MX is authenticated, and each honest twin is"""
    with attacked(lab) as attacks:
        domains = [a.domain for a in attacks]
        promised = lab.postern.check(*domains)
        shown = lab.postern.check("--probe", *domains)
    for a in attacks:
        claim(promised[a.domain]["assurance"] == "authenticated",
              f"{a.name} promises nothing, so that nothing is tried: {promised[a.domain]}")
        one = shown[a.domain]
        probe = one["mx"][0]["probe"]
        if not a.why:
            level = "requiretls" if a.requiretls else "authenticated"
            claim(one["assurance"] == level and probe["authenticated"] and
                  probe["requiretls"] == a.requiretls, f"{a.name}: {one}")
            continue
        claim(one["assurance"] not in ("authenticated", "requiretls"), f"{a.name}: {one}")
        claim(probe["authenticated"] == a.proved and not probe["requiretls"], f"{a.name}: {probe}")
        claim(a.why in probe["why"], f"{a.name}: {probe['why']!r}, not {a.why!r}")


def test_strict_route(lab):
    """the strict route gives no attacker's MX a message, and is closed once one was seen"""
    with attacked(lab) as attacks:
        for host in lab.world.attackers.hosts.values():
            host.answer["RCPT"] = "451 4.7.1 later, please"
        sent = [send_some(lab, some) for some in batches(attacks)]
        for host in lab.world.attackers.hosts.values():
            host.answer.clear()
        for one, some in sent:
            tried_again(lab, one, some)
        for a in attacks:
            if a.why and a.lasting:
                closed(lab, a)


def batches(attacks):
    """What never ends comes last: it keeps its place for as long as it may."""
    ordered = sorted(attacks, key=lambda a: not a.lasting)
    return [ordered[i:i + TOGETHER] for i in range(0, len(ordered), TOGETHER)]


def send_some(lab, some):
    """One protected message to all of them: their promises are good, so it is taken. Postern
    looks for itself meanwhile, and finds what they are."""
    to = {f"r@{a.domain}": a for a in some}
    one = message(", ".join(to))
    lab.send(one, list(to), user=ALICE).expect("250")
    for a in some:
        if a.why and a.lasting:
            wait_for(f"the strict map to have heard of {a.name}",
                     lambda a=a: lab.strict_map(a.domain).startswith("TEMP "), 30, 0.05)
    return one, to


def tried_again(lab, one, to):
    """What is honest gets it, and nobody else, though now each would take it."""
    honest = [a.host for a in to.values() if not a.why or (a.proved and not a.lasting)]
    for host in honest:
        lab.flush_until(one)
        lab.arrival(one, host)
    said = [f"host {host}" for host in honest]
    for rcpt, a in to.items():
        if a.host in honest:
            continue
        over = rf"to=<{re.escape(rcpt)}>.*(TLS configuration problem|status=bounced)"
        if a.lasting:
            wait_for(f"Postfix to have asked about {a.name} again, or to have given up",
                     lambda p=over: lab.postfix.log_of(p), 30, 0.1)
        claim(not lab.postfix.log_of(rf"to=<{re.escape(rcpt)}>.*status=sent"),
              f"it was given to {a.name}")
    lab.nowhere(one, but=[*said, "/spool/", "host inbox.our.test"])  # a bounce has the subject


def closed(lab, a):
    """The next protected message is not delivered: it is refused before it leaves."""
    to = lab.address(a.domain)
    one = message(to, "[refuse]", card=False)
    reply = lab.send(one, to, user=ALICE)
    claim(reply.code == 550, f"{a.name}: {reply}")
    claim(lab.audited(to)["verdict"] == "refuse", f"{a.name}: {lab.audited(to)}")


def test_stripped_near_us(lab):
    """hosts that promised STARTTLS all lack it: an alarm, none is blamed, and nothing leaves"""
    names = ("strips-ee", "strips-sts", "ehlo-5")
    with attacked(lab):
        said = len(lab.postern.log_text())
        attacks = lab.world.attackers.attacks
        to = [f"s@{attacks[name].domain}" for name in names]
        one = message(", ".join(to))
        reply = lab.send(one, to, user=ALICE).expect("250")
        wait_for("the alarm", lambda: "ALARM: " in lab.postern.log_text()[said:], 30, 0.05)
        reasons = lab.deferred(reply.queue_id)
        claim("TLS is required, but was not offered" in reasons, reasons)
        for name in names:
            answer = lab.strict_map(attacks[name].domain)
            claim(answer.startswith("OK "), f"{name} is blamed for it: {answer}")
        lab.nowhere(one, but=["/spool/"])

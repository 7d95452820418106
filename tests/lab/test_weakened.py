"""The decision still holds at delivery, when the world has changed meanwhile."""

from harness import ALICE, claim, message, text_of, wait_for
from test_strict import enforced
from world.cases import policy_text
from world.policy import Policy

LATER = {"RCPT": "451 4.7.1 later, please"}
TEMP = "TLS configuration problem"  # what Postfix 3.7 says when the policy map answers TEMP


def waiting(lab, name, **options):
    """A protected message that was accepted and now waits, with its queue id."""
    host = lab.world.hosts[name]
    host.answer.update(LATER)
    to = lab.address(name + ".test")
    one = message(to, **options)
    reply = lab.send(one, to, user=ALICE).expect("250")
    reasons = lab.deferred(reply.queue_id)
    claim("later, please" in reasons, reasons)
    host.answer.clear()
    return one, reply.queue_id


def retry(lab, queue_id, marks=("",), seconds=30):
    """Flushes until the message waits again for one of these reasons, and not only for the
    old one."""
    def ready():
        lab.postfix.flush()
        reasons = lab.deferred(queue_id)
        return "later, please" not in reasons and any(m in reasons for m in marks) and reasons
    return wait_for(f"{queue_id} to wait for {marks}", ready, seconds, step=0.5)


def test_dane_taken_back(lab):
    """DANE taken back between acceptance and delivery: it waits; given again: it arrives"""
    one, queue_id = waiting(lab, "dane-weak")
    case = lab.world.cases["dane-weak"]
    try:
        lab.world.change_zone("dane-weak", ["@ MX 10 mx", f"mx A {case.address}"])
        lab.forget()
        claim(lab.strict_map("dane-weak.test").startswith("TEMP "), lab.strict_map("dane-weak.test"))
        retry(lab, queue_id)
        lab.nowhere(one, but=["/spool/"])
    finally:
        lab.world.restore_zone("dane-weak")
    lab.forget()
    flush_until_there(lab, one, "dane-weak")


def test_mx_moved_to_a_plain_host(lab):
    """the MX set moved to a host without TLS: the words are not said to it"""
    one, queue_id = waiting(lab, "dane-moved")
    try:
        lab.world.change_zone("dane-moved", ["@ MX 10 mx.notls.test."])
        retry(lab, queue_id)  # Postern still believes what it saw: Postfix must see for itself
        lab.forget()
        retry(lab, queue_id, [TEMP])
        lab.nowhere(one, but=["/spool/"])
    finally:
        lab.world.restore_zone("dane-moved")
    lab.forget()
    flush_until_there(lab, one, "dane-moved")


def test_policy_taken_back(lab):
    """an MTA-STS policy that is no longer enforced: the strict map answers TEMP, it waits"""
    one, queue_id = waiting(lab, "sts-weak")
    case = lab.world.cases["sts-weak"]
    name = "mta-sts." + case.domain
    weak = [line.replace("id=enforce1", "id=none1") for line in
            lab.world.zones.zones[case.domain].records]
    try:
        lab.world.policies.publish(name, Policy(policy_text("none", case.host)))
        lab.world.change_zone("sts-weak", weak)
        lab.forget()
        claim(lab.strict_map("sts-weak.test").startswith("TEMP "), lab.strict_map("sts-weak.test"))
        retry(lab, queue_id, [TEMP])
        lab.nowhere(one, but=["/spool/"])
    finally:
        lab.world.policies.publish(name, Policy(policy_text("enforce", case.host)))
        lab.world.change_zone("sts-weak", [line.replace("id=none1", "id=enforce2")
                                           for line in weak])
    lab.forget()
    flush_until_there(lab, one, "sts-weak")


def test_requeued(lab):
    """postsuper -r ALL while protected mail waits: still enforced, twice over"""
    to = lab.address("dane-wrong.test")
    one = message(to)
    seen = [lab.send(one, to, user=ALICE).expect("250").queue_id]

    def waits():
        entries = [e for e in lab.postfix.queue() if e["queue_name"] == "deferred" and
                   any(r["address"] == to for r in e["recipients"])]
        return entries and (requeued == 0 or entries[0]["queue_id"] not in seen) and entries

    for requeued in range(3):
        entry = wait_for("the message to wait again", waits, 30, 0.1)[0]
        # By Postfix's own handshake, or by the map, once Postern has spoken to the host.
        claim(any(words in entry["recipients"][0]["delay_reason"] for words in
                  ("certificate", TEMP)), f"{entry}")
        seen.append(entry["queue_id"])
        lab.nowhere(one, but=["/spool/"])
        lab.postfix.requeue()
    lab.postfix.clear()


def test_broken_promise_is_known_to_the_next(lab):
    """a host without the key that its TLSA record names: the second message does not wait for it"""
    to = lab.address("dane-wrong.test")
    lab.send(message(to), to, user=ALICE).expect("250")
    wait_for("the strict map to have heard of the probe",
             lambda: "certificate" in lab.strict_map("dane-wrong.test"), 30, 0.2)
    second = lab.address("dane-wrong.test")
    one = message(second)
    lab.send(one, second, user=ALICE).expect("250")
    report = lab.mail_to(ALICE, lambda a: second.encode() in a.data)
    claim("kept, sealed" in text_of(report) or "portal" in text_of(report).lower(), text_of(report))
    lab.nowhere(one, but=["/spool/"])
    lab.postfix.clear()


def flush_until_there(lab, one, name):
    lab.flush_until(one)
    enforced(lab, one, name)


def test_dead_map(lab):
    """with a dead policy socket the strict route defers, and then goes on"""
    one, queue_id = waiting(lab, "dane-good")
    lab.postern.kill()
    try:
        retry(lab, queue_id, [TEMP])
        lab.nowhere(one, but=["/spool/"])
    finally:
        lab.postern.start()
    flush_until_there(lab, one, "dane-good")


def test_dead_milter(lab):
    """with a dead milter Postfix takes no mail at all"""
    lab.postern.kill()
    try:
        to = lab.address("plain.test")
        one = message(to, card=False)
        reply = lab.send(one, to)
        claim(400 <= reply.code < 500, f"{reply}")
        lab.nowhere(one)
    finally:
        lab.postern.start()

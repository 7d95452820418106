"""Rules that observe, between real mail servers: what would have been stopped arrives as it
was sent, and the audit knows what would have been."""

from harness import ALICE, RULES, claim, message
from test_untouched import same_bytes


def test_what_observes_changes_nothing(lab):
    """marked mail whose rules observe arrives unchanged, byte for byte, and is on record"""
    with lab.other(rules='mode = "observe";\n' + RULES):
        sent = []
        for name, subject, verdict in (("plain", "", "divert"), ("plain", "[refuse]", "refuse"),
                                       ("sts-none", "[hold]", "hold"),
                                       ("plain", "[secure] news", "divert"),
                                       ("dane-good", "[defer]", "deliver")):
            to = lab.address(name + ".test")
            one = message(to, subject)
            lab.send(one, to, user=ALICE).expect("250")
            sent.append((name, to, one, verdict))
    for name, to, one, verdict in sent:
        same_bytes(lab.arrival(one, f"mx.{name}.test"), one)
        records = [r for r in lab.postern.audit(to) if r["event"] == "decided"]
        claim([(r["mode"], r["verdict"]) for r in records] ==
              [(None, "pass"), ("observe", verdict)], f"{to}: {records}")

"""What a rule says besides what it asks for, between real mail servers: that it observes, and
the operator's words to the sender."""

from harness import ALICE, RULES, claim, message, text_of
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


SAYS = RULES.replace('otherwise = ["divert", "defer"];',
                     'otherwise = ["divert", "defer"]; say = "Questions? Ask the desk, 4711.";')
SAYS = SAYS.replace('otherwise = ["defer"];', 'otherwise = ["defer"]; say = "It may take a day.";')


def test_the_operator_s_words_reach_the_sender(lab):
    """what a rule says stands in the report of a deposit and of a delay, on a line of its own"""
    with lab.other(rules=SAYS):
        for subject, words in (("", "Questions? Ask the desk, 4711."),
                               ("[defer]", "It may take a day.")):
            to = lab.address("plain.test")
            one = message(to, subject, card=not subject)
            lab.send(one, to, user=ALICE).expect("250")
            report = text_of(lab.mail_to(ALICE, lambda a, to=to: to.encode() in a.data))
            lines = [line.strip() for line in report.splitlines()]
            claim(words in lines, report)
            if subject:
                lab.postfix.clear()

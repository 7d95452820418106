"""A site whose mail all leaves by a relay: what the operator pins for it counts for everyone."""

import os

from harness import ALICE, RULES, claim, message
from test_pins import spki
from test_strict import arrival_address
from test_weakened import TEMP

RELAY = "[mx.plain.test]"
DESTINATIONS = """
destinations = ( {{ domain = "{relay}"; assurance = "authenticated"; why = "forwards by DANE alone";
                   pin = {{ spki_sha256 = [ "{key}" ]; }}; }} );
"""


def rules(lab, name):
    return RULES + DESTINATIONS.format(relay=RELAY, key=spki(lab.world.certificates[name]))


def by_relay(lab):
    """Postfix as `postern setup postfix` prints it for a relay, and back."""
    main = os.path.join(lab.postfix.config, "main.cf")
    with open(main, encoding="utf-8") as f:
        was = f.read()
    claim("FILTER postern-strict:}" in was, "the route is not as it was")
    text = was.replace("FILTER postern-strict:}", f"FILTER postern-strict:{RELAY}}}")
    return main, was, text + f"relayhost = {RELAY}\n"


def test_relay(lab):
    """by a relay with the pinned key all protected mail leaves; with another key none does"""
    main, was, relayed = by_relay(lab)
    outbound = f'relay = "{RELAY}";'
    try:
        with open(main, "w", encoding="utf-8") as f:
            f.write(relayed)
        lab.postfix.reload()
        with lab.other(rules=rules(lab, "plain"), outbound=outbound) as postern:
            printed = postern.cli("setup", "postfix", "--config", postern.conf, check=True).stdout
            claim(f"FILTER postern-strict:{RELAY}" in printed, printed)
            for name in ("notls", "dane-good"):
                to = lab.address(name + ".test")
                one = message(to)
                lab.send(one, to, user=ALICE).expect("250")
                arrival = lab.arrival(one, "mx.plain.test")
                claim(arrival["tls"] and arrival_address(arrival), "in the clear")
                claim(lab.audited(to)["by"] == "pin", lab.audited(to))
                lab.nowhere(one, but=["mx.plain.test", "/spool/"])
        with lab.other(rules=rules(lab, "dane-good"), outbound=outbound):
            to = lab.address("dane-good.test")
            one = message(to, "[defer]")
            reply = lab.send(one, to, user=ALICE).expect("250")
            reasons = lab.deferred(reply.queue_id)
            claim("not verified" in reasons or TEMP in reasons, reasons)
            lab.nowhere(one, but=["/spool/"])
    finally:
        with open(main, "w", encoding="utf-8") as f:
            f.write(was)
        lab.postfix.reload()
        lab.postfix.clear()

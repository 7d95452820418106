"""A diverted message from a real Postfix, opened by a real browser."""

import json
import os
import tempfile

from harness import ALICE, claim, message, secrets_of
from world.process import run

BROWSER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "browser", "pickup.js")


def test_pickup_in_a_browser(lab):
    """the link of the notice in Chromium, the phrase of the report, the original, a proof that holds"""
    to = lab.address("plain.test")
    one = message(to, body="A line with 8 bits: " + "x" * 300)
    lab.send(one, to, user=ALICE).expect("250")
    notice = lab.mail_to(to)
    secret = secrets_of(notice, lab.mail_to(ALICE, lambda a: to.encode() in a.data))
    certificate = lab.world.authority.issue("secure.our.test").chain
    with tempfile.TemporaryDirectory() as folder:
        told = json.loads(run("node", BROWSER, lab.postern.portal_socket, certificate, secret.link,
                              secret.phrase, folder, timeout=120))
        claim(one.canary.decode() in told["text"], f"the page does not show the message: {told}")
        with open(f"{folder}/message.eml", "rb") as f:
            claim(f.read() == one.raw, "what was saved is not the original")
        checked = lab.postern.cli("deposit", "verify", "--config", lab.postern.conf, "--digest",
                                  told["digest"], f"{folder}/message.eml", f"{folder}/proof.json")
        claim(checked.returncode == 0, checked.stdout + checked.stderr)
    lab.nowhere(one)
    events = [r["event"] for r in lab.postern.audit() if r.get("deposit") == secret.deposit]
    claim("acknowledged" in events, f"{events}")

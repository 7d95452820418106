#!/usr/bin/python3
"""demo: Postern beside a real Postfix, in a world of its own, on this machine.

    demo.py [--build FOLDER]

Sends messages to destinations that promise much, little, or nothing, and prints
what became of each. The rules are those that are compiled in. Exit status 0 only
when everything was as expected."""

import argparse
import os
import shutil
import sys
import textwrap
import time
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

sys.path.insert(0, os.path.join(HERE, "..", "support"))
from portal_client import Portal, pick_up  # noqa: E402
from world.namespace import enter  # noqa: E402
from harness import (ALICE, Failure, Lab, WorldError, claim, message, open_deposit,  # noqa: E402
                     secrets_of)

COLOURS = sys.stdout.isatty() and "NO_COLOR" not in os.environ


def paint(text, colour):
    return f"\033[{colour}m{text}\033[0m" if COLOURS else text


def good(text):
    return paint(text, 32)


def bad(text):
    return paint(text, 31)


def bold(text):
    return paint(text, 1)


def faint(text):
    return paint(text, 2)


@dataclass
class Story:
    """One message, and what is expected to become of it."""
    name: str
    domain: str
    outcome: object  # a function that waits for it, claims it, and tells it
    verdict: str
    card: bool = True
    subject: str = ""
    # filled while it happens
    to: str = ""
    sent: object = None
    queue_id: str = ""
    told: str = ""
    wrong: str = ""
    record: dict = field(default_factory=dict)

    @property
    def host(self):
        return "mx." + self.domain


# What became of a message: each waits until it is so, or says what is wrong.


def unchanged(lab, story):
    arrival = lab.arrival(story.sent, story.host)
    claim(arrival.data.endswith(story.sent.raw), "the message was changed on its way")
    return "the message, unchanged, " + (f"over {arrival['tls']}" if arrival["tls"]
                                         else "in the clear")


def enforced(lab, story):
    arrival = lab.arrival(story.sent, story.host)
    claim(arrival["tls"], "it arrived in the clear")
    claim(b"postern" not in arrival.header.lower(), "a header of ours left with it")
    proof = lab.postfix.log_of(f"Verified TLS connection established to {story.host}")
    claim(proof, "Postfix did not verify the host")
    lab.nowhere(story.sent, but=["host " + story.host, "/spool/"])
    return f"the message, over {arrival['tls']}, the host verified"


def diverted(lab, story):
    notice = lab.mail_to(story.to)
    report = lab.mail_to(ALICE, lambda a: story.to.encode() in a.data)
    lab.gone(story.queue_id)
    lab.nowhere(story.sent)
    secret = secrets_of(notice, report)
    out = os.path.join(lab.folder, "original.eml")
    done = open_deposit(lab, secret, out)
    claim(done.returncode == 0, "the deposit does not open: " + done.stderr)
    with open(out, "rb") as f:
        claim(f.read().endswith(story.sent.raw), "the deposit holds other bytes")
    os.unlink(out)
    return "a notice with a link; its phrase to the sender; both together open the original"


def picked_up(lab, story):
    """As diverted, but opened as its recipient would: by HTTP, with a client of another hand."""
    notice = lab.mail_to(story.to)
    report = lab.mail_to(ALICE, lambda a: story.to.encode() in a.data)
    lab.gone(story.queue_id)
    secret = secrets_of(notice, report)
    portal = Portal(path=lab.postern.portal_socket)
    visit, original = pick_up(portal, secret.deposit, secret.code, secret.phrase)
    claim(original.endswith(story.sent.raw), "the portal gave other bytes")
    claim(visit.proof["digest"] == visit.digest, "the proof is for another message")
    lab.nowhere(story.sent)
    return "a notice; picked up through the portal with code and phrase, byte for byte, with its proof"


def waiting(lab, story):
    reason = lab.deferred(story.queue_id)
    lab.nowhere(story.sent, but=["/spool/"])
    return "nothing: it waits in Postfix (" + short(reason) + ")"


def bounced(lab, story):
    bounce = lab.mail_to(ALICE, lambda a: story.to.encode() in a.data)
    claim(story.sent.words[1] not in bounce.data, "the bounce carries the content")
    return "Postfix's bounce to the sender, headers only"


def short(reason):
    return textwrap.shorten(reason, 90, placeholder=" …")


def stories():
    return [
        Story("an ordinary letter", "plain.test", unchanged, "pass", card=False),
        Story("an ordinary letter", "notls.test", unchanged, "pass", card=False),
        Story("a card number", "dane-good.test", enforced, "deliver"),
        Story("a card number", "sts-enforce.test", enforced, "deliver"),
        Story("a card number", "plain.test", diverted, "divert"),
        Story("a card number", "notls.test", picked_up, "divert"),
        Story("a card number", "sts-testing.test", diverted, "divert"),
        Story("a card number", "dane-wrong.test", waiting, "deliver"),
        Story("a card number", "bogus.test", waiting, "defer"),
        Story("a card number", "nullmx.test", bounced, "deliver"),
        Story('subject "[secure] …"', "dane-ta.test", wished, "deliver", card=False,
              subject="[secure]"),
    ]


def wished(lab, story):
    arrival = lab.arrival(story.sent, story.host)
    claim(b"[secure]" not in arrival.header, "the tag stayed in the subject")
    return enforced(lab, story) + ", the tag taken off"


def play(lab, all_stories):
    for story in all_stories:
        story.to = lab.address(story.domain)
        story.sent = message(story.to, story.subject, card=story.card)
        reply = lab.send(story.sent, story.to, user=ALICE)
        if reply.code != 250:
            story.wrong = f"answered {reply.code} {reply.text}"
        else:
            story.queue_id = reply.queue_id
    for story in all_stories:
        if not story.wrong:
            follow(lab, story)


def follow(lab, story):
    try:
        story.told = story.outcome(lab, story)
        decided = [r for r in lab.postern.audit(story.to) if r["event"] == "decided"]
        story.record = decided[-1] if decided else {"verdict": "pass", "findings": []}
        claim(story.record["verdict"] == story.verdict,
              f"the verdict is {story.record['verdict']}, expected was {story.verdict}")
    except (Failure, WorldError) as e:
        story.wrong = str(e)


COLUMNS = ("message", "markers", "to", "its guarantee", "verdict", "what arrived")
WIDTHS = (20, 8, 16, 20, 8, 44)


def print_table(all_stories, known):
    spare = shutil.get_terminal_size((132, 24)).columns - sum(WIDTHS) - 2 * len(WIDTHS) - 3
    widths = (*WIDTHS[:-1], max(WIDTHS[-1] + min(spare, 40), 30))
    print()
    print("   " + "  ".join(bold(c.ljust(w)) for c, w in zip(COLUMNS, widths)))
    print("   " + "  ".join("─" * w for w in widths))
    for story in all_stories:
        print_row(story, known.get(story.domain, {}), widths)


def print_row(story, destination, widths):
    level, by = destination.get("assurance", "?"), destination.get("by")
    cells = (story.name, markers(story), story.domain,
             level + (f", by {NAMES.get(by, by)}" if by else ""),
             story.record.get("verdict", "?"),
             story.wrong.splitlines()[0] if story.wrong else story.told)
    wrapped = [textwrap.wrap(c, w) or [""] for c, w in zip(cells, widths)]
    colour = bad if story.wrong else good
    for i in range(max(map(len, wrapped))):
        line = [(w[i] if i < len(w) else "").ljust(width) for w, width in zip(wrapped, widths)]
        line[-2:] = [colour(cell) for cell in line[-2:]]
        mark = " " if i else colour("✗" if story.wrong else "✓")
        print(f" {mark} " + "  ".join(line).rstrip())
    indent = " " * 3
    for line in textwrap.wrap("why: " + why(story), sum(widths) + 2 * len(widths) - 4):
        print(indent + faint(line))


def why(story):
    """The rule and the reason, as the audit has them."""
    rule, reason = story.record.get("rule"), story.record.get("reason")
    if not reason:
        return "nothing sensitive was found, so nothing is touched or looked up"
    return (f'rule "{rule}"; ' if rule else "") + reason


NAMES = {"dane": "DANE", "sts": "MTA-STS", "pin": "a pin", "null": "null MX"}


def markers(story):
    names = [f["marker"] if isinstance(f, dict) else str(f)
             for f in story.record.get("findings") or []]
    return ", ".join(dict.fromkeys(names)) or "–"


class Progress:
    def __init__(self):
        self.began = time.monotonic()

    def say(self, text):
        print(f"   {time.monotonic() - self.began:5.1f} s  {text}", flush=True)


def show(lab, progress):
    all_stories = stories()
    progress.say(f"sending {len(all_stories)} messages as {ALICE}")
    play(lab, all_stories)
    known = lab.postern.check(*dict.fromkeys(s.domain for s in all_stories))
    print_table(all_stories, known)
    verified = lab.postern.cli("audit", "verify", "--config", lab.postern.conf,
                               lab.postern.audit_file)
    print()
    count = len(lab.postern.audit())
    if verified.returncode == 0:
        print(f"The audit record has {count} lines, and its chain holds.")
    else:
        print(bad(f"The audit record does not verify: {verified.stdout}{verified.stderr}"))
    wrong = [s for s in all_stories if s.wrong]
    for story in wrong:
        print(bad(f"\n✗ {story.name} to {story.domain}: {story.wrong}"))
    if wrong:
        print_logs(lab)
    elif verified.returncode == 0:
        print(good("Everything was as expected."))
    return 1 if wrong or verified.returncode else 0


def print_logs(lab):
    from world.process import tail
    for path in lab.logs():
        print(f"\n--- {os.path.basename(path)}\n{tail(path, 40)}")


def inside(folder, build):
    print(bold("Postern beside a real Postfix, in a world of its own"))
    progress = Progress()
    lab = Lab(folder, build, progress.say, usual={})
    try:
        lab.start()
        return show(lab, progress)
    except KeyboardInterrupt:
        print("\nInterrupted; everything is stopped.")
        return 130
    except (WorldError, Failure, OSError) as e:
        print(bad(f"\nThe demo cannot go on: {e}"))
        if lab.postern:
            print_logs(lab)
        return 1
    finally:
        lab.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(HERE, "..", "..", "build"))
    options = parser.parse_args()
    folder, why = enter()
    if folder is None:
        print(f"The demo needs root and Linux namespaces: {why}", file=sys.stderr)
        return 1
    return inside(folder, os.path.abspath(options.build))


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)

#!/usr/bin/env python3
"""site.py BUILD: a milter, a portal with TLS and an MTA (tests/support/portal_world.py) for run.js.
Each line of standard input is {"do": NAME, …}, each line of standard output its answer; it ends
with its input."""
import base64
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BUILD = os.path.abspath(sys.argv[1])
os.environ |= {"POSTERN_SOURCE": SOURCE, "POSTERN_BUILD": BUILD,
               "POSTERN": os.path.join(BUILD, "cli", "postern")}
sys.path[:0] = [os.path.join(SOURCE, "tests", "support"), os.path.join(SOURCE, "tests", "lab")]
from portal_world import SENDER, World  # noqa: E402
from milter_client import MilterClient  # noqa: E402
from world.certs import Authority  # noqa: E402

HOST = "secure.our.test"
CALLED = "carol@plain.test"  # who has a number in the directory
PORTAL = """certificate = "{pem}"; key = "{pem}"; help = "+49 30 901820";
  code_command = "{top}/carrier";"""
FACTORS = ("phrase", "code", "link")
MARKER = """{{ name = "{0}"; any = ( {{ header = "X-Test"; value = "{0}"; }} ); }}"""
RULE = """{{ name = "{0}"; when = {{ markers = [ "{0}" ]; }}; require = "authenticated"; factor = "{0}";
  otherwise = [ "divert" ]; undetermined = "otherwise"; opaque = "ignore"; }}"""


def make_carrier(folder):
    """The operator's program for codes: what it is given goes into a file."""
    path = f"{folder}/carrier"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o700), "w", encoding="ascii") as f:
        f.write(f"#!/bin/sh\ncat >>{folder}/codes\n")


class Actions:
    """What run.js may ask for."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0
        make_carrier(folder)
        pem = Authority(folder).issue(HOST).chain
        rules = ", ".join(map(RULE.format, FACTORS))
        self.world = World(portal=PORTAL.format(top=folder, pem=pem), url=f"https://{HOST}",
                           rules=f"markers = ( {', '.join(map(MARKER.format, FACTORS))} );\n"
                                 f"rules = ( {rules} );\n")
        self.command("recipient", "add", "--number", "+49301234542", CALLED)

    def deposit(self, to, original, factor="phrase"):
        """X-Test and a Message-ID are added to the header."""
        self.count += 1
        header, _, body = base64.b64decode(original).partition(b"\r\n\r\n")
        header = f"X-Test: {factor}\r\nMessage-ID: <{self.count}@our.test>\r\n".encode() + header
        fields = [line.decode().split(":", 1) for line in re.split(rb"\r\n(?![ \t])", header)]
        known = len(self.world.sink.mails)
        with MilterClient(self.world.milter.path("milter.sock")) as client:
            client.connect("127.0.0.1")
            outcome = client.message(SENDER, to, fields, body)
        if outcome.action != "discard":
            raise AssertionError(f"not diverted: {outcome}")
        return self.told(known, to, header + b"\r\n\r\n" + body)

    def told(self, known, to, whole):
        """What the notices and the report say."""
        def fresh(wanted):
            return self.world.sink.wait(lambda m: m in self.world.sink.mails[known:] and wanted(m))
        notices = {one: fresh(lambda m, one=one: m.to == one and "/m/" in m.text()) for one in to}
        ident = re.search(r"/m/([0-9a-f]{32})#", notices[to[0]].text())[1]
        report = fresh(lambda m: m.to == SENDER and f"/s/{ident}/" in m.text())
        secrets = {one: self.world.secret(notice, report, whole) for one, notice in notices.items()}
        first = secrets[to[0]]
        return {"id": ident, "phrase": first.phrase, "handle": f"https://{HOST}{first.handle}",
                "number": first.number, "code": {one: s.code for one, s in secrets.items()},
                "digest": {one: re.search(r"(?m)^\s*([0-9a-f]{64})\s*$", notice.text())[1]
                           for one, notice in notices.items()},
                "link": {one: f"https://{HOST}/m/{ident}#{s.code}" for one, s in secrets.items()},
                "size": len(whole), "original": self.kept(whole)}

    def kept(self, data):
        """The path of a file with the message, for comparing."""
        path = f"{self.folder}/{self.count}.eml"
        with open(path, "wb") as f:
            f.write(data)
        return path

    def mail(self, has):
        """A mail to the sender with those words, waited for."""
        return self.world.sink.wait(lambda m: m.to == SENDER and has in m.text()).text()

    def sent_code(self):
        """The last code that went to a number."""
        with open(f"{self.folder}/codes", encoding="ascii") as f:
            return [line[5:].strip() for line in f if line.startswith("code=")][-1]

    def events(self, deposit):
        return [one for one in self.world.audit() if one.get("deposit") == deposit]

    def revoke(self, deposit):
        done = self.command("deposit", "revoke", deposit)
        if done["status"] != 0:
            raise AssertionError(done["said"])

    def expire(self, deposit):
        """Moves the end of its life into the past."""
        with sqlite3.connect(self.world.milter.path("state/postern.db"), timeout=30) as db:
            db.execute("UPDATE deposit SET until = ? WHERE id = ?",
                       (int(time.time()) - 5, bytes.fromhex(deposit)))
        db.close()

    def verify(self, original, proof):
        for name, data in (("message.eml", original), ("proof.json", proof)):
            with open(f"{self.folder}/{name}", "wb") as f:
                f.write(base64.b64decode(data))
        return self.command("deposit", "verify", f"{self.folder}/message.eml",
                            f"{self.folder}/proof.json")

    def command(self, *words):
        done = subprocess.run([os.environ["POSTERN"], *words, "--config", self.world.milter.conf],
                              capture_output=True, timeout=60, check=False)
        return {"status": done.returncode, "said": (done.stdout + done.stderr).decode()}

    def portal(self, run):
        """Stops the portal, or starts it again."""
        if run:
            self.world.start()
        else:
            self.world.end()


def main():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # it ends when run.js closes its input
    with tempfile.TemporaryDirectory(prefix="postern-browser-") as folder:
        actions = Actions(folder)
        try:
            print(json.dumps({"port": actions.world.port, "url": f"https://{HOST}"}), flush=True)
            for line in sys.stdin:
                question = json.loads(line)
                try:
                    answer = getattr(actions, question.pop("do"))(**question)
                except Exception as failure:  # told to whoever asked
                    answer = {"failed": f"{type(failure).__name__}: {failure}\n"
                                        f"{actions.world.said()[-800:]}"}
                print(json.dumps(answer), flush=True)
        finally:
            actions.world.close()


if __name__ == "__main__":
    main()

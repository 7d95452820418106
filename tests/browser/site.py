#!/usr/bin/env python3
"""site.py BUILD: a site of the portal (tests/support/portal_site.py) for run.js. Each line of
standard input is {"do": NAME, …}, each line of standard output its answer; it ends with its input."""
import base64
import json
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from portal_site import SENDER, PortalSite, until  # noqa: E402



CALLED = "carol@plain.test"  # who has a number in the directory


class Actions:
    def __init__(self, site):
        self.site = site

    def deposit(self, to, original, factor="phrase"):
        made = self.site.deposit(to, base64.b64decode(original), factor)
        return {"id": made.id, "phrase": made.phrase, "link": made.link, "code": made.code,
                "digest": made.digest, "handle": made.handle, "number": made.number, "size": len(made.original),
                "original": base64.b64encode(made.original).decode() if len(made.original) < 1 << 20
                else self.kept(made.original)}

    def kept(self, data):
        """The path of a file with a large message, for comparing."""
        path = self.site.path("original.eml")
        with open(path, "wb") as f:
            f.write(data)
        return path

    def mail(self, to=SENDER, has=""):
        """Waits for a mail to that address with those words."""
        seen = []

        def came():
            seen.extend(self.site.mail(to))
            return any(has in text for text in seen)
        until(f"a mail to {to} with \"{has}\"", came, 20)
        return next(text for text in seen if has in text)

    def sent_code(self):
        """The last code that went to a number."""
        with open(self.site.path("codes"), encoding="ascii") as f:
            return [line[5:].strip() for line in f if line.startswith("code=")][-1]

    def audit(self, deposit):
        return [one for one in self.site.audit() if one.get("deposit") == deposit]

    def revoke(self, id):
        done = self.command("deposit", "revoke", id)
        if done["status"] != 0:
            raise AssertionError(done["said"])
        return done

    def expire(self, id):
        self.site.age(id, int(time.time()) - 5)
        return {}

    def verify(self, original, proof):
        with tempfile.TemporaryDirectory() as folder:
            for name, data in (("message.eml", original), ("proof.json", proof)):
                with open(os.path.join(folder, name), "wb") as f:
                    f.write(base64.b64decode(data))
            return self.command("deposit", "verify", os.path.join(folder, "message.eml"),
                                os.path.join(folder, "proof.json"))

    def command(self, *words):
        done = self.site.postern(*words)
        return {"status": done.returncode, "said": (done.stdout + done.stderr).decode()}

    def portal(self, run):
        """Stops the portal, or starts it again."""
        if run:
            self.site.start("portal")
        else:
            self.site.stop("portal")
        return {}


def main():
    with PortalSite(sys.argv[1], factors=("phrase", "link", "code")) as site:
        actions = Actions(site)
        actions.command("recipient", "add", "--number", "+49301234542", CALLED)
        print(json.dumps({"port": site.port, "url": site.url}), flush=True)
        for line in sys.stdin:
            question = json.loads(line)
            try:
                answer = getattr(actions, question.pop("do"))(**question)
            except Exception as failure:  # noqa: BLE001: told to whoever asked
                answer = {"failed": f"{type(failure).__name__}: {failure}\n{site.said()[-800:]}"}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

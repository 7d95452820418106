"""What can be proven afterwards, and asked beforehand. Runs last: the record is long by then."""

import json
import os
import re

from harness import ALICE, claim, message
from world.process import write


def test_audit_verifies(lab):
    """the chain of all that happened so far verifies; a changed, lost or moved line is found"""
    for _ in range(2):
        lab.send(message("x"), [lab.address("plain.test"), lab.address("dane-good.test")],
                 user=ALICE).expect("250")
    good = lab.postern.cli("audit", "verify", "--config", lab.postern.conf, lab.postern.audit_file)
    claim(good.returncode == 0, good.stdout + good.stderr)
    with open(lab.postern.audit_file, encoding="utf-8") as f:
        lines = f.readlines()
    middle = len(lines) // 2
    changed = lines[:middle] + [lines[middle].replace("test", "tent", 1)] + lines[middle + 1:]
    removed = lines[:middle] + lines[middle + 1:]
    moved = lines[:middle] + [lines[middle + 1], lines[middle]] + lines[middle + 2:]
    for name, those in (("changed", changed), ("removed", removed), ("moved", moved)):
        path = write(os.path.join(lab.folder, "audit.copy"), "".join(those))
        done = lab.postern.cli("audit", "verify", "--config", lab.postern.conf, path)
        claim(done.returncode == 1, f"a {name} line is not found: {done.stdout}{done.stderr}")


def test_audit_tells_no_content(lab):
    """audit and log tell markers and reasons, and nothing of the content"""
    to = lab.address("plain.test")
    one = message(to, "[refuse]")
    lab.send(one, to, user=ALICE).expect("550")
    record = lab.audited(to)
    claim(record["findings"] and record["rule"] == "never without proof", f"{record}")
    claim(one.words[2] not in json.dumps(record).encode(), "the number stands in the audit")
    claim(one.canary not in lab.postern.log_text().encode(), "content stands in the log")


def test_check_agrees(lab):
    """postern check says of each destination what the world made it"""
    expected = {"dane-good": ("authenticated", "dane"), "sts-enforce": ("authenticated", "sts"),
                "plain": ("none", None), "notls": ("none", None), "sts-testing": ("none", None),
                "nullmx": ("unroutable", None), "bogus": ("undetermined", None),
                "servfail": ("undetermined", None), "sts-mismatch": ("undetermined", None)}
    said = lab.postern.check(*[name + ".test" for name in expected])
    for name, (level, by) in expected.items():
        one = said[name + ".test"]
        claim(one["assurance"] == level, f"{one}")
        if level == "authenticated":
            claim(one["by"] == by, f"{one}")
        claim(one["reasons"], f"no reason: {one}")


def test_check_probes(lab):
    """postern check --probe finds a wrong TLSA record and REQUIRETLS"""
    said = lab.postern.check("--probe", "dane-wrong.test", "reqtls.test", "dane-good.test",
                             "dane-ta.test", "sts-enforce.test", "notls.test")
    wrong = said["dane-wrong.test"]
    claim(wrong["assurance"] not in ("authenticated", "requiretls"), f"{wrong}")
    claim(not wrong["mx"][0]["probe"]["authenticated"], f"{wrong}")
    claim("TLSA" in wrong["reasons"][0], f"{wrong}")
    claim(said["reqtls.test"]["mx"][0]["probe"]["requiretls"], f"{said['reqtls.test']}")
    claim(said["reqtls.test"]["assurance"] == "requiretls", f"{said['reqtls.test']}")
    for name in ("dane-good.test", "dane-ta.test", "sts-enforce.test"):
        claim(said[name]["assurance"] == "authenticated", f"{said[name]}")
        claim(said[name]["mx"][0]["probe"]["authenticated"], f"{said[name]}")
        claim(not said[name]["mx"][0]["probe"]["requiretls"], f"{said[name]}")
    claim(not said["notls.test"]["mx"][0]["probe"]["starttls"], f"{said['notls.test']}")


def test_check_probes(lab):
    """postern check --probe finds the wrong key, the missing STARTTLS, and REQUIRETLS"""
    names = ("dane-good", "dane-ta", "dane-wrong", "reqtls", "sts-enforce", "notls")
    said = lab.postern.check("--probe", *[name + ".test" for name in names])
    level = {name: said[name + ".test"]["assurance"] for name in names}
    probe = {name: said[name + ".test"]["mx"][0]["probe"] for name in names}
    claim(level["dane-wrong"] not in ("authenticated", "requiretls"), f"{said['dane-wrong.test']}")
    for name in ("dane-good", "dane-ta", "sts-enforce"):
        claim(level[name] == "authenticated" and probe[name]["authenticated"], f"{said}")
        claim(not probe[name]["requiretls"], f"{name} announces nothing of the kind")
    claim(level["reqtls"] == "requiretls" and probe["reqtls"]["requiretls"], f"{said}")
    claim(not probe["notls"]["starttls"], f"{said['notls.test']}")


def test_explain_agrees(lab):
    """postern explain gives the verdicts that the daemon gives"""
    one = message("x")
    path = os.path.join(lab.folder, "explain.eml")
    with open(path, "wb") as f:
        f.write(one.raw)
    to = ["a@dane-good.test", "b@plain.test"]
    done = lab.postern.cli("explain", "--json", "--config", lab.postern.conf, "--from", ALICE,
                           "--to", to[0], "--to", to[1], path)
    claim(done.returncode == 1, done.stdout + done.stderr)
    said = {r["to"]: r["verdict"] for r in json.loads(done.stdout)["recipients"]}
    claim(said == dict(zip(to, ("deliver", "divert"))), f"{said}")


def test_no_sanitizer_complains(lab):
    """a daemon built with sanitizers has had nothing to complain of all the while"""
    text = lab.postern.log_text()
    found = re.findall(r"(?m)^.*(?:AddressSanitizer|ThreadSanitizer|runtime error).*$", text)
    claim(not found, "\n".join(found[:5]) + "\n" + text[text.find(found[0]) if found else 0:][:6000])

"""postern doctor, beside a running Postfix, resolver and Postern."""

import json

from harness import claim


def doctor(lab):
    done = lab.postern.cli("doctor", "--json", "--config", lab.postern.conf,
                           "--postfix", lab.postfix.config)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, [one for one in said if one["level"] == "fail"], said


def test_doctor_finds_nothing(lab):
    """postern doctor finds nothing wrong where all works, and a dead resolver where not"""
    status, wrong, said = doctor(lab)
    claim((status, wrong) == (0, []), f"{status}: {wrong}")
    for check in ("keys", "state", "audit", "milter", "tls-policy", "resolver", "postfix"):
        claim(any(one["check"] == check for one in said), f"nothing is said of {check}")
    lab.world.resolver.stop()
    try:
        status, wrong, said = doctor(lab)
        claim(status == 1 and {one["check"] for one in wrong} == {"resolver"}, wrong)
    finally:
        lab.world.resolver.start()
        lab.forget()

#!/usr/bin/env python3
"""A corpus of messages and what must be found in each, made anew each time and always the same.

    make.py FOLDER    messages, settings, rules, and manifest.json

A case: its group and name; the message; what must be found, as marker, where and part (None: any);
what may stand in `opaque` (None: whatever it is); the texts that no output may show. Nothing else may
be found."""

import json
import os
import random
import sys
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
import figures  # noqa: E402
import hideouts  # noqa: E402
import letters  # noqa: E402
import markings  # noqa: E402
import near  # noqa: E402

Case = namedtuple("Case", "group name message found opaque secrets")
PEOPLE = ["payment-card", *figures.PEOPLE]
NUMBERS = [*PEOPLE, "iban", "private-key", "api-secret"]
VALUES = 12  # of each detector, how many are compared as the rules see them
TURNS = 3    # numbers that take turns in the places


def escape(text):
    return "".join("\\\\" + c if c in "\\[]()+*?.{}|^$" else c for c in text)


def marker(name, detector, value=None):
    more = f' value = "^{escape(value)}$";' if value is not None else ""
    return f'{{ name = "{name}"; any = ( {{ detector = "{detector}";{more} }} ); }}'


def rules(specimens):
    rows = [marker(detector, detector) for detector in NUMBERS]
    rows += [marker(markings.name_of(d, v), d, v) for d, values in markings.MARKINGS.items() for v in values]
    for detector in NUMBERS:
        tests = ", ".join(f'{{ detector = "{detector}"; value = "^{escape(s.value)}$"; }}'
                          for s in valued(specimens, detector))
        rows.append(f'{{ name = "{detector}.planted"; any = ( {tests} ); }}')
    return "markers = (\n\t" + ",\n\t".join(rows) + "\n);\n"


def valued(specimens, detector):
    of_it = [s for s in specimens if s.detector == detector]
    return of_it[::max(1, len(of_it) // VALUES)]


def secrets_of(specimen):
    """The number as it is written and as it is compared; of a key, what its beginning does not tell."""
    if specimen.detector == "private-key":
        return []
    if specimen.detector == "api-secret":
        return [specimen.shown[8:]]
    return [specimen.shown, specimen.value]


def planted(specimens):
    for s in specimens:
        found = {(s.detector, "body", "1")}
        if s in valued(specimens, s.detector):
            found.add((s.detector + ".planted", "body", "1"))
        yield Case(s.detector, s.text, hideouts.plain(s.text.encode(), hideouts.UTF8), found, [], secrets_of(s))


def hidden(specimens):
    """Each detector's numbers in each place, now this one and now that."""
    for detector in NUMBERS:
        of_it = [s for s in specimens if s.detector == detector and s.text.isascii() and len(s.text) < 100]
        for i, s in enumerate(of_it[::max(1, len(of_it) // TURNS)][:TURNS]):
            for k, (group, name, message, part) in enumerate(hideouts.places(s.text)):
                if k % TURNS == i:
                    yield Case(group, f"{name}: {s.text}", message, {(detector, None, part)}, None, secrets_of(s))


def marked():
    for group, name, message, found in markings.cases():
        yield Case(group, name, message, found, None if "encrypted" in name else [], [])


APART = "\n" + "." * 130 + "\n"  # farther than words count


def missed():
    """Near misses, all of one kind in a message."""
    of_kind = {}
    for kind, line in near.lines():
        of_kind.setdefault(kind, []).append(line)
    for kind, lines in of_kind.items():
        for at in range(0, len(lines), 100):
            body = APART.join(lines[at:at + 100]).replace("\n", "\r\n")
            yield Case("near misses", kind, hideouts.plain(body.encode(), hideouts.UTF8), set(), [], [])


def clean():
    for name, message in letters.clean():
        yield Case("clean mail", name, message, set(), [], [])


def cases(seed=1):
    """The rules, and every case."""
    specimens = list(figures.all_specimens(random.Random(seed)))
    every = [case for give in (planted(specimens), hidden(specimens), marked(), missed(), clean()) for case in give]
    return rules(specimens), every


def write(folder, text, every):
    """Messages as FOLDER/N.eml; the settings' path and the messages' are returned."""
    conf = os.path.join(folder, "postern.conf")
    with open(os.path.join(folder, "rules.conf"), "w", encoding="utf-8") as f:
        f.write(text)
    with open(conf, "w", encoding="ascii") as f:
        f.write(f'rules = "{folder}/rules.conf";\nlimits = {{ findings = 10000; }};\n')
    paths = []
    for i, case in enumerate(every):
        paths.append(os.path.join(folder, f"{i}.eml"))
        with open(paths[-1], "wb") as f:
            f.write(case.message)
    return conf, paths


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    text, every = cases()
    _, paths = write(folder, text, every)
    with open(os.path.join(folder, "manifest.json"), "w", encoding="utf-8") as f:
        for path, c in zip(paths, every):
            found = sorted(c.found, key=str)
            f.write(json.dumps({"file": path, "group": c.group, "name": c.name, "found": found, "opaque": c.opaque}) + "\n")


if __name__ == "__main__":
    main()

"""What is known by its words (terms of a dictionary, rows of a table, a text): found in every place in which
tests/corpus hides numbers, and nothing of it in clean mail and near misses."""

import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

POSTERN = os.environ["POSTERN"]
SOURCE = os.environ["POSTERN_SOURCE"]
sys.path[:0] = [os.path.join(SOURCE, "tests", "corpus"), os.path.join(SOURCE, "tests", "support")]
import hideouts  # noqa: E402
import letters  # noqa: E402
import near  # noqa: E402

TERMS, ROWS = 20000, 20000
PLACES = '[ "header", "subject", "body", "attachment", "filename", "metadata" ]'
# What is planted for each detector.
PLANTED = {"words": "project falconet 7", "exact-data": "Jane Quillfeather 4711081523",
           "fingerprint": "the board sells the old mill by the river to nobody before may 31"}


def made_up(chance, least=5, most=9):
    return "".join(chance.choice("abcdefghiklmnoprstuvwz") for _ in range(chance.randint(least, most)))


class Known(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        chance = random.Random(11)
        cls.write("terms.txt", "\n".join(made_up(chance) + (" " + made_up(chance) if i % 3 == 0 else "")
                                         for i in range(TERMS)) + "\n" + PLANTED["words"] + "\n")
        cls.write("rows.csv", "first,last,account\n" + "".join(
            f"{made_up(chance)},{made_up(chance)},{chance.randrange(10 ** 9, 10 ** 10)}\n" for _ in range(ROWS))
            + ",".join(PLANTED["exact-data"].split()) + "\n")
        cls.write("known.txt", PLANTED["fingerprint"])
        for kind, source in (("exact", "rows.csv"), ("fingerprint", "known.txt")):
            subprocess.run([POSTERN, "rules", "index", kind, cls.path(source), cls.path(kind + ".idx")],
                           check=True, timeout=60, stdout=subprocess.DEVNULL)
        cls.write("rules.conf", f"""markers = (
            {{ name = "words"; any = ( {{ detector = "words"; file = "terms.txt"; where = {PLACES}; }} ); }},
            {{ name = "exact-data"; any = ( {{ detector = "exact-data"; index = "exact.idx"; columns = 3;
               where = {PLACES}; }} ); }},
            {{ name = "fingerprint"; any = ( {{ detector = "fingerprint"; index = "fingerprint.idx"; percent = 90;
               where = {PLACES}; }} ); }} );""")
        cls.write("postern.conf", f'rules = "{cls.path("rules.conf")}";\n')

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.folder.name, name)

    @classmethod
    def write(cls, name, data):
        with open(cls.path(name), "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return cls.path(name)

    def inspect(self, messages):
        """Of each message the line that tells what is in it."""
        paths = [self.write(f"{i}.eml", message) for i, message in enumerate(messages)]
        done = subprocess.run([POSTERN, "inspect", "--json", "--config", self.path("postern.conf"), *paths],
                              capture_output=True, timeout=110)
        self.assertEqual(done.stderr, b"")
        lines = done.stdout.decode().splitlines()
        self.assertEqual(len(lines), len(paths))
        return lines

    def test_in_every_place(self):
        cases = [(detector, f"{group}: {name}", message, part) for detector, text in PLANTED.items()
                 for group, name, message, part in hideouts.places(text)]
        self.assertGreater(len(cases), 300)
        missed, false, shown = [], [], []
        for (detector, name, _, part), line in zip(cases, self.inspect([case[2] for case in cases])):
            findings = json.loads(line)["findings"]
            if not any(f["marker"] == detector and part in (None, f["part"]) for f in findings):
                missed.append((detector, name))
            false += [(detector, name, f) for f in findings if f["marker"] != detector]
            if PLANTED[detector] in line:
                shown.append((detector, name))
        self.assertEqual((missed, false, shown), ([], [], []))

    def test_nothing_in_clean_mail_and_near_misses(self):
        body = "\r\n".join(line for _, line in near.lines())
        messages = [message for _, message in letters.clean()] + [hideouts.plain(body.encode(), hideouts.UTF8)]
        for line in self.inspect(messages):
            self.assertEqual(json.loads(line)["findings"], [])


if __name__ == "__main__":
    unittest.main()

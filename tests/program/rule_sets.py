"""conf/rules.d: each set is sound, does what its expectations say, alone and with the others,
and its expectations fail when what they are about is gone."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.environ["POSTERN_SOURCE"]
sys.path[:0] = [os.path.join(SOURCE, "tests", "corpus"), os.path.join(SOURCE, "tests", "support")]
import letters  # noqa: E402

POSTERN = os.environ["POSTERN"]
SETS = os.path.join(SOURCE, "conf", "rules.d")
NAMES = sorted(name for name in os.listdir(SETS) if name.endswith(".conf"))
EACH = [[name] for name in NAMES] + [NAMES]
# What the operator has besides: rules that all observe would be worth a warning.
OWN = """rules = ( { name = "own"; when = { from = [ "nobody@our.example" ]; };
  require = "authenticated"; otherwise = [ "defer" ]; } );
"""


def read(*path):
    with open(os.path.join(SETS, *path), encoding="utf-8") as f:
        return f.read()


class Sets(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.top = self.folder.name
        shutil.copytree(SETS, os.path.join(self.top, "rules.d"))

    def tearDown(self):
        self.folder.cleanup()

    def path(self, *name):
        return os.path.join(self.top, *name)

    def run_it(self, names, *words):
        """A command with rules that include these sets."""
        with open(self.path("rules.conf"), "w") as f:
            f.write("include = [ %s ];\n" % ", ".join(f'"rules.d/{name}"' for name in names) + OWN)
        with open(self.path("postern.conf"), "w") as f:
            f.write(f'state = "{self.top}/state"; keys = "{self.top}/keys";\n'
                    f'rules = "{self.top}/rules.conf";\n'
                    'outbound = { domains = [ "our.example" ]; };\n'
                    'portal = { url = "https://secure.our.example"; };\n'
                    'resolver = { servers = [ "127.0.0.1" ]; port = 1; };\n')
        done = subprocess.run([POSTERN, *words[:1], "--config", self.path("postern.conf"),
                               *words[1:]], capture_output=True, text=True, timeout=100)
        self.assertEqual(done.stderr, "")
        return done

    def test_they_are_there(self):
        self.assertEqual(NAMES, ["credentials.conf", "eu-personal-data.conf", "government.conf",
                                 "health.conf", "payment-cards.conf"])

    def test_lint_has_nothing_to_say(self):
        for names in EACH:
            with self.subTest(names=names):
                done = self.run_it(names, "lint", "--strict")
                self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_expectations_are_met_without_a_network(self):
        for names in EACH:
            with self.subTest(names=names):
                done = self.run_it(names, "rules", "test")
                self.assertEqual(done.returncode, 0, done.stdout)
                count = sum(read(name).count("{ message =") for name in names)
                self.assertTrue(done.stdout.endswith(f"\n{count} expectations, 0 not met\n"))

    def test_each_rule_is_expected_and_each_set_spares_something(self):
        for name in NAMES:
            text = read(name)
            rules = set(re.findall(r'^\t\{ name = "(\w[\w\' -]*: [^"]*)";$', text, re.M))
            self.assertGreaterEqual(len(rules), 2, name)
            self.assertEqual(set(re.findall(r'expect_rule = "([^"]*)"', text)), rules, name)
            self.assertIn('expect = "pass"', text, name)

    def test_every_sample_is_expected(self):
        named = {sample for name in NAMES
                 for sample in re.findall(r'message = "samples/([^"]*)"', read(name))}
        self.assertEqual(named, set(os.listdir(os.path.join(SETS, "samples"))))

    def test_expectations_fail_when_the_samples_say_nothing(self):
        for sample in os.listdir(self.path("rules.d", "samples")):
            with open(self.path("rules.d", "samples", sample), "w") as f:
                f.write("From: a@our.example\nSubject: hello\n\nnothing here\n")
        done = self.run_it(NAMES, "rules", "test")
        hits = sum(read(name).count("expect_rule") for name in NAMES)
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stdout.endswith(f", {hits} not met\n"), done.stdout[-200:])

    def test_they_observe_as_they_come(self):
        for name in NAMES:
            self.assertIn('\nmode = "observe";\n', read(name))
        done = self.run_it(NAMES, "explain", "--json", "--from", "ops@our.example", "--to",
                           "b@plain.test", self.path("rules.d", "samples", "cred-key.eml"))
        got, = json.loads(done.stdout)["recipients"]
        self.assertEqual(got["verdict"], "pass")

    def test_every_number_of_a_list_is_found(self):
        done = self.run_it(NAMES, "inspect", "--json",
                           self.path("rules.d", "samples", "eu-numbers.eml"))
        found = [f["offset"] for f in json.loads(done.stdout)["findings"]
                 if f["marker"] == "eu-number"]
        self.assertEqual(len(set(found)), 8)

    def test_ordinary_mail_is_left_alone(self):
        clean = list(letters.clean())
        self.assertGreater(len(clean), 60)
        os.mkdir(self.path("clean"))
        for number, (_, message) in enumerate(clean):
            with open(self.path("clean", f"{number}.eml"), "wb") as f:
                f.write(message)
        with open(self.path("none.conf"), "w") as f:
            f.write("rules = ( );\n")
        done = self.run_it(NAMES, "rules", "diff", self.path("none.conf"), self.path("rules.conf"),
                           self.path("clean"))
        self.assertEqual((done.returncode, done.stdout),
                         (0, f"{len(clean)} messages, {len(clean)} recipients: 0 change\n"))

    def test_lists_of_words_are_lists_of_words(self):
        for name in os.listdir(os.path.join(SETS, "words")):
            terms = [line for line in read("words", name).splitlines()
                     if line and not line.startswith("#")]
            self.assertTrue(50 <= len(terms) <= 300, f"{name}: {len(terms)}")
            self.assertTrue(any(name in read(conf) for conf in NAMES), name)


if __name__ == "__main__":
    unittest.main()

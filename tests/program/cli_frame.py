"""The command postern itself: help, usage errors, statuses, and output that is lost."""

import os
import subprocess
import unittest

POSTERN = os.environ["POSTERN"]

with open(os.path.join(os.environ["POSTERN_SOURCE"], "docs", "man", "postern.1")) as page:
    MANUAL = page.read()


def run(*words, **more):
    return subprocess.run([POSTERN, *words], capture_output=True, text=True, timeout=60, **more)


class Frame(unittest.TestCase):
    def test_alone_it_lists_its_commands_and_fails(self):
        done = run()
        self.assertEqual(done.returncode, 2)
        self.assertIn("\n  lint ", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_help_lists_the_commands_and_describes_each(self):
        done = run("help")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        names = [line.split()[0] for line in done.stdout.splitlines() if line[:2] == "  "
                 and line[2] not in " -"]
        self.assertIn("lint", names)
        self.assertIn("setup", names)
        for name in names:
            for words in (("help", name), (name, "--help"), (name, "-h")):
                one = run(*words)
                self.assertEqual((one.returncode, one.stderr), (0, ""), words)
                self.assertIn(f"usage: postern {name} ", one.stdout)
                self.assertIn("Exit status", one.stdout)
            self.assertIn(f"\n.It Ic {name}", MANUAL, "docs/man/postern.1")

    def test_the_version_is_one_line(self):
        for word in ("-V", "--version"):
            self.assertRegex(run(word).stdout, r"\Apostern \d+\.\d+\.\d+\n\Z")

    def test_a_slip_in_a_command_is_answered_with_what_was_meant(self):
        done = run("lnit")
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no command lnit; did you mean lint?", done.stderr)

    def test_usage_errors_say_where_help_is(self):
        for words, text in ((("lint", "--bogus"), "there is no option --bogus"),
                            (("lint", "--config"), "--config needs a file"),
                            (("lint", "extra"), "there is nothing to do with extra"),
                            (("setup",), "expected one of postfix, conf, rules"),
                            (("setup", "qmail"), "there is no setup for qmail"),
                            (("setup", "postfix", "--map"), "--map needs a value"),
                            (("setup", "conf", "--map", "/x"), "--map belongs to postfix")):
            done = run(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(f"postern {words[0]}: {text}\n", done.stderr)
            self.assertIn(f"Try 'postern help {words[0]}'.", done.stderr)
            self.assertEqual(done.stdout, "")

    def test_what_cannot_be_written_is_not_lost_in_silence(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([POSTERN, "setup", "conf"], stdout=full, stderr=subprocess.PIPE,
                                  text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("cannot write to standard output", done.stderr)


unittest.main()

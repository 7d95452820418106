"""The real keeper before a web worker that was taken over and speaks badly, too much or out of
turn (tests/support/rogue_worker.c): it is stopped, or gets nothing, and writes nothing."""
import os
import signal
import subprocess
import tempfile
import time
import unittest

ROGUE = os.path.join(os.environ["POSTERN_BUILD"], "tests", "rogue_worker")

SETTINGS = """state = "{top}/state"; keys = "{top}/keys";
portal = {{ url = "https://secure.our.test"; }}; outbound = {{ domains = [ "our.test" ]; }};
audit = {{ file = "{top}/audit.jsonl"; syslog = false; }};
"""


class Rogue(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="postern-")
        self.addCleanup(folder.cleanup)
        self.top = folder.name
        self.conf = os.path.join(self.top, "postern.conf")
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(SETTINGS.format(top=self.top))

    def plays(self, what):
        """The program's status and log."""
        done = subprocess.run([ROGUE, self.conf, what], capture_output=True, text=True, timeout=60)
        self.assertNotIn("Sanitizer", done.stderr)
        self.assertNotIn("runtime error: ", done.stderr)
        return done.returncode, done.stderr

    def assert_nothing_written(self):
        self.assertFalse(os.path.exists(os.path.join(self.top, "audit.jsonl")))
        self.assertEqual(os.listdir(os.path.join(self.top, "state", "outbox")), [])

    def test_who_speaks_no_question_is_stopped(self):
        for what, words in (("garbage", "question to the keeper: a value is none"),
                            ("too-much", "a message is too long"),
                            ("two", "a message brings more than one descriptor")):
            with self.subTest(what):
                status, said = self.plays(what)
                self.assertEqual(status, 1, said)
                self.assertIn(f"the worker is stopped: {words}", said)
                self.assertIn("the worker has ended, by signal 9", said)
        self.assert_nothing_written()

    def test_who_proves_nothing_gets_nothing(self):
        status, said = self.plays("everything")
        self.assertEqual(status, 1, said)  # the worker has ended, of itself
        self.assertIn("the worker has ended, with status 0", said)
        self.assert_nothing_written()

    def test_one_line_that_is_stuffed_keeps_no_other_waiting(self):
        status, said = self.plays("stuff")
        self.assertEqual(status, 1, said)
        self.assertIn("the worker has ended, with status 0", said)

    def test_the_keeper_ends_with_its_worker(self):
        status, said = self.plays("end")
        self.assertEqual(status, 1, said)
        self.assertIn("the worker has ended, with status 7", said)

    def test_a_signal_ends_both(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            one = subprocess.Popen([ROGUE, self.conf, "ask-on"], stderr=subprocess.PIPE, text=True)
            self.assertIn("started", one.stderr.readline())
            time.sleep(0.1)
            one.send_signal(number)
            said = one.communicate(timeout=60)[1]
            self.assertEqual(one.returncode, 0, said)
            self.assertIn(f"ending on signal {number}", said)

    def test_what_cannot_be_opened_is_told(self):
        with open(os.path.join(self.top, "state"), "w", encoding="utf-8"):
            pass
        status, said = self.plays("ask-on")
        self.assertEqual(status, 1)
        self.assertIn("not started: ", said)


if __name__ == "__main__":
    unittest.main()

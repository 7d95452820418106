"""The bar of long runs: on a terminal alone, late enough, and gone at the end."""

import os
import subprocess
import tempfile
import threading
import time
import unittest

POSTERN = os.environ["POSTERN"]
MESSAGE = b"From: a@our.example\n\nhello\n"


class Progress(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.slow = os.path.join(self.folder.name, "slow")  # takes as long as we like
        os.mkfifo(self.slow)
        self.quick = os.path.join(self.folder.name, "quick")
        with open(self.quick, "wb") as f:
            f.write(MESSAGE)
        self.conf = os.path.join(self.folder.name, "postern.conf")
        with open(self.conf, "w") as f:
            f.write("")

    def tearDown(self):
        self.folder.cleanup()

    def feed(self, text):
        with open(self.slow, "wb") as f:
            time.sleep(0.7)  # more than what is quick
            f.write(text)

    def inspect(self, *words, terminal=True, slow=True):
        """As run(): of two messages, the first of which takes long."""
        return self.run_it("inspect", *words, self.slow if slow else self.quick, self.quick,
                           terminal=terminal, text=MESSAGE if slow else None)

    def run_it(self, command, *words, terminal=True, text=None, status=0):
        """(standard output, what went to the terminal that standard error is). text: what comes
        late out of self.slow."""
        ours, theirs = os.openpty()
        slow = text is not None
        feeder = threading.Thread(target=self.feed, args=(text,))
        if slow:
            feeder.start()
        with subprocess.Popen(
                [POSTERN, command, "--config", self.conf, *words],
                stdout=subprocess.PIPE, stderr=theirs if terminal else subprocess.PIPE) as p:
            os.close(theirs)
            out, err = p.communicate(timeout=60)
            self.assertEqual(p.returncode, status, (out, err))
        if slow:
            feeder.join()
        told = err or b""
        try:
            while more := os.read(ours, 65536):
                told += more
        except OSError:
            pass  # the other end is closed
        os.close(ours)
        return out, told

    def test_a_long_run_shows_how_far_it_is_and_cleans_up(self):
        out, told = self.inspect()
        self.assertEqual(out.count(b"nothing found"), 2)
        self.assertIn(b"\r[" + b"#" * 16 + b"-" * 16 + b"]  50 %  1 of 2 messages", told)
        self.assertTrue(told.endswith(b"\r\033[K"), told)

    def test_without_a_total_there_are_numbers_alone(self):
        out, told = self.run_it("audit", "verify", self.slow, text=b"no record\n" * 3, status=1)
        self.assertIn(b"3 lines", out)
        self.assertIn(b"\r10 bytes\033[K", told)
        self.assertNotIn(b"#", told)

    def test_nothing_is_shown_to_whom_it_does_not_help(self):
        self.assertEqual(self.inspect(slow=False)[1], b"")
        self.assertEqual(self.inspect(terminal=False)[1], b"")
        self.assertEqual(self.inspect("--json")[1], b"")


if __name__ == "__main__":
    unittest.main()

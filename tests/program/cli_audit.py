"""postern audit: a chain made here, by the contract and not by our code, is verified and
listed; each kind of tampering is found by its line."""
import hashlib
import json
import os
import subprocess
import tempfile
import unittest

POSTERN = os.environ["POSTERN"]


def chain(count, seq=1, prev="0" * 64):
    """Lines as DESIGN has them: prev is the hash of the line before without its end."""
    lines = []
    for i in range(count):
        record = {
            "ts": f"2026-11-2{i % 3}T02:45:47.000000Z", "seq": seq + i, "event": "decided",
            "queue_id": f"3Xk{i}", "client": "192.0.2.7", "auth": None, "submission_tls": True,
            "from": "jane@our.example", "to": f"bob{i % 2}@plain.test", "findings": [],
            "rule": "cards", "require": "authenticated", "assurance": "none", "by": None,
            "evidence": [], "verdict": ["divert", "defer"][i % 2], "reply": "250 2.0.0",
            "deposit": f"{i:032x}",
            "reason": "no proven \x1b[2J TLS", "rules_sha256": "00", "version": "0", "prev": prev}
        line = json.dumps(record, separators=(",", ":")).encode()
        prev = hashlib.sha256(line).hexdigest()
        lines.append(line)
    return lines, prev


class Audit(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, lines, name="audit.jsonl", end=b"\n"):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as f:
            f.write(b"\n".join(lines) + end)
        return path

    def postern(self, *words):
        return subprocess.run([POSTERN, "audit", *words], capture_output=True, text=True,
                              timeout=60)

    def test_a_chain_that_holds(self):
        lines, last = chain(5)
        p = self.postern("verify", self.write(lines))
        self.assertEqual((p.returncode, p.stderr), (0, ""))
        self.assertIn("5 lines, seq 1 to 5, 0 problems", p.stdout)
        self.assertIn(last, p.stdout)

    def test_across_rotated_files(self):
        old, last = chain(3)
        new, _ = chain(2, 4, last)
        a, b = self.write(old, "audit.jsonl.1"), self.write(new)
        self.assertEqual(self.postern("verify", a, b).returncode, 0)
        self.assertEqual(self.postern("verify", b).returncode, 0)
        self.assertEqual(self.postern("verify", b, a).returncode, 1)

    def test_tampering_is_found_by_its_line(self):
        lines, _ = chain(6)
        changed = [line.replace(b"bob0", b"eve0") if i == 2 else line
                   for i, line in enumerate(lines)]
        for name, bad, where in (
                ("changed", changed, 3),
                ("removed", lines[:2] + lines[3:], 3),
                ("reordered", lines[:2] + [lines[3], lines[2]] + lines[4:], 3),
                ("added", lines[:2] + [b"{}"] + lines[2:], 3)):
            with self.subTest(name):
                path = self.write(bad)
                p = self.postern("verify", path)
                self.assertEqual(p.returncode, 1)
                self.assertIn(f"{path}:{where}: ", p.stdout)
                first = json.loads(self.postern("verify", "--json", path).stdout.splitlines()[0])
                self.assertEqual(first["line"], where)
        p = self.postern("verify", self.write(lines, end=b"\n{\"ts\""))
        self.assertEqual(p.returncode, 1)
        self.assertIn(":7: torn", p.stdout)

    def test_show_chooses(self):
        lines, _ = chain(6)
        path = self.write(lines)
        for words, count in ((["--to", "BOB1@plain.test"], 3), (["--queue-id=3Xk4"], 1),
                             (["--verdict", "divert", "--since", "2026-11-21"], 2),
                             (["--since", "2026-11-22T02:45"], 2), (["--since", "2026-11-23"], 0),
                             (["--from", "eve@our.example"], 0),
                             (["--deposit", f"{2:032X}"], 1), ([], 6)):
            with self.subTest(words):
                p = self.postern("show", *words, path)
                self.assertEqual(len(p.stdout.splitlines()), count)
                self.assertEqual(p.returncode, 0 if count else 1)
                self.assertNotIn("\x1b", p.stdout)
        p = self.postern("show", "--json", "--queue-id", "3Xk1", path)
        self.assertEqual(p.stdout.encode(), lines[1] + b"\n")

    def observed(self):
        """Two that were done, one of them a pass, and five that would have been."""
        lines, prev = [], "0" * 64
        for i, (mode, rule, observed, verdict, event) in enumerate((
                (None, None, None, "pass", "decided"), (None, "cards", None, "divert", "decided"),
                ("observe", "new", "new", "refuse", "decided"),
                ("observe", "cards", "new", "divert", "decided"),
                ("observe", "new", "new", "refuse", "decided"),
                ("browser", None, None, None, "opened"))):
            record = {"ts": "2026-11-22T02:45:47.000000Z", "seq": i + 1, "event": event,
                      "from": "jane@our.example", "to": "bob@plain.test", "rule": rule,
                      "verdict": verdict, "mode": mode, "observed": observed, "prev": prev}
            lines.append(json.dumps(record, separators=(",", ":")).encode())
            prev = hashlib.sha256(lines[-1]).hexdigest()
        return self.write(lines)

    def test_what_was_done_and_what_would_have_been(self):
        path = self.observed()
        for mode, count in (("observe", 3), ("enforce", 2), ("browser", 1), ("server", 0)):
            p = self.postern("show", "--mode", mode, path)
            self.assertEqual(len(p.stdout.splitlines()), count, mode)
        p = self.postern("show", "--mode", "observe", "--verdict", "divert", path)
        self.assertIn(" mode=observe observed=new", p.stdout)

    def test_a_summary_counts_decisions(self):
        path = self.observed()
        p = self.postern("summary", path)
        self.assertEqual((p.returncode, p.stdout.splitlines()), (0, [
            '       1 divert, by rule "cards"', "       1 pass",
            '       2 would refuse, by rule "new"',
            '       1 would divert, by rule "cards", where this one observes: "new"']), p.stderr)
        p = self.postern("summary", "--mode", "observe", "--verdict", "refuse", "--json", path)
        self.assertEqual([json.loads(line) for line in p.stdout.splitlines()], [
            {"count": 2, "mode": "observe", "verdict": "refuse", "rule": "new",
             "observed": "new"}])
        p = self.postern("summary", "--to", "nobody@plain.test", path)
        self.assertEqual((p.returncode, p.stdout), (1, ""))

    def test_usage(self):
        for words in ([], ["list"], ["verify", "--to", "x", "/dev/null"], ["verify", "--mode", "observe", "/dev/null"], ["show", "--shoe", "1"]):
            with self.subTest(words):
                self.assertEqual(self.postern(*words).returncode, 2)
        self.assertEqual(self.postern("verify", "/nonexistent/audit").returncode, 3)

    def test_the_file_of_the_settings(self):
        lines, _ = chain(2)
        config = os.path.join(self.folder.name, "postern.conf")
        with open(config, "w", encoding="ascii") as f:
            f.write(f'audit = {{ file = "{self.write(lines)}"; }};\n')
        p = self.postern("verify", "--config", config)
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertIn("2 lines", p.stdout)


if __name__ == "__main__":
    unittest.main()

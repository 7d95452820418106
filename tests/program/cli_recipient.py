"""postern recipient: what is kept comes back and holds for whom it should, sealed at rest and on
record; phrases are never shown, weak ones are never kept; a table is imported whole or not."""
import json
import os
import pty
import subprocess
import tempfile
import unittest

import cli_deposit
from cli_deposit import POSTERN, Site

PHRASE = "kadim botar rilos fanit"


class Recipient(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.site = Site(folder.name)
        self.addCleanup(self.site.db.close)
        self.audit = folder.name + "/audit.jsonl"
        with open(self.site.conf, "a") as f:
            f.write(f'audit = {{ file = "{self.audit}"; }};\n')

    def postern(self, *words, stdin=""):
        return subprocess.run([POSTERN, "recipient", *words, "--config", self.site.conf],
                              input=stdin, capture_output=True, text=True, timeout=60,
                              start_new_session=True)

    def done(self, *words, stdin=""):
        p = self.postern(*words, stdin=stdin)
        self.assertEqual((p.returncode, p.stderr), (0, ""))
        return p.stdout

    def refused(self, p, words, status=1):
        self.assertEqual((p.returncode, p.stdout), (status, ""), p.stderr)
        self.assertIn(words, p.stderr)

    def add(self, name, *words, phrase=PHRASE):
        return self.done("add", name, "--phrase-file", "-", *words, stdin=phrase + "\n")

    def records(self):
        with open(self.audit) as f:
            return [json.loads(line) for line in f]

    def test_kept_and_shown(self):
        out = self.add("Jane.Doe@Partner.Example", "--number", "+49 (30) 123-4567",
                       "--language", "DE", "--note", "front desk")
        self.assertEqual(out, "jane.doe@partner.example: phrase set, number set, language set, "
                              "note set\n")
        self.assertEqual(self.done("show", "JANE.DOE@partner.example"),
                         "jane.doe@partner.example  phrase (51 bits)  number +49301234567  "
                         "language de  # front desk\n")
        row = json.loads(self.done("show", "jane.doe@partner.example", "--json"))
        self.assertTrue(row.pop("changed").endswith("Z"))
        self.assertEqual(row, {
            "name": "jane.doe@partner.example", "kind": "address", "phrase": True,
            "number": "+49301234567", "language": "de", "certificate": False,
            "note": "front desk"})
        self.refused(self.postern("show", "x@plain.test"), "no entry for x@plain.test")

    def test_a_domain_serves_its_people(self):
        self.add("partner.example", "--language", "de")
        self.done("add", "bob@sub.partner.example", "--number", "12345")
        self.assertEqual(self.done("show", "bob@sub.partner.example"),
                         "bob@sub.partner.example  phrase (51 bits)  number 12345  language de\n")
        self.assertIn("partner.example  phrase", self.done("show", "x@partner.example"))
        names = [json.loads(line)["name"] for line in self.done("list", "--json").splitlines()]
        self.assertEqual(names, ["bob@sub.partner.example", "partner.example"])

    def test_changes_are_on_record_without_phrases(self):
        self.add("jane@partner.example", "--number", "12345")
        self.add("jane@partner.example", phrase="vosak ditun melor pagis")
        self.done("add", "jane@partner.example", "--no-phrase")
        self.done("forget", "jane@partner.example")
        self.refused(self.postern("forget", "jane@partner.example"), "has no entry")
        rows = self.records()
        self.assertEqual([(r["event"], r["to"], r["reason"]) for r in rows], [
            ("recipient-changed", "jane@partner.example", "phrase set, number set"),
            ("recipient-changed", "jane@partner.example", "phrase changed"),
            ("recipient-changed", "jane@partner.example", "phrase removed"),
            ("recipient-forgotten", "jane@partner.example", None)])
        self.assertTrue(all(r["auth"] for r in rows))
        with open(self.audit) as f:
            self.assertNotIn("kadim", f.read())

    def test_not_without_the_record(self):
        os.mkdir(self.audit)
        p = self.postern("add", "jane@partner.example", "--number", "12345")
        self.assertEqual((p.returncode, p.stdout), (3, ""))
        os.rmdir(self.audit)
        self.refused(self.postern("show", "jane@partner.example"), "has no entry")

    def test_sealed_at_rest(self):
        self.add("jane@partner.example", "--number", "4930123456789", "--note", "canary note")
        for folder, _, names in os.walk(self.site.state):
            for name in names:
                with open(f"{folder}/{name}", "rb") as f:
                    content = f.read()
                for secret in (b"kadim", b"4930123", b"canary"):
                    self.assertNotIn(secret, content, name)
        self.site.write_key("outbox.key", "ab" * 32)
        self.refused(self.postern("show", "jane@partner.example"), "another outbox.key", 3)

    def test_weak_phrases(self):
        for phrase, bits in (("correct horse battery", 38), ("password1234", 7),
                             ("kadim kadim kadim kadim", 12)):
            with self.subTest(phrase):
                p = self.postern("add", "jane@partner.example", "--phrase-file", "-",
                                 stdin=phrase)
                self.refused(p, f"about {bits} bits, and 51 are needed")
                self.assertNotIn(phrase, p.stderr)
        self.refused(self.postern("list", "x"), "no operand", 2)
        self.assertEqual(self.done("list"), "")

    def test_made(self):
        out = self.done("add", "jane@partner.example", "--make-phrase").splitlines()
        self.assertEqual(out[0], "jane@partner.example: phrase set")
        self.assertRegex(out[1], r"^([a-z]{5} ){3}[a-z]{5}$")
        row = json.loads(self.done("add", "b@partner.example", "--make-phrase", "--json"))
        self.assertEqual(len(row["phrase"].split()), 4)
        for word in out[1].split():
            self.assertNotIn(word, self.done("list"))

    def test_asked_twice(self):
        talk = cli_deposit.Deposit.talk
        for again, status in ((PHRASE, 0), (PHRASE + "s", 2)):
            pid, fd = pty.fork()
            if pid == 0:
                os.execv(POSTERN, [POSTERN, "recipient", "add", "jane@partner.example",
                                   "--phrase", "--config", self.site.conf])
            seen = talk(self, fd, b"Phrase: ", PHRASE.encode())
            seen += talk(self, fd, b"Again: ", again.encode())
            seen += talk(self, fd, None, None)
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), status, seen)
            os.close(fd)
            self.assertNotIn(b"kadim", seen)

    def table(self, text):
        return self.postern("import", self.site.file("people.csv", text))

    def test_import(self):
        p = self.table('\ufeffName;Phrase;Language\r\n'
                       f'jane@partner.example;{PHRASE};de\r\n\r\n'
                       'partner.example;;"fr"\r\n')
        self.assertEqual((p.returncode, p.stdout, p.stderr), (0, "2 imported\n", ""))
        self.assertEqual(self.done("list"),
                         "jane@partner.example  phrase (51 bits)  language de\n"
                         "partner.example  language fr\n")
        self.assertEqual([r["to"] for r in self.records()],
                         ["jane@partner.example", "partner.example"])
        # Again, with less: what a row lacks stays.
        p = self.table("language,name\nit,jane@partner.example\n")
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertIn("phrase (51 bits)  language it", self.done("show", "jane@partner.example"))

    def test_import_says_each_line_that_is_wrong(self):
        p = self.table("name,phrase,number,note\n"
                       f"a@partner.example,{PHRASE},12345,fine\n"
                       "b@partner.example,too weak,,\n"
                       "not an address,,,\n"
                       "c@partner.example,,c@partner.example,\n"
                       '"d@partner.example",,,"two\nlines"x\n'
                       "A@Partner.example,,,\n"
                       "e@partner.example,,\n")
        self.assertEqual((p.returncode, p.stdout), (1, ""))
        lines = p.stderr.splitlines()
        path = self.site.folder + "/people.csv"
        for line, why in ((3, "51 are needed"), (4, ""), (5, "cannot go to a mailbox"),
                          (6, "behind a closing quote"), (8, "stands in line 2 already"),
                          (9, "3 fields, but the first line has 4")):
            self.assertTrue(any(f"{path}:{line}: " in text and why in text for text in lines),
                            (line, why, lines))
        self.assertEqual(len(lines), 7)
        self.assertIn("nothing was imported: 6 errors", lines[-1])
        self.assertNotIn("too weak", p.stderr)
        self.assertEqual(self.done("list"), "")
        self.assertFalse(os.path.exists(self.audit))

    def test_import_of_odd_tables(self):
        for name, text, why in (("empty", "", "the file is empty"),
                                ("no names", "phrase,number\n", 'no column "name"'),
                                ("an unknown column", "name,pin\n", "names the columns"),
                                ("a column twice", "name,note,Note\n", "names the columns")):
            with self.subTest(name):
                self.refused(self.table(text), why)

    def test_import_of_many(self):
        rows = "".join(f"p{i}@partner.example,+49301{i:06}\n" for i in range(2345))
        p = self.table("name,number\n" + rows)
        self.assertEqual((p.returncode, p.stdout), (0, "2345 imported\n"))
        self.assertEqual(p.stderr, "")
        self.assertEqual(len(self.done("list").splitlines()), 2345)
        self.assertEqual(len(self.records()), 2345)
        verified = subprocess.run([POSTERN, "audit", "verify", self.audit], capture_output=True,
                                  timeout=60)
        self.assertEqual(verified.returncode, 0)

    def test_usage(self):
        self.refused(self.postern(), "add, show, list, import or forget", 2)
        self.refused(self.postern("burn"), "burn is none of", 2)
        self.refused(self.postern("add"), "one address or domain", 2)
        self.refused(self.postern("add", "a@x", "--phrase", "--make-phrase"), "exclude", 2)
        self.refused(self.postern("add", "a@x", "--phrase"), "no terminal", 2)
        self.refused(self.postern("add", "a b"), "a b", 2)
        self.refused(self.postern("add", "a@x", "--language", "german"), "no language tag")
        self.refused(self.postern("add", "a@x", "--certificate", self.site.conf), "not PEM")
        self.site.file("postern.conf", 'state = "/nonexistent";\n')
        self.refused(self.postern("list"), "cannot open", 1)


if __name__ == "__main__":
    unittest.main()

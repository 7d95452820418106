"""postern rules index: what it makes of tables and documents, and what is then found."""

import json
import os
import random
import subprocess
import tempfile
import unittest
import zipfile

POSTERN = os.environ["POSTERN"]
STAFF = """name,account,born,town
Jane O'Hara,4711-0815,1980-03-05,London
"Doe, John",12345678,1971-12-24,London
Rosa Luz,,,London
"""


def words(seed, count):
    chance = random.Random(seed)
    return [f"w{chance.randrange(10 ** 6)}" for _ in range(count)]


class Index(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def file(self, name, text):
        with open(self.path(name), "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return self.path(name)

    def run_it(self, *words, stdin=b""):
        conf = self.file("postern.conf", f'rules = "{self.path("rules.conf")}";\n')
        done = subprocess.run([POSTERN, *words, "--config", conf], input=stdin,
                              capture_output=True, timeout=60)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def index(self, *words):
        return self.run_it("rules", "index", *words)

    def find(self, test, text):
        """The evidence of what the test finds in a message with that text."""
        self.file("rules.conf", 'markers = ( { name = "m"; any = ( { %s } ); } );' % test)
        _, out, err = self.run_it("inspect", "--json", stdin=b"Subject: x\n\n" + text.encode())
        self.assertEqual(err, "")
        return [f["evidence"] for f in json.loads(out)["findings"]]

    def test_rows_of_a_table(self):
        table, out = self.file("staff.csv", STAFF), self.path("staff.idx")
        status, told, err = self.index("exact", "--json", "--columns", "name,Account,3", table, out)
        self.assertEqual((status, err), (0, ""))
        told = json.loads(told)
        self.assertEqual({key: told[key] for key in ("kind", "rows", "columns", "need", "values",
                                                     "thin_rows", "unled_rows")},
                         {"kind": "exact", "rows": 2, "columns": 3, "need": 2, "values": 6,
                          "thin_rows": 1, "unled_rows": 0})
        self.assertEqual(os.stat(out).st_mode & 0o777, 0o640)
        with open(out, "rb") as f:
            self.assertNotIn(b"hara", f.read().lower())
        test = 'detector = "exact-data"; index = "staff.idx";'
        self.assertEqual(self.find(test, "pay 47110815 to jane\no'hara"), ["47****15"])
        self.assertEqual(self.find(test, "pay 47110815 to John Doe"), [])
        self.assertEqual(self.find(test, "John, Doe: 4711 0815"), [])
        self.assertEqual(self.find(test + " columns = 3;", "47110815 Jane O'Hara"), [])
        self.assertEqual(len(self.find(test + " columns = 3;",
                                       "47110815 Jane O'Hara, 5.3.1980")), 1)
        self.assertEqual(self.find(test + " min_unique = 2;", "47110815 Jane O'Hara"), [])
        self.assertEqual(len(self.find(test + " min_unique = 2;", STAFF)), 2)

    def test_a_table_without_names_separated_by_tabs(self):
        table, out = self.file("t.tsv", "x\t4711\ty\nz\t0815\tw\n"), self.path("t.idx")
        status, _, err = self.index("exact", "--no-header", "--columns", "2", table, out)
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(self.find('detector = "exact-data"; index = "t.idx";', "no. 4711"),
                         ["4**1"])

    def test_a_key_of_the_operator_s(self):
        table, out = self.file("staff.csv", STAFF), self.path("staff.idx")
        self.file("key", os.urandom(32))
        self.assertEqual(self.index("exact", "--key", self.path("key"), table, out)[0], 0)
        test = 'detector = "exact-data"; index = "staff.idx";'
        self.assertEqual(self.find(test, STAFF), [])
        self.assertNotEqual(self.find(test + ' key = "key";', STAFF), [])

    def test_what_is_wrong_with_a_table(self):
        out = self.path("o.idx")
        for text, options, why in (
                (b"name\nJ\xffhn Doe\n", (), "t.csv:2: column 1 is not UTF-8"),
                (b'name\n"Jane\n', (), "t.csv:2: a quote is not closed"),
                (b"name\n", (), "no row with enough values"),
                (b"", (), "t.csv is empty"),
                (b"name\nJane\n", ("--columns", "nome"), 'has no column "nome"'),
                (b"name\nJane\n", ("--need", "2"), "--need is 2: expected 1 to 1")):
            status, said, err = self.index("exact", *options, self.file("t.csv", text), out)
            self.assertEqual((status, said), (2, ""), why)
            self.assertIn(why, err)
            self.assertFalse(os.path.exists(out))
        self.assertEqual(self.index("exact", self.path("none"), out)[0], 2)
        self.assertEqual(self.index("exact", out)[0], 2)
        self.assertEqual(self.index("other", out)[0], 2)

    def test_a_damaged_index_is_no_index(self):
        table, out = self.file("staff.csv", STAFF), self.path("staff.idx")
        self.assertEqual(self.index("exact", table, out)[0], 0)
        with open(out, "r+b") as f:
            f.seek(-1, os.SEEK_END)
            f.write(b"\x55")
        self.file("rules.conf", '\nmarkers = ( { name = "m"; any = ( { detector = "exact-data"; '
                                'index = "staff.idx"; } ); } );')
        status, _, err = self.run_it("inspect")
        self.assertEqual(status, 2)
        self.assertIn("rules.conf:2: ", err)
        self.assertIn("staff.idx is damaged", err)

    def test_texts_of_documents(self):
        board, memo = words(1, 500), words(2, 300)
        self.file("board.txt", " ".join(board))
        with zipfile.ZipFile(self.path("memo.docx"), "w") as z:
            z.writestr("[Content_Types].xml", "<Types/>")
            z.writestr("word/document.xml",
                       '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/'
                       '2006/main"><w:body><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:body>'
                       "</w:document>" % " ".join(memo))
        self.file("short.txt", "too short to be known")
        status, told, err = self.index("fingerprint", "--json", self.path("board.txt"),
                                       self.path("memo.docx"), self.path("short.txt"),
                                       self.path("docs.idx"))
        self.assertEqual((status, err), (1, ""))
        told = [json.loads(line) for line in told.splitlines()]
        self.assertEqual([(row["words"], row["kept"]) for row in told],
                         [(500, 497), (300, 297), (0, 0)])
        self.assertIn("too few", told[2]["left_out"])
        test = 'detector = "fingerprint"; index = "docs.idx"; percent = 40;'
        self.assertEqual(self.find(test, "Dear all,\n" + "\n".join(memo)), ["memo.docx"])
        self.assertEqual(self.find(test, " ".join(board[100:350])), ["board.txt"])
        self.assertEqual(self.find(test, " ".join(board[100:250])), [])
        self.assertEqual(self.find(test, " ".join(sorted(board))), [])
        self.assertEqual(self.find(test + ' value = "^memo";', " ".join(board)), [])
        both = " ".join(board) + "\n" + " ".join(memo)
        self.assertEqual(len(self.find(test + " min_unique = 2;", both)), 2)
        self.assertEqual(self.find(test + ' where = [ "attachment" ];', both), [])

    def test_a_text_that_cannot_be_read(self):
        status, _, err = self.index("fingerprint", self.path("none"), self.path("o.idx"))
        self.assertEqual(status, 2)
        self.assertIn("No such file", err)
        status, said, err = self.index("fingerprint", self.file("a.pdf", "%PDF-1.7\n"),
                                       self.path("o.idx"))
        self.assertEqual(status, 2)
        self.assertIn("left out", said)
        self.assertIn("there is no text in it", err)


if __name__ == "__main__":
    unittest.main()

"""Where content hides: each place a test, with a card number planted in it.

All messages are inspected by one run of postern; a test looks at its own."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
import documents as make  # noqa: E402
from hideouts import QP, places, attached, mixed, plain, with_file  # noqa: E402

POSTERN = os.environ["POSTERN"]
CARD = "4111 1111 1111 1111"
BARE = CARD.replace(" ", "")
RULES = """
markers = ( { name = "card"; any = ( { detector = "payment-card"; } ); } );
"""


# name: message, and the part where it must be found (None: any)
FOUND = {name: (message, part) for _, name, message, part in places(CARD)}
FOUND |= {
    # what only a card's number does
    "quoted-printable, in the middle of its groups": (plain(b"4111 11=\r\n11 1111 =\r\n1111", QP), "1"),
    "a flowed text's soft break": (plain(b"4111 1111 \r\n1111 1111", b"Content-Type: text/plain; "
                                         b"format=flowed\r\n"), "1"),
    "a number that was wrapped": (plain(
        b"the number that you have asked me for in your letter is this: 4111 1111\r\n1111 1111"), "1"),
    "a calendar's folded line": (plain(b"DESCRIPTION:4111 1111\r\n  1111 1111\r\n",
                                       b"Content-Type: text/calendar\r\n"), "1"),
    "a text called a GIF, with its first letters": (
        with_file(b"GIF89a " + CARD.encode(), "a.gif", "image/gif"), "2"),
    "XML without a declaration": (with_file(b"<a xmlns='u'>4111 11<!-- x -->11 1111 1111</a>",
                                            "a", "text/xml"), "2"),
    "OOXML, a number": (with_file(make.zip_of({"xl/worksheets/sheet1.xml": make.sheet_xml(BARE)}),
                                  "a.xlsx"), "2/xl/worksheets/sheet1.xml"),
    "Excel 97, a number": (with_file(make.xls(number=378282246310005.0), "a.xls"), "2/Workbook"),
}

# name: message, and why it counts as unread
OPAQUE = {
    "message/partial": (mixed(b"Content-Type: message/partial; id=1; number=1\r\n\r\nx"),
                        "message/partial"),
    "message/external-body": (mixed(b"Content-Type: message/external-body\r\n\r\nx"),
                              "message/external-body"),
    "PGP in the text": (plain(b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQ\r\n"), "encrypted"),
    "PGP by its type": (mixed(b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1",
                              head=b"multipart/encrypted"), "encrypted"),
    "S/MIME": (with_file(bytes.fromhex("302806092a864886f70d010703a01b30190201003114") + b"x" * 20,
                         "smime.p7m", "application/pkcs7-mime"), "encrypted"),
    "an encrypted zip": (with_file(make.locked_zip("a.txt", b"xxxx"), "a.zip"), "encrypted"),
    "an encrypted PDF": (with_file(make.pdf(trailer=b"/Encrypt 9 0 R"), "a.pdf"), "encrypted"),
    "encrypted OOXML": (with_file(make.cfb([("EncryptedPackage", b"\0" * 64)]), "a.docx"), "encrypted"),
    "an encrypted workbook": (with_file(make.cfb([("Workbook", b"\x2f\0\4\0\0\0\0\0")]), "a.xls"),
                              "encrypted"),
    "encrypted ODF": (with_file(make.zip_of({"META-INF/manifest.xml": "<m><encryption-data/></m>"}),
                                "a.odt"), "encrypted"),
    "a zip behind a picture": (with_file(b"\x89PNG\r\n\x1a\n" + bytes(64) + make.zip_of({"b.csv": CARD}), "a.png",
                                         "image/png"), "zip"),
    "BinHex": (plain(b"see\r\n(This file must be converted with BinHex 4.0)\r\n:#'0XB@dZCAKP"), "binhex"),
    "yEnc": (mixed(attached(b"=ybegin line=128 size=3 name=a.bin\r\nabc\r\n=yend\r\n", "a.txt", "text/plain")), "yenc"),
    "age": (plain(b"-----BEGIN AGE ENCRYPTED FILE-----\r\nYWdl\r\n"), "encrypted"),
    "PGP in an attached text": (mixed(attached(b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQ\r\n", "a.asc",
                                               "text/plain")), "encrypted"),
    "bytes that call themselves a text": (mixed(attached(bytes(range(1, 120)), "a.txt", "text/plain")), "binary"),
    "a file in a link": (plain(b"<a href=' data:application/octet-stream;base64,NDExMQ=='>x</a>",
                               b"Content-Type: text/html\r\n"), "data-uri"),
    "a file in a link of an attached page": (with_file(b"<a href=DATA:text/plain,4111>x</a>", "a.html"), "data-uri"),
    "a damaged zip": (with_file(b"PK\3\4" + b"\0" * 40, "a.zip"), "zip"),
    "what nobody knows": (with_file(bytes(range(256)), "a.dat"), "binary"),
    "entities of XML": (with_file(b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
                                  "a.xml"), "xml-dtd"),
    "a bare CR": (b"Subject: x\ry\r\n\r\n", "bare-cr"),
    "a boundary twice": (mixed(b"\r\nx").replace(b"--b\r\n", b"--b x\r\n", 1), "boundary"),
}

# What people send every day: all of it is read, and nothing is there.
CLEAN = {
    "a letter": plain(b"Dear all,\r\nsee you on Monday at 10.\r\n"),
    "a picture": with_file(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a.png", "image/png"),
    "a document": with_file(make.docx({"word/media/a.png": b"\x89PNG\r\n\x1a\n" + bytes(256),
                                       "word/fonts/f.odttf": bytes(range(256))}), "a.docx"),
    "a sheet": with_file(make.zip_of({"xl/worksheets/sheet1.xml": make.sheet_xml("12.5"),
                                      "xl/printerSettings/printerSettings1.bin": bytes(range(256))}),
                         "a.xlsx"),
    "a picture in a page": plain(b"<img src='data:image/png;base64,iVBORw0KGgo='><a href='data'>x</a>",
                                 b"Content-Type: text/html\r\n"),
    "a PDF": with_file(make.pdf(make.pdf_text("nothing here")), "a.pdf"),
    "an old document": with_file(make.doc("nothing here"), "a.doc"),
    "a zip": with_file(make.zip_of({"a.txt": "nothing", "b.jpg": b"\xff\xd8\xff\xe0"}), "a.zip"),
}


class Hiding(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        names = {}
        for at, (name, message) in enumerate(everything()):
            path = os.path.join(cls.folder.name, f"{at}.eml")
            names[path] = name
            with open(path, "wb") as f:
                f.write(message)
        rules, conf = (os.path.join(cls.folder.name, n) for n in ("rules.conf", "postern.conf"))
        with open(rules, "w", encoding="ascii") as f:
            f.write(RULES)
        with open(conf, "w", encoding="ascii") as f:
            f.write(f'rules = "{rules}";\n')
        done = subprocess.run([POSTERN, "inspect", "--json", "--config", conf, *names],
                              capture_output=True, timeout=110)
        cls.out, cls.err = done.stdout.decode(), done.stderr.decode()
        cls.told = {names[line["file"]]: line for line in map(json.loads, cls.out.splitlines())}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_the_number_is_never_shown(self):
        self.assertEqual(self.err, "")
        for number in (CARD, BARE, CARD.replace(" ", "-"), "378282246310005"):
            self.assertNotIn(number, self.out)


def everything():
    for kind, table in (("found", FOUND), ("opaque", OPAQUE)):
        for name, (message, _) in table.items():
            yield f"{kind}: {name}", message
    for name, message in CLEAN.items():
        yield f"clean: {name}", message


def check_found(name, part):
    def test(self):
        told = self.told["found: " + name]
        parts = [f["part"] for f in told["findings"] if f["marker"] == "card"]
        self.assertTrue(parts, told)
        if part is not None:
            self.assertIn(part, parts)
    return test


def check_opaque(name, why):
    def test(self):
        told = self.told["opaque: " + name]
        self.assertIn(why, [o["why"] for o in told["opaque"]])
    return test


def check_clean(name):
    def test(self):
        told = self.told["clean: " + name]
        self.assertEqual((told["findings"], told["opaque"]), ([], []))
    return test


def add(kind, name, test):
    word = "".join(c if c.isalnum() else "_" for c in name)
    assert not hasattr(Hiding, f"test_{kind}_{word}"), name
    setattr(Hiding, f"test_{kind}_{word}", test)


for one, (_, where) in FOUND.items():
    add("found", one, check_found(one, where))
for one, (_, reason) in OPAQUE.items():
    add("opaque", one, check_opaque(one, reason))
for one in CLEAN:
    add("clean", one, check_clean(one))

if __name__ == "__main__":
    unittest.main()

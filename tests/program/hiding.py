"""Where content hides: each place a test, with a card number planted in it.

All messages are inspected by one run of postern; a test looks at its own."""

import base64
import bz2
import gzip
import json
import lzma
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
import documents as make  # noqa: E402

POSTERN = os.environ["POSTERN"]
CARD = "4111 1111 1111 1111"
BARE = CARD.replace(" ", "")
RULES = """
markers = ( { name = "card"; any = ( { detector = "payment-card"; } ); } );
"""


def plain(body, fields=b""):
    return b"Subject: x\r\n" + fields + b"\r\n" + body


def mixed(*parts, head=b"multipart/mixed"):
    out = b"Subject: x\r\nContent-Type: " + head + b"; boundary=b\r\n\r\n"
    for part in parts:
        out += b"--b\r\n" + part + b"\r\n"
    return out + b"--b--\r\n"


def attached(data, name="", kind="application/octet-stream"):
    field = f"Content-Type: {kind}\r\nContent-Disposition: attachment"
    if name:
        field += f'; filename="{name}"'
    return (field.encode() + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(data).replace(b"\n", b"\r\n"))


def with_file(data, name="", kind="application/octet-stream"):
    return mixed(b"\r\nhello", attached(data, name, kind))


def full_width(text):
    return "".join(chr(0xFEE0 + ord(c)) if c.isdigit() else c for c in text)


def arabic(text):
    return "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in text)


W = make.word_xml
UTF8 = b"Content-Type: text/plain; charset=utf-8\r\n"
HTML = b"Content-Type: text/html\r\n"
QP = b"Content-Transfer-Encoding: quoted-printable\r\n"
B64 = b"Content-Transfer-Encoding: base64\r\n"

# name: message, and the part where it must be found (None: any)
FOUND = {
    # transfer encodings and their abuse
    "base64": (plain(base64.encodebytes(CARD.encode()), B64), "1"),
    "quoted-printable, soft breaks inside": (plain(b"4111 11=\r\n11 1111 =\r\n1111", QP), "1"),
    "uuencode": (plain(make.uuencoded("c.csv", CARD.encode())), "1/c.csv"),
    "uuencode, nothing but a zip": (plain(make.uuencoded("c.zip", make.zip_of({"a": CARD}))),
                                    "1/c.zip/a"),
    "a transfer encoding nobody knows": (
        plain(CARD.encode(), b"Content-Transfer-Encoding: x-none\r\n"), "1"),
    "base64 that is none": (plain(CARD.encode(), b"Content-Transfer-Encoding: 8bit\r\n"), "1"),
    # header words and parameters
    "an encoded word": (b"Subject: =?utf-8?B?" + base64.b64encode(CARD.encode()) + b"?=\r\n\r\n", ""),
    "two words that split it": (b"Subject: =?utf-8?Q?4111_1111?= =?utf-8?Q?_1111_1111?=\r\n\r\n", ""),
    "words that split a character": (
        b"Subject: =?utf-8?B?" + base64.b64encode("\uff14".encode()[:2]) + b"?= =?utf-8?B?"
        + base64.b64encode("\uff14".encode()[2:] + b"111 1111 1111 1111") + b"?=\r\n\r\n", ""),
    "an RFC 2231 name": (mixed(b"Content-Type: text/plain\r\nContent-Disposition: attachment; "
                               b"filename*0*=utf-8''4111%2D1111; filename*1*=%2D1111-1111.txt\r\n\r\nx"),
                         "1"),
    "a name beside another file name": (mixed(
        b"Content-Type: text/plain; name=\"" + CARD.encode() + b".txt\"\r\n"
        b"Content-Disposition: attachment; filename=a.txt\r\n\r\nx"), "1"),
    # charsets
    "UTF-16": (plain(base64.encodebytes(CARD.encode("utf-16")),
                     b"Content-Type: text/plain; charset=utf-16\r\n" + B64), "1"),
    "UTF-32": (plain(base64.encodebytes(CARD.encode("utf-32")),
                     b"Content-Type: text/plain; charset=utf-32\r\n" + B64), "1"),
    "UTF-7": (plain(b"+ADQ-111 1111 1111 1111", b"Content-Type: text/plain; charset=utf-7\r\n"), "1"),
    "ISO-2022-JP": (plain(full_width(CARD).encode("iso-2022-jp"),
                          b"Content-Type: text/plain; charset=iso-2022-jp\r\n"), "1"),
    "a charset nobody knows": (plain(CARD.encode(), b"Content-Type: text/plain; charset=x-1\r\n"), "1"),
    "a UTF-16 file": (with_file(CARD.encode("utf-16"), "c.txt"), "2"),
    "a UTF-16 file without a mark": (with_file(CARD.encode("utf-16le"), "c.txt"), "2"),
    # HTML
    "HTML entities": (plain(b"&#52;111&nbsp;1111 &#x31;111 1111", HTML), "1"),
    "tags inside": (plain(b"41<b></b>11 11<!-- x -->11 1111 1111", HTML), "1"),
    "hidden text": (plain(b"<div style='display:none'>" + CARD.encode() + b"</div>", HTML), "1"),
    "an HTML comment": (plain(b"a<!-- " + CARD.encode() + b" -->b", HTML), "1"),
    "an HTML attribute": (plain(b"<img alt='" + CARD.encode() + b"'>", HTML), "1"),
    "an HTML file": (with_file(b"<p>4111 <i>11</i>11 1111 1111", "a.html"), "2"),
    "XML without a declaration": (with_file(b"<a xmlns='u'>4111 11<!-- x -->11 1111 1111</a>",
                                            "a", "text/xml"), "2"),
    # Unicode
    "zero-width": (plain("41\u200b11 11\u200d11 1111\ufeff 1111".encode(), UTF8), "1"),
    "bidi marks": (plain("4111\u202e 1111\u202c 1111 1111".encode(), UTF8), "1"),
    "full-width": (plain(full_width(CARD).encode(), UTF8), "1"),
    "Arabic digits": (plain(arabic(CARD).encode(), UTF8), "1"),
    "NFKC": (plain("\u2463\u00b9\u00b9\u2460 1111 1111 1111".replace("\u2463", "4").encode(), UTF8), "1"),
    # MIME abuse
    "alternatives that differ": (mixed(b"\r\nhello", HTML + b"\r\n" + CARD.encode(),
                                       head=b"multipart/alternative"), "2"),
    "the preamble": (mixed(b"\r\nx").replace(b"\r\n--b\r\n", b"\r\n" + CARD.encode() + b"\r\n--b\r\n", 1),
                     "preamble"),
    "the epilogue": (mixed(b"\r\nx") + CARD.encode(), "epilogue"),
    "no last boundary": (mixed(b"\r\n" + CARD.encode()).replace(b"--b--", b""), "1"),
    "a boundary that is missing": (plain(CARD.encode(), b"Content-Type: multipart/mixed\r\n"), "1"),
    "two content types": (plain(b"41<b>11</b> 1111 1111 1111", HTML + UTF8), None),
    "line ends of LF alone": (mixed(b"\r\n" + CARD.encode()).replace(b"\r\n", b"\n"), "1"),
    "a NUL inside": (plain(b"4111\0 1111 1111 1111"), "1"),
    "a nested message": (mixed(b"Content-Type: message/rfc822\r\n\r\n" + plain(CARD.encode())), "1.1"),
    "a message in base64": (mixed(b"Content-Type: message/rfc822\r\n" + B64 + b"\r\n"
                                  + base64.encodebytes(plain(CARD.encode()))), "1.1"),
    "a saved message": (with_file(plain(CARD.encode()), "a.eml"), None),
    # archives
    "zip": (with_file(make.zip_of({"a/b.csv": CARD}), "a.zip"), "2/a/b.csv"),
    "a text called a picture": (with_file(CARD.encode(), "a.png", "image/png"), "2"),
    "a text called a GIF, with its first letters": (
        with_file(b"GIF89a " + CARD.encode(), "a.gif", "image/gif"), "2"),
    "a flowed text's soft break": (plain(b"4111 1111 \r\n1111 1111", b"Content-Type: text/plain; "
                                         b"format=flowed\r\n"), "1"),
    "a number that was wrapped": (plain(
        b"the number that you have asked me for in your letter is this: 4111 1111\r\n1111 1111"), "1"),
    "a calendar's folded line": (plain(b"DESCRIPTION:4111 1111\r\n  1111 1111\r\n",
                                       b"Content-Type: text/calendar\r\n"), "1"),
    "enriched text": (plain(b"4111 <bold>1111</bold> 1111 1111", b"Content-Type: text/enriched\r\n"), "1"),
    "a zip called a picture": (with_file(make.zip_of({"b.csv": CARD}), "a.png", "image/png"), "2/b.csv"),
    "a zip behind a program": (with_file(b"MZ\0\0" + make.zip_of({"b.csv": CARD}), "a.bin"), "2/b.csv"),
    "zip64": (with_file(make.zip_of({"b.csv": CARD}, force64=True), "a.zip"), "2/b.csv"),
    "a name in a zip": (with_file(make.zip_of({CARD + ".txt": "x"}), "a.zip"), None),
    "a zip's comment": (with_file(make.zip_of({"a": "x"}, comment=CARD.encode()), "a.zip"), None),
    "7z": (with_file(make.seven_zip("b.csv", CARD.encode()), "a.7z"), "2/b.csv"),
    "tar": (with_file(make.tar_of({"b.csv": CARD.encode()}), "a.tar"), "2/b.csv"),
    "gzip": (with_file(gzip.compress(CARD.encode()), "b.csv.gz"), "2/b.csv"),
    "bzip2": (with_file(bz2.compress(CARD.encode()), "b.csv.bz2"), "2/b.csv"),
    "xz": (with_file(lzma.compress(CARD.encode()), "b.csv.xz"), "2/b.csv"),
    "a compressed tar": (with_file(gzip.compress(make.tar_of({"b.csv": CARD.encode()})), "a.tgz"),
                         "2/a/b.csv"),
    "behind zeros, compressed": (with_file(gzip.compress(bytes(2048) + CARD.encode()), "a.gz"), "2/a"),
    "a zip in a tar in a zip": (with_file(make.zip_of({"a.tar": make.tar_of(
        {"b.zip": make.zip_of({"c.txt": CARD})})}), "a.zip"), "2/a.tar/b.zip/c.txt"),
    "HTML in UTF-16 in a zip": (with_file(make.zip_of({"a.htm": "41<b>11</b> 1111 1111 1111".encode(
        "utf-16")}), "a.zip"), "2/a.htm"),
    # office files
    "OOXML, the text": (with_file(make.docx({"word/document.xml": W(CARD)}), "a.docx"),
                        "2/word/document.xml"),
    "OOXML, a header": (with_file(make.docx({"word/header1.xml": W(CARD, "hdr")}), "a.docx"),
                        "2/word/header1.xml"),
    "OOXML, comments": (with_file(make.docx({"word/comments.xml": W(CARD, "comments")}), "a.docx"),
                        "2/word/comments.xml"),
    "OOXML, footnotes": (with_file(make.docx({"word/footnotes.xml": W(CARD, "footnotes")}), "a.docx"),
                         "2/word/footnotes.xml"),
    "OOXML, shared strings": (with_file(make.zip_of({"xl/sharedStrings.xml": make.shared_strings(
        CARD)}), "a.xlsx"), "2/xl/sharedStrings.xml"),
    "OOXML, a number": (with_file(make.zip_of({"xl/worksheets/sheet1.xml": make.sheet_xml(BARE)}),
                                  "a.xlsx"), "2/xl/worksheets/sheet1.xml"),
    "OOXML, a slide": (with_file(make.zip_of({"ppt/slides/slide1.xml": make.slide_xml(CARD)}),
                                 "a.pptx"), "2/ppt/slides/slide1.xml"),
    "OOXML, a slide's notes": (with_file(make.zip_of({"ppt/notesSlides/n1.xml": make.slide_xml(
        CARD)}), "a.pptx"), "2/ppt/notesSlides/n1.xml"),
    "OOXML, its title": (with_file(make.docx({"docProps/core.xml": "<c xmlns:dc='u'><dc:title>"
                                              + CARD + "</dc:title></c>"}), "a.docx"),
                         "2/docProps/core.xml"),
    "OOXML, an own property": (with_file(make.docx({"docProps/custom.xml": make.custom_xml(
        {"Card": CARD})}), "a.docx"), "2/docProps/custom.xml"),
    "OOXML, a file in it": (with_file(make.docx({"word/embeddings/a.xlsx": make.zip_of(
        {"xl/sharedStrings.xml": make.shared_strings(CARD)})}), "a.docx"),
        "2/word/embeddings/a.xlsx/xl/sharedStrings.xml"),
    "ODF": (with_file(make.odt(CARD), "a.odt"), "2/content.xml"),
    "RTF": (with_file(make.rtf(CARD), "a.rtf"), "2"),
    "RTF in \\u": (with_file(b"{\\rtf1 " + "".join(f"\\u{ord(c)}?" for c in CARD).encode() + b"}", "a.rtf"), "2"),
    "Word 97": (with_file(make.doc("pay " + CARD), "a.doc"), "2"),
    "Excel 97, a text": (with_file(make.xls(CARD), "a.xls"), "2/Workbook"),
    "Excel 97, a number": (with_file(make.xls(number=378282246310005.0), "a.xls"), "2/Workbook"),
    "PowerPoint 97": (with_file(make.ppt(CARD), "a.ppt"), "2/PowerPoint Document"),
    "OLE, its title": (with_file(make.cfb([("\5SummaryInformation", make.property_set({2: CARD}))]),
                                 "a.doc"), "2/SummaryInformation"),
    "OLE, some stream": (with_file(make.cfb([("Any", b"\0\1" + CARD.encode("utf-16le"))]), "a.dat"),
                         "2/Any"),
    "an Outlook item": (with_file(make.cfb([("__substg1.0_1000001F", CARD.encode("utf-16le"))]),
                                  "a.msg"), None),
    "winmail.dat, an attachment": (with_file(make.winmail("c.csv", CARD.encode()), "winmail.dat",
                                             "application/ms-tnef"), "2/c.csv"),
    "winmail.dat, the body": (with_file(make.tnef([(1, 0x0002800C, CARD.encode() + b"\0")]),
                                        "winmail.dat"), "2"),
    # PDF
    "PDF, a page": (with_file(make.pdf(make.pdf_text(CARD)), "a.pdf"), "2/page-1"),
    "PDF, a note": (with_file(make.pdf(objects=[b"<</Type/Annot/Contents(" + CARD.encode() + b")>>"]),
                              "a.pdf"), "2/strings"),
    "PDF, a form field": (with_file(make.pdf(objects=[b"<</FT/Tx/V<" + CARD.encode().hex().encode()
                                                      + b">>>"]), "a.pdf"), "2/strings"),
    "PDF, an attachment": (with_file(make.pdf(objects=[make.pdf_stream(CARD.encode(),
                                                                       b"/Type/EmbeddedFile")]),
                                     "a.pdf"), "2/object-10"),
    "PDF, a title": (with_file(make.pdf(objects=[b"<</Producer(x)/Title(" + CARD.encode() + b")>>"]),
                               "a.pdf"), "2"),
    "PDF, XMP": (with_file(make.pdf(objects=[make.pdf_stream(
        b"<x xmlns:d='u'><d:title>" + CARD.encode() + b"</d:title></x>", b"/Type/Metadata", False)]),
        "a.pdf"), "2/object-10"),
    "PDF, what an edit replaced": (with_file(
        make.pdf(make.pdf_text(CARD)) + make.pdf(make.pdf_text("nothing")), "a.pdf"), None),
    # beside text that is shown
    "a PDF called a text": (mixed(attached(make.pdf(make.pdf_text(CARD)), "a.txt", "text/plain")), None),
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

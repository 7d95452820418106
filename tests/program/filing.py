"""Attached files as files, and the labels in documents: hits, and what only looks like one."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
import documents as make  # noqa: E402

POSTERN = os.environ["POSTERN"]
SITE, LABEL = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
BOTH = f"{SITE}/{LABEL}"
KNOWN = b"the very plan"


def msip(enabled="true"):
    return {f"MSIP_Label_{LABEL.upper()}_Enabled": enabled, f"MSIP_Label_{LABEL.upper()}_SiteId": SITE,
            f"MSIP_Label_{LABEL.upper()}_Name": "Secret"}


def info(properties):
    pairs = b"".join(b"/%s(%s)" % (n.encode(), v.encode()) for n, v in properties.items())
    return make.pdf(objects=[b"<</Producer(x)" + pairs + b">>"])


class Filing(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return self.path(name)

    def found(self, test, data, name="a.bin", kind="application/octet-stream"):
        """The findings of one test in a message with one file."""
        self.write("rules.conf", 'markers = ( { name = "m"; any = ( { %s } ); } );\n' % test)
        self.write("postern.conf", 'rules = "%s";\n' % self.path("rules.conf"))
        message = (f"Subject: x\nContent-Type: {kind}\nContent-Disposition: attachment; "
                   f'filename="{name}"\nContent-Transfer-Encoding: binary\n\n').encode() + data
        done = subprocess.run([POSTERN, "inspect", "--json", "--config", self.path("postern.conf"),
                               self.write("x.eml", message)], capture_output=True, timeout=60)
        self.assertEqual(done.stderr, b"")
        return json.loads(done.stdout)["findings"]

    def hits(self, expected, *given, **more):
        found = self.found(*given, **more)
        self.assertEqual(bool(found), expected, found)
        return found

    # ---- labels ----

    def test_labels_of_office_files(self):
        test = f'detector = "office-label"; value = "^{BOTH}$";'
        custom, label = "docProps/custom.xml", "docMetadata/LabelInfo.xml"
        found, = self.hits(True, test, make.docx({custom: make.custom_xml(msip())}))
        self.assertEqual((found["where"], found["part"]), ("metadata", "1"))
        self.hits(False, test, make.docx({custom: make.custom_xml(msip("false"))}))
        self.hits(True, test, make.docx({label: make.label_info(SITE, LABEL)}))
        self.hits(False, test, make.docx({label: make.label_info(SITE, LABEL, "0")}))
        # What LabelInfo says counts, and what stands beside it is old.
        self.hits(False, test, make.docx({custom: make.custom_xml(msip()),
                                          label: make.label_info(LABEL, SITE)}))
        self.hits(True, test, make.zip_of({"a.docx": make.docx({label: make.label_info(SITE, LABEL)})}))

    def test_a_label_beside_an_encrypted_package(self):
        data = make.cfb([("EncryptedPackage", b"\0" * 64),
                         ("LabelInfo", make.label_info(SITE, LABEL).encode())])
        self.hits(True, f'detector = "office-label"; value = "{BOTH}";', data, "a.docx")

    def test_labels_of_pdf(self):
        test = f'detector = "office-label"; value = "{BOTH}";'
        self.hits(True, test, info(msip()))
        self.hits(False, test, info(msip("false")))
        rows = "".join(f"<p:{n}>{v}</p:{n}>" for n, v in msip().items())
        xmp = f"<x xmlns:p='http://ns.adobe.com/pdfx/1.3/'>{rows}</x>".encode()
        self.hits(True, test, make.pdf(objects=[make.pdf_stream(xmp, b"/Type/Metadata", False)]))

    def test_other_properties(self):
        custom = "docProps/custom.xml"
        secret = make.docx({custom: make.custom_xml({"Classification": "Secret"})})
        company = make.docx({custom: make.custom_xml({"Company": "Example"})})
        self.hits(True, 'detector = "office-label";', secret)
        self.hits(False, 'detector = "office-label";', company)
        self.hits(True, 'detector = "office-label"; value = "^Company=Example$";', company)
        self.hits(True, 'detector = "office-label"; value = "=secret$";', secret)
        self.hits(False, 'detector = "office-label"; value = "=public$";', secret)
        self.hits(True, 'detector = "office-label"; at_least = "secret"; '
                        'order = [ "Classification=Public", "secret" ];', secret)
        ole = make.cfb([("\5SummaryInformation", make.property_set({5: "Confidential"}))])
        self.hits(True, 'detector = "office-label"; value = "^Keywords=conf";', ole, "a.doc")
        self.hits(True, 'detector = "office-label"; value = "^Keywords=conf";',
                  info({"Keywords": "Confidential"}), "a.pdf")

    def test_words_anywhere_in_properties(self):
        data = make.docx({"docProps/core.xml": "<c><keywords>4111 1111 1111 1111</keywords></c>"})
        found, = self.hits(True, 'detector = "payment-card"; where = [ "metadata" ];', data)
        self.assertEqual(found["evidence"], "4111 11** **** 1111")
        self.hits(False, 'detector = "payment-card"; where = [ "attachment" ];', data)

    # ---- files ----

    def test_names(self):
        self.hits(True, 'detector = "file-name"; value = "\\\\.exe$";', b"x", "a.EXE")
        self.hits(False, 'detector = "file-name"; value = "\\\\.exe$";', b"x", "a.exe.txt")
        found, = self.hits(True, 'detector = "file-name"; value = "plan";',
                           make.zip_of({"x/secret plan.txt": "x"}), "a.zip")
        self.assertEqual((found["where"], found["part"]), ("filename", "1/x/secret plan.txt"))

    def test_types(self):
        test = 'detector = "file-type";'
        self.hits(True, test, make.zip_of({"a": "b"}), "a.jpg", kind="image/jpeg")
        self.hits(True, test, b"MZ\x90\0\3\0", "letter.pdf", kind="application/pdf")
        self.hits(True, test, make.zip_of({"a.pdf": b"MZ\x90\0\3\0"}), "a.zip")
        self.hits(False, test, b"\xff\xd8\xff\xe0\0\0", "a.jpg", kind="image/jpeg")
        self.hits(False, test, make.docx({}), "a.docx")
        self.hits(False, test, b"a,b\n", "a.csv", kind="text/csv")
        self.hits(False, test, b"", "a.pdf")
        self.hits(False, test, b"MZ\x90\0", "a.unknown")

    def test_sizes(self):
        test = 'detector = "file-size"; min = 1000;'
        self.hits(True, test, b"x" * 1000, "a.txt", kind="text/plain")
        self.hits(False, test, b"x" * 999, "a.txt", kind="text/plain")
        self.hits(True, test, b"\xff\xd8\xff" + b"x" * 1000, "a.jpg", kind="image/jpeg")
        packed = make.zip_of({"a.txt": b"x" * 1000})
        self.assertLess(len(packed), 1000)
        found, = self.hits(True, test, packed, "a.zip")
        self.assertEqual(found["part"], "1/a.txt")

    def test_hashes(self):
        self.write("known", "# plans\n%s  plan.txt\n" % hashlib.sha256(KNOWN).hexdigest())
        test = 'detector = "file-hash"; file = "known";'
        self.hits(True, test, KNOWN, "a.txt", kind="text/plain")
        self.hits(True, test, KNOWN, "a.png", kind="image/png")
        self.hits(False, test, KNOWN + b"\n", "a.txt")
        self.hits(True, test, make.zip_of({"b": KNOWN}), "a.zip")
        self.hits(True, test, gzip.compress(KNOWN), "b.gz")

    def test_a_list_that_cannot_be_read(self):
        self.write("known", "abc\n")
        self.write("rules.conf", 'markers = ( { name = "m"; any = ( { detector = "file-hash"; '
                                 'file = "known"; } ); } );\n')
        self.write("postern.conf", 'rules = "%s";\n' % self.path("rules.conf"))
        done = subprocess.run([POSTERN, "inspect", "--config", self.path("postern.conf")], input=b"",
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"known:1: a line is a SHA-256", done.stderr)


if __name__ == "__main__":
    unittest.main()

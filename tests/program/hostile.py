"""Documents made to exhaust their reader: each meets a bound, by name, and costs no more CPU time
and memory than the bounds say."""

import bz2
import gzip
import json
import os
import resource
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
import documents as make  # noqa: E402

POSTERN = os.environ["POSTERN"]
CPU_S, MEMORY = 2, 192 << 20
SETTINGS = f"""
limits = {{ inspect_ms = 20000; inspect_cpu_ms = {CPU_S * 1000}; archive_members = 1000;
    reader_memory_bytes = {MEMORY}; readers = 1; }};
"""
RULES = 'markers = ( { name = "card"; any = ( { detector = "payment-card"; } ); } );\n'
# Beyond the reader's own: postern itself starts, compiles its patterns, decodes base64 and matches
# what it is given. A sanitizer costs several times that.
OVERHEAD_S = 20


def sanitized():
    with open(POSTERN, "rb") as f:
        return b"__asan_init" in f.read() or b"__tsan_init" in f.read()


def message(data, name):
    return (b"Subject: x\nContent-Type: application/octet-stream; name=\"" + name.encode()
            + b"\"\nContent-Transfer-Encoding: binary\n\n" + data)


class Hostile(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        for name, text in (("postern.conf", SETTINGS + f'rules = "{self.path("rules.conf")}";\n'),
                           ("rules.conf", RULES)):
            with open(self.path(name), "w", encoding="ascii") as f:
                f.write(text)

    def tearDown(self):
        self.folder.cleanup()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def whys(self, data, name="a.bin"):
        with open(self.path("x.eml"), "wb") as f:
            f.write(message(data, name))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([POSTERN, "inspect", "--json", "--config", self.path("postern.conf"),
                               self.path("x.eml")], capture_output=True, timeout=100)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.assertEqual(done.stderr, b"")
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.assertLess(spent, CPU_S + OVERHEAD_S)
        if not sanitized():
            self.assertLess(after.ru_maxrss * 1024, MEMORY)  # of the largest, readers included
        return {o["why"] for o in json.loads(done.stdout)["opaque"]}

    def test_a_bomb_of_gzip(self):
        piece = gzip.compress(bytes(1 << 20))
        self.assertEqual(self.whys(piece * 300, "a.gz"), {"expansion-ratio"})

    def test_a_bomb_of_bzip2(self):
        self.assertEqual(self.whys(bz2.compress(bytes(64 << 20)), "a.bz2"), {"expansion-ratio"})

    def test_a_bomb_of_zip_within_zip(self):
        inner = make.zip_of({f"{i}": bytes(8 << 20) for i in range(4)})
        middle = make.zip_of({f"{i}.zip": inner for i in range(10)})
        self.assertIn("expansion-ratio",
                      self.whys(make.zip_of({f"{i}.zip": middle for i in range(10)})))

    def test_members_that_lie_over_each_other(self):
        """One stretch of deflated bytes that many entries of the directory share."""
        data = bytes(8 << 20)
        packed = zlib.compress(data, 9)[2:-4]
        crc = zlib.crc32(data)
        local = struct.pack("<4sHHHIIIIHH", b"PK\3\4", 20, 0, 8, 0, crc, len(packed), len(data), 1,
                            0) + b"a" + packed
        entry = struct.pack("<4sHHHHIIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, crc, len(packed),
                            len(data), 1, 0, 0, 0, 0, 0, 0) + b"a"
        end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 500, 500, 500 * len(entry), len(local), 0)
        self.whys(local + 500 * entry + end)

    def test_more_members_than_any_folder(self):
        self.assertEqual(self.whys(make.zip_of({f"{i}": b"" for i in range(2000)})),
                         {"archive-members"})

    def test_archives_without_an_end(self):
        data = b"4111"
        for i in range(40):
            data = make.zip_of({"z.zip": data})
        self.assertEqual(self.whys(data), {"archive-depth"})

    def test_a_million_laughs(self):
        entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
        text = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "lol">{entities}]><a>&l9;</a>'
        self.assertEqual(self.whys(make.docx({"word/document.xml": text})), {"xml-dtd"})

    def test_elements_in_elements(self):
        self.assertEqual(self.whys(make.docx({"word/document.xml": "<a>" * 500000})), set())

    def test_a_pdf_of_brackets(self):
        self.whys(b"%PDF-1.7\n1 0 obj " + b"[<<" * 2000000)
        self.whys(b"%PDF-1.7\n" + b"1 0 obj [ " * 500000)

    def test_a_pdf_of_references(self):
        objects = b"".join(b"%d 0 obj <</Type/Page/Contents[%s]>> endobj\n" % (i, b"1 0 R " * 5000)
                           for i in range(2, 300))
        whys = self.whys(b"%PDF-1.7\n1 0 obj " + make.pdf_stream(b"BT (4) Tj ET " * 20000)
                         + b"endobj\n" + objects)
        self.assertTrue(whys & {"expansion-ratio", "inspect-cpu-ms", "decoded-bytes", "memory"}, whys)

    def test_a_pdf_of_filters(self):
        packed = bytes(16 << 20)
        for _ in range(3):
            packed = zlib.compress(packed, 9)
        stream = make.pdf_stream(packed, b"/Filter[/Fl/Fl/Fl]", flate=False)
        self.whys(make.pdf(objects=[stream] * 500))

    def test_chains_in_a_circle(self):
        data = bytearray(make.cfb([("WordDocument", bytes(1 << 20)), ("1Table", bytes(1 << 20))]))
        table = 512 + 512 * struct.unpack_from("<I", data, 76)[0]
        for i in range(128):
            struct.pack_into("<I", data, table + 4 * i, i)
        self.whys(bytes(data), "a.doc")

    def test_groups_in_groups(self):
        self.assertEqual(self.whys(b"{\\rtf1" + b"{" * 3000000, "a.rtf"), {"rtf-depth"})

    def test_text_that_is_all_candidates(self):
        self.whys(make.zip_of({"a.txt": b"4111 1111 1111 1112 " * (1 << 20)}))

    def test_messages_in_messages(self):
        data = b"x"
        for _ in range(60):
            data = b"Subject: x\nContent-Type: message/rfc822\n\n" + data
        self.assertEqual(self.whys(make.zip_of({"a.eml": data})), {"depth"})

    def test_fifty_megabytes_of_noise(self):
        noise = bytes(range(256)) * 4096
        self.whys(noise * 50)


if __name__ == "__main__":
    unittest.main()

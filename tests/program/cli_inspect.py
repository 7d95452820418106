"""postern inspect: what it finds, what it shows of it, and the status."""

import email.message
import io
import json
import os
import subprocess
import tempfile
import unittest
import zipfile

POSTERN = os.environ["POSTERN"]
CARD = "4111111111111111"


class Inspect(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.folder.cleanup()

    def file(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def inspect(self, *words, rules=None, stdin=b""):
        settings = ""
        if rules is not None:
            settings = 'rules = "%s";\n' % self.file("rules.conf", rules)
        conf = self.file("postern.conf", settings)
        done = subprocess.run([POSTERN, "inspect", "--config", conf, *words], input=stdin,
                              capture_output=True, timeout=60)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_nothing_found(self):
        self.assertEqual(self.inspect(stdin=b"Subject: hi\n\nhello\n"), (0, "nothing found\n", ""))

    def test_a_card_on_standard_input(self):
        status, out, err = self.inspect(stdin=b"Subject: hi\n\npay %s\n" % CARD.encode())
        self.assertEqual((status, err), (1, ""))
        self.assertEqual(out.split(), "card body part 1 at 4: 411111******1111".split())

    def test_json_is_the_contract(self):
        message = (b"Subject: [secure] hi\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n4111 "
                   b"1111 1111 1111\n--b\nContent-Type: application/zip\n\nPK\3\4x\n--b--\n")
        status, out, err = self.inspect("--json", stdin=message)
        self.assertEqual((status, err), (1, ""))
        self.assertEqual(json.loads(out), {
            "findings": [
                {"marker": "wish", "where": "subject", "part": "", "offset": 0,
                 "evidence": "[se****] hi", "field": "Subject", "confidence": "high"},
                {"marker": "card", "where": "body", "part": "1", "offset": 0,
                 "evidence": "4111 11** **** 1111", "confidence": "medium"}],
            "opaque": [{"part": "2", "why": "zip"}]})

    def test_opaque_alone_is_not_clean(self):
        status, out, _ = self.inspect("--json", stdin=b"Content-Type: application/pdf\n\n%PDF-1.7\n")
        self.assertEqual(status, 1)
        self.assertEqual(json.loads(out), {"findings": [], "opaque": [{"part": "1", "why": "pdf"}]})

    def test_several_files(self):
        good, bad = self.file("good.eml", "Subject: hi\n\n"), self.file("bad.eml", "\n" + CARD)
        status, out, _ = self.inspect("--json", good, bad)
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(status, 1)
        self.assertEqual([line["file"] for line in lines], [good, bad])
        self.assertEqual([len(line["findings"]) for line in lines], [0, 1])

    def test_the_number_itself_is_never_shown(self):
        message = f"Subject: {CARD}\nX-Y: {CARD}\nContent-Type: text/plain; charset={CARD}\n\n{CARD}"
        for words in ((), ("--json",)):
            status, out, err = self.inspect(*words, stdin=message.encode())
            self.assertEqual(status, 1)
            self.assertNotIn(CARD, out + err)

    def test_a_file_that_is_not_there(self):
        status, out, err = self.inspect(os.path.join(self.folder.name, "none"))
        self.assertEqual((status, out), (2, ""))
        self.assertIn("No such file", err)

    def test_an_expression_that_is_broken_is_named_with_file_and_line(self):
        status, _, err = self.inspect(
            rules='\nmarkers = ( { name = "m"; any = ( { subject = "a("; } ); } );')
        self.assertEqual(status, 2)
        self.assertIn("rules.conf:2: the expression", err)

    def test_an_unknown_option(self):
        self.assertEqual(self.inspect("--no-such")[0], 2)

    def test_the_list_of_detectors(self):
        status, out, _ = self.inspect("--list")
        self.assertEqual(status, 0)
        self.assertIn("payment-card", out)
        status, out, _ = self.inspect("--list", "--json")
        names = [json.loads(line)["detector"] for line in out.splitlines()]
        self.assertTrue({"payment-card", "sensitivity", "opaque"} <= set(names))

    def test_a_label_in_xml(self):
        """ADatP-4774, attached by itself and in an office file, on a scale of the operator's."""
        rules = """markers = ( { name = "m"; any = ( { detector = "nato-label";
                        at_least = "geheim"; scale = "ours"; } ); } );
                   scales = ( { name = "ours"; order = ( [ "offen", "NATO/UNCLASSIFIED" ],
                        [ "vs-nfd", "NATO/RESTRICTED" ], [ "geheim", "NATO/SECRET" ] ); } );"""
        label = ('<s:originatorConfidentialityLabel xmlns:s="urn:nato:stanag:4774:'
                 'confidentialitymetadatalabel:1:0"><s:ConfidentialityInformation>'
                 "<s:PolicyIdentifier>NATO</s:PolicyIdentifier><s:Classification>%s"
                 "</s:Classification></s:ConfidentialityInformation>"
                 "</s:originatorConfidentialityLabel>")
        office = io.BytesIO()
        with zipfile.ZipFile(office, "w") as z:
            z.writestr("[Content_Types].xml", "<Types/>")
            z.writestr("word/document.xml", "<a/>")
            z.writestr("customXml/item1.xml", label % "SECRET")
        for data, kind, found in ((label % "SECRET", "text/xml", ["NATO/****ET"]),
                                  (label % "SECRET", "application/octet-stream", ["NATO/****ET"]),
                                  (label % "RESTRICTED", "text/xml", []),
                                  (label % "", "text/xml", ["/"]),
                                  (office.getvalue(), "application/octet-stream",
                                   ["NATO/****ET"])):
            message = email.message.EmailMessage()
            message["Subject"] = "x"
            message.set_content("x")
            message.add_attachment(data.encode() if isinstance(data, str) else data,
                                   *kind.split("/"), filename="label.xml" if "xml" in kind else "a")
            status, out, err = self.inspect("--json", rules=rules, stdin=bytes(message))
            self.assertEqual(err, "")
            found_now = json.loads(out)["findings"]
            self.assertEqual([f["evidence"] for f in found_now], found, out)
            self.assertEqual({f["where"] for f in found_now} - {"metadata"}, set())

    def test_words_in_every_place(self):
        self.file("list", "# birds\nProject Falcon\n")
        places = ("header", "subject", "body", "attachment", "filename", "metadata")
        rules = "markers = ( %s );" % ", ".join(
            '{ name = "%s"; any = ( { detector = "words"; file = "list"; where = [ "%s" ]; } ); }'
            % (place, place) for place in places)
        term = "project  FALCON"

        def message(**terms):
            office = io.BytesIO()
            with zipfile.ZipFile(office, "w") as z:
                z.writestr("[Content_Types].xml", "<Types/>")
                z.writestr("word/document.xml", "<a>%s</a>" % terms.get("attachment", ""))
                z.writestr("docProps/core.xml",
                           "<c xmlns:d='u'><d:title>%s</d:title></c>" % terms.get("metadata", ""))
            m = email.message.EmailMessage()
            m["Subject"] = terms.get("subject", "x")
            m["X-Note"] = terms.get("header", "x")
            m.set_content(terms.get("body", "x"))
            m.add_attachment(office.getvalue(), "application", "zip",
                             filename=terms.get("filename", "x") + ".docx")
            return bytes(m)

        for place in places:
            _, out, err = self.inspect("--json", rules=rules, stdin=message(**{place: term}))
            found = {(f["marker"], f["where"]) for f in json.loads(out)["findings"]}
            # A file's name stands in a field of its part's header, too.
            more = {("header", "header")} if place == "filename" else set()
            self.assertEqual((err, found), ("", {(place, place)} | more))
        self.assertEqual(self.inspect(rules=rules, stdin=message(
            **{place: "projects falcon, project falconry" for place in places}))[0], 0)

    def test_a_file_of_keys(self):
        rules = 'markers = ( { name = "m"; any = ( { detector = "private-key"; } ); } );'
        for version, found in ((3, ["m"]), (4, [])):
            data = bytes.fromhex("3082095102010%d30820917" % version
                                 + "06092a864886f70d010701a0820908048209043082") + bytes(200)
            message = email.message.EmailMessage()
            message.add_attachment(data, "application", "octet-stream", filename="a")
            _, out, err = self.inspect("--json", rules=rules, stdin=bytes(message))
            self.assertEqual((err, [f["marker"] for f in json.loads(out)["findings"]]),
                             ("", found))

    def test_a_marking_that_breaks_its_grammar_is_told(self):
        rules = 'markers = ( { name = "m"; any = ( { detector = "au-protective-marking"; ' \
                'invalid = true; } ); } );'
        message = b"X-Protective-Marking: VER=2025.1, SEC=%s\n\nx\n"
        status, out, _ = self.inspect("--json", rules=rules, stdin=message % b"SECRETISH")
        self.assertEqual(status, 1)
        finding = json.loads(out)["findings"][0]
        self.assertEqual((finding["invalid"], finding["confidence"]), (True, "low"))
        self.assertEqual(self.inspect(rules=rules, stdin=message % b"SECRET")[0], 0)

    def test_each_detector_s_example_is_sound(self):
        self.file("known.txt", "")
        self.file("projects.txt", "Project Falcon\n")
        table = self.file("t.csv", "name,number\nJane,4711\n")
        text = self.file("t.txt", " ".join(f"word{i}" for i in range(30)))
        for kind, source, out in (("exact", table, "staff.idx"), ("fingerprint", text, "board.idx")):
            subprocess.run([POSTERN, "rules", "index", kind, source,
                            os.path.join(self.folder.name, out)], check=True, timeout=60,
                           stdout=subprocess.DEVNULL)
        rows = [json.loads(line) for line in self.inspect("--list", "--json")[1].splitlines()]
        tests = ", ".join(row["example"] for row in rows)
        rules = 'markers = ( { name = "all"; any = ( %s ); } );' % tests
        status, _, err = self.inspect(rules=rules, stdin=b"Subject: x\n\nx\n")
        self.assertEqual((status, err), (0, ""))
        for row in rows:
            self.assertIn("value", row["options"])


if __name__ == "__main__":
    unittest.main()

"""postern explain and postern rules test: the milter's decision, and nothing of the
content, against a DNS server of our own."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
from dns_stub import A, MX, SERVFAIL, TLSA, Dns, mx  # noqa: E402

POSTERN = os.environ["POSTERN"]
SOURCE = os.environ["POSTERN_SOURCE"]

ZONE = {
    "good.test": (True, {MX: [mx(10, "mx.good.test")]}),
    "mx.good.test": (True, {A: [bytes([192, 0, 2, 1])]}),
    "_25._tcp.mx.good.test": (True, {TLSA: [bytes([3, 1, 1]) + b"\x5a" * 32]}),
    "plain.test": (False, {MX: [mx(10, "mx.plain.test")]}),
    "mx.plain.test": (False, {A: [bytes([192, 0, 2, 4])]}),
    "null.test": (False, {MX: [mx(0, "")]}),
    "broken.test": SERVFAIL,
    "xn--mller-kva.test": (False, {MX: [mx(10, "mx.plain.test")]}),
}

CARD = "4111 1111 1111 1111"
PLAIN = "From: a@our.example\nSubject: hello\n\nnothing here\n"
MARKED = f"From: a@our.example\nSubject: invoice\n\nthe card is {CARD}, thanks\n"
WISHED = PLAIN.replace("hello", "[secure] hello")


class Explain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dns = Dns(ZONE)
        cls.dns.start()

    @classmethod
    def tearDownClass(cls):
        cls.dns.stop()

    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.rules = os.path.join(self.tmp.name, "rules.conf")
        with open(os.path.join(SOURCE, "conf", "rules.conf")) as f:
            self.write("rules.conf", f.read())
        self.conf = self.write("postern.conf", f"""
state = "{self.tmp.name}/state"; keys = "{self.tmp.name}/keys"; rules = "{self.rules}";
outbound = {{ domains = [ "our.example" ]; internal_domains = [ "in.example" ]; }};
portal = {{ url = "https://secure.our.example"; }};
resolver = {{ servers = [ "127.0.0.1" ]; port = {self.dns.port}; }};
""")

    def tearDown(self):
        self.tmp.cleanup()

    def write(self, name, text):
        path = os.path.join(self.tmp.name, name)
        with open(path, "w", newline="") as f:
            f.write(text)
        return path

    def run_it(self, *words, message=None):
        done = subprocess.run([POSTERN, *words, "--config", self.conf], capture_output=True,
                              text=True, input=message, timeout=60)
        self.assertNotIn(CARD, done.stdout + done.stderr)
        return done

    def explain(self, message, *to, sender="a@our.example", words=()):
        """(status, {recipient: verdict}, the whole object)"""
        done = self.run_it("explain", "--json", "--from", sender, *words, "--to", *to,
                           message=message)
        self.assertEqual(done.stderr, "")
        got = json.loads(done.stdout)
        return done.returncode, {r["to"]: r["verdict"] for r in got["recipients"]}, got

    def test_a_relay_stands_for_every_recipient(self):
        with open(self.rules) as f:
            rules = f.read()
        self.write("rules.conf", rules.replace("destinations = ( );", """destinations = (
            { domain = "[relay.test]:587"; assurance = "authenticated"; match = [ "relay.test" ];
              why = "forwards by DANE alone"; } );"""))
        with open(self.conf) as f:
            settings = f.read()
        with open(self.conf, "w") as f:
            f.write(settings.replace("internal_domains", 'relay = "[relay.test]:587"; internal_domains'))
        status, verdicts, got = self.explain(MARKED, "b@plain.test", "c@broken.test", "d@null.test")
        self.assertEqual((status, set(verdicts.values())), (0, {"deliver"}))
        self.assertIn("forwards by DANE alone", str(got["recipients"][0]["reasons"]))

    def test_nothing_may_be_sent_to_some(self):
        with open(self.rules) as f:
            rules = f.read()
        rules = rules.replace("destinations = ( );", """destinations = (
            { domain = ".rival.test"; never = true; why = "court order 7/26"; } );""")
        self.assertIn("rival", rules)
        self.write("rules.conf", rules)
        status, verdicts, got = self.explain(PLAIN, "b@good.test", "c@x.rival.test")
        self.assertEqual((status, verdicts), (1, {"b@good.test": "pass", "c@x.rival.test": "refuse"}))
        self.assertIn("court order 7/26", str(got["recipients"][1]["reasons"]))
        self.assertIsNone(got["recipients"][1]["assurance"])

    def test_each_recipient_gets_the_verdict_of_its_destination(self):
        status, verdicts, got = self.explain(
            MARKED, "b@good.test", "b@plain.test", "b@broken.test", "b@null.test", "b@in.example")
        self.assertEqual(verdicts, {"b@good.test": "deliver", "b@plain.test": "divert",
                                    "b@broken.test": "defer", "b@null.test": "deliver",
                                    "b@in.example": "pass"})
        self.assertEqual(status, 3)
        self.assertEqual(got["demand"], {"require": "authenticated",
                                         "rule": "cards only over proven TLS",
                                         "ladder": ["encrypt", "divert", "defer"]})
        self.assertEqual([r["assurance"] for r in got["recipients"]],
                         ["authenticated", "none", "undetermined", "unroutable", None])
        self.assertIn('rule "cards only over proven TLS": marker card in the body',
                      got["recipients"][0]["reasons"][0])
        self.assertEqual(got["findings"][0]["marker"], "card")
        self.assertEqual(got["opaque"], [])

    def test_a_rewriting_is_tried_and_the_reason_says_why_it_cannot_be(self):
        with open(self.rules, encoding="utf-8") as f:
            rules = f.read()
        for what, verdict, reason in (
                ("findings", "rewrite", "the sensitive parts are sealed"),
                ("attachments", "divert", "the message has no attachments to seal")):
            self.write("rules.conf", rules.replace(
                'otherwise = [ "encrypt", "divert", "defer" ];',
                f'otherwise = ["rewrite", "divert"]; rewrite = "{what}";'))
            status, verdicts, got = self.explain(MARKED, "b@plain.test")
            self.assertEqual((status, verdicts), (1, {"b@plain.test": verdict}))
            self.assertIn(reason, " ".join(got["recipients"][0]["reasons"]))

    def test_the_status_is_the_worst_for_anyone(self):
        self.assertEqual(self.explain(MARKED, "b@good.test")[0], 0)
        self.assertEqual(self.explain(MARKED, "b@good.test", "b@plain.test")[0], 1)
        self.assertEqual(self.explain(MARKED, "b@plain.test", "b@broken.test")[0], 3)

    def test_mail_without_markers_passes_and_nothing_is_looked_up(self):
        status, verdicts, got = self.explain(PLAIN, "b@plain.test", "b@broken.test")
        self.assertEqual(status, 0)
        self.assertEqual(set(verdicts.values()), {"pass"})
        self.assertEqual(got["demand"], {"require": None, "rule": None, "ladder": []})
        self.assertEqual([r["assurance"] for r in got["recipients"]], [None, None])

    def test_a_sender_s_wish_counts_however_it_is_made(self):
        self.assertEqual(self.explain(WISHED, "b@plain.test")[1], {"b@plain.test": "divert"})
        asked = "Postern-Require: authenticated\n" + PLAIN
        status, verdicts, got = self.explain(asked, "b@plain.test", "b@good.test")
        self.assertEqual(verdicts, {"b@plain.test": "divert", "b@good.test": "deliver"})
        self.assertEqual(got["demand"], {"require": "authenticated", "rule": None,
                                         "ladder": ["divert", "defer"]})
        for message, words in (("Postern-Require: requiretls\n" + PLAIN, ()),
                               (PLAIN, ("--requiretls",))):
            got = self.explain(message, "b@good.test", words=words)[2]
            self.assertEqual(got["demand"]["require"], "requiretls")
            self.assertEqual(got["recipients"][0]["verdict"], "divert")

    def test_a_wish_that_is_not_known_is_refused(self):
        status, verdicts, _ = self.explain("Postern-Require: magic\n" + PLAIN, "b@good.test")
        self.assertEqual((status, verdicts), (1, {"b@good.test": "refuse"}))

    def test_who_cannot_be_told_the_phrase_gets_no_deposit(self):
        for sender in ("<>", "", "forged@elsewhere.example"):
            self.assertEqual(self.explain(MARKED, "b@plain.test", sender=sender)[1],
                             {"b@plain.test": "defer"}, sender)

    def test_rules_see_how_the_message_came_in(self):
        with open(self.rules) as f:
            text = f.read()
        self.write("rules.conf", text.replace(
            'when = { markers = [ "card" ]; }',
            'when = { markers = [ "card" ]; submission_tls = true; authenticated = true; }'))
        self.assertEqual(self.explain(MARKED, "b@plain.test")[0], 1)
        for word in ("--clear", "--program"):
            self.assertEqual(self.explain(MARKED, "b@plain.test", words=(word,))[0], 0, word)

    def test_a_rule_on_a_domain_holds_for_its_u_labels(self):
        with open(self.rules) as f:
            text = f.read()
        self.write("rules.conf", text.replace(
            'when = { markers = [ "card" ]; }',
            'when = { markers = [ "card" ]; to = [ "xn--mller-kva.test" ]; }'))
        self.assertEqual(self.explain(MARKED, "b@m\u00fcller.test", "b@plain.test")[1],
                         {"b@m\u00fcller.test": "divert", "b@plain.test": "pass"})

    def test_content_is_found_whatever_ends_the_lines(self):
        for message in (MARKED.replace("\n", "\r\n"), "From a@our.example Sun Nov 22\n" + MARKED,
                        MARKED.replace("Subject: invoice", "Subject: in\n voice")):
            self.assertEqual(self.explain(message, "b@plain.test")[1],
                             {"b@plain.test": "divert"}, message)

    def test_the_message_comes_from_a_file_and_recipients_may_repeat(self):
        path = self.write("m.eml", MARKED)
        done = self.run_it("explain", "--from", "a@our.example", "--to=b@good.test", "--to",
                           "c@plain.test", "d@good.test", path)
        self.assertEqual(done.returncode, 1)
        heads = [line for line in done.stdout.splitlines() if line[0] != " "]
        self.assertEqual(sorted(heads), ["b@good.test: deliver", "c@plain.test: divert",
                                         "d@good.test: deliver"])
        self.assertIn("  needs  authenticated\n", done.stdout)

    def test_usage_errors(self):
        for words, text in ((("--to", "b@good.test"), "--from and --to are needed"),
                            (("--from", "a@b"), "--from and --to are needed"),
                            (("--from", "a@b", "--to", "x y@", self.conf), "x y@"),
                            (("--from", "a@b", "--to", "b@good.test", "/nonexistent"),
                             "/nonexistent"),
                            (("--from", "a@b", "--to", "c@d", self.conf, self.conf),
                             "one file at a time")):
            done = self.run_it("explain", *words, message="")
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertIn(text, done.stderr)

    def expect(self, tests):
        self.write("m.eml", MARKED)
        with open(self.rules) as f:
            text = f.read()
        self.write("rules.conf", text.replace("tests = ( );", f"tests = (\n{tests} );"))
        return self.run_it("rules", "test")

    TEST = '{ message = "m.eml"; from = "a@our.example"; to = %s; expect = "%s"; }'

    def test_expectations_that_are_met(self):
        done = self.expect(",\n".join((self.TEST % ('"b@good.test"', "deliver"),
                                       self.TEST % ('[ "b@plain.test", "c@plain.test" ]', "divert"),
                                       self.TEST % ('"b@broken.test"', "defer"))))
        *lines, last = done.stdout.splitlines()
        self.assertEqual((done.returncode, last), (0, "3 expectations, 0 not met"), done.stdout)
        self.assertEqual(len(lines), 4)
        for line, end in zip(lines, ("b@good.test: deliver", "b@plain.test: divert",
                                     "c@plain.test: divert", "b@broken.test: defer")):
            self.assertRegex(line, rf"\A{self.rules}:\d+: .*/m.eml to {end}, as expected, "
                                   "by rule \"cards only over proven TLS\"\\Z")

    def test_an_expectation_that_is_not_met_is_named_with_file_and_line(self):
        done = self.expect(",\n".join((self.TEST % ('"b@good.test"', "deliver"),
                                       self.TEST % ('"b@good.test"', "divert"))))
        self.assertEqual(done.returncode, 1)
        _, first, last = done.stdout.splitlines()
        self.assertRegex(first, rf"\A{self.rules}:\d+: .*/m.eml to b@good.test: expected divert, "
                                "but it is deliver, by rule \"cards only over proven TLS\": ")
        self.assertEqual(last, "2 expectations, 1 not met")

    def test_the_rule_that_decides_can_be_expected(self):
        by = self.TEST.replace("expect =", 'expect_rule = "%s"; expect =')
        done = self.expect(",\n".join((
            by % ('"b@good.test"', "cards only over proven TLS", "deliver"),
            by % ('"b@good.test"', "as the sender wishes", "deliver"))))
        self.assertEqual(done.returncode, 1)
        first, second, last = done.stdout.splitlines()
        self.assertIn(": deliver, as expected, by rule \"cards only over proven TLS\"", first)
        self.assertRegex(second, "expected rule \"as the sender wishes\", but it is rule "
                                 "\"cards only over proven TLS\": ")
        self.assertEqual(last, "2 expectations, 1 not met")

    def test_where_only_the_rule_is_expected_nothing_is_looked_up(self):
        alone = self.TEST.replace('expect = "%s"', 'expect_rule = "%s"')
        done = self.expect(",\n".join((alone % ('"b@broken.test"', "cards only over proven TLS"),
                                       alone % ('"b@good.test"', "as the sender wishes"))))
        self.assertEqual(done.returncode, 1)
        first, second, last = done.stdout.splitlines()
        # Looked up, broken.test would be undetermined and the message deferred.
        self.assertIn(": divert, as expected, by rule \"cards only over proven TLS\"", first)
        self.assertIn('expected rule "as the sender wishes", but it is rule', second)
        self.assertEqual(last, "2 expectations, 1 not met")

    def replace(self, old, new):
        with open(self.rules) as f:
            text = f.read()
        self.assertIn(old, text)
        self.write("rules.conf", text.replace(old, new))

    def test_an_expectation_has_a_time(self):
        self.replace('when = { markers = [ "card" ]; }',
                     'when = { markers = [ "card" ]; time = { from = "22:00"; to = "06:00"; '
                     'days = [ "fri" ]; zone = "utc"; }; }')
        at = self.TEST.replace("expect =", 'at = "%s"; expect =')
        rows = (("2026-11-27T21:59:59Z", "pass"), ("2026-11-27T22:00:00Z", "deliver"),
                ("2026-11-28T05:59:59Z", "deliver"), ("2026-11-28T06:00:00Z", "pass"),
                ("2026-11-28T23:00:00Z", "pass"), ("2026-11-27T05:00:00Z", "pass"))
        done = self.expect(",\n".join(at % ('"b@good.test"', when, what) for when, what in rows))
        self.assertEqual(done.returncode, 0, done.stdout)
        for when, what in rows:
            status, verdicts, _ = self.explain(MARKED, "b@good.test", words=("--at", when))
            self.assertEqual(verdicts, {"b@good.test": what}, when)

    def test_an_exception_is_told_while_it_is_in_date(self):
        self.replace('when = { markers = [ "card" ]; };',
                     'when = { markers = [ "card" ]; }; exceptions = ( { to = [ "plain.test" ]; '
                     'until = "2026-11-27"; why = "ticket 4711"; } );')
        _, verdicts, got = self.explain(MARKED, "b@plain.test", "b@good.test",
                                        words=("--at", "2026-11-26T12:00:00Z"))
        self.assertEqual(verdicts, {"b@plain.test": "pass", "b@good.test": "deliver"})
        told = {r["to"]: r["exception"] for r in got["recipients"]}
        self.assertEqual(told, {"b@good.test": None,
                                "b@plain.test": 'rule "cards only over proven TLS": ticket 4711 '
                                                "(until 2026-11-27)"})
        _, verdicts, got = self.explain(MARKED, "b@plain.test",
                                        words=("--at", "2026-11-29T12:00:00Z"))
        self.assertEqual(verdicts, {"b@plain.test": "divert"})
        self.assertIsNone(got["recipients"][0]["exception"])

    def test_what_observes_is_told_beside_what_happens(self):
        self.replace('require = "authenticated";\n\t  otherwise = [ "encrypt"',
                     'mode = "observe"; require = "authenticated";\n\t  otherwise = [ "encrypt"')
        status, verdicts, got = self.explain(MARKED, "b@plain.test")
        self.assertEqual((status, verdicts), (0, {"b@plain.test": "pass"}))
        one = got["recipients"][0]
        self.assertEqual((one["demand"]["rule"], one["assurance"]), (None, "none"))
        would = one["would"]
        self.assertEqual((would["verdict"], would["observed"], would["demand"]["rule"]),
                         ("divert", "cards only over proven TLS", "cards only over proven TLS"))
        done = self.expect(self.TEST % ('"b@plain.test"', "divert"))
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_a_file_that_observes_observes_wishes_too(self):
        self.replace("markers = (", 'mode = "observe";\nmarkers = (')
        for message, verdict in ((MARKED, "divert"), (PLAIN, None),
                                 ("Postern-Require: authenticated\n" + PLAIN, "divert"),
                                 ("Postern-Require: magic\n" + PLAIN, "refuse")):
            status, verdicts, got = self.explain(message, "b@plain.test")
            self.assertEqual((status, verdicts), (0, {"b@plain.test": "pass"}))
            would = got["recipients"][0]["would"]
            self.assertEqual(would and would["verdict"], verdict, message)

    def test_a_message_that_is_not_there_is_an_error(self):
        done = self.expect((self.TEST % ('"b@good.test"', "deliver")).replace("m.eml", "n.eml"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("n.eml", done.stderr)

    def test_an_expression_that_does_not_compile_is_found_by_lint(self):
        with open(self.rules) as f:
            text = f.read()
        self.write("rules.conf", text.replace("#(secure|encrypt)#", "#(secure|encrypt#"))
        done = self.run_it("lint")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.rules}:", done.stdout)


unittest.main()

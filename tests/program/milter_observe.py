"""Rules that observe, at the real milter: not a byte of a message changes, whatever the rules
would have done and whatever cannot be found out, and the audit tells what would have been."""
import json
import os
import subprocess
import time
import unittest

from milter_start import CARD, CLEAN, Daemon, POSTERN, RULES, SECRET, run, write

OURS = "jane@our.test"
OBSERVES = 'mode = "observe";\n' + RULES.format(name="cards only over proven TLS")


def fields(subject, *more):
    return [("Subject", subject), *more]


class Observe(unittest.TestCase):
    def daemon(self, rules, more=""):
        daemon = Daemon(more)
        self.addCleanup(daemon.close)
        write(daemon.path("rules.conf"), rules)
        return daemon.start()

    def assert_untouched(self, outcome):
        self.assertIn(outcome.action, ("continue", "accept"), outcome)
        self.assertEqual((outcome.reply, outcome.edits), ("", []))

    def audited(self, daemon, mode="observe"):
        try:
            with open(daemon.path("audit.jsonl"), encoding="utf-8") as f:
                records = [json.loads(line) for line in f]
        except FileNotFoundError:
            return []
        return [r for r in records if r["mode"] == mode]

    def test_a_file_that_observes_changes_nothing(self):
        daemon = self.daemon(OBSERVES)
        wish = ("Postern-Require", "authenticated")
        rows = (("a card, and its destination cannot be looked up", CARD, fields("News"), "defer"),
                ("the portal", SECRET, fields("portal please"), "divert"),
                ("held, and the tag taken off", SECRET, fields("hold please"), "hold"),
                ("refused", SECRET, fields("refuse please"), "refuse"),
                ("a sender's wish", CLEAN, fields("News", wish), "defer"),
                ("a wish that is not known", CLEAN, fields("News", ("Postern-Require", "magic")),
                 "refuse"),
                ("a forged route", CLEAN, fields("News", ("Postern-Route", "strict guessed")),
                 None),
                ("nothing at all", CLEAN, fields("News"), None))
        for says, body, headers, verdict in rows:
            with self.subTest(says):
                before = len(self.audited(daemon))
                self.assert_untouched(daemon.message(body, headers,
                                                     macros={"{auth_authen}": "jane"}))
                would = self.audited(daemon)[before:]
                self.assertEqual([r["verdict"] for r in would], [verdict] if verdict else [])
        self.assertEqual({r["verdict"] for r in self.audited(daemon, None)}, {"pass"})
        self.assertIn("all rules observe: nothing is protected", daemon.said())
        for record in self.audited(daemon):
            self.assertEqual((record["event"], record["reply"]), ("decided", "250"))
        self.assertEqual(run(POSTERN, "audit", "verify", "--config", daemon.conf).returncode, 0)
        self.assertEqual(os.listdir(daemon.path("state/blobs"))
                         if os.path.isdir(daemon.path("state/blobs")) else [], [])
        counted = run(POSTERN, "audit", "summary", "--config", daemon.conf, "--mode", "observe").stdout
        self.assertIn('1 would divert, by rule "straight to the portal"\n', counted)

    def test_what_cannot_be_checked_goes_on_as_well(self):
        daemon = self.daemon(OBSERVES, "limits = { message_bytes = 1048576; recipients = 10; };\n")
        many = [f"r{i}@plain.test" for i in range(11)]
        rows = (("larger than is looked into", dict(body=b"x" * 78 + b"\r\n" * (2 << 20))),
                ("more recipients than can be", dict(to=many)),
                ("more fields of ours than anyone has",
                 dict(fields=[("Postern-Require", "authenticated")] * 40)),
                ("content that cannot be read",
                 dict(fields=[("Content-Type", 'application/zip; name="x.zip"'),
                              ("Content-Transfer-Encoding", "base64")], body=b"UEsDBBQACQAIAAAA")))
        for says, words in rows:
            with self.subTest(says):
                before = len(self.audited(daemon))
                self.assert_untouched(daemon.message(**words))
                would = self.audited(daemon)[before:]
                self.assertTrue(would)
                self.assertLessEqual({r["verdict"] for r in would}, {"refuse", "defer"})

    def test_what_would_be_rewritten_stays_whole(self):
        daemon = self.daemon(OBSERVES.replace(
            'otherwise = [ "divert", "defer" ];',
            'otherwise = [ "rewrite", "divert" ]; undetermined = "otherwise";'))
        part = (b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: "
                b"text/plain; name=x.txt\r\n\r\n" + CARD + b"--b--\r\n")
        mixed = ("Content-Type", "multipart/mixed; boundary=b")
        signed = ("Content-Type", "multipart/signed; boundary=b; micalg=x; protocol=y")
        for kind, verdict in ((mixed, "rewrite"), (signed, "divert")):
            self.assert_untouched(daemon.message(part, [("MIME-Version", "1.0"), kind]))
            self.assertEqual(self.audited(daemon)[-1]["verdict"], verdict)

    def test_a_phrase_is_not_looked_for(self):
        phrase = "kalim botar rilos fanit"
        message = dict(body=f"The words are {phrase}.\r\n".encode())
        for rules, action in ((OBSERVES, "continue"),
                              (OBSERVES.replace('mode = "observe";\n', ""), "reply")):
            daemon = self.daemon(rules)
            done = subprocess.run([POSTERN, "recipient", "add", "--config", daemon.conf,
                                   "bob@plain.test", "--phrase-file", "-"], input=phrase,
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(daemon.message(**message).action, action)

    def test_a_forged_copy_of_ours_is_not_let_go_where_it_cannot_be_checked(self):
        daemon = self.daemon(OBSERVES, "limits = { recipients = 1; };\n")
        outcome = daemon.message(fields=[("Postern-Handback", "x")],
                                 to=("a@plain.test", "b@plain.test"))
        self.assertEqual(outcome.action, "reply")
        self.assertTrue(outcome.reply.startswith("550"), outcome)

    def test_the_mail_server_does_not_wait_long_for_what_only_the_audit_wants(self):
        daemon = Daemon("limits = { lookup_ms = 240000; };\n")
        self.addCleanup(daemon.close)
        with open(daemon.conf, encoding="utf-8") as f:
            settings = f.read()
        self.assertIn("timeout_ms = 200;", settings)
        write(daemon.conf, settings.replace("timeout_ms = 200;", "timeout_ms = 60000;"))
        write(daemon.path("rules.conf"), OBSERVES)
        daemon.start()
        since = time.monotonic()
        self.assert_untouched(daemon.message(CARD))
        self.assertLess(time.monotonic() - since, 30)  # five; enforced, it would be sixty
        self.assertEqual([r["assurance"] for r in self.audited(daemon)], ["undetermined"])

    def test_rules_that_enforce_decide_and_others_are_told_besides(self):
        rules = OBSERVES.replace('mode = "observe";\n', "").replace(
            '{ name = "not by mail";', '{ name = "not by mail"; mode = "observe";').replace(
            '{ name = "for a person to look at";',
            '{ name = "for a person to look at"; mode = "observe";')
        daemon = self.daemon(rules)
        login = {"{auth_authen}": "jane"}
        self.assertIn("2 of 4 rules observe: nothing is done by them", daemon.said())
        both = daemon.message(SECRET, fields("portal please, or refuse please"), macros=login)
        self.assertEqual(both.action, "discard")  # diverted for its only recipient
        done, would = self.audited(daemon, None), self.audited(daemon)
        self.assertEqual([(r["verdict"], r["rule"], r["observed"]) for r in done if
                          r["event"] == "decided"], [("divert", "straight to the portal", None)])
        self.assertEqual([(r["verdict"], r["rule"], r["observed"]) for r in would],
                         [("refuse", "not by mail", "not by mail")])

        # The marker serves the rule that observes alone: its tag stays in the Subject.
        self.assert_untouched(daemon.message(SECRET, fields("hold please"), macros=login))
        self.assertEqual(self.audited(daemon)[-1]["verdict"], "hold")
        self.assert_untouched(daemon.message(SECRET, fields("refuse please"), macros=login))
        self.assertEqual(self.audited(daemon)[-1]["verdict"], "refuse")
        # A wish is no rule: it is heard.
        outcome = daemon.message(CLEAN, fields("x", ("Postern-Require", "authenticated")))
        self.assertEqual(outcome.action, "reply")
        self.assertTrue(outcome.reply.startswith("451"), outcome)

    def test_an_exception_is_on_record(self):
        rules = OBSERVES.replace('mode = "observe";\n', "").replace(
            'when = { markers = [ "card" ]; };',
            'exceptions = ( { to = [ "plain.test" ]; until = "9999-12-31"; why = "ticket 4711"; } '
            ');')
        daemon = self.daemon(rules)
        self.assert_untouched(daemon.message(CLEAN))
        record, = self.audited(daemon, None)
        self.assertEqual((record["verdict"], record["rule"], record["exception"]),
                         ("pass", None, 'rule "cards only over proven TLS": ticket 4711 '
                                        "(until 9999-12-31)"))
        daemon.message(CLEAN, to=("bob@other.test",))
        self.assertEqual([r["exception"] for r in self.audited(daemon, None)[1:]], [None])

    def test_the_operator_s_words_stand_in_the_reply(self):
        rules = OBSERVES.replace('mode = "observe";\n', "").replace(
            '{ name = "not by mail";', '{ name = "not by mail"; say = "Ask the desk, tel. 4711.";')
        daemon = self.daemon(rules)
        outcome = daemon.message(SECRET, fields("refuse please"),
                                 to=("bob@plain.test", "eve@plain.test"))
        self.assertTrue(outcome.reply.startswith("550-5.7.10 This message was sent to nobody"))
        self.assertTrue(outcome.reply.rstrip().endswith("550 5.7.10 Ask the desk, tel. 4711."),
                        outcome)
        self.assertEqual(outcome.reply.count("Ask the desk"), 1)


unittest.main()

"""postern rules diff: which messages of a folder would meet another verdict."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
from dns_stub import A, MX, SERVFAIL, TLSA, Dns, mx  # noqa: E402

POSTERN = os.environ["POSTERN"]

ZONE = {
    "good.test": (True, {MX: [mx(10, "mx.good.test")]}),
    "mx.good.test": (True, {A: [bytes([192, 0, 2, 1])]}),
    "_25._tcp.mx.good.test": (True, {TLSA: [bytes([3, 1, 1]) + b"\x5a" * 32]}),
    "plain.test": (False, {MX: [mx(10, "mx.plain.test")]}),
    "mx.plain.test": (False, {A: [bytes([192, 0, 2, 4])]}),
    "broken.test": SERVFAIL,
}
CARD = "4111 1111 1111 1111"
MARKERS = ('markers = ( { name = "card"; any = ( { detector = "payment-card"; } ); },'
           ' { name = "wish"; any = ( { subject = "secret"; } ); } );\n')
RULE = ('{ name = "%s"; when = { markers = [ "%s" ]; }; require = "authenticated";'
        ' otherwise = [ "%s" ]; %s }')


def rules(*rows, more=""):
    return MARKERS + "rules = ( " + ", ".join(RULE % row for row in rows) + " );\n" + more


OLD = rules(("cards", "card", "defer", ""))
NEW = rules(("cards", "card", "refuse", ""), ("secrets", "wish", "divert", ""))
PIN = ('destinations = ( { domain = "plain.test"; assurance = "authenticated";'
       ' match = [ "mx.plain.test" ]; why = "contract"; } );\n')


def message(to="To: b@plain.test", subject="hello", body="nothing here", sender="a@our.example"):
    return f"From: {sender}\n{to}\nSubject: {subject}\n\n{body}\n"


class Diff(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.top = self.tmp.name
        self.port = 1  # nobody answers there: nothing may be asked

    def tearDown(self):
        self.tmp.cleanup()

    def write(self, name, text):
        path = os.path.join(self.top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", newline="") as f:
            f.write(text)
        return path

    def diff(self, old, new, *words, status=None, corpus="mail", limit=None):
        self.write("postern.conf", f"""
state = "{self.top}/state"; keys = "{self.top}/keys";
outbound = {{ domains = [ "our.example" ]; internal_domains = [ "in.example" ]; }};
portal = {{ url = "https://secure.our.example"; }};
resolver = {{ servers = [ "127.0.0.1" ]; port = {self.port}; timeout_ms = 500; tries = 1; }};
limits = {{ message_bytes = 1000000; }};
""")
        done = subprocess.run(
            [POSTERN, "rules", "--config", os.path.join(self.top, "postern.conf"), "diff",
             self.write("old.conf", old), self.write("new.conf", new),
             os.path.join(self.top, corpus), *words],
            capture_output=True, text=True, timeout=100, preexec_fn=limit)
        self.assertNotIn(CARD, done.stdout + done.stderr)
        if status is not None:
            self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def changes(self, old, new, *words, status=1, **more):
        """({(message, recipient): (old verdict, new verdict)}, the other lines)"""
        done = self.diff(old, new, "--json", *words, status=status, **more)
        self.assertEqual(done.stderr, "")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        mail = os.path.join(self.top, "mail") + "/"
        return ({(line["message"].removeprefix(mail), line["to"]):
                 (line["old"]["verdict"], line["new"]["verdict"])
                 for line in lines if "to" in line}, [x for x in lines if "to" not in x])

    def test_each_change_says_who_when_and_why(self):
        self.write("mail/a.eml", message(body=CARD))
        self.write("mail/b.eml", message())
        self.write("mail/c.eml", message(subject="a secret"))
        done = self.diff(OLD, NEW, status=1)
        mail = os.path.join(self.top, "mail")
        self.assertEqual(done.stdout, f"""\
{mail}/a.eml to b@plain.test: defer -> refuse
  old  defer: rule "cards": marker card in the body (part 1); plain.test is assumed to guarantee \
nothing; deferred until the destination can prove TLS
  new  refuse: rule "cards": marker card in the body (part 1); plain.test is assumed to guarantee \
nothing; refused, as the rule says
{mail}/c.eml to b@plain.test: pass -> divert
  old  pass: no rule asks for anything
  new  divert: rule "secrets": marker wish in the Subject; plain.test is assumed to guarantee \
nothing; sealed for the portal
3 messages, 3 recipients: 2 change (pass -> divert 1, defer -> refuse 1)
""")
        self.assertEqual(done.stderr, "")

    def test_the_same_in_json(self):
        self.write("mail/a.eml", message(body=CARD))
        done = self.diff(OLD, NEW, "--json", status=1)
        line, last = [json.loads(text) for text in done.stdout.splitlines()]
        self.assertEqual(line["old"]["rule"], "cards")
        self.assertEqual(line["new"], {
            "verdict": "refuse", "rule": "cards", "require": "authenticated", "factor": "phrase",
            "reasons": ['rule "cards": marker card in the body (part 1)',
                        "plain.test is assumed to guarantee nothing; refused, as the rule says"]})
        self.assertEqual(last, {"summary": {
            "messages": 1, "recipients": 1, "changed": 1, "undecided": 0,
            "verdicts": [{"old": "defer", "new": "refuse", "recipients": 1}]}})

    def test_the_same_rules_change_nothing(self):
        self.write("mail/a.eml", message(body=CARD))
        done = self.diff(OLD, OLD, status=0)
        self.assertEqual(done.stdout, "1 messages, 1 recipients: 0 change\n")

    def test_recipients_are_those_that_the_message_names(self):
        self.write("mail/a.eml", message(
            'To: "B, b" <b@plain.test>, team: c@plain.test;\nCC: b@plain.test,\n d@other.test\n'
            "Bcc: e@in.example", body=CARD))
        got, rest = self.changes(OLD, NEW)
        self.assertEqual(sorted(to for _, to in got),
                         ["b@plain.test", "c@plain.test", "d@other.test"])  # e is internal
        self.assertEqual(rest[-1]["summary"]["recipients"], 4)  # b once
        got, _ = self.changes(OLD, NEW, "--to", "x@y.test")
        self.assertEqual(got, {("a.eml", "x@y.test"): ("defer", "refuse")})

    def test_what_cannot_be_decided_is_named(self):
        self.write("mail/a.eml", message("X: y"))
        self.write("mail/b.eml", message(sender="nobody"[:0]))
        self.write("mail/c.eml", "\n\njust text\n")
        self.write("mail/d.eml", message(body="x" * 1000001))
        self.write("mail/e.eml", message("To: b@plain.test, @@"))
        _, rest = self.changes(OLD, NEW, status=3)
        named = [os.path.basename(x["message"]) + ": " + x["undecided"] for x in rest[:-1]]
        self.assertEqual(named, [
            "a.eml: no recipient in To, Cc or Bcc (see --to)",
            "b.eml: no address in From (see --from)",
            "c.eml: it is no message: it begins with no header field",
            "d.eml: it is longer than limits.message_bytes",
            "e.eml: not all of its recipients are addresses: those are left out"])
        self.assertEqual(rest[-1]["summary"]["undecided"], 5)
        os.unlink(os.path.join(self.top, "mail/c.eml"))
        os.unlink(os.path.join(self.top, "mail/d.eml"))
        os.unlink(os.path.join(self.top, "mail/e.eml"))
        self.changes(OLD, NEW, "--from", "a@our.example", "--to", "b@plain.test", status=0)

    def test_folders_maildirs_and_mailboxes(self):
        self.write("mail/2026/x/deep.eml", message(body=CARD))
        self.write("mail/box/cur/1763.M1.host:2,S", message(body=CARD))
        self.write("mail/box/new/1763.M2.host", message(body=CARD))
        self.write("mail/box/tmp/1763.M3.host", message(body=CARD))
        self.write("mail/.hidden", message(body=CARD))
        box = "".join(f"From a@our.example Sun Nov 22 02:00:0{i} 2026\n" +
                      message(f"To: r{i}@plain.test", body=body) + "\n"
                      for i, body in enumerate(("hello\nFrom here it is not far", CARD, "x", CARD)))
        self.write("mail/sent.mbox", box)
        self.write("mail/crlf.mbox", box.replace("\n", "\r\n"))
        got, rest = self.changes(OLD, NEW)
        self.assertEqual(sorted(got), [
            ("2026/x/deep.eml", "b@plain.test"), ("box/cur/1763.M1.host:2,S", "b@plain.test"),
            ("box/new/1763.M2.host", "b@plain.test"),
            ("crlf.mbox:2", "r1@plain.test"), ("crlf.mbox:4", "r3@plain.test"),
            ("sent.mbox:2", "r1@plain.test"), ("sent.mbox:4", "r3@plain.test")])
        self.assertEqual(rest[-1]["summary"]["messages"], 3 + 2 * 4)

    def test_one_file_is_a_corpus_too(self):
        self.write("one.eml", message(body=CARD))
        self.diff(OLD, NEW, status=1, corpus="one.eml")
        done = self.diff(OLD, NEW, status=2, corpus="not-there")
        self.assertIn("not-there: No such file", done.stderr)

    def test_what_destinations_guarantee_is_assumed(self):
        self.write("mail/a.eml", message(body=CARD))
        self.changes(OLD, NEW, "--assume", "authenticated", status=0)
        got, _ = self.changes(OLD, NEW, "--assume", "none")
        self.assertEqual(got, {("a.eml", "b@plain.test"): ("defer", "refuse")})
        got, _ = self.changes(OLD, OLD + PIN)  # what the rules vouch for is not assumed
        self.assertEqual(got, {("a.eml", "b@plain.test"): ("defer", "deliver")})

    def test_or_looked_up(self):
        for domain in ("good", "plain", "broken"):
            self.write(f"mail/{domain}.eml", message(f"To: b@{domain}.test", body=CARD))
        dns = Dns(ZONE)
        dns.start()
        try:
            self.port = dns.port
            got, _ = self.changes(OLD, NEW, "--lookup")
            self.assertEqual(got, {("plain.eml", "b@plain.test"): ("defer", "refuse")})
            got, _ = self.changes(OLD, OLD + PIN, "--lookup")
            self.assertEqual(got, {("plain.eml", "b@plain.test"): ("defer", "deliver")})
        finally:
            dns.stop()

    def test_other_rules_with_the_same_verdict(self):
        self.write("mail/a.eml", message(body=CARD))
        new = OLD.replace('"cards"', '"numbers"')
        self.changes(OLD, new, status=0)
        done = self.diff(OLD, new, "--all", status=1)
        self.assertIn("defer -> defer", done.stdout)
        new = OLD.replace("[ \"defer\" ];", '[ "defer" ]; factor = "link";')
        self.changes(OLD, new, status=0)
        self.changes(OLD, new, "--all")

    def test_rules_that_observe_are_compared_by_what_they_say(self):
        self.write("mail/a.eml", message(body=CARD))
        tried = OLD.replace("require", 'mode = "observe"; require')
        self.changes(OLD, tried, status=0)
        got, _ = self.changes(tried, OLD, "--as-is")
        self.assertEqual(got, {("a.eml", "b@plain.test"): ("pass", "defer")})

    def test_thousands_within_little_memory(self):
        """A mailbox of 60 MB, and no more of it in memory than one message."""
        with open(self.write("mail/big.mbox", ""), "w") as f:
            for i in range(3000):
                f.write("From a@our.example Sun Nov 22 02:00:00 2026\n")
                f.write(message(f"To: r{i}@plain.test",
                                body=(CARD if i % 1000 == 7 else "words\n") + "x" * 20000))
                f.write("\n")

        def limit():
            resource.setrlimit(resource.RLIMIT_DATA, (48 << 20, 48 << 20))

        sanitized = subprocess.run(["nm", "-D", POSTERN], capture_output=True, text=True,
                                   timeout=60).stdout
        got, rest = self.changes(
            OLD, NEW, limit=None if "__asan_" in sanitized or "__tsan_" in sanitized else limit)
        self.assertEqual(set(got), {(f"big.mbox:{n + 8}", f"r{n + 7}@plain.test")
                                    for n in (0, 1000, 2000)})
        self.assertEqual(rest[-1]["summary"]["messages"], 3000)

    def test_usage(self):
        self.write("mail/a.eml", message())
        for words in (["--assume", "much"], ["--assume", "none", "--lookup"], ["more"],
                      ["--what"]):
            with self.subTest(words):
                self.assertEqual(self.diff(OLD, NEW, *words, status=2).stdout, "")
        done = self.diff(OLD, "rules = ( { } );\n", status=2)
        self.assertIn("new.conf:1: ", done.stderr)


if __name__ == "__main__":
    unittest.main()

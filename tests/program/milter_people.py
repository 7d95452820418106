"""The directory and the officers at work: the milter seals with the phrase that is kept, sends a
message down its ladder where no code can be sent, and gives officers what opens it."""
import json
import os
import re
import shutil
import socketserver
import subprocess
import tempfile
import threading
import unittest

from milter_start import PATIENCE, POSTERN, Daemon, run, until, write

RULES = """markers = ( { name = "portal"; any = ( { subject = "portal please"; } ); },
            { name = "code"; any = ( { subject = "code please"; } ); } );
rules = ( { name = "portal"; when = { markers = [ "portal" ]; }; require = "authenticated";
            otherwise = [ "divert" ]; undetermined = "otherwise"; opaque = "ignore"; },
          { name = "code"; when = { markers = [ "code" ]; }; require = "authenticated";
            otherwise = [ "divert", "refuse" ]; undetermined = "otherwise"; opaque = "ignore";
            factor = "code"; independent = true; } );
"""
KEPT = "vosak ditun melor pagis"
BODY = b"The code word is rhubarb.\r\n"
PORTAL, CODE = [("Subject", "portal please")], [("Subject", "code please")]


class Mailbox(socketserver.ThreadingTCPServer):
    """Takes all mail: pairs of recipient and message."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.mails = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def to(self, address):
        found = []
        until(f"mail to {address}",
              lambda: found.extend(m for a, m in list(self.mails) if a == address) or found)
        return found[-1]


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        to = []
        self.say("220 here")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.wfile.write(b"250-here\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 DSN\r\n")
            elif verb == b"DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                text = b"".join(part[1:] if part[:1] == b"." else part for part in lines)
                self.server.mails += [(address, text.decode()) for address in to]
                to = []
                self.say("250 taken")
            else:
                if verb == b"RCPT":
                    to.append(re.search(rb"<(.*?)>", line).group(1).decode())
                self.say("221 bye" if verb == b"QUIT" else "250 fine")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


class People(unittest.TestCase):
    def setUp(self):
        self.mailbox = Mailbox()
        self.addCleanup(self.mailbox.server_close)
        self.addCleanup(self.mailbox.shutdown)
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)
        with open(self.daemon.conf, encoding="utf-8") as f:
            settings = f.read()
        self.settings = re.sub(r"smtp = .*?;", "smtp = \"127.0.0.1:%d\";" %
                               self.mailbox.server_address[1], settings)
        write(self.daemon.path("rules.conf"), RULES)

    def start(self, command="", more=""):
        """rules() is not called again, so that ours stay."""
        write(self.daemon.conf, self.settings.replace(
            'portal = { ', f'portal = {{ code_command = "{command}"; ') + more)
        self.daemon.start()

    def postern(self, *words, stdin=""):
        return subprocess.run([POSTERN, *words, "--config", self.daemon.conf], input=stdin,
                              capture_output=True, text=True, timeout=PATIENCE,
                              start_new_session=True)

    def recipient(self, *words, stdin=""):
        done = self.postern("recipient", "add", *words, stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stderr)

    def send(self, fields, number, **more):
        return self.daemon.message(BODY, fields + [("Message-ID", f"<{number}@our.test>")], **more)

    def open(self, address, phrase=""):
        """With the link from the notice."""
        link = re.search(r"https://secure\.our\.test/m/([0-9a-f]{32})#(\w+)",
                         self.mailbox.to(address))
        write(self.daemon.path("code"), link.group(2))
        words = ["deposit", "open", link.group(1), "--code-file", self.daemon.path("code")]
        if phrase:
            write(self.daemon.path("phrase"), phrase)
            words += ["--phrase-file", self.daemon.path("phrase")]
        return link.group(1), self.postern(*words)

    def test_the_phrase_that_is_kept(self):
        self.start()
        self.recipient("plain.test", "--phrase-file", "-", stdin=KEPT)
        outcome = self.send(PORTAL, 1, to=("bob@plain.test", "eve@other.test"))
        self.assertEqual(outcome.action, "discard", outcome)
        report = self.mailbox.to("jane@our.test")
        own = re.search(r"which only you have:\r\n\r\n(.*)\r\n", report).group(1)
        self.assertIn("opened with the phrase that secure.our.test has agreed upon with", report)
        self.assertNotIn(KEPT, report)
        _, opened = self.open("bob@plain.test", KEPT.upper())
        self.assertEqual(opened.returncode, 0, opened.stderr)
        self.assertIn("rhubarb", opened.stdout)
        self.assertEqual(self.open("bob@plain.test", own)[1].returncode, 1)
        self.assertEqual(self.open("eve@other.test", own)[1].returncode, 0)
        self.assertIn("agreed upon with you", self.mailbox.to("bob@plain.test"))
        self.assertIn("phrase of four words", self.mailbox.to("eve@other.test"))

    def test_a_code_where_there_is_a_number(self):
        self.start("/bin/false")
        refused = self.send(CODE, 1)
        self.assertRegex(refused.reply, r"^550.*no number is known to which a code could be sent")
        self.recipient("bob@plain.test", "--number", "+49 30 1234567")
        outcome = self.send(CODE, 2)
        self.assertEqual(outcome.action, "discard", outcome)
        report = " ".join(self.mailbox.to("jane@our.test").split())
        self.assertIn("opened with a code that the portal sends to their number", report)
        self.assertNotIn("1234567", report)
        self.assertIn("a code of eight digits", self.mailbox.to("bob@plain.test"))
        # No key is made from it: with the notice, the site itself can open.
        self.assertEqual(self.open("bob@plain.test")[1].returncode, 0)
        # As explain says.
        path = self.daemon.path("message")
        write(path, "Subject: code please\n\nx\n")
        for to, verdict in (("bob@plain.test", "divert"), ("eve@plain.test", "refuse")):
            done = self.postern("explain", "--json", "--from", "jane@our.test", "--to", to, path)
            self.assertEqual(json.loads(done.stdout)["recipients"][0]["verdict"], verdict,
                             done.stdout)

    def test_a_code_and_nothing_that_sends_it(self):
        self.start()
        self.recipient("bob@plain.test", "--number", "+49 30 1234567")
        self.assertRegex(self.send(CODE, 1).reply, r"^550.*no codes can be sent from here")

    def test_a_directory_that_does_not_open(self):
        self.start()
        self.recipient("bob@plain.test", "--phrase-file", "-", stdin=KEPT)
        self.daemon.end()
        write(self.daemon.path("keys/outbox.key"), "ab" * 32 + "\n")
        self.daemon.start()
        outcome = self.send(PORTAL, 1)
        self.assertRegex(outcome.reply or "", r"^451[ -]4\.3\.0 ")
        self.assertEqual(self.postern("deposit", "list").stdout, "")
        self.assertEqual(self.send(PORTAL, 2, to=("eve@plain.test",)).action, "discard")

    def certificate(self, folder, name):
        key, certificate = f"{folder}/{name}.key", f"{folder}/{name}.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj",
                        "/CN=" + name, "-days", "90", "-out", certificate], check=True,
                       capture_output=True, timeout=PATIENCE)
        return key, certificate

    @unittest.skipUnless(shutil.which("openssl"), "openssl makes the certificates")
    def test_officers_open_together(self):
        with tempfile.TemporaryDirectory() as folder:
            legal, board = (self.certificate(folder, name) for name in ("Legal", "Board"))
            self.start(more=f'escrow = {{ officers = [ "{legal[1]}", "{board[1]}" ]; }};\n')
            self.assertEqual(self.send(PORTAL, 1).action, "discard")
            ident = json.loads(self.postern("deposit", "list", "--json").stdout)["id"]
            out = self.daemon.path("out.eml")
            words = ["deposit", "escrow-open", ident, "--reason", "drill", "--out", out]
            one = self.postern(*words, "--officer", legal[0])
            self.assertEqual((one.returncode, os.path.exists(out)), (1, False), one.stderr)
            both = self.postern(*words, "--officer", legal[0], "--officer", board[0])
            self.assertEqual((both.returncode, both.stderr), (0, ""))
            with open(out, "rb") as f:
                self.assertTrue(f.read().endswith(BODY))
            with open(self.daemon.path("audit.jsonl"), encoding="utf-8") as f:
                last = json.loads(f.readlines()[-1])
            self.assertEqual((last["event"], last["deposit"]), ("escrow-opened", ident))
            self.assertTrue(last["reason"].endswith(": drill"))
            self.postern("deposit", "revoke", ident)
            os.unlink(out)
            gone = self.postern(*words, "--officer", legal[0], "--officer", board[0])
            self.assertEqual((gone.returncode, os.path.exists(out)), (1, False))
            self.assertEqual(run(POSTERN, "audit", "verify",
                                 self.daemon.path("audit.jsonl")).returncode, 0)

    @unittest.skipUnless(shutil.which("openssl"), "openssl makes the certificates")
    def test_one_officer_alone_is_refused_at_the_start(self):
        with tempfile.TemporaryDirectory() as folder:
            _, certificate = self.certificate(folder, "Legal")
            with self.assertRaisesRegex(AssertionError, "open everything alone"):
                self.start(more=f'escrow = {{ officers = [ "{certificate}" ]; }};\n')


if __name__ == "__main__":
    unittest.main()

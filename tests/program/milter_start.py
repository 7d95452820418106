"""postern-milter as a mail server and a service manager meet it: how it starts, what it says
to a message, a policy question and a signal, and how it ends."""

import base64
import grp
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

BUILD = os.environ["POSTERN_BUILD"]
POSTERN = os.environ["POSTERN"]
MILTER = os.path.join(BUILD, "milter", "postern-milter")
READER = os.path.join(BUILD, "reader", "postern-reader")

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
import documents  # noqa: E402
from milter_client import MilterClient  # noqa: E402

PATIENCE = 60  # seconds, for what takes a moment on an idle machine

SETTINGS = """state = "{top}/state";
keys = "{top}/keys";
rules = "{top}/rules.conf";
milter = {{ listen = "unix:{top}/milter.sock"; mode = "0600"; group = ""; }};
tls_policy = {{ listen = "unix:{top}/policy.sock"; mode = "0640"; group = ""; }};
resolver = {{ servers = [ "127.0.0.1" ]; port = {resolver}; timeout_ms = 200; tries = 1; }};
outbound = {{ domains = [ "our.test" ]; networks = [ "127.0.0.0/8" ];
  internal_domains = [ "our.test" ]; }};
audit = {{ file = "{top}/audit.jsonl"; syslog = false; }};
portal = {{ url = "https://secure.our.test"; }};
outbox = {{ smtp = "127.0.0.1:{outbox}"; }};
"""

RULES = """markers = ( {{ name = "card"; any = ( {{ detector = "payment-card"; }} ); }},
            {{ name = "portal"; any = ( {{ subject = "portal please"; }} ); }},
            {{ name = "hold"; any = ( {{ subject = "hold please"; strip = true; }} ); }},
            {{ name = "refuse"; any = ( {{ subject = "refuse please"; }} ); }} );
rules = ( {{ name = "{name}"; when = {{ markers = [ "card" ]; }};
            require = "authenticated"; otherwise = [ "divert", "defer" ]; }},
          {{ name = "straight to the portal"; when = {{ markers = [ "portal" ]; }};
            require = "authenticated"; otherwise = [ "divert" ];
            undetermined = "otherwise"; opaque = "ignore"; }},
          {{ name = "for a person to look at"; when = {{ markers = [ "hold" ]; }};
            require = "authenticated"; otherwise = [ "encrypt", "hold" ];
            undetermined = "otherwise"; opaque = "ignore"; }},
          {{ name = "not by mail"; when = {{ markers = [ "refuse" ]; to = [ "plain.test" ]; }};
            require = "authenticated"; otherwise = [ "refuse" ];
            undetermined = "otherwise"; opaque = "ignore"; }} );
"""

CLEAN = b"The weather is fine.\r\n"
CARD = b"Please charge 4111 1111 1111 1111 for it.\r\n"
SECRET = b"The code word is rhubarb.\r\n"
FIELDS = [("From", "Jane <jane@our.test>"), ("To", "bob@plain.test"),
          ("Subject", "News"), ("Message-ID", "<1@our.test>"),
          ("Date", "Sun, 22 Nov 2026 03:00:00 +0000")]


def silent(kind):
    """A port of ours where nobody answers: bound, and never served."""
    one = socket.socket(socket.AF_INET, kind)
    one.bind(("127.0.0.1", 0))
    return one


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def until(what, true):
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come within {PATIENCE} s")
        time.sleep(0.05)


def accepts(path):
    with socket.socket(socket.AF_UNIX) as one:
        try:
            one.connect(path)
        except OSError:
            return False
    return True


class Daemon:
    """wrap: words before the program's own, such as unshare's."""

    def __init__(self, more="", wrap=()):
        self.folder = tempfile.TemporaryDirectory(prefix="postern-")
        self.top = self.folder.name
        self.resolver, self.outbox = silent(socket.SOCK_DGRAM), silent(socket.SOCK_STREAM)
        self.conf = self.path("postern.conf")
        self.log = self.path("log")
        self.wrap = list(wrap)
        self.process = None
        write(self.conf, SETTINGS.format(top=self.top, resolver=self.resolver.getsockname()[1],
                                         outbox=self.outbox.getsockname()[1]) + more)
        self.rules("cards only over proven TLS")

    def path(self, name):
        return os.path.join(self.top, name)

    def children(self):
        found, tasks = [], f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):  # each lists those that it has started itself
            with open(f"{tasks}/{task}/children", encoding="ascii") as f:
                found += [int(word) for word in f.read().split()]
        assert found, "it has no reader"
        return found

    def rules(self, name):
        write(self.path("rules.conf"), RULES.format(name=name))

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*self.wrap, MILTER, "-f", "-c", self.conf],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for name in ("milter.sock", "policy.sock"):
            until(name, lambda path=self.path(name): self.alive() and accepts(path))
        return self

    def alive(self):
        if self.process.poll() is not None:
            raise AssertionError(f"it ended with {self.process.returncode}:\n{self.said()}")
        return True

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def end(self):
        """SIGTERM; the exit status, and after how many seconds."""
        before = time.monotonic()
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        return status, time.monotonic() - before

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.resolver.close()
        self.outbox.close()
        said = self.said() if os.path.exists(self.log) else ""
        self.folder.cleanup()
        if "Sanitizer" in said or "runtime error: " in said:
            raise AssertionError(said)

    def message(self, body=CLEAN, fields=(), sender="jane@our.test", to=("bob@plain.test",),
                address="127.0.0.1", macros=None):
        """fields stand in for those of their name in FIELDS."""
        named = {name for name, _ in fields}
        usual = [field for field in FIELDS if field[0] not in named]
        with MilterClient(self.path("milter.sock")) as client:
            client.connect(address)
            return client.message(sender, to, usual + list(fields), body, macros)

    def ask(self, *requests, raw=None):
        """What the policy socket answers to requests in one go; None: it hung up."""
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(PATIENCE)
            one.connect(self.path("policy.sock"))
            one.sendall(raw or b"".join(f"{len(r)}:{r},".encode() for r in requests))
            answers, got = [], b""
            while len(answers) < max(1, len(requests)):
                more = one.recv(65536)
                if not more:
                    return None
                got += more
                while match := re.match(rb"(\d+):", got):
                    size = int(match.group(1))
                    if len(got) < match.end() + size + 1:
                        break
                    answers.append(got[match.end():match.end() + size].decode())
                    got = got[match.end() + size + 1:]
            return answers


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)


class Metrics(unittest.TestCase):
    def test_what_happens_is_counted_and_told(self):
        daemon = Daemon()
        self.addCleanup(daemon.close)
        write(daemon.conf, open(daemon.conf, encoding="utf-8").read() +
              f'metrics = {{ listen = "unix:{daemon.path("metrics.sock")}"; mode = "0600"; }};\n')
        daemon.start()
        daemon.message()
        daemon.message(CARD)  # nothing can be found out: it waits
        daemon.ask("strict plain.test", "policy .plain.test", "nosuch x")
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(PATIENCE)
            one.connect(daemon.path("metrics.sock"))
            one.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b"".join(iter(lambda: one.recv(65536), b"")).decode()
        for line in ("postern_messages_total 2", 'postern_recipients_total{verdict="pass"} 1',
                     'postern_recipients_total{verdict="defer"} 1',
                     'postern_assurance_total{level="undetermined"} 1',
                     'postern_socketmap_replies_total{reply="TEMP"} 1',
                     'postern_socketmap_replies_total{reply="NOTFOUND"} 1',
                     'postern_socketmap_replies_total{reply="PERM"} 1',
                     "postern_end_of_message_seconds_count 2", "postern_sessions 0"):
            self.assertIn("\n" + line + "\n", answer)
        self.assertRegex(answer, r'postern_lookups_total\{outcome="failed"\} [1-9]')
        self.assertRegex(answer, r'postern_dns_questions_total\{what="sent"\} [1-9]')
        self.assertIn('\npostern_dns_questions_total{what="tcp"} 0\n', answer)
        self.assertNotIn("plain.test", answer)


class Compiled(unittest.TestCase):
    """What the matcher compiled is kept, and believed only where nobody else can have
    written it; rules hold all the same."""

    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.close)

    def kept(self):
        folder = self.daemon.path("state/compiled")
        return {name: os.stat(os.path.join(folder, name)) for name in os.listdir(folder)}

    def again(self):
        """A start after an end; the rules hold."""
        self.assertEqual(self.daemon.end()[0], 0)
        self.daemon.start()
        self.assertEqual(self.daemon.message(CARD).reply[:3], "451")

    def test_the_next_start_takes_what_was_kept(self):
        self.daemon.start()
        first = self.kept()
        self.assertEqual(len(first), 1)
        self.again()
        second = self.kept()
        self.assertEqual(list(first), list(second))
        self.assertEqual([s.st_ino for s in first.values()], [s.st_ino for s in second.values()])

    def test_a_damaged_one_is_compiled_anew(self):
        self.daemon.start()
        name, before = next(iter(self.kept().items()))
        path = os.path.join(self.daemon.path("state/compiled"), name)
        with open(path, "r+b") as f:
            f.seek(before.st_size // 2)
            f.write(b"damaged")
        self.again()
        self.assertEqual(list(self.kept()), [name])
        with open(path, "rb") as f:
            self.assertNotIn(b"damaged", f.read())

    def test_a_folder_that_others_may_write_to_is_told_of(self):
        self.daemon.start()
        os.chmod(self.daemon.path("state/compiled"), 0o770)
        self.again()
        self.assertIn("compiled rules are not kept for the next start: ", self.daemon.said())
        self.assertIn("others may write to it", self.daemon.said())

    def test_none_is_kept_where_none_is_wanted(self):
        with open(self.daemon.conf, "a", encoding="utf-8") as f:
            f.write("limits = { compiled_files = 0; };\n")
        self.daemon.start()
        self.assertFalse(os.path.exists(self.daemon.path("state/compiled")))
        self.assertEqual(self.daemon.message(CARD).reply[:3], "451")


class Options(unittest.TestCase):
    def test_help_and_version_go_to_standard_output(self):
        for option, expected in (("-h", "usage: postern-milter "), ("-V", "postern-milter 0")):
            done = run(MILTER, option)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(done.stdout.startswith(expected), done.stdout)

    def test_what_is_no_option_is_refused(self):
        for words in (("-x",), ("start",), ("-c",)):
            self.assertEqual(run(MILTER, *words).returncode, 2, words)


class Refusals(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()

    def tearDown(self):
        self.daemon.close()

    def refused(self, words, *options):
        done = run(MILTER, *options, "-c", self.daemon.conf)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(words, done.stderr)
        self.assertFalse(os.path.exists(self.daemon.path("state")), "it has made its state")

    def test_a_wrong_setting_is_told_with_file_and_line(self):
        with open(self.daemon.conf, "a", encoding="utf-8") as f:
            f.write("limits = { sessions = 0; };\n")
        self.refused(f"{self.daemon.conf}:12: limits.sessions", "-f")
        self.refused(f"{self.daemon.conf}:12: limits.sessions")

    def test_a_wrong_rule_is_told_with_file_and_line(self):
        write(self.daemon.path("rules.conf"), 'rules = ( { name = "r"; reqire = "x"; } );\n')
        self.refused(f"{self.daemon.path('rules.conf')}:1: ", "-f")

    def test_an_expression_that_does_not_compile_is_told_with_file_and_line(self):
        write(self.daemon.path("rules.conf"),
              'markers = ( { name = "m";\n  any = ( { body = "(open"; } ); } );\n')
        self.refused(f"{self.daemon.path('rules.conf')}:2: ", "-f")

    def test_a_settings_file_that_is_named_must_be_there(self):
        os.unlink(self.daemon.conf)
        self.refused(self.daemon.conf, "-f")


class Life(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()

    def tearDown(self):
        self.daemon.close()

    def mode(self, name):
        return stat.S_IMODE(os.stat(self.daemon.path(name)).st_mode)

    def test_it_makes_keys_and_sockets_that_others_cannot_open(self):
        self.daemon.start()
        self.assertEqual(self.mode("keys"), 0o700)
        names = os.listdir(self.daemon.path("keys"))
        self.assertIn("route.token", names)
        self.assertIn("epoch-1.key", names)
        for name in names:
            self.assertEqual(self.mode("keys/" + name), 0o600, name)
        self.assertEqual(self.mode("state"), 0o700)
        self.assertEqual(self.mode("milter.sock"), 0o600)
        self.assertEqual(self.mode("policy.sock"), 0o640)

    @unittest.skipUnless(os.getuid() == 0 and shutil.which("setpriv"), "takes root and setpriv")
    def test_a_user_without_rights_can_run_it_and_give_sockets_to_a_group(self):
        nobody, mail = 65534, grp.getgrnam("mail").gr_gid
        os.chown(self.daemon.top, nobody, nobody)
        for folder in ("bin", "reader"):  # where all can come
            os.mkdir(self.daemon.path(folder))
        own = shutil.copy(MILTER, self.daemon.path("bin/postern-milter"))
        shutil.copy(READER, self.daemon.path("reader/postern-reader"))
        with open(self.daemon.conf, encoding="utf-8") as f:
            text = f.read()
        write(self.daemon.conf, text.replace('group = ""', 'group = "mail"'))
        self.daemon.wrap = ["setpriv", f"--reuid={nobody}", f"--regid={nobody}",
                            f"--groups={mail}", "--no-new-privs", "--bounding-set=-all",
                            "sh", "-c", 'shift; exec "$0" "$@"', own]
        self.daemon.start()
        for name in ("milter.sock", "policy.sock"):
            found = os.stat(self.daemon.path(name))
            self.assertEqual((found.st_uid, found.st_gid), (nobody, mail), name)
        self.assertEqual(self.mode("keys"), 0o700)
        self.assertEqual(self.daemon.message(CARD).action, "reply")
        self.assertEqual(self.daemon.end()[0], 0)

    def test_a_signal_to_end_ends_it_soon_and_in_order(self):
        self.daemon.start()
        self.assertEqual(self.daemon.message().action, "continue")
        with MilterClient(self.daemon.path("milter.sock")) as idle:  # must not keep it
            idle.connect()
            status, seconds = self.daemon.end()
        self.assertEqual(status, 0, self.daemon.said())
        self.assertLess(seconds, 15)
        for name in ("milter.sock", "policy.sock"):
            self.assertFalse(accepts(self.daemon.path(name)), name)

    def test_signals_of_the_impatient_change_nothing(self):
        self.daemon.start()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
            self.daemon.process.send_signal(number)
            time.sleep(0.02)
        self.assertEqual(self.daemon.end()[0], 0, self.daemon.said())
        self.assertEqual(self.daemon.said().count("ending on signal"), 1)

    def test_signals_that_come_together_are_all_ours(self):
        """The kernel gives the second to another thread than the first: not to libmilter's."""
        self.daemon.start()
        for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGCONT):
            self.daemon.process.send_signal(number)
        self.assertEqual(self.daemon.process.wait(PATIENCE), 0, self.daemon.said())

    def test_a_second_one_leaves_the_first_alone(self):
        self.daemon.start()
        done = run(MILTER, "-f", "-c", self.daemon.conf)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, r"not started: .*another process")
        self.assertEqual(self.daemon.message().action, "continue")
        self.assertEqual(self.daemon.ask("strict .test"), ["NOTFOUND "])

    def test_one_that_wants_the_first_one_s_milter_socket_leaves_it_alone(self):
        self.daemon.start()
        other = Daemon()
        try:
            with open(other.conf, encoding="utf-8") as f:
                text = f.read()
            write(other.conf, text.replace(other.path("milter.sock"),
                                           self.daemon.path("milter.sock")))
            done = run(MILTER, "-f", "-c", other.conf)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(self.daemon.path("milter.sock"), done.stderr)
        finally:
            other.close()
        self.assertEqual(self.daemon.message().action, "continue")

    def test_what_a_killed_one_left_is_taken_over(self):
        self.daemon.start()
        self.daemon.message(CARD)
        self.daemon.process.kill()
        self.daemon.process.wait()
        self.assertTrue(os.path.exists(self.daemon.path("milter.sock")))
        self.daemon.start()
        self.assertEqual(self.daemon.message().action, "continue")
        self.assertEqual(self.daemon.message(CARD).action, "reply")
        done = run(POSTERN, "audit", "verify", "--config", self.daemon.conf)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_it_lives_through_hangups_and_keeps_its_rules(self):
        self.daemon.start()
        self.daemon.rules("the second rule")
        # Libmilter's own signal thread would end it on the first, within 5 seconds.
        for _ in range(50):
            self.daemon.process.send_signal(signal.SIGHUP)
            time.sleep(0.13)
        until("a reload", lambda: "reloaded: " in self.daemon.said())
        until("the second rule",
              lambda: 'rule "the second rule"' in self.daemon.message(CARD).reply)

        broken = self.daemon.path("rules.conf")
        write(broken, "markers = (\n  { nam = 1; } );\n")
        self.daemon.process.send_signal(signal.SIGHUP)
        until("the reason", lambda: f"{broken}:2: " in self.daemon.said())
        self.assertRegex(self.daemon.said(), r"not reloaded, the old settings and rules hold: ")
        self.assertIn('rule "the second rule"', self.daemon.message(CARD).reply)

    def test_a_hangup_opens_the_audit_anew_and_the_chain_goes_on(self):
        self.daemon.start()
        self.daemon.message(CARD)
        audit = self.daemon.path("audit.jsonl")
        os.rename(audit, audit + ".1")
        self.daemon.process.send_signal(signal.SIGHUP)
        until("the new file", lambda: os.path.exists(audit))
        self.daemon.message(CARD)
        done = run(POSTERN, "audit", "verify", "--config", self.daemon.conf, audit + ".1", audit)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(audit, encoding="utf-8") as f:
            self.assertGreater(json.loads(f.readline())["seq"], 1)


class Served(unittest.TestCase):
    """One daemon for all of these, which change nothing that another one needs."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.start()

    def assert_untouched(self, outcome):
        self.assertEqual((outcome.action, outcome.edits), ("continue", []), outcome)

    # ---- the map ----

    def test_the_map_answers_each_request_in_its_turn(self):
        answers = self.daemon.ask("strict .plain.test", "nosuch plain.test", "strict plain.test",
                                  "strict .test", "noblank", "strict ")
        self.assertEqual(answers[0], "NOTFOUND ")
        self.assertRegex(answers[1], r"^PERM .*strict")
        self.assertRegex(answers[2], r"^TEMP plain\.test \S")
        self.assertEqual(answers[3], "NOTFOUND ")
        self.assertRegex(answers[4], "^PERM ")
        self.assertRegex(answers[5], "^PERM ")

    def test_the_maps_for_other_mail_answer_too(self):
        for name in ("policy", "policy-tlsrpt"):
            answers = self.daemon.ask(f"{name} .plain.test", f"{name} silent.test",
                                      f"{name} [192.0.2.1]", f"{name} not..aname")
            self.assertEqual(answers[0], "NOTFOUND ")
            self.assertRegex(answers[1], r"^TEMP silent\.test is undetermined")
            self.assertEqual(answers[2:], ["NOTFOUND ", "NOTFOUND "])
        self.assertRegex(self.daemon.ask("Policy x.test")[0], "^PERM .*strict, policy, policy-tlsrpt, sts")

    def test_what_is_no_netstring_ends_the_connection(self):
        for raw in (b"strict plain.test\n", b"05:strict,", b"99999999:", b"4:abcde,", b"-1:,"):
            self.assertIsNone(self.daemon.ask(raw=raw), raw)

    # ---- messages ----

    def test_a_clean_message_is_untouched(self):
        self.assert_untouched(self.daemon.message())

    def test_several_messages_go_over_one_connection(self):
        with MilterClient(self.daemon.path("milter.sock")) as client:
            client.connect()
            for body, action in ((CLEAN, "continue"), (CARD, "reply"), (CLEAN, "continue")):
                outcome = client.message("jane@our.test", ["bob@plain.test"], FIELDS, body)
                self.assertEqual(outcome.action, action)
                client.send("A")

    def test_a_card_number_waits_when_nothing_can_be_found_out(self):
        outcome = self.daemon.message(CARD)
        self.assertEqual(outcome.action, "reply")
        self.assertRegex(outcome.reply, r"^451[ -]4\.7\.10 ")
        words = re.sub(r"\r?\n451[ -]4\.7\.10 ", " ", outcome.reply)
        self.assertIn('<bob@plain.test>: rule "cards only over proven TLS": marker card in the body',
                      words)
        self.assertNotIn("4111", outcome.reply)
        self.assertEqual(outcome.edits, [])

    def zipped(self, text):
        fields = [("MIME-Version", "1.0"), ("Content-Type", 'application/zip; name="a.zip"'),
                  ("Content-Transfer-Encoding", "base64")]
        body = base64.encodebytes(documents.zip_of({"a/b.txt": text})).replace(b"\n", b"\r\n")
        return self.daemon.message(body, fields)

    def test_a_card_number_in_an_archive_counts(self):
        outcome = self.zipped(CARD)
        self.assertEqual(outcome.action, "reply")
        self.assertIn("marker card in", re.sub(r"\r?\n451[ -]4\.7\.10 ", " ", outcome.reply))
        self.assert_untouched(self.zipped(CLEAN))

    def test_a_reader_that_is_killed_is_replaced(self):
        """It is there from the start; a document must not be lost with it."""
        for _ in range(2):
            for child in self.daemon.children():
                os.kill(child, signal.SIGKILL)
            self.assertEqual(self.zipped(CARD).action, "reply")
            self.assert_untouched(self.zipped(CLEAN))

    def test_a_person_s_message_waits_on_the_strict_route(self):
        outcome = self.daemon.message(CARD, macros={"{auth_authen}": "jane"})
        self.assertEqual(outcome.action, "continue")
        with open(self.daemon.path("keys/route.token"), encoding="utf-8") as f:
            token = f.read().strip()
        (name, value), = outcome.of("add header")
        self.assertEqual((name, value.strip()), ("Postern-Route", f"strict {token}"))
        (sender, words), = outcome.of("change sender")
        self.assertEqual((sender, words), ("<jane@our.test>", "RET=HDRS"))

    def test_a_card_number_that_comes_in_is_none_of_our_business(self):
        self.assert_untouched(self.daemon.message(CARD, sender="eve@far.test", address="192.0.2.1"))

    def test_a_forged_route_is_taken_off(self):
        forged = [("Postern-Route", "strict 0123456789abcdef"), ("X-Other", "x"),
                  ("postern-route", "strict 1"), ("Postern-Notice", "notice 1")]
        outcome = self.daemon.message(CLEAN, forged)
        self.assertEqual(outcome.action, "continue")
        taken = {(index, name.lower(), value) for index, name, value in outcome.of("change header")}
        self.assertEqual(taken, {(1, "postern-route", ""), (2, "postern-route", ""),
                                 (1, "postern-notice", "")})
        self.assertEqual(outcome.of("add header"), [])

    def test_a_wish_protects_what_no_rule_does(self):
        for word in ("authenticated", " Authenticated "):
            outcome = self.daemon.message(CLEAN, [("Postern-Require", word)])
            self.assertRegex(outcome.reply, r"^451[ -]4\.7\.10 ", word)

    def test_a_wish_that_is_not_known_is_refused(self):
        outcome = self.daemon.message(CLEAN, [("Postern-Require", "please")])
        self.assertEqual(outcome.action, "reply")
        self.assertRegex(outcome.reply, r"^550[ -]5\.7\.0 ")

    def test_the_sendmail_command_s_mail_is_outgoing(self):
        self.assertEqual(self.daemon.message(CARD, address=None).action, "reply")

    def test_held_mail_is_routed_before_it_is_quarantined(self):
        outcome = self.daemon.message(CLEAN, [("Subject", "hold please: the figures")])
        self.assertEqual(outcome.action, "continue")
        kinds = [edit[0] for edit in outcome.edits]
        self.assertEqual(kinds, ["change header", "add header", "change sender", "quarantine"])
        self.assertEqual(outcome.edits[0][1:3], (1, "Subject"))
        self.assertEqual(outcome.edits[0][3].strip(), ": the figures")

    def test_one_refused_recipient_refuses_all_and_is_named(self):
        outcome = self.daemon.message(CLEAN, [("Subject", "refuse please")],
                                      to=("amy@our.test", "bob@plain.test", "cid@other.test"))
        self.assertEqual(outcome.action, "reply")
        self.assertRegex(outcome.reply, r"^550[ -]5\.7\.10 ")
        self.assertIn("<bob@plain.test>", outcome.reply)
        self.assertNotIn("cid@other.test", outcome.reply)
        self.assertEqual(outcome.edits, [])

    def test_recipients_of_ours_keep_the_message_and_others_get_a_copy(self):
        outcome = self.daemon.message(CARD, to=("amy@our.test", "bob@plain.test"),
                                      macros={"{auth_authen}": "jane"})
        self.assertEqual((outcome.action, outcome.edits),
                         ("continue", [("delete recipient", "<bob@plain.test>")]))

    def test_many_at_once_each_get_their_own_answer(self):
        wanted = [(CLEAN, [], "continue"), (CARD, [], "reply"),
                  (CLEAN, [("Subject", "hold please")], "continue"),
                  (CLEAN, [("Subject", "refuse please")], "reply")]
        wrong = []

        def submit(which):
            for n in range(6):
                body, fields, action = wanted[(which + n) % len(wanted)]
                outcome = self.daemon.message(body, fields, to=(f"u{which}@plain.test",))
                if outcome.action != action:
                    wrong.append((which, n, outcome))

        threads = [threading.Thread(target=submit, args=(n,)) for n in range(12)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertEqual(wrong, [])
        done = run(POSTERN, "audit", "verify", "--config", self.daemon.conf)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_client_that_hangs_up_leaves_no_trace(self):
        for stop in ("O", "M", "L", "B"):
            client = MilterClient(self.daemon.path("milter.sock"))
            client.connect()
            if stop != "O":
                client.envelope(["<jane@our.test>"], ["bob@plain.test"], {})
            if stop in "LB":
                client.step("L", b"Subject\0 hold please\0")
            if stop == "B":
                client.step("N")
                client.step("B", CARD)
            client.socket.close()
        self.assert_untouched(self.daemon.message())

    def test_a_sender_who_is_not_ours_gets_no_deposit(self):
        for sender in ("eve@far.test", ""):
            outcome = self.daemon.message(CLEAN, [("Subject", "portal please")], sender=sender)
            self.assertRegex(outcome.reply, r"^550[ -]5\.7\.10 ", sender)


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon("limits = { message_bytes = 65536; recipients = 2; sessions = 1; };\n")
        cls.addClassCleanup(cls.daemon.close)
        cls.daemon.start()

    def test_a_message_that_is_too_large_to_check_is_refused(self):
        self.assertRegex(self.daemon.message(CLEAN * 4000).reply, r"^550[ -]5\.7\.0 ")
        self.assertEqual(self.daemon.message(CLEAN * 2000).action, "continue")

    def test_more_recipients_than_can_be_checked_are_refused(self):
        two = ["a@plain.test", "b@plain.test"]
        self.assertRegex(self.daemon.message(to=two + ["c@plain.test"]).reply, r"^550[ -]5\.7\.0 ")
        self.assertEqual(self.daemon.message(to=two).action, "continue")

    def test_as_many_recipients_as_can_be_asked_for(self):
        """Protected, each with its reason and its record."""
        many = [f"person-{i}-of-a-long-name@plain.test" for i in range(5000)]
        daemon = Daemon("limits = { recipients = 5000; };\n")
        self.addCleanup(daemon.close)
        daemon.start()
        self.assertRegex(daemon.message(CARD, to=many + many[:1]).reply, r"^550[ -]5\.7\.0 ")
        outcome = daemon.message(CARD, to=many)
        self.assertNotRegex(outcome.reply or "", r"^451[ -]4\.3\.0 ")
        with open(daemon.path("audit.jsonl"), encoding="utf-8") as audit:
            told = {json.loads(line)["to"] for line in audit} & set(many)
        self.assertEqual(len(told), 5000)

    def test_a_message_beyond_those_at_once_waits(self):
        with MilterClient(self.daemon.path("milter.sock")) as first:
            first.connect()
            until("the first message", lambda: self.waits_for(first))
            first.send("A")
            until("room", lambda: self.daemon.message().action == "continue")

    def waits_for(self, first):
        """What the first says of its envelope gets no answers: the second may be there before."""
        first.send("A")
        first.envelope(["<jane@our.test>"], ["bob@plain.test"], {})
        return self.daemon.message().reply.startswith("451 4.3.0")

    def test_what_is_not_outgoing_has_no_limits(self):
        outcome = self.daemon.message(CLEAN * 4000, to=["a@our.test"] * 3, address="192.0.2.1")
        self.assertEqual((outcome.action, outcome.edits), ("continue", []))


class Diverted(unittest.TestCase):
    PORTAL = [("Subject", "portal please")]

    def setUp(self):
        self.daemon = Daemon()

    def tearDown(self):
        self.daemon.close()

    def assert_deferred(self, outcome):
        self.assertEqual(outcome.action, "reply", outcome)
        self.assertRegex(outcome.reply, r"^451[ -]4\.3\.0 ")
        self.assertNotIn("change sender", [edit[0] for edit in outcome.edits])

    def listed(self):
        done = run(POSTERN, "deposit", "list", "--json", "--config", self.daemon.conf)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_a_diverted_message_is_sealed_once_however_often_it_comes(self):
        self.daemon.start()
        for _ in range(2):
            outcome = self.daemon.message(SECRET, self.PORTAL)
            self.assertEqual((outcome.action, outcome.of("add header")), ("discard", []))
        self.assertEqual(len(self.listed()), 1)
        for at, _, names in os.walk(self.daemon.path("state")):
            for path in (os.path.join(at, name) for name in names):
                if os.path.isfile(path):  # not the sockets
                    with open(path, "rb") as f:
                        self.assertNotIn(b"rhubarb", f.read(), path)

    def test_where_nothing_can_be_sealed_the_message_waits(self):
        self.daemon.start()
        blobs = self.daemon.path("state/blobs")
        shutil.rmtree(blobs)
        write(blobs, "no folder")
        # Long enough for a file of its own.
        self.assert_deferred(self.daemon.message(SECRET + 2000 * (b"x" * 70 + b"\r\n"), self.PORTAL))
        self.assertEqual(self.daemon.message().action, "continue")

    def fill(self, folder):
        """A small disk at folder, which must be empty: starts the daemon in a world of mounts of
        its own; the folder's name from here is returned."""
        self.daemon.wrap = ["unshare", "--mount", "sh", "-c",
                            f'mount -t tmpfs -o size=4m tmpfs "{folder}" && exec "$@"', "sh"]
        self.daemon.start()
        inside = f"/proc/{self.daemon.process.pid}/root{folder}"
        self.assertNotEqual(os.listdir(inside), [])
        with open(inside + "/ballast", "wb", buffering=0) as f:
            for size in (65536, 512):
                try:
                    while True:
                        f.write(bytes(size))
                except OSError:
                    pass
        return inside

    @unittest.skipUnless(os.getuid() == 0 and shutil.which("unshare"), "takes root and unshare")
    def test_where_the_audit_cannot_be_written_only_protected_mail_waits(self):
        folder = self.daemon.path("audit")
        os.mkdir(folder)
        with open(self.daemon.conf, encoding="utf-8") as f:
            text = f.read()
        write(self.daemon.conf, text.replace("/audit.jsonl", "/audit/audit.jsonl"))
        inside = self.fill(folder)
        held = [("Subject", "hold please")]
        answers = [self.daemon.message(CLEAN, held) for _ in range(20)]  # its last page fills up
        self.assert_deferred(answers[-1])
        self.assertEqual(self.daemon.message().action, "continue")
        os.unlink(inside + "/ballast")
        self.assertEqual(self.daemon.message(CLEAN, held).action, "continue")
        done = run(POSTERN, "audit", "verify", inside + "/audit.jsonl")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @unittest.skipUnless(os.getuid() == 0 and shutil.which("unshare"), "takes root and unshare")
    def test_on_a_full_disk_the_message_waits_and_nothing_is_lost(self):
        state = self.daemon.path("state")
        os.mkdir(state, 0o700)
        inside = self.fill(state)
        self.assert_deferred(self.daemon.message(SECRET, self.PORTAL))
        self.assertEqual(self.daemon.message().action, "continue")
        self.assertEqual(os.listdir(inside + "/blobs"), [])
        os.unlink(inside + "/ballast")
        self.assertEqual(self.daemon.message(SECRET, self.PORTAL).action, "discard")


if __name__ == "__main__":
    unittest.main()

"""postern doctor: a sound site is told to be sound, and each thing that can be wrong is named.
Postfix's side is asked of the real postconf and postmap, in a folder of this test's."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

BUILD = os.environ["POSTERN_BUILD"]
POSTERN = os.environ["POSTERN"]
SOURCE = os.environ["POSTERN_SOURCE"]
MILTER = os.path.join(BUILD, "milter", "postern-milter")

sys.path.insert(0, os.path.join(SOURCE, "tests", "support"))
import dns_stub  # noqa: E402
from milter_client import MilterClient  # noqa: E402

PATIENCE = 60
ROOT = {**dns_stub.ROOT, "far.test": dns_stub.SERVFAIL}
POSTFIX = next((p for p in (shutil.which("postconf"), "/usr/sbin/postconf")
                if p and os.access(p, os.X_OK)), None)

SETTINGS = """state = "{top}/state";
keys = "{top}/keys";
rules = "{top}/rules.conf";
milter = {{ listen = "unix:{top}/spool/postern/milter.sock"; mode = "0600"; group = ""; }};
tls_policy = {{ listen = "unix:{top}/spool/postern/map.sock"; mode = "0640"; group = ""; }};
resolver = {{ servers = [ "127.0.0.1" ]; port = {port}; timeout_ms = 1000; tries = 1; }};
outbound = {{ domains = [ "our.test" ]; networks = [ "127.0.0.0/8" ]; {outbound} }};
audit = {{ file = "{top}/audit.jsonl"; syslog = false; }};
portal = {{ url = "https://secure.our.test"; }};
outbox = {{ smtp = "127.0.0.1:1"; }};
"""

RULES = """markers = ( { name = "portal"; any = ( { subject = "portal please"; } ); } );
rules = ( { name = "straight to the portal"; when = { markers = [ "portal" ]; };
            require = "authenticated"; otherwise = [ "divert" ]; undetermined = "otherwise"; } );
destinations = ( { domain = "[relay.test]:25"; assurance = "authenticated";
                   match = [ "relay.test" ]; why = "ours"; },
                 { domain = "partner.test"; assurance = "authenticated";
                   match = [ "mx.partner.test" ]; why = "contract"; },
                 { domain = ".keys.test"; assurance = "authenticated"; why = "by phone";
                   pin = { spki_sha256 = [ "%s" ]; }; } );
tests = ( { message = "m.eml"; from = "a@our.test"; to = "b@x.test"; expect = "divert"; } );
""" % ("3f" * 32)

# What the pinned destinations publish: nothing that contradicts the rules.
PINNED = {
    "relay.test": (False, {dns_stub.A: [bytes([192, 0, 2, 1])]}),
    "partner.test": (False, {dns_stub.MX: [dns_stub.mx(10, "mx.partner.test")]}),
    "mx.partner.test": (False, {dns_stub.A: [bytes([192, 0, 2, 2])]}),
}


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)


def accepts(path):
    with socket.socket(socket.AF_UNIX) as one:
        try:
            one.connect(path)
        except OSError:
            return False
    return True


class Site:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="postern-")
        self.top = self.folder.name
        self.resolver = dns_stub.Resolver(dict(ROOT, **PINNED))
        self.resolver.start()
        self.conf, self.postfix = self.path("postern.conf"), self.path("postfix")
        self.process = None
        os.makedirs(self.path("spool", "postern"))
        os.mkdir(self.postfix)
        self.settings()
        write(self.path("rules.conf"), RULES)

    def path(self, *names):
        return os.path.join(self.top, *names)

    def settings(self, outbound="", more="", port=None):
        write(self.conf, SETTINGS.format(top=self.top, port=port or self.resolver.port,
                                         outbound=outbound) + more)

    def start(self):
        with open(self.path("log"), "ab") as log:
            self.process = subprocess.Popen([MILTER, "-f", "-c", self.conf], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        for name in ("milter.sock", "map.sock"):
            while not accepts(self.path("spool", "postern", name)):
                if self.process.poll() is not None or time.monotonic() > end:
                    raise AssertionError("postern-milter did not start:\n" + read(self.path("log")))
                time.sleep(0.05)
        return self

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def close(self):
        self.kill()
        self.resolver.stop()
        self.folder.cleanup()

    def token(self):
        return read(self.path("keys", "route.token")).strip()

    def set_up_postfix(self):
        """What setup prints, with sockets below the queue as Debian has them."""
        printed = json.loads(run(POSTERN, "setup", "postfix", "--json", "--config",
                                 self.conf).stdout)
        spool = self.path("spool")
        self.main = (f"compatibility_level = 3.7\nqueue_directory = {spool}\n"
                     "message_size_limit = 36000000\nmynetworks = 127.0.0.0/8\n"
                     + printed["main.cf"].replace(f"unix:{spool}/", "unix:"))
        self.master = "smtp inet n - n - - smtpd\n" + printed["master.cf"]

    def doctor(self, main=None, master=None):
        """Exit status, and what it says as (level, check, text)."""
        write(os.path.join(self.postfix, "main.cf"), main or self.main)
        write(os.path.join(self.postfix, "master.cf"), master or self.master)
        for name in ("main.cf", "master.cf"):  # Postfix lets a new file cool down, up to 2 s
            os.utime(os.path.join(self.postfix, name), (time.time() - 60, time.time() - 60))
        done = run(POSTERN, "doctor", "--json", "--config", self.conf, "--postfix", self.postfix)
        assert self.token() not in done.stdout, "the token is told"
        said = [json.loads(line) for line in done.stdout.splitlines()]
        assert all(set(one) == {"check", "level", "text", "advice"} for one in said), said
        return done.returncode, [(s["level"], s["check"], s["text"]) for s in said]


def found(said, level, check, words):
    return any(s[0] == level and s[1] == check and words in s[2] for s in said)


@unittest.skipUnless(POSTFIX, "Postfix is not installed")
class Sound(unittest.TestCase):
    """One site for all of these; Postfix's files are made anew for each question."""

    @classmethod
    def setUpClass(cls):
        cls.site = Site()
        cls.addClassCleanup(cls.site.close)
        cls.site.start()
        cls.site.set_up_postfix()

    def expect(self, level, check, words, status=None, **files):
        code, said = self.site.doctor(**files)
        self.assertTrue(found(said, level, check, words), f"no {level} {check} {words} in {said}")
        self.assertEqual(code, status if status is not None else int(level == "fail"), said)

    def without(self, text, line):
        self.assertIn(line, text)
        return text.replace(line, "")

    def test_a_sound_site_is_told_to_be_sound(self):
        code, said = self.site.doctor()
        self.assertEqual([s for s in said if s[0] == "fail"], [])
        self.assertEqual(code, 0)
        # The machine's own resolv.conf is not this test's.
        odd = [s for s in said if s[0] == "warn" and "resolv.conf" not in s[2]]
        self.assertEqual(odd, [])
        self.assertEqual({s[1] for s in said},
                         {"settings", "keys", "state", "space", "audit", "outbox", "milter",
                          "tls-policy", "resolver", "destinations", "postfix"})
        for words in ("smtpd_milters has", "non_smtpd_milters has", "milter_header_checks turns",
                      "header_checks turns", "postern-strict holds", "milter_content_timeout"):
            self.assertTrue(found(said, "ok", "postfix", words), words)

    def test_for_people_it_is_a_line_each_and_a_count(self):
        self.site.doctor()
        done = run(POSTERN, "doctor", "--config", self.site.conf, "--postfix", self.site.postfix)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("\nok    milter: unix:", done.stdout)
        self.assertRegex(done.stdout, r"\n\d+ ok, \d+ to look at, 0 failed\n\Z")

    def test_absolute_sockets_and_milters_in_braces_are_the_same(self):
        spool = self.site.path("spool")
        for name in (f"unix:{spool}/postern/milter.sock", "unix:/postern/milter.sock",
                     "{ unix:postern/milter.sock, default_action = tempfail }",
                     "inet:127.0.0.1:9, unix:postern/milter.sock"):
            main = self.site.main.replace("smtpd_milters = unix:postern/milter.sock",
                                          f"smtpd_milters = {name}")
            self.assertNotEqual(main, self.site.main)
            code, said = self.site.doctor(main=main)
            self.assertEqual(code, 0, (name, said))

    def test_mail_that_does_not_pass_by_us(self):
        for name in ("smtpd_milters", "non_smtpd_milters"):
            self.expect("fail", "postfix", f"{name} does not have",
                        main=self.site.main + f"{name} = inet:127.0.0.1:8891\n")
        self.expect("warn", "postfix", "submission: mail by this service does not pass", master=(
            self.site.master + "submission inet n - n - - smtpd\n  -o smtpd_milters=\n"))
        self.expect("warn", "postfix", "10025: receive_override_options", master=(
            self.site.master + "10025 inet n - n - - smtpd\n"
            "  -o receive_override_options=no_unknown_recipient_checks,no_milters\n"))

    def test_mail_that_leaves_while_we_are_away(self):
        self.expect("fail", "postfix", "milter_default_action is accept",
                    main=self.site.main + "milter_default_action = accept\n")
        self.expect("fail", "postfix", "submission: milter_default_action is accept", master=(
            self.site.master
            + "submission inet n - n - - smtpd\n  -o milter_default_action=accept\n"))
        self.expect("fail", "postfix", "smtpd_milters says default_action=accept", main=(
            self.site.main
            + "smtpd_milters = { unix:postern/milter.sock, default_action=accept }\n"))

    def test_a_route_that_is_not_known(self):
        for name in ("milter_header_checks", "header_checks"):
            self.expect("fail", "postfix", f"{name} does not know", main=(
                self.site.main + f"{name} = regexp:{{ {{/^Subject: x/ REJECT}} }}\n"))
            self.expect("fail", "postfix", f"{name} turns our route header into \"DUNNO\"", main=(
                self.site.main + f"{name} = regexp:{{ {{/^Postern/ DUNNO}} }},"
                + self.site.main.split("\nheader_checks = ")[1].split("\n")[0] + "\n"))
        self.expect("fail", "postfix", "does not know", main=self.site.main.replace(
            self.site.token(), "0123456789abcdef0123456789abcdef"))

    def test_a_strict_transport_that_is_not_strict(self):
        master = self.site.master
        self.expect("fail", "postfix", "no smtp transport postern-strict",
                    master=master.split("postern-strict")[0])
        self.expect("fail", "postfix", "no smtp transport postern-strict",
                    master=master.replace("- - smtp\n  -o syslog", "- - lmtp\n  -o syslog"))
        for line, words in (("  -o smtp_tls_security_level=dane-only\n", "smtp_tls_security_level"),
                            ("  -o smtp_dns_support_level=dnssec\n", "smtp_dns_support_level"),
                            ("  -o smtp_tls_fingerprint_digest=sha256\n", "fingerprint_digest")):
            self.expect("fail", "postfix", words, master=self.without(master, line))
        self.expect("fail", "postfix", "smtp_tls_security_level", master=master.replace(
            "level=dane-only", "level=dane"))
        self.expect("fail", "postfix", "tls_required_enable", master=master.replace(
            "tls_required_enable=no", "tls_required_enable=yes"))
        for other in ("map.sock:policy", "other.sock:strict"):
            self.expect("fail", "postfix", "does not ask the map strict",
                        master=master.replace("map.sock:strict", other))
        self.expect("fail", "postfix", "smtp_fallback_relay", master=master.replace(
            "smtp_fallback_relay=", "smtp_fallback_relay=relay.test"))
        self.expect("fail", "postfix", "smtp_fallback_relay",
                    main=self.site.main + "smtp_fallback_relay = relay.test\n",
                    master=self.without(master, "  -o smtp_fallback_relay=\n"))
        self.expect("warn", "postfix", "smtp_tls_mandatory_protocols", master=self.without(
            master, "  -o smtp_tls_mandatory_protocols=>=TLSv1.2\n"))
        self.expect("warn", "postfix", "smtp_header_checks", master=self.without(
            master, "  -o { smtp_header_checks = regexp:{ {/^Postern-/ IGNORE} } }\n"))

    def test_a_pin_that_what_is_published_contradicts(self):
        zone = self.site.resolver.zone
        was = zone["partner.test"]
        zone["partner.test"] = (False, {dns_stub.MX: [dns_stub.mx(10, "new.partner.test")]})
        zone["new.partner.test"] = zone["mx.partner.test"]
        self.addCleanup(zone.update, {"partner.test": was})
        self.expect("warn", "destinations", "mx.partner.test, which is no host of partner.test")

    def test_what_the_strict_route_overrides(self):
        main = self.site.main
        self.expect("fail", "postfix", "content_filter is scan:[127.0.0.1]:10024",
                    main=main + "content_filter = scan:[127.0.0.1]:10024\n")
        self.expect("fail", "postfix", "smtp: content_filter is scan:", master=(
            "smtp inet n - n - - smtpd\n  -o content_filter=scan:\n"
            + self.site.master.split("\n", 1)[1]))
        self.expect("warn", "postfix", "relayhost is [other.test]",
                    main=main + "relayhost = [other.test]\n")
        code, said = self.site.doctor(main=main + "relayhost = [relay.test]:25\n")
        self.assertFalse(found(said, "warn", "postfix", "relayhost"), said)
        self.expect("warn", "postfix", "which was not read",
                    main=main + "transport_maps = regexp:/nowhere\n")

    def test_a_relay_that_takes_all(self):
        """Protected mail goes by it too: FILTER names it, and relayhost is the same."""
        self.addCleanup(self.site.settings)
        self.site.settings(outbound='relay = "[relay.test]:25";')
        done = run(POSTERN, "setup", "postfix", "--config", self.site.conf)
        self.assertIn("FILTER postern-strict:[relay.test]:25", done.stdout)
        main = self.site.main.replace("FILTER postern-strict:", "FILTER postern-strict:[relay.test]:25")
        self.assertNotEqual(main, self.site.main)
        relayed = main + "relayhost = [relay.test]:25\n"
        code, said = self.site.doctor(main=relayed)
        self.assertEqual([s for s in said if s[0] == "fail"], [])
        self.assertFalse(found(said, "warn", "postfix", "relay"), said)
        self.expect("warn", "postfix", "protected mail goes by outbound.relay, [relay.test]:25",
                    main=main)
        self.expect("fail", "postfix", "turns our route header into", main=self.site.main
                    + "relayhost = [relay.test]:25\n")
        self.site.settings(outbound='relay = "[other.test]";')
        self.expect("fail", "settings", "destinations in the rules must say what it guarantees")

    def test_transports_without_a_line_in_destinations(self):
        table = self.site.path("transport")
        main = self.site.main + f"transport_maps = hash:{table}\n"
        for text, words in (("partner.test smtp:[a.test]\nour.test local:\nx.test error:no\n", ""),
                            ("partner.test :[a.test]\nother.test smtp:[b.test]\n", "other.test"),
                            (".sub.test relay:[b.test]\n", ".sub.test")):
            write(table, text)
            made = subprocess.run([os.path.join(os.path.dirname(POSTFIX), "postmap"),
                                   "-c", self.site.postfix, f"hash:{table}"])
            self.assertEqual(made.returncode, 0)
            if words:
                self.expect("warn", "postfix", f"transport_maps sends {words}", main=main)
            else:
                code, said = self.site.doctor(main=main)
                self.assertFalse(found(said, "warn", "postfix", "transport_maps"), said)

    def test_bounds_that_do_not_fit(self):
        for text in ("0", "2000000000"):
            self.expect("warn", "postfix", f"message_size_limit is {text}", main=(
                self.site.main + f"mailbox_size_limit = 0\nmessage_size_limit = {text}\n"))
        self.expect("warn", "postfix", "message_size_limit is 10240000: a reply through the portal",
                    main=self.site.main + "message_size_limit = 10240000\n")
        for text in ("20s", "25", "rubbish"):
            self.expect("fail", "postfix", f"milter_content_timeout is {text}",
                        main=self.site.main + f"milter_content_timeout = {text}\n")
        code, said = self.site.doctor(main=self.site.main + "milter_content_timeout = 1m\n")
        self.assertEqual(code, 0, said)

    def test_the_maps_for_all_other_mail(self):
        line = "smtp_tls_policy_maps = socketmap:unix:postern/map.sock:"
        signed = "smtp_dns_support_level = dnssec\n"
        self.expect("ok", "postfix", "asks the map policy",
                    main=self.site.main + signed + line + "policy\n")
        self.expect("fail", "postfix", "cannot do DANE", main=self.site.main + line + "policy\n")
        self.expect("fail", "postfix", "asks the map strict",
                    main=self.site.main + signed + line + "strict\n")
        version = run(POSTFIX, "-h", "mail_version").stdout.split(".")
        old = (int(version[0]), int(version[1])) < (3, 10)
        self.expect("fail" if old else "ok", "postfix", "policy-tlsrpt",
                    main=self.site.main + signed + line + "policy-tlsrpt\n")

    def test_postfix_that_cannot_be_asked(self):
        done = run(POSTERN, "doctor", "--config", self.site.conf, "--postfix", "/nowhere")
        self.assertEqual(done.returncode, 1)
        self.assertIn("FAIL  postfix: its settings cannot be read", done.stdout)


class Unsound(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def said(self, status=1):
        done = run(POSTERN, "doctor", "--json", "--config", self.site.conf, "--postfix", "/nowhere")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return [(s["level"], s["check"], s["text"])
                for s in map(json.loads, done.stdout.splitlines())]

    def expect(self, level, check, words):
        said = self.said()
        self.assertTrue(found(said, level, check, words), f"no {level} {check} {words} in {said}")

    def test_before_the_first_start(self):
        said = self.said()
        for level, check, words in (("fail", "keys", "has no keys yet"),
                                    ("fail", "state", "No such file"),
                                    ("warn", "audit", "is not there yet"),
                                    ("ok", "outbox", "no store yet"),
                                    ("fail", "milter", "No such file"),
                                    ("fail", "tls-policy", "No such file"),
                                    ("ok", "resolver", "validates")):
            self.assertTrue(found(said, level, check, words), (level, check, words, said))
        self.assertFalse(os.path.exists(self.site.path("state")), "it has made something")
        self.assertFalse(os.path.exists(self.site.path("keys")), "it has made something")

    def test_a_daemon_that_is_gone(self):
        self.site.start().kill()
        said = self.said()
        for check in ("milter", "tls-policy"):
            self.assertTrue(found(said, "fail", check, "Connection refused"), said)

    def test_somebody_else_at_the_sockets(self):
        for name in ("milter.sock", "map.sock"):
            one = socket.socket(socket.AF_UNIX)
            self.addCleanup(one.close)
            one.bind(self.site.path("spool", "postern", name))
            os.chmod(self.site.path("spool", "postern", name), 0o777)
            one.listen()

            def serve(one=one):
                while True:
                    try:
                        client, _ = one.accept()
                    except OSError:
                        return
                    client.sendall(b"\0\0\0\x0d" + b"220 hello there\r\n")
                    client.close()
            threading.Thread(target=serve, daemon=True).start()
        said = self.said()
        for check, words in (("milter", "no milter"), ("milter", "has mode 0777"),
                             ("tls-policy", "does not answer as the map strict"),
                             ("tls-policy", "the settings say 0640")):
            if words == "no milter":  # reset before the answer is read, or after
                self.assertTrue(found(said, "fail", check, words)
                                or found(said, "fail", check, "does not answer"), said)
            else:
                self.assertTrue(found(said, "fail", check, words), (words, said))

    def test_a_group_that_is_not_there(self):
        self.site.start()
        text = read(self.site.conf).replace('mode = "0600"; group = ""',
                                            'mode = "0600"; group = "nosuchgroup"')
        write(self.site.conf, text)
        self.expect("fail", "milter", "is not group nosuchgroup's")

    def test_a_scanner_that_is_gone(self):
        text = read(self.site.conf)
        for more, level in (("", "fail"), ("required = false;", "warn")):
            write(self.site.conf,
                  text + f'scan = {{ clamd = "unix:{self.site.path("clamd")}"; {more} }};\n')
            self.expect(level, "scanner", "cannot connect to unix:")

    def test_keys_and_state_that_are_open(self):
        self.site.start()
        os.chmod(self.site.path("keys", "site.key"), 0o644)
        os.chmod(self.site.path("state"), 0o755)
        said = self.said()
        self.assertTrue(found(said, "fail", "keys", "site.key is open to others"), said)
        self.assertTrue(found(said, "warn", "state", "is open to others"), said)

    @unittest.skipUnless(os.geteuid() == 0, "only root gives files away")
    def test_state_of_another_user(self):
        self.site.start()
        os.chown(self.site.path("state"), 65534, 65534)
        self.expect("fail", "state", "belongs to user 65534")

    def test_a_disk_without_room(self):
        room = os.statvfs("/dev/shm") if os.path.isdir("/dev/shm") else None
        if not room or not 0 < room.f_bavail * room.f_frsize < 9 << 30:
            self.skipTest("there is no small /dev/shm here")
        with tempfile.TemporaryDirectory(dir="/dev/shm") as state:
            write(self.site.conf, read(self.site.conf).replace(
                f'"{self.site.path("state")}"', f'"{state}"'))
            with open(self.site.conf, "a", encoding="utf-8") as f:
                f.write("limits = { message_bytes = 1073741824; };\n")
            free = room.f_bavail * room.f_frsize
            self.expect("fail" if free < 1 << 30 else "warn", "space", "MiB left")

    def test_a_damaged_audit(self):
        self.site.start()
        audit = self.site.path("audit.jsonl")
        write(audit, "no record\n" * 10)
        self.expect("fail", "audit", audit)
        write(audit, "")
        self.expect("ok", "audit", "has no record yet")

    def test_a_resolver_that_lacks_something(self):
        self.site.resolver.zone[""] = (False, ROOT[""][1])
        self.addCleanup(self.site.resolver.zone.update, {"": (True, ROOT[""][1])})
        self.expect("fail", "resolver", "does not validate")
        self.site.settings(port=1)
        self.expect("fail", "resolver", "does not answer")

    def test_mail_that_waits_or_never_left(self):
        self.site.start()
        fields = [("From", "jane@our.test"), ("To", "bob@far.test"), ("Subject", "portal please"),
                  ("Message-ID", "<1@our.test>"), ("Date", "Sun, 22 Nov 2026 03:00:00 +0000")]
        with MilterClient(self.site.path("spool", "postern", "milter.sock")) as client:
            client.connect("127.0.0.1")
            outcome = client.message("jane@our.test", ["bob@far.test"], fields, b"rhubarb\r\n",
                                     {"{auth_authen}": "jane"})
        self.assertEqual(outcome.action, "discard", outcome)
        self.expect("ok", "outbox", "2 wait, 0 were given up")
        self.site.kill()
        with sqlite3.connect(self.site.path("state", "postern.db")) as db:
            db.execute("UPDATE outbox SET made = made - 7200")
        db.close()
        self.expect("fail", "outbox", "2 of 2 mails wait for over an hour")
        with sqlite3.connect(self.site.path("state", "postern.db")) as db:
            db.execute("UPDATE outbox SET state = 1")
        db.close()
        said = self.said()
        self.assertTrue(found(said, "warn", "outbox", "a notice to bob@far.test about 4XkF2test was "
                              "given up"), said)
        self.assertTrue(found(said, "warn", "outbox", "0 wait, 2 were given up"), said)

    def test_settings_and_rules_that_do_not_read(self):
        write(self.site.path("rules.conf"), "rules = ( { nam = 1; } );\n")
        self.expect("fail", "settings", "rules.conf:1: ")
        write(self.site.conf, "state = 7;\n")
        self.assertTrue(found(self.said(), "fail", "settings", f"{self.site.conf}:1: "))
        os.unlink(self.site.conf)
        done = run(POSTERN, "doctor", "--config", self.site.conf)
        self.assertEqual((done.returncode, done.stdout), (2, ""))

    def test_a_word_that_cannot_be_checked(self):
        self.site.settings('internal_domains = [ "our.test" ];')
        self.expect("warn", "settings", "our.test is not protected")


unittest.main()

"""postern setup: what it prints is what the tree carries and what Postfix understands."""

import json
import os
import shutil
import stat
import subprocess
import tempfile
import unittest

POSTERN = os.environ["POSTERN"]
SOURCE = os.environ["POSTERN_SOURCE"]


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=60)


class Printed(unittest.TestCase):
    def test_conf_and_rules_are_those_of_the_tree(self):
        for what, path in (("conf", "conf/postern.conf"), ("rules", "conf/rules.conf")):
            with open(os.path.join(SOURCE, path)) as f:
                self.assertEqual(run(POSTERN, "setup", what).stdout, f.read())

    def test_the_example_for_postfix_is_what_is_printed(self):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as conf:
            conf.write('milter = { route_token = "0123456789abcdef0123456789abcdef"; };\n')
            conf.flush()
            done = run(POSTERN, "setup", "postfix", "--config", conf.name)
        with open(os.path.join(SOURCE, "conf", "postfix.example")) as f:
            self.assertEqual(done.stdout, f.read(), "run tools/refresh")

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_the_manual_pages_are_sound(self):
        folder = os.path.join(SOURCE, "docs", "man")
        for name in sorted(os.listdir(folder)):
            done = run("mandoc", "-T", "lint", "-W", "warning", os.path.join(folder, name))
            self.assertEqual((done.returncode, done.stdout), (0, ""), name)


class Site(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.keys = os.path.join(self.tmp.name, "keys")
        self.conf = self.write("postern.conf", self.settings())

    def tearDown(self):
        self.tmp.cleanup()

    def settings(self, more=""):
        return f'state = "{self.tmp.name}/state"; keys = "{self.keys}";\n{more}\n'

    def write(self, name, text):
        path = os.path.join(self.tmp.name, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def printed(self, *words):
        done = run(POSTERN, "setup", "postfix", "--json", "--config", self.conf, *words)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return json.loads(done.stdout)

    def token(self):
        with open(os.path.join(self.keys, "route.token")) as f:
            return f.read().strip()


class Postfix(Site):
    def test_a_token_is_made_once_for_our_eyes_only(self):
        first = self.printed()
        self.assertIn(f"/^Postern-Route: strict {self.token()}$$/ FILTER postern-strict:",
                      first["main.cf"])
        self.assertEqual(stat.S_IMODE(os.stat(self.keys).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.keys, "route.token")).st_mode),
                         0o600)
        self.assertEqual(self.printed(), first)

    @unittest.skipUnless(os.geteuid() == 0, "only root gives files away")
    def test_keys_that_root_makes_are_the_folder_s_owner_s(self):
        os.mkdir(self.keys, 0o700)
        os.chown(self.keys, 65534, 65534)
        self.printed()
        names = os.listdir(self.keys)
        self.assertIn("route.token", names)
        for name in names:
            self.assertEqual(os.stat(os.path.join(self.keys, name)).st_uid, 65534, name)

    def test_a_token_in_the_settings_needs_no_keys(self):
        self.write("postern.conf", self.settings('milter = { route_token = "abcdefgh01234567"; };'))
        self.assertIn("strict abcdefgh01234567$$/", self.printed()["main.cf"])
        self.assertFalse(os.path.exists(self.keys))

    def test_keys_that_others_can_read_are_refused(self):
        self.printed()
        os.chmod(os.path.join(self.keys, "route.token"), 0o644)
        done = run(POSTERN, "setup", "postfix", "--config", self.conf)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("route.token is open to others", done.stderr)

    def test_sockets_are_named_as_postfix_names_them(self):
        main, master = self.printed().values()
        self.assertIn("smtpd_milters = unix:postern/milter.sock\n", main)
        self.assertIn("socketmap:unix:postern/tls-policy.sock:strict\n", master)
        self.write("postern.conf", self.settings('milter = { listen = "127.0.0.1:9000"; };\n'
                                                 'tls_policy = { listen = "unix:/run/p/t.sock"; };'))
        main, master = self.printed().values()
        self.assertIn("smtpd_milters = inet:127.0.0.1:9000\n", main)
        self.assertIn("socketmap:unix:/run/p/t.sock:strict\n", master)

    def test_the_text_says_where_each_line_belongs(self):
        done = run(POSTERN, "setup", "postfix", "--config", self.conf)
        parts, where = {"main.cf": "", "master.cf": ""}, None
        for line in done.stdout.splitlines():
            for name in parts:
                if line.startswith("# " + name):
                    where = name
            if not line.startswith("#") and line:
                parts[where] += line + "\n"
        self.assertEqual(parts, self.printed())


@unittest.skipUnless(shutil.which("postconf"), "postfix is not installed")
class RealPostfix(Site):
    """The lines, read by Postfix's own programs from a folder of our own."""

    def setUp(self):
        super().setUp()
        os.mkdir(os.path.join(self.tmp.name, "queue"))
        os.chmod(self.tmp.name, 0o755)

    def read(self, *words):
        parts = self.printed(*words)
        self.write("main.cf", f"compatibility_level = 3.6\nmyhostname = mail.our.example\nqueue_directory = {self.tmp.name}/queue\n"
                              f"data_directory = {self.tmp.name}\n" + parts["main.cf"])
        self.write("master.cf", parts["master.cf"])
        for name in ("main.cf", "master.cf"):  # Postfix waits for a new file to cool down
            os.utime(os.path.join(self.tmp.name, name), (0, 1))

    def postconf(self, *words):
        done = run("postconf", "-c", self.tmp.name, *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def ask(self, table, key):
        done = run("postmap", "-c", self.tmp.name, "-q", key, table)
        self.assertEqual(done.stderr, "")
        return done.stdout.strip()

    def check_route(self, table):
        token = self.token()
        strict = "FILTER postern-strict:"
        self.assertEqual(self.ask(table, f"Postern-Route: strict {token}"), strict)
        self.assertEqual(self.ask(table, f"Postern-Route: strict {token}x"), "")
        self.assertEqual(self.ask(table, f"X-Postern-Route: strict {token}"), "")
        self.assertEqual(self.ask(table, f"Subject: Postern-Route: strict {token}"), "")
        self.assertEqual(self.ask(table, "Postern-Route: strict"), "")

    def test_the_map_in_main_cf_knows_our_header_and_no_other(self):
        self.read()
        for name in ("header_checks", "milter_header_checks"):
            self.check_route(self.postconf("-xh", name))

    def test_the_map_in_a_file_does_the_same_and_hides_the_token(self):
        path = os.path.join(self.tmp.name, "route")
        self.read("--map", path)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(os.path.join(self.tmp.name, "main.cf")) as f:
            self.assertNotIn(self.token(), f.read())
        self.check_route(self.postconf("-xh", "header_checks"))

    def test_the_strict_transport_reads_as_it_was_meant(self):
        self.read()
        got = dict(line.split(" = ", 1) if " = " in line else (line.rstrip(" ="), "")
                   for line in self.postconf("-xP", "postern-strict/unix/*").splitlines())
        got = {key.rsplit("/", 1)[1]: value for key, value in got.items()}
        self.assertEqual(got["smtp_tls_security_level"], "dane-only")
        self.assertEqual(got["smtp_dns_support_level"], "dnssec")
        self.assertEqual(got["smtp_tls_policy_maps"],
                         "socketmap:unix:postern/tls-policy.sock:strict")
        self.assertEqual(got["smtp_tls_mandatory_protocols"], ">=TLSv1.2")
        self.assertEqual(got["tls_required_enable"], "no")
        self.assertEqual(got["smtp_fallback_relay"], "")
        drops = got["smtp_header_checks"]
        self.assertEqual(self.ask(drops, "Postern-Route: strict x"), "IGNORE")
        self.assertEqual(self.ask(drops, "Subject: Postern-Route: x"), "")

    def test_nothing_is_unknown_to_postfix(self):
        self.read()
        done = run("postconf", "-c", self.tmp.name, "-n")
        unknown = [line for line in done.stderr.splitlines()
                   if "unused parameter" in line and "tls_required_enable" not in line]
        self.assertEqual(unknown, [])  # tls_required_enable is known since 3.10


unittest.main()

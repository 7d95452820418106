"""meson install: what it puts where, what it leaves alone, and that the pieces fit."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

BUILD = os.environ["POSTERN_BUILD"]
SOURCE = os.environ["POSTERN_SOURCE"]
POSTERN = os.environ["POSTERN"]

EXPECTED = """
bin/postern
libexec/postern/postern-reader
sbin/postern-milter
sbin/postern-portal
lib/systemd/system/postern-milter.service
lib/systemd/system/postern-portal.service
lib/sysusers.d/postern.conf
lib/tmpfiles.d/postern-postfix.conf
lib/tmpfiles.d/postern.conf
share/doc/postern/CHANGELOG.md
share/doc/postern/GLOSSARY.md
share/doc/postern/README.md
share/doc/postern/copyright
share/doc/postern/examples/Caddyfile.sample
share/doc/postern/examples/logrotate.postern
share/doc/postern/examples/nginx.sample
share/doc/postern/examples/postern.conf
share/doc/postern/examples/postfix.example
share/doc/postern/examples/rules.conf
share/doc/postern/examples/sendmail.mc.sample
share/doc/postern/examples/unbound.conf.sample
share/doc/postern/examples/mails/alert.txt
share/doc/postern/examples/mails/expired.txt
share/doc/postern/examples/mails/notice.txt
share/doc/postern/examples/mails/receipt.txt
share/doc/postern/examples/mails/report.txt
share/doc/postern/examples/mails/revoked.txt
share/doc/postern/examples/mails/sent-on.txt
share/doc/postern/examples/mails/warning.txt
share/man/man1/postern.1
share/man/man5/postern-audit.5
share/man/man5/postern-deposit.5
share/man/man5/postern.conf.5
share/man/man5/rules.conf.5
share/man/man8/postern-milter.8
share/man/man8/postern-portal.8
""".split()


# The ready-made sets of rules, whole.
SETS = os.path.join(SOURCE, "conf", "rules.d")
EXPECTED += [os.path.join("share/doc/postern/examples/rules.d", os.path.relpath(at, SETS), name)
             .replace("/./", "/") for at, _, names in os.walk(SETS) for name in names]


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, timeout=100, **more)


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return f.read()


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.top = cls.folder.name
        cls.install()
        found = [os.path.join(at, name) for at, _, names in os.walk(cls.top) for name in names]
        cls.files = sorted(os.path.relpath(path, cls.top) for path in found)
        units = [name for name in cls.files if name.endswith(".service")]
        cls.prefix = re.match(r"(.*?)/?lib/systemd/system/", units[0]).group(1)
        cls.units = {os.path.basename(name): read(cls.top, name) for name in units}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def install(cls):
        done = run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", cls.top)
        assert done.returncode == 0, done.stdout + done.stderr

    def values(self, key, unit="postern-milter.service"):
        return re.findall(rf"^{key}=(.*)$", self.units[unit], re.M)

    def test_the_files_are_these_and_no_others(self):
        expected = [os.path.join(self.prefix, name) for name in EXPECTED]
        expected += ["etc/postern/postern.conf", "etc/postern/rules.conf"]
        self.assertEqual(self.files, sorted(expected))

    def test_an_operator_s_files_are_left_alone(self):
        mine = os.path.join(self.top, "etc", "postern", "postern.conf")
        before = read(mine)
        with open(mine, "a", encoding="utf-8") as f:
            f.write("# mine\n")
        self.install()
        self.assertEqual(read(mine), before + "# mine\n")

    def test_the_units_start_programs_that_are_installed(self):
        for unit in self.units:
            line, = self.values("ExecStart", unit)
            self.assertIn(line.split()[0].lstrip("/"), self.files)
            self.assertEqual(line.split()[1:], ["-c", "/etc/postern/postern.conf"])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_systemd_takes_the_units(self):
        for name in self.units:
            self.takes(name)

    def takes(self, name):
        with tempfile.TemporaryDirectory() as folder:
            unit = os.path.join(folder, name)
            program, = self.values("ExecStart", name)
            with open(unit, "w", encoding="utf-8") as f:
                f.write(self.units[name].replace(program.split()[0], "/bin/true"))
            done = run("systemd-analyze", "verify", "--man=no", unit)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
            done = run("systemd-analyze", "security", "--offline=true", "--no-pager",
                       "--threshold=20" if "milter" in name else "--threshold=30", unit)
            self.assertEqual(done.returncode, 0, done.stdout[-300:])

    def test_the_unit_may_write_wherever_the_settings_write(self):
        settings = run(POSTERN, "setup", "conf").stdout
        paths = dict(re.findall(r'^\s*#(\w+) = "(?:unix:)?(/[^"]+)";$', settings, re.M))
        self.assertIn("state", paths)
        self.assertEqual(paths["listen"], "/var/spool/postfix/postern/tls-policy.sock")
        may = [path.lstrip("-") for path in " ".join(self.values("ReadWritePaths")).split()]
        may += ["/var/lib/" + name for name in self.values("StateDirectory")]
        may += ["/var/log/" + name for name in self.values("LogsDirectory")]
        for name in ("state", "keys", "file", "listen"):
            self.assertTrue(any((paths[name] + "/").startswith(path + "/") for path in may),
                            f"{name} is {paths[name]}, and the unit may write to {may}")
        folders = read(SOURCE, "conf", "tmpfiles.conf") + read(SOURCE, "conf", "tmpfiles-postfix.conf")
        made = re.findall(r"^d (\S+)", folders, re.M)
        for path in may:
            self.assertIn(path, made)

    @unittest.skipUnless(shutil.which("systemd-sysusers"), "systemd is not installed")
    def test_the_user_and_the_folders_can_be_made(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "etc"))
            for tool, name in (("systemd-sysusers", "sysusers.conf"),
                               ("systemd-tmpfiles", "tmpfiles.conf")):
                more = ["--create"] if tool == "systemd-tmpfiles" else []
                if more and os.getuid() != 0:
                    continue  # only root can give folders away
                with open(os.path.join(SOURCE, "conf", name), encoding="utf-8") as f:
                    done = run(tool, f"--root={root}", *more, "-", stdin=f)
                self.assertEqual(done.returncode, 0, done.stderr)
            for user in ("postern", "postern-portal"):
                self.assertRegex(read(root, "etc", "passwd"), rf"(?m)^{user}:.*:/usr/sbin/nologin$")
            if os.getuid() == 0:
                for path, mode in (("etc/postern/keys", 0o700), ("var/lib/postern", 0o700),
                                   ("var/log/postern", 0o750), ("etc/postern", 0o755)):
                    self.assertEqual(os.stat(os.path.join(root, path)).st_mode & 0o7777, mode, path)

    def test_the_portal_s_unit_may_what_its_walls_take(self):
        """What the program calls to wall itself in, the unit's own wall must let through."""
        calls = " ".join(self.values("SystemCallFilter", "postern-portal.service"))
        for name in ("@setuid", "@chown", "seccomp", "landlock_restrict_self", "prlimit64"):
            self.assertIn(name, calls.split())
        rights = self.values("CapabilityBoundingSet", "postern-portal.service")
        self.assertEqual(rights, ["CAP_SETUID CAP_SETGID CAP_CHOWN"])
        may = self.values("ReadWritePaths", "postern-portal.service")
        self.assertEqual(may, ["/var/lib/postern", "/var/log/postern"])

    @unittest.skipUnless(shutil.which("unbound-checkconf", path="/usr/sbin:/usr/bin"),
                         "unbound is not installed")
    def test_unbound_takes_its_sample(self):
        done = run("/usr/sbin/unbound-checkconf", os.path.join(SOURCE, "conf", "unbound.conf.sample"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @unittest.skipUnless(shutil.which("logrotate", path="/usr/sbin:/usr/bin"),
                         "logrotate is not installed")
    def test_logrotate_takes_its_sample(self):
        with tempfile.TemporaryDirectory() as folder:
            sample = os.path.join(folder, "postern")
            with open(sample, "w", encoding="utf-8") as f:  # the user need not be there
                f.write(read(SOURCE, "conf", "logrotate").replace("su postern postern", ""))
            done = run("/usr/sbin/logrotate", "--debug", "--state", folder + "/state", sample)
        self.assertIn("audit.jsonl", done.stderr)
        self.assertNotIn("error:", done.stderr)


if __name__ == "__main__":
    unittest.main()

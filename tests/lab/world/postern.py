"""Postern itself, as an operator would run it: settings and rules in files, keys
and state in folders of their own, Postfix set up by what `postern setup` prints."""

import json
import os
import re
import shutil
import subprocess

from .process import Program, WorldError, accepts, run, wait_for, write

SETTINGS = """
state = "{state}";
keys = "{keys}";
{rules}
milter = {{ listen = "unix:{sockets}/milter.sock"; mode = "0660"; group = "postfix"; }};
tls_policy = {{ listen = "unix:{sockets}/tls-policy.sock"; mode = "0660"; group = "postfix"; }};
resolver = {{ servers = [ "127.0.0.1" ]; port = {port}; {resolver} }};
sts = {{ ca_file = "{ca}"; }};
probe = {{ ca_file = "{ca}"; {probe} }};
outbound = {{ domains = [ "our.test" ]; networks = [ "{networks}" ]; {outbound} }};
audit = {{ file = "{audit}"; syslog = false; }};
portal = {{ url = "https://secure.our.test"; organisation = "Our Test";
  listen = "unix:{portal}/portal.sock"; }};
outbox = {{ smtp = "127.0.0.1:{outbox_port}"; }};
{more}
"""


# As its unit does, it runs without root's rights, and hands its sockets to Postfix by group.
USER, GROUP = "nobody", "nogroup"


def give(folder):
    """A folder and what is in it become the daemon's."""
    shutil.chown(folder, USER, GROUP)
    for name in os.listdir(folder):
        shutil.chown(os.path.join(folder, name), USER, GROUP)


class Postern:
    """rules: text of a rules file, or None for those that are compiled in. The other
    texts go into the settings as they are: resolver='tries = 1;', more='limits = …'."""

    def __init__(self, world, build, rules=None, state=None, port=53, resolver="", outbound="",
                 outbox_port=25, audit=None, more="", networks="127.0.0.1/32",
                 probe=""):
        self.world, self.build = world, build
        self.folder = os.path.join(world.folder, "postern")
        self.state = state or os.path.join(self.folder, "state")
        self.keys = os.path.join(self.folder, "keys")
        self.sockets = "/var/spool/postfix/postern"  # the default, within Postfix's chroot
        self.audit_file = audit or os.path.join(self.folder, "log", "audit.jsonl")
        self.log = os.path.join(self.folder, "postern.log")
        self.portal_folder = os.path.join(self.folder, "portal")
        self.portal_socket = os.path.join(self.portal_folder, "portal.sock")
        for one in (self.folder, self.state, self.keys, self.sockets, self.portal_folder):
            os.makedirs(one, mode=0o755 if one in (self.folder, self.sockets) else 0o700,
                        exist_ok=True)
            if one != self.folder:
                give(one)
        os.makedirs(os.path.dirname(self.audit_file), exist_ok=True)
        give(os.path.dirname(self.audit_file))
        rules_line = ""
        if rules is not None:
            path = write(os.path.join(self.folder, "rules.conf"), rules)
            rules_line = f'rules = "{path}";'
        self.conf = write(os.path.join(self.folder, "postern.conf"), SETTINGS.format(
            state=self.state, keys=self.keys, rules=rules_line, sockets=self.sockets, port=port,
            resolver=resolver, ca=world.authority.file, outbound=outbound, outbox_port=outbox_port,
            audit=self.audit_file, more=more, networks=networks, portal=self.portal_folder,
            probe=probe))
        self.milter = os.path.join(build, "milter", "postern-milter")
        self.command = os.path.join(build, "cli", "postern")
        self.program = Program("postern-milter", [self.milter, "-c", self.conf, "-f"], self.log,
                               user=USER, group=GROUP, extra_groups=["postfix"])
        self.portal = Program("postern-portal",
                              [os.path.join(build, "portal", "postern-portal"), "-c", self.conf, "-f"],
                              os.path.join(self.folder, "portal.log"), user=USER, group=GROUP,
                              extra_groups=[])

    def start(self):
        for path in (self.milter, self.command):
            if not os.access(path, os.X_OK):
                raise WorldError(f"{path} is not built")
        self.program.start()
        for name in ("milter.sock", "tls-policy.sock"):
            path = os.path.join(self.sockets, name)
            wait_for(f"Postern's {name}", lambda p=path: accepts(p), program=self.program)
        self.portal.start()
        wait_for("the portal", lambda: accepts(self.portal_socket), program=self.portal)
        return self

    def stop(self):
        self.portal.stop()
        return self.program.stop()

    def kill(self):
        self.portal.kill()
        self.program.kill()

    def set_up_postfix(self):
        """Puts the printed lines where they say that they belong."""
        text = self.cli("setup", "postfix", "--config", self.conf, check=True).stdout
        parts = {"main.cf": "", "master.cf": ""}
        where = None
        for line in text.splitlines():
            named = re.search(r"\b(main|master)\.cf\b", line)
            if line.startswith("#") and named:
                where = named.group(0)
            elif where is None and line.strip() and not line.startswith("#"):
                raise WorldError(f"`postern setup postfix` does not say where this belongs: {line}")
            elif where:
                parts[where] += line + "\n"
        self.world.postfix.add(parts["main.cf"], parts["master.cf"])
        return parts

    def cli(self, *words, check=False, input=None, timeout=60):
        done = subprocess.run([self.command, *words], capture_output=True, text=True,
                              input=input, timeout=timeout)
        if check and done.returncode != 0:
            raise WorldError(f"postern {' '.join(words)}: status {done.returncode}\n"
                             f"{done.stdout}{done.stderr}")
        return done

    def check(self, *domains):
        """What `postern check --json` says of each domain."""
        done = self.cli("check", "--json", "--config", self.conf, *domains)
        return {one["domain"]: one for one in map(json.loads, done.stdout.splitlines())}

    def audit(self, to=None):
        """The records so far, or those of one recipient."""
        try:
            with open(self.audit_file, encoding="utf-8") as f:
                records = [json.loads(line) for line in f if line.endswith("\n")]
        except FileNotFoundError:
            return []
        return [r for r in records if to is None or r.get("to") == to]

    def files(self):
        """Every file under state and keys, and the audit file, with its bytes."""
        for top in (self.state, self.keys, self.folder):
            for folder, _, names in os.walk(top):
                for name in names:
                    path = os.path.join(folder, name)
                    if os.path.isfile(path):
                        with open(path, "rb") as f:
                            yield path, f.read()

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

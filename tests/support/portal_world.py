"""A milter that makes deposits, a portal that gives them out, and an MTA that takes their mail.

    world = World()
    secret = world.divert(b"the text")          # of a real notice and a real report
    visit, original = pick_up(world.portal(), secret.id, secret.code, secret.phrase)
    world.close()"""

import collections
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

SOURCE, BUILD = os.environ["POSTERN_SOURCE"], os.environ["POSTERN_BUILD"]
sys.path.insert(0, os.path.join(SOURCE, "tests", "program"))

from mail_sink import MailSink  # noqa: E402
from milter_client import MilterClient  # noqa: E402
from milter_start import Daemon, FIELDS, PATIENCE, accepts, until, write  # noqa: E402
from portal_client import Portal  # noqa: E402

PORTAL = os.path.join(BUILD, "portal", "postern-portal")
SENDER = "jane@our.test"

# The leak sanitizer stops all threads by ptrace, which the walls refuse.
QUIET = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}

Secret = collections.namedtuple("Secret", "id code phrase handle number notice report original")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def answers(port):
    with socket.socket() as one:
        one.settimeout(5)
        return one.connect_ex(("127.0.0.1", port)) == 0


def memory(pid, name="VmHWM"):
    """In bytes: the most that a process has had in memory."""
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(rf"{name}:\s*(\d+) kB", f.read()).group(1)) * 1024


def sanitized():
    """Whether the programs have a sanitizer's memory about them."""
    path = os.path.join(BUILD, "meson-info", "intro-buildoptions.json")
    with open(path, encoding="utf-8") as f:
        return any(o["name"] == "b_sanitize" and o["value"] not in ("none", [])
                   for o in json.load(f))


class Milter(Daemon):
    def __init__(self, sink, portal_settings, more=""):
        super().__init__(more)
        with open(self.conf, encoding="utf-8") as f:
            text = f.read()
        text = text.replace(f"127.0.0.1:{self.outbox.getsockname()[1]}", f"127.0.0.1:{sink.port}")
        # A folder of its own: the portal may write where the audit's file stands.
        os.mkdir(self.path("audit"))
        self.audit = self.path("audit/audit.jsonl")
        text = text.replace(self.path("audit.jsonl"), self.audit)
        write(self.conf, re.sub(r"(?m)^portal = .*$", lambda _: portal_settings, text))


class World:
    """portal: settings of that group beside url and listen. start: whether the portal runs."""

    def __init__(self, portal="", more="", listen=None, url="https://secure.our.test", start=True,
                 rules=None, wrap=()):
        self.sink = MailSink()
        self.port = None
        if not listen:
            self.port = free_port()
            listen = f"127.0.0.1:{self.port}"
        self.url = url
        self.milter = Milter(self.sink, f'portal = {{ url = "{url}"; listen = "{listen}"; '
                             f'organisation = "Our Test"; {portal} }};', more)
        self.listen = listen.replace("TOP", self.milter.top)
        if self.listen != listen:
            with open(self.milter.conf, encoding="utf-8") as f:
                text = f.read()
            write(self.milter.conf, text.replace(listen, self.listen))
        if rules:
            write(self.milter.path("rules.conf"), rules)
        self.log = self.milter.path("portal.log")
        self.process, self.wrap = None, list(wrap)
        self.milter.start()
        if start:
            self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.begun = log.tell()
            self.process = subprocess.Popen([*self.wrap, PORTAL, "-f", "-c", self.milter.conf],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            env=QUIET)
        until("the portal", lambda: self.alive() and self.is_ready())
        return self

    def is_ready(self):
        """Whether the worker serves: it is walled in then, and the keeper has answered it. The
        socket by itself is there before either process is what it will be."""
        with open(self.log, "rb") as log:
            log.seek(self.begun)
            serves = b"listening on " in log.read()
        return serves and (answers(self.port) if self.port else
                           accepts(self.listen[len("unix:"):]))

    def alive(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the portal ended with {self.process.returncode}:\n{self.said()}")
        return True

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def keeper(self):
        """The process that was started, through what wraps it."""
        return self.child_of(self.process.pid) if self.wrap else self.process.pid

    @staticmethod
    def child_of(pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return int(f.read().split()[-1])

    def worker(self):
        return self.child_of(self.keeper())

    def portal(self, **more):
        if self.port:
            return Portal(port=self.port, **more)
        return Portal(path=self.listen[len("unix:"):], **more)

    def divert(self, body, to="bob@plain.test", subject="portal please", fields=()):
        """A message that the milter puts into the portal, and what its mails say."""
        known = len(self.sink.mails)
        ident = f"<{os.urandom(8).hex()}@our.test>"
        named = [("Subject", subject), ("Message-ID", ident), ("To", to), *fields]
        usual = [field for field in FIELDS if field[0] not in {name for name, _ in named}]
        header = "".join(f"{name}: {value}\r\n" for name, value in usual + named)
        original = header.encode() + b"\r\n" + body
        outcome = self.milter.message(body, named, to=(to,))
        assert outcome.action in ("continue", "accept", "discard"), (outcome.action, outcome.reply)

        def fresh(wanted):
            return self.sink.wait(lambda m: m in self.sink.mails[known:] and wanted(m))
        notice = fresh(lambda m: m.to == to)
        ident = re.search(r"/m/([0-9a-f]{32})#", notice.text()).group(1)
        # Receipts and warnings go to the sender too; the report has the link.
        report = fresh(lambda m: m.to == SENDER and f"/s/{ident}/" in m.text())
        return self.secret(notice, report, original)

    def secret(self, notice, report, original):
        text, told = notice.text(), report.text()
        link = re.search(re.escape(self.url) + r"/m/([0-9a-f]{32})#([0-9A-Z-]+)", text)
        phrase = re.search(r"(?m)^\s*((?:[a-z]{5} ){3}[a-z]{5})\s*$", told)
        handle = re.search(re.escape(self.url) + r"(/s/[0-9a-f]{32}/[0-9a-f]+)", told)
        number = re.search(r"(?m)^\s+(\d{6})\r?$", told)
        return Secret(link.group(1), link.group(2), phrase and phrase.group(1),
                      handle and handle.group(1), number and number.group(1), notice, report, original)

    def end(self, number=signal.SIGTERM):
        """The portal's exit status after a signal."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def audit(self):
        try:
            with open(self.milter.audit, encoding="utf-8") as f:
                return [json.loads(line) for line in f]
        except FileNotFoundError:
            return []

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        said = self.said() if os.path.exists(self.log) else ""
        self.milter.close()
        self.sink.close()
        if "Sanitizer" in said or "runtime error: " in said:
            raise AssertionError(said)


def search_memory(pid, words):
    """Those of the words that stand anywhere in a process's memory. As root."""
    found = set()
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, \
            open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if "r" not in rights or "[v" in line:
                continue
            at, end = (int(part, 16) for part in span.split("-"))
            before = b""
            while at < end:
                try:
                    memory.seek(at)
                    piece = memory.read(min(1 << 20, end - at))
                except (OSError, ValueError):
                    break
                if not piece:
                    break
                found |= {word for word in words if word in before + piece}
                before, at = piece[-4096:], at + len(piece)
    return sorted(found)


def search_files(folders, words):
    """Files below the folders in which one of the words stands, in bytes or in hex."""
    found = []
    for top in folders:
        for at, _, names in os.walk(top):
            for name in names:
                path = os.path.join(at, name)
                if not os.path.isfile(path):
                    continue
                with open(path, "rb") as f:
                    data = f.read()
                found += [(path, word) for word in words if word in data]
    return found

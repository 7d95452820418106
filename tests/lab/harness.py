"""What the lab's tests speak with: one Lab, shared by all of them."""

import base64
import contextlib
import email
import email.policy
import os
import re
import secrets
import smtplib
import socket
import ssl
from dataclasses import dataclass

from world.namespace import end_quietly
from world.postern import Postern
from world.process import WorldError, run, wait_for, write
from world.world import USERS, World

OUTSIDE = "127.0.9.9"  # an address in no list of ours
ALICE = "alice@our.test"

# One marker and one rule for each ladder, chosen by a tag in the subject: a test
# reads as a story, and one Postern serves all of them.
RULES = """
markers = (
  { name = "card"; any = ( { detector = "payment-card"; min_unique = 1; } ); },
  { name = "wish"; any = ( { subject = "\\\\[secure\\\\]"; strip = true; } ); },
  { name = "refuse"; any = ( { subject = "\\\\[refuse\\\\]"; } ); },
  { name = "defer"; any = ( { subject = "\\\\[defer\\\\]"; } ); },
  { name = "hold"; any = ( { subject = "\\\\[hold\\\\]"; } ); },
  { name = "onward"; any = ( { subject = "\\\\[onward\\\\]"; } ); },
  { name = "later"; any = ( { subject = "\\\\[later\\\\]"; } ); }
);
rules = (
  { name = "never without proof"; when = { markers = ["refuse"]; };
    require = "authenticated"; otherwise = ["refuse"]; },
  { name = "wait for proof"; when = { markers = ["defer"]; };
    require = "authenticated"; otherwise = ["defer"]; },
  { name = "a person looks"; when = { markers = ["hold"]; };
    require = "authenticated"; otherwise = ["hold"]; },
  { name = "TLS all the way"; when = { markers = ["onward"]; };
    require = "requiretls"; otherwise = ["refuse"]; },
  { name = "sent on when it can be"; when = { markers = ["later"]; };
    require = "authenticated"; otherwise = ["divert"]; upgrade = true; },
  { name = "parts alone"; when = { markers = ["card"]; from = ["parts@our.test"]; };
    require = "authenticated"; otherwise = ["rewrite", "divert"]; },
  { name = "attachments alone"; when = { markers = ["card"]; from = ["attachments@our.test"]; };
    require = "authenticated"; otherwise = ["rewrite", "divert"]; rewrite = "attachments"; },
  { name = "the body alone"; when = { markers = ["card"]; from = ["body@our.test"]; };
    require = "authenticated"; otherwise = ["rewrite", "divert"]; rewrite = "body"; },
  { name = "cards only over proven TLS"; when = { markers = ["card"]; };
    require = "authenticated"; otherwise = ["divert", "defer"]; },
  { name = "the sender wishes it"; when = { markers = ["wish"]; };
    require = "authenticated"; otherwise = ["divert", "refuse"]; }
);
"""

# Alice diverts more in a minute here than a person does in an hour.
USUAL = {"rules": RULES, "more": "limits = { diverts_per_hour = 10000; };"}


class Failure(Exception):
    """A claim of a test that does not hold."""


def claim(truth, text):
    if not truth:
        raise Failure(text)


@dataclass
class Message:
    raw: bytes
    canary: bytes  # a word that stands in subject and body, and nowhere else in the world
    words: list    # that, and the card number in both spellings

    @property
    def wire(self):
        """As it is said after DATA, without the end: dots doubled (RFC 5321 §4.5.2)."""
        return re.sub(rb"(?m)^\.", b"..", self.raw)


def card_number():
    """Sixteen digits that no other message has, with their check digit (Luhn)."""
    digits = [4] + [secrets.randbelow(10) for _ in range(14)]
    double = [d * 2 - 9 * (d > 4) if i % 2 == 0 else d for i, d in enumerate(digits)]
    digits.append(-sum(double) % 10)
    text = "".join(map(str, digits))
    return " ".join(text[i:i + 4] for i in range(0, 16, 4))


def message(to, subject="", card=True, sender=ALICE, headers=(), body=""):
    """One complete message; a canary in its subject and body, and a card number on demand."""
    words = ["canary" + secrets.token_hex(8)]
    canary = words[0]
    lines = [f"From: Alice <{sender}>", f"To: {to}", f"Subject: {subject} invoice {canary}",
             "Date: Sun, 22 Nov 2026 03:00:00 +0000", f"Message-ID: <{secrets.token_hex(8)}@our.test>",
             "MIME-Version: 1.0", "Content-Type: text/plain; charset=us-ascii", *headers, "",
             "Dear customer,", "", f"the word is {canary}."]
    if card:
        number = card_number()
        words += [number, number.replace(" ", "")]
        lines.append(f"Please charge {number} (12/29).")
    lines += [".", "..two dots before this line, one above.", body, "Alice", ""]
    return Message("\r\n".join(lines).encode(), canary.encode(), [w.encode() for w in words])


@dataclass
class Reply:
    code: int
    text: str

    @property
    def queue_id(self):
        found = re.search(r"queued as ([0-9A-Za-z]+)", self.text)
        claim(found, f"no queue id in the reply {self.code} {self.text}")
        return found.group(1)

    def expect(self, start):
        claim(f"{self.code} {self.text}".startswith(start),
              f"the reply is {self.code} {self.text!r}, not {start}")
        return self


class Lab:
    """usual: how Postern runs unless a test wants it otherwise; {} for its defaults."""

    def __init__(self, folder, build, say=lambda text: None, usual=None):
        self.usual = USUAL if usual is None else usual
        self.folder, self.build = folder, build
        self.world = World(folder, say)
        self.say = say
        self.postern = None
        self.number = 0

    def start(self, with_postern=True):
        self.world.start()
        if with_postern:
            self.add_postern()
        self.say("Postfix")
        self.postfix.start()
        return self

    def add_postern(self):
        self.say("Postern")
        self.postern = Postern(self.world, self.build, **self.usual).start()
        self.postern.set_up_postfix()

    def stop(self):
        """Ends everything at once; what is left ends with the namespace."""
        end_quietly()
        if self.postern:
            self.postern.kill()
        self.world.stop()

    @property
    def postfix(self):
        return self.world.postfix

    @contextlib.contextmanager
    def other(self, **options):
        """Postern runs with other settings for a while; keys and sockets stay."""
        self.postern.kill()  # a stop takes libmilter up to 5 s; test_clean_stop shows that it works
        try:
            self.postern = Postern(self.world, self.build, **{**self.usual, **options})
            yield self.postern.start()
        finally:
            self.postern.kill()
            self.postern = Postern(self.world, self.build, **self.usual).start()

    def mend(self):
        """After a failed test: the usual state for the next one."""
        for host in self.world.hosts.values():
            host.answer.clear()
        self.postfix.clear()
        if self.postern:
            self.forget()

    def forget(self):
        """Postern looks again: what it saw in the DNS it believes for a minute at least. What it
        remembers of MTA-STS policies stays."""
        self.postern.kill()
        self.postern.start()

    def strict_map(self, key):
        """What Postfix would be told: `OK …`, `TEMP …` or `NOTFOUND `."""
        return self.strict_maps([key])[0]

    def strict_maps(self, keys):
        """The same for many at once, behind one another on one connection."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(60)
            client.connect(f"{self.postern.sockets}/tls-policy.sock")
            requests = [f"strict {key}".encode() for key in keys]
            client.sendall(b"".join(b"%d:%s," % (len(r), r) for r in requests))
            answers = client.makefile("rb")

            def take():
                size = int(b"".join(iter(lambda: answers.read(1), b":")))
                return answers.read(size + 1)[:-1].decode()
            return [take() for _ in keys]

    def metrics(self, path):
        """What Postern tells there: name, labels included, and value."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(60)
            client.connect(path)
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            told = b"".join(iter(lambda: client.recv(65536), b"")).decode()
        return dict(re.findall(r"(?m)^postern_(\S+) (\S+)$", told))

    def logs(self):
        return [self.postfix.log] + ([self.postern.log] if self.postern else [])

    # sending

    def address(self, domain):
        """A recipient that no other test uses."""
        self.number += 1
        return f"r{self.number}@{domain}"

    def send(self, message, to, sender=ALICE, user=None, source="127.0.0.1", tls=True, options=(),
             rcpt_options=()):
        """user: by submission on port 587, authenticated; otherwise on port 25, from the
        listed network or from `source`. The last reply, whatever it is."""
        to = [to] if isinstance(to, str) else to
        with self.client(user, source, tls) as client:
            code, text = client.mail(sender, options)
            if code != 250:
                return Reply(code, text.decode())
            for one in to:
                code, text = client.rcpt(one, rcpt_options)
                if code // 100 != 2:
                    return Reply(code, text.decode())
            try:
                code, text = client.data(message.raw)
            except smtplib.SMTPDataError as e:
                code, text = e.smtp_code, e.smtp_error
            return Reply(code, text.decode())

    @contextlib.contextmanager
    def client(self, user=None, source="127.0.0.1", tls=True):
        client = smtplib.SMTP("127.0.0.1", 587 if user else 25, "client.our.test", timeout=90,
                              source_address=(source, 0))
        try:
            client.ehlo()
            if user:
                if tls:
                    context = ssl.create_default_context(cafile=self.world.authority.file)
                    context.check_hostname = False
                    client.starttls(context=context)
                    client.ehlo()
                client.login(user, USERS[user])
            yield client
            with contextlib.suppress(smtplib.SMTPException, OSError):
                client.quit()
        finally:
            client.close()

    @contextlib.contextmanager
    def smtp_to(self, name):
        """A client's connection to the MX host of a case."""
        client = smtplib.SMTP(self.world.cases[name].address, 25, timeout=20)
        try:
            client.ehlo()
            yield client
        finally:
            client.close()

    # looking

    def arrival(self, message, host=None, seconds=20, count=1):
        """What arrived with this message's canary, at that host or anywhere."""
        found = self.world.log.wait(
            lambda a: message.canary in a.data and host in (None, a["host"]), seconds, count)
        claim(len(found) >= count, f"{message.canary} arrived {len(found)} times at "
              f"{host or 'any host'}, not {count}; seen in {self.places(message.canary)}")
        return found[0] if count == 1 else found

    def mail_to(self, address, test=lambda a: True, seconds=20):
        """The first message for that address that passes the test."""
        found = self.world.log.wait(
            lambda a: any(address in r for r in a["rcpt"]) and test(a), seconds)
        claim(found, f"nothing fitting arrived for {address} in {seconds} s")
        return found[0]

    def places(self, word):
        """Hosts that were told the word, and files of the queue and of Postern that hold it."""
        told = [(f"host {name}", bytes(said)) for name, said in list(self.world.log.said.items())]
        ours = self.postern.files() if self.postern else ()
        everything = [*told, *self.postfix.files(), *ours]
        return [place for place, data in everything if hidden_in(word, data)]

    def nowhere(self, message, but=()):
        """No word of the content is in what any host was told, nor in Postfix's queue, nor in
        any file of Postern. but: parts of the names of places where it may be."""
        for word in message.words:
            places = [p for p in self.places(word) if not any(b in p for b in but)]
            claim(not places, f"{word.decode()} is seen in {', '.join(places)}")

    def flush_until(self, message, seconds=60):
        """Lets Postfix try again until the message has arrived somewhere."""
        def ready():
            self.postfix.flush()
            return self.world.log.wait(lambda a: message.canary in a.data, 1)
        return wait_for("the message to arrive", ready, seconds)[0]

    def queued(self, queue_id):
        for entry in self.postfix.queue():
            if entry["queue_id"] == queue_id:
                return entry
        return None

    def deferred(self, queue_id, seconds=20):
        """Waits until the message waits, and returns the reasons for it as one text."""
        def ready():
            entry = self.queued(queue_id)
            claim(entry, f"{queue_id} is no longer in the queue:\n" + "\n".join(
                self.postfix.log_of(queue_id)))
            return entry["queue_name"] == "deferred" and entry
        entry = wait_for(f"{queue_id} to be deferred", ready, seconds, step=0.1)
        return " ".join(r.get("delay_reason", "") for r in entry["recipients"])

    def gone(self, queue_id, seconds=20):
        """Waits until Postfix has removed the message."""
        wait_for(f"{queue_id} to leave the queue", lambda: not self.queued(queue_id), seconds, 0.1)

    def audited(self, to, seconds=10):
        """The decision about that recipient."""
        def ready():
            return [r for r in self.postern.audit(to) if r.get("event") == "decided"]
        return wait_for(f"an audit record about {to}", ready, seconds)[-1]


def hidden_in(word, data):
    """Whether the word stands in the data as it is, or within base64 text."""
    if word in data:
        return True
    data = data.replace(b"\r", b"").replace(b"\n", b"")
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + word)
        inner = text[(0, 2, 3)[shift]:-4]
        if inner in data:
            return True
    return False


def text_of(arrival):
    """The text of a notice or report, decoded."""
    parsed = email.message_from_bytes(arrival.data, policy=email.policy.default)
    return parsed.get_body(("plain",)).get_content()


LINK = re.compile(r"https://secure\.our\.test/m/([0-9a-f]{32})#([0-9A-Za-z-]{26,})")


@dataclass
class Secrets:
    """What a recipient has: the link of the notice, and the phrase from the sender."""
    link: str
    deposit: str
    code: str
    phrase: str


def secrets_of(notice, report):
    """The notice's only link, and the phrase that stands alone on a line of the report."""
    text = text_of(notice)
    urls = set(re.findall(r"https?://[^\s\"<>]+", text))
    claim(len(urls) == 1, f"the notice has {len(urls)} distinct addresses:\n{text}")
    link = LINK.fullmatch(urls.pop())
    claim(link, f"the notice's link is not as expected:\n{text}")
    phrases = re.findall(r"(?m)^\s*([a-z]+(?:[ -][a-z]+){3})\s*$", text_of(report))
    claim(len(phrases) == 1, f"no phrase alone on a line of the report:\n{text_of(report)}")
    return Secrets(link.group(0), link.group(1), link.group(2), phrases[0])


def open_deposit(lab, secret, out, phrase=None):
    """`postern deposit open` with the link and the phrase (or another one)."""
    link = write(os.path.join(lab.folder, "link.txt"), secret.link + "\n", 0o600)
    words = write(os.path.join(lab.folder, "phrase.txt"), (phrase or secret.phrase) + "\n", 0o600)
    return lab.postern.cli("deposit", "open", "--config", lab.postern.conf, "--code-file", link,
                           "--phrase-file", words, "--output", out, secret.deposit)


__all__ = ["ALICE", "Failure", "Lab", "Message", "OUTSIDE", "RULES", "Reply", "WorldError",
           "claim", "hidden_in", "message", "open_deposit", "secrets_of", "text_of", "wait_for"]

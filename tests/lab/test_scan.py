"""What is sealed for the portal is shown to ClamAV's own daemon first."""

import contextlib
import json
import os

from harness import ALICE, claim, message, open_deposit, secrets_of
from world.process import Program, accepts, wait_for, write

# The test file that all scanners know (eicar.org), in pieces, so that none finds it here.
TEST_VIRUS = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + "STANDARD-ANTIVIRUS-" + "TEST-FILE!$H+H*"
LIMIT = 1 << 20


class Scanner:
    """clamd with one signature of ours: it starts at once."""

    def __init__(self, lab):
        folder = os.path.join(lab.folder, "clamd")
        os.makedirs(os.path.join(folder, "db"), exist_ok=True)
        os.chmod(folder, 0o755)
        self.socket = os.path.join(folder, "clamd.ctl")
        write(os.path.join(folder, "db", "test.ndb"),
              f"Postern-Test:0:*:{TEST_VIRUS[:40].encode().hex()}\n")
        settings = write(os.path.join(folder, "clamd.conf"), f"""
LocalSocket {self.socket}
LocalSocketMode 666
DatabaseDirectory {folder}/db
TemporaryDirectory {folder}
Foreground yes
User root
MaxThreads 2
ConcurrentDatabaseReload no
StreamMaxLength {LIMIT}
""")
        self.program = Program("clamd", ["/usr/sbin/clamd", f"--config-file={settings}"],
                               os.path.join(folder, "log"))

    def __enter__(self):
        self.program.start()
        wait_for("clamd", lambda: accepts(self.socket), 30, program=self.program)
        return self

    def __exit__(self, *_):
        self.program.stop()

    def settings(self, more=""):
        return f'scan = {{ clamd = "unix:{self.socket}"; timeout_ms = 20000; {more} }};'


@contextlib.contextmanager
def scanned(lab, more=""):
    with Scanner(lab) as scanner, lab.other(more=scanner.settings(more)):
        yield scanner


def test_a_virus_is_not_sealed(lab):
    """a message with a virus is refused by name, audited, and nowhere; a clean one tells of its scan"""
    with scanned(lab) as scanner:
        to = lab.address("plain.test")
        ill = message(to, body=TEST_VIRUS)
        reply = lab.send(ill, to, user=ALICE).expect("550 5.7.0")
        claim("Postern-Test" in reply.text, f"the virus is not named: {reply.text}")
        record = lab.audited(to)
        claim(record["verdict"] == "refuse" and "Postern-Test" in record["reason"], f"{record}")
        claim(record["reply"] == "550 5.7.0", f"{record}")
        lab.nowhere(ill)

        to = lab.address("plain.test")
        well = message(to)
        lab.send(well, to, user=ALICE).expect("250")
        secret = secrets_of(lab.mail_to(to), lab.mail_to(ALICE, lambda a: to.encode() in a.data))
        out = os.path.join(lab.folder, "well.eml")
        done = open_deposit(lab, secret, out)
        claim(done.returncode == 0, f"not opened: {done.stdout}{done.stderr}")
        listed = lab.postern.cli("doctor", "--json", "--config", lab.postern.conf).stdout
        said = [json.loads(line) for line in listed.splitlines()]
        claim(any(one["check"] == "scanner" and one["level"] == "ok" and "ClamAV" in one["text"]
                  for one in said), f"{listed}")

        scanner.program.stop()
        to = lab.address("plain.test")
        waits = message(to)
        lab.send(waits, to, user=ALICE).expect("451 4.3.0")
        lab.nowhere(waits)
        with scanner:  # the client tries again, and nothing is lost
            lab.send(waits, to, user=ALICE).expect("250")
            lab.mail_to(to)


def test_what_needs_no_portal_is_not_scanned(lab):
    """only what is sealed is shown to the scanner: other mail never waits for it"""
    with lab.other(more='scan = { clamd = "unix:/nowhere/clamd.ctl"; };'):
        to = lab.address("dane-good.test")
        one = message(to, body=TEST_VIRUS)
        lab.send(one, to, user=ALICE).expect("250")
        lab.arrival(one)
        to = lab.address("plain.test")
        lab.send(message(to), to, user=ALICE).expect("451 4.3.0")


def test_too_long_for_the_scanner(lab):
    """longer than clamd takes: refused in words, or with scan.required off sealed all the same"""
    with scanned(lab):
        to = lab.address("plain.test")
        one = message(to, body="\r\n".join(["x" * 70] * (LIMIT // 60)))
        reply = lab.send(one, to, user=ALICE).expect("550 5.7.0")
        claim("too long for the virus scanner" in reply.text, reply.text)
    with scanned(lab, "required = false;"):
        lab.send(one, to, user=ALICE).expect("250")
        lab.mail_to(to)

"""A Postfix of the world's own, laid out as Debian lays it out: its queue stands at
/var/spool/postfix (in our mount namespace), and most of its services are chrooted
there. Settings, log and the queue's files are in the temporary folder."""

import glob
import grp
import json
import os
import pwd
import re
import shutil

from .namespace import mount
from .process import Program, accepts, run, tail, wait_for, write

QUEUE = "/var/spool/postfix"

SUBMISSION_SERVICE = """
127.0.0.1:587 inet n - y - - smtpd
  -o syslog_name=postfix/submission
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=
"""

MASTER = """
smtp inet n - y - - smtpd
pickup unix n - y 60 1 pickup
cleanup unix n - y - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - y 1000? 1 tlsmgr
rewrite unix - - y - - trivial-rewrite
bounce unix - - y - 0 bounce
defer unix - - y - 0 bounce
trace unix - - y - 0 bounce
verify unix - - y - 1 verify
flush unix n - y 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - y - - smtp
relay unix - - y - - smtp
showq unix n - y - - showq
error unix - - y - - error
retry unix - - y - - error
discard unix - - y - - discard
lmtp unix - - y - - lmtp
anvil unix - - y - 1 anvil
scache unix - - y - 1 scache
postlog unix-dgram n - n - 1 postlogd
""" + SUBMISSION_SERVICE

MAIN = """
compatibility_level = 3.7
queue_directory = {queue}
data_directory = {data}
maillog_file = {log}
maillog_file_prefixes = {folder}
myhostname = mail.our.test
mydomain = our.test
myorigin = our.test
mydestination =
mynetworks = 127.0.0.1/32
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
virtual_mailbox_domains = our.test
virtual_transport = lmtp:inet:127.0.0.3:24
alias_maps =
alias_database =
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_chain_files = {certificate}
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtp_tls_security_level = may
smtp_tls_CAfile = {ca}
smtp_tls_loglevel = 1
smtp_connect_timeout = 5s
in_flow_delay = 0
queue_run_delay = 300s
minimal_backoff_time = 300s
transport_retry_time = 2s
notify_classes =
biff = no
append_dot_mydomain = no
"""


class Postfix:
    def __init__(self, folder, authority):
        self.folder = os.path.join(folder, "postfix")
        self.config = os.path.join(self.folder, "etc")
        self.queue_folder = QUEUE
        behind = os.path.join(self.folder, "queue")
        self.log = os.path.join(self.folder, "mail.log")
        data = os.path.join(self.folder, "data")
        for one in (self.folder, self.config, behind, data):
            os.mkdir(one)
        mount("--bind", behind, QUEUE)
        owner = pwd.getpwnam("postfix")
        os.chown(data, owner.pw_uid, owner.pw_gid)
        self.make_queue(owner)
        self.main = MAIN.format(
            queue=self.queue_folder, data=data, log=self.log, folder=self.folder,
            certificate=authority.issue("mail.our.test").chain, ca=authority.file)
        self.reset()
        self.program = Program("postfix", ["/usr/lib/postfix/sbin/master", "-c", self.config, "-s"],
                               os.path.join(self.folder, "master.log"))

    def make_queue(self, owner):
        drop = grp.getgrnam("postdrop").gr_gid
        for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold",
                     "incoming", "private", "saved", "trace"):
            os.mkdir(os.path.join(self.queue_folder, name), 0o700)
            os.chown(os.path.join(self.queue_folder, name), owner.pw_uid, 0)
        os.mkdir(os.path.join(self.queue_folder, "pid"))
        os.mkdir(os.path.join(self.queue_folder, "etc"))  # what Debian copies for the chroot
        for name in ("resolv.conf", "hosts", "services", "nsswitch.conf", "host.conf"):
            if os.path.exists("/etc/" + name):
                shutil.copy("/etc/" + name, os.path.join(self.queue_folder, "etc", name))
        for name, mode in (("maildrop", 0o1730), ("public", 0o2710)):
            os.mkdir(os.path.join(self.queue_folder, name))
            os.chown(os.path.join(self.queue_folder, name), owner.pw_uid, drop)
            os.chmod(os.path.join(self.queue_folder, name), mode)

    def reset(self):
        """Back to the settings of a Postfix that does not know of Postern."""
        write(os.path.join(self.config, "main.cf"), self.main)
        write(os.path.join(self.config, "master.cf"), MASTER)

    def add(self, main="", master=""):
        for name, text in (("main.cf", main), ("master.cf", master)):
            with open(os.path.join(self.config, name), "a", encoding="utf-8") as f:
                f.write("\n" + text + "\n")

    def start(self):
        for name in ("main.cf", "master.cf"):  # Postfix waits for a file to cool down: up to 2 s
            path = os.path.join(self.config, name)
            os.utime(path, (os.path.getatime(path), os.path.getmtime(path) - 10))
        self.program.start()
        wait_for("Postfix", self.ready, program=self.program)
        return self

    def ready(self):
        return accepts(("127.0.0.1", 25)) and accepts(("127.0.0.1", 587)) and \
            accepts(os.path.join(self.queue_folder, "public", "qmgr"))

    def reload(self):
        run("postfix", "-c", self.config, "reload", check=False)

    def stop(self):
        self.program.stop()

    def sendmail(self, sender, to, raw):
        """The sendmail command, as cron and scripts use it: no SMTP, and no client."""
        run("sendmail", "-C", self.config, "-i", "-f", sender, *to, data=raw)

    def queue(self):
        """What waits, as postqueue -j tells it."""
        lines = run("postqueue", "-c", self.config, "-j").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def flush(self):
        run("postqueue", "-c", self.config, "-f")

    def requeue(self):
        """postsuper -r ALL: every message goes through cleanup again, and no milter."""
        run("postsuper", "-c", self.config, "-r", "ALL")
        run("postkick", "-c", self.config, "public", "pickup", "W",
            check=False)  # else up to a minute later; pickup may hang up first

    def release(self, queue_id):
        run("postsuper", "-c", self.config, "-H", queue_id)

    def clear(self):
        run("postsuper", "-c", self.config, "-d", "ALL")

    @property
    def auth_path(self):
        return os.path.join(self.queue_folder, "private", "auth")

    def files(self):
        """Every file of the queue that can hold a message, with its bytes."""
        for path in glob.glob(self.queue_folder + "/**", recursive=True):
            try:
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        yield path, f.read()
            except OSError:
                pass  # delivered meanwhile

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def log_of(self, pattern):
        return [line for line in self.log_text().splitlines() if re.search(pattern, line)]

    def log_tail(self, lines=40):
        return tail(self.log, lines)

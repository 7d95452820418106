"""An MTA that takes everything and keeps it: what Postern hands to outbox.smtp.

    sink = MailSink()
    … outbox = { smtp = "127.0.0.1:PORT"; } with sink.port
    notice = sink.wait(lambda mail: mail.to == "bob@plain.test")
    sink.close()"""

import email
import email.policy
import socketserver
import threading
import time

PATIENCE = 60


class Mail:
    def __init__(self, sender, recipients, data):
        self.sender, self.recipients, self.data = sender, recipients, data
        self.to = recipients[0]
        self.message = email.message_from_bytes(data, policy=email.policy.default)

    def text(self):
        return self.message.get_body(("plain",)).get_content()


class Session(socketserver.StreamRequestHandler):
    timeout = PATIENCE

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        try:
            self.talk()
        except (ConnectionError, TimeoutError):
            pass  # the milter has ended

    def talk(self):
        self.say("220 sink ESMTP")
        sender, recipients = None, []
        for line in self.rfile:
            word = line[:4].upper().strip()
            if word == b"EHLO":
                self.say("250-sink\r\n250-8BITMIME\r\n250-DSN\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES")
            elif word == b"MAIL":
                sender, recipients = line.split(b"<")[1].split(b">")[0].decode(), []
                self.say("250 2.1.0 ok")
            elif word == b"RCPT":
                recipients.append(line.split(b"<")[1].split(b">")[0].decode())
                self.say("250 2.1.5 ok")
            elif word == b"DATA":
                self.say("354 go on")
                self.server.sink.keep(Mail(sender, recipients, self.data()))
                self.say("250 2.0.0 queued as SINK")
            elif word == b"QUIT":
                self.say("221 2.0.0 bye")
                return
            else:
                self.say("250 2.0.0 ok")

    def data(self):
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class MailSink:
    def __init__(self):
        self.mails, self.changed = [], threading.Condition()
        self.server = Server(("127.0.0.1", 0), Session)
        self.server.sink = self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def keep(self, mail):
        with self.changed:
            self.mails.append(mail)
            self.changed.notify_all()

    def wait(self, wanted):
        """The first mail that is wanted."""
        end = time.monotonic() + PATIENCE
        with self.changed:
            while True:
                for mail in self.mails:
                    if wanted(mail):
                        return mail
                if not self.changed.wait(max(0, end - time.monotonic())):
                    raise AssertionError(f"no such mail within {PATIENCE} s")

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

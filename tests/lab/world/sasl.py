"""The least of Dovecot's authentication protocol (1.1) that Postfix's submission
service needs: PLAIN and LOGIN against a table of users."""

import base64
import os
import socketserver
import threading

GREETING = ("VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\n"
            "SPID\t1\nCUID\t1\nCOOKIE\t0123456789abcdef0123456789abcdef\nDONE\n")


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(GREETING.encode())
        for line in self.rfile:
            words = line.decode().rstrip("\n").split("\t")
            if words[0] == "AUTH":
                self.authenticate(words[1], words[2:])

    def authenticate(self, number, words):
        user = password = ""
        for word in words:
            if word.startswith("resp="):
                _, user, password = base64.b64decode(word[5:]).decode().split("\0")
        if self.server.users.get(user) == password and password:
            self.wfile.write(f"OK\t{number}\tuser={user}\n".encode())
        else:
            self.wfile.write(f"FAIL\t{number}\tuser={user}\n".encode())


class AuthServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path, users):
        self.users = users
        super().__init__(path, Handler)
        os.chmod(path, 0o666)

    def start(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1},
                         daemon=True).start()
        return self

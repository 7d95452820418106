"""The host of MTA-STS policies: HTTPS on port 443, a certificate for each name."""

import http.server
import ssl
import threading
from dataclasses import dataclass


@dataclass
class Policy:
    text: str
    status: int = 200
    content_type: str = "text/plain"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def setup(self):
        self.request = self.server.secured(self.request)
        super().setup()

    def do_GET(self):
        host = (self.headers.get("Host") or "").split(":")[0].lower()
        policy = self.server.policies.get(host)
        if policy is None or self.path != "/.well-known/mta-sts.txt":
            policy = Policy("no such policy\n", status=404)
        body = policy.text.encode()
        self.server.requests.append((host, self.path, policy.status))
        self.send_response(policy.status)
        self.send_header("Content-Type", policy.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_words):
        pass


class PolicyHost(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, authority):
        self.authority, self.policies, self.requests, self.contexts = authority, {}, [], {}
        self.context = self.make_context("policy.invalid")
        self.context.sni_callback = self.choose
        super().__init__((address, 443), Handler)

    def make_context(self, name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority.issue(name).chain)
        return context

    def choose(self, connection, name, _context):
        if name in self.contexts:
            connection.context = self.contexts[name]

    def secured(self, connection):
        connection.settimeout(30)
        return self.context.wrap_socket(connection, server_side=True)

    def publish(self, host, policy):
        if host not in self.contexts:
            self.contexts[host] = self.make_context(host)
        self.policies[host] = policy

    def withdraw(self, host):
        self.policies.pop(host, None)

    def start(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1},
                         daemon=True).start()
        return self

    def handle_error(self, request, client_address):
        pass  # a client that does not like our certificate is no failure of ours

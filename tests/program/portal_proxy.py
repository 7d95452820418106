"""The portal behind a real web server, on a unix socket, with TLS of its own, and as two users."""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import cryptography  # noqa: F401
except ImportError:
    raise SystemExit(77)

SOURCE = os.environ["POSTERN_SOURCE"]
sys.path.insert(0, os.path.join(SOURCE, "tests", "support"))
sys.path.insert(0, os.path.join(SOURCE, "tests", "lab"))
import portal_world  # noqa: E402
from portal_client import Portal, pick_up  # noqa: E402
from portal_world import PORTAL, QUIET, answers, free_port, until  # noqa: E402

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
NGINX, CADDY = shutil.which("nginx", path=PATH), shutil.which("caddy", path=PATH)


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return f.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=60, env=QUIET)


def make_certificate(folder):
    """Files of a certificate for localhost and its key; it is its own authority."""
    key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    done = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
               "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert)
    assert done.returncode == 0, done.stderr
    return cert, key


class Nginx:
    """One of its own, from the sample, in a folder of its own."""

    def __init__(self, folder, upstream):
        self.folder, self.port, self.plain = folder, free_port(), free_port()
        cert, key = make_certificate(folder)
        self.ca = cert
        sample = read(SOURCE, "conf", "nginx.sample")
        for old, new in (("server 127.0.0.1:8025;", f"server {upstream};"),
                         ("listen 443 ssl http2;", f"listen 127.0.0.1:{self.port} ssl http2;"),
                         ("\tlisten [::]:443 ssl http2;\n", ""), ("\tlisten [::]:80;\n", ""),
                         ("listen 80;", f"listen 127.0.0.1:{self.plain};"),
                         ("/etc/ssl/certs/secure.our.example.pem", cert),
                         ("/etc/ssl/private/secure.our.example.key", key),
                         ("/var/log/nginx/postern.log", folder + "/access.log")):
            assert old in sample, old
            sample = sample.replace(old, new)
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = f"user {pwd.getpwuid(os.getuid()).pw_name};\n" if os.getuid() == 0 else ""
        self.conf = write(folder + "/nginx.conf", f"{user}daemon off;\nworker_processes 1;\n"
                          f"pid {folder}/pid;\nerror_log {folder}/error.log;\n"
                          f"events {{ }}\nhttp {{\n{temporary}{sample}\n}}\n")
        self.process = None

    def check(self):
        return run(NGINX, "-t", "-e", self.folder + "/error.log", "-c", self.conf)

    def start(self):
        self.process = subprocess.Popen([NGINX, "-e", self.folder + "/error.log", "-c", self.conf])
        until("nginx", lambda: answers(self.port))

    def close(self):
        if self.process:
            self.process.terminate()
            self.process.wait(60)


class Behind(unittest.TestCase):
    @unittest.skipUnless(NGINX, "nginx is not installed")
    def test_a_pickup_through_nginx_with_tls_from_a_unix_socket(self):
        world = portal_world.World(listen="unix:TOP/portal.sock")
        self.addCleanup(world.close)
        folder = tempfile.TemporaryDirectory(prefix="postern-nginx-")
        self.addCleanup(folder.cleanup)
        nginx = Nginx(folder.name, "unix:" + world.listen[len("unix:"):])
        done = nginx.check()
        self.assertEqual(done.returncode, 0, done.stderr)
        nginx.start()
        self.addCleanup(nginx.close)
        secret = world.divert(b"through a proxy\r\n")
        # What a client says of itself does not count: nginx says who it is.
        portal = Portal("localhost", nginx.port, ca=nginx.ca, client="203.0.113.66")
        _, original = pick_up(portal, secret.id, secret.code, secret.phrase)
        self.assertEqual(original, secret.original)
        clients = {r["client"] for r in world.audit() if r.get("deposit") == secret.id and
                   r["event"] == "proved"}
        self.assertEqual(clients, {"127.0.0.1"})
        answer = portal.get(f"/m/{secret.id}%23{secret.code}")
        self.assertEqual(answer.status, 200)
        self.assertIsNone(re.search("nginx/", answer.header("Server") or ""))
        self.assertEqual(answer.header("Content-Security-Policy").split(";")[0], "default-src 'none'")
        until("the log", lambda: f"GET /m/{secret.id} 200" in read(folder.name, "access.log"))
        self.assertNotIn(secret.code, read(folder.name, "access.log"))
        self.assertNotIn(secret.code, read(folder.name, "error.log"))

    @unittest.skipUnless(CADDY, "caddy is not installed")
    def test_caddy_takes_its_sample(self):
        with tempfile.TemporaryDirectory() as folder:
            sample = write(folder + "/Caddyfile", read(SOURCE, "conf", "Caddyfile.sample"))
            done = subprocess.run([CADDY, "validate", "--adapter", "caddyfile", "--config", sample],
                                  capture_output=True, text=True, timeout=60,
                                  env={"PATH": PATH, "HOME": folder, "XDG_DATA_HOME": folder})
        self.assertEqual(done.returncode, 0, done.stderr)


class Alone(unittest.TestCase):
    def test_tls_of_its_own(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        cert, key = make_certificate(folder.name)
        world = portal_world.World(portal=f'certificate = "{cert}"; key = "{key}";')
        self.addCleanup(world.close)
        portal = Portal("localhost", world.port, ca=cert)
        until("TLS", lambda: portal.get("/healthz").status == 200)
        secret = world.divert(b"by TLS\r\n" + b"x" * 300000)
        self.assertEqual(pick_up(portal, secret.id, secret.code, secret.phrase)[1], secret.original)
        done = run("openssl", "s_client", "-connect", f"127.0.0.1:{world.port}", "-tls1_1")
        self.assertNotEqual(done.returncode, 0, "TLS 1.1 is spoken")

    def test_a_path_of_its_own(self):
        world = portal_world.World(url="https://www.our.test/post/box")
        self.addCleanup(world.close)
        secret = world.divert(b"below a path\r\n")
        portal = world.portal(prefix="/post/box")
        self.assertEqual(pick_up(portal, secret.id, secret.code, secret.phrase)[1], secret.original)
        page = portal.get(f"/m/{secret.id}").text()
        for path in re.findall(r'(?:href|src|action)="(/[^"]*)"', page):
            self.assertTrue(path.startswith("/post/box/"), path)
        self.assertEqual(world.portal().get("/about").status, 404)


@unittest.skipUnless(os.geteuid() == 0, "takes root")
class Users(unittest.TestCase):
    def test_started_as_root_it_becomes_two_users(self):
        world = portal_world.World(portal='user = "nobody";', start=False)
        self.addCleanup(world.close)
        owner = pwd.getpwnam("daemon")
        world.milter.end()  # and comes back as the owner of its store
        for at, folders, names in os.walk(world.milter.top):
            for name in folders + names:
                os.chown(os.path.join(at, name), owner.pw_uid, owner.pw_gid)
        os.chown(world.milter.top, owner.pw_uid, owner.pw_gid)
        for name in ("bin", "reader"):  # where that user can come
            os.mkdir(world.milter.path(name), 0o755)
        shutil.copy(portal_world.BUILD + "/reader/postern-reader", world.milter.path("reader"))
        world.milter.wrap = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}",
                             "--clear-groups", "sh", "-c", 'shift; exec "$0" "$@"',
                             shutil.copy(portal_world.BUILD + "/milter/postern-milter",
                                         world.milter.path("bin"))]
        world.milter.start()
        world.start()

        def uids(pid):
            return set(re.search(r"Uid:\t(.*)", read(f"/proc/{pid}/status")).group(1).split())
        self.assertEqual(uids(world.keeper()), {str(owner.pw_uid)})
        self.assertEqual(uids(world.worker()), {str(pwd.getpwnam("nobody").pw_uid)})
        for pid in (world.keeper(), world.worker()):
            status = read(f"/proc/{pid}/status")
            self.assertRegex(status, r"CapEff:\t0{16}\n")
            self.assertRegex(status, r"CapPrm:\t0{16}\n")
            self.assertRegex(status, r"Groups:\t *\n")
        secret = world.divert(b"for two users\r\n")
        self.assertEqual(pick_up(world.portal(), secret.id, secret.code, secret.phrase)[1],
                         secret.original)
        worker = world.worker()
        self.assertEqual(world.end(), 0, world.said())
        until("the worker's end", lambda: not os.path.exists(f"/proc/{worker}"))

    def test_a_user_that_is_not_there_is_an_error_when_it_was_named(self):
        world = portal_world.World(portal='user = "nobody-of-ours";', start=False)
        self.addCleanup(world.close)
        done = run(PORTAL, "-f", "-c", world.milter.conf)
        self.assertEqual(done.returncode, 1)
        self.assertIn("portal.user: there is no user nobody-of-ours", done.stderr)


class Life(unittest.TestCase):
    def setUp(self):
        self.world = portal_world.World()
        self.addCleanup(self.world.close)

    def gone(self, pid):
        until("its end", lambda: not os.path.exists(f"/proc/{pid}") or
              "State:\tZ" in read(f"/proc/{pid}/status"))

    def test_it_ends_on_a_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            worker = self.world.worker()
            begin = time.monotonic()
            self.assertEqual(self.world.end(number), 0, self.world.said())
            self.assertLess(time.monotonic() - begin, 15)
            self.gone(worker)
            self.assertFalse(answers(self.world.port))
            self.world.start()

    def test_neither_process_lives_without_the_other(self):
        keeper, worker = self.world.keeper(), self.world.worker()
        os.kill(worker, signal.SIGKILL)
        self.assertNotEqual(self.world.process.wait(60), 0)
        self.world.start()
        keeper, worker = self.world.keeper(), self.world.worker()
        os.kill(keeper, signal.SIGKILL)
        self.world.process.wait(60)
        self.gone(worker)

    def test_two_of_them_serve_one_store(self):
        port = free_port()
        conf = self.world.milter.path("second.conf")
        text = read(self.world.milter.conf)
        write(conf, text.replace(f"127.0.0.1:{self.world.port}", f"127.0.0.1:{port}"))
        second = subprocess.Popen([PORTAL, "-f", "-c", conf], stderr=subprocess.DEVNULL, env=QUIET)
        try:
            until("the second", lambda: answers(port))
            secret = self.world.divert(b"for either\r\n")
            for portal in (self.world.portal(), Portal(port=port)):
                self.assertEqual(pick_up(portal, secret.id, secret.code, secret.phrase)[1],
                                 secret.original)
        finally:
            second.terminate()
            second.wait(60)

    def test_options_and_settings(self):
        self.assertTrue(run(PORTAL, "-h").stdout.startswith("usage: postern-portal "))
        self.assertTrue(run(PORTAL, "-V").stdout.startswith("postern-portal 0"))
        for words in (("-x",), ("start",), ("-c",)):
            self.assertEqual(run(PORTAL, *words).returncode, 2, words)
        conf = write(self.world.milter.path("no.conf"), f'state = "{self.world.milter.top}/state";\n')
        done = run(PORTAL, "-c", conf)
        self.assertEqual(done.returncode, 2)
        self.assertIn("portal.url is not set", done.stderr)
        done = run(PORTAL, "-f", "-c", self.world.milter.conf)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot listen on", done.stderr)


if __name__ == "__main__":
    unittest.main()

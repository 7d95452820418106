"""The portal as strangers, scanners and broken clients meet it: whatever they send, they get a
plain answer with the same headers, and nothing changes."""

import http.client
import json
import os
import re
import socket
import sqlite3
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
import portal_world  # noqa: E402

ID = "00112233445566778899aabbccddeeff"
HEX = "ab" * 32

HEADERS = {
    "Content-Security-Policy": r"default-src 'none'; script-src 'self'; .*frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer$",
    "X-Content-Type-Options": "nosniff$",
    "Strict-Transport-Security": r"max-age=\d{8}",
    "Cross-Origin-Opener-Policy": "same-origin$",
    "Cross-Origin-Resource-Policy": "same-origin$",
    "Permissions-Policy": r"camera=\(\)|.*camera=\(\)",
    "X-Robots-Tag": "noindex",
}

PAGES = ["/", "/about", f"/m/{ID}", f"/m/{ID}/", f"/m/{ID}%23008J-4CT4-ANK7-F24S-NAXW-SQFE-ZW81",
         f"/m/{ID}/%23x", "/key.json", "/healthz"]
STEPS = ["prove", "code", "factor", "blob", "acknowledge", "reply", "open", "part"]
ABSENT = ["/x", "/m", "/m/", f"/m/{ID[:-1]}", f"/m/{ID}/x", "/static/", "/static/x.js", "/index.php",
          "/static/../key.json", "/static/%2e%2e/key.json", "/../../../../etc/passwd",
          "/%2e%2e/%2e%2e/etc/passwd", "/static/..%2f..%2fetc%2fpasswd", "//key.json", "/about/",
          "/m/" + "%2e%2e%2f" * 20, "/.git/config", f"/s/{ID}", f"/s/{ID}/", "/favicon.ico",
          "/m/" + "a" * 3000, "/about%00.html", "/%61bout"]


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = portal_world.World(portal='help = "call <Ann> on 42";')
        cls.secret = cls.world.divert(b"kept\r\n")
        cls.portal = cls.world.portal()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def setUp(self):
        self.before = self.store()

    def tearDown(self):
        self.world.alive()
        self.assertEqual(self.portal.get("/healthz").text(), "ok\n")
        self.assertEqual(self.store(), self.before, "something was changed in the store")

    def store(self):
        """All that is durable of deposits, but for the time."""
        db = sqlite3.connect(f"file:{self.world.milter.top}/state/postern.db?mode=ro", uri=True,
                             timeout=30)
        with db:
            rows = [db.execute(f"SELECT * FROM {table}").fetchall()
                    for table in ("deposit", "recipient")]
            # A wrong number behind a sender's link is counted, and must be.
            rows.append(db.execute("SELECT bucket, name FROM record WHERE bucket <> 'handle'")
                        .fetchall())
        db.close()
        return rows, sorted(os.listdir(self.world.milter.top + "/state/blobs"))

    def sound(self, answer, cached=False):
        """The headers of an answer of ours."""
        for name, expected in HEADERS.items():
            self.assertRegex(answer.header(name) or "", expected, name)
        cache = "public, max-age=31536000, immutable" if cached else "no-store"
        self.assertEqual(answer.header("Cache-Control"), cache)
        for name in ("Server", "Set-Cookie", "X-Powered-By", "ETag", "Last-Modified"):
            self.assertIsNone(answer.header(name), name)
        names = [name.lower() for name, _ in answer.headers]
        self.assertEqual(len(names), len(set(names)), "a header stands there twice")

    def test_every_answer_has_the_same_headers(self):
        for path in PAGES:
            answer = self.portal.get(path)
            self.assertEqual(answer.status, 200, path)
            self.sound(answer)
        for path in ABSENT:
            answer = self.portal.get(path)
            self.assertEqual(answer.status, 404, path)
            self.sound(answer)
            self.assertNotIn(b"root:", answer.body)
        for step in STEPS:
            answer = self.portal.get(f"/m/{ID}/{step}")
            self.assertEqual((answer.status, answer.header("Allow")), (405, "POST"), step)
            self.sound(answer)

    def test_a_scanner_that_tries_every_method_on_every_page_changes_nothing(self):
        s = self.secret
        paths = PAGES + [f"/m/{s.id}", f"/m/{s.id}/{s.code}", f"/m/{s.id}%23{s.code}", s.handle]
        paths += [f"/m/{s.id}/{step}" for step in STEPS]
        for path in paths:
            for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "PROPFIND", "TRACE"):
                answer = self.portal.ask(method, path)
                self.assertIn(answer.status, (200, 405, 404), f"{method} {path}")
                self.sound(answer)
                if method not in ("GET", "HEAD"):
                    self.assertEqual(answer.status, 405)
                if method == "HEAD":
                    self.assertEqual(answer.body, b"")

    def test_a_scanner_that_presses_every_button_changes_nothing(self):
        """Each form on each page, sent as it stands."""
        s, pressed = self.secret, 0
        for path in ("/", f"/m/{s.id}", f"/m/{s.id}%23{s.code}", f"/m/{s.id}/{s.code}", s.handle):
            page = self.portal.get(path).text()
            for form in re.findall(r"<form.*?</form>", page, re.S):
                action = re.search(r'action="([^"]*)"', form)
                if not action:
                    continue
                fields = {}
                for field in re.findall(r"<input[^>]*>", form):
                    name = re.search(r'name="([^"]*)"', field)
                    value = re.search(r'value="([^"]*)"', field)
                    if name and 'type="checkbox"' not in field:
                        fields[name[1]] = value[1] if value else ""
                answer = self.portal.form(action[1], fields)
                pressed += 1
                self.assertIn(answer.status, (200, 400, 403), f"{action[1]} {fields}")
        self.assertGreaterEqual(pressed, 4)

    def test_a_known_id_and_an_unknown_one_look_the_same(self):
        def bare(answer, ident):
            headers = [(k, v) for k, v in answer.headers if k != "Date"]
            return answer.status, headers, answer.body.replace(ident.encode(), b"ID")
        known, unknown = self.secret.id, ID
        asks = [lambda i: self.portal.get(f"/m/{i}"),
                lambda i: self.portal.ask("HEAD", f"/m/{i}"),
                lambda i: self.portal.get(f"/m/{i}%23{self.secret.code}"),
                lambda i: self.portal.get(f"/m/{i}/prove"),
                lambda i: self.portal.get(f"/s/{i}/{'00' * 16}"),
                lambda i: self.portal.post(f"/m/{i}/factor", {"ticket": HEX, "auth2": HEX}),
                lambda i: self.portal.post(f"/m/{i}/blob", {"ticket": HEX})]
        for ask in asks:
            self.assertEqual(bare(ask(known), known), bare(ask(unknown), unknown))

    def test_pages_show_no_more_than_they_must(self):
        page = self.portal.get(f"/m/{self.secret.id}").text()
        for word in (self.secret.code, "bob@", "jane@", "kept", self.secret.phrase):
            self.assertNotIn(word, page)
        self.assertIn("call &lt;Ann&gt; on 42", page)
        self.assertNotRegex(page, r'(?:src|href|action)="(?:https?:)?//')

    def test_static_files_are_named_by_their_hash_and_kept(self):
        page = self.portal.get(f"/m/{self.secret.id}").text()
        names = set(re.findall(r'"(/static/[^"]+)"', page))
        self.assertGreater(len(names), 5)
        seen = set()
        while names - seen:
            name = (names - seen).pop()
            seen.add(name)
            answer = self.portal.get(name)
            self.assertEqual(answer.status, 200, name)
            self.sound(answer, cached=True)
            self.assertRegex(name, r"-[0-9a-f]{16}\.(js|css|json)$")
            if name.endswith(".js"):
                self.assertEqual(answer.header("Content-Type"), "text/javascript; charset=utf-8")
                names |= {"/static/" + other
                          for other in re.findall(r"""["']\./([^"']+)["']""", answer.text())}

    def test_the_language_is_the_reader_s(self):
        for header, language, direction in (("de-CH,de;q=0.9,en;q=0.1", "de", "ltr"),
                                            ("ar", "ar", "rtl"), ("xx", "en", "ltr"), ("", "en", "ltr"),
                                            (";;;,,q=", "en", "ltr"), ("fr;q=0,de;q=0.1", "de", "ltr")):
            page = self.portal.get("/", {"Accept-Language": header}).text()
            self.assertIn(f'<html lang="{language}" dir="{direction}">', page, header)
        self.assertIn('lang="fr"', self.portal.get("/?lang=fr", {"Accept-Language": "de"}).text())
        self.assertIn('<html lang="de"', self.portal.get("/?lang=<x>", {"Accept-Language": "de"}).text())

    def test_a_header_cannot_be_made_from_a_path_or_a_field(self):
        for path in ("/%0d%0aX-Evil:%201", f"/m/{ID}%0d%0aX-Evil:%201", "/?a=%0d%0aX-Evil:1"):
            answer = self.portal.get(path)
            self.assertIsNone(answer.header("X-Evil"))
        answer = self.portal.form("/", {"code": "x\r\nX-Evil: 1"})
        self.assertEqual(answer.status, 400)
        self.assertIsNone(answer.header("X-Evil"))

    def test_what_is_typed_never_becomes_markup(self):
        evil = '"><script>alert(1)</script>'
        for answer in (self.portal.form("/", {"code": evil}),
                       self.portal.form(f"/m/{ID}/open", {"code": evil, "confirm": "1"}),
                       self.portal.get("/?lang=" + evil.replace('"', "%22").replace(" ", "%20")),
                       self.portal.get("/", {"Accept-Language": evil, "User-Agent": evil})):
            self.assertNotIn(b"alert(1)", answer.body)

    def test_bodies_that_are_none_of_ours_are_refused(self):
        step = f"/m/{ID}/prove"
        cases = [
            (400, b"{"), (400, b""), (400, b"[]"), (400, b"null"), (400, b'{"auth1":1}'),
            (400, b'{"auth1":"zz"}'), (400, b'{"auth1":"' + b"a" * 63 + b'"}'), (400, b"{}"),
            (400, b'{"auth1":"' + b"ab" * 32 + b'","auth1":"' + b"ab" * 32 + b'"}'),
            (400, b"\xff\xfe\x00"), (400, b"{" * 3000), (413, b" " * 20000),
        ]
        for status, body in cases:
            answer = self.portal.ask("POST", step, body, {"Content-Type": "application/json"})
            self.assertEqual(answer.status, status, body[:40])
            self.sound(answer)
            self.assertIn("error", answer.json())
        for kind in (None, "text/plain", "application/x-www-form-urlencoded", "application/jsonx"):
            answer = self.portal.ask("POST", step, json.dumps({"auth1": HEX}),
                                     {"Content-Type": kind} if kind else {})
            self.assertEqual(answer.status, 415, kind)

    def test_a_page_elsewhere_cannot_send_forms_here(self):
        fields, form = {"auth1": HEX}, {"code": "x"}
        for headers in ({"Origin": "https://evil.test"}, {"Origin": "null"},
                        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                        {"Origin": "https://secure.our.test.evil.test"}):
            self.assertEqual(self.portal.post(f"/m/{ID}/prove", fields, headers).json(),
                             {"error": "denied"})
            self.assertEqual(self.portal.form("/", form, headers).status, 403)
        ours = {"Origin": "https://secure.our.test", "Sec-Fetch-Site": "same-origin"}
        self.assertEqual(self.portal.form("/", form, ours).status, 400)

    def raw(self, data, reads=True):
        """What a socket answers to bytes, to the end or as far as it goes within 10 s."""
        got = b""
        with socket.create_connection(("127.0.0.1", self.world.port), 10) as one:
            try:
                one.sendall(data)
                one.shutdown(socket.SHUT_WR)
                while reads and (more := one.recv(65536)):
                    got += more
            except OSError:
                pass
            return got if reads else b""

    def test_requests_that_are_no_http_get_a_plain_answer_or_none(self):
        many = b"".join(b"X-%d: y\r\n" % i for i in range(4000))
        for data in (b"\0" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n\r\n",
                     b"GET / HTTP/1.1\r\n\r\n", b"GET  /  HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
                     b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                     b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                     b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                     b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" +
                     b"2000\r\n" + b"a" * 0x2000 + b"\r\n" + b"2000\r\n" + b"a" * 0x2000 + b"\r\n0\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 100000 + b"\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: x\r\n" + many + b"\r\n",
                     b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                     b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + os.urandom(200)):
            got = self.raw(data)
            self.assertTrue(got == b"" or got.startswith(b"HTTP/1."), got[:80])
            if got:
                status = int(got.split()[1])
                self.assertIn(status, (200, 400, 404, 413, 414, 415, 431, 501, 505), data[:50])
                self.assertNotRegex(got.decode("latin-1"), "(?i)\r\nserver:")
            self.assertEqual(self.portal.get("/healthz").status, 200)

    def test_a_header_that_is_too_long_is_said_to_be(self):
        answer = self.portal.get("/", {"X-Long": "a" * 20000})
        self.assertEqual(answer.status, 431)
        self.sound(answer)
        self.assertEqual(self.portal.get("/", {"X-Long": "a" * 10000}).status, 200)

    def test_one_client_cannot_take_all_connections(self):
        """What one client holds open is bounded; another one is served meanwhile."""
        held = []
        try:
            for _ in range(80):
                one = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=20)
                one.putrequest("POST", f"/m/{ID}/prove")
                for name, value in (("Content-Type", "application/json"), ("Content-Length", "100"),
                                    ("X-Forwarded-For", "198.51.100.9")):
                    one.putheader(name, value)
                one.endheaders()
                held.append(one)
            refused = 0
            for one in held:
                one.sock.settimeout(0.05)
                try:
                    refused += one.sock.recv(20).startswith(b"HTTP/1.1 429")
                except TimeoutError:
                    pass
            self.assertEqual(refused, 80 - 64)
            self.assertEqual(self.world.portal(client="198.51.100.10").get("/").status, 200)
        finally:
            for one in held:
                one.close()


if __name__ == "__main__":
    unittest.main()

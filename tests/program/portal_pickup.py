"""A message from the milter's hands to its recipient's, by way of the portal: each step, each
factor, each end; and what stands in the audit about it."""

import hashlib
import json
import os
import re
import subprocess
import sys
import unittest

try:
    import cryptography  # noqa: F401
except ImportError:
    raise SystemExit(77)

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
import portal_world  # noqa: E402
from portal_client import Refused, Visit, locate, pick_up  # noqa: E402
from portal_world import SENDER, sanitized, search_files, search_memory, until  # noqa: E402

POSTERN = os.environ["POSTERN"]
CODE = "008J4CT4ANK7F24SNAXWSQFEZW81"  # of a message that is not there

RULES = """markers = ( { name = "portal"; any = ( { subject = "portal please"; } ); },
            { name = "link"; any = ( { subject = "link please"; } ); } );
rules = ( { name = "with a phrase"; when = { markers = [ "portal" ]; };
            require = "authenticated"; otherwise = [ "divert" ];
            undetermined = "otherwise"; opaque = "ignore"; },
          { name = "with the link alone"; when = { markers = [ "link" ]; };
            require = "authenticated"; otherwise = [ "divert" ]; factor = "link";
            undetermined = "otherwise"; opaque = "ignore"; } );
"""

ATTACHED = b"""\
--=b\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
\r
<b>Gr\xc3\xbc\xc3\x9fe</b> & more\r
--=b\r
Content-Type: application/pdf; name="../../etc/Angebot.pdf"\r
Content-Disposition: attachment; filename*=UTF-8''..%2F..%2FAngebot%20%E2%82%AC%0d%0aX-Evil.pdf\r
Content-Transfer-Encoding: base64\r
\r
JVBERi0xLjcKJcOkw7zDtsOfCg==\r
--=b--\r
"""


def refusal(call, *args):
    try:
        call(*args)
    except Refused as refused:
        return refused.answer
    raise AssertionError("it was not refused")


class Pickup(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = portal_world.World(rules=RULES)

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def setUp(self):
        self.portal = self.world.portal(client="192.0.2.1")

    def tearDown(self):
        self.world.alive()

    def events(self, ident):
        return [r["event"] for r in self.world.audit() if r.get("deposit") == ident]

    def postern(self, *words):
        done = subprocess.run([POSTERN, *words, "--config", self.world.milter.conf],
                              capture_output=True, text=True, timeout=60)
        return done

    def test_the_original_comes_back_byte_for_byte(self):
        secret = self.world.divert(b"8 bits: \xe4\xff\r\n.\r\n" + b"x" * 200000 + b"\r\n")
        visit, original = pick_up(self.portal, secret.id, secret.code, secret.phrase)
        self.assertEqual(original, secret.original)
        self.assertIn(visit.digest, secret.notice.text())
        self.assertEqual(visit.about["sender"], SENDER)
        self.assertEqual(visit.about["address"], "bob@plain.test")
        self.assertEqual(visit.about["factor"], "phrase")
        events = self.events(secret.id)
        self.assertEqual([e for e in events if e in ("proved", "factored", "sent", "acknowledged")],
                         ["proved", "factored", "sent", "acknowledged"])
        again = Visit(self.portal, secret.id, secret.code)
        self.assertIsNotNone(again.prove()["acknowledged"])

    def test_the_proof_can_be_checked_without_the_portal(self):
        secret = self.world.divert(b"to be proved\r\n")
        visit, original = pick_up(self.portal, secret.id, secret.code, secret.phrase)
        self.assertEqual(visit.proof["mode"], "browser")
        with open(self.world.milter.path("message.eml"), "wb") as f:
            f.write(original)
        with open(self.world.milter.path("proof.json"), "w", encoding="utf-8") as f:
            json.dump(visit.proof, f)
        key = self.portal.get("/key.json").json()["ed25519"]
        words = ("deposit", "verify", "--key", key, self.world.milter.path("message.eml"),
                 self.world.milter.path("proof.json"))
        self.assertEqual(self.postern(*words).returncode, 0, self.postern(*words))
        with open(self.world.milter.path("message.eml"), "ab") as f:
            f.write(b"x")
        self.assertEqual(self.postern(*words).returncode, 1)

    def test_a_typed_code_finds_its_message(self):
        secret = self.world.divert(b"typed\r\n")
        ident = locate(self.portal, secret.code.lower().replace("0", "o"))
        self.assertEqual(ident, secret.id)
        other = locate(self.portal, CODE)
        self.assertRegex(other, "^[0-9a-f]{32}$")
        self.assertEqual(locate(self.portal, CODE), other)

    def test_a_download_goes_on_where_it_broke_off(self):
        secret = self.world.divert(os.urandom(300000).hex().encode() + b"\r\n")
        visit = Visit(self.portal, secret.id, secret.code)
        visit.prove()
        visit.factor(secret.phrase)
        whole = visit.blob()
        self.assertEqual(len(whole), visit.about["blob_bytes"])
        self.assertEqual(visit.blob(100000), whole[100000:])
        self.assertEqual(visit.blob(len(whole)), b"")
        self.assertEqual(refusal(visit.blob, len(whole) + 1).status, 400)
        self.assertEqual(visit.open(whole), secret.original)

    def test_each_recipient_has_a_code_of_his_own(self):
        first = self.world.divert(b"one\r\n", to="c@plain.test")
        second = self.world.divert(b"two\r\n", to="d@plain.test")
        for one, other in ((first, second), (second, first)):
            answer = refusal(Visit(self.world.portal(client="192.0.2.60"), one.id, other.code).prove)
            self.assertEqual((answer.status, answer.json()), (403, {"error": "denied"}))

    def test_nothing_comes_out_of_order(self):
        secret = self.world.divert(b"in order\r\n")
        visit = Visit(self.portal, secret.id, secret.code)
        visit.ticket, visit.digest, visit.about = "00" * 32, "00" * 32, {"address": "x", "rounds": 1}
        for step, args in ((visit.blob, ()), (visit.send_code, ()), (visit.acknowledge, ()),
                           (visit.factor, ("a",))):
            self.assertEqual(refusal(step, *args).status, 409, step)
        visit.prove()
        visit.digest = visit.about["digest"]
        self.assertEqual(refusal(visit.blob).status, 409, "the blob was given before the factor")
        visit.salt = b""
        self.assertEqual(refusal(visit.acknowledge).status, 409)
        other = self.world.divert(b"another\r\n")
        stranger = Visit(self.portal, other.id, other.code)
        stranger.ticket = visit.ticket  # of the first message
        self.assertEqual(refusal(stranger.blob).status, 409)

    def test_a_wrong_phrase_opens_nothing_and_burns_nothing(self):
        secret = self.world.divert(b"once more\r\n")
        visit = Visit(self.portal, secret.id, secret.code)
        visit.prove()
        self.assertEqual(refusal(visit.factor, "not the right phrase").status, 403)
        waited = refusal(visit.factor, "not the right phrase")
        self.assertIn(waited.status, (403, 429))
        if waited.status == 429:
            self.assertGreater(waited.json()["wait"], 0)

        def opens():
            try:
                visit.factor(secret.phrase)
            except Refused as refused:
                if refused.status != 429:
                    raise
                return False
            return True
        until("the right phrase's turn", opens)
        self.assertEqual(visit.fetch(), secret.original)

    def test_wrong_codes_slow_down_whoever_guesses_and_nobody_else(self):
        secret = self.world.divert(b"guess\r\n")
        guesser = self.world.portal(client="198.51.100.77")
        statuses = []
        for _ in range(40):
            answer = refusal(Visit(guesser, secret.id, CODE).prove)
            statuses.append(answer.status)
            if answer.status == 429:
                self.assertGreater(answer.json()["wait"], 0)
        self.assertEqual(statuses[0], 403)
        self.assertEqual(statuses[-1], 429, statuses)
        self.assertGreater(statuses.count(429), 20)
        self.assertEqual(pick_up(self.portal, secret.id, secret.code, secret.phrase)[1],
                         secret.original)

    def test_who_does_not_know_the_code_is_told_nothing_of_the_end(self):
        secret = self.world.divert(b"gone\r\n")
        done = self.postern("deposit", "revoke", secret.id)
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = Visit(self.portal, secret.id, secret.code).prove()
        self.assertEqual(answer["state"], "revoked")
        self.assertRegex(answer["ended"], r"^\d{4}-\d\d-\d\dT")
        self.assertNotIn("ticket", answer)
        stranger = self.world.portal(client="192.0.2.61")
        self.assertEqual(refusal(Visit(stranger, secret.id, CODE).prove).json(), {"error": "denied"})
        self.assertEqual(search_files([self.world.milter.path("state/blobs")], [secret.id.encode()]), [])
        self.assertFalse(os.path.exists(self.world.milter.path(f"state/blobs/{secret.id}")))

    def test_a_second_client_is_told_to_the_sender(self):
        secret = self.world.divert(b"seen twice\r\n")
        pick_up(self.portal, secret.id, secret.code, secret.phrase)
        known = len(self.world.sink.mails)
        other = self.world.portal(client="203.0.113.5", agent="another browser")
        visit = Visit(other, secret.id, secret.code)
        visit.prove()
        visit.factor(secret.phrase)
        visit.fetch()
        until("the alert", lambda: "alert" in self.events(secret.id))
        mail = self.world.sink.wait(lambda m: m in self.world.sink.mails[known:] and
                                    m.to == SENDER and "203.0.113" in m.text())
        self.assertNotIn(secret.phrase, mail.text())

    def test_the_sender_s_link_shows_and_takes_back(self):
        secret = self.world.divert(b"taken back\r\n")
        page = self.portal.get(secret.handle)
        self.assertEqual(page.status, 200)
        self.assertIn("bob@plain.test", page.text())
        self.assertNotIn(secret.number, page.text())
        self.assertEqual(self.portal.get(secret.handle[:-1] + "0").status,
                         404 if secret.handle[-1] != "0" else 200)
        wrong = str((int(secret.number) + 1) % 10**6).zfill(6)
        self.portal.form(secret.handle, {"action": "revoke", "number": wrong})
        self.assertEqual(Visit(self.portal, secret.id, secret.code).prove()["state"], "open")
        done = self.portal.form(secret.handle, {"action": "revoke", "number": secret.number})
        self.assertEqual(done.status, 200)
        self.assertEqual(Visit(self.portal, secret.id, secret.code).prove()["state"], "revoked")

    def reply(self, ident, fields, files):
        boundary = "=_reply"
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                 .encode() for name, value in fields]
        parts += [f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
                  "Content-Type: application/octet-stream\r\n\r\n".encode() + data + b"\r\n"
                  for name, data in files]
        body = b"".join(parts) + f"--{boundary}--\r\n".encode()
        return self.portal.ask("POST", f"/m/{ident}/reply", body,
                               {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    def assert_known_to_the_milter(self, mail):
        """On its way to the sender's mailbox it is mail of ours: passed on, its pass taken off."""
        header, body = mail.data.split(b"\r\n\r\n", 1)
        fields = [line.split(":", 1) for line in
                  re.sub(r"\r\n([ \t])", r"\n\1", header.decode()).split("\r\n")]
        fields = [(name, value.lstrip(" ")) for name, value in fields]
        self.assertIn("Postern-Notice", dict(fields))
        outcome = self.world.milter.message(body, fields, sender="", to=(SENDER,))
        self.assertEqual(outcome.action, "continue", outcome)
        self.assertEqual([edit for edit in outcome.edits if edit[0] != "change header"], [])
        self.assertIn("Postern-Notice", str(outcome.edits))
        self.assertNotIn("a field of ours does not hold", self.world.milter.said())
        outcome = self.world.milter.message(body + b"x\r\n", fields, sender="", to=(SENDER,))
        self.assertIn("a field of ours does not hold", self.world.milter.said())

    def test_a_reply_goes_to_the_sender_with_its_files(self):
        secret = self.world.divert(b"please answer\r\n")
        visit, _ = pick_up(self.portal, secret.id, secret.code, secret.phrase)
        self.assertTrue(visit.about["reply"])
        known, data = len(self.world.sink.mails), os.urandom(50000)
        answer = self.reply(secret.id, [("ticket", visit.ticket), ("text", "Yes, gl\u00fccklich!")],
                            [("../../x.bin", data), ("", b"")])
        self.assertEqual((answer.status, answer.json()), (202, {"ok": True}))
        mail = self.world.sink.wait(lambda m: m in self.world.sink.mails[known:] and
                                    m.to == SENDER and "gl\u00fccklich" in m.text())
        attached = [part for part in mail.message.iter_attachments()]
        self.assertEqual([part.get_content() for part in attached], [data])
        self.assertNotIn("/", attached[0].get_filename())
        self.assertIn("replied", self.events(secret.id))
        self.assert_known_to_the_milter(mail)
        for fields, files, status in (([("ticket", "00" * 32), ("text", "x")], [], 409),
                                      ([("ticket", visit.ticket)], [], 400),
                                      ([("text", "x")], [("x", b"x")], 409),
                                      ([("ticket", visit.ticket), ("text", "x")],
                                       [(f"{n}", b"x") for n in range(21)], 413)):
            self.assertEqual(self.reply(secret.id, fields, files).status, status)
        try:
            self.assertEqual(self.reply(secret.id, [("ticket", visit.ticket), ("text", "x")],
                                        [("big", b"x" * 27_000_000)]).status, 413)
        except ConnectionError:
            pass  # said before all was sent, and hung up

    # ---- without JavaScript ----

    def attached(self):
        return self.world.divert(ATTACHED, fields=(
            ("Subject", "portal please"), ("Content-Type", 'multipart/mixed; boundary="=b"')))

    def open(self, secret, **fields):
        usual = {"code": secret.code, "phrase": secret.phrase, "confirm": "1"}
        usual.update(fields)
        return self.portal.form(f"/m/{secret.id}/open",
                                {k: v for k, v in usual.items() if v is not None})

    def opened(self):
        """A message with an attachment, opened by the server: what it is, its page, its handle."""
        secret = self.attached()
        page = self.open(secret)
        self.assertEqual(page.status, 200)
        text = page.text()
        return secret, page, re.search(r'name="handle" value="([0-9a-f]{32})"', text)[1]

    def test_without_javascript_the_server_opens_it_and_says_so(self):
        secret, page, _ = self.opened()
        text = page.text()
        self.assertIn("&lt;b&gt;Grüße&lt;/b&gt; &amp; more", text)
        self.assertIn("jane@our.test", text)
        self.assertEqual(page.header("Cache-Control"), "no-store")
        self.assertIn(self.catalogue()["opened_by_server"], re.sub("&#39;|&quot;", "'", text))
        records = [r for r in self.world.audit() if r.get("deposit") == secret.id]
        self.assertEqual({r["mode"] for r in records if r["event"] in ("sent", "acknowledged")},
                         {"server"})

    @staticmethod
    def catalogue():
        with open(os.path.join(os.environ["POSTERN_SOURCE"], "portal/texts/en.json"),
                  encoding="utf-8") as f:
            return json.load(f)

    def part(self, secret, handle, part):
        return self.portal.form(f"/m/{secret.id}/part", {"handle": handle, "part": part})

    def test_what_was_opened_by_the_server_can_be_saved(self):
        secret, _, handle = self.opened()
        original = self.part(secret, handle, "original")
        self.assertEqual(original.body, secret.original)
        self.assertEqual(original.header("Content-Disposition"), 'attachment; filename="message.eml"')
        file = self.part(secret, handle, "0")
        self.assertEqual(file.body, b"%PDF-1.7\n%\xc3\xa4\xc3\xbc\xc3\xb6\xc3\x9f\n")
        self.assertEqual(file.header("Content-Type"), "application/octet-stream")
        self.assertRegex(file.header("Content-Disposition"), r"^attachment; filename=\"[^/\"]*\"")
        self.assertIsNone(file.header("X-Evil"))
        proof = json.loads(self.part(secret, handle, "proof").body)
        self.assertEqual(proof["mode"], "server")
        salted = bytes.fromhex(proof["salt"]) + secret.original
        self.assertEqual(hashlib.sha256(salted).hexdigest(), proof["digest"])
        for bad in ("1", "-1", "x", "999999999999999999999", "../0", ""):
            self.assertIn(self.part(secret, handle, bad).status, (400, 404), bad)
        self.assertEqual(self.part(secret, "00" * 16, "original").status, 404)
        other = self.world.divert(b"another\r\n")
        self.assertEqual(self.part(other, handle, "original").status, 404)

    def test_without_javascript_each_mistake_is_said(self):
        secret = self.world.divert(b"mistakes\r\n")
        texts = self.catalogue()
        for fields, status, said in (({"code": "x"}, 400, "bad_code"),
                                     ({"confirm": None}, 400, "need_confirm"),
                                     ({"phrase": None}, 200, "need_phrase"),
                                     ({"phrase": "not the right phrase"}, 403, "wrong_phrase")):
            page = self.open(secret, **fields)
            self.assertEqual(page.status, status, fields)
            self.assertIn(texts[said].split("'")[0], page.text(), fields)
            self.assertNotIn("mistakes", page.text())
            self.assertNotIn(secret.phrase, page.text(), "the phrase is carried along")
        stranger = self.world.portal(client="203.0.113.62")
        page = stranger.form(f"/m/{secret.id}/open", {"code": CODE, "confirm": "1", "phrase": "a b"})
        self.assertEqual(page.status, 403)
        self.assertIn(texts["denied"].split("'")[0], page.text())

    def test_a_code_typed_without_javascript_is_carried_to_the_next_page(self):
        secret = self.world.divert(b"typed in a form\r\n")
        page = self.portal.form("/", {"code": secret.code.lower()}).text()
        self.assertIn(f'action="/m/{secret.id}/open"', page)
        carried = re.search(r'name="code" value="([^"]+)"', page)[1]
        self.assertEqual(carried.replace("-", ""), secret.code)

    # ---- canaries ----

    def test_what_was_read_in_a_browser_was_never_in_the_portal(self):
        """Neither the text nor the phrase: not on a disk, not in the memory of either process."""
        if os.geteuid() != 0 or sanitized():
            self.skipTest("takes root, and no sanitizer's memory")
        canary = os.urandom(16).hex().encode()
        secret = self.world.divert(b"canary " + canary + b"\r\n")
        for _ in range(2):
            self.assertEqual(pick_up(self.portal, secret.id, secret.code, secret.phrase)[1],
                             secret.original)
        words = [canary, secret.phrase.encode(), secret.code.encode()]
        for pid in (self.world.worker(), self.world.keeper()):
            self.assertEqual(search_memory(pid, words), [])
        until("the outbox to be empty", lambda: search_files(
            [self.world.milter.path("state"), self.world.milter.path("audit")], words) == [])
        self.assertEqual(search_files([self.world.milter.path("keys")], words), [])

    def test_what_the_server_opened_is_forgotten(self):
        if os.geteuid() != 0 or sanitized():
            self.skipTest("takes root, and no sanitizer's memory")
        canary = os.urandom(16).hex().encode()
        secret = self.world.divert(b"canary " + canary + b"\r\n")
        page = self.open(secret)
        self.assertIn(canary.decode(), page.text())
        self.assertEqual(search_files([self.world.milter.path("state")], [canary]), [])
        self.assertEqual(search_memory(self.world.keeper(), [canary]), [])


if __name__ == "__main__":
    unittest.main()

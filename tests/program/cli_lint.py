"""postern lint: what is wrong, what is dubious, and the status."""

import datetime
import json
import os
import shutil
import subprocess
import tempfile
import unittest

POSTERN = os.environ["POSTERN"]

ENOUGH = """outbound = { domains = [ "our.example" ]; };
portal = { url = "https://secure.our.example"; };
"""

RULE = """rules = ( { name = "r"; when = { markers = [ "m" ]; };
  require = "authenticated"; otherwise = [ "divert", "defer" ]; %s } );
"""
TESTS = ('tests = ( { message = "m.eml"; from = "a@our.example"; to = "b@plain.test";'
         ' expect = "pass"; } );\n')
MARKER = 'markers = ( { name = "m"; any = ( { %s } ); } );\n'


class Lint(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.conf = os.path.join(self.folder.name, "postern.conf")
        self.rules = os.path.join(self.folder.name, "rules.conf")

    def tearDown(self):
        self.folder.cleanup()

    def lint(self, settings, rules=None, *words):
        if rules is not None:
            with open(self.rules, "w") as f:
                f.write(rules + ("" if "tests =" in rules else TESTS))
            settings += f'rules = "{self.rules}";\n'
        with open(self.conf, "w") as f:
            f.write(settings)
        return subprocess.run([POSTERN, "lint", "--config", self.conf, *words],
                              capture_output=True, text=True, timeout=60)

    def test_good_files_pass_without_a_word(self):
        done = self.lint(ENOUGH, MARKER % 'detector = "payment-card";' + RULE % "")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_an_unknown_setting_is_named_with_file_and_line(self):
        done = self.lint('\nmilter = {\n  lisen = "x";\n};\n')
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, f"{self.conf}:3: milter.lisen is not a setting; "
                                      "did you mean milter.listen?\n")

    def test_what_the_milter_needs_is_asked_for(self):
        done = self.lint("")
        self.assertEqual(done.returncode, 1)
        self.assertIn("outbound.domains is not set", done.stdout)

    def test_words_for_mails_are_held_to_what_a_notice_may_be(self):
        mails = os.path.join(self.folder.name, "mails")
        settings = ENOUGH.replace("portal = {", f'portal = {{ texts = "{mails}";')
        done = self.lint(settings)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.conf}:2: portal.texts: there is no folder {mails}", done.stdout)
        os.mkdir(mails)
        with open(os.path.join(mails, "alert.txt"), "w") as f:
            f.write("Subject: Urgent\n")
        done = self.lint(settings)
        self.assertEqual(done.returncode, 1)
        self.assertIn('alert.txt:1: "urgent" is what tricksters write', done.stdout)
        os.unlink(os.path.join(mails, "alert.txt"))
        self.assertEqual(self.lint(settings).returncode, 0)

    def test_keys_under_state_are_refused(self):
        done = self.lint(ENOUGH + 'keys = "/var/lib/postern/keys";\n')
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.conf}:3: keys is /var/lib/postern/keys, which is under state",
                      done.stdout)

    def test_a_fault_in_the_rules_is_named_with_their_file(self):
        done = self.lint(ENOUGH, "\n" + RULE % "")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.rules}:2: markers names \"m\", which is no marker", done.stdout)

    def test_rules_that_are_named_must_be_there(self):
        done = self.lint(ENOUGH + f'rules = "{self.rules}";\n')
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.rules, done.stdout)

    def test_settings_that_are_named_must_be_there(self):
        done = subprocess.run([POSTERN, "lint", "--config", self.conf], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn(self.conf, done.stderr)

    def warns(self, text, settings="", rules=None):
        rules = rules or MARKER % 'detector = "payment-card";' + RULE % ""
        done = self.lint(ENOUGH + settings, rules)
        self.assertEqual(done.returncode, 0, done.stdout)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 1, done.stdout)
        self.assertTrue(lines[0].startswith("warning: "))
        self.assertIn(text, lines[0])

    def test_dubious_settings_are_pointed_out(self):
        self.warns(f"{self.conf}:3: resolver.trust_ad does not cover 192.0.2.1",
                   'resolver = { servers = [ "127.0.0.1", "192.0.2.1" ]; };\n')

    def test_a_warning_counts_where_the_caller_is_strict(self):
        rules = MARKER % 'detector = "payment-card";' + RULE % ""
        dubious = ENOUGH + 'resolver = { servers = [ "192.0.2.1" ]; };\n'
        self.assertEqual(self.lint(dubious, rules).returncode, 0)
        done = self.lint(dubious, rules, "--strict")
        self.assertEqual(done.returncode, 1)
        self.assertIn("warning: ", done.stdout)
        self.assertEqual(self.lint(ENOUGH, rules, "--strict").returncode, 0)

    def test_mail_from_anyone(self):
        text = ENOUGH.replace("domains =", 'networks = [ "0.0.0.0/0" ]; domains =')
        done = self.lint(text, MARKER % 'detector = "payment-card";' + RULE % "")
        self.assertEqual(done.returncode, 0)
        self.assertIn(f"warning: {self.conf}:1: outbound.networks has 0.0.0.0/0", done.stdout)

    def test_a_portal_that_strangers_could_use_badly(self):
        rules = MARKER % 'detector = "payment-card";' + RULE % ""
        url = 'url = "https://secure.our.example"; '
        self.assertIn(url.strip(), ENOUGH)
        rows = (
            ('listen = "0.0.0.0:8025";', 0, "portal.listen is 0.0.0.0:8025, and portal.certificate"),
            ('listen = "127.0.0.1:8025";', 0, None), ('listen = "[::1]:8025";', 0, None),
            ('listen = "unix:/run/p.sock";', 0, None),
            ('trusted_proxies = [ "0.0.0.0/0" ];', 0, "portal.trusted_proxies has 0.0.0.0/0"),
            ('certificate = "/etc/c.pem";', 1, "portal.certificate is set, and portal.key is not"),
            ('key = "/etc/k.pem";', 1, "portal.key is set, and portal.certificate is not"),
        )
        for more, status, said in rows:
            with self.subTest(more):
                done = self.lint(ENOUGH.replace(url.strip(), url + more), rules)
                self.assertEqual(done.returncode, status, done.stdout)
                self.assertIn(said or "", done.stdout)
                if not said:
                    self.assertNotIn("portal", done.stdout)

    def test_the_outbox_must_count_as_outgoing(self):
        rules = MARKER % 'detector = "payment-card";' + RULE % ""
        rows = (  # outbox.smtp, outbound.networks, the address that is missing
            ("127.0.0.1:25", '"192.0.2.0/24"', "127.0.0.1"),
            ("127.0.0.1:25", '"192.0.2.0/24", "::1"', "127.0.0.1"),
            ("127.0.0.1:25", '"127.0.0.1"', None),
            ("127.0.0.2:25", '"127.0.0.2"', "127.0.0.1"),
            ("[::1]:10025", '"127.0.0.0/8"', "::1"),
            ("[::1]:10025", '"::1/128"', None),
            ("192.0.2.25:25", '"192.0.2.0/24"', None),
        )
        for server, networks, missing in rows:
            with self.subTest(server=server, networks=networks):
                done = self.lint(ENOUGH.replace("domains =", f"networks = [ {networks} ]; domains =")
                                 + f'outbox = {{ smtp = "{server}"; }};\n', rules)
                self.assertEqual(done.returncode, 0, done.stdout)
                if missing:
                    self.assertEqual(
                        done.stdout,
                        f"warning: {self.conf}:1: outbound.networks does not have {missing}, from "
                        f"where the outbox hands mail to {server}: copies that go back to the MTA "
                        "are deferred until it does\n")
                else:
                    self.assertEqual(done.stdout, "")

    def test_exceptions_that_lapse_are_pointed_out(self):
        today = datetime.date.today()
        card = MARKER % 'detector = "payment-card";'
        for days, says in ((-400, "has lapsed since {}: "), (-1, "has lapsed since {}: "),
                           (0, "lapses with this day, {}"), (14, "lapses after {}, in 14 days"),
                           (15, None), (400, None)):
            with self.subTest(days):
                until = today + datetime.timedelta(days)
                rules = card + RULE % ('exceptions = (\n{ to = [ "p.example" ]; '
                                       f'until = "{until}"; why = "ticket 4711"; }} );')
                if says:
                    self.warns(f"{self.rules}:4: this exception to rule \"r\" (ticket 4711) "
                               + says.format(until), rules=rules)
                else:
                    self.assertEqual(self.lint(ENOUGH, rules).stdout, "")

    def test_a_marker_that_another_names_is_used(self):
        rules = ('markers = ( { name = "m"; any = ( { marker = "n"; } ); }, '
                 '{ name = "n"; any = ( { detector = "payment-card"; } ); } );\n' + RULE % "")
        self.assertEqual(self.lint(ENOUGH, rules).stdout, "")

    def test_an_included_file_is_named(self):
        more = os.path.join(os.path.dirname(self.rules), "more.conf")
        with open(more, "w", encoding="utf-8") as f:
            f.write("\nrules = ( { name = \"r\"; requires = \"x\"; } );\n")
        done = self.lint(ENOUGH, 'include = [ "more.conf" ];')
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{more}:2: requires is not known in a rule; did you mean require?",
                      done.stdout)

    def test_dubious_rules_are_pointed_out(self):
        card = MARKER % 'detector = "payment-card";'
        rule = RULE % ""
        self.warns("no rule covers content that could not be read",
                   rules=card + RULE % 'opaque = "ignore";')
        self.warns(f"{self.rules}:1: no rule names the marker \"m\"",
                   rules=card + rule.replace('markers = [ "m" ];', ""))
        self.warns(f"{self.rules}:2: the rung defer always works",
                   rules=card + rule.replace('"divert", "defer"', '"defer", "divert"'))
        self.warns(f"{self.rules}:2: the rung encrypt passes on",
                   rules=card + rule.replace('"divert", "defer"', '"encrypt", "defer"'))
        divert, rewrite = '"divert", "defer"', '"rewrite", "defer"'
        self.warns(f"{self.rules}:2: the rung rewrite passes on",
                   rules="\n" + rule.replace('markers = [ "m" ];', "").replace(divert, rewrite))
        self.warns(f"{self.rules}: all rules observe: nothing is protected",
                   rules='mode = "observe"; ' + card + rule)
        self.warns("no rule covers content that could not be read",
                   rules=card + (RULE % 'opaque = "ignore";').replace(
                       "rules = (", "rules = (" + rule[len("rules = ("):rule.rindex(")")].replace(
                           '"r"', '"s"').replace("require", 'mode = "observe"; require') + ","))
        inward = card + rule.replace('when = {', 'when = { direction = "internal";')
        self.assertEqual(self.lint(ENOUGH, inward).stdout, "")
        ours = ENOUGH.replace("domains =", 'internal_domains = [ "our.example" ]; domains =')
        self.assertIn(f"{self.rules}:2: this rule never hits: all domains of yours are",
                      self.lint(ours, inward).stdout)
        self.warns(f"{self.rules}:2: rewrite says what to seal",
                   rules=card + RULE % 'rewrite = "body";')
        self.warns(f"{self.rules}:2: upgrade is for deposits",
                   rules=card + (RULE % "upgrade = true;").replace(divert, '"defer"'))
        self.warns(f"{self.rules}:2: requiretls is more than",
                   rules=card + rule.replace("authenticated", "requiretls"))
        self.warns(f"{self.rules}:2: life_days is 100, but limits.deposit_life_days is 90",
                   rules=card + RULE % "life_days = 100;")
        self.warns("there is no rule: nothing is protected", rules="# none\n")

    def test_a_rule_of_its_own_for_what_is_unread_is_enough(self):
        done = self.lint(ENOUGH, MARKER % 'detector = "opaque";' + RULE % 'opaque = "ignore";')
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_json_is_one_object_a_line(self):
        done = self.lint("", MARKER % 'detector = "payment-card";' + RULE % 'opaque = "ignore";',
                         "--json")
        self.assertEqual(done.returncode, 1)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line["level"] for line in lines], ["error", "warning"])

    def test_a_factor_that_is_not_to_be_had(self):
        rules = MARKER % 'detector = "payment-card";' + RULE % 'factor = "code";'
        self.warns("portal.code_command is not set", rules=rules)
        done = self.lint(ENOUGH.replace("url =", 'code_command = "/etc/postern/send-code"; url ='),
                         rules)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_an_independent_factor_must_be_one(self):
        rules = MARKER % 'detector = "payment-card";'
        done = self.lint(ENOUGH, rules + RULE % 'factor = "link"; independent = true;')
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, rf"{self.rules}:\d+: the rule asks for an independent factor")
        for factor in ("phrase", "code"):
            done = self.lint(ENOUGH, rules + RULE % f'factor = "{factor}"; independent = true;')
            self.assertEqual(done.returncode, 0, done.stdout)

    def certificate(self, name, days):
        path = f"{os.path.dirname(self.conf)}/{name}.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null", "-subj",
                        "/CN=" + name, "-days", str(days), "-out", path], check=True,
                       capture_output=True, timeout=60)
        return path

    @unittest.skipUnless(shutil.which("openssl"), "openssl makes the certificates")
    def test_officers(self):
        legal, board = self.certificate("Legal", 90), self.certificate("Board", 90)
        soon, none = self.certificate("Soon", 10), os.path.dirname(self.conf) + "/none.pem"
        rules = MARKER % 'detector = "payment-card";' + RULE % ""
        for files, why in (([legal, board], None), ([legal], "open everything alone"),
                           ([legal, legal], "that of another group too"),
                           ([legal, none], "none.pem"), ([legal, self.conf], "no certificate")):
            with self.subTest(files):
                names = ", ".join(f'"{path}"' for path in files)
                done = self.lint(ENOUGH + f"escrow = {{ officers = [ {names} ]; }};\n", rules)
                if why:
                    self.assertEqual(done.returncode, 1, done.stdout)
                    self.assertIn(f"{self.conf}:3: ", done.stdout)
                    self.assertIn(why, done.stdout)
                else:
                    self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.warns(f"{self.conf}:3: a certificate of escrow.officers expires at",
                   f'escrow = {{ officers = [ "{legal}", "{soon}" ]; }};\n')

    def told(self, rules, settings=""):
        """The warnings, without the folder, and nothing else."""
        done = self.lint(ENOUGH + settings, rules)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        lines = done.stdout.splitlines()
        self.assertTrue(all(line.startswith("warning: ") for line in lines), lines)
        return [line.removeprefix(f"warning: {self.folder.name}/") for line in lines]

    def only(self, said, rules):
        lines = self.told(rules)
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith(said), lines[0])

    TWO = """markers = ( { name = "m"; any = ( { detector = "payment-card"; } ); },
  { name = "n"; any = ( { detector = "iban"; } ); } );
rules = (
  { name = "all"; when = { markers = [ "m", "n" ]; %s };
    require = "authenticated"; otherwise = [ "divert", "defer" ]; },
  { name = "one"; when = { markers = [ "n" ]; %s };
    require = "authenticated"; otherwise = [ "%s" ]; }
);
"""

    def test_a_rule_that_another_makes_superfluous(self):
        self.only('rules.conf:6: rule "one" never changes anything: wherever it hits, rule "all" (',
                  self.TWO % ("", 'to = [ "partner.example" ];', "defer"))
        for row in (('to = [ "partner.example" ];', "", "defer"), ("", "", "refuse")):
            self.assertEqual(self.told(self.TWO % row), [])

    def test_rules_that_hit_nothing(self):
        rows = (
            ('markers_all = [ "m" ]; not_markers = [ "m" ];', "hits nothing that could be read: "
             "marker m is asked for, and in not_markers", ""),
            ('to = [ "in.example", "a@IN.example" ];', "hits nobody: all in its to are of "
             "outbound.internal_domains", ""),
            ('to = [ "in.example", "x.example" ];', None, ""),
            ('direction = "outbound"; to = [ "our.example", "in.example" ];', "hits nobody: "
             "direction is against it, for to names our own domains only", ""),
            ('direction = "internal"; from = [ "x.example" ];', "hits nobody: direction is "
             "against it, for from names nobody in our domains", ""),
            ('direction = "inbound"; from = [ "our.example" ];', "hits nobody: direction is "
             "against it, for from names our own domains only", ""),
            ('direction = "inbound"; from = [ "x.test" ]; to = [ ".example" ];', None, ""),
            ('authenticated = false;', "hits nothing: authenticated is false, and without "
             "outbound.networks", "networks = [ ];"),
            ('authenticated = false;', None, 'networks = [ "192.0.2.0/24" ];'),
        )
        for when, said, outbound in rows:
            with self.subTest(when):
                rules = (MARKER % 'detector = "payment-card";' +
                         RULE.replace('markers = [ "m" ];', 'markers = [ "m" ]; ' + when) % "")
                done = self.lint(ENOUGH.replace(
                    "domains =", 'internal_domains = [ "in.example" ]; ' + outbound + " domains =")
                    + 'outbox = { smtp = "192.0.2.1:25"; };\n', rules)
                lines = [line for line in done.stdout.splitlines() if "rules.conf" in line]
                self.assertEqual(done.returncode, 0, done.stdout)
                if said:
                    self.assertEqual(len(lines), 1, lines)
                    self.assertIn(f'warning: {self.rules}:2: rule "r" {said}', lines[0])
                else:
                    self.assertEqual(lines, [])

    def test_a_test_that_hits_nothing(self):
        for test, fine in (('detector = "au-protective-marking"; where = [ "body" ];', False),
                           ('detector = "au-protective-marking"; where = [ "subject" ];', True),
                           ('detector = "office-label"; where = [ "header" ];', False),
                           ('detector = "file-name"; where = [ "body" ];', False),
                           ('detector = "payment-card"; where = [ "filename" ];', True),
                           ('detector = "tlp"; value = "^strict";', False),
                           ('detector = "tlp"; value = "strict";', True),
                           ('detector = "sensitivity"; value = "^confidential$";', False),
                           ('detector = "uk-gsc"; value = "^(top )?secret$";', True)):
            lines = self.told(MARKER % test + RULE % "")
            self.assertEqual([line.split(": ")[1] for line in lines],
                             [] if fine else ["this test hits nothing"], lines)

    def test_expressions_that_cost_too_much(self):
        rows = (
            ("secret project", None), (".*secret", "begins with what matches anything"),
            ("secret.*", "ends with what matches anything"),
            ("x", "matches texts of one character"),
            ("foo.{1,70}bar", "repeats any character up to 70 times"),
            ("foo.{1,40}bar", None),
            ("([a-z][0-9]){1000}", "takes "),
            ("(e.{1,9}){6}zzz", "is slow: "),
        )
        for expression, said in rows:
            with self.subTest(expression):
                rules = MARKER % f'body = "{expression}";' + RULE % ""
                if said:
                    self.only(f'rules.conf:1: the expression "{expression}" {said}', rules)
                else:
                    self.assertEqual(self.told(rules), [])

    def test_expressions_that_would_never_be_ready_are_errors(self):
        for expression, said in (
                ("foo.{1,1000}bar", "repeats any character so often that it would take minutes"),
                ("(foo)*", "matches the empty string")):
            done = self.lint(ENOUGH, MARKER % f'body = "{expression}";' + RULE % "")
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stdout.count("\n"), 1, done.stdout)
            self.assertIn(f'{self.rules}:1: the expression "{expression}" {said}', done.stdout)

    def test_dictionaries(self):
        rules = MARKER % 'detector = "words"; file = "words.txt";' + RULE % ""
        path = os.path.join(self.folder.name, "words.txt")
        with open(path, "w") as f:
            f.write("falcon\n# names\nProject Falcon\nFALCON\nok\n")
        lines = [line.split(": take")[0].split(", which")[0].split(", and")[0]
                 for line in self.told(rules)]
        self.assertEqual(lines, [
            'words.txt:4: "FALCON" stands in line 1 already',
            'words.txt:3: "Project Falcon" has the term "falcon" of line 1 in it',
            'words.txt:5: "ok" is shorter than 3 characters'])
        with open(path, "w") as f:
            f.write("falcon\n" * 30)
        lines = self.told(rules)
        self.assertEqual(len(lines), 21)
        self.assertEqual(lines[-1], "words.txt:1: and 9 more terms such as these")
        twice = rules.replace('"words"; file = "words.txt";', '"words"; file = "words.txt"; }, '
                              '{ detector = "words"; file = "words.txt"; where = [ "body" ];')
        self.assertEqual(len(self.told(twice)), 21)  # one file, told once

    def test_rules_without_expectations(self):
        rules = MARKER % 'detector = "payment-card";' + RULE % ""
        self.only("rules.conf:2: no expectation says what these rules are to decide",
                  rules + "tests = ( );\n")


unittest.main()

"""The manual pages say what the programs do: no command, option, word or field is missing,
and none is made up."""

import os
import re
import subprocess
import tempfile
import unittest

POSTERN = os.environ["POSTERN"]
SOURCE = os.environ["POSTERN_SOURCE"]
PAGES = os.path.join(SOURCE, "docs", "man")


def text(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as f:
        return f.read()


def page(name):
    return text("docs", "man", name)


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, timeout=60)


def items(source, macro):
    """What stands behind .It MACRO: "a , b" is two."""
    found = set()
    for line in re.findall(rf"^\.It {macro} (.*)$", source.replace("\\\n", ""), re.M):
        found |= {word.strip() for word in line.split(" , ")}
    return found


class Commands(unittest.TestCase):
    def setUp(self):
        self.names = set(re.findall(r"^  ([a-z]+) ", run(POSTERN, "help").stdout, re.M))

    def parts(self):
        """The page's text of each command, by its name."""
        parts = {}
        body = page("postern.1").split(".Sh COMMANDS\n")[1].split(".Sh FILES\n")[0]
        for part in re.split(r"^\.It Ic ", body, flags=re.M)[1:]:
            name = part.split()[0]
            parts[name] = parts.get(name, "") + part
        return parts

    def test_the_page_has_the_commands_that_there_are_and_no_others(self):
        self.assertIn("lint", self.names)
        self.assertEqual(set(self.parts()), self.names)

    def test_each_command_has_its_options_and_no_others(self):
        for name in self.names:
            part = self.parts()[name]
            helped = run(POSTERN, "help", name).stdout
            options = set(re.findall(r"(--[a-z][a-z-]*)", helped)) - {"--json", "--config"}
            written = {"--" + word for word in re.findall(r"Fl Fl ([a-z][a-z-]*)", part)}
            self.assertEqual(written - {"--json", "--config"}, options, name)

    def test_each_command_tells_its_exit_statuses(self):
        for name in self.names:
            part = self.parts()[name]
            helped = run(POSTERN, "help", name).stdout
            for status in re.findall(r"\b([013]) [a-z]", helped.split("Exit status")[1]):
                self.assertRegex(part.split("Exit status", 1)[1], rf"\b{status}\b", name)


    def test_no_page_names_a_command_that_is_not_there(self):
        named = {word for name in os.listdir(PAGES)
                 for word in re.findall(r"^(?:\.(?:Ql|Ic) )?postern ([a-z]+)", page(name), re.M)}
        self.assertIn("explain", named)
        self.assertEqual(named - self.names - {"help"}, set())


class Rules(unittest.TestCase):
    source = "".join(text("lib", "settings", name) for name in
                     sorted(os.listdir(os.path.join(SOURCE, "lib", "settings")))
                     if name.endswith(".c"))
    page = page("rules.conf.5")

    def read(self, kind):
        """The words in all tables of that type."""
        words = set()
        for table in re.findall(rf"struct {kind} \w+\[\] = {{(.*?)\n\s*}};|"
                                rf"struct {kind} \w+\[\] = {{ (.*?) }};", self.source, re.S):
            words |= set(re.findall(r'{ "([a-z0-9_-]+)"', table[0] + table[1]))
        return words

    def test_the_page_has_the_keys_that_are_read_and_no_others(self):
        keys = self.read("field")
        self.assertGreater(len(keys), 30)
        self.assertEqual(items(self.page, "Va"), keys)

    def test_the_page_has_the_words_that_are_read_and_no_others(self):
        words = self.read("field_word")
        self.assertGreater(len(words), 60)
        # Verdicts and places stand in running text too.
        self.assertEqual(items(self.page, "Cm") | {"pass", "deliver"}, words)
        for word in ("pass", "deliver"):
            self.assertIn(f"\n.Cm {word} ,\n", self.page)

    def lint(self, rules):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "rules.conf")
            with open(path, "w", encoding="utf-8") as f:
                f.write(rules + "\n")
            with open(os.path.join(folder, "f"), "w", encoding="utf-8"):  # of words, of hashes
                pass
            conf = os.path.join(folder, "postern.conf")
            with open(conf, "w", encoding="utf-8") as f:
                f.write('outbound = { domains = [ "our.example" ]; };\n'
                        'portal = { url = "https://secure.our.example"; };\n'
                        f'rules = "{path}";\n')
            return run(POSTERN, "lint", "--config", conf)

    def test_the_page_s_example_is_sound(self):
        example = self.page.split('.\\" begin example\n.Bd -literal\n')[1].split("\n.Ed")[0]
        done = self.lint(example.replace("\\e", "\\"))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_each_detector_of_the_page_is_there(self):
        section = self.page.split(".Sh DETECTORS\n")[1].split(".Sh RULES\n")[0]
        self.assertIn("payment-card", items(section, "Cm"))
        with tempfile.TemporaryDirectory() as folder:
            index = os.path.join(folder, "i")
            for name in items(section, "Cm"):
                kind = name.split("-")[0]
                if kind in ("exact", "fingerprint"):
                    source = os.path.join(folder, "source")
                    with open(source, "w", encoding="utf-8") as f:
                        f.write(" ".join(f"word{i}" for i in range(30)) + "\nJane\n")
                    self.assertEqual(run(POSTERN, "rules", "index", kind, source, index).stderr,
                                     "")
                done = self.lint(
                    f'markers = ( {{ name = "m"; any = ( {{ detector = "{name}"; min = 1;'
                    f' file = "f"; index = "{index}"; }} ); }} );\n'
                    'rules = ( { name = "r"; when = { markers = [ "m" ]; };'
                    ' require = "authenticated"; otherwise = [ "defer" ]; } );')
                self.assertEqual(done.returncode, 0, f"{name}: {done.stdout}{done.stderr}")


class Audit(unittest.TestCase):
    def test_the_page_has_the_fields_that_are_written_in_their_order(self):
        source = text("lib", "audit", "record.c")
        body = source.split("enum rc audit_record_format(")[1].split("\n}")[0]
        parts = {"put_findings(": ["findings", "marker", "where", "part", "field", "evidence"],
                 "put_evidence(": ["evidence"]}
        fields = []
        for name, helper in re.findall(r'json_line_\w+\(&line, "(\w+)"|(put_\w+\()', body):
            fields += parts[helper] if helper else [name]
        for helper, names in parts.items():  # as this test believes them to be
            part = source.split(f"static void {helper}")[1].split("\n}")[0]
            self.assertEqual(re.findall(r'json_line_\w+\(line, "(\w+)"', part), names)
        written = re.findall(r"^\.It Va (\w+)$", page("postern-audit.5"), re.M)
        self.assertEqual(written, fields)


class Layout(unittest.TestCase):
    def test_every_page_is_sound_mdoc(self):
        names = sorted(os.listdir(PAGES))
        self.assertIn("postern-milter.8", names)
        for name in names:
            done = run("mandoc", "-T", "lint", "-W", "warning", os.path.join(PAGES, name))
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""), name)

    def test_a_page_of_ours_that_is_named_is_there(self):
        names = set(os.listdir(PAGES))
        for name in names:
            for other, section in re.findall(r"Xr ((?:postern|rules)[\w.-]*) (\d)", page(name)):
                self.assertIn(f"{other}.{section}", names, f"named in {name}")


if __name__ == "__main__":
    unittest.main()

"""The DNS tree: a private root, test., and one zone for each destination, signed
with ldns and served by knot on 127.0.0.10."""

import os
import re
from concurrent.futures import ThreadPoolExecutor

from .process import Program, WorldError, accepts, run, wait_for, write

SERVER = "127.0.0.10"


class Zone:
    """records: lines without origin, `@ MX 10 mx`. signing: "signed", "unsigned",
    "bogus" (the signature of the MX set is spoilt), "expired" (all signatures are
    over) or "lame" (delegated to a server that has no data: SERVFAIL)."""

    def __init__(self, name, records, signing="signed", ttl=60):
        self.name, self.records, self.signing, self.ttl = name, list(records), signing, ttl
        self.serial = 1
        self.key = None

    def text(self):
        head = [f"$ORIGIN {self.name.rstrip('.')}.", f"$TTL {self.ttl}",
                f"@ SOA ns.test. hostmaster.test. {self.serial} 3600 900 86400 {self.ttl}"]
        if self.name != ".":
            head.append("@ NS ns.test.")
        return "\n".join(head + self.records) + "\n"


class Zones:
    def __init__(self, folder):
        self.folder = os.path.join(folder, "dns")
        self.zones = {}
        self.program = None
        os.mkdir(self.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def make_key(self, zone):
        base = run("ldns-keygen", "-k", "-a", "ECDSAP256SHA256", zone.name, cwd=self.folder)
        zone.key = self.path(base.split()[-1])
        if not os.path.exists(zone.key + ".key"):
            raise WorldError(f"ldns-keygen made no key for {zone.name}: {base}")

    def publish(self, zone):
        """Writes (and signs) what the zone now says; the server sees it after reload."""
        plain, served = self.file(zone) + ".plain", self.file(zone)
        write(plain, zone.text())
        if zone.signing == "lame":
            return  # configured without a file: knot says SERVFAIL
        if zone.signing == "unsigned":
            os.replace(plain, served)
            return
        dates = ("-i", "20200101", "-e", "20200201") if zone.signing == "expired" else ()
        run("ldns-signzone", *dates, "-o", zone.name, "-f", served, plain, zone.key)
        if zone.signing == "bogus":
            spoil(served)

    def file(self, zone):
        return self.path("root.zone" if zone.name == "." else zone.name + ".zone")

    def ds(self, zone):
        with open(zone.key + ".ds", encoding="ascii") as f:
            return f.read().strip()

    def build(self, cases):
        root = Zone(".", ["@ NS root-ns.", f"root-ns. A {SERVER}", "test. NS ns.test.",
                          f"ns.test. A {SERVER}"], ttl=3600)
        test = Zone("test", [f"ns A {SERVER}"], ttl=3600)
        everything = [root, test, *cases]
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self.make_key, everything))
        root.records.append(self.ds(test))
        for zone in cases:
            test.records.append(f"{zone.name}. {zone.ttl} NS ns.test.")
            if zone.signing not in ("unsigned", "lame"):
                test.records.append(self.ds(zone))
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(self.publish, everything))
        self.zones = {zone.name: zone for zone in everything}
        write(self.path("root.key"), open(root.key + ".key", encoding="ascii").read())
        write(self.path("root.hints"), f". 3600000 NS root-ns.\nroot-ns. 3600000 A {SERVER}\n")

    def start(self):
        lines = ["server:", f"  rundir: {self.folder}", f"  listen: {SERVER}@53",
                 "  udp-workers: 1", "  tcp-workers: 1", "  background-workers: 1",
                 "control:", "  listen: knot.sock",
                 "log:", "  - target: stderr", "    any: info",
                 "database:", f"  storage: {self.folder}",
                 "template:", "  - id: default", f"    storage: {self.folder}",
                 "    zonefile-sync: -1", "    journal-content: none", "zone:"]
        for zone in self.zones.values():
            lines += [f"  - domain: {zone.name.rstrip('.')}.", f"    file: {self.file(zone)}"]
        conf = write(self.path("knot.conf"), "\n".join(lines) + "\n")
        self.program = Program("knotd", ["knotd", "-c", conf], self.path("knot.log")).start()
        wait_for("knotd", lambda: accepts((SERVER, 53)), program=self.program)

    def change(self, name, records, signing=None):
        """The zone says something else from now on (its delegation stays as it was)."""
        zone = self.zones[name]
        zone.records, zone.serial = list(records), zone.serial + 1
        zone.signing = signing or zone.signing
        self.publish(zone)
        run("knotc", "-b", "-c", self.path("knot.conf"), "zone-reload", name + ".")


def spoil(path):
    """Turns the first signature over an MX set into another one."""
    with open(path, encoding="ascii") as f:
        text = f.read()

    def flip(match):
        return match.group(1) + ("A" if match.group(2) != "A" else "B")

    changed = re.sub(r"(RRSIG\tMX .* )(.)", flip, text, count=1)
    if changed == text:
        raise WorldError(f"{path}: no signature over MX to spoil")
    write(path, changed)

"""The whole: everything but Postern itself, started and ready to be used."""

import os
import ssl
import urllib.request

from . import cases as destinations
from .attacks import Attackers
from .certs import Authority
from .mail import Host, Log
from .policy import Policy, PolicyHost
from .postfix import Postfix
from .resolver import Resolver
from .sasl import AuthServer
from .zones import Zone, Zones

OUR_DOMAIN = "our.test"
USERS = {"alice@our.test": "correct horse", "mallory@our.test": "battery staple"}


class World:
    def __init__(self, folder, say=lambda text: None):
        self.folder, self.say = folder, say
        self.cases = {case.name: case for case in destinations.table()}
        self.hosts, self.certificates = {}, {}
        self.log = Log(folder)

    def start(self):
        self.say("certificates")
        certs = os.path.join(self.folder, "certs")
        os.mkdir(certs)
        self.authority = Authority(certs)
        for case in self.cases.values():
            maker = self.authority.self_signed if case.tls == "self" else self.authority.issue
            self.certificates[case.name] = maker(case.host)
        self.other = self.authority.issue("other.invalid")
        self.attackers = Attackers(self.authority, self.other, self.log)
        self.say("signed zones")
        self.zones = Zones(self.folder)
        self.zones.build([*map(self.zone_of, self.cases.values()), self.our_zone(),
                          Zone("rush.test", ["* MX 10 mx", "mx A 127.0.1.9"], "unsigned"),
                          *self.attackers.zones()])
        self.zones.start()
        self.say("resolver")
        self.resolver = Resolver(self.folder, self.zones.folder).start()
        self.say("hosts")
        for case in self.cases.values():
            self.start_host(case)
        self.inbox = Host("inbox.our.test", "127.0.0.3", self.log, lmtp=True, port=24).start()
        self.start_policies()
        self.postfix = Postfix(self.folder, self.authority)
        self.auth = AuthServer(self.postfix.auth_path, USERS).start()
        return self

    def zone_of(self, case):
        return Zone(case.domain, self.records_of(case), case.signing, case.ttl)

    def records_of(self, case):
        other = self.authority.root if case.tlsa == "2 0 1" else self.other
        return destinations.records(case, self.certificates[case.name], other)

    def our_zone(self):
        return Zone(OUR_DOMAIN, ["@ MX 10 mail", "mail A 127.0.0.1", "secure A 127.0.0.1"])

    def start_host(self, case):
        certificate = None if case.tls == "none" else self.certificates[case.name]
        host = Host(case.host, case.address, self.log, certificate, case.requiretls)
        self.hosts[case.name] = host.start()

    def start_policies(self):
        self.policies = PolicyHost(destinations.POLICY_ADDRESS, self.authority)
        for case in self.cases.values():
            if case.sts:
                text = destinations.policy_text(case.sts, case.sts_mx or case.host)
                self.policies.publish("mta-sts." + case.domain, Policy(text))
        self.attackers.publish(self.policies)
        self.policies.start()

    def fetch_policy(self, name):
        """The policy as a careful client gets it."""
        host = f"mta-sts.{self.cases[name].domain}"
        context = ssl.create_default_context(cafile=self.authority.file)
        url = f"https://{host}/.well-known/mta-sts.txt"
        with urllib.request.urlopen(url, timeout=10, context=context) as answer:
            return answer.read().decode()

    def change_zone(self, name, records, signing=None):
        """Another truth about a destination, and the resolver sees it at once."""
        domain = self.cases[name].domain
        self.zones.change(domain, records, signing)
        self.resolver.forget(domain)

    def restore_zone(self, name):
        case = self.cases[name]
        self.change_zone(name, self.records_of(case), case.signing)

    def stop(self):
        for part in ("postfix", "resolver", "zones"):
            program = getattr(getattr(self, part, None), "program", None)
            if program:
                program.kill()

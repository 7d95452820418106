"""unbound: one that validates on 127.0.0.1:53 and, when asked for, one that does
not on another port."""

import os

from .process import Program, accepts, run, wait_for, write


class Resolver:
    def __init__(self, folder, dns, name="unbound", port=53, validating=True):
        self.folder = os.path.join(folder, name)
        self.port = port
        os.mkdir(self.folder)
        modules = "validator iterator" if validating else "iterator"
        anchor = f'  trust-anchor-file: "{dns}/root.key"\n' if validating else ""
        self.conf = write(os.path.join(self.folder, "unbound.conf"), f"""server:
  verbosity: 1
  use-syslog: no
  log-servfail: yes
  username: ""
  chroot: ""
  pidfile: ""
  directory: "{self.folder}"
  num-threads: 1
  interface: 127.0.0.1
  port: {port}
  access-control: 127.0.0.0/8 allow
  do-ip6: no
  do-not-query-localhost: no
  local-zone: "test." nodefault
  module-config: "{modules}"
{anchor}  root-hints: "{dns}/root.hints"
  cache-max-negative-ttl: 1
  val-bogus-ttl: 1
  infra-host-ttl: 1
  target-fetch-policy: "0 0 0 0 0"
remote-control:
  control-enable: yes
  control-interface: "{self.folder}/control.sock"
  control-use-cert: no
""")
        self.program = Program(name, ["unbound", "-d", "-p", "-c", self.conf],
                               os.path.join(self.folder, "unbound.log"))

    def start(self):
        self.program.start()
        wait_for(self.program.name, lambda: accepts(("127.0.0.1", self.port)),
                 program=self.program)
        return self

    def stop(self):
        self.program.stop()

    def forget(self, zone):
        run("unbound-control", "-c", self.conf, "flush_zone", zone)

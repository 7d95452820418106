"""A web worker that was taken over, and a keeper: system calls made by the real processes, of which
every one that leads further is refused."""

import errno
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.environ["POSTERN_SOURCE"], "tests", "support"))
import portal_world  # noqa: E402
from takeover import Captive, can_take_over  # noqa: E402

AT_FDCWD, O_RDONLY, O_CREAT_WRONLY = -100, 0, 0o101
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET = 1, 2, 10, 16, 17
PROT_EXEC_READ, MAP_PRIVATE_ANON = 5, 0x22
SIGCHLD, SIGKILL = 17, 9


@unittest.skipUnless(can_take_over(), "takes root on x86-64")
class Captured(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = portal_world.World()
        cls.secret = cls.world.divert(b"a message that is not the worker's\r\n")

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def refuses(self, captive, attacks):
        for name, *args in attacks:
            with self.subTest(name, args=args):
                self.assertIn(captive.call(name, *args), (-errno.EPERM, -errno.ENOSYS),
                              f"{name}{args} was not refused")

    def escapes(self, other):
        """What neither process may do; other is the pid of the one beside it."""
        return [
            ("execve", b"/bin/sh", 0, 0), ("execveat", AT_FDCWD, b"/bin/sh", 0, 0, 0),
            ("fork",), ("vfork",), ("clone", SIGCHLD, 0, 0, 0, 0), ("clone3", 0, 0),
            ("socket", AF_INET, 1, 0), ("socket", AF_INET6, 2, 0), ("socket", AF_NETLINK, 3, 0),
            ("socket", AF_PACKET, 3, 0), ("bind", 0, 0, 0),
            ("ptrace", 16, other, 0, 0), ("process_vm_readv", other, 0, 0, 0, 0, 0),
            ("pidfd_open", other, 0), ("pidfd_getfd", 0, 0, 0),
            ("mmap", 0, 4096, PROT_EXEC_READ, MAP_PRIVATE_ANON, -1, 0),
            ("setuid", 0), ("chroot", b"/"), ("mount", b"x", b"/", b"tmpfs", 0, 0),
            ("unshare", 0x10000000), ("keyctl", 0, 0, 0, 0, 0), ("bpf", 0, 0, 0),
            ("userfaultfd", 0), ("io_uring_setup", 1, 0), ("prctl", 4, 1, 0, 0, 0),
            ("symlink", b"/etc/passwd", b"/tmp/postern-captive"),
        ]

    def test_a_worker_that_was_taken_over_reaches_nothing(self):
        top, keeper = self.world.milter.top, self.world.keeper()
        key, blob = f"{top}/keys/site.key".encode(), f"{top}/state/blobs".encode()
        with Captive(self.world.worker()) as worker:
            self.assertEqual(worker.call("getpid"), self.world.worker())
            self.refuses(worker, self.escapes(keeper) + [
                ("open", key, O_RDONLY), ("openat", AT_FDCWD, key, O_RDONLY),
                ("open", f"{top}/state/postern.db".encode(), O_RDONLY),
                ("open", blob, 0o200000), ("open", b"/etc/passwd", O_RDONLY),
                ("open", b"/tmp/postern-captive", O_CREAT_WRONLY, 0o600),
                ("openat", AT_FDCWD, b"/proc/self/mem", O_RDONLY),
                ("open", f"/proc/{keeper}/mem".encode(), O_RDONLY),
                ("open", f"{top}/audit/audit.jsonl".encode(), O_RDONLY),
                ("socket", AF_UNIX, 1, 0), ("socketpair", AF_UNIX, 1, 0, 0),
                ("connect", 0, 0, 0), ("kill", keeper, SIGKILL), ("kill", -1, SIGKILL),
                ("tgkill", keeper, keeper, SIGKILL), ("unlink", key), ("rename", key, blob),
                ("mkdir", b"/tmp/postern-captive", 0o700), ("chmod", key, 0o777),
                ("ioctl", 0, 0x5412, b"x"),
            ])
        self.assertTrue(os.path.exists(key))
        self.assertEqual(self.world.portal().get("/healthz").text(), "ok\n")

    def test_a_keeper_has_no_network_and_no_other_files(self):
        top, worker = self.world.milter.top, self.world.worker()
        with Captive(self.world.keeper()) as keeper:
            self.refuses(keeper, self.escapes(worker))
            for path in (b"/etc/passwd", b"/etc/shadow", b"/root/.profile", b"/proc/1/environ"):
                with self.subTest(path):
                    self.assertIn(keeper.call("open", path, O_RDONLY),
                                  (-errno.EACCES, -errno.EPERM, -errno.ENOENT))
            self.assertEqual(keeper.call("open", b"/etc/passwd", O_RDONLY), -errno.EACCES)
            self.assertEqual(keeper.call("open", f"{top}/keys/site.key".encode(), 0o1),
                             -errno.EACCES, "a key can be written")
            fd = keeper.call("open", f"{top}/state/postern.db".encode(), O_RDONLY)
            self.assertGreaterEqual(fd, 0, "what it needs is refused")
        self.assertEqual(self.world.portal().get("/healthz").text(), "ok\n")

    def test_both_are_walled_in_as_the_kernel_sees_it(self):
        for pid in (self.world.worker(), self.world.keeper()):
            with open(f"/proc/{pid}/status", encoding="ascii") as f:
                status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
            self.assertEqual(status["Seccomp"], "2")
            self.assertEqual(status["NoNewPrivs"], "1")
            with open(f"/proc/{pid}/limits", encoding="ascii") as f:
                self.assertRegex(f.read(), r"Max core file size\s+0\s+0 ")
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as f:
                    self.assertIn("Seccomp:\t2\n", f.read(), "a thread is outside")

    def test_the_worker_has_sockets_and_no_file(self):
        pid = self.world.worker()
        kinds = {target.split(":")[0] for target in descriptors(pid).values()}
        self.assertNotEqual(kinds, set())
        self.assertLessEqual(kinds, {"socket", "anon_inode"})

    @unittest.skipIf(portal_world.sanitized(), "a sanitizer's memory is too large to search")
    def test_the_site_s_keys_are_not_in_the_worker(self):
        keys = []
        for name in os.listdir(self.world.milter.path("keys")):
            if name.endswith(".key"):
                with open(self.world.milter.path("keys/" + name), encoding="ascii") as f:
                    text = f.read().strip()
                keys += [bytes.fromhex(text), text.encode()]
        self.assertGreaterEqual(len(keys), 12)
        found = portal_world.search_memory(self.world.worker(), keys)
        self.assertEqual(found, [])
        self.assertNotEqual(portal_world.search_memory(self.world.keeper(), keys), [],
                            "the search finds nothing where something is")


def descriptors(pid):
    """Number and target of what it has open beyond the first three. Clients come and go: what is
    closed meanwhile is left out."""
    found = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(fd)] = os.readlink(f"/proc/{pid}/fd/{fd}")
        except FileNotFoundError:
            continue
    return {fd: target for fd, target in found.items() if fd > 2}


@unittest.skipUnless(can_take_over(), "takes root on x86-64")
class Rubbish(unittest.TestCase):
    @staticmethod
    def says(worker, fd):
        """Whether sixty bytes that are no question went out."""
        try:
            return worker.call("sendto", fd, b"\xff" * 60, 60, 0x4040, 0, 0) == 60
        except (AssertionError, ProcessLookupError):
            return True

    def test_a_worker_that_asks_what_no_worker_asks_ends_the_program(self):
        world = portal_world.World()
        self.addCleanup(world.close)
        pid = world.worker()
        sockets = [fd for fd, target in descriptors(pid).items() if target.startswith("socket:")]
        with Captive(pid) as worker:
            # To one after the other; the keeper may have ended it before the call is back.
            sent = any(self.says(worker, fd) for fd in sockets)
        self.assertTrue(sent)
        self.assertNotEqual(world.process.wait(60), 0)
        portal_world.until("the worker's end", lambda: not os.path.exists(f"/proc/{pid}"))
        self.assertIn("the worker is stopped", world.said())


if __name__ == "__main__":
    unittest.main()

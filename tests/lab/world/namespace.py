"""Runs this program again inside network, mount and process namespaces of its own.

Nothing can be left behind: the sockets, the mounts (a tmpfs with all files, our
own resolv.conf) and the processes end with the namespaces, and these end when
their first process does, even after a kill -9 of the outermost one. What remains
in that worst case is one empty folder in /tmp."""

import ctypes
import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWPID = 0x20000, 0x40000000, 0x20000000
MNT_DETACH, PR_SET_PDEATHSIG = 2, 1

# Files of /etc that other programs read, as they are inside.
ETC = {"resolv.conf": "nameserver 127.0.0.1\noptions timeout:5 attempts:2\n",
       "nsswitch.conf": "hosts: files dns\npasswd: files\ngroup: files\nservices: files\n",
       "hosts": "127.0.0.1 localhost\n::1 localhost\n"}


def enter():
    """Returns the world's temporary folder, inside the namespaces, or a sentence
    that says why there can be none. The caller's process goes on as a child; its
    parent waits, passes signals on, cleans up and leaves with the child's status."""
    if os.geteuid() != 0:
        return None, "not root"
    libc = ctypes.CDLL(None, use_errno=True)
    sys.stdout.flush()
    if libc.unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID) != 0:
        return None, "unshare: " + os.strerror(ctypes.get_errno())
    folder = tempfile.mkdtemp(prefix="postern-lab-")
    child = os.fork()
    if child:
        os._exit(wait(child, folder, libc))
    os.setsid()  # Ctrl-C reaches the parent alone, which passes it on, once
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    signal.signal(signal.SIGINT, stop)
    furnish(folder)
    return folder, None


def stop(_number, _frame):
    end_quietly()
    raise KeyboardInterrupt


def end_quietly():
    """From now on no signal disturbs the end, which is near."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)


def wait(child, folder, libc):
    def forward(number, _frame):
        try:
            os.kill(child, number)
        except ProcessLookupError:
            pass

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, forward)
    _, status = os.waitpid(child, 0)
    libc.umount2(folder.encode(), MNT_DETACH)
    shutil.rmtree(folder, ignore_errors=True)
    if os.WIFSIGNALED(status):
        return 128 + os.WTERMSIG(status)
    return os.WEXITSTATUS(status)


def furnish(folder):
    mount("--make-rprivate", "/")
    mount("-t", "proc", "proc", "/proc")
    mount("-t", "tmpfs", "-o", "size=512m,mode=0755", "postern-lab", folder)
    loopback_up()
    for name, text in ETC.items():
        path = os.path.join(folder, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        if os.path.exists("/etc/" + name):
            mount("--bind", path, "/etc/" + name)


def mount(*words):
    subprocess.run(["mount", *words], check=True)


def loopback_up():
    get_flags, set_flags, up = 0x8913, 0x8914, 0x1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        answer = fcntl.ioctl(s, get_flags, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", answer)[1]
        fcntl.ioctl(s, set_flags, struct.pack("16sh14x", b"lo", flags | up))

"""A process that is told what to do by whoever took it over: system calls of our choice, made by a
thread of the real program, within all its walls.

    with Captive(pid) as captive:
        captive.call("open", b"/etc/passwd", 0)     # the result, negative for an error

x86-64 Linux, as root. The thread waits in a system call; its registers are put back afterwards."""

import ctypes
import os
import platform
import signal
import time

NUMBERS = {"read": 0, "open": 2, "poll": 7, "mmap": 9, "mprotect": 10, "ioctl": 16, "dup": 32,
           "getpid": 39, "socket": 41, "connect": 42, "sendto": 44, "bind": 49, "listen": 50, "socketpair": 53,
           "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "ptrace": 101,
           "rename": 82, "mkdir": 83, "unlink": 87, "symlink": 88, "chmod": 90, "setuid": 105,
           "prctl": 157, "chroot": 161, "mount": 165, "keyctl": 250, "openat": 257,
           "tgkill": 234, "unshare": 272, "process_vm_readv": 310, "memfd_create": 319,
           "bpf": 321, "execveat": 322, "userfaultfd": 323, "io_uring_setup": 425,
           "pidfd_open": 434, "clone3": 435, "pidfd_getfd": 438}

ATTACH, DETACH, GETREGS, SETREGS, SINGLESTEP = 16, 17, 12, 13, 9
WAITING = (7, 128)  # poll, rt_sigtimedwait: where the main threads of worker and keeper wait
SYSCALL = b"\x0f\x05"
REGISTERS = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags "
             "rsp ss fs_base gs_base ds es fs gs").split()


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in REGISTERS]


libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def can_take_over():
    return platform.machine() == "x86_64" and os.geteuid() == 0


def ptrace(what, pid, data=None):
    if libc.ptrace(what, pid, None, data) < 0:
        raise OSError(ctypes.get_errno(), f"ptrace {what}: {os.strerror(ctypes.get_errno())}")


class Captive:
    def __init__(self, pid):
        self.pid = pid

    def __enter__(self):
        end = time.monotonic() + 30
        while not self.attach():  # it may still be starting
            if time.monotonic() > end:
                raise AssertionError("the thread does not wait in a system call")
            time.sleep(0.05)
        self.space = (self.before.rsp - 65536) & ~0xfff
        return self

    def attach(self):
        """Whether it now stands still in a system call that waits; else it goes on."""
        ptrace(ATTACH, self.pid)
        os.waitpid(self.pid, 0x40000000)  # __WALL
        self.before = Registers()
        ptrace(GETREGS, self.pid, ctypes.addressof(self.before))
        self.memory = os.open(f"/proc/{self.pid}/mem", os.O_RDWR)
        waits = self.before.orig_rax in WAITING
        if waits and os.pread(self.memory, 2, self.before.rip - 2) == SYSCALL:
            return True
        os.close(self.memory)
        ptrace(DETACH, self.pid)
        return False

    def __exit__(self, *_):
        os.close(self.memory)
        try:
            ptrace(SETREGS, self.pid, ctypes.addressof(self.before))
            ptrace(DETACH, self.pid)
        except ProcessLookupError:
            pass  # it was ended for what it did

    def place(self, data):
        """Where bytes then lie in its memory."""
        os.pwrite(self.memory, data + b"\0", self.space)
        at, self.space = self.space, self.space - len(data) - 64
        return at

    def call(self, name, *args):
        top = self.space
        values = [self.place(a) if isinstance(a, bytes) else a & 0xffffffffffffffff for a in args]
        regs = Registers.from_buffer_copy(self.before)
        regs.rip, regs.rax, regs.orig_rax = self.before.rip - 2, NUMBERS[name], 2**64 - 1
        for register, value in zip(("rdi", "rsi", "rdx", "r10", "r8", "r9"), values):
            setattr(regs, register, value)
        ptrace(SETREGS, self.pid, ctypes.addressof(regs))
        ptrace(SINGLESTEP, self.pid)
        _, status = os.waitpid(self.pid, 0x40000000)
        if not os.WIFSTOPPED(status) or os.WSTOPSIG(status) != signal.SIGTRAP:
            raise AssertionError(f"{name} ended with status {status}")
        ptrace(GETREGS, self.pid, ctypes.addressof(regs))
        self.space = top
        return ctypes.c_longlong(regs.rax).value

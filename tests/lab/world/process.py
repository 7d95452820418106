"""Programs that the world starts, each with its log, ended by their own ids."""

import os
import socket
import subprocess
import time


class WorldError(Exception):
    """Something of the world itself does not work; the text is for people."""


class Program:
    def __init__(self, name, words, log, **options):
        self.name, self.words, self.log, self.options = name, words, log, options
        self.process = None

    def start(self):
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                self.words, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, **self.options)
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def check(self):
        if not self.alive():
            status = self.process.returncode if self.process else "never started"
            raise WorldError(f"{self.name} ended ({status}):\n{tail(self.log)}")

    def send(self, number):
        if self.alive():
            self.process.send_signal(number)

    def kill(self):
        """As a crash would: at once, with no chance to tidy up."""
        if self.alive():
            self.process.kill()
        if self.process:
            self.process.wait()

    def stop(self, seconds=10):
        """Returns the exit status, or None when it had to be killed."""
        if self.process is None:
            return None
        self.send(15)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None


def tail(path, lines=30):
    try:
        with open(path, "rb") as f:
            text = f.read()[-200000:].decode("utf-8", "replace")
    except OSError as e:
        return f"({e})"
    return "\n".join(text.splitlines()[-lines:])


def run(*words, timeout=60, check=True, data=b"", **options):
    """Runs to the end; the output as text."""
    done = subprocess.run(words, input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=timeout, **options)
    text = done.stdout.decode("utf-8", "replace")
    if check and done.returncode != 0:
        raise WorldError(f"{' '.join(words)}: status {done.returncode}\n{text}")
    return text


def wait_for(what, ready, seconds=20, step=0.02, program=None):
    """Asks ready() until it answers with something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        answer = ready()
        if answer:
            return answer
        if program is not None:
            program.check()
        if time.monotonic() > end:
            raise WorldError(f"waited {seconds:.0f} s for {what}")
        time.sleep(step)


def accepts(address):
    """Whether somebody listens: (host, port) or the path of a Unix socket."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(2)
        try:
            s.connect(address)
            return True
        except OSError:
            return False


def write(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)
    return path

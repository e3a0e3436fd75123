"""One life of a driver process: requests go in, lines come out, and nothing it does can hang or flood us."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic

from mynacard_conformance.outcome import (
    Breakdown,
)

from .hygiene import Output, decoded
from .jsonrpc import LineSplitter

_CHUNK = 1 << 16
_LAST_WORDS = 4096  # bytes of its log that may be quoted when it dies
_LONGEST_PAUSE = 0.05  # seconds between two looks whether the process has ended; what it writes is seen at once
_GRACE = 1.0  # seconds for a process to end, after its output has ended or after SIGTERM


class Broken(Exception):
    """There is no answer; `evidence` is what was said instead, PINs included."""

    def __init__(self, breakdown: Breakdown, sentence: str, evidence: bytes = b"") -> None:
        super().__init__(sentence)
        self.breakdown = breakdown
        self.evidence = evidence


class Process:
    """One life of a driver: requests go in, lines come out, and its log never fills up.

    Everything happens in the caller's thread: while a request is under way, whichever pipe is ready is served.
    """

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], output: Output) -> None:
        pipe = subprocess.PIPE
        self._popen = subprocess.Popen(
            argv, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, bufsize=0, start_new_session=True
        )
        assert self._popen.stdin and self._popen.stdout and self._popen.stderr  # noqa: PT018, S101 - three pipes were asked for
        self._pipes = (self._popen.stdin, self._popen.stdout, self._popen.stderr)
        self._stdin, self._stdout, self._stderr = (file.fileno() for file in self._pipes)
        os.set_blocking(self._stdin, False)
        self._output = output
        self._last_words = b""
        self._splitter = LineSplitter()
        self._lines: list[bytes] = []
        self._unsent = b""
        self._silent = False
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stdout, selectors.EVENT_READ, self._read_lines)
        self._selector.register(self._stderr, selectors.EVENT_READ, self._read_log)

    def ask(self, request: bytes, seconds: float) -> bytes:
        """Send a request; return the one line that comes back within that time."""
        deadline = monotonic() + seconds
        self.listen()
        if extra := self._said():
            raise Broken(Breakdown.RUBBISH, "it spoke without being asked", extra)
        self._send(request)
        if not self._serve(self._has_reacted, deadline):
            raise Broken(Breakdown.HUNG, f"no answer within {seconds:g} s", self._said())
        self.listen()
        return self._one_answer(deadline)

    def expect_end(self, seconds: float) -> None:
        """Wait for the process to end with status 0."""
        self._pipes[0].close()
        if not self._serve(self._has_ended, monotonic() + seconds):
            raise Broken(Breakdown.HUNG, f"shutdown was answered, but the process runs on after {seconds:g} s")
        self.kill()
        if self._popen.returncode:
            raise Broken(Breakdown.DIED, f"after shutdown it ended with {self._status()}")

    def listen(self) -> None:
        """Take what it has said so far, without waiting; endless talk is left to the next time."""
        for _ in range(64):
            if not self._turn(0):
                return

    def terminate(self) -> None:
        """End the process and its children: politely, and then not."""
        if not self._has_ended():
            self._signal(signal.SIGTERM)
            self._serve(self._has_ended, monotonic() + _GRACE)
        self.kill()

    def kill(self) -> None:
        """End the process and its children at once; keep what it had written to its log."""
        if self._popen.returncode is not None:
            return
        self._signal(signal.SIGKILL)  # before it is reaped: until then its number, and so its group's, is its own
        self._popen.wait()
        self.listen()
        self._selector.close()
        for pipe in self._pipes:
            pipe.close()

    def _one_answer(self, deadline: float) -> bytes:
        if self._splitter.overlong:
            raise Broken(Breakdown.RUBBISH, "its line is longer than 1 MiB", self._said())
        if not self._lines:
            raise self._death(deadline)
        if len(self._lines) > 1 or self._splitter.unfinished:
            raise Broken(Breakdown.RUBBISH, "it answered with more than one line", self._said())
        if self._unsent:
            raise Broken(Breakdown.RUBBISH, "it answered before it had read the request", self._said())
        return self._lines.pop()

    def _death(self, deadline: float) -> Broken:
        said = self._said()
        if not self._serve(self._has_ended, min(deadline, monotonic() + _GRACE)):
            return Broken(Breakdown.DIED, "it closed its output and runs on", said)
        self.kill()
        last = decoded(self._last_words.rstrip().rpartition(b"\n")[2])
        log = f"; its log ends with: {last}" if last else ""
        return Broken(Breakdown.DIED, f"the process ended with {self._status()}{log}", said)

    def _status(self) -> str:
        code = self._popen.returncode
        if code >= 0:
            return f"status {code}"
        with suppress(ValueError):
            return signal.Signals(-code).name
        return f"signal {-code}"

    def _said(self) -> bytes:
        """All that came and was not taken as an answer."""
        return b"\n".join([*self._lines, self._splitter.unfinished]).removesuffix(b"\n")

    def _has_reacted(self) -> bool:
        return bool(self._lines) or self._silent or self._has_ended()

    def _has_ended(self) -> bool:
        """Whether the process has ended; it is not reaped yet."""
        if self._popen.returncode is not None:
            return True
        try:
            return os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def _serve(self, done: Callable[[], bool], deadline: float) -> bool:
        """Serve the pipes until `done`; False when the time is over first."""
        pause = 0.001
        while not done():
            remaining = deadline - monotonic()
            if remaining <= 0:
                return False
            self._turn(min(pause, remaining))
            pause = min(2 * pause, _LONGEST_PAUSE)
        return True

    def _turn(self, seconds: float) -> bool:
        """Serve the pipes that are ready, or become so within this time; False where none was."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            key.data()
        return bool(ready)

    def _read_lines(self) -> None:
        data = os.read(self._stdout, _CHUNK)
        self._lines += self._splitter.feed(data)
        if not data or self._splitter.overlong or len(self._lines) > 1:  # no more answers can come, or are wanted
            self._silent = True
            self._selector.unregister(self._stdout)

    def _read_log(self) -> None:
        data = os.read(self._stderr, _CHUNK)
        self._output.add(data)
        self._last_words = (self._last_words + data)[-_LAST_WORDS:]
        if not data:
            self._selector.unregister(self._stderr)

    def _send(self, request: bytes) -> None:
        if not self._unsent:
            self._selector.register(self._stdin, selectors.EVENT_WRITE, self._write)
        self._unsent += request

    def _write(self) -> None:
        try:
            self._unsent = self._unsent[os.write(self._stdin, self._unsent) :]
        except BlockingIOError:
            return
        except BrokenPipeError:  # it has closed its input or died; what it says to that will tell
            self._unsent = b""
        if not self._unsent:
            self._selector.unregister(self._stdin)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)

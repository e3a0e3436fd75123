"""A client behind the driver protocol: any language, one process, newline-delimited JSON-RPC.

Whatever the process does after it was started becomes an `Answer`: it may die, hang or talk rubbish, and the next call
goes to a fresh one.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import shlex
import signal
import subprocess
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from time import monotonic
from typing import TypeVar, assert_never

from mynacard_conformance.outcome import (
    Answer,
    Breakdown,
    Call,
    ChangePin,
    Close,
    Operation,
    Outcome,
    PinKind,
    ReadAttributes,
    ReadCertificate,
    ReadMyNumber,
    Sign,
    TriesLeft,
    VerifyPin,
    broke_down,
    operation_of,
)

from .jsonrpc import (
    VERSION,
    Introduction,
    LineSplitter,
    Reply,
    Rubbish,
    answer_of,
    decode_response,
    encode_request,
    introduction_of,
    nothing_of,
    params_of,
)

T = TypeVar("T")

_CHUNK = 1 << 16
_LAST_WORDS = 4096  # bytes of its log that may be quoted when it dies
_QUOTED = 300  # characters of evidence in a message
_LONGEST_PAUSE = 0.05  # seconds between two looks whether the process has ended; what it writes is seen at once
_GRACE = 1.0  # seconds for a process to end, after its output has ended or after SIGTERM


class DriverError(Exception):
    """The driver's command cannot be started; one line says why."""


class DriverClient:
    """The client that a driver drives (a `ClientUnderTest`).

    Args:
        command: The command line, split as a shell splits it; no shell runs it.
        reader: The PC/SC name of the reader that the client is to use.
        environment: What the process needs on top of the harness's own environment.
        timeout: Seconds for one request.
        start_timeout: Seconds for `initialize`.

    Raises `DriverError` for a command line that is none. The process is started by the first thing that needs it.

    Attributes:
        breakdowns: How many times in a row it has broken down; an answer sets this back to 0. When to give up is for
            the caller to say.

    """

    def __init__(
        self,
        command: str | Sequence[str],
        *,
        reader: str,
        environment: Mapping[str, str],
        timeout: float = 5.0,
        start_timeout: float = 20.0,
    ) -> None:
        self.breakdowns = 0
        self._argv = _split(command)
        self._reader = reader
        self._environment = {**os.environ, **environment}
        self._timeout = timeout
        self._start_timeout = start_timeout
        self._pins_typed = _PinsTyped()
        self._output = _Output(self._pins_typed)
        self._findings: list[str] = []
        self._requests = 0
        self._tried = False
        self._process: _Process | None = None
        self._introduction: Introduction | None = None

    @property
    def name(self) -> str:
        """Name and version of the client; the command where it never said."""
        return _one_line(self._introduced().name)

    @property
    def operations(self) -> frozenset[Operation]:
        """What it offers; nothing where it could not be initialised."""
        return self._introduced().operations

    @property
    def pins(self) -> frozenset[PinKind]:
        """The PINs it knows."""
        return self._introduced().pins

    @property
    def features(self) -> frozenset[str]:
        """What else it announced, such as `last_try_ok`."""
        return self._introduced().features

    @property
    def findings(self) -> tuple[str, ...]:
        """What it did wrong outside any call: unknown names in what it announced, a bad end after `shutdown`."""
        return tuple(self._findings)

    def start(self) -> Answer:
        """Start and initialise the process where none is running; say what came of it.

        Raises `DriverError` where the command cannot be started at all.
        """
        try:
            self._running()
        except _Broken as broken:
            return self._broke_down(broken)
        return Answer(Outcome.OK)

    def perform(self, call: Call, *, last_try_ok: bool = False) -> Answer:
        """Do what the user asks, and say what came of it.

        Args:
            call: What is asked; where it is no operation that was announced, the client is not asked.
            last_try_ok: The user was warned of the last try and confirmed; told only to a driver that announced it.

        """
        self._pins_typed.learn(call)
        try:
            process = self._running()
            if operation_of(call) not in self.operations:
                return Answer(Outcome.PROTOCOL_ERROR, message="not asked: the client does not offer this operation")
            params = params_of(call)
            if last_try_ok and _pin_values(call) and "last_try_ok" in self.features:
                params["last_try_ok"] = True
            answer = self._ask(process, operation_of(call).value, params, self._timeout, partial(answer_of, call))
        except _Broken as broken:
            return self._broke_down(broken)
        self.breakdowns = 0
        return replace(answer, message=self._without_pins(answer.message))

    def restart(self) -> None:
        """End the process as `shutdown` does; the next call starts a fresh one."""
        self.shutdown()

    def output(self) -> str:
        """What it printed beside its answers, PINs and all: standard error, and every line that was no answer.

        At least the last 256 KiB; of what went before, the surroundings of the PINs that had been typed lately.
        """
        if self._process is not None:
            self._process.listen()
        return self._output.text()

    def shutdown(self) -> None:
        """Ask it to end, wait no longer than for two requests, and leave no process of its group behind."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            self._ask(process, "shutdown", {}, self._timeout, nothing_of)
            process.expect_end(self._timeout)
        except _Broken as broken:
            self._findings.append(self._describe(broken))
        finally:
            process.terminate()

    def _introduced(self) -> Introduction:
        if not self._tried:
            self.start()
        return self._introduction or Introduction(shlex.join(self._argv))

    def _running(self) -> _Process:
        """The process; started and initialised where there was none."""
        if self._process is None:
            self._process = self._start_process()
            params = {"protocol": VERSION, "reader": self._reader}
            introduction = self._ask(self._process, "initialize", params, self._start_timeout, introduction_of)
            self._check_constant(introduction)
            self._introduction = introduction
        return self._process

    def _start_process(self) -> _Process:
        started_before, self._tried = self._tried, True
        try:
            return _Process(self._argv, self._environment, self._output)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            sentence = f"the driver {self._argv[0]!r} cannot be started: {reason}; check the command"
        if started_before:
            raise _Broken(Breakdown.DIED, sentence)
        raise DriverError(sentence)

    def _check_constant(self, introduction: Introduction) -> None:
        """The first time take down what it should not have announced; later it must announce the same."""
        if self._introduction is None:
            strange = (f"it announced {name!a}, which the protocol does not have" for name in introduction.unknown)
            self._findings += map(_one_line, strange)
        elif replace(introduction, name=self._introduction.name) != self._introduction:
            raise _Broken(Breakdown.RUBBISH, "after a restart it announced other operations, PINs or features")

    def _ask(
        self,
        process: _Process,
        method: str,
        params: Mapping[str, object],
        seconds: float,
        meaning: Callable[[Reply], T],
    ) -> T:
        self._requests += 1
        try:
            line = process.ask(encode_request(self._requests, method, params), seconds)
        except _Broken as broken:
            raise _Broken(broken.breakdown, f"{method}: {broken}", broken.evidence) from None
        try:
            return meaning(decode_response(line, self._requests))
        except Rubbish as rubbish:
            raise _Broken(Breakdown.RUBBISH, f"{method}: {rubbish}", line) from None

    def _broke_down(self, broken: _Broken) -> Answer:
        self.breakdowns += 1
        process, self._process = self._process, None
        if process is not None:
            process.kill()
        return broke_down(broken.breakdown, self._describe(broken))

    def _describe(self, broken: _Broken) -> str:
        """Say what happened, and quote what shows it."""
        if not broken.evidence:
            return self._without_pins(str(broken), keep=False)
        self._output.add(broken.evidence + b"\n")
        return self._without_pins(f"{broken}: {_decoded(broken.evidence)}", keep=False)

    def _without_pins(self, message: str, *, keep: bool = True) -> str:
        """One line without PINs; a message that had some is kept among the output, where leaks are looked for."""
        masked = self._pins_typed.mask(message)
        if keep and masked != message:
            self._output.add(message.encode() + b"\n")
        return _one_line(masked)


# ---------------------------------------------------------------- the process


class _Broken(Exception):
    """There is no answer; `evidence` is what was said instead, PINs included."""

    def __init__(self, breakdown: Breakdown, sentence: str, evidence: bytes = b"") -> None:
        super().__init__(sentence)
        self.breakdown = breakdown
        self.evidence = evidence


class _Process:
    """One life of a driver: requests go in, lines come out, and its log never fills up.

    Everything happens in the caller's thread: while a request is under way, whichever pipe is ready is served.
    """

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str], output: _Output) -> None:
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
            raise _Broken(Breakdown.RUBBISH, "it spoke without being asked", extra)
        self._send(request)
        if not self._serve(self._has_reacted, deadline):
            raise _Broken(Breakdown.HUNG, f"no answer within {seconds:g} s", self._said())
        self.listen()
        return self._one_answer(deadline)

    def expect_end(self, seconds: float) -> None:
        """Wait for the process to end with status 0."""
        self._pipes[0].close()
        if not self._serve(self._has_ended, monotonic() + seconds):
            raise _Broken(Breakdown.HUNG, f"shutdown was answered, but the process runs on after {seconds:g} s")
        self.kill()
        if self._popen.returncode:
            raise _Broken(Breakdown.DIED, f"after shutdown it ended with {self._status()}")

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
            raise _Broken(Breakdown.RUBBISH, "its line is longer than 1 MiB", self._said())
        if not self._lines:
            raise self._death(deadline)
        if len(self._lines) > 1 or self._splitter.unfinished:
            raise _Broken(Breakdown.RUBBISH, "it answered with more than one line", self._said())
        if self._unsent:
            raise _Broken(Breakdown.RUBBISH, "it answered before it had read the request", self._said())
        return self._lines.pop()

    def _death(self, deadline: float) -> _Broken:
        said = self._said()
        if not self._serve(self._has_ended, min(deadline, monotonic() + _GRACE)):
            return _Broken(Breakdown.DIED, "it closed its output and runs on", said)
        self.kill()
        last = _decoded(self._last_words.rstrip().rpartition(b"\n")[2])
        log = f"; its log ends with: {last}" if last else ""
        return _Broken(Breakdown.DIED, f"the process ended with {self._status()}{log}", said)

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
        return bool(self._lines) or self._splitter.overlong or self._silent or self._has_ended()

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
        if not data:
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


def _split(command: str | Sequence[str]) -> list[str]:
    try:
        argv = shlex.split(command) if isinstance(command, str) else list(command)
    except ValueError as error:
        raise DriverError(f"the driver's command line cannot be split: {error}; see to its quotes") from None
    if not argv:
        raise DriverError("the driver's command line is empty; say which program to start")
    return argv


# ---------------------------------------------------------------- what it says, and what nobody may repeat


class _PinsTyped:
    """The PINs of the latest calls, to be kept out of messages and looked for in logs."""

    _SHORTEST, _MOST = 3, 16  # what is shorter is no secret, and is everywhere

    def __init__(self) -> None:
        self._latest: dict[str, _Spellings] = {}

    def learn(self, call: Call) -> None:
        for value in _pin_values(call):
            if len(value) >= self._SHORTEST:
                spellings = self._latest.pop(value) if value in self._latest else _Spellings(value)
                self._latest[value] = spellings  # the latest stands last
        while len(self._latest) > self._MOST:
            del self._latest[next(iter(self._latest))]

    def mask(self, text: str) -> str:
        """The text with every PIN replaced by one character."""
        for spellings in self._latest.values():
            text = spellings.pattern.sub("▮", text)
        return text

    def surroundings(self, log: bytes) -> Iterator[bytes]:
        """A piece of a log around the first place of each spelling of each PIN."""
        for literal in chain.from_iterable(spellings.literals for spellings in self._latest.values()):
            place = log.find(literal)
            if place >= 0:
                yield log[max(0, place - 100) : place + len(literal) + 100]


class _Spellings:
    """The ways in which programs print a PIN: as typed or normalised, in JSON, and as hex.

    Attributes:
        pattern: All of them. Digits in the middle of a longer number are none: error codes are full of such.
        literals: The usual ones, to be found quickly in megabytes.

    """

    __slots__ = ("literals", "pattern")

    def __init__(self, value: str) -> None:
        plain = unicodedata.normalize("NFKC", value)
        texts = sorted({value, plain, json.dumps(value)[1:-1]}, key=len, reverse=True)
        dumps = [text.encode("utf-8", "replace") for text in sorted({plain, plain.upper()})]
        patterns = [rf"(?<!\d){text}(?!\d)" if text.isdecimal() else re.escape(text) for text in texts]
        patterns += [r"[\s:,]*".join(f"(?:0x)?{byte:02x}" for byte in dump) for dump in dumps]
        self.pattern = re.compile("|".join(patterns), re.IGNORECASE)
        hexes = [text for dump in dumps for text in (dump.hex(), dump.hex(" "), dump.hex(":"))]
        forms = {plain.upper(), *texts, *hexes, *(text.upper() for text in hexes)}
        self.literals = frozenset(form.encode("utf-8", "replace") for form in forms)


def _pin_values(call: Call) -> tuple[str, ...]:
    match call:
        case VerifyPin(_, value):
            return (value,)
        case ChangePin(_, current, new):
            return (current, new)
        case ReadCertificate(_, pin) | ReadMyNumber(pin) | ReadAttributes(pin) | Sign(_, _, _, pin):
            return () if pin is None else (pin,)
        case TriesLeft() | Close():
            return ()
        case _:
            assert_never(call)


class _Output:
    """What a driver printed beside its answers, in bounded memory."""

    _KEPT, _OVERLAP, _MOST_PLACES = 1 << 18, 64, 64

    def __init__(self, pins_typed: _PinsTyped) -> None:
        self._pins_typed = pins_typed
        self._places: list[bytes] = []
        self._latest = bytearray()

    def add(self, data: bytes) -> None:
        self._latest += data
        if len(self._latest) > 2 * self._KEPT:
            self._forget(len(self._latest) - self._KEPT)

    def text(self) -> str:
        return b"\n".join([*self._places, self._latest]).decode("utf-8", "replace")

    def _forget(self, size: int) -> None:
        """Drop the oldest bytes, but not the places where a PIN stands."""
        self._places += self._pins_typed.surroundings(bytes(self._latest[: size + self._OVERLAP]))
        del self._places[self._MOST_PLACES :]
        del self._latest[:size]


def _decoded(evidence: bytes) -> str:
    return evidence[:_CHUNK].decode("utf-8", "replace")


def _one_line(text: str) -> str:
    """Printable, on one line, and not too long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= _QUOTED else f"{line[:_QUOTED]}…"

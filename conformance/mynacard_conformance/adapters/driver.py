"""A client behind the driver protocol: any language, one process, newline-delimited JSON-RPC.

Whatever the process does after it was started becomes an `Answer`: it may die, hang or talk rubbish, and the next call
goes to a fresh one.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from mynacard_conformance.outcome import (
    Answer,
    Breakdown,
    Call,
    Operation,
    Outcome,
    PinKind,
    broke_down,
    operation_of,
)

from .hygiene import Output, PinsTyped, decoded, one_line, pin_values
from .jsonrpc import (
    VERSION,
    Introduction,
    Reply,
    Rubbish,
    answer_of,
    decode_response,
    encode_request,
    introduction_of,
    nothing_of,
    params_of,
)
from .process import Broken, Process

T = TypeVar("T")


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
        self._pins_typed = PinsTyped()
        self._output = Output(self._pins_typed)
        self._findings: list[str] = []
        self._requests = 0
        self._tried = False
        self._process: Process | None = None
        self._introduction: Introduction | None = None

    @property
    def name(self) -> str:
        """Name and version of the client; the command where it never said."""
        return one_line(self._introduced().name)

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
        except Broken as broken:
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
            if last_try_ok and pin_values(call) and "last_try_ok" in self.features:
                params["last_try_ok"] = True
            answer = self._ask(process, operation_of(call).value, params, self._timeout, partial(answer_of, call))
        except Broken as broken:
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
        except Broken as broken:
            self._findings.append(self._describe(broken))
        finally:
            process.terminate()

    def _introduced(self) -> Introduction:
        if not self._tried:
            self.start()
        return self._introduction or Introduction(shlex.join(self._argv))

    def _running(self) -> Process:
        """The process; started and initialised where there was none."""
        if self._process is None:
            self._process = self._start_process()
            params = {"protocol": VERSION, "reader": self._reader}
            introduction = self._ask(self._process, "initialize", params, self._start_timeout, introduction_of)
            self._check_constant(introduction)
            self._introduction = introduction
        return self._process

    def _start_process(self) -> Process:
        started_before, self._tried = self._tried, True
        try:
            return Process(self._argv, self._environment, self._output)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            sentence = f"the driver {self._argv[0]!r} cannot be started: {reason}; check the command"
        if started_before:
            raise Broken(Breakdown.DIED, sentence)
        raise DriverError(sentence)

    def _check_constant(self, introduction: Introduction) -> None:
        """The first time take down what it should not have announced; later it must announce the same."""
        if self._introduction is None:
            strange = (f"it announced {name!a}, which the protocol does not have" for name in introduction.unknown)
            self._findings += map(one_line, strange)
        elif replace(introduction, name=self._introduction.name) != self._introduction:
            raise Broken(Breakdown.RUBBISH, "after a restart it announced other operations, PINs or features")

    def _ask(
        self,
        process: Process,
        method: str,
        params: Mapping[str, object],
        seconds: float,
        meaning: Callable[[Reply], T],
    ) -> T:
        self._requests += 1
        try:
            line = process.ask(encode_request(self._requests, method, params), seconds)
        except Broken as broken:
            raise Broken(broken.breakdown, f"{method}: {broken}", broken.evidence) from None
        try:
            return meaning(decode_response(line, self._requests))
        except Rubbish as rubbish:
            raise Broken(Breakdown.RUBBISH, f"{method}: {rubbish}", line) from None

    def _broke_down(self, broken: Broken) -> Answer:
        self.breakdowns += 1
        process, self._process = self._process, None
        if process is not None:
            process.kill()
        return broke_down(broken.breakdown, self._describe(broken))

    def _describe(self, broken: Broken) -> str:
        """Say what happened, and quote what shows it."""
        if not broken.evidence:
            return self._without_pins(str(broken), keep=False)
        self._output.add(broken.evidence + b"\n")
        return self._without_pins(f"{broken}: {decoded(broken.evidence)}", keep=False)

    def _without_pins(self, message: str, *, keep: bool = True) -> str:
        """One line without PINs; a message that had some is kept among the output, where leaks are looked for."""
        masked = self._pins_typed.mask(message)
        if keep and masked != message:
            self._output.add(message.encode() + b"\n")
        return one_line(masked)


def _split(command: str | Sequence[str]) -> list[str]:
    try:
        argv = shlex.split(command) if isinstance(command, str) else list(command)
    except ValueError as error:
        raise DriverError(f"the driver's command line cannot be split: {error}; see to its quotes") from None
    if not argv:
        raise DriverError("the driver's command line is empty; say which program to start")
    return argv

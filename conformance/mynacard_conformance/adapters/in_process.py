"""The door for Python clients: an object with methods, called in this process."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from types import NoneType
from typing import Any, Final, TypeGuard, TypeVar, assert_never

from mynacard_conformance.outcome import (
    Answer,
    Attributes,
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
from mynacard_conformance.ports import Connection

from .hygiene import PinsTyped

T = TypeVar("T")

_KEPT: Final = 1 << 18
"""Characters of output that are kept: the latest."""

_VALUES: Final[dict[type[Call], type]] = {
    ReadCertificate: bytes,
    Sign: bytes,
    ReadMyNumber: str,
    ReadAttributes: Attributes,
}
"""What a call that went well brings back; the others bring back nothing but words and tries."""


class InProcessClient:
    """Any Python object on trial: its methods that are named like operations are what it offers.

    Each method takes the params of the driver protocol's method of the same name, by position and in its order, and
    returns an `Answer`. The object may say more by attributes that are sets: `pins` (else it knows them all) and
    `features`.

    Only what goes through `sys.stdout`, `sys.stderr` and the root logger is seen of its output, and only during its
    calls. A call that hangs cannot be stopped from the same process: put a client that may hang behind a driver.

    Args:
        factory: Makes the object from a connection; it is called again for each `restart` and after each breakdown.
        connect: Gives a new connection to the card.
        name: Name and version, for the report; the object's class name where nothing is given.

    An exception from the very first `factory` call is the caller's to see.

    """

    def __init__(
        self, factory: Callable[[Connection], object], connect: Callable[[], Connection], name: str = ""
    ) -> None:
        self._factory = factory
        self._connect = connect
        self._output = _Tail()
        self._pins_typed = PinsTyped()
        self._connection: Connection | None = None
        self._object: Any = None
        self._begin()
        self._name = name or type(self._object).__name__
        self._operations = frozenset(op for op in Operation if callable(getattr(self._object, op.value, None)))
        self._pins = _announced(self._object, "pins", PinKind, otherwise=PinKind)
        self._features = _announced(self._object, "features", str)

    @property
    def name(self) -> str:
        """Name and version, for the report."""
        return self._name

    @property
    def operations(self) -> frozenset[Operation]:
        """What it offers."""
        return self._operations

    @property
    def pins(self) -> frozenset[PinKind]:
        """The PINs it knows."""
        return self._pins

    @property
    def features(self) -> frozenset[str]:
        """What else it announced."""
        return self._features

    @property
    def findings(self) -> tuple[str, ...]:
        """Nothing: an object introduces itself by what it has."""
        return ()

    def perform(self, call: Call, *, last_try_ok: bool = False) -> Answer:
        """Do what the user asks, and say what came of it; `ValueError` for what is not offered.

        That the user confirmed the last try is told, as a keyword of `verify_pin`, to an object with that feature.

        An exception is an answer too. It is told by its type alone, for its words might quote a PIN; what the client
        itself says is cleaned of the PINs of the latest calls.
        """
        if operation_of(call) not in self._operations:
            raise ValueError(f"{operation_of(call).value} was asked for, and the client does not offer it")
        try:
            if self._object is None:
                self._begin()
            on_trial: Any = self._object
            with _captured(self._output):
                if isinstance(call, VerifyPin) and "last_try_ok" in self._features:
                    answer = on_trial.verify_pin(call.pin, call.value, last_try_ok=last_try_ok)
                else:
                    answer = _dispatch(on_trial, call)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a client on trial may raise
            self._end()
            return broke_down(Breakdown.DIED, type(error).__name__)
        if not _is_proper(answer, call):
            return broke_down(Breakdown.RUBBISH, f"{type(answer).__name__} is no Answer, or one of its parts is wrong")
        return self._without_pins(call, answer)

    def restart(self) -> None:
        """Make a new object, as a new process would; the old one is not asked to close."""
        self._end()
        with suppress(Exception, SystemExit):  # the next call tries again, and tells
            self._begin()

    def output(self) -> str:
        """The latest that it has printed and logged, over all restarts."""
        return self._output.getvalue()

    def shutdown(self) -> None:
        """Close it, if it can be closed, and its connection."""
        close = getattr(self._object, Operation.CLOSE.value, None)
        if callable(close):
            with suppress(Exception, SystemExit), _captured(self._output):
                close()
        self._end()

    def _begin(self) -> None:
        self._connection = self._connect()
        try:
            with _captured(self._output):
                self._object = self._factory(self._connection)
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        connection, self._connection, self._object = self._connection, None, None
        disconnect = getattr(connection, "disconnect", None)
        if callable(disconnect):
            with suppress(OSError):
                disconnect()

    def _without_pins(self, call: Call, answer: Answer) -> Answer:
        """The answer with the PINs in its message masked; such a message is kept where leaks are looked for."""
        self._pins_typed.learn(call)
        masked = self._pins_typed.mask(answer.message)
        if masked == answer.message:
            return answer
        self._output.write(f"{answer.message}\n")
        return replace(answer, message=masked)


def _announced(client: object, name: str, kind: type[T], otherwise: Iterable[T] = ()) -> frozenset[T]:
    """What an object says of itself; an attribute that only happens to have this name says nothing."""
    announced = getattr(client, name, None)
    if isinstance(announced, AbstractSet) and all(isinstance(each, kind) for each in announced):
        return frozenset(announced)
    return frozenset(otherwise)


def _dispatch(client: Any, call: Call) -> Any:  # noqa: ANN401, PLR0911 - anybody's object; one arm a call
    match call:
        case TriesLeft():
            return client.tries_left(call.pin)
        case VerifyPin():
            return client.verify_pin(call.pin, call.value)
        case ChangePin():
            return client.change_pin(call.pin, call.current, call.new)
        case ReadCertificate():
            return client.read_certificate(call.certificate, call.pin)
        case Sign():
            return client.sign(call.key, call.pin, call.hash, call.message)
        case ReadMyNumber():
            return client.read_my_number(call.pin)
        case ReadAttributes():
            return client.read_attributes(call.pin)
        case Close():
            return client.close()
        case _:
            assert_never(call)


def _is_proper(answer: object, call: Call) -> TypeGuard[Answer]:
    """Whether a client's answer has the agreed form."""
    if not isinstance(answer, Answer):
        return False
    parts: tuple[object, ...] = (answer.outcome, answer.tries, answer.message, answer.value)
    kinds: tuple[type | tuple[type, ...], ...] = (
        Outcome,
        (range, NoneType),
        str,
        (_VALUES.get(type(call), NoneType), NoneType),
    )
    return all(isinstance(part, kind) for part, kind in zip(parts, kinds, strict=True))


# ---------------------------------------------------------------- output


class _Tail(io.StringIO):
    """Keeps the end of what is written to it."""

    def write(self, text: str, /) -> int:
        written = super().write(text)
        if self.tell() > 2 * _KEPT:
            end = self.getvalue()[-_KEPT:]
            self.seek(0)
            self.truncate()
            super().write(end)
        return written


@contextmanager
def _captured(output: io.StringIO) -> Iterator[None]:
    handler = logging.StreamHandler(output)
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        with redirect_stdout(output), redirect_stderr(output):
            yield
    finally:
        root.removeHandler(handler)

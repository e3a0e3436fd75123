"""What a card remembers (`Memory`) and what it forgets at power-off (`Session`).

Power-off is "make a new `Session`", and nothing else: no field can be forgotten, because none is reset by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from mynacard_emulator.iso7816 import ResponseAPDU, StatusWord

from .profile import PinPath, Profile
from .retry import RetryCounter


@dataclass(frozen=True, slots=True)
class ReferenceData:
    """A PIN as the card keeps it: the value (None while it was never set) and its retry counter."""

    value: bytes | None = field(repr=False)
    counter: RetryCounter

    @classmethod
    def issued(cls, value: bytes | None, tries: int) -> ReferenceData:
        """As personalised: all tries left, or none for a PIN that was never set."""
        return cls(value, RetryCounter.fresh(tries) if value is not None else RetryCounter(tries, 0))

    def after_miss(self) -> ReferenceData:
        """One try less."""
        return ReferenceData(self.value, self.counter.spend())

    def after_hit(self) -> ReferenceData:
        """All tries again."""
        return self if self.counter.left == self.counter.limit else ReferenceData(self.value, self.counter.restore())

    def blind(self) -> ReferenceData:
        """The same counter with a value that no VERIFY carries; a PIN that was never set stays so."""
        return self if self.value is None else ReferenceData(b"", self.counter)


@dataclass(frozen=True, slots=True)
class Memory:
    """What survives power-off: the reference data of every PIN."""

    reference_data: Mapping[PinPath, ReferenceData]

    def with_pin(self, path: PinPath, data: ReferenceData) -> Memory:
        """The same memory with one PIN's data replaced; itself where that is what it remembers already."""
        if self.reference_data[path] is data:
            return self
        return Memory(MappingProxyType({**self.reference_data, path: data}))


@dataclass(frozen=True, slots=True)
class SecureChannel:
    """A session of secure messaging: its AES-128 key, and how many protected commands it has heard."""

    key: bytes = field(repr=False)
    count: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """What power-off forgets.

    Attributes:
        aid: The current application; None at the level above all applications.
        fid: The current EF of that application, if any.
        verified: The PINs of the current application whose security status is satisfied, and the key of the
            terminals' CA while a terminal is authenticated.
        channel: Secure messaging with the current application, if any.
        presented: The first of a terminal's two blocks, while the second is awaited.
        asleep: Whether the next command fails, whatever it is.

    """

    aid: bytes | None = None
    fid: int | None = None
    verified: frozenset[int] = frozenset()
    channel: SecureChannel | None = None
    presented: bytes | None = None
    asleep: bool = False

    @classmethod
    def powered_on(cls, profile: Profile) -> Session:
        """The session that begins with a cold reset."""
        return cls(asleep=profile.behaviour.first_command_fails)

    def at(self, fid: int | None) -> Session:
        """The same session with another current EF, or with none."""
        return Session(self.aid, fid, self.verified, self.channel, self.presented)


@dataclass(frozen=True, slots=True)
class CardState:
    """All state of a card."""

    memory: Memory
    session: Session = field(default_factory=Session)

    @classmethod
    def issued(cls, profile: Profile) -> CardState:
        """The state of a card that was just personalised."""
        return cls(
            Memory(
                MappingProxyType(
                    {path: ReferenceData.issued(pin.initial, pin.tries) for path, pin in profile.pins.items()}
                )
            ),
            Session.powered_on(profile),
        )

    def in_session(self, session: Session) -> CardState:
        """The same memory in another session."""
        return CardState(self.memory, session)

    def at_ef(self, fid: int) -> CardState:
        """The same state with another current EF."""
        session = self.session
        return self if session.fid == fid else CardState(self.memory, session.at(fid))

    def with_pin(self, path: PinPath, data: ReferenceData, *, verified: bool) -> CardState:
        """The same state with one PIN's data replaced, and its security status set or taken away."""
        session = self.session
        status = session.verified | {path.fid} if verified else session.verified - {path.fid}
        here = Session(session.aid, session.fid, status, session.channel, session.presented)
        return CardState(self.memory.with_pin(path, data), here)


class Step(NamedTuple):
    """What a command did: the state after it, and the answer."""

    state: CardState
    response: ResponseAPDU


class CheckingError(Exception):
    """The card refuses before execution: a status word from 67XX to 6FXX, and nothing has changed."""

    def __init__(self, sw: StatusWord) -> None:
        if not sw.is_checking_error:
            raise ValueError(f"{sw!r} does not say that nothing changed")
        super().__init__(repr(sw))
        self.sw = sw

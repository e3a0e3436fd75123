"""The card as a function, and the small shell that holds its state.

`step` is the whole card: profile, state and bytes in, state and bytes out. `Card` remembers the state between two
calls, and hands changed memory to whoever keeps it *before* it speaks, so that a power cut can lose an answer and
never a decrement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from mynacard_emulator.iso7816 import SW, CommandAPDU, MalformedAPDU, ResponseAPDU

from .commands import (
    AuthenticateTerminal,
    ChangeReferenceData,
    Command,
    ComputeSignature,
    GetChallenge,
    GetData,
    InternalAuthenticate,
    LastCommandIndicator,
    Query,
    ReadBinary,
    ReadRecord,
    SelectByName,
    SelectByPath,
    SelectEF,
    SelectMF,
    SetSessionKey,
    Verify,
    parse,
)
from .handlers.authenticate import (
    authenticate_terminal,
    get_challenge,
    internal_authenticate,
    last_command_indicator,
    set_session_key,
)
from .handlers.data import get_data
from .handlers.read import read_binary, read_record
from .handlers.select import select_by_name, select_by_path, select_ef, select_mf
from .handlers.sign import compute_signature
from .handlers.verify import change_reference_data, query, verify
from .profile import Profile
from .state import CardState, CheckingError, Memory, Session, Step


def step(profile: Profile, state: CardState, raw: bytes) -> Step:
    """Carry out one command APDU; whatever is refused (67XX to 6FXX) leaves `state` as it was.

    The one exception is a card that fails its first command: it is awake afterwards.
    """
    if state.session.asleep:
        return Step(state.in_session(Session()), ResponseAPDU(sw=SW.NO_PRECISE_DIAGNOSIS))
    try:
        return execute(profile, state, parse(CommandAPDU.decode(raw), profile.behaviour))
    except MalformedAPDU:
        return Step(state, ResponseAPDU(sw=SW.WRONG_LENGTH))
    except CheckingError as error:
        return Step(state, ResponseAPDU(sw=error.sw))


def execute(profile: Profile, state: CardState, command: Command) -> Step:  # noqa: C901, PLR0911, PLR0912 - one arm each
    """Carry out one typed command; raise `CheckingError` where the card refuses it."""
    match command:
        case SelectByName():
            return select_by_name(profile, state, command)
        case SelectEF():
            return select_ef(profile, state, command)
        case SelectMF():
            return select_mf(profile, state, command)
        case ReadBinary():
            return read_binary(profile, state, command)
        case Query():
            return query(profile, state, command)
        case Verify():
            return verify(profile, state, command)
        case ChangeReferenceData():
            return change_reference_data(profile, state, command)
        case ComputeSignature():
            return compute_signature(profile, state, command)
        case SelectByPath():
            return select_by_path(profile, command)
        case ReadRecord():
            return read_record(profile, state, command)
        case GetData():
            return get_data(profile, state, command)
        case GetChallenge():
            return get_challenge(profile, state, command)
        case InternalAuthenticate():
            return internal_authenticate(profile, state, command)
        case SetSessionKey():
            return set_session_key(profile, state, command)
        case AuthenticateTerminal():
            return authenticate_terminal(profile, state, command)
        case LastCommandIndicator():
            return last_command_indicator(profile, state, command)
        case _:
            assert_never(command)


class Card:
    """A card in the hand: what `step` does, with the state kept between two commands.

    Args:
        profile: What the card is.
        memory: What it remembers; as personalised where nothing is given.
        on_memory: Called with the old and the new memory before an answer leaves that changed it; whoever stores
            memory does it here, and an exception keeps the answer, and the change, from happening.

    A new card is powered on, so that a first `transmit` needs no ceremony.

    """

    def __init__(
        self,
        profile: Profile,
        memory: Memory | None = None,
        *,
        on_memory: Callable[[Memory, Memory], None] | None = None,
    ) -> None:
        issued = CardState.issued(profile)
        self.profile = profile
        self.state = issued if memory is None else CardState(memory, issued.session)
        self._on_memory = on_memory

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self.profile.atr

    def power_on(self) -> bytes:
        """Cold reset: a new session; return the ATR."""
        self.power_off()
        return self.atr

    def power_off(self) -> None:
        """Forget the session; the memory stays."""
        self.state = self.state.in_session(Session.powered_on(self.profile))

    def reset(self) -> bytes:
        """Warm reset: nothing is forgotten (F-029), unless the profile's behaviour says so; return the ATR."""
        if not self.profile.behaviour.warm_reset_keeps_session:
            self.power_off()
        return self.atr

    def transmit(self, command: bytes) -> bytes:
        """Carry out one command APDU and return the response APDU."""
        state, response = step(self.profile, self.state, command)
        self.write(state.memory)
        self.state = state
        return response.encode()

    def write(self, memory: Memory) -> None:
        """Make `memory` what the card remembers, and have it stored where somebody stores it."""
        old = self.state.memory
        if memory is not old:
            if self._on_memory is not None:
                self._on_memory(old, memory)
            self.state = CardState(memory, self.state.session)

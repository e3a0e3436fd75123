"""The card as a function, and the small shell that holds its state.

`step` is the whole card: profile, state and bytes in, state and bytes out. `Card` remembers the state between two
calls, and hands changed memory to whoever keeps it *before* it speaks, so that a power cut can lose an answer and
never a decrement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from mynacard_emulator.iso7816 import SW, CommandAPDU, MalformedAPDU, ResponseAPDU

from . import secure_messaging
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
    ResetRetryCounter,
    SelectByName,
    SelectByPath,
    SelectEF,
    SelectMF,
    SetSessionKey,
    Verify,
    parse,
)
from .handlers.authenticate import get_challenge, internal_authenticate, last_command_indicator
from .handlers.data import get_data
from .handlers.files import current_application, insist
from .handlers.read import read_binary, read_record
from .handlers.select import select_by_name, select_by_path, select_ef, select_mf
from .handlers.session_key import set_session_key
from .handlers.sign import compute_signature
from .handlers.terminal import authenticate_terminal
from .handlers.verify import change_reference_data, query, reset_retry_counter, verify
from .profile import Profile, SecureMessaging
from .secure_messaging import PROTECTED, PROTECTED_WITH_HEADER, IncorrectMessage
from .state import CardState, CheckingError, Memory, SecureChannel, Session, Step


def step(profile: Profile, state: CardState, raw: bytes) -> Step:
    """Carry out one command APDU; whatever is refused (67XX to 6FXX) leaves `state` as it was.

    There are two exceptions, and they are about the session, never about memory: a card that fails its first command is
    awake afterwards, and secure messaging counts the protected commands that are refused, or ends with one.
    """
    if state.session.asleep:
        return Step(state.in_session(Session()), ResponseAPDU(sw=SW.NO_PRECISE_DIAGNOSIS))
    try:
        apdu = CommandAPDU.decode(raw)
        if state.session.channel is not None and apdu.cla in (PROTECTED, PROTECTED_WITH_HEADER):
            return _step_protected(profile, state, state.session.channel, apdu)
        return execute(profile, state, parse(apdu, profile.behaviour))
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
        case ResetRetryCounter():
            return reset_retry_counter(profile, state, command)
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


def _step_protected(profile: Profile, state: CardState, channel: SecureChannel, apdu: CommandAPDU) -> Step:
    """Carry out what is in a protected command; also a refusal of that is counted."""
    if apdu.cla == PROTECTED_WITH_HEADER:
        ends = profile.behaviour.signed_header_ends_messaging
        here = _without_messaging(profile, state) if ends else state
        return Step(here, ResponseAPDU(sw=SW.SECURE_MESSAGING_OBJECTS_MISSING))
    application = current_application(profile, state)
    assert application is not None, "secure messaging is with an application"  # noqa: S101 - an invariant
    assert isinstance(application.session_key, SecureMessaging), "and it took the key"  # noqa: S101 - an invariant
    cipher = application.session_key.cipher
    channel = SecureChannel(channel.key, channel.count + 1)
    here = state.in_session(replace(state.session, channel=channel))
    try:
        if not secure_messaging.is_known(apdu.ins):
            insist(profile.behaviour.protected_other_command)
        after, response = execute(
            profile, here, parse(secure_messaging.opened(cipher, channel, apdu), profile.behaviour)
        )
    except IncorrectMessage:
        return Step(_without_messaging(profile, state), ResponseAPDU(sw=SW.SECURE_MESSAGING_OBJECTS_INCORRECT))
    except CheckingError as error:
        return Step(here, ResponseAPDU(sw=error.sw))
    if response.data or profile.behaviour.protected_empty_answer:
        response = secure_messaging.closed(cipher, channel, response)
    return Step(after, response)


def _without_messaging(profile: Profile, state: CardState) -> CardState:
    verified = state.session.verified if profile.behaviour.broken_messaging_keeps_verified else frozenset[int]()
    return state.in_session(replace(state.session, verified=verified, channel=None))


def written_off(profile: Profile, state: CardState, raw: bytes) -> Memory:
    """What is remembered when the power is lost before a comparison: one try less, where the command costs one.

    A real card spends the try first and gives it back to a success, so that no power cut saves one. `step` does both
    at once; here it is asked about a card with the same counters, on which no value is right.
    """
    memory = state.memory
    blind = Memory({path: data.blind() for path, data in memory.reference_data.items()})
    after = step(profile, CardState(blind, state.session), raw).state.memory
    for path, data in memory.reference_data.items():
        if after.reference_data[path].counter.left < data.counter.left:
            return memory.with_pin(path, data.after_miss())
    return memory


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
        elif not self.profile.behaviour.warm_reset_keeps_messaging:
            self.state = self.state.in_session(replace(self.state.session, channel=None))
        return self.atr

    def transmit(self, command: bytes) -> bytes:
        """Carry out one command APDU and return the response APDU."""
        state, response = step(self.profile, self.state, command)
        self.write(state.memory)
        self.state = state
        return response.encode()

    def cut_short(self, command: bytes) -> None:
        """Lose the power within a command: after a try was written off, if it costs one, and before the comparison.

        The try is spent whatever was typed, and nothing else that the command would write is written.
        """
        self.write(written_off(self.profile, self.state, command))
        self.power_off()

    def write(self, memory: Memory) -> None:
        """Make `memory` what the card remembers, and have it stored where somebody stores it."""
        old = self.state.memory
        if memory is not old:
            if self._on_memory is not None:
                self._on_memory(old, memory)
            self.state = CardState(memory, self.state.session)

    def rewrite(self, profile: Profile, memory: Memory) -> None:
        """Become what only the issuer can make of it: another profile and memory, and no session."""
        self.profile = profile
        self.state = CardState(memory, Session.powered_on(profile))

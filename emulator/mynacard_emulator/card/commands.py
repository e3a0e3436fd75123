"""From bytes to meaning: `parse` turns a command APDU into one of a closed union of typed commands.

What cannot mean anything on this card is refused here, with the status word that says why; what can is carried out
by the handlers. The order of the checks (class, instruction, parameters, lengths) is the one of ISO 7816-4, 5.6; the
real card's order is not public.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum, unique
from typing import TypeAlias

from mynacard_emulator.iso7816 import INS, SW, CommandAPDU, ProprietaryINS, StatusWord

from .behaviour import MEASURED, Behaviour
from .state import CheckingError

MAX_PIN_LENGTH = 16  # F-006
_MAX_AID_LENGTH = 16
_MAX_CHALLENGE_LENGTH = 255
_MASTER_FILE = bytes.fromhex("3F00")


@dataclass(frozen=True, slots=True)
class SelectByName:
    """SELECT by AID or by its first bytes, if any; the first or the next match, with or without control information."""

    name: bytes
    next_occurrence: bool
    wants_fci: bool
    ne: int = 0


@dataclass(frozen=True, slots=True)
class SelectEF:
    """SELECT an EF under the current application."""

    fid: int


@dataclass(frozen=True, slots=True)
class SelectMF:
    """SELECT with no name at all, which elsewhere means the master file."""


@dataclass(frozen=True, slots=True)
class SelectByPath:
    """SELECT by a path of file identifiers, from the master file or from the current DF; or by one, with P1 = 00."""

    identifier_alone: bool = False


@dataclass(frozen=True, slots=True)
class ReadBinary:
    """READ BINARY: `ne` bytes from `offset` of the current EF, or of the one a short identifier (it may be 0) names."""

    sfi: int | None
    offset: int
    ne: int


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """READ RECORD: one record of the current EF, or of the one a short identifier names; or all from that one on."""

    sfi: int | None
    number: int
    onward: bool
    ne: int


@dataclass(frozen=True, slots=True)
class GetData:
    """GET DATA: one of the data objects of the level above all applications, by its tag."""

    tag: int
    ne: int
    extended: bool


@dataclass(frozen=True, slots=True)
class Query:
    """The empty VERIFY: ask for the tries left, at no cost (F-016)."""

    sfi: int | None
    has_le: bool = False


@dataclass(frozen=True, slots=True)
class Verify:
    """VERIFY: compare with the reference data."""

    sfi: int | None
    attempt: bytes = field(repr=False)
    has_le: bool = False


@dataclass(frozen=True, slots=True)
class ChangeReferenceData:
    """CHANGE REFERENCE DATA, or CHANGE KEY, of the current EF to a new value, after its VERIFY (F-028)."""

    new: bytes = field(repr=False)
    change_key: bool = False
    sfi: int | None = None


@dataclass(frozen=True, slots=True)
class ResetRetryCounter:
    """RESET RETRY COUNTER, by nobody's leave and for tests only: a new value, or (None) all tries for the old one."""

    sfi: int | None
    new: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class GetChallenge:
    """GET CHALLENGE: `ne` random bytes."""

    p1p2: int
    ne: int
    extended: bool


@dataclass(frozen=True, slots=True)
class InternalAuthenticate:
    """INTERNAL AUTHENTICATE: prove that the card has its key, by a signature over a challenge."""

    sfi: int | None
    challenge: bytes
    ne: int = 256


@dataclass(frozen=True, slots=True)
class SetSessionKey:
    """SET SESSION KEY, the beginning of secure messaging."""

    ciphertext: bytes


@unique
class TerminalBlock(IntEnum):
    """What a terminal presents to authenticate itself: P1 and P2 of SET PUBLIC KEY."""

    CERTIFICATE = 0x06C1
    SIGNATURE = 0x00C1


@dataclass(frozen=True, slots=True)
class AuthenticateTerminal:
    """SET PUBLIC IC KEY: one of the two blocks by which a terminal shows that it needs no PIN."""

    block: TerminalBlock
    data: bytes


@dataclass(frozen=True, slots=True)
class LastCommandIndicator:
    """The last-command indicator, in any form; what it means to the telephones that it is sent to is not public."""


@unique
class SignatureMode(IntEnum):
    """What is done to the data before the key sees it: P1 of the signing command."""

    AS_GIVEN = 0x00
    BARE_DIGEST = 0x01
    WRAPPED_DIGEST = 0x02
    HASHED_AND_WRAPPED = 0x03
    PSS_DIGEST = 0x04
    HASHED_PSS = 0x05


@dataclass(frozen=True, slots=True)
class ComputeSignature:
    """Sign with the key in the current EF, with the one that is named, or with the application's default key."""

    mode: SignatureMode
    sfi: int | None
    data: bytes
    default_key: bool = False
    ne: int = 256


Command: TypeAlias = (
    SelectByName
    | SelectEF
    | SelectMF
    | SelectByPath
    | ReadBinary
    | ReadRecord
    | GetData
    | Query
    | Verify
    | ChangeReferenceData
    | ResetRetryCounter
    | ComputeSignature
    | GetChallenge
    | InternalAuthenticate
    | SetSessionKey
    | AuthenticateTerminal
    | LastCommandIndicator
)


def parse(apdu: CommandAPDU, behaviour: Behaviour = MEASURED) -> Command:
    """Give a command its meaning; raise `CheckingError` where it has none."""
    parsers = _PARSERS.get(apdu.cla)
    if parsers is None:
        raise CheckingError(_class_refusal(apdu, behaviour))
    parser = parsers.get(apdu.ins)
    if parser is _reset_retry_counter and not behaviour.test_only_administration:
        raise CheckingError(SW.INSTRUCTION_NOT_SUPPORTED)
    if parser is None:
        parser = _of_other_class(apdu, behaviour)
    return parser(apdu)


def _of_other_class(apdu: CommandAPDU, behaviour: Behaviour) -> Callable[[CommandAPDU], Command]:
    """The signing command in class 00, where the card takes it; no other instruction is known in two classes."""
    if (apdu.cla, apdu.ins) != (0x00, ProprietaryINS.COMPUTE_DIGITAL_SIGNATURE):
        raise CheckingError(SW.INSTRUCTION_NOT_SUPPORTED)
    if behaviour.sign_in_class_00 != SW.NO_ERROR:
        raise CheckingError(behaviour.sign_in_class_00)
    return _compute_signature


def _class_refusal(apdu: CommandAPDU, behaviour: Behaviour) -> StatusWord:
    """Name what a class byte asks for that the card does not do (ISO 7816-4, 5.4.1)."""
    if apdu.cla & 0xC0 == 0x40 or (apdu.cla & 0xE0 == 0 and apdu.cla & 0x03):
        return SW.LOGICAL_CHANNEL_NOT_SUPPORTED
    if apdu.cla & 0xE0 == 0 and apdu.cla & 0x0C:  # seen: SELECT and the others answer differently
        plain_only = apdu.ins in (INS.READ_BINARY, INS.VERIFY)
        return SW.SECURE_MESSAGING_NOT_ALLOWED if plain_only else SW.SECURE_MESSAGING_NOT_SUPPORTED
    if apdu.cla == 0x10:
        return behaviour.chained_command
    return SW.CLASS_NOT_SUPPORTED


def _select(apdu: CommandAPDU) -> Command:
    if apdu.p1 == 0x04:
        return _select_by_name(apdu)
    if apdu.p1 == 0x02 and apdu.p2 == 0x0C:
        if len(apdu.data) != 2:
            raise CheckingError(SW.WRONG_LENGTH)
        return SelectEF(int.from_bytes(apdu.data, "big"))
    if apdu.p1 == 0x00 and apdu.p2 in (0x00, 0x0C):
        if apdu.data == _MASTER_FILE:
            raise CheckingError(SW.FILE_OR_APPLICATION_NOT_FOUND)
        return SelectByPath(identifier_alone=True) if apdu.data else SelectMF()
    if apdu.p1 in (0x08, 0x09):
        return SelectByPath()
    raise CheckingError(SW.INCORRECT_P1_P2)


def _select_by_name(apdu: CommandAPDU) -> SelectByName:
    if apdu.p2 not in (0x00, 0x02, 0x0C, 0x0E):
        raise CheckingError(SW.INCORRECT_P1_P2)
    silent = bool(apdu.p2 & 0x0C)
    if len(apdu.data) > _MAX_AID_LENGTH or apdu.case == 1:
        raise CheckingError(SW.WRONG_LENGTH)
    return SelectByName(apdu.data, bool(apdu.p2 & 0x02), wants_fci=not silent, ne=0 if silent else apdu.ne)


def _read_binary(apdu: CommandAPDU) -> ReadBinary:
    if apdu.p1 & 0x80 and (apdu.p1 & 0x60 or apdu.p1 & 0x1F == 0x1F):
        raise CheckingError(SW.INCORRECT_P1_P2)
    if apdu.case != 2:
        raise CheckingError(SW.WRONG_LENGTH)
    if apdu.p1 & 0x80:
        return ReadBinary(apdu.p1 & 0x1F, apdu.p2, apdu.ne)
    return ReadBinary(None, apdu.p1p2, apdu.ne)


def _read_record(apdu: CommandAPDU) -> ReadRecord:
    if apdu.p2 & 0x06 != 0x04 or apdu.p2 >> 3 == 0x1F:
        raise CheckingError(SW.INCORRECT_P1_P2)
    if apdu.case != 2:
        raise CheckingError(SW.WRONG_LENGTH)
    return ReadRecord(apdu.p2 >> 3 or None, apdu.p1, bool(apdu.p2 & 0x01), apdu.ne)


def _get_data(apdu: CommandAPDU) -> GetData:
    if apdu.case != 2:
        raise CheckingError(SW.WRONG_LENGTH)
    return GetData(apdu.p1p2, apdu.ne, apdu.extended)


def _verify(apdu: CommandAPDU) -> Query | Verify:
    if apdu.p1 != 0x00:
        raise CheckingError(SW.INCORRECT_P1_P2)
    sfi = _reference(apdu)
    match apdu.case:
        case 1 | 2:
            return Query(sfi, has_le=apdu.ne > 0)
        case 3 | 4 if len(apdu.data) <= MAX_PIN_LENGTH:
            return Verify(sfi, apdu.data, has_le=apdu.ne > 0)
        case _:
            raise CheckingError(SW.WRONG_LENGTH)


def _change_reference_data(apdu: CommandAPDU) -> ChangeReferenceData:
    return _change(apdu, p1=0x01, change_key=False)


def _change_key(apdu: CommandAPDU) -> ChangeReferenceData:
    return _change(apdu, p1=0x00, change_key=True)


def _change(apdu: CommandAPDU, *, p1: int, change_key: bool) -> ChangeReferenceData:
    if apdu.p1 != p1:
        raise CheckingError(SW.INCORRECT_P1_P2)
    sfi = _reference(apdu)
    if apdu.ne:
        raise CheckingError(SW.WRONG_LENGTH)
    return ChangeReferenceData(apdu.data, change_key, sfi)


def _reset_retry_counter(apdu: CommandAPDU) -> ResetRetryCounter:
    sets = apdu.p1 == 0x02
    if not sets and apdu.p1 != 0x03:
        raise CheckingError(SW.INCORRECT_P1_P2)
    sfi = _reference(apdu)
    if apdu.ne or bool(apdu.data) is not sets or len(apdu.data) > MAX_PIN_LENGTH:
        raise CheckingError(SW.WRONG_LENGTH)
    return ResetRetryCounter(sfi, apdu.data if sets else None)


def _get_challenge(apdu: CommandAPDU) -> GetChallenge:
    if apdu.case != 2:
        raise CheckingError(SW.WRONG_LENGTH)
    return GetChallenge(apdu.p1p2, apdu.ne, apdu.extended)


def _internal_authenticate(apdu: CommandAPDU) -> InternalAuthenticate:
    if apdu.p1 != 0x00:
        raise CheckingError(SW.INCORRECT_P1_P2)
    sfi = _reference(apdu)
    if not 1 <= len(apdu.data) <= _MAX_CHALLENGE_LENGTH:
        raise CheckingError(SW.WRONG_LENGTH)
    return InternalAuthenticate(sfi, apdu.data, apdu.ne)


def _set_session_key(apdu: CommandAPDU) -> SetSessionKey:
    if apdu.p1p2 != 0x0000:
        raise CheckingError(SW.INCORRECT_P1_P2)
    return SetSessionKey(apdu.data)


def _authenticate_terminal(apdu: CommandAPDU) -> AuthenticateTerminal:
    if apdu.p1p2 not in _TERMINAL_BLOCKS:
        raise CheckingError(SW.INCORRECT_P1_P2)
    return AuthenticateTerminal(TerminalBlock(apdu.p1p2), apdu.data)


def _last_command_indicator(_apdu: CommandAPDU) -> LastCommandIndicator:
    return LastCommandIndicator()


def _compute_signature(apdu: CommandAPDU) -> ComputeSignature:
    if apdu.p1 > SignatureMode.HASHED_PSS:
        raise CheckingError(SW.INCORRECT_P1_P2)
    default_key = apdu.p2 == 0x00
    sfi = None if default_key else _reference(apdu)
    return ComputeSignature(SignatureMode(apdu.p1), sfi, apdu.data, default_key, apdu.ne)


def _reference(apdu: CommandAPDU) -> int | None:
    """P2 = 80 means the current EF (None), 80 | sfi names one."""
    if apdu.p2 & 0xE0 != 0x80 or apdu.p2 == 0x9F:
        raise CheckingError(SW.INCORRECT_P1_P2)
    return apdu.p2 & 0x1F or None


_TERMINAL_BLOCKS = frozenset(TerminalBlock)
_PARSERS: dict[int, dict[int, Callable[[CommandAPDU], Command]]] = {
    0x00: {
        INS.SELECT: _select,
        INS.READ_BINARY: _read_binary,
        INS.READ_RECORD: _read_record,
        INS.GET_DATA: _get_data,
        INS.VERIFY: _verify,
        INS.CHANGE_REFERENCE_DATA: _change_reference_data,
        INS.GET_CHALLENGE: _get_challenge,
        INS.INTERNAL_AUTHENTICATE: _internal_authenticate,
    },
    0x80: {
        ProprietaryINS.COMPUTE_DIGITAL_SIGNATURE: _compute_signature,
        ProprietaryINS.RESET_RETRY_COUNTER: _reset_retry_counter,
        ProprietaryINS.CHANGE_KEY: _change_key,
        ProprietaryINS.SET_PUBLIC_KEY: _authenticate_terminal,
        ProprietaryINS.SET_SESSION_KEY: _set_session_key,
        ProprietaryINS.LAST_COMMAND_INDICATOR: _last_command_indicator,
    },
}

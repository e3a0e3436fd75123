"""SELECT (ISO 7816-4:2020, 11.2.2)."""

from __future__ import annotations

from mynacard_emulator.card.behaviour import ControlInformation, Occurrence
from mynacard_emulator.card.commands import SelectByName, SelectByPath, SelectEF, SelectMF
from mynacard_emulator.card.profile import Application, Profile
from mynacard_emulator.card.state import CardState, CheckingError, Session, Step
from mynacard_emulator.iso7816 import SW, ResponseAPDU, tlv

from .files import find, insist

ISSUER_SECURITY_DOMAIN = bytes.fromhex("A0000001510000")
"""The AID of what is current after power-on: the level above all applications."""

_FCI_TEMPLATE, _DF_NAME, _PROPRIETARY, _APPLICATION_LABEL = 0x6F, 0x84, 0xA5, 0x50


def select_by_name(profile: Profile, state: CardState, command: SelectByName) -> Step:
    """Make an application current, named by its AID or by the first bytes of it.

    The security status stays where the application was current already, and ends everywhere else (F-029); secure
    messaging ends in any case.
    """
    matches: list[Application | None] = []
    if command.name:
        matches.extend(a for a in profile.applications if a.aid.startswith(command.name))
    else:
        insist(profile.behaviour.select_empty_name)
    if profile.security_domain and ISSUER_SECURITY_DOMAIN.startswith(command.name):
        matches.append(None)
    if profile.behaviour.select_first_match is Occurrence.BY_AID:
        matches.sort(key=_aid)
    chosen = _occurrence(matches, state, next_occurrence=command.next_occurrence)
    aid = None if chosen is None else chosen.aid
    verified = state.session.verified if aid == state.session.aid else frozenset[int]()
    told = _answer(profile, command, chosen)
    return Step(state.in_session(Session(aid, None, verified)), ResponseAPDU(told))


def _answer(profile: Profile, command: SelectByName, chosen: Application | None) -> bytes:
    """The control information, as far as it is asked for."""
    if not command.wants_fci or not (command.ne or profile.behaviour.control_information_without_le):
        return b""
    told = tlv.encode(_FCI_TEMPLATE, _control_information(profile, chosen))
    if 0 < command.ne < len(told):
        insist(profile.behaviour.select_short_le)
        return told[: command.ne]
    return told


def _control_information(profile: Profile, chosen: Application | None) -> bytes:
    name = tlv.encode(_DF_NAME, _aid(chosen))
    match profile.behaviour.control_information:
        case ControlInformation.EMPTY:
            return b""
        case ControlInformation.NAME_AND_LABEL if chosen is not None:
            return name + tlv.encode(_PROPRIETARY, tlv.encode(_APPLICATION_LABEL, chosen.name.encode("ascii")))
        case _:
            return name


def _aid(match: Application | None) -> bytes:
    return ISSUER_SECURITY_DOMAIN if match is None else match.aid


def _occurrence(matches: list[Application | None], state: CardState, *, next_occurrence: bool) -> Application | None:
    """The first match, or the one behind the current application; 6A82 where there is none."""
    if next_occurrence:
        current = [None if a is None else a.aid for a in matches]
        if state.session.aid in current:
            matches = matches[current.index(state.session.aid) + 1 :]
    if not matches:
        raise CheckingError(SW.FILE_OR_APPLICATION_NOT_FOUND)
    return matches[0]


def select_ef(profile: Profile, state: CardState, command: SelectEF) -> Step:
    """Make an EF of the current application the current one."""
    return Step(state.at_ef(find(profile, state, command.fid).fid), ResponseAPDU())


def select_by_path(profile: Profile, command: SelectByPath) -> Step:
    """Refuse: no file of this card is reached by a path, nor with P1 = 00."""
    behaviour = profile.behaviour
    raise CheckingError(behaviour.select_by_identifier if command.identifier_alone else behaviour.select_by_path)


def select_mf(profile: Profile, state: CardState, _command: SelectMF) -> Step:
    """Refuse after power-on; succeed, and leave the application as it is, while one is current."""
    session = state.session
    if session.aid is None:
        raise CheckingError(SW.INCORRECT_P1_P2)
    keeps = profile.behaviour.select_mf_keeps_ef
    here = state if keeps else state.in_session(session.at(None))
    return Step(here, ResponseAPDU())

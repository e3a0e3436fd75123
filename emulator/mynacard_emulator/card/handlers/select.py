"""SELECT (ISO 7816-4:2020, 11.2.2)."""

from __future__ import annotations

from mynacard_emulator.card.commands import SelectByName, SelectByPath, SelectEF, SelectMF
from mynacard_emulator.card.profile import Application, Profile
from mynacard_emulator.card.state import CardState, CheckingError, Session, Step
from mynacard_emulator.iso7816 import SW, ResponseAPDU, tlv

from .files import find, insist

ISSUER_SECURITY_DOMAIN = bytes.fromhex("A0000001510000")
"""The AID of what is current after power-on: the level above all applications."""

_FCI_TEMPLATE, _DF_NAME = 0x6F, 0x84


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
    if ISSUER_SECURITY_DOMAIN.startswith(command.name):
        matches.append(None)
    chosen = _occurrence(matches, state, next_occurrence=command.next_occurrence)
    aid = None if chosen is None else chosen.aid
    verified = state.session.verified if aid == state.session.aid else frozenset[int]()
    fci = tlv.encode(_FCI_TEMPLATE, tlv.encode(_DF_NAME, aid or ISSUER_SECURITY_DOMAIN)) if command.wants_fci else b""
    return Step(state.in_session(Session(aid, None, verified)), ResponseAPDU(fci))


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


def select_by_path(profile: Profile, _command: SelectByPath) -> Step:
    """Refuse: no file of this card is reached by a path."""
    raise CheckingError(profile.behaviour.select_by_path)


def select_mf(profile: Profile, state: CardState, _command: SelectMF) -> Step:
    """Refuse after power-on; succeed, and leave the application as it is, while one is current."""
    session = state.session
    if session.aid is None:
        raise CheckingError(SW.INCORRECT_P1_P2)
    keeps = profile.behaviour.select_mf_keeps_ef
    here = state if keeps else state.in_session(session.at(None))
    return Step(here, ResponseAPDU())

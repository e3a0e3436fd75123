"""Where one stands: the current application and EF, and the way from a command to the file it means."""

from __future__ import annotations

from typing import TypeVar

from mynacard_emulator.card.behaviour import AbsentPin
from mynacard_emulator.card.profile import Application, File, PinEF, PinPath, Profile
from mynacard_emulator.card.state import CardState, CheckingError, Step
from mynacard_emulator.iso7816 import SW, ResponseAPDU, StatusWord

F = TypeVar("F", bound=File)


def current_application(profile: Profile, state: CardState) -> Application | None:
    """The application that was selected last; None at the level above all applications."""
    return None if state.session.aid is None else profile.by_aid[state.session.aid]


def find(
    profile: Profile, state: CardState, fid: int, otherwise: StatusWord = SW.FILE_OR_APPLICATION_NOT_FOUND
) -> File:
    """The EF of this identifier under the current application; else the status word `otherwise`."""
    application = current_application(profile, state)
    file = None if application is None else application.by_fid.get(fid)
    if file is None or (isinstance(file, PinEF) and _is_hidden(profile, state, file)):
        raise CheckingError(otherwise)
    return file


def referenced(
    profile: Profile,
    state: CardState,
    sfi: int | None,
    otherwise: StatusWord = SW.FILE_OR_APPLICATION_NOT_FOUND,
) -> File:
    """The EF that a short identifier names, or the current one; 6986 where there is none (ISO 7816-4, 7.2.2)."""
    if sfi is not None:
        return find(profile, state, sfi, otherwise)
    if state.session.fid is None:
        raise CheckingError(SW.COMMAND_NOT_ALLOWED_NO_CURRENT_EF)
    return find(profile, state, state.session.fid)


def expect(file: File, kind: type[F], otherwise: StatusWord) -> F:
    """The file, which must be of this kind; else the status word `otherwise`."""
    if not isinstance(file, kind):
        raise CheckingError(otherwise)
    return file


def pin_path(state: CardState, pin: PinEF) -> PinPath:
    """Where the reference data of a PIN of the current application is remembered."""
    assert state.session.aid is not None, "a PIN was found, so an application is current"  # noqa: S101 - an invariant
    return PinPath(state.session.aid, pin.fid)


def insist(answer: StatusWord) -> None:
    """Go on where the answer to an open question is 9000; refuse with it otherwise."""
    if answer != SW.NO_ERROR:
        raise CheckingError(answer)


def answer_or_refuse(state: CardState, sw: StatusWord) -> Step:
    """The status word as an answer, or as the refusal that it is."""
    if sw.is_checking_error:
        raise CheckingError(sw)
    return Step(state, ResponseAPDU(sw=sw))


def _is_hidden(profile: Profile, state: CardState, pin: PinEF) -> bool:
    if not pin.opt_in or profile.behaviour.absent_pin is AbsentPin.DELIVERED_BLOCKED:
        return False
    return state.memory.reference_data[pin_path(state, pin)].value is None

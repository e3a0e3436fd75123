"""READ BINARY (ISO 7816-4:2020, 11.3.3)."""

from __future__ import annotations

from mynacard_emulator.card.commands import ReadBinary
from mynacard_emulator.card.profile import Profile, TransparentEF, grants
from mynacard_emulator.card.state import CardState, CheckingError, Step
from mynacard_emulator.iso7816 import SW, ResponseAPDU

from .files import expect, referenced


def read_binary(profile: Profile, state: CardState, command: ReadBinary) -> Step:
    """Read up to `ne` bytes; the end of the file cuts the answer short, with 9000.

    Reading by short identifier makes that EF current.
    """
    file = expect(referenced(profile, state, command.sfi), TransparentEF, SW.COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE)
    if not grants(file.read, state.session.verified):
        raise CheckingError(SW.SECURITY_STATUS_NOT_SATISFIED)
    if command.offset >= len(file.content):
        return _read_beyond(profile, state.at_ef(file.fid), command.offset - len(file.content))
    return Step(state.at_ef(file.fid), ResponseAPDU(file.content[command.offset : command.offset + command.ne]))


def _read_beyond(profile: Profile, state: CardState, distance: int) -> Step:
    if distance == 0 and profile.behaviour.read_at_end == SW.NO_ERROR:
        return Step(state, ResponseAPDU())
    raise CheckingError(SW.WRONG_P1_P2)

"""READ BINARY and READ RECORD (ISO 7816-4:2020, 11.3.3 and 11.4.3)."""

from __future__ import annotations

from mynacard_emulator.card.commands import ReadBinary, ReadRecord
from mynacard_emulator.card.profile import Profile, RecordEF, TransparentEF, grants
from mynacard_emulator.card.state import CardState, CheckingError, Step
from mynacard_emulator.iso7816 import SW, ResponseAPDU

from .files import expect, insist, referenced


def read_binary(profile: Profile, state: CardState, command: ReadBinary) -> Step:
    """Read up to `ne` bytes; the end of the file cuts the answer short, with 9000.

    Reading by short identifier makes that EF current.
    """
    if command.sfi == 0:
        insist(profile.behaviour.read_sfi_zero)
    ef = referenced(profile, state, command.sfi or None)
    file = expect(ef, TransparentEF, SW.COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE)
    if profile.behaviour.data_before_access and command.offset > len(file.content):
        raise CheckingError(SW.WRONG_P1_P2)
    if not grants(file.read, state.session.verified):
        raise CheckingError(SW.SECURITY_STATUS_NOT_SATISFIED)
    if command.offset > len(file.content):
        raise CheckingError(SW.WRONG_P1_P2)
    if command.offset == len(file.content):
        insist(profile.behaviour.read_at_end)
    return Step(state.at_ef(file.fid), ResponseAPDU(file.content[command.offset : command.offset + command.ne]))


def read_record(profile: Profile, state: CardState, command: ReadRecord) -> Step:
    """Read one record, or all from one on; reading by short identifier makes that EF current."""
    file = expect(referenced(profile, state, command.sfi), RecordEF, SW.COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE)
    if not grants(file.read, state.session.verified):
        raise CheckingError(SW.SECURITY_STATUS_NOT_SATISFIED)
    if command.number == 0:
        raise CheckingError(profile.behaviour.read_record_zero)
    if command.onward:
        insist(profile.behaviour.read_records_onward)
    if command.number > len(file.records):
        raise CheckingError(profile.behaviour.record_not_found)
    first = command.number - 1
    data = b"".join(file.records[first:] if command.onward else file.records[first : command.number])
    if len(data) > command.ne:
        insist(profile.behaviour.short_le_record)
    return Step(state.at_ef(file.fid), ResponseAPDU(data[: command.ne]))

"""GET DATA (ISO 7816-4:2020, 11.5.3): what the card says about itself above all applications."""

from __future__ import annotations

from mynacard_emulator.card.behaviour import ContactATR
from mynacard_emulator.card.commands import GetData
from mynacard_emulator.card.profile import Profile
from mynacard_emulator.card.state import CardState, CheckingError, Step
from mynacard_emulator.iso7816 import SW, ResponseAPDU

from .files import insist

CONTACT_ATR = 0x5F51
"""The answer to reset of the contacts, without TS, over whatever interface."""

_SHORT_MAX = 256


def get_data(profile: Profile, state: CardState, command: GetData) -> Step:
    """Tell a data object; one that is longer than a short answer asks for extended Le with 6700."""
    value = profile.data_objects.get(command.tag)
    if value is None or not _is_told(profile, state, command.tag):
        raise CheckingError(SW.REFERENCED_DATA_NOT_FOUND)
    if len(value) > _SHORT_MAX and not command.extended:
        raise CheckingError(SW.WRONG_LENGTH)
    if len(value) > command.ne:
        insist(profile.behaviour.short_le_object)
    return Step(state, ResponseAPDU(value[: command.ne]))


def _is_told(profile: Profile, state: CardState, tag: int) -> bool:
    above = state.session.aid is None
    if tag != CONTACT_ATR:
        return above or profile.behaviour.objects_in_applications
    where = profile.behaviour.contact_atr_object
    return where is (ContactATR.ABOVE_APPLICATIONS if above else ContactATR.IN_APPLICATIONS)

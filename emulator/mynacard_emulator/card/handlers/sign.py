"""COMPUTE DIGITAL SIGNATURE in the form of this card: CLA 80, INS 2A."""

from __future__ import annotations

from mynacard_emulator.card.commands import ComputeSignature
from mynacard_emulator.card.profile import KeyEF, Profile, grants
from mynacard_emulator.card.state import CardState, CheckingError, Step
from mynacard_emulator.iso7816 import SW, ResponseAPDU

from .files import expect, referenced

MAX_PADDED_DATA = 245
"""What PKCS#1 v1.5 leaves room for in 256 bytes."""


def compute_signature(profile: Profile, state: CardState, command: ComputeSignature) -> Step:
    """Pad the bytes as given and sign them; one VERIFY of the key's PIN allows many signatures."""
    key = expect(referenced(profile, state, command.sfi), KeyEF, profile.behaviour.sign_not_a_key)
    if not grants(key.use, state.session.verified):
        raise CheckingError(SW.SECURITY_STATUS_NOT_SATISFIED)
    if len(command.data) > MAX_PADDED_DATA:
        raise CheckingError(profile.behaviour.sign_wrong_length)
    here = state if command.sfi is None or not profile.behaviour.sfi_sets_current_ef else state.at_ef(key.fid)
    return Step(here, ResponseAPDU(key.sign(command.data)))

"""COMPUTE DIGITAL SIGNATURE in the form of this card: CLA 80, INS 2A."""

from __future__ import annotations

from hashlib import sha256
from typing import assert_never

from mynacard_emulator.card.commands import ComputeSignature, SignatureMode
from mynacard_emulator.card.profile import File, KeyEF, Padding, Profile, grants
from mynacard_emulator.card.state import CardState, CheckingError, Step
from mynacard_emulator.iso7816 import SW, ResponseAPDU

from .files import current_application, expect, find, insist, referenced

MAX_PADDED_DATA = 245
"""What PKCS#1 v1.5 leaves room for in 256 bytes."""
MAX_SHORT_DATA = 255

_DIGEST_SIZE = 32
_SIGNATURE_SIZE = 256
_SHA256_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")


def compute_signature(profile: Profile, state: CardState, command: ComputeSignature) -> Step:
    """Hash, wrap and pad as P1 asks, and sign; one VERIFY of the key's PIN allows many signatures."""
    if not command.data:
        raise CheckingError(profile.behaviour.sign_wrong_length)
    key = expect(_key(profile, state, command), KeyEF, profile.behaviour.sign_not_a_key)
    fits = _fits(profile, command)
    if not grants(key.use, state.session.verified):
        early = profile.behaviour.data_before_access and not fits
        raise CheckingError(profile.behaviour.sign_wrong_length if early else SW.SECURITY_STATUS_NOT_SATISFIED)
    leave_room(profile, command.ne)
    if not fits:
        raise CheckingError(profile.behaviour.sign_wrong_length)
    here = state if command.sfi is None or not profile.behaviour.sfi_sets_current_ef else state.at_ef(key.fid)
    return Step(here, ResponseAPDU(key.sign(*_prepared(profile, command))))


def leave_room(profile: Profile, ne: int) -> None:
    """Refuse an Le that has no room for a signature, where the card does."""
    if ne == 0:
        insist(profile.behaviour.sign_without_le)
    elif ne < _SIGNATURE_SIZE:
        insist(profile.behaviour.sign_short_le)


def digest_info(message: bytes) -> bytes:
    """The DigestInfo of a message's SHA-256 digest: 51 bytes."""
    return _SHA256_DIGEST_INFO + sha256(message).digest()


def _key(profile: Profile, state: CardState, command: ComputeSignature) -> File:
    if not command.default_key:
        return referenced(profile, state, command.sfi)
    application = current_application(profile, state)
    if application is None or application.default_key is None:
        raise CheckingError(profile.behaviour.sign_no_default_key)
    return find(profile, state, application.default_key)


def _fits(profile: Profile, command: ComputeSignature) -> bool:
    match command.mode:
        case SignatureMode.AS_GIVEN:
            return len(command.data) <= MAX_PADDED_DATA
        case SignatureMode.WRAPPED_DIGEST | SignatureMode.PSS_DIGEST:
            return len(command.data) == _DIGEST_SIZE
        case SignatureMode.BARE_DIGEST | SignatureMode.HASHED_AND_WRAPPED | SignatureMode.HASHED_PSS:
            return len(command.data) <= MAX_SHORT_DATA or profile.behaviour.sign_hashes_long_data
        case _:
            assert_never(command.mode)


def _prepared(profile: Profile, command: ComputeSignature) -> tuple[bytes, Padding]:
    """What the key signs, and how it is padded."""
    pss = Padding.PSS_LONGEST_SALT if profile.behaviour.pss_longest_salt else Padding.PSS
    match command.mode:
        case SignatureMode.AS_GIVEN:
            return command.data, Padding.PKCS1_V1_5
        case SignatureMode.BARE_DIGEST:
            return sha256(command.data).digest(), Padding.PKCS1_V1_5
        case SignatureMode.WRAPPED_DIGEST:
            return _SHA256_DIGEST_INFO + command.data, Padding.PKCS1_V1_5
        case SignatureMode.HASHED_AND_WRAPPED:
            return digest_info(command.data), Padding.PKCS1_V1_5
        case SignatureMode.PSS_DIGEST:
            return command.data, pss
        case SignatureMode.HASHED_PSS:
            return sha256(command.data).digest(), pss
        case _:
            assert_never(command.mode)

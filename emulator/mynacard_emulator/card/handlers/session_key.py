"""SET SESSION KEY: the beginning of secure messaging."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from mynacard_emulator.card.commands import SetSessionKey
from mynacard_emulator.card.profile import Never, Profile, SecureMessaging, SessionCipher, grants
from mynacard_emulator.card.secure_messaging import KEY_SIZE
from mynacard_emulator.card.state import CardState, CheckingError, SecureChannel, Step
from mynacard_emulator.iso7816 import SW, ResponseAPDU

from .files import answer_or_refuse, current_application

_SEED_HEADER = bytes.fromhex("A0228020")
_SEED_SIZE = 32


def set_session_key(profile: Profile, state: CardState, command: SetSessionKey) -> Step:
    """Take a session key, in place of an earlier one; access is asked for before anything is decrypted."""
    application = current_application(profile, state)
    if application is None:
        return answer_or_refuse(state, profile.behaviour.session_key_above_applications)
    match application.session_key:
        case None:
            return Step(state, ResponseAPDU(sw=SW.NO_SECURE_MESSAGING_ENVIRONMENT))
        case Never():
            raise CheckingError(SW.SECURITY_STATUS_NOT_SATISFIED)
        case SecureMessaging(access, cipher):
            if not grants(access, state.session.verified):
                raise CheckingError(SW.SECURITY_STATUS_NOT_SATISFIED)
            channel = SecureChannel(_seed(profile, cipher, command.ciphertext)[:KEY_SIZE])
            return Step(state.in_session(replace(state.session, channel=channel)), ResponseAPDU())
        case _:
            assert_never(application.session_key)


def _seed(profile: Profile, cipher: SessionCipher, ciphertext: bytes) -> bytes:
    if len(ciphertext) != len(cipher.modulus):
        raise CheckingError(profile.behaviour.session_key_wrong_length)
    if ciphertext >= cipher.modulus:
        raise CheckingError(SW.NO_PRECISE_DIAGNOSIS)
    plain = cipher.unwrap(ciphertext)
    if plain is None or not plain.startswith(_SEED_HEADER) or len(plain) != len(_SEED_HEADER) + _SEED_SIZE:
        raise CheckingError(SW.INCORRECT_DATA)
    return plain[len(_SEED_HEADER) :]

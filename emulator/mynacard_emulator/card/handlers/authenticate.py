"""INTERNAL AUTHENTICATE and GET CHALLENGE (ISO 7816-4:2020, 11.6.2 and 11.6.3), and a question of telephones alone."""

from __future__ import annotations

from mynacard_emulator.card.commands import GetChallenge, InternalAuthenticate, LastCommandIndicator
from mynacard_emulator.card.profile import AuthenticationKeyEF, KeyEF, Padding, Profile, grants
from mynacard_emulator.card.state import CardState, CheckingError, Step
from mynacard_emulator.iso7816 import SW, ResponseAPDU

from .files import answer_or_refuse, referenced
from .sign import digest_info, leave_room


def get_challenge(profile: Profile, state: CardState, command: GetChallenge) -> Step:
    """Give 1 to 256 random bytes, to everybody at any time; nothing is remembered of them."""
    if command.p1p2 != 0x0000:
        raise CheckingError(profile.behaviour.challenge_wrong_parameters)
    if command.extended:
        raise CheckingError(SW.CONDITIONS_OF_USE_NOT_SATISFIED)
    return Step(state, ResponseAPDU(profile.random(command.ne)))


def internal_authenticate(profile: Profile, state: CardState, command: InternalAuthenticate) -> Step:
    """Sign the DigestInfo of a challenge; one key in the common application does that, and the signing keys never."""
    file = referenced(profile, state, command.sfi)
    if isinstance(file, KeyEF):
        closed = not grants(file.use, state.session.verified)
        raise CheckingError(SW.SECURITY_STATUS_NOT_SATISFIED if closed else SW.CONDITIONS_OF_USE_NOT_SATISFIED)
    if not isinstance(file, AuthenticationKeyEF):
        raise CheckingError(profile.behaviour.authenticate_not_a_key)
    leave_room(profile, command.ne)
    here = state if command.sfi is None or not profile.behaviour.sfi_sets_current_ef else state.at_ef(file.fid)
    return Step(here, ResponseAPDU(file.sign(digest_info(command.challenge), Padding.PKCS1_V1_5)))


def last_command_indicator(profile: Profile, state: CardState, _command: LastCommandIndicator) -> Step:
    """Answer as the behaviour says: a card refuses, and a telephone is said to understand."""
    return answer_or_refuse(state, profile.behaviour.last_command)

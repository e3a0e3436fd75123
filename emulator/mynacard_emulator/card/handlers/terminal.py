"""SET PUBLIC KEY: a terminal shows a certificate of the CA that the card knows, and takes the place of a PIN.

Whose certificates a real card trusts, what is in them, and what else happens is not public.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from mynacard_emulator.card.commands import AuthenticateTerminal, TerminalBlock
from mynacard_emulator.card.profile import PinPath, Profile, TerminalKeyEF
from mynacard_emulator.card.state import CardState, CheckingError, Step
from mynacard_emulator.iso7816 import SW, ResponseAPDU, tlv

from .files import current_application, insist

_Tag: TypeAlias = int
_BLOCKS: dict[TerminalBlock, tuple[_Tag, int]] = {
    TerminalBlock.CERTIFICATE: (0x5F4E, 307),
    TerminalBlock.SIGNATURE: (0x5F37, 261),
}


def authenticate_terminal(profile: Profile, state: CardState, command: AuthenticateTerminal) -> Step:
    """Keep the first block; with the second, satisfy what a terminal of the known CA satisfies."""
    value = _value(profile, command)
    path, key = _terminal_key(profile, state)
    if (command.block is TerminalBlock.SIGNATURE) is profile.behaviour.terminal_signature_first:
        return Step(state.in_session(replace(state.session, presented=value)), ResponseAPDU())
    if state.session.presented is None:
        raise CheckingError(profile.behaviour.terminal_block_missing)
    if state.session.fid != key.fid:
        insist(profile.behaviour.terminal_key_not_selected)
    signed, signature = state.session.presented, value
    if profile.behaviour.terminal_signature_first:
        signed, signature = signature, signed
    if not key.verify(signed, signature) or not _serves(profile, state, path):
        raise CheckingError(profile.behaviour.unknown_terminal)
    verified = state.session.verified | {key.fid}
    return Step(state.in_session(replace(state.session, verified=verified, presented=None)), ResponseAPDU())


def _value(profile: Profile, command: AuthenticateTerminal) -> bytes:
    """The value of the one data object that is a block."""
    tag, size = _BLOCKS[command.block]
    if len(command.data) != size:
        raise CheckingError(SW.WRONG_LENGTH)
    try:
        item, rest = tlv.decode(command.data)
    except tlv.MalformedTLV:
        raise CheckingError(profile.behaviour.unknown_terminal) from None
    if item.tag != tag or rest:
        raise CheckingError(profile.behaviour.unknown_terminal)
    return item.value


def _terminal_key(profile: Profile, state: CardState) -> tuple[PinPath, TerminalKeyEF]:
    """The key of the terminals' CA, and the PIN whose place such a terminal takes."""
    application = current_application(profile, state)
    if application is not None:
        for file in application.files:
            if isinstance(file, TerminalKeyEF):
                return PinPath(application.aid, file.instead_of), file
    raise CheckingError(profile.behaviour.unknown_terminal)


def _serves(profile: Profile, state: CardState, path: PinPath) -> bool:
    return profile.behaviour.terminal_replaces_set_pin or state.memory.reference_data[path].value is None

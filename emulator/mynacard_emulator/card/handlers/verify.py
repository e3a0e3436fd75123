"""VERIFY, its empty form, CHANGE REFERENCE DATA and RESET RETRY COUNTER (ISO 7816-4:2020, 11.6.6, 11.6.7, 11.6.10)."""

from __future__ import annotations

from hmac import compare_digest

from mynacard_emulator.card.commands import MAX_PIN_LENGTH, ChangeReferenceData, Query, ResetRetryCounter, Verify
from mynacard_emulator.card.profile import PinEF, PinPath, Profile
from mynacard_emulator.card.state import CardState, CheckingError, ReferenceData, Step
from mynacard_emulator.iso7816 import SW, ResponseAPDU, retries_left

from .files import answer_or_refuse, current_application, expect, insist, pin_path, referenced


def query(profile: Profile, state: CardState, command: Query) -> Step:
    """Tell how many tries are left, without spending one (F-016)."""
    if command.has_le and profile.behaviour.query_with_le is not None:
        raise CheckingError(profile.behaviour.query_with_le)
    pin = _pin(profile, state, command.sfi)
    counter = state.memory.reference_data[pin_path(state, pin)].counter
    here = _make_current(profile, state, pin, command.sfi)
    if counter.blocked:
        return answer_or_refuse(here, profile.behaviour.blocked_query)
    if pin.fid in state.session.verified and profile.behaviour.verified_query is not None:
        return Step(here, ResponseAPDU(sw=profile.behaviour.verified_query))
    return Step(here, ResponseAPDU(sw=retries_left(counter.left)))


def verify(profile: Profile, state: CardState, command: Verify) -> Step:
    """Compare with the reference data; a miss costs one try, a hit restores all (R-004, F-014, F-017)."""
    if command.has_le:
        insist(profile.behaviour.verify_with_le)
    pin = _pin(profile, state, command.sfi)
    path = pin_path(state, pin)
    data = state.memory.reference_data[path]
    if data.counter.blocked:
        raise CheckingError(profile.behaviour.blocked_verify)
    if profile.behaviour.strict_pin_length and len(command.attempt) not in pin.lengths:
        raise CheckingError(SW.WRONG_LENGTH)
    here = _make_current(profile, state, pin, command.sfi)
    if data.value is not None and compare_digest(data.value, command.attempt):
        return Step(here.with_pin(path, data.after_hit(), verified=True), ResponseAPDU())
    return _miss(profile, here, path, data)


def change_reference_data(profile: Profile, state: CardState, command: ChangeReferenceData) -> Step:
    """Set a new value for the current PIN, which must be verified; its tries are all left afterwards (F-028)."""
    if command.sfi is not None:
        insist(profile.behaviour.change_by_sfi)
    if not 1 <= len(command.new) <= MAX_PIN_LENGTH:
        raise CheckingError(profile.behaviour.change_wrong_length)
    application = current_application(profile, state)
    if application is not None and command.change_key is not application.change_key:
        insist(profile.behaviour.change_by_other_command)
    pin = _pin(profile, state, command.sfi)
    path = pin_path(state, pin)
    counter = state.memory.reference_data[path].counter
    if counter.blocked:
        raise CheckingError(profile.behaviour.blocked_change)
    if pin.fid not in state.session.verified:
        raise CheckingError(profile.behaviour.change_unverified)
    if profile.behaviour.strict_pin_length and len(command.new) not in pin.lengths:
        raise CheckingError(SW.WRONG_LENGTH)
    changed = ReferenceData(command.new, counter.restore())
    here = _make_current(profile, state, pin, command.sfi)
    return Step(here.with_pin(path, changed, verified=profile.behaviour.change_keeps_verified), ResponseAPDU())


def reset_retry_counter(profile: Profile, state: CardState, command: ResetRetryCounter) -> Step:
    """Give a PIN all its tries again, with the value that it has or with a new one; it is not verified by that."""
    pin = _pin(profile, state, command.sfi)
    path = pin_path(state, pin)
    data = state.memory.reference_data[path]
    value = data.value if command.new is None else command.new
    if value is None:
        raise CheckingError(SW.CONDITIONS_OF_USE_NOT_SATISFIED)
    if profile.behaviour.strict_pin_length and len(value) not in pin.lengths:
        raise CheckingError(SW.WRONG_LENGTH)
    here = _make_current(profile, state, pin, command.sfi)
    return Step(here.with_pin(path, ReferenceData(value, data.counter.restore()), verified=False), ResponseAPDU())


def _pin(profile: Profile, state: CardState, sfi: int | None) -> PinEF:
    """The PIN that a short identifier names, or the current one."""
    file = referenced(profile, state, sfi, profile.behaviour.verify_absent)
    return expect(file, PinEF, profile.behaviour.verify_not_a_pin)


def _miss(profile: Profile, state: CardState, path: PinPath, data: ReferenceData) -> Step:
    missed = data.after_miss()
    keeps = (
        profile.behaviour.keep_verified_on_failure and not missed.counter.blocked and path.fid in state.session.verified
    )
    return Step(state.with_pin(path, missed, verified=keeps), ResponseAPDU(sw=retries_left(missed.counter.left)))


def _make_current(profile: Profile, state: CardState, pin: PinEF, sfi: int | None) -> CardState:
    return state if sfi is None or not profile.behaviour.sfi_sets_current_ef else state.at_ef(pin.fid)

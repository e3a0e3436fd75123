"""What happens outside of the client: errands, services, other programs; and what must be so afterwards.

None of it is held against the client: where it does not go as the story has it, that is a harness error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from mynacard_conformance.adapters.pcsc_connection import PcscConnection
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.model.setting import NO_EFFECT, Effects
from mynacard_conformance.outcome import CertificateKind, HashKind, KeyKind, Outcome, ReadCertificate, Sign
from mynacard_conformance.verdict import Deed
from mynacard_conformance.wire import status

from .trial import StageFault, Trial

MESSAGE = "架空の文書".encode()
"""The document that holders sign."""

_ABOUT_PINS: Mapping[str, frozenset[Prospect]] = {
    "wrong_pin": frozenset({Prospect.WRONG}),
    "locked": frozenset({Prospect.USES_UP, Prospect.BLOCKED}),
    "absent": frozenset({Prospect.ABSENT}),
}


def visit(
    trial: Trial,
    errand: str,
    details: Mapping[str, object],
    *,
    then: str = "ok",
    tries: int | None = None,
    card: str = "",
    effects: Effects = NO_EFFECT,
) -> None:
    """Have an errand carried out, and hold the card to what it should have done and to nothing else (F-026)."""
    trial.happened(Deed.PAUSE)
    asked = {**details, **({"card": trial.cast.named(card)} if card else {})}
    before = trial.cast.certificates
    visited = trial.stage.office.perform(errand, **asked)
    trial.happened(Deed.VISIT, f"{errand} → {visited.outcome}", disturbs=True)
    if visited.outcome != then or (tries is not None and visited.tries_left != tries):
        raise StageFault(
            f"{errand}: the office said {visited.outcome} ({visited.tries_left}), the story {then} ({tries})"
        )
    oracle = trial.cast.oracle_of(card) if card else trial.oracle
    oracle.set(effects.sets)
    oracle.take_away(*effects.takes_away)
    for pin in effects.restores:
        oracle.restore(pin)
    if effects.spends is not None:
        oracle.spend(effects.spends)
    if effects.hands_over is not None:
        name, holder = effects.hands_over
        trial.cast.receive(name, visited.card, holder)
    trial.hold_card_to_oracle()
    if not card or trial.cast.named(card) is trial.cast.card:
        _hold_certificates(errand, before, trial.cast.certificates, effects)


def _hold_certificates(
    errand: str, before: Mapping[str, bytes | None], after: Mapping[str, bytes | None], effects: Effects
) -> None:
    for kind, old in before.items():
        new = after[kind]
        if kind in effects.removes:
            as_told = new is None
        elif kind in effects.replaces:
            as_told = new is not None and new != old
        else:
            as_told = new == old
        if not as_told:
            raise StageFault(f"{errand}: the {kind} certificate is not what the story has it to be")


def agrees(trial: Trial, key: KeyKind, pin: str, then: str) -> bool:
    """Whether oracle and story agree on what the entry comes to."""
    return trial.foresee(Sign(key, HashKind.SHA256, b"", pin)) in _ABOUT_PINS.get(then, {Prospect.RIGHT})


def log_in(trial: Trial, pin: str, *, then: str, certificate: bytes | None = None, account: str = "") -> bytes | None:
    """Have the holder log in at a service, with the client; return the certificate that was shown.

    A `certificate` is one that the client has kept; else it is read. None where the client did not come so far.
    """
    service = trial.stage.office.relying_party
    challenge = service.challenge()
    signature = _sign(trial, KeyKind.AUTH, pin, challenge)
    if signature is None:
        return None
    shown = certificate or _read(trial, ReadCertificate(CertificateKind.AUTH))
    if shown is None:
        return None
    answer = service.log_in(shown, challenge, signature)
    _hold(trial, "login", answer.outcome, then)
    if account and answer.account != account:
        raise StageFault(f"login: the service took the holder for {answer.account}, the story for {account}")
    return shown


def sign_document(trial: Trial, pin: str, *, then: str) -> bool:
    """Have the holder sign a document with the client, and somebody check it; whether the client came so far."""
    signature = _sign(trial, KeyKind.SIGN, pin, MESSAGE)
    certificate = None if signature is None else _read(trial, ReadCertificate(CertificateKind.SIGN, pin))
    if signature is None or certificate is None:
        return False
    _hold(trial, "document", trial.stage.office.relying_party.check_signature(certificate, MESSAGE, signature), then)
    return True


def register(trial: Trial, account: str, *, then: str = "ok") -> None:
    """Have the holder registered at the service, with the auth certificate that is on the card."""
    certificate = trial.stage.truth.certificate("auth")
    said = trial.stage.office.relying_party.register(account, certificate or b"").outcome
    _hold(trial, f"registration as {account}", said, then)


def transmit(trial: Trial, commands: Mapping[bytes, int] | tuple[tuple[bytes, int], ...]) -> None:
    """Have another program send commands, and hold the card to its status words."""
    trial.happened(Deed.PAUSE)
    reader = trial.stage.reader
    connection = trial.stage.connect() if reader is None else PcscConnection(reader)
    pairs = commands.items() if isinstance(commands, Mapping) else commands
    try:
        for command, expected in pairs:
            said = status(connection.transmit(command))
            if said != expected:
                raise StageFault(f"the card said {said or 0:04X} to another program, the story has {expected:04X}")
    finally:
        trial.look_away()
        leave = getattr(connection, "disconnect", None)
        if leave is not None:
            leave()
    trial.happened(Deed.OTHER_PROGRAM, disturbs=True)
    trial.hold_card_to_oracle()


def _sign(trial: Trial, key: KeyKind, pin: str, message: bytes) -> bytes | None:
    answer = trial.call(Sign(key, HashKind.SHA256, message, pin)).answer
    return _bytes(trial, answer.outcome, answer.value)


def _read(trial: Trial, call: ReadCertificate) -> bytes | None:
    answer = trial.call(call).answer
    return _bytes(trial, answer.outcome, answer.value)


def _bytes(trial: Trial, outcome: Outcome, value: object) -> bytes | None:
    """What the client brought back; nothing of a client that has just been caught."""
    return cast("bytes", value) if outcome is Outcome.OK and not trial.broken else None


def _hold(trial: Trial, what: str, said: str, then: str) -> None:
    trial.happened(Deed.SERVICE, f"{what} → {said}")
    if said != then:
        raise StageFault(f"{what}: the service said {said}, the story {then}")

"""What a scenario is made of: steps as frozen values, and the way a story is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never

from mynacard_conformance.judge import outside, served
from mynacard_conformance.judge.outside import Visits
from mynacard_conformance.judge.served import Serves
from mynacard_conformance.judge.trial import NotWithThisClient, StageFault, StoryFault, Trial
from mynacard_conformance.judge.turn import Played
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.model.setting import ORDINARY, Setting
from mynacard_conformance.outcome import (
    CertificateKind,
    ChangePin,
    HashKind,
    KeyKind,
    Outcome,
    ReadCertificate,
    Sign,
    TriesLeft,
    VerifyPin,
    operation_of,
)
from mynacard_conformance.verdict import Deed

from .checks import Check, hold


@dataclass(frozen=True, slots=True)
class Ask:
    """The user asks the client for something.

    Attributes:
        call: What.
        then: What the PIN entry in it comes to, as the story goes.
        tries: What the card's counter must be at a query, as the story goes.
        last_try_ok: Whether the user, warned of the last try, confirms.
        says: What the client must answer, where the story depends on it.

    """

    call: Played
    then: Prospect | None = None
    tries: int | None = None
    last_try_ok: bool = True
    says: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Happens:
    """Something happens to the card, the client or the time: so much `passes`, or it is `until` then.

    A `card` is the one that is put in, by what the setting calls it.
    """

    deed: Deed
    passes: timedelta = timedelta()
    until: datetime | None = None
    card: str = ""


AT_THE_CARD = frozenset({"wrong_pin", "locked", "absent", "card_removed"})
"""What no service hears of: a PIN that does not open the card, and a card that leaves while it is used."""


@dataclass(frozen=True, slots=True)
class LogsIn:
    """The holder logs in at a service, with the client.

    Attributes:
        service: Which, such as `mykey`.
        pin: What is typed; None where the certificate alone is shown.
        then: What comes of it: `wrong_pin`, `locked`, `absent` or `card_removed`, where it ends at the card, or else
            what the service says.
        details: What else is said there, such as the `browser`.
        shows: What the page must show, among other things.
        action: What the login is for.
        kept: The client shows the certificate of the last login, instead of reading it.

    """

    service: str
    pin: str | None = field(repr=False)
    then: str = "ok"
    details: Mapping[str, object] = field(default_factory=dict)
    shows: Mapping[str, str] = field(default_factory=dict)
    action: str = "log_in"
    kept: bool = False


@dataclass(frozen=True, slots=True)
class SignsDocument:
    """The holder signs a document with the client, and hands in that or an `altered` one (R-007).

    `then` is as at a login.
    """

    pin: str = field(repr=False)
    then: str = "ok"
    altered: bool = False


@dataclass(frozen=True, slots=True)
class Trusts:
    """The services trust the CAs of these cards from now on, by what the story calls them, and no others (PKI-01)."""

    cards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Raw:
    """Another program sends commands to the card, each with the status word that it has to get."""

    commands: tuple[tuple[bytes, int], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Orders:
    """A fault is ordered: `verify:1:tear-after` happens at the next entry."""

    fault: str


@dataclass(frozen=True, slots=True)
class Lasts:
    """An accident happens, by its name, and lasts until `PutRight`."""

    accident: str


@dataclass(frozen=True, slots=True)
class PutRight:
    """The accident is over."""


@dataclass(frozen=True, slots=True)
class KeepsPower:
    """Another program keeps a connection to the card, so that its power stays on when the client ends its own."""


@dataclass(frozen=True, slots=True)
class Looks:
    """Another program looks whether it can use the card."""


Step: TypeAlias = (
    Orders
    | Lasts
    | PutRight
    | KeepsPower
    | Looks
    | Ask
    | Happens
    | Visits
    | Serves
    | LogsIn
    | SignsDocument
    | Trusts
    | Raw
    | Check
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story about a card.

    Attributes:
        id: Its name for ever, such as `LOCK-01`.
        title, title_ja: What it is about.
        covers: Requirements of the source documents (R-) and facts (F-, K-) that it exercises.
        steps: What happens, in order.
        setting: How it begins.
        features: What a client must have announced.
        waits: What of the story is not played yet, and what for.

    """

    id: str
    title: str
    title_ja: str
    covers: tuple[str, ...]
    steps: tuple[Step, ...]
    setting: Setting = ORDINARY
    features: frozenset[str] = frozenset()
    waits: str = ""

    @property
    def family(self) -> str:
        """The family that it belongs to, such as `lock`."""
        name = self.id.partition("-")[0].lower()
        return {"reader": "readers", "fault": "faults", "elig": "eligibility"}.get(name, name)

    @property
    def is_quick(self) -> bool:
        """Whether it is about one ordinary card that stays in the reader, as most cards do."""
        return self.setting == ORDINARY and not any(_moves_card(step) for step in self.steps)


def _moves_card(step: Step) -> bool:
    """Whether a card has to be put into the reader anew for a step, or after it."""
    return isinstance(step, Visits | Orders | Lasts) or (
        isinstance(step, Happens) and step.deed in (Deed.EJECT, Deed.INSERT, Deed.EJECT_AND_INSERT)
    )


def tell(scenario: Scenario, trial: Trial) -> bool:
    """Play a scenario; return whether it was played to its end.

    It is not played where the client does not offer an acting step. It ends early where the client's conduct leads away
    from the story; a query that the client does not offer is left out. Raises `StageFault` where office, service or
    card do.
    """
    if missing(scenario, trial):
        return False
    if trial.is_blind and not all(isinstance(step, Ask | Happens | Check) for step in scenario.steps):
        return False  # what others do to the card could not be counted
    trial.begin(scenario.id, scenario.setting)
    told = _Told()
    for step in scenario.steps:
        try:
            if not _play(step, trial, told):
                return False
        except NotWithThisClient:
            return False
        except StoryFault:
            if trial.broken or trial.is_disturbed:  # something was done to the card that is not in the story
                return False
            raise
    trial.end()
    return True


def missing(scenario: Scenario, trial: Trial) -> tuple[str, ...]:
    """Name what the client does not offer and the story cannot do without: operations with their PINs, features."""
    acting = (call for step in scenario.steps for call in _acting(step))
    calls = (" ".join(_names(call)) for call in acting if not trial.offers(call))
    return (*dict.fromkeys(calls), *sorted(scenario.features - trial.client.features))


def _names(call: Played) -> Iterator[str]:
    yield operation_of(call).value
    if isinstance(call, VerifyPin | ChangePin):
        yield call.pin.value


@dataclass(slots=True)
class _Told:
    """What a story remembers: the certificate that was last shown to a service, and what services have shown."""

    certificate: bytes | None = None
    pages: Mapping[str, str] = field(default_factory=dict)


def _acting(step: Step) -> Iterator[Played]:
    """The calls without which a step cannot be played."""
    match step:
        case Ask(call) if not isinstance(call, TriesLeft):
            yield call
        case LogsIn(pin=None):
            yield ReadCertificate(CertificateKind.AUTH)
        case LogsIn():
            yield Sign(KeyKind.AUTH, HashKind.SHA256, b"")
            yield ReadCertificate(CertificateKind.AUTH)
        case SignsDocument():
            yield Sign(KeyKind.SIGN, HashKind.SHA256, b"")
            yield ReadCertificate(CertificateKind.SIGN)
        case _:
            return


def _play(step: Step, trial: Trial, told: _Told) -> bool:  # noqa: C901, PLR0911, PLR0912 - one arm a step
    """Play a step; return whether the story goes on."""
    match step:
        case Orders():
            trial.order(step.fault)
            return True
        case Lasts():
            trial.accident(step.accident)
            return True
        case PutRight():
            trial.put_right()
            return True
        case KeepsPower():
            trial.keep_power()
            return True
        case Looks():
            trial.look()
            return True
        case Happens():
            trial.deed(step.deed, passes=step.passes, until=step.until, card=step.card)
            return True
        case Visits():
            outside.visit(trial, step)
            return True
        case Serves():
            told.pages = served.serve(trial, step, told.pages)
            return True
        case Trusts():
            served.trust(trial, step.cards)
            return True
        case Raw():
            outside.transmit(trial, step.commands)
            return True
        case Check():
            hold(step, trial)
            return True
        case Ask():
            return _ask(step, trial)
        case LogsIn() | SignsDocument():
            return _use(step, trial, told)
        case _:
            assert_never(step)


def _ask(step: Ask, trial: Trial) -> bool:
    if not _goes_as_told(step, trial):
        return False
    if trial.offers(step.call):
        turn = trial.call(step.call, last_try_ok=step.last_try_ok)
        if step.says not in (None, turn.answer.outcome):
            return False
    return not trial.over


def _use(step: LogsIn | SignsDocument, trial: Trial, told: _Told) -> bool:
    key = KeyKind.SIGN if isinstance(step, SignsDocument) else KeyKind.AUTH
    if step.pin is not None and not served.agrees(trial, key, step.pin, step.then):
        return False
    if isinstance(step, SignsDocument):
        came_through = served.hand_in(trial, step.pin, altered=step.altered, then=step.then)
    else:
        came_through = _log_in(step, trial, told)
    return not trial.over and came_through is not (step.then in AT_THE_CARD)


def _log_in(step: LogsIn, trial: Trial, told: _Told) -> bool:
    if step.kept and told.certificate is None:
        raise StageFault("no certificate was kept")
    kept = told.certificate if step.kept else None
    asked = Serves(f"{step.service}.{step.action}", step.details, step.then, step.shows)
    came = served.log_in(trial, asked, step.pin, seen=told.pages, kept=kept)
    if came is None:
        return False
    told.pages, told.certificate = came
    return True


def _goes_as_told(step: Ask, trial: Trial) -> bool:
    """Whether the story's expectation and the oracle's agree.

    They part where the client has led away from the story: by a violation, or by stopping an entry itself.
    """
    left = trial.oracle.left.get(step.call.pin) if isinstance(step.call, TriesLeft) else None
    return trial.foresee(step.call) is step.then and step.tries in (None, left)

"""The machine of whole lives: what every step is held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import ClassVar

from cryptography import x509
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from mynacard_conformance.adapters.reference import ReferenceClient
from mynacard_conformance.model import dates
from mynacard_conformance.model.card import Card
from mynacard_conformance.model.certificate import Certificate
from mynacard_conformance.model.holder import MAX_TRIES, N1
from mynacard_conformance.model.life import Life
from mynacard_conformance.model.office import OK, PIN_OUTCOMES, foresee, settle
from mynacard_conformance.outcome import HashKind, KeyKind, Outcome, PinKind
from mynacard_conformance.ports import AnyStage, Served, StageAt, Visited

NAME, BORN, MADE = "架空　太郎", date(1980, 2, 17), date(2025, 10, 27)
"""Whose card it is, and when it was made: the profile `adult`."""

BEGINNINGS = tuple(
    datetime.fromisoformat(f"{when}+09:00")
    for when in ("2026-11-20T10:00:00", "2027-12-28T16:59:00", "2029-11-16T09:00:00", "2030-02-15T12:00:00")
)
"""Any day; the last hour of a year; the last day before renewal; the last days of the certificates."""

SERVICES = ("mykey", "portal")
"""Where the holder has an account."""
POINTS = 500
CHALLENGE_LASTS = timedelta(minutes=5)
_STOCK = 2
_MESSAGE = b"signed on the day it was issued"
_DESKS_THAT_LEAVE_A_TRACE = frozenset({"second_visit_required"})


class Disagreement(AssertionError):
    """The world did something that was not foreseen."""


@dataclass(slots=True)
class Played:
    """What was played in a run: each errand with each of its outcomes, and how often; and what is not offered."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    missing: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Proof:
    """A challenge that a service has given out, signed with the auth key: good once, and not for long."""

    service: str
    given: datetime
    challenge: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """A certificate of this life as bytes, and what was signed while its key was on the card.

    Attributes:
        foreseen: What is so of it.
        der: The certificate.
        signature: Of a document; None where the PIN was locked.
        proofs: What was signed with it to log in, and not been shown yet.

    """

    foreseen: Certificate
    der: bytes
    signature: bytes | None
    proofs: list[Proof] = field(default_factory=list)


class LifeMachine(RuleBasedStateMachine):
    """One life: a world, what is so in it as far as it was foreseen, and the papers that there are."""

    factory: ClassVar[Mapping[str, StageAt]]
    played: ClassVar[Played]

    def __init__(self) -> None:
        super().__init__()
        self.papers: dict[KeyKind, Paper] = {}
        self.old_papers: list[Paper] = []
        self.accounts: dict[str, str | None] = {}
        self.points = POINTS
        self.world: AnyStage | None = None

    @initialize(at=st.sampled_from(BEGINNINGS))
    def begin(self, at: datetime) -> None:
        """Hand over a card to somebody who has had none."""
        self.world = self.factory["open"](at)
        self.world.insert(self.world.issue(N1.profile))
        self.client = ReferenceClient(self.world.connect())
        card = Card(end=dates.card_end(MADE, BORN), pins=dict(N1.pins), says=(NAME, ""))
        self.life = Life(born=BORN, at=at, card=card, name=NAME)
        end = dates.last_second(dates.certificate_end(MADE, BORN, card.end))
        for kind in KeyKind:
            card.issue(Certificate(kind, datetime(2025, 10, 27, tzinfo=dates.JST), end, known_from=at))
        self._file_new_certificates(first=True)
        self._join()

    @property
    def stage(self) -> AnyStage:
        """The world, once it was opened."""
        if self.world is None:
            raise RuntimeError("the world was not opened")
        return self.world

    def teardown(self) -> None:
        """Take the world down."""
        if self.world is not None:
            self.world.close()

    # ------------------------------------------------------------ errands

    def offers(self, errand: str) -> bool:
        """Whether the office has such an errand; what it has not is noted."""
        desk, _, name = errand.partition(".")
        offered = callable(getattr(getattr(self.stage.office, desk, None), name, None))
        if not offered:
            self.played.missing.add(errand)
        return offered

    def go(self, errand: str, **details: object) -> str | None:
        """Have an errand carried out as it was foreseen, and return the outcome; None where it is not offered."""
        if not self.offers(errand):
            return None
        allowed = foresee(self.life, errand, details)
        before = self.stage.snapshot()
        visit = self.stage.office.perform(errand, **details)
        outcome = visit.outcome
        self.played.outcomes[errand, outcome] += 1
        self.agree(outcome in allowed, f"{errand} came to {outcome!r}; foreseen: {', '.join(sorted(allowed))}")
        tries = settle(self.life, errand, details, outcome)
        if visit.card is not None:
            self.stage.eject()
            self.stage.insert(visit.card)
        self.adopt(tries)
        if outcome == OK:
            self._note_order(visit)
            self._file_new_certificates()
        elif outcome not in PIN_OUTCOMES | _DESKS_THAT_LEAVE_A_TRACE and all(len(some) == 1 for some in tries.values()):
            self.agree(self.stage.snapshot() == before, f"{errand} was refused ({outcome}), and something has changed")
        return outcome

    def _note_order(self, visit: Visited) -> None:
        """Note from when on a card can be collected: in a month or two, or in about a week (F-062, F-063)."""
        order = self.life.order
        if order is not None and order.ready_on is None:
            days = (visit.ready_on - self.life.today).days if visit.ready_on is not None else -1
            self.agree(days in (range(5, 15) if order.express else range(28, 70)), f"a card is ready after {days} days")
            order.ready_on = visit.ready_on

    def pass_time(self, by: timedelta) -> None:
        """Let time pass."""
        self.stage.clock.advance(by)
        self.life.pass_time(self.stage.clock.now)

    def open_desk(self) -> None:
        """Wait until the counter is open."""
        if dates.desk_is_open(self.life.at):
            return
        morning = self.life.at.astimezone(dates.JST).replace(hour=9, minute=0, second=0, microsecond=0)
        while morning < self.life.at or not dates.desk_is_open(morning):
            morning += timedelta(days=1)
        self.pass_time(morning - self.life.at)

    # ------------------------------------------------------------ what must agree

    def agree(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - a condition, as in assert
        """Hold the world to something."""
        if not holds:
            raise Disagreement(f"{self.life.at:%Y-%m-%d %H:%M:%S}: {otherwise}")

    def adopt(self, tries: dict[PinKind, frozenset[int]]) -> None:
        """Hold the card to the tries that it may have now, and go on with those that it has."""
        for pin, allowed in tries.items():
            left = self.stage.truth.tries_left(pin.value)
            words = " or ".join(map(str, sorted(allowed)))
            self.agree(left in allowed, f"the {pin.value} PIN has {left} tries left; foreseen: {words}")
            self.life.card.left[pin] = next(each for each in allowed if each == left)

    @invariant()
    def the_chip_is_as_foreseen(self) -> None:
        """The tries of every PIN, and the certificates byte by byte."""
        if self.world is None:
            return
        self.adopt({pin: frozenset({left}) for pin, left in self.life.card.left.items()})
        for kind in KeyKind:
            paper = self.papers.get(kind)
            der = self.stage.truth.certificate(kind.value)
            self.agree(der == (paper and paper.der), f"the {kind.value} certificate on the chip is not as it was")

    @invariant()
    def whoever_relies_on_a_certificate_is_told_the_truth(self) -> None:
        """Its status now, for every certificate that there ever was."""
        if self.world is None:
            return
        for paper in (*self.papers.values(), *self.old_papers):
            if paper.signature is not None and paper.foreseen.kind is KeyKind.SIGN:
                proof = {"document": _MESSAGE, "certificate": paper.der, "signature": paper.signature}
                answer = self.stage.services.perform("etax.submit", **proof).outcome
                foreseen = paper.foreseen.answer(self.life.at)
                what = f"the {paper.foreseen.kind.value} certificate of {paper.foreseen.not_before:%Y-%m-%d %H:%M:%S}"
                self.agree(answer == foreseen, f"{what} is {answer}; foreseen: {foreseen}")

    @invariant()
    def nothing_outlives_what_it_hangs_on(self) -> None:
        """The sign certificate ends with the auth certificate at the latest, and that with the card (F-039)."""
        if self.world is None:
            return
        ends = [dates.last_second(self.life.card.end)]
        ends += [
            self.life.card.certificates[kind].not_after
            for kind in (KeyKind.AUTH, KeyKind.SIGN)
            if kind in self.life.card.certificates and self.life.card.certificates[kind].living(self.life.at)
        ]
        self.agree(ends == sorted(ends, reverse=True), "a certificate outlives what it hangs on")

    # ------------------------------------------------------------ papers

    def _file_new_certificates(self, *, first: bool = False) -> None:
        """File what was issued: it has the days that were foreseen, a new number, and a new key."""
        for kind in KeyKind:
            foreseen, old = self.life.card.certificates.get(kind), self.papers.get(kind)
            if old is not None and old.foreseen is not foreseen:
                self.old_papers.append(self.papers.pop(kind))
            if foreseen is not None and kind not in self.papers:
                der = self.stage.truth.certificate(kind.value)
                if der is None:
                    raise Disagreement(f"no {kind.value} certificate is on the chip, and one was issued")
                self._compare(kind, der, foreseen, first=first)
                self.papers[kind] = Paper(foreseen, der, self.sign(kind, _MESSAGE))
                if kind is KeyKind.AUTH:
                    self.sign_in_advance(self.papers[kind])

    def _compare(self, kind: KeyKind, der: bytes, foreseen: Certificate, *, first: bool) -> None:
        read = x509.load_der_x509_certificate(der)
        end = read.not_valid_after_utc
        self.agree(end == foreseen.not_after, f"the {kind.value} certificate ends {end}, not {foreseen.not_after}")
        if first:
            foreseen.not_before = read.not_valid_before_utc
        begin = read.not_valid_before_utc
        self.agree(begin == foreseen.not_before, f"the {kind.value} certificate begins {begin}")
        for other in (*self.papers.values(), *self.old_papers):
            before = x509.load_der_x509_certificate(other.der)
            self.agree(before.serial_number != read.serial_number, "a serial number was given out twice")
            self.agree(before.public_key() != read.public_key(), "a key pair was used for two certificates")

    def sign(self, kind: KeyKind, message: bytes) -> bytes | None:
        """Sign at home, as foreseen; None where the card does not."""
        card = self.life.card
        if not card.left.get(kind.pin):
            return None
        answer = self.client.sign(kind, card.pins[kind.pin], HashKind.SHA256, message)
        self.agree(answer.outcome is Outcome.OK, f"signing with the {kind.value} key came to {answer.outcome.value}")
        card.left[kind.pin] = MAX_TRIES[kind.pin]
        return answer.value if isinstance(answer.value, bytes) else None

    # ------------------------------------------------------------ services

    def _join(self) -> None:
        """Have the holder registered at each service, with points at the MyKey platform."""
        ask, paper = self.stage.services.perform, self.papers[KeyKind.AUTH]
        for service in SERVICES:
            proof = self.prove(service)
            if proof is None:
                raise Disagreement(f"the holder of a new card cannot log in at {service}")
            came = self._show(paper, proof).outcome
            self.agree(came == {"mykey": "not_registered"}.get(service, OK), f"a first login came to {came}")
        self.accounts["mykey"] = ask("mykey.create", name="KEY00001").account
        ask("portal.confirm", nickname="かくう")
        self.accounts["portal"] = ask("portal.complete").account
        ask("portal.log_out")
        ask("mykey.grant_points", name="KEY00001", points=POINTS)

    def prove(self, service: str) -> Proof | None:
        """Have a challenge of a service signed; None where the card does not."""
        challenge = self.stage.services.challenge(service)
        signature = self.sign(KeyKind.AUTH, challenge)
        return None if signature is None else Proof(service, self.life.at, challenge, signature)

    def sign_in_advance(self, paper: Paper) -> None:
        """Have challenges signed that are shown later, when the certificate may be an old one."""
        proofs = [self.prove(service) for service in SERVICES for _ in range(_STOCK)]
        paper.proofs[:] = [proof for proof in proofs if proof is not None]

    def log_in(self, paper: Paper, proof: Proof) -> None:
        """Log in: challenge and certificate decide, and the account is the one that was opened first (K-36)."""
        came, service = self._show(paper, proof), proof.service
        fresh = self.life.at - proof.given <= CHALLENGE_LASTS
        foreseen = paper.foreseen.answer(self.life.at) if fresh else "cert_invalid"
        self.played.outcomes[f"{service}.log_in", came.outcome] += 1
        self.agree(came.outcome == foreseen, f"logging in at {service} came to {came.outcome}; foreseen: {foreseen}")
        if came.outcome == OK:
            own = self.accounts[service]
            self.agree(came.account == own, f"logging in at {service} led to {came.account!r}, not to {own!r}")
            self.stage.services.perform(f"{service}.log_out")

    def pay(self) -> None:
        """Pay with a point: it is good for as long as the certificate is that was issued last (R-095)."""
        last = max((*self.papers.values(), *self.old_papers), key=_when_issued)
        came = self.stage.services.perform("mykey.use_points", name=self.accounts["mykey"], points=1)
        foreseen = last.foreseen.answer(self.life.at)
        self.played.outcomes["mykey.use_points", came.outcome] += 1
        self.agree(came.outcome == foreseen, f"paying came to {came.outcome}; foreseen: {foreseen}")
        if came.outcome == OK:
            self.points -= 1
            self.agree(came.shown["points"] == str(self.points), f"{came.shown['points']} points, not {self.points}")

    def _show(self, paper: Paper, proof: Proof) -> Served:
        """Show a certificate and a proof where a service asks for them."""
        if proof.service == "portal":
            self.stage.services.perform("portal.start")
        shown = {"certificate": paper.der, "challenge": proof.challenge, "signature": proof.signature}
        return self.stage.services.perform(f"{proof.service}.log_in", **shown)


def _when_issued(paper: Paper) -> tuple[bool, datetime]:
    """Auth certificates come after all others, and the youngest comes last."""
    return paper.foreseen.kind is KeyKind.AUTH, paper.foreseen.not_before

"""The verb `check-card`: one card, and the reader that it is in, judged."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .check import keep_caches_nowhere
from .opening import HARNESS_ERROR, UnusableError, open_stage
from .reporting import CONFORMANT, NOT_CONFORMANT

if TYPE_CHECKING:
    from mynacard_conformance.adapters.pcsc_reader import PcscReader
    from mynacard_conformance.card_checks.bench import Bench
    from mynacard_conformance.card_checks.check import Check
    from mynacard_conformance.card_checks.places import Pin
    from mynacard_conformance.card_checks.verdicts import CardReport
    from mynacard_conformance.ports import AnyStage
    from mynacard_conformance.report.messages import Language

_NAMES_OF_PAIRS = {"common": "juki"}
"""The register PIN is one PIN to its holder and two keys on the card (F-011)."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """The card that the user named, and what may be done to it."""

    reader: str | None
    emulated: str | None
    private: str | None
    pins: Mapping[str, bytes] = field(repr=False)
    pins_from: str | None
    spends: bool
    expendable: bool
    isolate: bool

    @property
    def arguments(self) -> str:
        """The arguments that name it, for a shell."""
        name, value = next(
            (name, value)
            for name, value in (("reader", self.reader), ("emulated", self.emulated), ("private", self.private))
            if value is not None
        )
        allowed = " --expendable" if self.expendable else " --may-spend-tries" if self.spends else ""
        pins = "" if self.pins_from is None else f" --pins {shlex.quote(self.pins_from)}"
        return f"--{name} {shlex.quote(value)}{allowed}{pins}"


@click.command("check-card")
@click.option("--reader", metavar="NAME", help="Judge the card in this PC/SC reader, by its name or how that begins.")
@click.option("--emulated", metavar="PROFILE", help="Judge the emulator's own card, in this process.")
@click.option("--private", metavar="PROFILE", help="Judge the same through a private PC/SC stack, and its reader.")
@click.option(
    "--pins",
    "pins_from",
    metavar="FILE",
    help="Lines such as auth=1234, with the PINs of the card; - is standard input.",
)
@click.option("--may-spend-tries", "spends", is_flag=True, help="Wrong PINs may be entered; never the last try.")
@click.option("--expendable", is_flag=True, help="PINs that were given may be changed, and in the end be locked.")
@click.option("--requirement", "ids", multiple=True, metavar="ID", help="Try only this requirement; repeat for more.")
@click.option("--examples", type=click.IntRange(0), default=25, show_default=True, help="Random lives of the card.")
@click.option(
    "--ceiling", type=click.FloatRange(0), default=60.0, show_default=True, help="Seconds that they may take."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Decides the random lives.")
@click.option(
    "--isolate", is_flag=True, help="Fail, rather than warn, where the stack cannot have namespaces of its own."
)
@click.option(
    "--lang",
    type=click.Choice(["en", "ja"]),
    default=None,
    help="Language of the verdict; by default that of the locale.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def check_card(
    ctx: click.Context,
    *,
    reader: str | None,
    emulated: str | None,
    private: str | None,
    pins_from: str | None,
    spends: bool,
    expendable: bool,
    ids: tuple[str, ...],
    examples: int,
    ceiling: float,
    seed: int,
    isolate: bool,
    lang: Language | None,
    as_json: bool,
) -> None:
    """Judge a card, and its reader, on whether they are what they should be.

    Without more options nothing is sent that a card has to pay for, and no PIN. A real card must be your own, or a test
    card. Exit status: 0 conformant, 1 not, 2 wrong usage or an environment that cannot serve, 3 harness error or
    nothing could be judged.
    """
    if sum(name is not None for name in (reader, emulated, private)) != 1:
        raise click.UsageError("name one card: --reader NAME, --emulated PROFILE or --private PROFILE", ctx)
    pins = {} if pins_from is None else _pins(pins_from)
    if expendable and reader is not None and not pins:
        raise click.UsageError("--expendable is about PINs that are known; give them by --pins FILE", ctx)
    choice = _Choice(reader, emulated, private, pins, pins_from, spends, expendable, isolate)
    keep_caches_nowhere()

    from mynacard_conformance.card_checks.judging import judge  # noqa: PLC0415 - Hypothesis comes with it
    from mynacard_conformance.card_checks.lives import Lives  # noqa: PLC0415 - likewise
    from mynacard_conformance.report import cards, messages  # noqa: PLC0415 - likewise

    checks = _chosen(ids)
    lives = Lives(examples, seed, ceiling=ceiling) if examples and not ids else None
    with _open(choice) as (bench, name):
        report = judge(bench, name, checks, lives)
    if as_json:
        click.echo(json.dumps(cards.describe(report), ensure_ascii=False, indent=2))
    else:
        rerun = f"mynacard check-card {choice.arguments}"
        for line in cards.write(report, messages.language_or_locale(lang), rerun=rerun):
            click.echo(line)
    ctx.exit(_status(report))


def _chosen(ids: tuple[str, ...]) -> tuple[Check, ...]:
    from mynacard_conformance.card_checks.table import CHECKS  # noqa: PLC0415 - `--help` needs none of them

    known = {check.id: check for check in CHECKS}
    unknown = [wanted for wanted in ids if wanted not in known]
    if unknown:
        raise click.UsageError(f"no requirement {', '.join(unknown)}; `mynacard requirements` lists them")
    return tuple(known[wanted] for wanted in ids) or CHECKS


def _pins(source: str) -> dict[str, bytes]:
    """Read PINs; a message about a line never shows it."""
    from mynacard_conformance.card_checks.places import PINS  # noqa: PLC0415 - `--help` needs none of them

    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="ascii")
    except UnicodeDecodeError:
        raise UnusableError(f"{source}: PINs are ASCII") from None
    names = [pin.name for pin in PINS]
    pins = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, equals, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not equals or name not in names or not 1 <= len(value) <= 16 or not value.isascii():
            raise UnusableError(f"line {number} of the PINs: write NAME=VALUE; the names are {', '.join(names)}")
        pins[name] = value.encode("ascii")
    return pins


def _by_pin(value_of: Callable[[str], bytes | None]) -> dict[Pin, bytes]:
    """The values of all PINs that somebody knows by name."""
    from mynacard_conformance.card_checks.places import PINS  # noqa: PLC0415 - `--help` needs none of them

    found = {pin: value_of(pin.name) or value_of(_NAMES_OF_PAIRS.get(pin.name, pin.name)) for pin in PINS}
    return {pin: value for pin, value in found.items() if value is not None}


def reader_with_card(name: str) -> PcscReader:
    """The reader of this name, in which a card is."""
    from mynacard_conformance.adapters.connection import ConnectionLost, NoCard  # noqa: PLC0415 - `--help` needs neither
    from mynacard_conformance.adapters.pcsc_reader import PcscReader  # noqa: PLC0415 - likewise

    try:
        reader = PcscReader(name)
    except ConnectionLost as error:
        raise UnusableError(str(error)) from None
    try:
        reader.connect().close()
    except NoCard:
        raise UnusableError(f"no card is in {reader.name}; put one in") from None
    except ConnectionLost as error:
        raise UnusableError(f"{reader.name}: {error}") from None
    return reader


@contextmanager
def _open(choice: _Choice) -> Iterator[tuple[Bench, str]]:
    from mynacard_conformance.adapters.pcsc_reader import PcscCard, PcscReader  # noqa: PLC0415 - `--help` needs it not
    from mynacard_conformance.card_checks.bench import Allowance, Bench  # noqa: PLC0415 - likewise

    if choice.reader is not None:
        allowance = Allowance(_by_pin(choice.pins.get), choice.spends, choice.expendable)
        reader = reader_with_card(choice.reader)
        card = PcscCard(reader)
        try:
            yield Bench(card, allowance, reader=reader), reader.name
        finally:
            card.release()
        return
    with ExitStack() as cleanup:
        stage = open_stage("direct" if choice.emulated is not None else "private", isolate=choice.isolate)
        cleanup.callback(stage.close)
        if stage.warning:
            click.echo(f"mynacard: {stage.warning}", err=True)
        profile = choice.emulated or choice.private or ""
        held = stage.issue(profile)
        stage.insert(held)
        known = {**_by_pin(stage.truth.pin), **_by_pin(choice.pins.get)}
        allowance = Allowance(known, spends=True, expendable=True)
        memory = stage.snapshot()
        hand = StagehandAt(stage, held)
        if stage.reader is None:
            card_at_contacts = stage.at_contacts()
            yield Bench(card_at_contacts, allowance, lambda: stage.restore(memory)), profile
            return
        reader = PcscReader(stage.reader)
        card = PcscCard(reader)
        cleanup.callback(card.release)
        bench = Bench(card, allowance, lambda: stage.restore(memory), reader=reader, hand=hand)
        yield bench, f"{profile}, in {reader.name}"


@dataclass(frozen=True, slots=True)
class StagehandAt:
    """Somebody at the card on a stage."""

    stage: AnyStage
    card: Any

    def take_out(self) -> None:
        """Take it out of the reader."""
        self.stage.eject()

    def put_in(self) -> None:
        """Put it in again."""
        self.stage.insert(self.card)

    def order(self, accident: str) -> None:
        """Let something go wrong at its next command."""
        self.stage.fault(accident)


def _status(report: CardReport) -> int:
    if report.fault or not report.judged_anything:
        return HARNESS_ERROR
    return CONFORMANT if report.conformant else NOT_CONFORMANT

"""The verb `status`: what the registry and relying parties know of a card."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from mynacard_emulator.office.card_files import CardFiles
from mynacard_emulator.office.enrolment import card_serial
from mynacard_emulator.office.registry import (
    AgentCase,
    CardEntry,
    LossReport,
    PendingWrite,
    Person,
    PhoneToken,
    Registry,
    Reservation,
)
from mynacard_emulator.office.registry_file import StoredRegistry
from mynacard_emulator.office.status import RegistryStatus
from mynacard_emulator.pki.status import Good, Revoked

from .options import registry_of, registry_option

Sections = dict[str, dict[str, str]]


@click.command()
@click.argument("card", metavar="CARD|SERIAL")
@registry_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(card: str, registry: Path | None, as_json: bool) -> None:
    """Show what is known of a card.

    CARD is its file, or its fifteen digits: what the registry knows, and what relying parties hear.
    """
    file = None if card.isalnum() and not Path(card).exists() else Path(card)
    path = registry_of(registry, file)
    stored = StoredRegistry.look(path)
    serial = card if file is None else card_serial(CardFiles().look(file)) or ""
    if stored.registry.find(CardEntry, serial) is None and not any(stored.registry.certificates_of(serial)):
        known = ", ".join(each.serial for each in stored.registry.all(CardEntry))
        raise click.ClickException(f"{path} does not know {card}; it knows {known or 'no card, see office enrol'}")
    sections = _sections(stored, serial)
    if as_json:
        click.echo(json.dumps(sections, ensure_ascii=False, indent=2))
        return
    for section, lines in sections.items():
        click.echo(section if lines else f"{section}: none")
        for name, value in lines.items():
            click.echo(f"  {name:22}{value}")


def _sections(stored: StoredRegistry, serial: str) -> Sections:
    """All of it; a telephone has certificates, and no entry of its own."""
    registry = stored.standing
    card = registry.find(CardEntry, serial)
    owned = card or next(registry.certificates_of(serial))
    person = registry.find(Person, owned.person)
    return {
        "registry": {"time": f"{stored.clock.now:%Y-%m-%d %H:%M:%S}"},
        "person": {} if person is None else dict(_person(person)),
        "card": dict(_phone(registry, serial)) if card is None else dict(_card(card)),
        "certificates": dict(_certificates(stored, serial)),
        "open": {} if card is None else dict(_open(registry, card)),
    }


def _person(person: Person) -> Iterator[tuple[str, str]]:
    yield "name", person.holder.name
    yield "address", person.holder.address
    yield "municipality", f"{person.municipality.code} {person.municipality.city}"
    if person.stay_until is not None:
        yield "stays until", str(person.stay_until)
    if person.abroad:
        yield "lives", "abroad"
    if person.died is not None:
        yield "died", str(person.died)


def _phone(registry: Registry, serial: str) -> Iterator[tuple[str, str]]:
    yield "serial", serial
    yield "kind", "telephone"
    if (token := registry.find(PhoneToken, serial)) is not None:
        yield "state", token.state.value
        yield "last day", str(token.not_after)


def _card(card: CardEntry) -> Iterator[tuple[str, str]]:
    yield "serial", card.serial
    yield "state", card.state.value
    yield "mode", card.mode.value
    yield "last day", str(card.not_after)
    if card.moved is not None:
        yield "moved", str(card.moved)
    if card.suspended_at is not None:
        yield "suspended", f"{card.suspended_at:%Y-%m-%d %H:%M:%S}"
    if card.replaces is not None:
        yield "replaces", card.replaces


def _certificates(stored: StoredRegistry, serial: str) -> Iterator[tuple[str, str]]:
    """Each with its state here, and what relying parties hear; the oldest first."""
    for entry in sorted(stored.standing.certificates_of(serial), key=lambda entry: entry.serial_number):
        heard = RegistryStatus(stored).status(entry.kind, entry.generation, entry.serial_number)
        match heard:
            case Good():
                told = "good"
            case Revoked():
                told = f"revoked since {heard.at:%Y-%m-%d}, {heard.reason.word}"
            case _:
                told = "unknown"
        days = f"{entry.not_before:%Y-%m-%d} to {entry.not_after:%Y-%m-%d}"
        yield (
            f"{entry.kind.value} {entry.serial_number:08X}",
            f"{entry.state.value}, {days}; relying parties hear: {told}",
        )


def _open(registry: Registry, card: CardEntry) -> Iterator[tuple[str, str]]:
    """Whatever waits for somebody."""
    for reservation in registry.all(Reservation):
        if reservation.card == card.serial and not reservation.used:
            yield f"{reservation.pin} reservation", f"made {reservation.made:%Y-%m-%d %H:%M:%S}"
    for case in registry.all(AgentCase):
        if case.card == card.serial and not case.done:
            yield f"agent, {case.errand}", f"form posted {case.opened:%Y-%m-%d %H:%M:%S}"
    if (loss := registry.find(LossReport, card.serial)) is not None:
        yield "reported lost", f"{loss.reported:%Y-%m-%d %H:%M:%S}"
    for other in registry.all(CardEntry):
        if other.replaces == card.serial:
            yield "replaced by", f"{other.serial}, {other.state.value}"
    if registry.find(PendingWrite, card.serial) is not None:
        yield "chip", "to be written when the card is brought next"

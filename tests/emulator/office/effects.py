"""What an errand has changed, fact by fact, as the table of after-effects names the facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mynacard_emulator.applications.pins import PINS
from mynacard_emulator.office.registry import CertificateEntry
from mynacard_emulator.personalise.pins import Pins
from mynacard_emulator.world import World

Facts = dict[str, object]


def facts(world: World) -> Facts:
    """Of each PIN value and tries, of each kind of certificate what is on the chip, and every entry of the registry."""
    return dict((*_of_pins(world), *_of_chip(world), *_of_registry(world)))


def changed(before: Facts, after: Facts) -> set[str]:
    """The names of the facts that differ; an entry that is new has the name of its table."""
    known = {name for name in before if before[name] != after.get(name)}
    return known | {name.partition("/")[0] for name in after.keys() - before.keys()}


def _of_pins(world: World) -> Iterator[tuple[str, object]]:
    memory = world.current.in_hand.card.state.memory.reference_data
    for pin, paths in PINS.items():
        data = [memory[path] for path in paths if path in memory]
        yield f"{pin} value", tuple(one.value for one in data)
        yield f"{pin} tries", tuple(one.counter.left for one in data)


def _of_chip(world: World) -> Iterator[tuple[str, object]]:
    issued = world.current.in_hand.issued
    jpki = issued.jpki
    for kind in ("auth", "sign"):
        yield f"{kind} on the chip", (issued.certificate(kind), jpki and jpki.authorities().get(f"{kind}_ca"))
    rest = jpki and replace(jpki, auth=None, auth_ca=b"", sign=None, sign_ca=b"")
    yield "everything else", replace(issued, pins=Pins(), jpki=rest)


def _of_registry(world: World) -> Iterator[tuple[str, object]]:
    """Every entry as it stands now, by its key; a certificate that was there from the beginning by its kind."""
    for key, entry in world.office.standing.entries.items():
        if isinstance(entry, CertificateEntry) and entry.not_before.date() == world.current.in_hand.issued.made:
            yield f"{entry.kind.value} certificate", entry
        elif not key.startswith(("person", "card")):
            yield key, entry
        else:
            yield key.partition("/")[0], entry

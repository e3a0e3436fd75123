"""A registry in its file: what an errand changed is there for the next command, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.office.card_files import CardFiles
from mynacard_emulator.office.enrolment import card_serial
from mynacard_emulator.office.policy import HoldPolicy, Policy
from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.office.registry import CardEntry, Entry, PendingWrite, Person
from mynacard_emulator.office.registry_file import LiveRegistry, StoredRegistry
from mynacard_emulator.personalise import codec
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.pki.errors import StatusUnavailableError
from mynacard_emulator.storage import (
    CardFileExists,
    CardFileInUse,
    NotARegistryFile,
    RegistryFile,
    RegistryFileDamaged,
    RegistryFileMissing,
)

OPENING = datetime(2026, 11, 20, 10, tzinfo=JST)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "registry.json"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    made = tmp_path / "card.json"
    CardInHand.create(made, profiles.load("adult", today=OPENING.date()), {"auth": "locked"}).close()
    return made


@pytest.fixture
def known(path: Path, card: Path) -> Path:
    """A registry that knows the card."""
    with StoredRegistry.create(path, at=OPENING) as stored:
        stored.office(CardFiles()).enrol(card)
    return path


def tries_left(card: Path) -> int | None:
    return CardInHand.look(card).tries_left("auth")


# ---------------------------------------------------------------- what is stored
def test_a_card_that_is_known_stays_known(known: Path, card: Path) -> None:
    with StoredRegistry.open(known) as stored:
        before = stored.registry
        stored.office(CardFiles()).enrol(card)

    assert StoredRegistry.look(known).registry == before
    assert [entry.serial for entry in before.all(CardEntry)] == [card_serial(CardInHand.look(card).issued)]
    assert [person.holder.name for person in before.all(Person)] == ["架空　太郎"]


def test_an_errand_changes_the_card_in_its_file(known: Path, card: Path) -> None:
    with StoredRegistry.open(known) as stored:
        assert stored.office(CardFiles()).counter.reset_pin("auth", new="5678", card=card).done

    assert tries_left(card) == 3
    assert (
        StoredRegistry.look(known).registry.find(PendingWrite, card_serial(CardInHand.look(card).issued) or "") is None
    )


def test_what_is_refused_is_not_even_written(known: Path, card: Path) -> None:
    before = known.read_bytes(), card.read_bytes()
    with StoredRegistry.open(known) as stored:
        visit = stored.office(CardFiles()).counter.reset_pin("auth", new="56789", card=card)

    assert visit.refusal is Refusal.PIN_FORMAT
    assert (known.read_bytes(), card.read_bytes()) == before


def test_clock_and_policy_are_those_of_the_registry(path: Path) -> None:
    policy = Policy(hold_policy=HoldPolicy.AUTH_RESUMES, status_lag=timedelta(hours=24), require_mix=False)
    with StoredRegistry.create(path, at=OPENING, policy=policy) as stored:
        stored.move_clock(OPENING + timedelta(days=3))

    again = StoredRegistry.look(path)
    assert (again.clock.now, again.policy) == (OPENING + timedelta(days=3), policy)


def test_the_clock_never_runs_backwards(path: Path) -> None:
    with StoredRegistry.create(path, at=OPENING) as stored:
        with pytest.raises(ValueError, match="never runs backwards"):
            stored.move_clock(OPENING - timedelta(seconds=1))
        assert stored.clock.now == OPENING

    assert StoredRegistry.look(path).clock.now == OPENING


def test_what_is_only_looked_at_is_not_held_and_not_changed(known: Path) -> None:
    before = known.read_bytes()
    with StoredRegistry.open(known):
        StoredRegistry.look(known).move_clock(OPENING + timedelta(days=1))

    assert known.read_bytes() == before


# ---------------------------------------------------------------- interruptions
def test_what_was_decided_before_an_interruption_is_written_when_the_card_comes_next(known: Path, card: Path) -> None:
    serial = card_serial(CardInHand.look(card).issued) or ""
    with RegistryFile.open(known) as file:
        file.write({f"chip/{serial}": codec.encode(PendingWrite(card=serial, pins=(("auth", "9876"),)))})

    with StoredRegistry.open(known) as stored:
        assert stored.office(CardFiles()).counter.reset_pin("text", new="5678", card=card).done
        assert stored.registry.find(PendingWrite, serial) is None

    assert tries_left(card) == 3


def test_a_card_that_somebody_else_holds_stays_as_it_is_and_so_does_the_registry(known: Path, card: Path) -> None:
    before = known.read_bytes()
    with StoredRegistry.open(known) as stored, CardInHand.open(card), pytest.raises(CardFileInUse):
        stored.office(CardFiles()).counter.reset_pin("auth", new="5678", card=card)

    assert known.read_bytes() == before
    assert tries_left(card) == 0


# ---------------------------------------------------------------- what is not a registry
PERSON = {
    "my_number": "123456789012",
    "holder": {
        "name": "架空　太郎",
        "sex": "1",
        "born": "1980-02-17",
        "address": "東京都",
        "name_substitutes": "00000",
        "address_substitutes": "000",
    },
    "municipality": {"code": "99001", "prefecture": "Tokyo-to", "city": "Kaku-shi"},
    "stay_until": None,
    "abroad": False,
    "guardianship": False,
    "died": None,
}
NOW = OPENING.isoformat()


@pytest.mark.parametrize(
    ("fixed", "entries", "where"),
    [
        ({}, {"clock": NOW}, "it has no policy"),
        ({"policy": {}}, {}, "it has no clock"),
        ({"policy": []}, {"clock": NOW}, "policy: expected an object"),
        ({"policy": {"weather": "fine"}}, {"clock": NOW}, "policy.weather: no such question"),
        (
            {"policy": {"require_mix": "maybe"}},
            {"clock": NOW},
            "policy.require_mix: 'maybe' is not one of: true, false",
        ),
        ({"policy": {}}, {"clock": "2026-11-31T10:00:00+09:00"}, "clock: expected a date and time with offset"),
        ({"policy": {}}, {"clock": "2026-11-20T10:00:00"}, "clock: expected a date and time with offset"),
        ({"policy": {}}, {"clock": "9999-12-31T10:00:00+09:00"}, "9999-12-31 is not between 2016-01-01 and 2099-12-31"),
        ({"policy": {}}, {"clock": NOW, "weather/1": {}}, "weather/1: no such table here"),
        ({"policy": {}}, {"clock": NOW, "person/1": PERSON}, "person/1: the entry of another name"),
        ({"policy": {}}, {"clock": NOW, "person/1": {**PERSON, "died": "never"}}, "person/1.died: expected a date"),
        ({"policy": {}}, {"clock": NOW, "person/1": [1]}, "person/1: expected an object"),
    ],
)
def test_a_file_that_says_what_no_registry_says_is_damaged_and_left_as_it_is(
    path: Path, fixed: Any, entries: Any, where: str
) -> None:
    RegistryFile.create(path, fixed, entries).close()
    before = path.read_bytes()
    for read in (StoredRegistry.look, StoredRegistry.open):
        with pytest.raises(RegistryFileDamaged) as refusal:
            read(path)
        assert f"({where})" in str(refusal.value)
        assert len(str(refusal.value).splitlines()) == 1
    assert path.read_bytes() == before
    RegistryFile.open(path).close()  # nobody holds it


@pytest.mark.parametrize("read", [StoredRegistry.look, StoredRegistry.open])
def test_a_card_is_no_registry(card: Path, read: Callable[[Path], StoredRegistry]) -> None:
    with pytest.raises(NotARegistryFile, match="is a card file, not a registry file"):
        read(card)


def test_every_table_has_a_name_of_its_own() -> None:
    tables = get_args(Entry)

    assert len({table.TABLE for table in tables}) == len(tables)


# ---------------------------------------------------------------- new cards
def test_a_card_that_is_handed_over_is_put_into_a_file_and_an_interrupted_errand_can_be_repeated(
    tmp_path: Path,
) -> None:
    issued = profiles.load("child", today=OPENING.date())
    hand = CardFiles(tmp_path / "new.json")

    assert hand.receive(issued, {}) == hand.receive(issued, {}) == tmp_path / "new.json"
    assert CardInHand.look(tmp_path / "new.json").issued == issued


@pytest.mark.parametrize("there", ["a card", "a letter"])
def test_a_card_that_is_handed_over_replaces_nothing(tmp_path: Path, card: Path, there: str) -> None:
    taken = card if there == "a card" else tmp_path / "letter.txt"
    if there == "a letter":
        taken.write_text("Dear holder")
    before = taken.read_bytes()

    with pytest.raises(CardFileExists):
        CardFiles(taken).receive(profiles.load("child", today=OPENING.date()), {})
    assert taken.read_bytes() == before


# ---------------------------------------------------------------- whoever looks on
def test_whoever_looks_on_sees_what_others_change(known: Path) -> None:
    live = LiveRegistry(known)
    assert live.clock.now == OPENING

    with StoredRegistry.open(known) as stored:
        stored.move_clock(OPENING + timedelta(days=1))

    assert live.clock.now == OPENING + timedelta(days=1)


def test_a_file_that_has_not_changed_is_not_read_again(known: Path) -> None:
    live = LiveRegistry(known)

    assert live.standing is live.standing


def test_whoever_looks_on_says_so_while_there_is_nothing_to_see(known: Path) -> None:
    live = LiveRegistry(known)
    before = live.standing
    raw = known.read_bytes()

    known.rename(known.with_name("away"))
    with pytest.raises(StatusUnavailableError):
        _ = live.standing
    known.write_bytes(b"something else")
    with pytest.raises(StatusUnavailableError, match="not a registry file"):
        _ = live.standing
    known.write_bytes(raw)
    assert live.standing == before


def test_a_registry_that_is_not_there_from_the_beginning_is_a_mistake(path: Path) -> None:
    with pytest.raises(RegistryFileMissing):
        LiveRegistry(path).require()

"""A world at one moment: kept, gone back to, forked, compared, and written down."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mynacard_fixtures
from mynacard_emulator import profiles
from mynacard_emulator.readers.port import ReaderError
from mynacard_emulator.world import NoCardError, Snapshot, SnapshotError, World, WorldCard, diff, open_world
from mynacard_emulator.world.written import VERSION

from .test_world import PIN, RIGHT, SELECT, WRONG, talk

RECORDED = Path(mynacard_fixtures.__file__).parent / "snapshots"
GOLDEN = RECORDED / "v1" / "world" / "two-cards.json"


@pytest.fixture
def world() -> World:
    """Two readers, an office, a card in the first reader."""
    world = open_world("direct", readers=2)
    world.insert(world.issue("adult"))
    assert world.office.registry.entries
    return world


def lines(before: Snapshot, after: Snapshot) -> list[str]:
    return [str(change) for change in diff(before, after)]


def spend(world: World) -> None:
    talk(world, SELECT, PIN, WRONG)


def turn_upside_down(world: World) -> WorldCard:
    """Change everything that a snapshot remembers; return a card that is new."""
    spend(world)
    world.eject()
    world.insert(world.current, reader=1)
    world.clock.advance(timedelta(days=40))
    world.office.perform("hotline.suspend")
    new = world.issue("foreigner")
    world.insert(new)
    return new


# ---------------------------------------------------------------- restore


def test_going_back_to_before_the_first_card_leaves_none() -> None:
    world = open_world("direct")
    empty = world.snapshot()
    world.insert(world.issue("adult"))

    world.restore(empty)

    assert (world.cards, world.card_in()) == ((), None)
    with pytest.raises(NoCardError, match="ever inserted"):
        _ = world.current
    with pytest.raises(NoCardError, match="reader 0"):
        world.last_in(0)


def test_everything_comes_back(world: World) -> None:
    before = world.snapshot()
    card = world.current
    turn_upside_down(world)

    world.restore(before)

    assert diff(before, world.snapshot()) == ()  # the card that came since is forgotten
    assert (world.card_in(0), world.card_in(1), world.current) == (card, None, card)
    assert (world.clock.now, world.office.registry) == (before.now, before.registry)
    assert world.truth.tries_left("auth") == 3


def test_a_card_that_is_where_it_was_stays_in_its_session(world: World) -> None:
    before = world.snapshot()
    spend(world)
    seen = len(world.truth.trace())

    world.restore(before)

    assert len(world.truth.trace()) == seen
    assert talk(world, WRONG) == ["63c2"]


def test_a_card_that_was_written_since_becomes_the_one_it_was(world: World) -> None:
    before, certificate = world.snapshot(), world.truth.certificate("auth")
    assert world.office.perform("counter.convert_to_face_auth").outcome == "ok"
    assert world.snapshot() != before

    world.restore(before)

    assert (world.snapshot(), world.truth.certificate("auth")) == (before, certificate)


def test_a_world_without_an_office_goes_back_to_none() -> None:
    world = open_world("direct")
    world.insert(world.issue("adult"))
    before = world.snapshot()
    assert world.office.registry.entries

    world.restore(before)

    assert world.snapshot() == before


def test_a_snapshot_that_was_taken_before_the_world_began_anew_brings_its_cards_back(world: World) -> None:
    spend(world)
    before = world.snapshot()
    world.begin()

    world.restore(before)

    assert world.snapshot() == before
    assert world.truth.tries_left("auth") == 2


def test_a_world_with_too_few_readers_says_so() -> None:
    with pytest.raises(ReaderError, match="2 readers; open one with as many"):
        open_world("direct").restore(open_world("direct", readers=2).snapshot())


def test_switches_of_the_office_come_back() -> None:
    world = open_world("direct")
    world.begin(policy={"require_mix": False})
    before = world.snapshot()
    world.begin()

    world.restore(before)

    assert world.office.policy.require_mix is False


# ---------------------------------------------------------------- fork


def test_a_fork_is_the_same_to_the_session_and_goes_its_own_way(world: World) -> None:
    talk(world, SELECT, PIN, WRONG)
    world.insert(world.issue("contactless"), reader=1)
    uid = world.transmit(bytes.fromhex("FFCA000000"), 1)
    before = world.snapshot()

    other = world.fork()

    assert (other.snapshot(), other.truth.trace()) == (before, world.truth.trace())
    assert other.transmit(bytes.fromhex("FFCA000000"), 1) == uid
    assert talk(other, WRONG) == ["63c1"]
    assert other.office.perform("hotline.suspend").outcome == "ok"
    assert world.snapshot() == before
    assert talk(world, RIGHT) == ["9000"]
    assert other.truth_of(reader=0).tries_left("auth") == 1


def test_a_fork_draws_the_same_from_then_on(world: World) -> None:
    world.swap(world.issue("contactless"))
    other = world.fork()
    for each in (world, other):
        each.power_cycle()

    assert talk(world, bytes.fromhex("FFCA000000")) == talk(other, bytes.fromhex("FFCA000000"))
    assert world.issue("adult").in_hand.issued == other.issue("adult").in_hand.issued


# ---------------------------------------------------------------- diff


def test_nothing_differs_between_equal_worlds(world: World) -> None:
    assert diff(world.snapshot(), world.snapshot()) == ()


def test_what_differs_is_told_in_words(world: World) -> None:
    before = world.snapshot()
    turn_upside_down(world)

    told = lines(before, world.snapshot())

    assert "clock: time: 2026-11-20 10:00:00+09:00 → 2026-12-30 10:00:00+09:00" in told
    assert "reader 0: card: card 0 → card 1" in told
    assert "reader 1: card: none → card 0" in told
    assert "card 0: tries left of auth: 3 → 2" in told
    assert "card 1: itself: none → foreigner" in told
    assert any(line.startswith("registry: card ") and " state: " in line for line in told)
    assert any(line.startswith("registry: person …") and line.endswith(": none → there") for line in told)


def test_a_new_value_is_told_and_never_shown(world: World) -> None:
    before = world.snapshot()
    assert talk(world, SELECT, PIN, RIGHT, bytes.fromhex("002401800439383736"))[-1] == "9000"

    told = lines(before, world.snapshot())

    assert told == ["card 0: value of auth: set → another"]
    assert "9876" not in repr(diff(before, world.snapshot()))


def test_a_certificate_that_has_gone_is_told_by_its_number(world: World) -> None:
    before, old = world.snapshot(), world.current.in_hand.issued.certificate("sign")
    assert old
    assert world.office.perform("counter.convert_to_face_auth").outcome == "ok"

    told = lines(before, world.snapshot())

    assert f"card 0: sign certificate: {old.serial_number:08X} → none" in told
    assert "card 0: value of sign: set → not set" in told
    assert f"registry: certificate {old.serial_number:08X} state: valid → revoked" in told


def test_other_switches_readers_and_seeds_are_told() -> None:
    one, other = World(readers=["A"], seed=1), World(readers=["B", "C"], seed=2)
    other.begin(policy={"require_mix": False})

    assert lines(one.snapshot(), other.snapshot()) == [
        "reader 0: name: A 00 00 → B 00 00",
        "reader 1: name: none → C 00 00",
        "policy: require_mix: default → False",
        "seed: number: 1 → 2",
    ]


# ---------------------------------------------------------------- written down


def secrets(world: World) -> set[str]:
    """What must not be in a text for everybody."""
    found = set()
    for issued, memory in world.snapshot().cards:
        values = [data.value for data in memory.reference_data.values() if data.value]
        found |= {json.dumps(value.hex()) for value in values}
        found |= {json.dumps(value.hex().upper()) for value in values}
        found |= {json.dumps(value.decode()) for value in values}
        found |= {issued.my_number, "PRIVATE KEY"}
    return found


@pytest.mark.parametrize("name", profiles.names())
def test_a_text_for_everybody_has_no_pin_and_no_key_and_cannot_be_read_back(name: str) -> None:
    world = open_world("direct")
    world.insert(world.issue(name))
    world.office.enrol()

    text, all_of_it = (world.snapshot().to_json(reveal=reveal) for reveal in (False, True))

    assert [secret for secret in secrets(world) if secret in text] == []
    assert any(secret in all_of_it for secret in secrets(world))
    with pytest.raises(SnapshotError, match="for people only"):
        Snapshot.from_json(text)


def test_what_the_office_has_yet_to_write_is_hidden_too(world: World) -> None:
    from mynacard_emulator.office.registry import PendingWrite  # noqa: PLC0415 - only here

    waiting = PendingWrite(card="912345678901234", pins=(("auth", "9876"),))
    world.office.registry = world.office.registry.put(waiting)

    assert '"9876"' not in world.snapshot().to_json()
    assert '"9876"' in world.snapshot().to_json(reveal=True)


def test_what_was_written_with_everything_is_read_back(world: World) -> None:
    turn_upside_down(world)
    world.begin(policy={"status_lag": timedelta(hours=24)})
    world.insert(world.issue("adult"), reader=1)
    assert world.office.registry.entries
    snapshot = world.snapshot()

    again = Snapshot.from_json(snapshot.to_json(reveal=True))

    assert again == snapshot
    assert again.seen == snapshot.seen
    assert diff(snapshot, again) == ()


def test_another_process_would_go_on_from_what_was_written(world: World) -> None:
    spend(world)
    written = world.snapshot().to_json(reveal=True)
    other = open_world("direct", readers=2)

    other.restore(Snapshot.from_json(written.encode()))

    assert other.snapshot() == world.snapshot()
    assert talk(other, SELECT, PIN, WRONG) == ["9000", "9000", "63c1"]


def test_a_text_for_everybody_says_what_is_where(world: World) -> None:
    spend(world)
    text = json.loads(world.snapshot().to_json())

    assert (text["format"], text["version"], text["clock"]) == (
        "mynacard-world",
        VERSION,
        "2026-11-20T10:00:00+09:00",
    )
    assert text["readers"] == [
        {"name": "Virtual PCD 1 00 00", "card": 0},
        {"name": "Virtual PCD 2 00 00", "card": None},
    ]
    assert text["cards"][0]["about"]["profile"] == "adult"
    assert text["cards"][0]["memory"]["JPKI/0018"] == {"value": "hidden", "tries": 3, "left": 2}


def test_the_current_format_is_recorded() -> None:
    assert list((RECORDED / f"v{VERSION}" / "world").glob("*.json")), "record a world in this format before release"


def test_the_recorded_world_opens_to_what_it_was() -> None:
    snapshot = Snapshot.from_json(GOLDEN.read_bytes())
    world = open_world("direct", readers=2)
    world.restore(snapshot)

    assert world.snapshot() == snapshot
    assert f"{world.clock.now:%Y-%m-%d %H:%M}" == "2026-12-01 09:30"
    assert world.office.policy.require_mix is False
    assert [world.truth_of(reader=reader).tries_left("auth") for reader in (0, 1)] == [2, 0]
    assert talk(world, SELECT, PIN, WRONG) == ["9000", "9000", "63c1"]
    certificate = world.truth.certificate("auth")
    assert certificate
    assert world.truth.status(certificate) == "good"


def golden(**changes: Any) -> str:
    return json.dumps(json.loads(GOLDEN.read_text(encoding="utf-8")) | changes)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no snapshot of a world"),
        ('{"format":"mynacard-card","version":1}', "no snapshot of a world"),
        (golden(version=2), "format 2, this mynacard knows format 1; install a newer one"),
        (golden(version="1"), "damaged"),
        (golden(revealed=False), "for people only"),
        (golden(clock="2026-12-01"), "damaged"),
        (golden(clock=None), "damaged"),
        (golden(readers=[{"name": "A", "card": 7}]), "damaged"),
        (golden(readers=[{"name": "A", "card": 0}, {"name": "B", "card": 0}]), "damaged"),
        (golden(inserted_last=-1), "damaged"),
        (golden(cards=[{}]), "damaged"),
        (golden(cards=7), "damaged"),
        (golden(policy={"require_mix": "perhaps"}), "damaged"),
        (golden(policy=[]), "damaged"),
        (golden(registry={"person/1": {}}), "damaged"),
    ],
)
def test_what_is_no_snapshot_is_refused_in_one_line(text: str | bytes, why: str) -> None:
    with pytest.raises(SnapshotError, match=why) as refused:
        Snapshot.from_json(text)

    assert "\n" not in str(refused.value)


@given(st.data())
def test_a_damaged_snapshot_is_a_snapshot_error_or_another_snapshot(data: st.DataObject) -> None:
    """Whatever is taken away, or put in its place."""
    document = json.loads(GOLDEN.read_text(encoding="utf-8"))
    place: Any = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not (isinstance(place[key], dict | list) and place[key]) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(st.none() | st.booleans() | st.integers() | st.text() | st.just([]) | st.just({}))

    try:
        snapshot = Snapshot.from_json(json.dumps(document))
    except SnapshotError as error:
        assert "\n" not in str(error)  # noqa: PT017 - either is right
    else:
        assert isinstance(snapshot.policy, MappingProxyType)


def test_a_world_that_goes_back_has_the_switches_of_then() -> None:
    world = World()
    world.begin(policy={"account_max_failures": 3})
    limit = world.office.policy.account_max_failures
    then = world.snapshot()
    world.begin()
    assert world.office.policy.account_max_failures != limit
    world.restore(then)

    assert world.office.policy.account_max_failures == limit

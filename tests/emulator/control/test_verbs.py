"""What can be asked of the control socket, and what comes of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from mynacard_emulator.clock import OPENING
from mynacard_emulator.control.acts import MOST_SNAPSHOTS
from mynacard_emulator.control.errands import MOST_CARDS, errands
from mynacard_emulator.control.verbs import verbs
from mynacard_emulator.office.errands import ERRANDS
from mynacard_emulator.readers.vpcd import CardFailed
from mynacard_emulator.rest.schema import check
from mynacard_emulator.transcript import Exchange
from mynacard_emulator.world import CardRemovedError, CardUnreadableError, EmptyReaderError
from mynacard_emulator.world.recent import KEPT, Recent

from .house import AUTH_PIN, JPKI, WRONG, House, house

CARD = "/readers/0/card"
FAULTS = "/readers/0/faults"
EMPTY = {"reader": 0, "name": None, "card": None, "noticed": False}


@pytest.fixture
def here() -> Iterator[House]:
    with house() as made:
        yield made


def tries(here: House, card: int = 1) -> int:
    left = here.told("GET", f"/cards/{card}")["tries"]["auth"]
    assert isinstance(left, int)
    return left


# ---------------------------------------------------------------- cards and reader


def test_the_state_tells_tries_and_no_values(here: House) -> None:
    here.say(JPKI, AUTH_PIN, WRONG)
    told = here.told("GET", "/state")

    assert told["readers"] == [{"reader": 0, "name": None, "card": 1, "noticed": True}]
    assert [(card["profile"], card["tries"]["auth"]) for card in told["cards"]] == [("adult", 2)]
    assert told["now"] == OPENING.isoformat()
    assert "1234" not in json.dumps(told)


def test_a_card_is_taken_out_and_put_back(here: House) -> None:
    assert here.told("DELETE", CARD) == EMPTY
    assert here.told("GET", "/readers/0") == EMPTY
    assert here.told("POST", CARD, 201) == {"reader": 0, "name": None, "card": 1, "noticed": True}


def test_what_cannot_be_done_now_is_refused(here: House) -> None:
    assert here.refused("POST", CARD) == (409, "reader_occupied")
    here.told("DELETE", CARD)
    for method, path in (("DELETE", CARD), ("POST", "/readers/0/reset"), ("POST", "/readers/0/power_cycle")):
        assert here.refused(method, path) == (409, "reader_empty")


def test_another_card_is_issued_and_takes_the_place_of_the_first(here: House) -> None:
    issued = here.told("POST", "/cards", 201, json={"profile": "child", "tries": {"auth": 1}})

    assert (issued["card"], issued["profile"], issued["tries"]["auth"]) == (2, "child", 1)
    assert here.told("PUT", CARD, json={"card": 2})["card"] == 2
    assert here.say(JPKI, AUTH_PIN, WRONG) == "63C0"
    assert (tries(here, 1), tries(here, 2)) == (3, 0)


def test_a_card_may_be_put_into_an_empty_reader_with_put(here: House) -> None:
    here.told("DELETE", CARD)

    assert here.told("PUT", CARD)["card"] == 1


def test_there_are_no_other_cards_readers_and_snapshots(here: House) -> None:
    for method, path in (
        ("GET", "/cards/2"),
        ("GET", "/cards/0"),
        ("GET", "/cards/one"),
        ("GET", "/readers/1"),
        ("DELETE", "/readers/1/card"),
        ("GET", f"/cards/{'9' * 5000}"),
        ("POST", "/snapshots/1/restore"),
        ("DELETE", "/snapshots/1"),
        ("GET", "/"),
        ("GET", "/state/"),
    ):
        assert here.refused(method, path) == (404, "not_found")
    here.told("DELETE", CARD)
    assert here.refused("POST", CARD, json={"card": 2}) == (404, "not_found")


def test_a_profile_is_a_built_in_one_and_never_a_path(here: House) -> None:
    for profile in ("/etc/passwd", "../adult", "adult.toml", ""):
        assert here.refused("POST", "/cards", json={"profile": profile}) == (400, "invalid_request")


def test_tries_that_a_card_cannot_have_are_refused(here: House) -> None:
    for given in ({"auth": 4}, {"licence": 1}):
        assert here.refused("POST", "/cards", json={"profile": "adult", "tries": given}) == (409, "conflict")


def test_a_power_cut_ends_the_session_and_a_warm_reset_does_not(here: House) -> None:
    sign = (JPKI, "00A4020C020017", "802A008008010203040506070800")
    assert here.say(JPKI, AUTH_PIN, "002000800431323334", *sign)[-4:] == "9000"

    here.told("POST", "/readers/0/reset")
    assert here.say(*sign)[-4:] == "9000"
    here.told("POST", "/readers/0/power_cycle")
    assert here.say(*sign) == "6982"


def test_a_card_that_ejects_itself_leaves_the_reader_empty_and_can_come_back(here: House) -> None:
    def leaves_at_once(*_: object) -> None:
        """As `vpcd.serve` ends when the card has ejected itself."""

    here.told("DELETE", CARD)
    here.world._serve, usual = leaves_at_once, here.world._serve
    assert here.told("POST", CARD, 201) == EMPTY
    here.world._serve = usual

    assert here.told("POST", CARD, 201)["noticed"] is True


def test_a_card_that_fails_in_the_reader_is_said_in_a_sentence(here: House) -> None:
    def fails(*_: object) -> None:
        raise CardFailed("the card failed at POWER_ON")

    here.told("DELETE", CARD)
    here.world._serve = fails
    response = here.ask("POST", CARD)

    assert (response.status_code, response.json()["error"]) == (503, "reader_failed")
    assert here.told("GET", "/readers/0") == EMPTY


# ---------------------------------------------------------------- accidents


def test_an_accident_is_ordered_and_told_when_it_has_happened(here: House) -> None:
    line = "verify:1:tear-after"
    assert here.told("POST", FAULTS, 201, json={"fault": line}) == {"ordered": [line], "happened": []}
    with pytest.raises(CardRemovedError):
        here.say(JPKI, AUTH_PIN, WRONG)

    assert here.told("GET", FAULTS) == {"ordered": [], "happened": [{"command": 3, "fault": line}]}
    assert tries(here) == 2


def test_an_accident_can_be_called_off(here: House) -> None:
    here.told("POST", FAULTS, 201, json={"fault": "any:1:eject"})

    assert here.told("DELETE", FAULTS) == {"ordered": [], "happened": []}
    assert here.say(JPKI) == "9000"


def test_an_accident_on_the_desk_is_told_as_its_holder_sees_it_and_put_right(here: House) -> None:
    told = here.told("POST", "/readers/0/accident", 201, json={"name": "upside-down"})
    assert told == {
        "accident": "upside-down",
        "holder": "the chip looks downward in a contact reader; a contactless one does not mind",
        "ends": "the card is inserted the right way",
    }
    with pytest.raises(CardUnreadableError):
        here.say(JPKI)

    assert here.told("DELETE", "/readers/0/accident")["card"] == 1
    assert here.say(JPKI) == "9000"


def test_calling_faults_off_leaves_an_accident_as_it_is(here: House) -> None:
    here.told("POST", "/readers/0/accident", 201, json={"name": "beside"})
    here.told("DELETE", FAULTS)

    with pytest.raises(EmptyReaderError):
        here.say(JPKI)


@pytest.mark.parametrize("name", ["metal-desk", "usb-hub", "transaction-stolen", "held-by-another"])
def test_an_accident_that_cannot_be_in_this_reader_is_refused(here: House, name: str) -> None:
    assert here.refused("POST", "/readers/0/accident", json={"name": name}) == (409, "conflict")
    assert here.say(JPKI) == "9000"


@pytest.mark.parametrize("path", ["/readers/0/accident", "/readers/0/noise"])
def test_what_nobody_knows_by_that_name_is_refused(here: House, path: str) -> None:
    for body in ({"name": "earthquake"}, {"name": None}, {}, {"name": "beside", "more": 1}):
        assert here.refused("POST", path, json=body) == (400, "invalid_request")


def test_another_program_enters_a_pin(here: House) -> None:
    here.told("POST", "/readers/0/accident", 201, json={"name": "verified-by-another"})

    assert tries(here) == 2


def test_a_platform_says_its_own(here: House) -> None:
    start = here.told("GET", "/trace")["next"]
    here.told("POST", "/readers/0/noise", json={"name": "opensc"})
    assert len(here.told("GET", f"/trace?since={start}")["exchanges"]) == 29

    here.told("DELETE", CARD)
    assert here.refused("POST", "/readers/0/noise", json={"name": "opensc"}) == (409, "reader_empty")


# ---------------------------------------------------------------- trace


def test_the_trace_masks_pins_and_goes_on_where_one_stopped(here: House) -> None:
    here.say(JPKI, AUTH_PIN)
    start = here.told("GET", "/trace")["next"]
    here.say("002000800431323334")
    told = here.told("GET", f"/trace?since={start}")

    assert told["exchanges"] == [
        {"number": start, "reader": 0, "event": "command", "command": "0020008004••••••••", "response": "9000"}
    ]
    assert told["next"] == start + 1
    assert here.told("GET", f"/trace?since={start + 1}") == {"exchanges": [], "next": start + 1}
    assert [one["event"] for one in here.told("GET", "/trace?limit=2")["exchanges"]] == ["insert", "power_on"]


def test_what_is_old_is_forgotten_and_numbers_go_on() -> None:
    noted: list[Exchange] = []
    recent = Recent(noted.append)
    for _ in range(2 * KEPT + 5):
        recent.append(Exchange("reset"))

    assert (recent.total, len(noted), len(recent)) == (2 * KEPT + 5, 2 * KEPT + 5, KEPT + 5)
    assert recent.since(0, 3)[0] == KEPT
    assert [len(recent.since(number, 10)[1]) for number in (0, 2 * KEPT, 2 * KEPT + 5, 10**9)] == [10, 5, 0, 0]


# ---------------------------------------------------------------- snapshots, clock


def test_a_world_goes_back_to_what_it_was(here: House) -> None:
    name = here.told("POST", "/snapshots", 201)["snapshot"]
    here.say(JPKI, AUTH_PIN, WRONG)
    here.told("POST", "/clock", json={"days": 1})
    assert tries(here) == 2
    told = here.told("POST", f"/snapshots/{name}/restore")

    assert (tries(here), told["now"]) == (3, OPENING.isoformat())
    assert here.told("GET", "/snapshots") == [{"snapshot": name, "taken_at": OPENING.isoformat()}]
    assert here.told("DELETE", f"/snapshots/{name}")["snapshot"] == name
    assert here.told("GET", "/snapshots") == []


def test_going_back_forgets_the_cards_that_were_issued_since(here: House) -> None:
    name = here.told("POST", "/snapshots", 201)["snapshot"]
    here.told("POST", "/cards", 201, json={"profile": "child"})
    here.told("PUT", CARD, json={"card": 2})

    told = here.told("POST", f"/snapshots/{name}/restore")

    assert ([card["card"] for card in told["cards"]], told["readers"][0]["card"]) == ([1], 1)
    assert [card["profile"] for card in here.told("GET", "/cards")] == ["adult"]
    assert here.refused("GET", "/cards/2") == (404, "not_found")
    assert here.refused("PUT", CARD, json={"card": 2}) == (404, "not_found")
    assert here.told("POST", "/cards", 201, json={"profile": "child"})["card"] == 2


def test_snapshots_and_cards_have_a_limit(here: House) -> None:
    for _ in range(MOST_SNAPSHOTS):
        here.told("POST", "/snapshots", 201)
    for _ in range(MOST_CARDS - 1):
        here.told("POST", "/cards", 201, json={"profile": "adult"})

    assert here.refused("POST", "/snapshots") == (409, "too_many")
    assert here.refused("POST", "/cards", json={"profile": "adult"}) == (409, "too_many")


def test_time_passes_and_never_runs_backwards(here: House) -> None:
    after = OPENING + timedelta(days=1, hours=2, minutes=3)
    told = here.told("POST", "/clock", json={"days": 1, "hours": 2, "minutes": 3})

    assert told == here.told("GET", "/clock") == {"now": after.isoformat()}
    assert here.told("POST", "/clock", json={"opening": True}) == {"now": "2026-11-24T09:00:00+09:00"}
    assert here.told("POST", "/clock", json={"set": "2026-12-01T01:00:00Z"}) == {"now": "2026-12-01T10:00:00+09:00"}
    for back in ("2026-11-30T10:00:00+09:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"):
        assert here.refused("POST", "/clock", json={"set": back}) == (409, "conflict")
    assert here.refused("POST", "/clock", json={"set": "2026-12-01"}) == (400, "invalid_request")
    assert datetime.fromisoformat(here.told("GET", "/clock")["now"]).day == 1


# ---------------------------------------------------------------- the office


def test_the_counter_resets_a_pin_with_the_card_away_from_the_reader(here: House) -> None:
    here.say(JPKI, AUTH_PIN, WRONG, WRONG, WRONG)
    assert tries(here) == 0
    told = here.told("POST", "/office/counter.reset_pin", json={"pin": "auth", "new": "4829"})

    assert (told["outcome"], told["done"], tries(here)) == ("ok", True, 3)
    assert here.say(JPKI, AUTH_PIN, "002000800434383239") == "9000"
    assert [one["event"] for one in here.told("GET", "/trace?since=7&limit=4")["exchanges"]] == [
        "power_off",
        "eject",
        "insert",
        "power_on",
    ]


def test_what_the_office_refuses_is_an_outcome(here: House) -> None:
    here.told("POST", "/clock", json={"days": 1})
    told = here.told("POST", "/office/counter.reset_pin", json={"pin": "auth", "new": "4829"})

    assert (told["outcome"], told["done"]) == ("desk_closed", False)
    assert told["says"] == ["It is closed at this hour or on this day: come when it is open."]


def test_a_new_card_gets_a_number(here: House) -> None:
    lost = {"reason": "lost", "police_number": "12345"}
    values = {"auth": "4829", "sign": "XQ4829", "juki": "6173", "text": "9058"}
    applied = here.told("POST", "/office/counter.apply_reissue", json={**lost, **values})
    here.told("POST", "/clock", json={"days": 49, "opening": True})
    collected = here.told("POST", "/office/counter.collect", json={})

    assert applied["ready_on"] is not None
    assert (collected["outcome"], collected["card"]) == ("ok", 2)
    assert here.told("PUT", CARD, json={"card": 2})["card"] == 2


def test_papers_and_days_are_read(here: House) -> None:
    papers = {"documents": ["passport:2020-01-01"], "pin": "auth", "new": "4829"}
    born = {"born": "1980-02-18", "card": 1}

    assert here.told("POST", "/office/counter.reset_pin", json=papers)["outcome"] == "document_expired"
    assert here.told("POST", "/office/civil_register.correct", json=born)["outcome"] == "ok"
    for wrong in ({"documents": ["a letter"]}, {"documents": ["passport:soon"]}, {"by": "a friend"}):
        given = {"pin": "auth", "new": "4829", **wrong}
        assert here.refused("POST", "/office/counter.reset_pin", json=given) == (400, "invalid_request")


def test_every_errand_of_the_office_can_be_asked_for() -> None:
    assert set(errands()) == {f"{desk}.{name}" for desk, names in ERRANDS.items() for name in names}


def test_what_an_errand_is_told_is_what_its_desk_wants(here: House) -> None:
    """A call with no details at all is refused where one is needed, and reaches the desk where none is."""
    for name, schema in errands().items():
        response = here.ask("POST", f"/office/{name}")
        assert (response.status_code == 400) is bool(schema.get("required")), (name, response.text)


# ---------------------------------------------------------------- the description


def test_everything_is_described(here: House) -> None:
    document = here.told("GET", "/openapi.json")
    described = {(path, method.upper()) for path, found in document["paths"].items() for method in found}

    assert described == {(verb.path, verb.method) for verb in verbs()}
    assert document["openapi"] == "3.1.0"
    assert "security" not in document


def test_a_description_is_one_that_validates(here: House) -> None:
    """Names of operations are unique, and each schema is one that can be checked."""
    table = verbs()

    assert len({verb.name for verb in table}) == len(table)
    assert {verb.method for verb in table} == {"GET", "POST", "PUT", "DELETE"}
    check(next(verb.answer for verb in table if verb.name == "state"), here.told("GET", "/state"))


# ---------------------------------------------------------------- one after the other


def test_a_request_waits_no_longer_than_its_patience() -> None:
    with house(patience=0.05) as here:
        go_on = threading.Event()
        here.turns._executor.submit(go_on.wait, 30)
        try:
            assert here.refused("DELETE", CARD) == (503, "busy")
        finally:
            go_on.set()
        assert here.world.card_in() is not None


def test_after_the_end_nothing_is_begun() -> None:
    with house() as here:
        here.turns.__exit__()

        assert here.refused("GET", "/state") == (503, "busy")


def test_the_card_may_be_in_a_long_command_while_others_ask(here: House) -> None:
    card = here.world.current.observed
    with card._lock:
        assert here.told("GET", "/state")["readers"][0]["card"] == 1

"""A PIN is reset at a convenience store: reserved with the app, and then at the copier."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_emulator.clock import OPENING
from mynacard_emulator.office.policy import Policy
from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.office.registry import CardEntry, Reservation
from mynacard_emulator.office.states import CardEvent, CertEvent
from mynacard_emulator.office.visit import Visit
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.world import World

from .visits import certificate, enter, everything, happens, opened, tries, types

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
AUTH, SIGN, NEW_SIGN, NEW_AUTH = "1234", "ABC123", "NEW456", "7777"


def reserve(world: World, pin: str = "sign", **details: object) -> Visit:
    return world.office.perform("app.reserve", **{"pin": pin, "typed": AUTH if pin == "sign" else SIGN, **details})


def reset(world: World, pin: str = "sign", **details: object) -> Visit:
    typed, new = (AUTH, NEW_SIGN) if pin == "sign" else (SIGN, NEW_AUTH)
    return world.office.perform("kiosk.reset", **{"pin": pin, "typed": typed, "new": new, **details})


def reservations(world: World) -> list[Reservation]:
    return list(world.office.registry.all(Reservation))


def test_the_sign_pin_is_reset_the_next_morning() -> None:
    """RESET-11."""
    world = opened(world=World(at=datetime(2026, 11, 20, 20, tzinfo=JST)), sign="locked")
    before = certificate(world.current), certificate(world.current, "sign")
    assert reserve(world, face="match").done
    world.clock.set(datetime(2026, 11, 21, 7, tzinfo=JST))
    assert reset(world).done
    assert types(world, "sign", NEW_SIGN).done
    assert tries(world) == {"sign": 5, "auth": 3, "juki": 3, "text": 3}
    assert (certificate(world.current), certificate(world.current, "sign")) == before


def test_the_auth_pin_is_reset_without_a_face() -> None:
    """RESET-12."""
    world = opened(auth="locked")
    assert reserve(world, "auth", face=None).done
    assert reset(world, "auth").done
    assert types(world, "auth", NEW_AUTH).done


def test_a_policy_may_want_a_face_for_the_auth_pin_too() -> None:
    world = opened(auth="locked")
    world.office.policy = Policy(kiosk_face_for_auth=True)
    assert reserve(world, "auth", face=None).refusal is Refusal.FACE_MISMATCH
    assert reserve(world, "auth", face="match").done


def test_a_store_that_resets_the_sign_pin_alone_leaves_the_reservation_open() -> None:
    """RESET-13."""
    world = opened(auth="locked")
    assert reserve(world, "auth").done
    assert reset(world, "auth", store="sign-only").refusal is Refusal.SERVICE_NOT_OFFERED
    assert reset(world, "auth", store="greengrocer").refusal is Refusal.SERVICE_NOT_OFFERED
    assert reset(world, "auth", store="both").done


@pytest.mark.parametrize(
    ("pin", "last_day_without", "first_day"),
    [("auth", (2024, 7, 24), (2024, 7, 25)), ("sign", (2022, 1, 31), (2022, 2, 1))],
)
def test_there_was_a_time_before_the_service(
    pin: str, last_day_without: tuple[int, int, int], first_day: tuple[int, int, int]
) -> None:
    world = World(at=datetime(*last_day_without, 22, 59, tzinfo=JST))
    world.insert(world.admit(World().issue("adult").in_hand))
    assert reserve(world, pin).refusal is Refusal.FEATURE_NOT_YET_AVAILABLE
    assert reset(world, pin).refusal is Refusal.FEATURE_NOT_YET_AVAILABLE
    world.clock.set(datetime(*first_day, 10, tzinfo=JST))
    assert reserve(world, pin).refusal is Refusal.CERT_NOT_VALID  # it is a later card
    assert reset(world, pin).refusal is Refusal.RESERVATION_MISSING


def test_a_reservation_is_good_once_and_for_a_day_to_the_second() -> None:
    """RESET-14."""
    world = opened(sign="locked")
    assert reset(world).refusal is Refusal.RESERVATION_MISSING
    assert reserve(world).done
    world.clock.advance(DAY)
    assert reset(world).done
    assert reset(world).refusal is Refusal.RESERVATION_USED
    assert reserve(world).done
    world.clock.advance(DAY + SECOND)
    assert reset(world).refusal is Refusal.RESERVATION_EXPIRED


def test_a_reservation_is_one_cards() -> None:
    world = opened(sign="locked")
    mine, another = world.current, world.issue("new-chip")
    assert reserve(world).done
    before = everything(world)
    assert reset(world, card=another).refusal is Refusal.RESERVATION_OTHER_CARD
    assert everything(world) == before
    assert reset(world, card=mine).done
    assert reset(world, card=another).refusal is Refusal.RESERVATION_MISSING


def test_a_reservation_of_one_pin_is_none_of_the_other() -> None:
    world = opened()
    assert reserve(world, "auth").done
    assert reset(world, "sign").refusal is Refusal.RESERVATION_MISSING
    assert reserve(world, "sign").done
    assert (reset(world, "sign").outcome, reset(world, "auth", typed=NEW_SIGN).outcome) == ("ok", "ok")


def test_a_new_reservation_takes_the_place_of_the_old_one() -> None:
    world = opened()
    assert reserve(world).done
    world.clock.advance(DAY)
    assert reserve(world).done
    assert [made.made for made in reservations(world)] == [OPENING + DAY]
    world.clock.advance(DAY)
    assert reset(world).done


def test_the_other_pin_can_lock_on_the_way() -> None:
    """RESET-15."""
    world = opened(sign="locked")
    assert [reserve(world, typed="0000").tries_left for _ in range(2)] == [2, 1]
    assert reservations(world) == []
    assert reserve(world).done
    assert tries(world)["auth"] == 3
    assert [reset(world, typed="0000").outcome for _ in range(3)] == ["wrong_pin", "wrong_pin", "locked"]
    assert [made.used for made in reservations(world)] == [False]
    assert reset(world).refusal is Refusal.PREREQUISITE_PIN_LOCKED
    assert reserve(world).refusal is Refusal.PREREQUISITE_PIN_LOCKED


def test_with_both_pins_locked_only_the_counter_remains() -> None:
    """RESET-16."""
    world = opened(sign="locked", auth="locked")
    assert [reserve(world, pin).outcome for pin in ("sign", "auth")] == ["prerequisite_pin_locked"] * 2
    assert [world.office.counter.reset_pin(*what).done for what in (("sign", NEW_SIGN), ("auth", NEW_AUTH))]
    assert reserve(world, typed=NEW_AUTH).done


@pytest.mark.parametrize("face", ["differs", None])
def test_another_face_is_no_reservation_and_costs_no_try(face: str | None) -> None:
    """RESET-17."""
    world = opened(sign="locked")
    assert reserve(world, face=face).refusal is Refusal.FACE_MISMATCH
    assert (reservations(world), tries(world)["auth"]) == ([], 3)
    assert reserve(world).done


@pytest.mark.parametrize("pin", ["juki", "text", "number_a", "licence", ""])
def test_every_other_pin_is_the_counters(pin: str) -> None:
    """RESET-18."""
    world = opened(juki="locked")
    assert reserve(world, pin).refusal is Refusal.SERVICE_NOT_OFFERED
    assert reset(world, pin).refusal is Refusal.SERVICE_NOT_OFFERED


def test_a_sign_certificate_whose_holder_moved_closes_the_store() -> None:
    """RESET-19."""
    world = opened(sign="locked")
    happens(world, CertEvent.ATTRIBUTE_CHANGE, CertKind.SIGN)
    assert reserve(world).refusal is Refusal.CERT_NOT_VALID
    assert tries(world)["auth"] == 3


def test_a_certificate_that_is_revoked_after_the_reservation_closes_the_store_too() -> None:
    world = opened(sign="locked")
    assert reserve(world).done
    happens(world, CertEvent.HOLD, CertKind.AUTH)
    assert reset(world).refusal is Refusal.CERT_NOT_VALID
    happens(world, CertEvent.RESUME, CertKind.AUTH)
    assert reset(world).done


@pytest.mark.parametrize("pin", ["sign", "auth"])
def test_an_expired_certificate_closes_the_store(pin: str) -> None:
    """RESET-20."""
    world = opened()
    world.clock.set(datetime(2030, 2, 18, 10, tzinfo=JST))
    assert reserve(world, pin).refusal is Refusal.CERT_NOT_VALID


@pytest.mark.parametrize("profile", ["no-certificates", "child", "face-auth"])
def test_a_card_without_both_certificates_has_to_go_to_the_counter(profile: str) -> None:
    assert reserve(opened(profile)).refusal is Refusal.CERT_NOT_VALID


@pytest.mark.parametrize(
    ("at", "is_open"),
    [((6, 29, 59), False), ((6, 30), True), ((23,), True), ((23, 0, 1), False), ((3,), False)],
)
def test_a_store_is_open_from_half_past_six_to_eleven(at: tuple[int, ...], is_open: bool) -> None:  # noqa: FBT001 - a column of the table
    hour, minute, second = (*at, 0, 0)[:3]
    world = opened(world=World(at=datetime(2026, 11, 22, hour, minute, second, tzinfo=JST)))
    assert reserve(world).done  # the app is open at any time
    assert reset(world).refusal is (None if is_open else Refusal.DESK_CLOSED)


def test_the_card_must_be_there() -> None:
    world = opened(sign="locked")
    assert reserve(world, bring_card=False).refusal is Refusal.NO_CARD
    assert reserve(world).done
    assert reset(world, bring_card=False).refusal is Refusal.NO_CARD


@pytest.mark.parametrize("new", ["abc123", "ABC12", "ABCDEF", "123456", "A" * 16 + "1", "", "ＡＢＣ１２３"])
def test_a_malformed_value_leaves_the_reservation_open(new: str) -> None:
    world = opened(sign="locked")
    assert reserve(world).done
    before = everything(world)
    assert reset(world, new=new).refusal is Refusal.PIN_FORMAT
    assert everything(world) == before
    assert reset(world).done


def test_what_no_keypad_takes_costs_no_try() -> None:
    world = opened()
    before = everything(world)
    for typed in ("", "１２３４", "1" * 17):
        assert reserve(world, typed=typed).refusal is Refusal.PIN_FORMAT
    assert everything(world) == before


def test_a_suspended_card_is_refused() -> None:
    world = opened(sign="locked")
    assert reserve(world).done
    enter(world, *(entry.after(CardEvent.SUSPEND) for entry in world.office.registry.all(CardEntry)))
    assert (reserve(world).refusal, reset(world).refusal) == (Refusal.CARD_SUSPENDED,) * 2


# ---------------------------------------------------------------- whatever people do

WORLD = opened()
OTHER = WORLD.issue("new-chip")
FRESH = WORLD.snapshot()
STEPS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([SECOND, timedelta(hours=1), DAY, DAY + SECOND])),
    st.tuples(
        st.just("reserve"),
        st.fixed_dictionaries(
            {
                "pin": st.sampled_from(["sign", "auth", "juki"]),
                "face": st.sampled_from(["match", "differs"]),
                "card": st.sampled_from([WORLD.current, OTHER]),
            },
            optional={"typed": st.sampled_from(["0000", ""])},
        ),
    ),
    st.tuples(
        st.just("reset"),
        st.fixed_dictionaries(
            {
                "pin": st.sampled_from(["sign", "auth", "juki"]),
                "store": st.sampled_from(["both", "sign-only"]),
                "card": st.sampled_from([WORLD.current, OTHER]),
            },
            optional={
                "typed": st.sampled_from(["0000", ""]),
                "new": st.sampled_from(["short", SIGN, AUTH]),
            },
        ),
    ),
)


@pytest.mark.property
@settings(deadline=None)
@given(st.lists(STEPS, max_size=12))
def test_a_reservation_is_never_used_twice_nor_late_nor_by_another_card(
    steps: list[tuple[str, timedelta | dict[str, object]]],
) -> None:
    WORLD.restore(FRESH)
    made: dict[tuple[object, object], datetime] = {}
    for step, details in steps:
        if isinstance(details, timedelta):
            WORLD.clock.advance(details)
            continue
        entries, now = WORLD.office.registry, WORLD.clock.now
        values = {"new": SIGN if details["pin"] == "sign" else AUTH, **details}  # so that the next one knows it
        visit = reserve(WORLD, **details) if step == "reserve" else reset(WORLD, **values)  # type: ignore[arg-type]
        which = details["card"], details["pin"]
        if not visit.done:
            assert WORLD.office.registry == entries
        elif step == "reserve":
            made[which] = now
        else:
            assert now - made.pop(which) <= DAY

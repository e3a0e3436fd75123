"""The built-in profiles: found by name, read from the package, cheap until a card is asked for."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import mynacard_fixtures
from mynacard_emulator import profiles
from mynacard_emulator.card import Card, Profile
from mynacard_emulator.personalise.dates import age, today
from mynacard_emulator.personalise.errors import ProfileError
from mynacard_emulator.personalise.holder import MAX_ADDRESS, MAX_NAME
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.personalise.pins import Pins
from mynacard_emulator.personalise.profile_file import parse
from tests.emulator.personalise.written import auth_of, jpki_of, sign_of, text_of
from tests.emulator.pki import openssl

DAY = date(2026, 11, 20)
NAMES = (
    *("adult", "android", "child", "contactless", "expired", "face-auth", "foreigner", "iphone", "juki-card"),
    *("licence", "long-text", "new-chip", "no-certificates", "other-card", "shared-pin"),
)


def test_the_built_in_profiles_are_listed_by_name() -> None:
    assert profiles.names() == NAMES


@pytest.mark.parametrize("name", profiles.names())
def test_every_built_in_profile_says_what_it_is_and_can_be_started_from(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.toml"
    path.write_text(profiles.text(name), encoding="utf-8")

    assert profiles.text(name).startswith("# ")
    assert profiles.load(path, today=DAY) == profiles.load(str(path), today=DAY) == profiles.load(name, today=DAY)


def test_the_adults_text_shows_the_default_of_every_key_it_leaves_active() -> None:
    optional = (
        "keep_dates",
        "valid_",
        "long_",
        "face_",
        "atr",
        "kind",
        "auth_certificate_",
        "lower_cv_",
        "sign = true",
        "auth = true",
        "real_",
        "code",
        "pref",
        "city",
        "installed",
    )
    lines = profiles.text("adult").splitlines()
    left_out = [line for line in lines if not line.startswith(optional)]

    assert len(lines) - len(left_out) == len(optional)
    assert parse("\n".join(left_out), source="x", name="x") == parse("\n".join(lines), source="x", name="x")


@pytest.mark.parametrize("name", profiles.names())
def test_every_commented_line_of_a_built_in_profile_is_accepted_too(name: str) -> None:
    keys = ("name_substitutes", "address_substitutes", "my_number", "stay_until", "blocked_verify", "keep_verified_on_")
    uncommented = "\n".join(
        line.removeprefix("# ") if line.startswith(tuple(f"# {key}" for key in keys)) else line
        for line in profiles.text(name).splitlines()
    )

    assert parse(uncommented, source="x", name="x").name == "x"


def test_a_card_is_good_today_and_comes_from_the_package() -> None:
    for make, name in ((profiles.adult, "adult"), (profiles.no_certificates, "no-certificates")):
        profile = make()
        assert isinstance(profile, Profile)
        assert profile.name == name
        assert profiles.load(name).not_after >= today()


def test_a_built_in_card_is_made_once_for_each_day_and_seed() -> None:
    card = profiles.load(profiles.ADULT, today=DAY)

    assert profiles.load(profiles.ADULT, today=DAY) is card
    assert profiles.load(profiles.ADULT, today=DAY, seed=1).jpki != card.jpki
    assert profiles.load(profiles.ADULT, today=date(2026, 11, 21)) is not card


def test_a_profile_file_is_read_again_each_time(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text(profiles.text(profiles.ADULT), encoding="utf-8")
    before = profiles.load(path, today=DAY)
    path.write_text(profiles.text("child"), encoding="utf-8")

    assert profiles.load(path, today=DAY).holder != before.holder


def test_fresh_keys_make_a_card_that_shares_none() -> None:
    card, other = profiles.load("adult", today=DAY), profiles.load("adult", today=DAY, fresh_keys=True)

    assert text_of(card).session_private_key != text_of(other).session_private_key
    assert card.my_number == other.my_number


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "adlut",
            f"no built-in profile is called 'adlut'; did you mean 'adult'? Built in are: {', '.join(NAMES)}",
        ),
        (
            "x",
            f"no built-in profile is called 'x'; a file of your own ends in .toml. Built in are: {', '.join(NAMES)}",
        ),
        ("x.toml", "x.toml: cannot be read: No such file or directory"),
        ("nowhere/x", "nowhere/x: cannot be read: No such file or directory"),
    ],
)
def test_an_unknown_profile_is_refused_in_one_line(name: str, line: str) -> None:
    with pytest.raises(ProfileError) as refused:
        profiles.load(name, today=DAY)

    assert str(refused.value) == line


# ---------------------------------------------------------------- what each is there for


def test_the_child_is_14_and_has_no_signature_certificate() -> None:
    card = profiles.load("child", today=DAY)

    assert age(card.made, card.holder.born) == 14
    assert (jpki_of(card).sign, card.pins.sign) == (None, None)
    assert card.not_after == auth_of(card).not_after.date() == date(2030, 6, 1)


def test_the_shared_pin_opens_three_things() -> None:
    pins = profiles.load("shared-pin", today=DAY).pins

    assert pins.auth == pins.juki == pins.text == "1234"
    assert pins.sign != "1234"


def test_the_foreign_residents_card_and_certificates_end_with_the_stay() -> None:
    card = profiles.load("foreigner", today=DAY)

    assert ends(card) == {date(2027, 4, 30)}
    assert card.number_b == "11123120272704"


@pytest.mark.parametrize("today", [date(2025, 6, 1), DAY, date(2040, 1, 1)])
def test_the_expired_card_has_run_out_whatever_day_it_is(today: date) -> None:
    card = profiles.load("expired", today=today)

    assert ends(card) == {date(2026, 1, 5)}
    assert card.made == date(2025, 1, 6)


def test_the_expired_certificates_were_good_once(tmp_path: Path) -> None:
    card = profiles.load("expired", today=DAY)

    assert openssl.verify(auth_of(card).der, jpki_of(card).auth_ca, tmp_path, datetime(2025, 7, 1, tzinfo=UTC)) == (
        "leaf: OK\n"
    )


def test_the_long_text_is_as_long_as_it_can_be_and_has_substitutes() -> None:
    card = profiles.load("long-text", today=DAY)
    holder = card.holder

    assert (len(holder.name), len(holder.address)) == (MAX_NAME, MAX_ADDRESS)
    assert (holder.name_substitutes.count("1"), holder.address_substitutes.count("1")) == (3, 2)
    assert text_of(card).attributes.startswith(bytes.fromhex("FF2082"))
    assert len(text_of(card).attributes) == 1024
    assert holder.name_substitutes.encode() in sign_of(card).der
    assert holder.address_substitutes.encode() in sign_of(card).der


def test_the_face_authentication_card_has_no_pins_and_only_the_auth_certificate() -> None:
    issued = profiles.load("face-auth", today=DAY)
    card = Card(issued.profile())
    answers = [
        card.transmit(bytes.fromhex(command)).hex()
        for command in ("00A4040C0AD392F000260100000001", "00B08A0002", "002000980431323334", "802A00970100")
    ]

    assert issued.pins == Pins()
    assert (jpki_of(issued).sign, jpki_of(issued).auth is None) == (None, False)
    assert answers[:2] == ["9000", "30829000"]
    assert "9000" not in answers[2:]
    assert issued.number_b == "13080820350808"


@pytest.mark.parametrize(
    ("name", "atr"),
    [("new-chip", "3BDA13FF8131FB468012392F31C173C601C03B"), ("contactless", "3B888001000041E0B381A1003B")],
)
def test_a_chip_and_a_reader_show_in_the_answer_to_reset_and_nowhere_else(name: str, atr: str) -> None:
    profile, usual = profiles.load(name, today=DAY).profile(), profiles.load("adult", today=DAY).profile()

    assert profile.atr.hex().upper() == atr
    assert [application.aid for application in profile.applications] == [
        application.aid for application in usual.applications
    ]
    assert profile.behaviour == usual.behaviour


def ends(card: IssuedCard) -> set[date]:
    return {card.not_after, sign_of(card).not_after.date(), auth_of(card).not_after.date()}


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_importing_the_profiles_imports_nothing_heavy() -> None:
    heavy = "{'cryptography', 'tomllib', 'importlib.resources'}"

    assert run(f"import sys, mynacard_emulator.profiles; print({heavy} & set(sys.modules))") == "set()"


@pytest.mark.parametrize("library", ["cryptography", "PIL"])
def test_reading_a_card_file_imports_no_library_that_only_making_one_needs(library: str) -> None:
    code = f"import sys, mynacard_emulator.personalise.issued; print({library!r} in sys.modules)"

    assert run(code) == "False"


def test_opening_a_card_file_draws_nothing() -> None:
    recorded = Path(mynacard_fixtures.__file__).parent / "snapshots" / "v1" / "visual.json"
    code = f"""
import sys
from pathlib import Path
from mynacard_emulator.cards import CardInHand
CardInHand.look(Path({str(recorded)!r}))
print("PIL" in sys.modules)
"""

    assert run(code) == "False"


def test_no_pin_is_in_the_repr_of_anything() -> None:
    card = profiles.load("adult", today=DAY)
    shown = [repr(card), repr(card.pins), repr(profiles.spec("adult")), repr(jpki_of(card).auth)]
    shown += [repr(card.text), repr(card.visual)]

    for secret in ("ABC123", "'1234'", "'2345'", "'3456'", "PRIVATE KEY", card.number_b):
        assert not any(secret in text for text in shown)
    assert card.my_number not in repr(card)

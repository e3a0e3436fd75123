"""The built-in profiles: found by name, read from the package, cheap until a card is asked for."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.card import Profile
from mynacard_emulator.personalise.dates import today
from mynacard_emulator.personalise.errors import ProfileError
from mynacard_emulator.personalise.profile_file import parse

DAY = date(2026, 11, 20)


def test_the_built_in_profiles_are_listed_by_name() -> None:
    assert profiles.names() == ("adult", "no-certificates")


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
        "atr",
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
    keys = ("name_substitutes", "address_substitutes", "my_number", "blocked_verify", "keep_verified_on_failure")
    uncommented = "\n".join(
        line.removeprefix("# ") if line.startswith(tuple(f"# {key} =" for key in keys)) else line
        for line in profiles.text(name).splitlines()
    )

    assert parse(uncommented, source="x", name="x").name == "x"


def test_a_card_is_good_today_and_comes_from_the_package() -> None:
    for make, name in ((profiles.adult, "adult"), (profiles.no_certificates, "no-certificates")):
        profile = make()
        assert isinstance(profile, Profile)
        assert profile.name == name
        assert profiles.load(name).not_after >= today()


def test_fresh_keys_make_a_card_that_shares_none() -> None:
    card, other = profiles.load("adult", today=DAY), profiles.load("adult", today=DAY, fresh_keys=True)

    assert card.text.session_private_key != other.text.session_private_key
    assert card.my_number == other.my_number


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (
            "adlut",
            "no built-in profile is called 'adlut'; did you mean 'adult'? Built in are: adult, no-certificates",
        ),
        (
            "x",
            "no built-in profile is called 'x'; a file of your own ends in .toml. Built in are: adult, no-certificates",
        ),
        ("x.toml", "x.toml: cannot be read: No such file or directory"),
        ("nowhere/x", "nowhere/x: cannot be read: No such file or directory"),
    ],
)
def test_an_unknown_profile_is_refused_in_one_line(name: str, line: str) -> None:
    with pytest.raises(ProfileError) as refused:
        profiles.load(name, today=DAY)

    assert str(refused.value) == line


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.strip()


def test_importing_the_profiles_imports_nothing_heavy() -> None:
    heavy = "{'cryptography', 'tomllib', 'importlib.resources'}"

    assert run(f"import sys, mynacard_emulator.profiles; print({heavy} & set(sys.modules))") == "set()"


def test_reading_a_card_file_imports_no_cryptography() -> None:
    code = "import sys, mynacard_emulator.personalise.issued; print('cryptography' in sys.modules)"

    assert run(code) == "False"


def test_no_pin_is_in_the_repr_of_anything() -> None:
    card = profiles.load("adult", today=DAY)
    shown = [repr(card), repr(card.pins), repr(profiles.spec("adult")), repr(card.jpki.auth), repr(card.text)]

    for secret in ("ABC123", "'1234'", "'2345'", "'3456'", "PRIVATE KEY", card.number_b):
        assert not any(secret in text for text in shown)
    assert card.my_number not in repr(card)

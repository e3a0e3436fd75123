"""Pictures of the built-in holders are kept, so that making their cards needs no Pillow."""

from __future__ import annotations

import subprocess
import sys
from inspect import unwrap

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.personalise.drawn import kept
from mynacard_emulator.personalise.images import digits_image


@pytest.mark.parametrize("name", profiles.names())
def test_a_built_in_card_is_made_without_pillow(name: str) -> None:
    program = (
        f"import sys; from mynacard_emulator import profiles; profiles.load({name!r}); print('PIL' in sys.modules)"
    )

    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
    )


def test_a_kept_picture_of_digits_is_the_one_that_would_be_drawn() -> None:
    assert digits_image("2285") == unwrap(digits_image)("2285")


def test_what_is_not_kept_is_drawn_once() -> None:
    drawn: list[str] = []

    def draw(subject: str) -> bytes:
        drawn.append(subject)
        return subject.encode()

    picture = kept(draw)

    assert (picture("nobody"), picture("nobody"), drawn) == (b"nobody", b"nobody", ["nobody"])

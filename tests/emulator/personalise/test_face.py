"""The picture of a card: both sides, unmistakably a test card."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from mynacard_emulator import profiles
from mynacard_emulator.personalise.face import HEIGHT, WIDTH, face, japanese_date
from mynacard_emulator.personalise.holder import MAX_ADDRESS, MAX_NAME
from mynacard_emulator.personalise.issue import personalise
from mynacard_emulator.personalise.issued import IssuedCard

DAY = date(2026, 11, 20)
CARD = profiles.load("adult", today=DAY)
WARNING = (0xD4, 0x38, 0x0D)

FRONT, BACK = (60, 140, 916, 680), (996, 140, 1852, 680)
PORTRAIT = (98, 350, 322, 650)


def drawn(card: IssuedCard) -> Image.Image:
    picture = Image.open(BytesIO(face(card)))
    picture.load()
    return picture


def warned(picture: Image.Image) -> float:
    """How much of a picture is redder than it is green, as the banner and the watermark are and nothing else is."""
    raw = picture.convert("RGB").tobytes()
    return sum(raw[at] > raw[at + 1] + 12 for at in range(0, len(raw), 3)) / (len(raw) / 3)


def test_a_picture_has_room_for_both_sides_of_a_card() -> None:
    picture = drawn(CARD)

    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (WIDTH, HEIGHT))


def test_the_same_card_is_the_same_picture_and_another_is_another() -> None:
    assert face(CARD) == face(profiles.load("adult", today=DAY))
    assert face(CARD) != face(profiles.load("adult", today=DAY, seed=1))


def test_a_banner_and_a_watermark_warn_on_every_part_of_it() -> None:
    picture = drawn(CARD)

    assert picture.getpixel((5, 5)) == picture.getpixel((WIDTH - 5, 95)) == WARNING
    for left, top, right, bottom in (FRONT, BACK):
        for x in range(left, right - 213, 214):
            for y in range(top, bottom - 179, 180):
                assert warned(picture.crop((x, y, x + 214, y + 180))) > 0.02
    assert warned(picture.crop(PORTRAIT)) > 0.02


def test_only_the_back_has_the_my_number() -> None:
    other = drawn(replace(CARD, my_number="123456789012"))
    picture = drawn(CARD)

    assert picture.crop(FRONT).tobytes() == other.crop(FRONT).tobytes()
    assert picture.crop(BACK).tobytes() != other.crop(BACK).tobytes()


def test_the_portrait_is_the_one_on_the_chip_and_may_be_missing() -> None:
    older = drawn(replace(CARD, visual=None))

    assert older.crop(PORTRAIT).tobytes() != drawn(CARD).crop(PORTRAIT).tobytes()
    assert older.crop(BACK).tobytes() == drawn(CARD).crop(BACK).tobytes()


def test_the_longest_name_and_address_stay_in_their_places() -> None:
    spec = profiles.spec("adult")
    holder = replace(
        spec.holder,
        name="龍" * MAX_NAME,
        address="龍" * MAX_ADDRESS,
        name_substitutes="0" * MAX_NAME,
        address_substitutes="0" * MAX_ADDRESS,
    )
    longest = drawn(personalise(replace(spec, holder=holder), today=DAY))
    picture = drawn(CARD)

    for untouched in ((340, 330, 916, 680), (996, 500, 1852, 680), (0, 0, WIDTH, 140), (884, 140, 996, HEIGHT)):
        assert longest.crop(untouched).tobytes() == picture.crop(untouched).tobytes()


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(1980, 2, 17), "昭和55年2月17日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(1912, 7, 30), "大正元年7月30日"),
        (date(1911, 12, 31), "明治44年12月31日"),
    ],
)
def test_a_date_is_written_by_era(day: date, words: str) -> None:
    assert japanese_date(day) == words


def test_a_face_authentication_card_says_so() -> None:
    card = profiles.load("face-auth", today=DAY)
    note = (760, 620, 866, 660)

    assert drawn(card).crop(note).tobytes() != drawn(replace(card, pins=CARD.pins)).crop(note).tobytes()

"""Pictures of text: sizes, what is drawn, and what is drawn instead of what cannot be."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mynacard_emulator.personalise import images
from mynacard_emulator.personalise.draw import Draw
from mynacard_emulator.personalise.portrait import Features, Hair, features, portrait


def pixels(raw: bytes) -> Image.Image:
    picture = Image.open(BytesIO(raw))
    picture.load()
    return picture


def dots(picture: Image.Image) -> list[str]:
    return [
        "".join("." if picture.getpixel((x, y)) else "#" for x in range(picture.width)) for y in range(picture.height)
    ]


def test_digits_are_drawn_dot_by_dot() -> None:
    assert dots(pixels(images.digits_image("17"))) == [
        "............",
        "...#...#####",
        "..##.......#",
        "..##.......#",
        "...#......#.",
        "...#.....#..",
        "...#.....#..",
        "...#.....#..",
        "...#.....#..",
        "..###....#..",
        "............",
        "............",
    ]


def test_every_digit_is_another_picture() -> None:
    assert len({images.digits_image(digit) for digit in "0123456789"}) == 10


@settings(deadline=None)  # the first picture imports Pillow
@given(st.text("0123456789", min_size=1, max_size=12))
def test_a_picture_of_digits_is_the_pictures_of_each_side_by_side(digits: str) -> None:
    whole = pixels(images.digits_image(digits))

    assert whole.size == (6 * len(digits), 12)
    for place, digit in enumerate(digits):
        alone = pixels(images.digits_image(digit))
        assert whole.crop((6 * place, 0, 6 * place + 6, 12)).tobytes() == alone.tobytes()


@pytest.mark.parametrize(("length", "lines"), [(1, 1), (22, 1), (23, 2), (44, 2), (200, 10)])
def test_text_goes_on_in_a_new_line_after_22_full_width_characters(length: int, lines: int) -> None:
    assert pixels(images.text_image("架" * length)).size == (528, 24 * lines)


def test_half_width_characters_take_half_the_room() -> None:
    assert images.wrap("A" * 45, 24, 528) == ["A" * 44, "A"]


@settings(deadline=None)  # the first line loads the font
@given(st.text("架空Aa1　１", min_size=1, max_size=100))
def test_no_character_is_lost_between_lines(text: str) -> None:
    assert "".join(images.wrap(text, 24, 528)) == text


def test_what_the_font_lacks_is_a_geta_mark() -> None:
    assert images.wrap("架\U0010fffd空", 24, 528) == ["架〓空"]
    assert images.text_image("\U0010fffd") == images.text_image("〓")


@pytest.mark.parametrize("character", "架髙﨑𠮷德濵～－１ァＡ々ヶ")
def test_characters_of_real_names_and_addresses_can_be_drawn(character: str) -> None:
    assert images.wrap(character, 24, 528) == [character]
    assert "#" in "".join(dots(pixels(images.text_image(character))))


def test_a_space_and_a_line_of_text_without_ink_are_drawn_too() -> None:
    assert images.wrap("　", 24, 528) == ["　"]


def test_every_face_is_another() -> None:
    drawn = {portrait(Features(hair, glasses=glasses)) for hair in Hair for glasses in (True, False)}

    assert len(drawn) == 2 * len(Hair)


@pytest.mark.parametrize("hair", Hair)
def test_a_portrait_is_small_and_bright_at_its_edge(hair: Hair) -> None:
    raw = portrait(Features(hair, glasses=False))

    assert len(raw) < 4096
    assert pixels(raw).tobytes()[0] > 200


def test_lots_decide_the_face_and_always_the_same() -> None:
    drawn = [features(Draw(seed, "somebody")) for seed in range(50)]

    assert drawn == [features(Draw(seed, "somebody")) for seed in range(50)]
    assert {each.hair for each in drawn} == set(Hair)
    assert {each.glasses for each in drawn} == {True, False}

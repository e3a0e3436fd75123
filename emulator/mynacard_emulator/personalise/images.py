"""Text as the chip carries it beside the characters: pictures of one bit a pixel, PNG.

A picture can show what the character set of the text cannot, which is why the card has both. The font comes with the
package and no other is looked for, so that every machine draws the same; another version of Pillow, which brings its
own FreeType and zlib, may set a dot or a byte otherwise. Sizes are assumptions, the digits' excepted.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

from .drawn import kept

if TYPE_CHECKING:  # Pillow takes as long to import as the rest of a card takes to make
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont

GLYPH = 24
"""Pixels of a full-width character in the pictures of name and address, each way."""
LINE_WIDTH = 22 * GLYPH
DIGIT_WIDTH, DIGIT_HEIGHT = 6, 12
UNDRAWABLE = "〓"
"""The printer's turned sort, for a character that the font lacks."""

_NO_CHARACTER = "\uffff"
_WHITE, _BLACK = 1, 0
_DIGITS = (  # 5 x 7 dots, a byte a row
    *("0E11111111110E", "040C040404040E", "0E11010204081F", "0E11010601110E", "02060A121F0202"),
    *("1F101E0101110E", "0608101E11110E", "1F010204040404", "0E11110E11110E", "0E11110F01020C"),
)


@kept
def text_image(text: str) -> bytes:
    """A picture of one or more lines of text, 528 pixels wide."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - start-up

    lines = wrap(text, GLYPH, LINE_WIDTH)
    image = Image.new("1", (LINE_WIDTH, GLYPH * len(lines)), _WHITE)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        draw.text((0, GLYPH * row), line, fill=_BLACK, font=font(GLYPH))
    return _png(image)


@kept
def digits_image(digits: str) -> bytes:
    """A picture of digits, 6 x 12 pixels each: the My Number is 72 x 12, a security code 24 x 12."""
    from PIL import Image  # noqa: PLC0415 - start-up

    image = Image.new("1", (DIGIT_WIDTH * len(digits), DIGIT_HEIGHT), _WHITE)
    for place, digit in enumerate(digits):
        for row, bits in enumerate(_dots(digit), start=1):
            for column in range(DIGIT_WIDTH):
                if bits >> column & 1:
                    image.putpixel((DIGIT_WIDTH * (place + 1) - 1 - column, row), _BLACK)
    return _png(image)


def wrap(text: str, size: int, width: int) -> list[str]:
    """Break text into lines of at most `width` pixels, anywhere, as Japanese may be; 〓 for what the font lacks."""
    lines, taken = [""], 0.0
    for character in text:
        drawn = character if _drawable(character) else UNDRAWABLE
        taken += _advance(drawn, size)
        if taken > width:
            lines.append("")
            taken = _advance(drawn, size)
        lines[-1] += drawn
    return lines


@cache
def font(size: int) -> FreeTypeFont:
    """The font at this size; digits and Latin letters are half as wide as everything else."""
    from PIL import ImageFont  # noqa: PLC0415 - start-up

    # The basic layout: the other one needs a library that Pillow does not have everywhere.
    return ImageFont.truetype(BytesIO(_font_file()), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _font_file() -> bytes:
    return (files("mynacard_fixtures") / "fonts" / "VL-Gothic-Regular.ttf").read_bytes()


@cache
def _advance(character: str, size: int) -> float:
    return font(size).getlength(character)


@cache
def _drawable(character: str) -> bool:
    return _glyph(character) != _glyph(_NO_CHARACTER)


def _glyph(character: str) -> bytes:
    from PIL import Image, ImageDraw  # noqa: PLC0415 - start-up

    image = Image.new("1", (GLYPH, GLYPH), _WHITE)
    ImageDraw.Draw(image).text((0, 0), character, fill=_BLACK, font=font(GLYPH))
    return image.tobytes()


def _dots(digit: str) -> list[int]:
    """The rows of a digit, stretched to nine."""
    rows = bytes.fromhex(_DIGITS[int(digit)])
    return [rows[row] for row in (0, 1, 1, 2, 3, 4, 5, 5, 6)]


def _png(image: Image) -> bytes:
    written = BytesIO()
    image.save(written, "PNG")
    return written.getvalue()

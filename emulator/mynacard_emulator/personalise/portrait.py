"""The portrait: a face drawn of circles and lines, so that it can be nobody's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from io import BytesIO
from typing import TYPE_CHECKING

from .draw import Draw
from .drawn import kept

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 240, 320
"""Pixels of the portrait (an assumption)."""

_OVERSAMPLING = 2
_COMPRESSION = 24  # 3.2 kB: a whole card face is said to have several
_BACKGROUND, _SKIN, _INK, _COAT, _COLLAR = 226, 206, 52, 96, 240

Box = tuple[int, int, int, int]


@unique
class Hair(Enum):
    """How somebody invented wears it; the number is its shade."""

    SHORT = 40
    LONG = 56
    CURLY = 88
    TIED = 72


@dataclass(frozen=True, slots=True)
class Features:
    """What makes one drawn face another."""

    hair: Hair
    glasses: bool


def features(draw: Draw) -> Features:
    """Draw lots for a face."""
    hair = tuple(Hair)[draw.below("portrait hair", len(Hair))]
    return Features(hair, glasses=draw.below("portrait glasses", 3) == 0)


@kept
def portrait(features: Features) -> bytes:
    """Draw it in grey, as JPEG 2000 (JP2)."""
    from PIL import Image, ImageDraw, Jpeg2KImagePlugin  # noqa: F401, PLC0415 - start-up; saves Pillow a search

    image = Image.new("L", (_OVERSAMPLING * WIDTH, _OVERSAMPLING * HEIGHT), _BACKGROUND)
    sheet = _Sheet(ImageDraw.Draw(image))
    _draw_behind(sheet, features.hair)
    _draw_head(sheet)
    _draw_hair(sheet, features.hair)
    _draw_face(sheet)
    if features.glasses:
        _draw_glasses(sheet)
    written = BytesIO()
    small = image.reduce(_OVERSAMPLING)
    small.save(written, "JPEG2000", quality_mode="rates", quality_layers=[_COMPRESSION], irreversible=True)
    return written.getvalue()


class _Sheet:
    """Paper on which a pixel is a pixel of the finished portrait."""

    def __init__(self, draw: ImageDraw) -> None:
        self._draw = draw

    def disc(self, box: Box, shade: int) -> None:
        self._draw.ellipse(_scaled(box), fill=shade)

    def ring(self, box: Box) -> None:
        self._draw.ellipse(_scaled(box), outline=_INK, width=3 * _OVERSAMPLING)

    def arc(self, box: Box, start: int, end: int, width: int = 4) -> None:
        self._draw.arc(_scaled(box), start, end, fill=_INK, width=width * _OVERSAMPLING)

    def lid(self, box: Box, shade: int) -> None:
        """The upper half of a disc."""
        self._draw.chord(_scaled(box), 180, 360, fill=shade)

    def block(self, box: Box, shade: int) -> None:
        self._draw.rounded_rectangle(_scaled(box), radius=20 * _OVERSAMPLING, fill=shade)

    def bar(self, box: Box) -> None:
        self._draw.line(_scaled(box), fill=_INK, width=3 * _OVERSAMPLING)

    def wedge(self, corners: tuple[tuple[int, int], ...], shade: int) -> None:
        self._draw.polygon([(x * _OVERSAMPLING, y * _OVERSAMPLING) for x, y in corners], fill=shade)


def _scaled(box: Box) -> tuple[int, ...]:
    return tuple(edge * _OVERSAMPLING for edge in box)


def _draw_behind(sheet: _Sheet, hair: Hair) -> None:
    """Shoulders, and the hair that falls behind them."""
    if hair is Hair.LONG:
        sheet.block((52, 90, 188, 262), hair.value)
    if hair is Hair.TIED:
        sheet.disc((92, 12, 148, 68), hair.value)
    sheet.disc((18, 236, 222, 420), _COAT)
    sheet.block((98, 196, 142, 262), _SKIN - 16)
    sheet.wedge(((88, 246), (120, 284), (152, 246), (168, 262), (120, 320), (72, 262)), _COLLAR)


def _draw_head(sheet: _Sheet) -> None:
    for ear in (52, 172):
        sheet.disc((ear, 132, ear + 16, 168), _SKIN - 16)
    sheet.disc((58, 64, 182, 226), _SKIN)


def _draw_hair(sheet: _Sheet, hair: Hair) -> None:
    match hair:
        case Hair.CURLY:
            for x, y in ((54, 88), (66, 62), (90, 44), (118, 42), (144, 58), (160, 84)):
                sheet.disc((x - 8, y - 8, x + 42, y + 42), hair.value)
        case Hair.SHORT | Hair.LONG | Hair.TIED:
            sheet.lid((54, 44, 186, 184), hair.value)
            sheet.disc((72, 98, 168, 140), _SKIN)


def _draw_face(sheet: _Sheet) -> None:
    for eye in (86, 142):
        sheet.disc((eye, 138, eye + 12, 152), _INK)
        sheet.arc((eye - 8, 118, eye + 20, 144), 210, 330)
    sheet.arc((110, 148, 128, 178), 20, 140, 3)
    sheet.arc((92, 158, 148, 206), 30, 150)


def _draw_glasses(sheet: _Sheet) -> None:
    for lens in (74, 130):
        sheet.ring((lens, 128, lens + 36, 162))
    sheet.bar((110, 142, 130, 142))

"""The card as a person knows it: both sides in one picture that nobody can take for a real card.

Colours are not the real ones, the title says specimen, and TEST CARD is written over everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

from mynacard_emulator.iso7816 import tlv

from .era import era
from .errors import NoFaceError
from .holder import Sex
from .images import font, wrap
from .issued import IssuedCard

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT = 1912, 760
"""Pixels of the picture; each side of the card is 856 x 540, ten pixels a millimetre."""

_SIDE = 856, 540
_FRONT, _BACK = (60, 140), (996, 140)
_CORNER = 32
_SHEET = 2060  # a square that covers the picture however it is turned

_INK, _FAINT, _PAPER, _BAND, _WARNING = "#1d2733", "#5d6b7a", "#eef3fb", "#c9d8f2", "#d4380d"
_WATERMARK = 62  # of 255
_CHIP, _CHIP_LINES = "#d9c27a", "#8f7d3f"

_PORTRAIT_TAG = 0xDF27
_ERAS = {"Reiwa": "令和", "Heisei": "平成", "Showa": "昭和", "Taisho": "大正", "Meiji": "明治"}
_SEXES = {Sex.MALE: "男", Sex.FEMALE: "女", Sex.NOT_APPLICABLE: "―", Sex.UNKNOWN: "不明"}

Point = tuple[int, int]


def face(card: IssuedCard) -> bytes:
    """Draw front and back of a card side by side, PNG; the back has the My Number.

    Raises `NoFaceError` for a telephone and the like.
    """
    if card.text is None:
        raise NoFaceError(f"a card of the kind {card.kind.value!r} has no face to draw")
    from PIL import Image, ImageDraw  # noqa: PLC0415 - start-up

    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(picture)
    _banner(draw)
    for side in (_FRONT, _BACK):
        _blank(draw, side)
    _front(picture, draw, card)
    _back(draw, card)
    picture.paste(_WARNING, mask=_watermark())
    for side, caption in ((_FRONT, "front 表"), (_BACK, "back 裏")):
        _write(draw, (side[0] + 8, side[1] + _SIDE[1] + 12), caption, 24, _FAINT)
    written = BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def japanese_date(day: date) -> str:
    """Era, year, month, day: 昭和55年2月17日; the first year of an era is 元年."""
    named = era(day)
    year = named.year(day)
    return f"{_ERAS[named.name]}{'元' if year == 1 else year}年{day.month}月{day.day}日"


# ---------------------------------------------------------------- both sides


def _banner(draw: ImageDraw) -> None:
    draw.rectangle((0, 0, WIDTH, 100), fill=_WARNING)
    _write(draw, (60, 18), "TEST CARD テスト用", 60, "white", bold=True)
    _write(draw, (700, 20), "Made by mynacard, worth nothing. Nobody on it exists.", 28, "white")
    _write(draw, (700, 56), "模擬カード。本物ではありません。人物・番号は架空です。", 28, "white")


def _blank(draw: ImageDraw, side: Point) -> None:
    x, y = side
    draw.rounded_rectangle((x, y, x + _SIDE[0], y + _SIDE[1]), _CORNER, fill=_PAPER, outline=_WARNING, width=5)


def _watermark() -> Image:
    """TEST CARD along the diagonals of both sides, and nowhere else: how much of it each pixel has."""
    from PIL import Image, ImageDraw  # noqa: PLC0415 - start-up

    sheet = Image.new("L", (_SHEET, _SHEET))
    draw = ImageDraw.Draw(sheet)
    for row, y in enumerate(range(0, _SHEET, 150)):
        _write(draw, (-400 * (row % 2), y), "TEST CARD　テスト用　" * 5, 64, _WATERMARK, bold=True)
    left, top = (_SHEET - WIDTH) // 2, (_SHEET - HEIGHT) // 2
    turned = sheet.rotate(28, Image.Resampling.BILINEAR).crop((left, top, left + WIDTH, top + HEIGHT))
    mask = Image.new("L", (WIDTH, HEIGHT))
    for x, y in (_FRONT, _BACK):
        side = (x + 4, y + 4, x + _SIDE[0] - 4, y + _SIDE[1] - 4)
        mask.paste(turned.crop(side), side)
    return mask


# ---------------------------------------------------------------- front


def _front(picture: Image, draw: ImageDraw, card: IssuedCard) -> None:
    x, y = _FRONT
    draw.rectangle((x + 284, y + 208, x + _SIDE[0] - 5, y + 262), fill=_BAND)
    _field(draw, (x + 36, y + 28), "氏名", card.holder.name, (690, 64, 44))
    _field(draw, (x + 36, y + 104), "住所", card.holder.address, (690, 84, 34))
    _write(draw, (x + 300, y + 214), "個人番号カード（見本）", 38, _INK, bold=True)
    _paste_portrait(picture, draw, card, (x + 36, y + 208))
    for row, (label, value) in enumerate(_facts(card)):
        top = y + 276 + 52 * row
        _write(draw, (x + 300, top + 8), label, 22, _FAINT)
        _write(draw, (x + 480, top), value, 32, _INK)
    if card.certificate("auth") is not None and card.pins.auth is None:  # F-069
        _write(draw, (x + 700, y + 482), "顔認証", 34, _INK, bold=True)
    _write(draw, (x + 300, y + 488), "セキュリティコード", 22, _FAINT)
    _write(draw, (x + 516, y + 480), card.security_code, 34, _INK, bold=True)


def _facts(card: IssuedCard) -> Iterator[tuple[str, str]]:
    end = card.not_after
    yield "生年月日", f"{japanese_date(card.holder.born)}生"
    yield "性別", _SEXES[card.holder.sex]
    yield "有効期限", f"{end.year}年{end.month}月{end.day}日まで有効"
    certificates = [made for made in map(card.certificate, ("sign", "auth")) if made]
    first = min((made.not_after.date() for made in certificates), default=None)
    yield "電子証明書", f"{first.year}年{first.month}月{first.day}日まで有効" if first else "なし"


def _paste_portrait(picture: Image, draw: ImageDraw, card: IssuedCard, at: Point) -> None:
    from PIL import Image  # noqa: PLC0415 - start-up

    x, y = at
    raw = _portrait(card)
    if raw is None:
        draw.rectangle((x, y, x + 228, y + 304), fill=_BAND)
        _write(draw, (x + 42, y + 136), "写真なし", 36, _FAINT)
    else:
        picture.paste(Image.open(BytesIO(raw)).resize((228, 304)), at)
    draw.rectangle((x, y, x + 228, y + 304), outline=_FAINT, width=2)


def _portrait(card: IssuedCard) -> bytes | None:
    """The portrait on the chip, if it has one."""
    if card.visual is None:
        return None
    record, _ = tlv.decode(card.visual.card_face)
    return next((item.value for item in tlv.decode_all(record.value) if item.tag == _PORTRAIT_TAG), None)


# ---------------------------------------------------------------- back


def _back(draw: ImageDraw, card: IssuedCard) -> None:
    x, y = _BACK
    _chip(draw, (x + 70, y + 170))
    _write(draw, (x + 300, y + 60), "個人番号（見本）", 30, _FAINT)
    number = " ".join(card.my_number[at : at + 4] for at in range(0, len(card.my_number), 4))
    _write(draw, (x + 300, y + 104), number, 66, _INK, bold=True)
    _field(draw, (x + 300, y + 220), "氏名", card.holder.name, (426, 80, 40))
    _write(draw, (x + 300, y + 330), "生年月日", 22, _FAINT)
    _write(draw, (x + 410, y + 320), f"{japanese_date(card.holder.born)}生", 34, _INK)
    draw.rectangle((x + 5, y + 420, x + _SIDE[0] - 5, y + 474), fill=_BAND)
    _write(draw, (x + 36, y + 430), "模擬カード　公的な証明には使えません", 32, _WARNING, bold=True)


def _chip(draw: ImageDraw, at: Point) -> None:
    """A contact plate, as ISO 7816-2 has it: eight contacts around a middle."""
    x, y = at
    draw.rounded_rectangle((x, y, x + 130, y + 110), 16, fill=_CHIP, outline=_CHIP_LINES, width=3)
    for row in (28, 55, 82):
        draw.line((x, y + row, x + 42, y + row), fill=_CHIP_LINES, width=3)
        draw.line((x + 88, y + row, x + 130, y + row), fill=_CHIP_LINES, width=3)
    draw.rounded_rectangle((x + 42, y + 20, x + 88, y + 90), 8, outline=_CHIP_LINES, width=3)


# ---------------------------------------------------------------- text


def _field(draw: ImageDraw, at: Point, label: str, value: str, room: tuple[int, int, int]) -> None:
    """A label, and a value beside it, as large as the room for it allows: width, height, largest size."""
    x, y = at
    _write(draw, (x, y + 8), label, 22, _FAINT)
    width, height, largest = room
    sizes = range(largest, 10, -2)
    size = next((size for size in sizes if len(wrap(value, size, width)) * _pitch(size) <= height), 10)
    for row, line in enumerate(wrap(value, size, width)):
        _write(draw, (x + 96, y + row * _pitch(size)), line, size, _INK)


def _pitch(size: int) -> int:
    """From one line to the next."""
    return size * 9 // 8


def _write(  # noqa: PLR0913 - a place, words, and how they look
    draw: ImageDraw, at: Point, words: str, size: int, fill: str | int, *, bold: bool = False
) -> None:
    draw.text(at, words, font=font(size), fill=fill, stroke_width=1 if bold else 0)

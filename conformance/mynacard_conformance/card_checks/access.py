"""Who opens what in the text and the visual application: the access matrix (card.md)."""

from __future__ import annotations

from . import apdu
from .bench import Bench
from .check import CannotJudge, NotCovered, must, require, require_that, seen_of
from .places import (
    AGE_RECORD,
    ATTRIBUTES,
    BASIC_INFO,
    BIRTH_DATE,
    CV_CERTIFICATE,
    FACE,
    INTEGRITY,
    INTERNAL_PUBLIC_KEY,
    MY_NUMBER,
    NUMBER_A,
    NUMBER_B,
    NUMBER_IMAGE,
    SESSION_KEY,
    TEXT,
    TEXT_PIN,
    VISUAL,
    VISUAL_A,
    VISUAL_B,
    Application,
    File,
    Pin,
)

_TEXT_CLOSED = (MY_NUMBER, ATTRIBUTES, INTEGRITY, SESSION_KEY, INTERNAL_PUBLIC_KEY)
_VISUAL_CLOSED = (AGE_RECORD, FACE, NUMBER_IMAGE)
_SHARED = (INTEGRITY, SESSION_KEY, INTERNAL_PUBLIC_KEY)


def _require_only(bench: Bench, pin: Pin, opened: tuple[File, ...], closed: tuple[File, ...]) -> None:
    """Insist that a verified PIN opens some files and leaves others closed."""
    bench.known(pin)
    bench.open(pin)
    for file in opened:
        answer = _read(bench, file)
        require_that(answer.done, "statuses", "9000", seen=seen_of(answer))
    for file in closed:
        require(_read(bench, file), 0x6982)


def _read(bench: Bench, file: File) -> apdu.Answer:
    selected = bench.send(apdu.select_file(file.fid))
    if selected.sw == 0x6A82:
        raise NotCovered("no-file", str(file))
    if not selected.done:
        raise CannotJudge("needed", f"SELECT {file}", f"{selected.sw:04X}")
    return bench.send(apdu.read(0, 4))


def _require_closed(bench: Bench, application: Application, files: tuple[File, ...]) -> None:
    bench.application(application)
    for file in files:
        require(_read(bench, file), 0x6982)


@must(
    "card/access/text-closed",
    "Without a PIN or number 0001, 0002, 0003, 0006 and 0007 of the text application say 6982.",
    "照合なしでは、券面事項入力補助APの0001・0002・0003・0006・0007は6982となり読み出せない。",
    source="R-012, R-013; card.md, The text application: certain",
)
def text_closed(bench: Bench) -> None:
    """Try all of them."""
    _require_closed(bench, TEXT, _TEXT_CLOSED)


@must(
    "card/access/text-free",
    "EF 0004 and 0005 of the text application are read by everybody.",
    "券面事項入力補助APのEF 0004と0005は誰でも読み出せる。",
    source="card.md, The text application: certain",
)
def text_free(bench: Bench) -> None:
    """Read both."""
    bench.application(TEXT)
    for file in (CV_CERTIFICATE, BASIC_INFO):
        require(_read(bench, file), 0x9000)


@must(
    "card/access/text-pin",
    "The text PIN opens 0001, 0002, 0003, 0006 and 0007 of the text application.",
    "券面事項入力補助用暗証番号は、0001・0002・0003・0006・0007を開く。",
    source="R-012; card.md, The text application: certain",
)
def text_pin(bench: Bench) -> None:
    """Verify it and read."""
    _require_only(bench, TEXT_PIN, _TEXT_CLOSED, ())


@must(
    "card/access/number-a",
    "Number A opens the My Number, 0001, and not the attributes, 0002.",
    "照合番号Aはマイナンバー(0001)を開き、基本4情報(0002)は開かない。",
    source="F-023; card.md, The text application: certain",
)
def number_a(bench: Bench) -> None:
    """Verify it and read."""
    _require_only(bench, NUMBER_A, (MY_NUMBER, *_SHARED), (ATTRIBUTES,))


@must(
    "card/access/number-b",
    "Number B opens the attributes, 0002, and not the My Number, 0001.",
    "照合番号Bは基本4情報(0002)を開き、マイナンバー(0001)は開かない。",
    source="F-023; card.md, The text application: certain",
)
def number_b(bench: Bench) -> None:
    """Verify it and read."""
    _require_only(bench, NUMBER_B, (ATTRIBUTES, *_SHARED), (MY_NUMBER,))


@must(
    "card/access/visual-closed",
    "Without a number nothing personal is read in the visual application: 0001, 0002 and 0005 say 6982.",
    "照合なしでは、券面事項確認APの0001・0002・0005は6982となり読み出せない。",
    source="card.md, The visual application: certain",
)
def visual_closed(bench: Bench) -> None:
    """Try all of them."""
    _require_closed(bench, VISUAL, _VISUAL_CLOSED)


@must(
    "card/access/visual-a",
    "Number A, in EF 0013, opens the card face and the picture of the My Number, and not the age record.",
    "照合番号A(EF 0013)は券面と個人番号画像を開き、年齢確認レコードは開かない。",
    source="F-023; card.md, The visual application: certain",
)
def visual_a(bench: Bench) -> None:
    """Verify it and read."""
    _require_only(bench, VISUAL_A, (FACE, NUMBER_IMAGE), (AGE_RECORD,))


@must(
    "card/access/visual-b",
    "Number B, in EF 0012, opens the card face, and neither the My Number's picture nor the age record.",
    "照合番号B(EF 0012)は券面だけを開き、個人番号画像と年齢確認レコードは開かない。",
    source="F-023; card.md, The visual application: certain",
)
def visual_b(bench: Bench) -> None:
    """Verify it and read."""
    _require_only(bench, VISUAL_B, (FACE,), (NUMBER_IMAGE, AGE_RECORD))


@must(
    "card/access/birth-date",
    "The birth date opens the age record and nothing else.",
    "生年月日による照合は年齢確認レコードだけを開く。",
    source="card.md, The visual application: certain",
)
def birth_date(bench: Bench) -> None:
    """Verify it and read."""
    _require_only(bench, BIRTH_DATE, (AGE_RECORD,), (FACE, NUMBER_IMAGE))

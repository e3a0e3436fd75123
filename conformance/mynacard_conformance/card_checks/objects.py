"""GET DATA, GET CHALLENGE, and the commands that not every program knows of."""

from __future__ import annotations

from mynacard_conformance.verdict import Phrase

from . import apdu
from .apdu import Answer
from .bench import Bench
from .check import NotCovered, must, require, require_data, require_that, seen_of, should
from .places import COMMON, JPKI, SECURITY_DOMAIN, TEXT, VISUAL

_CONTACT_ATR, _MUNICIPALITY, _LAST_DAY, _UPPER_CERTIFICATE = 0x5F51, 0x00F0, 0x00F2, 0x00F8
_NO_OBJECT = 0x6A88


def _object(bench: Bench, tag: int, *, extended: bool = False) -> Answer:
    """An object of the level above all applications; a telephone has none."""
    bench.application(JPKI)
    bench.send(apdu.select(SECURITY_DOMAIN))
    answer = bench.send(apdu.get_data(tag, 0x10000 if extended else 0, extended=extended))
    if answer.sw == _NO_OBJECT:
        raise NotCovered("no-object", f"{tag:04X}")
    return answer


@should(
    "card/data/contact-atr",
    "Where GET DATA tells 5F51, it is the contact ATR without its first byte.",
    "GET DATA 5F51が返る場合、その内容は先頭バイトを除いた接触ATRである。",
    source="card.md, Data objects: certain; contact_atr_object: where, likely",
)
def contact_atr(bench: Bench) -> None:
    """Ask above all applications and within one; an ATR that a contact reader saw has to be the same."""
    bench.application(JPKI)
    within = bench.send(apdu.get_data(_CONTACT_ATR))
    bench.send(apdu.select(SECURITY_DOMAIN))
    above = bench.send(apdu.get_data(_CONTACT_ATR))
    answer = above if above.done else within
    if not answer.done:
        raise NotCovered("no-object", f"{_CONTACT_ATR:04X}")
    bench.notes["contact-atr-object"] = "above applications" if above.done else "in applications"
    require_that(answer.data[:1] not in (b"\x3b", b"\x3f"), "no-first-byte", seen=seen_of(answer))
    if bench.atr and not bench.atr.startswith((b"\x3b\x88", b"\x3b\x80", b"\x3b\xf5", b"\x3b\x8a")):
        require_that(answer.data == bench.atr[1:], "contact-atr", seen=seen_of(answer))


@must(
    "card/data/digits",
    "00F0 is a municipality's code of 5 digits, 00F2 the card's last day of 8.",
    "00F0は5桁の市区町村コード、00F2は8桁の有効期限である。",
    source="card.md, Data objects: certain",
)
def digits(bench: Bench) -> None:
    """Read both; of an object that is shorter than 256 bytes some cards want the length."""
    for tag, length in ((_MUNICIPALITY, 5), (_LAST_DAY, 8)):
        answer = _object(bench, tag)
        require(answer, 0x9000)
        require_that(len(answer.data) == length and answer.data.isdigit(), "digits", length, seen=seen_of(answer))


@must(
    "card/data/large",
    "A data object longer than 256 bytes is refused with 6700 to a short Le, and told whole to an extended one.",
    "256バイトを超えるデータオブジェクトは、短いLeには6700を返し、拡張Leには全体を返す。",
    source="card.md, Data objects: certain",
)
def large(bench: Bench) -> None:
    """Ask for the upper certificate both ways."""
    whole = _object(bench, _UPPER_CERTIFICATE, extended=True)
    require(whole, 0x9000)
    require_that(len(whole.data) > 256, "more-bytes", 256, seen=seen_of(whole))
    require(bench.send(apdu.get_data(_UPPER_CERTIFICATE)), 0x6700)
    again = bench.send(apdu.get_data(_UPPER_CERTIFICATE, len(whole.data), extended=True))
    require_data(again, whole.data)


@must(
    "card/data/absent",
    "GET DATA of an object that there is not answers 6A88.",
    "存在しないデータオブジェクトのGET DATAは6A88を返す。",
    source="card.md, Status words: certain",
)
def absent(bench: Bench) -> None:
    """Ask for what one of the programs that probe asks for, above and within."""
    bench.application(JPKI)
    require(bench.send(apdu.get_data(0xDF30, 5)), _NO_OBJECT)
    bench.send(apdu.select(SECURITY_DOMAIN))
    require(bench.send(apdu.get_data(0xDF30, 5)), _NO_OBJECT)


@must(
    "card/challenge/length",
    "GET CHALLENGE gives as many bytes as Le says, from 1 to 256, and others each time.",
    "GET CHALLENGEは、1~256のLeで指定した長さの、毎回異なるバイト列を返す。",
    source="card.md, Commands: certain",
)
def challenge(bench: Bench) -> None:
    """Ask for several lengths, and for one of them twice."""
    bench.application(JPKI)
    seen = set()
    for length in (1, 8, 255, 256, 16, 16):
        answer = bench.send(apdu.command(0x00, 0x84, 0x00, 0x00, le=length))
        require(answer, 0x9000)
        require_that(len(answer.data) == length, "bytes", length, seen=seen_of(answer))
        if length == 16:
            require_that(answer.data not in seen, "another-challenge", seen=Phrase("same-answer"))
            seen.add(answer.data)


@must(
    "card/challenge/extended",
    "GET CHALLENGE with an extended Le answers 6985.",
    "拡張LeのGET CHALLENGEは6985を返す。",
    source="card.md, Status words: certain",
)
def challenge_extended(bench: Bench) -> None:
    """Ask so."""
    bench.application(JPKI)
    require(bench.send(apdu.command(0x00, 0x84, 0x00, 0x00, le=16, extended=True)), 0x6985)


@must(
    "card/indicator",
    "The last-command indicator, 80 FC 00 00, is refused with 6700 by a card; a telephone may answer 9000.",
    "最終コマンド表示(80 FC 00 00)は、カードでは6700で拒否される(スマートフォンは9000の場合がある)。",
    source="card.md, last_command: certain for cards",
)
def indicator(bench: Bench) -> None:
    """Send it."""
    bench.application(JPKI)
    answer = bench.send(apdu.command(0x80, 0xFC, 0x00, 0x00))
    require(answer, 0x6700, 0x9000)
    bench.notes["last-command"] = f"{answer.sw:04X}"


@must(
    "card/terminal/parameters",
    "SET PUBLIC KEY, 80 A2, answers 6A86 to other parameters than 06C1 and 00C1.",
    "80 A2は、06C1と00C1以外のパラメータに6A86を返す。",
    source="card.md, Commands: the refusals certain",
)
def terminal_parameters(bench: Bench) -> None:
    """Send those that were measured."""
    bench.application(JPKI)
    for p1p2 in (0x0000, 0x00AE, 0x8000, 0x00B6):
        require(bench.send(apdu.command(0x80, 0xA2, p1p2 >> 8, p1p2 & 0xFF, b"\x00")), 0x6A86)


@must(
    "card/terminal/length",
    "SET PUBLIC KEY with 256 bytes answers 6700, and opens nothing.",
    "256バイトの80 A2は6700を返し、何も開かない。",
    source="card.md, Commands: the refusals certain",
)
def terminal_length(bench: Bench) -> None:
    """Send what a scanner sends."""
    bench.application(JPKI)
    require(bench.send(apdu.command(0x80, 0xA2, 0x00, 0xC1, bytes(256))), 0x6700)


@must(
    "card/session-key/needs-pin",
    "SET SESSION KEY answers 6982 in the text application before its PIN, and in the JPKI application always.",
    "セッション鍵設定は、券面事項入力補助APでは照合前、JPKI-APでは常に6982を返す。",
    source="card.md, Secure messaging: certain",
)
def session_key_needs_pin(bench: Bench) -> None:
    """Send a ciphertext of the right length; access is asked for before it is looked at."""
    raw = apdu.command(0x80, 0xAE, 0x00, 0x00, bytes(256))
    bench.application(JPKI)
    require(bench.send(raw), 0x6982)
    if bench.send(apdu.select(TEXT.aid)).done:
        require(bench.send(raw), 0x6982)


@must(
    "card/session-key/nowhere-else",
    "SET SESSION KEY answers 66F1 in the visual and the common application.",
    "セッション鍵設定は、券面事項確認APと共通カードAPでは66F1を返す。",
    source="card.md, Status words: certain",
)
def session_key_nowhere_else(bench: Bench) -> None:
    """Send it there."""
    tried = False
    for application in (VISUAL, COMMON):
        if bench.send(apdu.select(application.aid)).done:
            tried = True
            require(bench.send(apdu.command(0x80, 0xAE, 0x00, 0x00, bytes(256))), 0x66F1)
    if not tried:
        raise NotCovered("no-application", VISUAL.name)


@must(
    "card/atr/shape",
    "The ATR begins with 3B or 3F, is as long as it says, and its check byte is right.",
    "ATRは3Bまたは3Fで始まり、自身の示す長さと一致し、検査バイトが正しい。",
    source="ISO 7816-3 8.2",
)
def atr(bench: Bench) -> None:
    """Follow the interface bytes to the end."""
    require_that(_well_formed(bench.atr), "well-formed-atr", seen=Phrase("literally", (bench.atr.hex().upper(),)))


def _well_formed(atr: bytes) -> bool:
    if len(atr) < 2 or atr[0] not in (0x3B, 0x3F):
        return False
    historical, following, at, check = atr[1] & 0x0F, atr[1] >> 4, 2, False
    while following:
        at += (following & 0b0111).bit_count()
        if not following & 0b1000:
            break
        if at >= len(atr):
            return False
        check |= bool(atr[at] & 0x0F)
        following, at = atr[at] >> 4, at + 1
    if len(atr) != at + historical + check:
        return False
    sum_of_all = 0
    for byte in atr[1:]:
        sum_of_all ^= byte
    return not check or sum_of_all == 0


@must(
    "card/atr/same",
    "The ATR is the same after every power-on and every reset.",
    "ATRは、電源投入やリセットのたびに同じである。",
    source="ISO 7816-3 8.1; card.md, Answers to reset",
)
def same_atr(bench: Bench) -> None:
    """Compare several."""
    first = bench.atr
    for again in (bench.card.power_on, bench.card.reset, bench.card.power_on):
        told = again()
        require_that(told == first, "literally", first.hex().upper(), seen=Phrase("literally", (told.hex().upper(),)))

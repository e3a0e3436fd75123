"""What a card refuses, and that it costs nothing: wrong classes, instructions, lengths; programs that look around."""

from __future__ import annotations

from collections.abc import Iterator

from mynacard_conformance.requirements import Price
from mynacard_conformance.verdict import Phrase

from . import apdu
from .bench import Bench
from .check import Broken, NotCovered, must, require, require_refusal, require_that, seen_of, should
from .places import APPLICATIONS, AUTH_KEY, JPKI, SIGN_KEY, TOKEN_INFO
from .status import need_closed

_INS = (0x00, 0x0E, 0x10, 0x70, 0xC2, 0xD6, 0xE0, 0xFE)
_FOREIGN = (
    "6276 01FF 0000 00",
    "A000 0000 0101",
    "E82B 0601 0401 81C3 1F02 01",
    "A000 0003 0800 0010 00",
    "A000 0001 16DB 00",
    "A000 0000 7910 00",
    *(f"A000 0000 7901 {number:02X}" for number in range(0x10)),
    "F276 A288 BCFB A69D 34F3 1001",
    "A000 0003 9742 5446 59",
    "D276 0001 2401",
)


@must(
    "card/refuse/instruction",
    "An instruction that is not known is refused with 6D00.",
    "未知の命令は6D00で拒否される。",
    source="card.md, Status words: certain; ISO 7816-4 5.6",
)
def instruction(bench: Bench) -> None:
    """Send several, above and within an application."""
    for ins in _INS:
        require(bench.send(apdu.command(0x00, ins, 0x00, 0x00)), 0x6D00)
    bench.application(JPKI)
    for ins in _INS:
        require(bench.send(apdu.command(0x00, ins, 0x00, 0x00)), 0x6D00)


@must(
    "card/refuse/class",
    "A class that is not known is refused with 6E00.",
    "未知のクラスは6E00で拒否される。",
    source="card.md, Status words: certain; ISO 7816-4 5.4.1",
)
def unknown_class(bench: Bench) -> None:
    """Send a command that would be carried out in class 00."""
    bench.application(JPKI)
    for cla in (0xA0, 0xC0, 0xE0):
        require(bench.send(apdu.command(cla, 0xA4, 0x02, 0x0C, b"\x00\x06")), 0x6E00)


@must(
    "card/refuse/channel",
    "A logical channel in the class byte is refused with 6881.",
    "クラスバイトの論理チャネル指定は6881で拒否される。",
    source="card.md, Status words: certain; ISO 7816-4 5.4.1",
)
def channel(bench: Bench) -> None:
    """Name channels 1 to 3, and a further one."""
    bench.application(JPKI)
    for cla in (0x01, 0x02, 0x03, 0x41):
        require(bench.send(apdu.command(cla, 0xA4, 0x02, 0x0C, b"\x00\x06")), 0x6881)


@must(
    "card/refuse/secure-messaging",
    "Secure messaging in the class byte without a session key is refused: SELECT with 6882, READ BINARY with 69FC.",
    "セッション鍵なしのセキュアメッセージングは、SELECTでは6882、READ BINARYでは69FCで拒否される。",
    source="card.md, Status words: certain",
)
def secure_messaging(bench: Bench) -> None:
    """Protect a SELECT and a READ BINARY by nothing but the class byte."""
    bench.file(TOKEN_INFO)
    require(bench.send(apdu.command(0x08, 0xA4, 0x02, 0x0C, b"\x00\x06")), 0x6882)
    require(bench.send(apdu.command(0x08, 0xB0, 0x00, 0x00, le=4)), 0x69FC)
    require_refusal(bench.send(apdu.command(0x0C, 0xB0, 0x00, 0x00, le=4)))


@should(
    "card/refuse/chaining",
    "A command that says it will be continued is refused, and the card does not wait for the rest.",
    "連鎖を指定したコマンドは拒否され、カードは続きを待たない。",
    source="card.md, chained_command: guess; ISO 7816-4 5.3.3",
)
def chaining(bench: Bench) -> None:
    """Begin to sign in pieces, then send something whole."""
    bench.application(JPKI)
    require_refusal(bench.send(apdu.command(0x10, 0xA4, 0x02, 0x0C, b"\x00")))
    answer = bench.send(apdu.select_file(TOKEN_INFO.fid))
    require_that(answer.done, "statuses", "9000", seen=seen_of(answer))


@must(
    "card/refuse/malformed",
    "Bytes that are no APDU, since their lengths do not add up, are refused; the next command is carried out.",
    "長さの合わないAPDUは拒否され、次のコマンドは実行される。",
    source="card.md, Status words: 6700; ISO 7816-3 12.1.3",
)
def malformed(bench: Bench) -> None:
    """Send too few and too many bytes."""
    bench.application(JPKI)
    for raw in ("00A4020C030006", "00A4020C0200060000", "00A4020C00", "00B000000000", "00A4020C0000020006000000"):
        answer = bench.send(bytes.fromhex(raw))
        if raw == "00A4020C00" and answer.refused:
            continue
        require_refusal(answer)
    answer = bench.send(apdu.select_file(TOKEN_INFO.fid))
    require_that(answer.done, "statuses", "9000", seen=seen_of(answer))


def _probes() -> Iterator[bytes]:
    """What a tool for looking around fires at every file that it can select."""
    yield from (apdu.read(0, 0), apdu.read_record(1), apdu.query())
    yield from (apdu.command(0x00, 0x88, 0x00, 0x80), apdu.command(0x80, 0x82, 0x00, 0x80))
    yield from (apdu.command(0x80, 0x2A, 0x03, 0x80), apdu.command(0x00, 0x2A, 0x9E, 0x9A))
    yield apdu.command(0x80, 0xA2, 0x00, 0xC1)


def _require_as_before(bench: Bench, before: dict[str, int]) -> None:
    for pin in bench.issued:
        left = bench.left(pin)
        require_that(left == before[pin.name], "tries", before[pin.name], seen=Phrase("tries", (left,)))


@must(
    "card/probe/costs-nothing",
    "Programs that look around, with queries, reads and signing commands at every file, cost no PIN a try.",
    "全ファイルへの照会・読み出し・署名などの探索によって、残り回数は減らない。",
    source="measured traffic of a scanner and of OpenSC (card.md); F-014",
)
def probing(bench: Bench) -> None:
    """Do what they do, then ask every PIN."""
    if not bench.trusted:
        raise NotCovered("query-not-free")
    before = {pin.name: bench.left(pin) for pin in bench.issued}
    for name in _FOREIGN:
        bench.send(apdu.select(bytes.fromhex(name)))
    for application in APPLICATIONS:
        if bench.send(apdu.select(application.aid)).done:
            for fid in range(0x30):
                if bench.send(apdu.select_file(fid)).done:
                    for raw in _probes():
                        bench.send(raw)
    _require_as_before(bench, before)


@must(
    "card/probe/foreign-applications",
    "The applications of other cards, for which programs ask first, are all answered 6A82.",
    "プログラムが最初に問い合わせる他種カードのアプリケーションには、すべて6A82を返す。",
    source="measured: some 25 SELECTs of OpenSC before the JPKI application; card.md, Status words: certain",
)
def foreign_applications(bench: Bench) -> None:
    """Ask for each."""
    for name in _FOREIGN:
        require(bench.send(apdu.select(bytes.fromhex(name))), 0x6A82)


@must(
    "card/probe/no-success",
    "No command without a PIN in it opens anything: after all of them the private keys still refuse.",
    "暗証番号を含まないコマンドをどれだけ送っても、秘密鍵は使用できないままである。",
    source="K-33; card.md, The JPKI application: certain",
)
def no_success(bench: Bench) -> None:
    """Fire all of it at the PINs and keys, then try the keys."""
    keys = [key for key in (AUTH_KEY, SIGN_KEY) if bench.send(apdu.select(JPKI.aid)).done]
    for key in keys:
        need_closed(bench, key)
    bench.application(JPKI)
    for fid in (0x0016, 0x0017, 0x0018, 0x001A, 0x001B):
        if bench.send(apdu.select_file(fid)).done:
            for raw in _probes():
                bench.send(raw)
    for key in keys:
        if bench.send(apdu.select_file(key.fid)).done:
            require_refusal(bench.send(apdu.sign(0x00, b"\x01")))


@should(
    "card/answer/one-piece",
    "Every answer comes in one piece: no 61XX, and no 6CXX.",
    "応答は常に一度で返り、61XXや6CXXは返らない。",
    source="card.md, From outside: likely; measured by every client that was looked at",
)
def one_piece(bench: Bench) -> None:
    """Look at all answers so far."""
    if bench.in_pieces is not None:
        raise Broken(Phrase("one-piece"), Phrase("exchange", (bench.in_pieces.command, bench.in_pieces.response)))


@must(
    "card/answer/shape",
    "Every answer ends in a status word 6XXX or 9XXX, and has data only with 9000.",
    "すべての応答は6XXXまたは9XXXの状態語で終わり、データは9000の場合にのみ付く。",
    source="ISO 7816-3 12.1.1; ISO 7816-4 5.6",
)
def shape(bench: Bench) -> None:
    """Look at all answers so far."""
    if bench.misshapen is not None:
        raise Broken(Phrase("shape"), Phrase("exchange", (bench.misshapen.command, bench.misshapen.response)))


@must(
    "card/refuse/changes-nothing",
    "A VERIFY in another class, on another channel or malformed costs no try.",
    "別のクラスや論理チャネル、または長さの不正なVERIFYは、残り回数を減らさない。",
    source="ISO 7816-4 5.6: nothing has changed",
    price=Price.TRY,
)
def changes_nothing(bench: Bench) -> None:
    """Send a wrong PIN in commands that cannot be carried out."""
    pin = bench.known()
    before = bench.left(pin)
    value = bench.wrong(pin)
    whole = apdu.verify(value)
    for raw in (b"\x01" + whole[1:], b"\x0c" + whole[1:], b"\x80" + whole[1:], whole[:4] + b"\x0f" + value):
        require_refusal(bench.miss(pin, raw=raw))
    left = bench.left(pin)
    require_that(left == before, "tries", before, seen=Phrase("tries", (left,)))

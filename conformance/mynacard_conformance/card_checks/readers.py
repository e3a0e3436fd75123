"""Requirements on the reader, and on the software that drives it: lengths, resets, and several clients at once.

What needs a hand at the card, or a card that is slow, is only done where there is somebody who can. A client cannot
tell a reader that cuts an answer from a card that does; so a card is judged by its own requirements first.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread

from mynacard_conformance.adapters.connection import CardReset, ConnectionLost, NoCard, ReaderBusy
from mynacard_conformance.adapters.pcsc_reader import PcscCard, PcscHandle, PcscReader
from mynacard_conformance.verdict import Phrase

from . import apdu
from .apdu import Answer
from .bench import Bench, Hand
from .check import Broken, NotCovered, must, need, require, require_refusal, require_that, seen_of, should
from .places import AUTHENTICATION_KEY, COMMON, JPKI, LICENCE, SIGN_CA, TOKEN_INFO

_DELAY = 1.5
"""Seconds: more than a contact reader waits for a block without being asked for more time."""
_PATIENCE = 10.0
_COMMANDS = 500


def _reader(bench: Bench) -> PcscReader:
    if bench.reader is None:
        raise NotCovered("no-reader")
    return bench.reader


def _hand(bench: Bench) -> Hand:
    _reader(bench)
    if bench.hand is None:
        raise NotCovered("no-hand")
    return bench.hand


@contextmanager
def _connected(bench: Bench, count: int = 1, *, exclusive: bool = False) -> Iterator[list[PcscHandle]]:
    """So many connections of the check's own; the bench lets go of the card meanwhile."""
    reader = _reader(bench)
    if isinstance(bench.card, PcscCard):
        bench.card.release()
    with ExitStack() as cleanup:
        handles = []
        for _ in range(count):
            handle = reader.connect(exclusive=exclusive)
            cleanup.callback(handle.close, cut=True)
            handles.append(handle)
        yield handles


def _ask(handle: PcscHandle, raw: bytes) -> Answer:
    try:
        return Answer.of(handle.transmit(raw))
    except ConnectionLost as error:
        raise Broken(Phrase("an-answer"), Phrase("literally", (str(error),))) from None


def _select(handle: PcscHandle) -> None:
    answer = _ask(handle, apdu.select(JPKI.aid))
    if answer.sw == 0x6A82:
        raise NotCovered("no-application", JPKI.name)
    if answer.sw == 0x6F00:
        answer = _ask(handle, apdu.select(JPKI.aid))
    need(answer, "SELECT JPKI")


def _failed(name: str) -> Phrase:
    return Phrase("literally", (name,))


@must(
    "reader/protocol",
    "The card is spoken to by T=1.",
    "カードとの通信プロトコルはT=1である。",
    source="measured: T=1 in every ATR that was seen; PC/SC part 3 for T=CL",
)
def protocol(bench: Bench) -> None:
    """Look at what was agreed on."""
    with _connected(bench) as (handle,):
        require_that(handle.is_t1, "literally", "T=1", seen=_failed("T=0"))


@must(
    "reader/atr",
    "The ATR that the reader tells is that of the last reset, cold or warm.",
    "リーダーの示すATRは、直前のリセット(コールド・ウォーム)でのATRである。",
    source="PC/SC part 5, 4.2.3; ISO 7816-3 8.1",
)
def atr(bench: Bench) -> None:
    """Compare them."""
    with _connected(bench) as (handle,):
        told = handle.atr()
        for again in (handle.cold_reset(), handle.warm_reset(), handle.atr()):
            require_that(again == told, "literally", told.hex().upper(), seen=_failed(again.hex().upper()))


@must(
    "reader/case-1",
    "A command of four bytes reaches the card as it is, and its status word comes back.",
    "4バイトのコマンド(ケース1)はそのままカードに届き、状態語が返る。",
    source="ISO 7816-3 12.1.2; measured: the query of tries depends on it",
)
def case_1(bench: Bench) -> None:
    """Send one that no card takes for another case."""
    with _connected(bench) as (handle,):
        _select(handle)
        require(_ask(handle, apdu.command(0x00, 0xB0, 0x00, 0x00)), 0x6700, 0x6986)


@must(
    "reader/case-2",
    "Le of 1, 255 and 256 bytes brings just so many.",
    "Leが1・255・256のとき、ちょうどその長さの応答が返る。",
    source="ISO 7816-3 12.1.2",
)
def case_2(bench: Bench) -> None:
    """Ask for random bytes."""
    with _connected(bench) as (handle,):
        _select(handle)
        for length in (1, 2, 127, 128, 254, 255, 256):
            answer = _ask(handle, apdu.command(0x00, 0x84, 0x00, 0x00, le=length))
            require(answer, 0x9000)
            require_that(len(answer.data) == length, "bytes", length, seen=seen_of(answer))


@must(
    "reader/case-3",
    "Data of 1 to 255 bytes without Le reach the card.",
    "Leなしの1~255バイトのデータ(ケース3)がカードに届く。",
    source="ISO 7816-3 12.1.2",
)
def case_3(bench: Bench) -> None:
    """Send a file's identifier, the longest name, and more than any command takes."""
    with _connected(bench) as (handle,):
        _select(handle)
        require(_ask(handle, apdu.select_file(TOKEN_INFO.fid)), 0x9000)
        require(_ask(handle, apdu.select(LICENCE.aid)), 0x9000, 0x6A82)
        require_refusal(_ask(handle, apdu.command(0x00, 0xA4, 0x04, 0x0C, bytes(255))))


@must(
    "reader/case-4",
    "Data of up to 255 bytes and an answer of 256 go together.",
    "最大255バイトのデータと256バイトの応答を、1コマンドで送受信できる。",
    source="ISO 7816-3 12.1.2; measured: signatures are made so",
)
def case_4(bench: Bench) -> None:
    """Have the common application's key answer challenges, which needs no PIN."""
    with _connected(bench) as (handle,):
        if not _ask(handle, apdu.select(COMMON.aid)).done:
            raise NotCovered("no-application", COMMON.name)
        for length in (1, 254, 255):
            raw = apdu.command(0x00, 0x88, 0x00, 0x80 | AUTHENTICATION_KEY.sfi, bytes(length), 0)
            answer = _ask(handle, raw)
            require_that(answer.done and len(answer.data) == 256, "bytes", 256, seen=seen_of(answer))


@should(
    "reader/extended-le",
    "An extended Le brings more than 256 bytes in one answer.",
    "拡張Leにより、256バイトを超える応答が一度に返る。",
    source="ISO 7816-3 12.1.3; measured: some readers cannot",
)
def extended_le(bench: Bench) -> None:
    """Read at the border, and a whole file."""
    with _connected(bench) as (handle,):
        _select(handle)
        if not _ask(handle, apdu.select_file(SIGN_CA.fid)).done:
            raise NotCovered("no-file", str(SIGN_CA))
        for length in (257, 1024):
            answer = _ask(handle, apdu.read(0, length))
            require_that(answer.done and len(answer.data) == length, "bytes", length, seen=seen_of(answer))
        answer = _ask(handle, apdu.read(0, 0x10000))
        require_that(answer.done and len(answer.data) > 256, "more-bytes", 256, seen=seen_of(answer))


@should(
    "reader/extended-lc",
    "Data of more than 255 bytes reach the card.",
    "255バイトを超えるデータがカードに届く。",
    source="ISO 7816-3 12.1.3; card.md, Commands: SET SESSION KEY has 256",
)
def extended_lc(bench: Bench) -> None:
    """Send 256 bytes that the card refuses for want of a PIN."""
    with _connected(bench) as (handle,):
        _select(handle)
        require(_ask(handle, apdu.command(0x80, 0xAE, 0x00, 0x00, bytes(256))), 0x6982)


@must(
    "reader/cold-reset",
    "A cold reset cuts the card's power: what was selected is selected no more.",
    "コールドリセットはカードの電源を切り、選択状態は失われる。",
    source="ISO 7816-3 6.2.2; PC/SC part 5, SCARD_UNPOWER_CARD",
)
def cold_reset(bench: Bench) -> None:
    """Select, reset, and look for a file."""
    with _connected(bench) as (handle,):
        _select(handle)
        handle.cold_reset()
        _ask(handle, apdu.get_data(0x0101))
        require(_ask(handle, apdu.select_file(TOKEN_INFO.fid)), 0x6A82)


@must(
    "reader/warm-reset",
    "After a warm reset the very next commands are carried out.",
    "ウォームリセット直後のコマンドは正常に実行される。",
    source="ISO 7816-3 6.2.3; PC/SC part 5, SCARD_RESET_CARD",
)
def warm_reset(bench: Bench) -> None:
    """Reset several times, and select."""
    with _connected(bench) as (handle,):
        for _ in range(5):
            handle.warm_reset()
            _select(handle)


@must(
    "reader/reset-told",
    "A client learns at its next command that another has reset the card.",
    "他のクライアントがカードをリセットしたことは、次のコマンドで通知される。",
    source="PC/SC part 5, SCARD_W_RESET_CARD",
)
def reset_told(bench: Bench) -> None:
    """Reset by one connection, and send by the other."""
    with _connected(bench, 2) as (first, second):
        _select(second)
        first.warm_reset()
        try:
            answer = Answer.of(second.transmit(apdu.get_data(0x0101)))
        except CardReset:
            second.go_on()
            _select(second)
        else:
            raise Broken(Phrase("literally", ("SCARD_W_RESET_CARD",)), seen_of(answer))


@must(
    "reader/shared",
    "Two clients that share the card are both answered, in turn.",
    "カードを共有する2つのクライアントは、どちらも応答を得られる。",
    source="PC/SC part 5, SCARD_SHARE_SHARED",
)
def shared(bench: Bench) -> None:
    """Let them ask by turns for numbers of bytes of their own."""
    with _connected(bench, 2) as handles:
        _select(handles[0])
        for _ in range(20):
            for length, handle in enumerate(handles, 8):
                answer = _ask(handle, apdu.command(0x00, 0x84, 0x00, 0x00, le=length))
                require_that(answer.done and len(answer.data) == length, "bytes", length, seen=seen_of(answer))


@should(
    "reader/exclusive",
    "While one client has the card to itself, another is refused; afterwards it is let in.",
    "1つのクライアントがカードを排他使用している間、他は拒否され、終了後は接続できる。",
    source="PC/SC part 5, SCARD_SHARE_EXCLUSIVE; measured: some readers refuse it",
)
def exclusive(bench: Bench) -> None:
    """Take it, try, and let go."""
    reader = _reader(bench)
    try:
        with _connected(bench, exclusive=True) as (handle,):
            _select(handle)
            try:
                other = reader.connect()
            except ReaderBusy:
                pass
            else:
                other.close()
                raise Broken(Phrase("literally", ("SCARD_E_SHARING_VIOLATION",)), Phrase("literally", ("connected",)))
    except ReaderBusy:
        raise NotCovered("no-exclusive") from None
    with _connected(bench) as (handle,):
        _select(handle)


@must(
    "reader/transaction",
    "While one client is in a transaction, another has to wait, and is served when it ends.",
    "1つのクライアントがトランザクション中の間、他は待たされ、終了後に処理される。",
    source="PC/SC part 5, SCardBeginTransaction",
)
def transaction(bench: Bench) -> None:
    """Let another begin one meanwhile, and see that it comes only afterwards."""
    with _connected(bench, 2) as (first, second):
        _select(first)
        begun, served = Event(), Event()

        def other() -> None:
            begun.set()
            second.begin()
            served.set()
            second.end()

        first.begin()
        waiting = Thread(target=other, daemon=True)
        waiting.start()
        begun.wait(_PATIENCE)
        for _ in range(50):
            _select(first)
        early = served.is_set()
        first.end()
        waiting.join(_PATIENCE)
        require_that(not early, "waits", seen=Phrase("served-early"))
        require_that(served.is_set(), "served", seen=Phrase("never-served"))


@must(
    "reader/reconnect",
    "A client that lets go of the card and comes back is served at once, however often.",
    "カードから切断して再接続したクライアントは、何度でも直ちに処理される。",
    source="PC/SC part 5; measured: every client aborts and begins anew",
)
def reconnect(bench: Bench) -> None:
    """Come back many times."""
    for _ in range(20):
        with _connected(bench) as (handle,):
            _select(handle)


@must(
    "reader/many-commands",
    "Hundreds of commands in a row are each answered by their own answer.",
    "数百回連続してコマンドを送っても、それぞれに対応する応答が返る。",
    source="PC/SC part 5; ISO 7816-3 11.6",
)
def many_commands(bench: Bench) -> None:
    """Ask for a different length each time."""
    with _connected(bench) as (handle,):
        _select(handle)
        for number in range(_COMMANDS):
            length = 1 + number % 256
            answer = _ask(handle, apdu.command(0x00, 0x84, 0x00, 0x00, le=length))
            require_that(answer.done and len(answer.data) == length, "bytes", length, seen=seen_of(answer))


@must(
    "reader/slow-card",
    "An answer that the card takes its time for arrives whole.",
    "カードの応答に時間がかかっても、応答は欠けることなく届く。",
    source="ISO 7816-3 11.4.3 (waiting time extension); measured: signing takes hundreds of milliseconds",
)
def slow_card(bench: Bench) -> None:
    """Have the next answer come late."""
    hand = _hand(bench)
    with _connected(bench) as (handle,):
        _select(handle)
        hand.order(f"any:1:delay={_DELAY}")
        answer = _ask(handle, apdu.command(0x00, 0x84, 0x00, 0x00, le=256))
        require_that(answer.done and len(answer.data) == 256, "bytes", 256, seen=seen_of(answer))


def _require_failure(handle: PcscHandle) -> None:
    """Insist that a command fails, rather than succeed with nothing."""
    try:
        response = handle.transmit(apdu.select(JPKI.aid))
    except ConnectionLost:
        return
    raise Broken(Phrase("a-failure"), Phrase("success", (len(response),)))


@must(
    "reader/removed",
    "Once the card has left, commands fail, and connecting says that there is no card; put in again, it works.",
    "カードを抜くとコマンドは失敗し、接続はカードなしとなり、再び入れると動作する。",
    source="PC/SC part 5, SCARD_W_REMOVED_CARD, SCARD_E_NO_SMARTCARD",
)
def removed(bench: Bench) -> None:
    """Take it out between two commands."""
    hand, reader = _hand(bench), _reader(bench)
    with _connected(bench) as (handle,):
        _select(handle)
        hand.take_out()
        try:
            _require_failure(handle)
            try:
                reader.connect().close()
            except NoCard:
                pass
            else:
                raise Broken(Phrase("literally", ("SCARD_E_NO_SMARTCARD",)), Phrase("literally", ("connected",)))
        finally:
            hand.put_in()
    with _connected(bench) as (handle,):
        _select(handle)


@should(
    "reader/removed-meanwhile",
    "A command during which the card leaves fails; it is not answered with success and no bytes.",
    "コマンド実行中にカードが離れた場合、そのコマンドは失敗し、空の成功応答にはならない。",
    source="PC/SC part 5; measured: one driver answers with success and no bytes",
)
def removed_meanwhile(bench: Bench) -> None:
    """Have it leave with the answer still unsaid."""
    hand = _hand(bench)
    with _connected(bench) as (handle,):
        _select(handle)
        hand.order("any:1:tear-after")
        try:
            _require_failure(handle)
        finally:
            hand.take_out()
            hand.put_in()
    with _connected(bench) as (handle,):
        _select(handle)

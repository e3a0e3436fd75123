"""The empty VERIFY: how many tries are left, at no cost (F-016)."""

from __future__ import annotations

from mynacard_conformance.verdict import Phrase

from . import apdu
from .bench import Bench
from .check import CannotJudge, NotCovered, must, need, require, require_refusal, require_that, seen_of, should
from .places import (
    AVAILABILITY,
    DELIVERED_BLOCKED,
    JPKI,
    PINS,
    SECURITY_DOMAIN,
    SIGN_CERTIFICATE,
    SIGN_PIN,
    TOKEN_INFO,
    Pin,
)

_ASKED = 8
_BLOCKED = (0x6984, 0x6983)


def _pins(bench: Bench) -> list[Pin]:
    """The PINs of this card whose query gave a number."""
    if not bench.trusted:
        raise CannotJudge("query-not-free")
    if not bench.tries:
        raise NotCovered("no-pin")
    return list(bench.tries)


def calibrate(bench: Bench) -> None:
    """See which PINs there are and what they have left; ask the first twice, and trust the query only if it is free."""
    for pin in PINS:
        try:
            answer = bench.ask(pin)
        except (NotCovered, CannotJudge):
            continue
        if answer.tries is None and answer.sw not in _BLOCKED:
            continue
        left = answer.tries or 0
        if left > 1:
            again = bench.send(apdu.query())
            if again.tries != left:
                bench.trusted = False
                left = again.tries or 0
        bench.issued[pin] = bench.tries[pin] = left
        if not bench.trusted:
            return


@must(
    "card/query/free",
    "The empty VERIFY costs no try, however often it is asked.",
    "残り回数の照会は、何度行っても残り回数を減らさない。",
    source="F-016",
)
def free(bench: Bench) -> None:
    """Ask a PIN again and again, and stop as soon as it answers otherwise."""
    if not bench.tries:
        raise NotCovered("no-pin")
    for pin in bench.tries:
        first = bench.ask(pin)
        for _ in range(_ASKED if bench.trusted or bench.renewable else 1):
            answer = bench.send(apdu.query())
            require_that(answer.sw == first.sw, "statuses", f"{first.sw:04X}", seen=seen_of(answer))


@must(
    "card/query/form",
    "The empty VERIFY of four bytes answers 63CX, with the number of tries left; of a blocked PIN also 6984 or 6983.",
    "4バイトの空のVERIFYは残り回数を63CXで返す(ロック中は6984・6983も可)。",
    source="F-016, F-019; card.md, blocked_query: likely",
)
def form(bench: Bench) -> None:
    """Ask every PIN that can be selected."""
    asked = False
    for pin in PINS:
        try:
            answer = bench.ask(pin)
        except NotCovered:
            continue
        asked = True
        require_that(
            answer.tries is not None or answer.sw in _BLOCKED, "statuses", "63CX", "6984", "6983", seen=seen_of(answer)
        )
    if not asked:
        raise NotCovered("no-pin")


@must(
    "card/query/limits",
    "No PIN has more tries left than its kind allows: sign 5, auth, text and register 3, the printed numbers 10.",
    "残り回数は種類ごとの上限を超えない(署名用5回、利用者証明用・券面事項入力補助用・住民基本台帳用3回、照合番号10回)。",
    source="R-002, R-003, F-023; card.md: the tries of number A and of the birth date likely",
)
def limits(bench: Bench) -> None:
    """Compare every number with its limit."""
    for pin in _pins(bench):
        answer = bench.ask(pin)
        if answer.tries is not None:
            require_that(answer.tries <= pin.limit, "tries-at-most", pin.limit, seen=Phrase("tries", (answer.tries,)))


@must(
    "card/query/by-short-identifier",
    "The query with a short identifier in P2 tells of that PIN, whatever file is current.",
    "P2に短縮識別子を指定した照会は、現在のファイルにかかわらず、その暗証番号の残り回数を返す。",
    source="card.md, Commands: certain; ISO 7816-4 7.4.2",
)
def by_short_identifier(bench: Bench) -> None:
    """Ask each PIN both ways, with another file current."""
    for pin in _pins(bench):
        selected = bench.ask(pin)
        bench.application(pin.application)
        named = bench.send(apdu.query(pin.sfi))
        require_that(named.sw == selected.sw, "statuses", f"{selected.sw:04X}", seen=seen_of(named))


@must(
    "card/query/five-bytes",
    "The query with an Le behind it is refused with 6700 or answered like the one without; it costs no try.",
    "Le付きの照会は6700で拒否されるか通常どおり応答され、残り回数を減らさない。",
    source="card.md, query_with_le: likely",
)
def five_bytes(bench: Bench) -> None:
    """Ask in five bytes, then in four."""
    for pin in _pins(bench):
        before = bench.ask(pin)
        answer = bench.send(apdu.command(0x00, 0x20, 0x00, 0x80, le=0))
        require(answer, 0x6700, before.sw)
        bench.notes["query-with-le"] = f"{answer.sw:04X}"
        after = bench.send(apdu.query())
        require_that(after.sw == before.sw, "statuses", f"{before.sw:04X}", seen=seen_of(after))


@should(
    "card/query/delivered-blocked",
    "EF 0012 of the text application, which nobody ever sets, is blocked: 63C0, 6984 or 6983.",
    "券面事項入力補助APのEF 0012は出荷時からロックされている(63C0・6984・6983)。",
    source="F-021",
)
def delivered_blocked(bench: Bench) -> None:
    """Ask it."""
    bench.file(DELIVERED_BLOCKED)
    require(bench.send(apdu.query()), 0x63C0, *_BLOCKED)


@must(
    "card/query/no-pin-there",
    "The query of a file that is no PIN is refused.",
    "暗証番号でないファイルへの照会は拒否される。",
    source="card.md, verify_not_a_pin: guess; ISO 7816-4 11.6.6",
)
def no_pin_there(bench: Bench) -> None:
    """Ask the token info, and a file that is not there."""
    bench.file(TOKEN_INFO)
    require_refusal(bench.send(apdu.query()))
    bench.application(JPKI)
    require_refusal(bench.send(apdu.query(AVAILABILITY.sfi)))


@should(
    "card/query/not-above",
    "The query of a PIN's short identifier is refused while its application is not selected.",
    "アプリケーション未選択のときは、短縮識別子による照会は拒否される。",
    source="card.md, From outside: the level above has no files, certain",
)
def not_above(bench: Bench) -> None:
    """Ask from the level above."""
    pin = _pins(bench)[0]
    bench.application(pin.application)
    need(bench.send(apdu.select(SECURITY_DOMAIN)), "SELECT A0000001510000")
    require_refusal(bench.send(apdu.query(pin.sfi)))


@must(
    "card/query/after-success",
    "After a success the query says that all tries are left; some cards answer 9000 while the PIN is verified.",
    "照合成功後の照会は上限の残り回数を返す(照合済みの間は9000を返すカードもある)。",
    source="F-016; card.md, verified_query: likely",
)
def after_success(bench: Bench) -> None:
    """Enter each PIN that is known, and ask."""
    for pin in [pin for pin in _pins(bench) if bench.usable(pin)] or [bench.known()]:
        bench.open(pin)
        answer = bench.send(apdu.query())
        require(answer, 0x63C0 | pin.limit, 0x9000)
        bench.notes["verified-query"] = "9000" if answer.done else "63CX"


@must(
    "card/query/keeps-status",
    "A query does not end the success of the PIN that it asks about.",
    "残り回数の照会によって照合済みの状態は失われない。",
    source="F-016",
)
def keeps_status(bench: Bench) -> None:
    """Ask between the PIN and what it opens."""
    bench.known(SIGN_PIN)
    bench.open(SIGN_PIN)
    need(bench.send(apdu.select_file(SIGN_CERTIFICATE.fid)), "SELECT the sign certificate")
    need(bench.send(apdu.read(0, 4)), "READ BINARY of the sign certificate")
    need(bench.send(apdu.select_file(SIGN_PIN.fid)), "SELECT the sign PIN")
    bench.send(apdu.query())
    bench.send(apdu.query(SIGN_PIN.sfi))
    need(bench.send(apdu.select_file(SIGN_CERTIFICATE.fid)), "SELECT the sign certificate")
    answer = bench.send(apdu.read(0, 4))
    require_that(answer.done, "still-open", seen=seen_of(answer))

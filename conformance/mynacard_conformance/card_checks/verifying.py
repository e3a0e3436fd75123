"""VERIFY with a value: what it compares, what it costs, and what gives tries back (ISO 7816-4:2020, 11.6.6)."""

from __future__ import annotations

from mynacard_conformance.requirements import Price
from mynacard_conformance.verdict import Phrase

from . import apdu
from .bench import Bench
from .check import NotCovered, must, need, require, require_refusal, require_that, seen_of, should
from .places import AUTH_PIN, JPKI, JUKI_PIN, SIGN_CERTIFICATE, SIGN_PIN, TEXT, TEXT_PIN, TOKEN_INFO, Pin
from .status import need_closed

_ORDER = (AUTH_PIN, SIGN_PIN, TEXT_PIN, JUKI_PIN)


def _tries(number: int) -> Phrase:
    return Phrase("tries", (number,))


def _require_left(bench: Bench, pin: Pin, expected: int) -> None:
    """Insist on a number of tries, as the query tells it."""
    left = bench.left(pin)
    require_that(left == expected, "tries", expected, seen=_tries(left))


def _missed(bench: Bench, pin: Pin) -> int:
    """Enter a wrong value that the card has to count; the tries that are left."""
    before = bench.left(pin)
    answer = bench.miss(pin)
    after = bench.left(pin)
    if after >= before:
        need(answer, "a wrong PIN that costs a try")
        raise NotCovered("no-pin")
    return after


@must(
    "card/verify/right-accepted",
    "The right PIN answers 9000, in every session anew and also while it is verified.",
    "正しい暗証番号は、どのセッションでも、照合済みの間でも、9000となる。",
    source="F-014",
)
def right_accepted(bench: Bench) -> None:
    """Enter each PIN that is known more than once; a first refusal may be the tester's own mistake."""
    pins = [pin for pin in bench.tries if bench.usable(pin)] or [bench.known()]
    for pin in pins:
        bench.open(pin)
        require(bench.hit(pin), 0x9000)
        bench.power_on()
        bench.file(pin)
        require(bench.hit(pin), 0x9000)


@must(
    "card/verify/miss-costs-one",
    "A wrong PIN costs one try, no more and no less.",
    "暗証番号を1回誤るごとに、残り回数がちょうど1減る。",
    source="R-002, R-003, F-014",
    price=Price.TRY,
)
def miss_costs_one(bench: Bench) -> None:
    """Ask, miss, ask."""
    pin = bench.known(*_ORDER)
    before = bench.left(pin)
    bench.miss(pin)
    _require_left(bench, pin, before - 1)


@must(
    "card/verify/says-what-is-left",
    "A wrong PIN is answered with 63CX, where X is what the query says afterwards.",
    "暗証番号の誤りには63CXを返し、Xは直後の照会の残り回数と一致する。",
    source="F-017, R-002",
    price=Price.TRY,
)
def says_what_is_left(bench: Bench) -> None:
    """Miss, and compare the two numbers."""
    pin = bench.known(*_ORDER)
    bench.file(pin)
    answer = bench.miss(pin)
    left = bench.left(pin)
    require_that(answer.sw == 0x63C0 | left, "statuses", f"63C{left:X}", seen=seen_of(answer))


@must(
    "card/verify/success-restores",
    "A right PIN gives all tries back.",
    "正しい暗証番号を入力すると、残り回数は上限に戻る。",
    source="R-004, F-014, F-020",
    price=Price.TRY,
)
def success_restores(bench: Bench) -> None:
    """Miss, hit, ask."""
    pin = bench.known(*_ORDER)
    bench.file(pin)
    bench.miss(pin)
    need(bench.hit(pin), f"VERIFY {pin.name}")
    _require_left(bench, pin, pin.limit)


@must(
    "card/verify/compares-all",
    "Only the whole value is right: no beginning of it, nothing longer, and nothing with filler behind.",
    "一致とみなすのは値全体が等しい場合だけで、先頭一致、余分な文字、詰め物付きは誤りとする。",
    source="F-006: bytes are compared, 1 to 16, without padding; card.md, Commands: certain",
    price=Price.TRY,
)
def compares_all(bench: Bench) -> None:
    """Enter what is nearly right, and the right PIN after each."""
    pin = bench.known(*_ORDER)
    right = bench.allowance.pins[pin]
    longer = [right + end for end in (b"0", b"\xff", b"\x00") if len(right) < 16]
    for value in (right[:-1], right[:1], right.ljust(16, b"\xff"), *longer):
        if value == right:
            continue
        bench.power_on()
        bench.file(pin)
        answer = bench.miss(pin, value)
        require_that(not answer.done, "a-miss", seen=seen_of(answer))
        need(bench.hit(pin), f"VERIFY {pin.name}")
        bench.tidy()


@must(
    "card/verify/case-counts",
    "The sign PIN in small letters is wrong.",
    "小文字で入力された署名用暗証番号は誤りとする。",
    source="card.md, Commands: certain (F-006); the card stores capital letters",
    price=Price.TRY,
)
def case_counts(bench: Bench) -> None:
    """Enter it in small letters."""
    pin = bench.known(SIGN_PIN)
    right = bench.allowance.pins[pin]
    if right == right.lower():
        raise NotCovered("no-letters")
    bench.file(pin)
    answer = bench.miss(pin, right.lower())
    require_that(not answer.done, "a-miss", seen=seen_of(answer))


@must(
    "card/verify/own-counter",
    "A wrong PIN costs a try of that PIN and of no other.",
    "ある暗証番号の誤りは、他の暗証番号の残り回数に影響しない。",
    source="R-017, F-015",
    price=Price.TRY,
)
def own_counter(bench: Bench) -> None:
    """Miss one, and ask all."""
    pin = bench.known(*_ORDER)
    others = {other: bench.left(other) for other in bench.tries if other != pin}
    if not others:
        raise NotCovered("one-pin")
    bench.file(pin)
    bench.miss(pin)
    for other, left in others.items():
        _require_left(bench, other, left)


@must(
    "card/verify/success-restores-own",
    "A right PIN gives back the tries of that PIN and of no other.",
    "正しい暗証番号の入力は、他の暗証番号の残り回数を戻さない。",
    source="R-017, F-015",
    price=Price.TRY,
)
def success_restores_own(bench: Bench) -> None:
    """Miss one, hit another of the same application, ask the first."""
    bench.known(AUTH_PIN)
    bench.known(SIGN_PIN)
    bench.file(SIGN_PIN)
    left = _missed(bench, SIGN_PIN)
    bench.file(AUTH_PIN)
    need(bench.hit(AUTH_PIN), "VERIFY auth")
    _require_left(bench, SIGN_PIN, left)


@must(
    "card/verify/by-short-identifier",
    "VERIFY with a short identifier in P2 is for that PIN, whatever file is current.",
    "P2に短縮識別子を指定したVERIFYは、現在のファイルにかかわらず、その暗証番号と照合する。",
    source="card.md, Commands: certain; ISO 7816-4 7.4.2",
    price=Price.TRY,
)
def by_short_identifier(bench: Bench) -> None:
    """Name a PIN while another one is current, which would pay for a card that does not listen."""
    bench.known(AUTH_PIN)
    if SIGN_PIN not in bench.tries:
        raise NotCovered("one-pin")
    bench.open(AUTH_PIN)
    bench.power_on()
    bench.file(SIGN_PIN)
    before = bench.left(SIGN_PIN)
    bench.dare(SIGN_PIN)
    require(bench.hit(AUTH_PIN, sfi=AUTH_PIN.sfi), 0x9000)
    _require_left(bench, SIGN_PIN, before)


@must(
    "card/verify/survives-power-off",
    "The tries that were spent stay spent when the power is cut.",
    "電源を切っても、減った残り回数は元に戻らない。",
    source="F-014",
    price=Price.TRY,
)
def survives_power_off(bench: Bench) -> None:
    """Miss, cut the power, ask."""
    pin = bench.known(*_ORDER)
    bench.file(pin)
    left = _missed(bench, pin)
    bench.power_on()
    _require_left(bench, pin, left)


@must(
    "card/verify/survives-warm-reset",
    "The tries that were spent stay spent through a warm reset.",
    "ウォームリセットをしても、減った残り回数は元に戻らない。",
    source="F-014",
    price=Price.TRY,
)
def survives_warm_reset(bench: Bench) -> None:
    """Miss, reset, ask."""
    pin = bench.known(*_ORDER)
    bench.file(pin)
    left = _missed(bench, pin)
    bench.reset()
    _require_left(bench, pin, left)


@must(
    "card/verify/survives-selection",
    "The tries that were spent stay spent whatever is selected.",
    "アプリケーションを選択し直しても、減った残り回数は元に戻らない。",
    source="F-014",
    price=Price.TRY,
)
def survives_selection(bench: Bench) -> None:
    """Miss, select another application and the same, ask."""
    pin = bench.known(*_ORDER)
    before = bench.left(pin)
    bench.miss(pin)
    here = bench.send(apdu.query()).tries
    if here is None or here >= before:
        raise NotCovered("no-pin")
    for application in (JPKI, TEXT, pin.application):
        bench.send(apdu.select(application.aid))
    _require_left(bench, pin, here)


@must(
    "card/verify/too-long",
    "A value of more than 16 bytes is refused, and costs no try.",
    "16バイトを超える値は拒否され、残り回数は減らない。",
    source="F-006: data of 1 to 16 bytes, certain; the status word likely",
    price=Price.TRY,
)
def too_long(bench: Bench) -> None:
    """Enter 17 bytes."""
    pin = bench.known(*_ORDER)
    before = bench.left(pin)
    require_refusal(bench.miss(pin, b"0" * 17))
    _require_left(bench, pin, before)


@must(
    "card/verify/refused-is-free",
    "A VERIFY that is refused for its parameters costs no try.",
    "パラメータの誤りで拒否されたVERIFYは、残り回数を減らさない。",
    source="ISO 7816-4 5.6: nothing has changed; card.md, Status words",
    price=Price.TRY,
)
def refused_is_free(bench: Bench) -> None:
    """Send a wrong value with a wrong P1, a wrong P2, and in a wrong class."""
    pin = bench.known(SIGN_PIN, *_ORDER)
    before = bench.left(pin)
    value = bench.wrong(pin)
    for cla, p1, p2 in ((0x00, 0x01, 0x80), (0x00, 0x00, 0x9F), (0x00, 0x00, 0x40), (0xA0, 0x00, 0x80)):
        require_refusal(bench.miss(pin, raw=apdu.command(cla, 0x20, p1, p2, value)))
    _require_left(bench, pin, before)


@should(
    "card/verify/not-a-pin",
    "VERIFY with a value at a file that is no PIN is refused.",
    "暗証番号でないファイルに対するVERIFYは拒否される。",
    source="card.md, verify_not_a_pin: guess; ISO 7816-4 11.6.6",
    price=Price.TRY,
)
def not_a_pin(bench: Bench) -> None:
    """Try it at the token info."""
    pin = bench.known(AUTH_PIN, SIGN_PIN)
    bench.file(TOKEN_INFO)
    require_refusal(bench.miss(pin, raw=apdu.verify(bench.wrong(pin))))


@must(
    "card/verify/miss-is-no-success",
    "After a wrong PIN nothing is open that was closed before.",
    "暗証番号を誤った後に、閉じていたものが開くことはない。",
    source="K-33, F-029",
    price=Price.TRY,
)
def miss_is_no_success(bench: Bench) -> None:
    """Miss, and try to read what the PIN opens."""
    pin = bench.known(SIGN_PIN)
    need_closed(bench, SIGN_CERTIFICATE)
    bench.file(pin)
    answer = bench.miss(pin)
    if answer.done:
        raise NotCovered("no-pin")
    need(bench.send(apdu.select_file(SIGN_CERTIFICATE.fid)), "SELECT the sign certificate")
    require_refusal(bench.send(apdu.read(0, 4)))

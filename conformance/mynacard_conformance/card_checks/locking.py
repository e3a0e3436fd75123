"""What happens when the last try is used up; only ever played on a card that nobody wants back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mynacard_conformance.requirements import Price
from mynacard_conformance.verdict import Phrase

from . import apdu
from .bench import Bench
from .check import CannotJudge, NotCovered, must, need, require, require_that, seen_of, should
from .places import APPLICATIONS, AUTH_PIN, JUKI_PIN, SIGN_CERTIFICATE, SIGN_PIN, TEXT_PIN
from .status import need_closed, usable_key, use

_ORDER = (AUTH_PIN, TEXT_PIN, JUKI_PIN, SIGN_PIN)
_BLOCKED = (0x6984, 0x6983)


@must(
    "card/lock/as-many-as-said",
    "A PIN takes just as many wrong entries as it said were left, and says one less each time.",
    "誤入力は照会で示された残り回数ちょうどまで受け付けられ、そのつど残り回数が1つ減って返る。",
    source="R-002, R-003, F-017",
    price=Price.LOCK,
)
def as_many_as_said(bench: Bench) -> None:
    """Use up all tries but the last; the answer to that is another requirement's."""
    pin = bench.known(*_ORDER)
    left = bench.left(pin)
    answers = bench.exhaust(pin)
    told = [answer.tries for answer in answers if answer.tries]
    seen = Phrase("entries", (", ".join(f"{answer.sw:04X}" for answer in answers),))
    require_that(told == list(range(left - 1, 0, -1)), "tries-down-from", left, seen=seen)


@must(
    "card/lock/using-up",
    "The wrong PIN that uses up the last try is answered with 63C0.",
    "最後の1回を使い切った誤入力には63C0を返す。",
    source="F-017",
    price=Price.LOCK,
)
def using_up(bench: Bench) -> None:
    """Use up all tries, and look at the answer before the PIN is blocked."""
    pin = bench.known(*_ORDER)
    left = bench.left(pin)
    answers = bench.exhaust(pin)
    if len(answers) != left:
        raise CannotJudge("needed", "as many entries as there are tries", f"{answers[-1].sw:04X}")
    require(answers[left - 1], 0x63C0)


@must(
    "card/lock/blocked",
    "Every later entry is answered with 6984 (some programs expect 6983).",
    "ロック後の入力には6984を返す(6983を想定するプログラムもある)。",
    source="F-017, F-018; card.md, blocked_verify: certain",
    price=Price.LOCK,
)
def blocked(bench: Bench) -> None:
    """Enter another wrong one."""
    pin = bench.lock(*_ORDER)
    answer = bench.enter(bench.wrong(pin), pin)
    require(answer, *_BLOCKED)
    bench.notes["blocked-verify"] = f"{answer.sw:04X}"


@must(
    "card/lock/right-refused",
    "Also the right PIN is refused once the PIN is blocked, and gives no try back.",
    "ロック後は正しい暗証番号も拒否され、残り回数は戻らない。",
    source="F-017, R-005",
    price=Price.LOCK,
)
def right_refused(bench: Bench) -> None:
    """Enter the right one, twice."""
    pin = bench.lock(*_ORDER)
    for _ in range(2):
        answer = bench.enter(bench.allowance.pins[pin], pin)
        require_that(not answer.done, "refusal", seen=seen_of(answer))


@must(
    "card/lock/query",
    "The query of a blocked PIN answers 63C0, or 6984 or 6983.",
    "ロックされた暗証番号の照会には63C0(または6984・6983)を返す。",
    source="F-019; card.md, blocked_query: likely",
    price=Price.LOCK,
)
def query(bench: Bench) -> None:
    """Ask it, after the lock."""
    pin = bench.lock(*_ORDER)
    answer = bench.ask(pin)
    require(answer, 0x63C0, *_BLOCKED)
    bench.notes["blocked-query"] = f"{answer.sw:04X}"


@must(
    "card/lock/stays",
    "A lock outlasts the power, resets and every selection.",
    "ロックは、電源断・リセット・アプリケーションの選択をしても解除されない。",
    source="F-014",
    price=Price.LOCK,
)
def stays(bench: Bench) -> None:
    """Do all of these, and enter the right PIN."""
    pin = bench.lock(*_ORDER)
    if bench.enter(bench.allowance.pins[pin], pin).done:
        raise CannotJudge("not-locked", pin.name, "9000")
    elsewhere = [each for each in APPLICATIONS if each != pin.application and bench.send(apdu.select(each.aid)).done]
    acts: list[Callable[[], None]] = [bench.reset, bench.power_on]
    acts.extend(partial(bench.application, each) for each in elsewhere)
    for act in acts:
        act()
        bench.file(pin)
        answer = bench.enter(bench.allowance.pins[pin], pin)
        require_that(not answer.done, "refusal", seen=seen_of(answer))


@must(
    "card/lock/others-open",
    "A locked PIN locks no other.",
    "ある暗証番号がロックされても、他の暗証番号はロックされない。",
    source="F-015, R-017",
    price=Price.LOCK,
)
def others_open(bench: Bench) -> None:
    """Lock one, and enter those of the others that are known."""
    pin = bench.lock(*_ORDER)
    others = [other for other in bench.tries if other != pin and bench.usable(other)]
    if not others:
        raise NotCovered("one-pin")
    for other in others:
        bench.file(other)
        answer = bench.hit(other)
        require_that(answer.done, "statuses", "9000", seen=seen_of(answer))


@must(
    "card/lock/ends-status",
    "A PIN that is locked while it is verified no longer opens anything.",
    "照合済みの暗証番号がロックされると、それによって開かれていたものは閉じる。",
    source="F-017, K-33",
    price=Price.LOCK,
)
def ends_status(bench: Bench) -> None:
    """Verify, lock, and try the key."""
    pin, key = usable_key(bench, AUTH_PIN, SIGN_PIN)
    need(bench.send(apdu.select_file(pin.fid)), f"SELECT {pin}")
    bench.exhaust(pin)
    answer = use(bench, key)
    require_that(not answer.done, "refusal", seen=seen_of(answer))


@should(
    "card/lock/change-refused",
    "No holder's command changes a blocked PIN.",
    "ロックされた暗証番号は、利用者のコマンドでは変更できない。",
    source="R-048; card.md, blocked_change: guess",
    price=Price.LOCK,
)
def change_refused(bench: Bench) -> None:
    """Try to set the value that it has."""
    pin = bench.lock(AUTH_PIN, TEXT_PIN, SIGN_PIN)
    answer = bench.change(bench.allowance.pins[pin], pin)
    require_that(not answer.done, "refusal", seen=seen_of(answer))


@must(
    "card/lock/sign-certificate-closed",
    "The sign certificate cannot be read while the sign PIN is locked.",
    "署名用暗証番号がロックされている間、署名用電子証明書は読み出せない。",
    source="K-33, F-017",
    price=Price.LOCK,
)
def sign_certificate_closed(bench: Bench) -> None:
    """Lock it, enter the right one, read."""
    need_closed(bench, SIGN_CERTIFICATE)
    pin = bench.lock(SIGN_PIN)
    if bench.enter(bench.allowance.pins[pin], pin).done:
        raise CannotJudge("not-locked", pin.name, "9000")
    need(bench.send(apdu.select_file(SIGN_CERTIFICATE.fid)), "SELECT the sign certificate")
    answer = bench.send(apdu.read(0, 4))
    require_that(not answer.done, "refusal", seen=seen_of(answer))

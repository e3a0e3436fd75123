"""The holder's change of a PIN (F-028); only ever played on a card that nobody wants back, and changed back."""

from __future__ import annotations

from mynacard_conformance.requirements import Price
from mynacard_conformance.verdict import Phrase

from .apdu import Answer
from .bench import Bench
from .check import CannotJudge, must, need, require_refusal, require_that, seen_of, should
from .places import AUTH_PIN, COMMON_PIN, JUKI_PIN, SIGN_PIN, TEXT_PIN, Pin

_ORDER = (TEXT_PIN, AUTH_PIN, SIGN_PIN)


def _new(bench: Bench, pin: Pin) -> bytes:
    """Another value of the PIN's form."""
    right = bench.allowance.pins[pin]
    return next(value for value in (b"739182"[: len(pin.form)], b"ZZZ482"[-len(pin.form) :]) if value != right)


def _changed(bench: Bench, *, key: bool = False) -> tuple[Pin, bytes]:
    """A PIN that was verified and changed, and its new value; the card has to have said 9000."""
    pin = bench.known(*((JUKI_PIN, COMMON_PIN) if key else _ORDER))
    new = _new(bench, pin)
    bench.open(pin)
    need(_change(bench, new, pin), f"the change of the {pin.name} PIN")
    return pin, new


def _change(bench: Bench, new: bytes, pin: Pin) -> Answer:
    if pin in (JUKI_PIN, COMMON_PIN):
        return bench.change(new, pin, cla=0x80, ins=0x32, p1=0x00)
    return bench.change(new, pin)


def _change_back(bench: Bench, pin: Pin, new: bytes) -> None:
    bench.power_on()
    bench.file(pin)
    if bench.enter(new, pin).done:
        _change(bench, bench.allowance.pins[pin], pin)


@must(
    "card/change/accepted",
    "After its VERIFY a PIN is changed by CHANGE REFERENCE DATA, P1 = 01, that of the register by CHANGE KEY: 9000.",
    "照合後の暗証番号は、CHANGE REFERENCE DATA(P1=01)、住民基本台帳用はCHANGE KEYで変更でき、9000を返す。",
    source="F-028; card.md, Commands: the form certain",
    price=Price.WRITE,
)
def accepted(bench: Bench) -> None:
    """Change to another value, and back."""
    pin = bench.known(*_ORDER)
    new = _new(bench, pin)
    bench.open(pin)
    answer = _change(bench, new, pin)
    require_that(answer.done, "statuses", "9000", seen=seen_of(answer))
    _change_back(bench, pin, new)


@must(
    "card/change/new-value",
    "After a change the new value is right and the old one wrong.",
    "変更後は、新しい値が正しく、古い値は誤りとなる。",
    source="F-028, R-047",
    price=Price.WRITE,
)
def new_value(bench: Bench) -> None:
    """Enter both."""
    pin, new = _changed(bench)
    bench.file(pin)
    old = bench.enter(bench.allowance.pins[pin], pin)
    entered = bench.enter(new, pin)
    _change_back(bench, pin, new)
    require_that(entered.done, "new-right", seen=seen_of(entered))
    require_that(not old.done, "old-wrong", seen=seen_of(old))


@must(
    "card/change/needs-success",
    "Before its VERIFY a PIN is not changed.",
    "照合前には暗証番号を変更できない。",
    source="F-028; card.md, change_unverified: guess which status word",
    price=Price.WRITE,
)
def needs_success(bench: Bench) -> None:
    """Try it at once; if it worked, change it back."""
    pin = bench.known(*_ORDER)
    new = _new(bench, pin)
    bench.file(pin)
    answer = _change(bench, new, pin)
    if answer.done:
        _change_back(bench, pin, new)
    require_refusal(answer)


@must(
    "card/change/own-value",
    "A change touches the value of that PIN and of no other.",
    "変更は、その暗証番号の値だけに及ぶ。",
    source="F-026, F-028",
    price=Price.WRITE,
)
def own_value(bench: Bench) -> None:
    """Change one, and enter the others that are known."""
    pin, new = _changed(bench)
    others = [other for other in bench.tries if other != pin and bench.usable(other)]
    answers = []
    for other in others:
        bench.file(other)
        answers.append(bench.hit(other))
    _change_back(bench, pin, new)
    for answer in answers:
        require_that(answer.done, "statuses", "9000", seen=seen_of(answer))


@must(
    "card/change/survives-power-off",
    "A changed PIN stays changed when the power is cut.",
    "電源を切っても、変更した暗証番号は元に戻らない。",
    source="F-028, F-014",
    price=Price.WRITE,
)
def survives_power_off(bench: Bench) -> None:
    """Change it; it has to be right at once, and after a power cut."""
    pin, new = _changed(bench)
    bench.file(pin)
    if not bench.enter(new, pin).done:
        raise CannotJudge("needed", "the new value", "63CX")
    bench.power_on()
    bench.file(pin)
    answer = bench.enter(new, pin)
    _change_back(bench, pin, new)
    require_that(answer.done, "new-right", seen=seen_of(answer))


@should(
    "card/change/wrong-length",
    "A new value of no bytes, or of more than 16, is refused, and the old one stays right.",
    "0バイトまたは16バイトを超える新しい値は拒否され、元の値が有効なままである。",
    source="card.md, change_wrong_length: guess",
    price=Price.WRITE,
)
def wrong_length(bench: Bench) -> None:
    """Try both, then the old value."""
    pin = bench.known(*_ORDER)
    bench.open(pin)
    for new in (b"", b"1" * 17):
        require_refusal(_change(bench, new, pin))
    bench.power_on()
    bench.file(pin)
    answer = bench.enter(bench.allowance.pins[pin], pin)
    require_that(answer.done, "old-right", seen=seen_of(answer))


@should(
    "card/change/all-tries",
    "After a change all tries are left.",
    "変更後の残り回数は上限である。",
    source="card.md, Commands: guess",
    price=Price.WRITE,
)
def all_tries(bench: Bench) -> None:
    """Change it and ask."""
    pin, new = _changed(bench)
    bench.power_on()
    left = bench.left(pin)
    _change_back(bench, pin, new)
    require_that(left == pin.limit, "tries", pin.limit, seen=Phrase("tries", (left,)))


@must(
    "card/change/register",
    "CHANGE KEY, 80 32, sets a new value for the register PIN after its VERIFY.",
    "照合後のCHANGE KEY(80 32)は、住民基本台帳用の暗証番号に新しい値を設定する。",
    source="card.md, Commands: likely",
    price=Price.WRITE,
)
def register(bench: Bench) -> None:
    """Change it, enter the new value, change it back."""
    pin = bench.known(JUKI_PIN, COMMON_PIN)
    new = _new(bench, pin)
    bench.open(pin)
    answer = _change(bench, new, pin)
    require_that(answer.done, "statuses", "9000", seen=seen_of(answer))
    bench.power_on()
    bench.file(pin)
    entered = bench.enter(new, pin)
    _change_back(bench, pin, new)
    require_that(entered.done, "new-right", seen=seen_of(entered))

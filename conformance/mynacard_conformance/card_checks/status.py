"""The security status: what a success opens, and what ends it (F-029)."""

from __future__ import annotations

from collections.abc import Callable

from mynacard_conformance.requirements import Price
from mynacard_conformance.verdict import Phrase

from . import apdu
from .apdu import Answer
from .bench import Bench
from .check import CannotJudge, NotCovered, must, need, require, require_that, seen_of, should
from .places import (
    APPLICATIONS,
    AUTH_CERTIFICATE,
    AUTH_KEY,
    AUTH_PIN,
    JPKI,
    NEVER_OPEN,
    SECURITY_DOMAIN,
    SIGN_CERTIFICATE,
    SIGN_KEY,
    SIGN_PIN,
    TOKEN_INFO,
    File,
    Pin,
)

_CLOSED = 0x6982
_KEY_OF = {AUTH_PIN: AUTH_KEY, SIGN_PIN: SIGN_KEY}


def use(bench: Bench, key: File) -> Answer:
    """Have a key of the current application sign a byte."""
    need(bench.send(apdu.select_file(key.fid)), f"SELECT {key}")
    return bench.send(apdu.sign(0x00, b"\x01"))


def usable_key(bench: Bench, *pins: Pin) -> tuple[Pin, File]:
    """A key, and the PIN that opens it, verified: the key did not sign before, and signs more than once now."""
    pin = bench.known(*pins)
    key = _KEY_OF[pin]
    need_closed(bench, key)
    bench.open(pin)
    for _ in range(2):
        need(use(bench, key), f"a signature with the {pin.name} key")
    return pin, key


def need_closed(bench: Bench, file: File) -> None:
    """Go on only if a key or a file is closed while no PIN is verified: another requirement is about that."""
    bench.file(file)
    answer = bench.send(apdu.sign(0x00, b"\x01") if file in _KEY_OF.values() else apdu.read(0, 4))
    if answer.done:
        raise CannotJudge("open-anyway", str(file))


def _closed_key(bench: Bench, file: File) -> Answer:
    """Try a key in a session without a PIN; a card where it is no key at all is not judged by it."""
    bench.file(file)
    answer = use(bench, file)
    if answer.sw in (0x6981, 0x6985):
        raise NotCovered("no-file", str(file))
    return answer


@must(
    "card/status/auth-key-guarded",
    "The auth key signs nothing before the auth PIN: 6982.",
    "利用者証明用の鍵は、暗証番号の照合前には署名せず6982を返す。",
    source="card.md, The JPKI application: certain",
)
def auth_key_guarded(bench: Bench) -> None:
    """Try it at once."""
    require(_closed_key(bench, AUTH_KEY), _CLOSED)


@must(
    "card/status/sign-key-guarded",
    "The sign key signs nothing before the sign PIN: 6982.",
    "署名用の鍵は、暗証番号の照合前には署名せず6982を返す。",
    source="card.md, The JPKI application: certain",
)
def sign_key_guarded(bench: Bench) -> None:
    """Try it at once."""
    require(_closed_key(bench, SIGN_KEY), _CLOSED)


@must(
    "card/status/sign-certificate-guarded",
    "The sign certificate is not read before the sign PIN: 6982, by SELECT and by short identifier.",
    "署名用電子証明書は暗証番号の照合前には読めず、SELECTでも短縮識別子でも6982を返す。",
    source="K-33; card.md, The JPKI application: certain",
)
def sign_certificate_guarded(bench: Bench) -> None:
    """Try both ways."""
    bench.file(SIGN_CERTIFICATE)
    require(bench.send(apdu.read(0, 4)), _CLOSED)
    require(bench.send(apdu.read_by_name(SIGN_CERTIFICATE.sfi, 0, 4)), _CLOSED)
    require(bench.send(apdu.read(0x0100, 4)), _CLOSED, 0x6B00)


@must(
    "card/status/sign-pin-opens-certificate",
    "After the sign PIN the sign certificate can be read.",
    "署名用暗証番号の照合後は、署名用電子証明書を読み出せる。",
    source="K-33; card.md, The JPKI application: certain",
)
def sign_pin_opens_certificate(bench: Bench) -> None:
    """Verify and read."""
    bench.known(SIGN_PIN)
    bench.open(SIGN_PIN)
    need(bench.send(apdu.select_file(SIGN_CERTIFICATE.fid)), "SELECT the sign certificate")
    require(bench.send(apdu.read(0, 4)), 0x9000)


@must(
    "card/status/auth-certificate",
    "The auth certificate can be read by everybody; on telephones after the auth PIN.",
    "利用者証明用電子証明書は誰でも読み出せる(スマートフォンでは暗証番号の照合後)。",
    source="K-22, F-075; card.md: certain",
)
def auth_certificate(bench: Bench) -> None:
    """Read it at once, or else after the PIN."""
    bench.file(AUTH_CERTIFICATE)
    answer = bench.send(apdu.read(0, 4))
    bench.notes["auth-certificate"] = "free" if answer.done else "guarded"
    require(answer, 0x9000, _CLOSED)
    if not answer.done:
        bench.known(AUTH_PIN)
        bench.open(AUTH_PIN)
        need(bench.send(apdu.select_file(AUTH_CERTIFICATE.fid)), "SELECT the auth certificate")
        require(bench.send(apdu.read(0, 4)), 0x9000)


@must(
    "card/status/never-open",
    "EF 0009 of the JPKI application is opened by no PIN: 6982.",
    "JPKI-APのEF 0009は、どの暗証番号でも開かず6982を返す。",
    source="card.md, The JPKI application: likely",
)
def never_open(bench: Bench) -> None:
    """Read it with every PIN verified that is known."""
    bench.file(NEVER_OPEN)
    require(bench.send(apdu.read(0, 4)), _CLOSED)
    pins = [pin for pin in (AUTH_PIN, SIGN_PIN) if bench.usable(pin)]
    bench.open(*pins)
    need(bench.send(apdu.select_file(NEVER_OPEN.fid)), "SELECT JPKI 0009")
    require(bench.send(apdu.read(0, 4)), _CLOSED)


@must(
    "card/status/own-pin-only",
    "A PIN opens its own key and certificate, and not those of the other.",
    "暗証番号は対応する鍵と証明書だけを開き、他方のものは開かない。",
    source="F-015, R-001",
)
def own_pin_only(bench: Bench) -> None:
    """Verify one, and try the key of the other."""
    pin = bench.known(AUTH_PIN, SIGN_PIN)
    other = SIGN_PIN if pin == AUTH_PIN else AUTH_PIN
    need_closed(bench, _KEY_OF[other])
    if other == SIGN_PIN:
        need_closed(bench, SIGN_CERTIFICATE)
    usable_key(bench, pin)
    answer = _try_key(bench, _KEY_OF[other])
    require_that(not answer.done, "refusal", seen=seen_of(answer))
    if other == SIGN_PIN:
        need(bench.send(apdu.select_file(SIGN_CERTIFICATE.fid)), "SELECT the sign certificate")
        require(bench.send(apdu.read(0, 4)), _CLOSED)


def _try_key(bench: Bench, key: File) -> Answer:
    selected = bench.send(apdu.select_file(key.fid))
    if selected.sw == 0x6A82:
        raise NotCovered("no-file", str(key))
    return bench.send(apdu.sign(0x00, b"\x01"))


@must(
    "card/status/pins-add-up",
    "Verifying a second PIN of an application does not end the success of the first.",
    "同じアプリケーションの別の暗証番号を照合しても、先の照合済みの状態は失われない。",
    source="F-015, F-029",
)
def pins_add_up(bench: Bench) -> None:
    """Verify one, verify the other, use the first one's key."""
    bench.known(SIGN_PIN)
    _, key = usable_key(bench, AUTH_PIN)
    need(bench.send(apdu.select_file(SIGN_PIN.fid)), "SELECT the sign PIN")
    need(bench.hit(SIGN_PIN), "VERIFY sign")
    answer = use(bench, key)
    require_that(answer.done, "still-open", seen=seen_of(answer))


@must(
    "card/status/many-signatures",
    "One entry of the PIN is enough for any number of signatures.",
    "1回の照合で、何度でも署名できる。",
    source="card.md, Commands: certain",
)
def many_signatures(bench: Bench) -> None:
    """Sign several times with each key."""
    pin = bench.known(AUTH_PIN, SIGN_PIN)
    bench.open(pin)
    need(use(bench, _KEY_OF[pin]), f"a signature with the {pin.name} key")
    for _ in range(5):
        answer = use(bench, _KEY_OF[pin])
        require_that(answer.done, "still-open", seen=seen_of(answer))


def _after(bench: Bench, act: Callable[[], None]) -> Answer:
    """What a key answers after something has happened that may have ended its PIN's success."""
    _, key = usable_key(bench, AUTH_PIN, SIGN_PIN)
    act()
    return use(bench, key)


def _after_leaving(bench: Bench, act: Callable[[], None]) -> Answer:
    """The same, of something that has left the application."""

    def there_and_back() -> None:
        act()
        bench.application(JPKI)

    return _after(bench, there_and_back)


@must(
    "card/status/kept-by-same-application",
    "A success outlasts the SELECT of the same application.",
    "同じアプリケーションを再選択しても、照合済みの状態は失われない。",
    source="F-029; card.md: certain",
)
def kept_by_same_application(bench: Bench) -> None:
    """Select JPKI again."""
    answer = _after(bench, lambda: bench.application(JPKI))
    require_that(answer.done, "still-open", seen=seen_of(answer))


@must(
    "card/status/kept-by-control-information",
    "A success outlasts the SELECT of the same application with P2 = 00 too.",
    "P2=00で同じアプリケーションを再選択しても、照合済みの状態は失われない。",
    source="F-029; ISO 7816-4 11.2.2",
)
def kept_by_control_information(bench: Bench) -> None:
    """Select JPKI in the other form."""
    answer = _after(bench, lambda: _discard(bench.send(apdu.select(JPKI.aid, p2=0x00, le=0))))
    require_that(answer.done, "still-open", seen=seen_of(answer))


@must(
    "card/status/ended-by-other-application",
    "A success ends when another application is selected.",
    "別のアプリケーションを選択すると、照合済みの状態は失われる。",
    source="F-029; card.md: certain",
)
def ended_by_other_application(bench: Bench) -> None:
    """Select another one, and come back."""
    others = [each for each in APPLICATIONS if each != JPKI and bench.send(apdu.select(each.aid)).done]
    if not others:
        raise NotCovered("no-application", "text")
    require(_after_leaving(bench, lambda: bench.application(others[0])), _CLOSED)


@must(
    "card/status/ended-by-security-domain",
    "A success ends when the level above all applications is selected.",
    "A0000001510000を選択すると、照合済みの状態は失われる。",
    source="F-029; card.md: certain",
)
def ended_by_security_domain(bench: Bench) -> None:
    """Select it, and come back."""
    require(_after_leaving(bench, lambda: _select_domain(bench)), _CLOSED)


def _select_domain(bench: Bench) -> None:
    need(bench.send(apdu.select(SECURITY_DOMAIN)), "SELECT A0000001510000")


@must(
    "card/status/ended-by-power-off",
    "A success ends when the power is cut.",
    "電源を切ると、照合済みの状態は失われる。",
    source="F-029; card.md: certain",
)
def ended_by_power_off(bench: Bench) -> None:
    """Cut it."""
    require(_after_leaving(bench, bench.power_on), _CLOSED)


@must(
    "card/status/warm-reset",
    "A warm reset keeps the current application and the successes, or ends both.",
    "ウォームリセットは、選択状態と照合済みの状態を両方とも保つか、両方とも失わせる。",
    source="F-029: they were measured to survive; card.md, warm_reset_keeps_session: likely",
)
def warm_reset(bench: Bench) -> None:
    """See whether the application is still there, and whether the key signs."""
    _, key = usable_key(bench, AUTH_PIN, SIGN_PIN)
    bench.reset()
    kept = bench.send(apdu.select_file(TOKEN_INFO.fid)).done
    if not kept and bench.send(apdu.select_file(TOKEN_INFO.fid)).done:
        kept = True  # a card that fails its first command
    bench.notes["warm-reset"] = "kept" if kept else "ended"
    if not kept:
        bench.application(JPKI)
    answer = use(bench, key)
    require_that(answer.done is kept, "kept" if kept else "ended", seen=seen_of(answer))


@must(
    "card/status/kept-by-refusals",
    "A refused command ends no success.",
    "コマンドが拒否されても、照合済みの状態は失われない。",
    source="ISO 7816-4 5.6: nothing has changed",
)
def kept_by_refusals(bench: Bench) -> None:
    """Have several things refused, then use the key."""
    _, key = usable_key(bench, AUTH_PIN, SIGN_PIN)
    for raw in (
        apdu.command(0x00, 0xFE, 0x00, 0x00),
        apdu.command(0xE0, 0xA4, 0x04, 0x0C, JPKI.aid),
        apdu.select(bytes.fromhex("A00000039742544659")),
        apdu.select_file(0x002F),
        apdu.read(0x7FFF, 1),
        apdu.sign(0x7F, b"\x01"),
        apdu.get_data(0x0101),
    ):
        bench.send(raw)
    answer = use(bench, key)
    require_that(answer.done, "still-open", seen=seen_of(answer))


@must(
    "card/status/not-for-others",
    "A success in one application opens nothing in another.",
    "あるアプリケーションでの照合成功は、別のアプリケーションのものを開かない。",
    source="F-015, F-029; card.md: each value opens its own files",
)
def not_for_others(bench: Bench) -> None:
    """Verify in another application a PIN of the same short identifier or not, and try both keys."""
    elsewhere = [pin for pin in bench.tries if pin.application != JPKI and bench.usable(pin)]
    if not elsewhere:
        raise NotCovered("no-pin-known")
    keys = [key for key in (AUTH_KEY, SIGN_KEY) if bench.send(apdu.select(JPKI.aid)).done]
    for key in keys:
        need_closed(bench, key)
    for pin in elsewhere:
        bench.power_on()
        bench.open(pin)
        bench.application(JPKI)
        for key in keys:
            if bench.send(apdu.select_file(key.fid)).done:
                answer = bench.send(apdu.sign(0x00, b"\x01"))
                require_that(not answer.done, "refusal", seen=seen_of(answer))


@should(
    "card/status/miss-after-success",
    "A wrong entry of a verified PIN ends its success or keeps it, but always costs a try.",
    "照合済みの暗証番号を誤った場合、状態が失われるか保たれるかは問わないが、残り回数は必ず減る。",
    source="card.md, keep_verified_on_failure: guess (D-13)",
    price=Price.TRY,
)
def miss_after_success(bench: Bench) -> None:
    """Verify, miss, use the key, ask."""
    pin, key = usable_key(bench, AUTH_PIN, SIGN_PIN)
    bench.file(pin)
    bench.miss(pin)
    bench.notes["miss-after-success"] = "kept" if use(bench, key).done else "ended"
    left = bench.left(pin)
    require_that(left == pin.limit - 1, "tries", pin.limit - 1, seen=Phrase("tries", (left,)))


def _discard(answer: Answer) -> None:
    if not answer.done:
        raise CannotJudge("needed", "SELECT JPKI with P2 = 00", f"{answer.sw:04X}")

"""The words in which the stories are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType

from mynacard_conformance.judge.outside import Visits
from mynacard_conformance.judge.served import FromClient, FromPage, Serves
from mynacard_conformance.model.holder import N1, WRONG
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.model.setting import NO_EFFECT, Effects
from mynacard_conformance.outcome import ChangePin, HashKind, KeyKind, PinKind, Sign, TriesLeft, VerifyPin
from mynacard_conformance.verdict import Deed
from mynacard_conformance.wire import PIN_FILES

from .story import AT_THE_CARD, Ask, Happens, LogsIn, Raw, Step

RIGHT = N1.pins
AUTH, SIGN, JUKI, TEXT, NUMBER_B = PinKind.AUTH, PinKind.SIGN, PinKind.JUKI, PinKind.TEXT, PinKind.NUMBER_B
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
JST = timezone(timedelta(hours=9))
ID = "KEY00001"
"""The MyKey ID that the holder of the first card has."""
NOTHING: Mapping[str, str | FromClient] = MappingProxyType({})
_MESSAGE = "架空の文書".encode()


def query(pin: PinKind, tries: int | None = None) -> Ask:
    """The user asks how many tries are left."""
    return Ask(TriesLeft(pin), tries=tries)


def wrong(pin: PinKind, *values: str) -> tuple[Ask, ...]:
    """The user enters wrong values, and tries are left."""
    return tuple(Ask(VerifyPin(pin, value), then=Prospect.WRONG) for value in values)


def uses_up(pin: PinKind, value: str = "") -> Ask:
    """The user enters a wrong value at the last try."""
    return Ask(VerifyPin(pin, value or WRONG[pin]), then=Prospect.USES_UP)


def right(pin: PinKind, value: str = "") -> Ask:
    """The user enters the right value."""
    return Ask(VerifyPin(pin, value or RIGHT[pin]), then=Prospect.RIGHT)


def refused(pin: PinKind, value: str = "") -> Ask:
    """The user enters the right value at a PIN that is locked."""
    return Ask(VerifyPin(pin, value or RIGHT[pin]), then=Prospect.BLOCKED)


def malformed(pin: PinKind, *values: str) -> tuple[Ask, ...]:
    """The user enters what cannot be right."""
    return tuple(Ask(VerifyPin(pin, value), then=Prospect.MALFORMED) for value in values)


def signs(key: KeyKind, pin: str = "", then: Prospect = Prospect.RIGHT) -> Ask:
    """The user signs."""
    return Ask(Sign(key, HashKind.SHA256, _MESSAGE, pin or RIGHT[key.pin]), then=then)


def changes(pin: PinKind, current: str, new: str, then: Prospect = Prospect.RIGHT) -> Ask:
    """The user changes a PIN."""
    return Ask(ChangePin(pin, current, new), then=then)


LOCKS_AUTH = (*wrong(AUTH, "0000", "0001"), uses_up(AUTH, "0002"))
LOCKS_SIGN = (*wrong(SIGN, *4 * (WRONG[SIGN],)), uses_up(SIGN))


def at(year: int, month: int, day: int, *time: int) -> datetime:
    """A time in Japan: hour, minute and second, or else 10 o'clock, when all desks are open."""
    hour, minute, second = (*time, 0, 0, 0)[:3] if time else (10, 0, 0)
    return datetime(year, month, day, hour, minute, second, tzinfo=JST)


def until(year: int, month: int, day: int, *time: int) -> Happens:
    """It is then."""
    return Happens(Deed.TIME_PASSES, until=at(year, month, day, *time))


def later(passes: timedelta) -> Happens:
    """Time passes."""
    return Happens(Deed.TIME_PASSES, passes)


def inserts(card: str) -> Happens:
    """Another card is put in."""
    return Happens(Deed.INSERT, card=card)


def visits(
    errand: str,
    then: str = "ok",
    tries: int | None = None,
    effects: Effects = NO_EFFECT,
    /,
    **details: object,
) -> Visits:
    """Somebody goes to the office, and is told `then`; `affects` names a card that is not in the reader."""
    affects = str(details.pop("affects", ""))
    return Visits(errand, details, then, tries, effects, affects=affects)


def serves(
    action: str, then: str | FromClient = "ok", shows: Mapping[str, str | FromClient] = NOTHING, /, **details: object
) -> Serves:
    """Somebody asks a service for something, is told `then`, and is shown at least that."""
    return Serves(action, details, then, shows)


def my_page(pin: str = RIGHT[AUTH], then: str = "ok", *, browser: str = "", kept: bool = False, **shows: str) -> LogsIn:
    """The holder opens My Page of the MyKey platform by card, and stays logged in."""
    return LogsIn("mykey", pin, then, {"browser": browser}, shows, kept=kept)


def has_id(name: str = ID, pin: str = RIGHT[AUTH], browser: str = "") -> tuple[Step, ...]:
    """The holder of the card in the reader makes a MyKey ID, and stays logged in."""
    return my_page(pin, "not_registered", browser=browser), serves("mykey.create", name=name, browser=browser)


HAS_POINTS: tuple[Step, ...] = (*has_id(), serves("mykey.grant_points", name=ID, points=500))
"""The holder has a MyKey ID, and points."""

STARTS = serves("portal.start", "ok", {"page": "PIN dialog"})
"""The holder begins a login at the Myna Portal: nothing is missing, and nothing is said."""


def at_portal(pin: str = RIGHT[AUTH], then: str = "ok", **shows: str) -> LogsIn:
    """The holder logs in at the PIN dialog."""
    return LogsIn("portal", pin, then, {}, shows)


def visits_portal(pin: str = RIGHT[AUTH], then: str = "ok", **shows: str) -> tuple[Step, ...]:
    """The holder logs in at the Myna Portal, comes as far as that goes, and leaves it again."""
    if then in AT_THE_CARD:
        leaves: tuple[Step, ...] = (serves("portal.cancel", "ok", {"page": "top"}),)
    elif then != "ok":
        leaves = ()  # who is turned away is at the top page already
    elif shows.get("page", "registration") == "registration":
        leaves = (serves("portal.cancel", "ok", {"page": "top"}),)
    else:
        leaves = (serves("portal.log_out", "ok", {"page": "logged out"}),)
    return STARTS, at_portal(pin, then, **shows), *leaves


BARCODE = FromPage("barcode")
"""The barcode that was shown last."""
NO_PROOF: Mapping[str, object] = MappingProxyType({"certificate": b"", "challenge": b"", "signature": b""})
"""What somebody shows at a login who has nothing to show."""

HAS_ACCOUNT: tuple[Step, ...] = (
    STARTS,
    at_portal(page="registration"),
    serves("portal.confirm", nickname="かくう"),
    serves("portal.complete"),
    serves("portal.log_out", "ok", {"page": "logged out"}),
)
"""The holder has an account at the Myna Portal, and is logged out."""


CLINIC, CLINIC_PASSWORD = "clinic-1", "apple-4829"
HAS_DEVICE: tuple[Step, ...] = (
    serves("eligibility.apply", name=CLINIC, password=CLINIC_PASSWORD),
    serves("eligibility.register", name=CLINIC, password=CLINIC_PASSWORD),
)
"""A clinic has an account of the eligibility app, and a device that is registered for it."""
CHECKS_BY_PIN: tuple[Step, ...] = (*HAS_DEVICE, serves("eligibility.set_mode", mode="pin"))
"""The same, and patients are known there by the auth PIN."""


def resets(pin: PinKind, new: str, /, **details: object) -> Visits:
    """The counter sets a PIN anew."""
    return visits("counter.reset_pin", "ok", None, Effects(sets={pin: new}), pin=pin.value, new=new, **details)


def other_program(*commands: tuple[str, str]) -> Raw:
    """Another program sends commands, as hex with the status word that each gets."""
    return Raw(tuple((bytes.fromhex(command), int(sw, 16)) for command, sw in commands))


def other_program_enters(pin: PinKind, value: str, sw: str = "9000") -> Raw:
    """Another program sends a VERIFY to every key of a PIN."""
    found = [place for place, kind in PIN_FILES.items() if kind is pin]
    return other_program(*(command for aid, fid in found for command in _enters(aid, fid, value, sw)))


def _enters(aid: bytes, fid: int, value: str, sw: str) -> tuple[tuple[str, str], ...]:
    data = value.encode()
    return (
        (f"00A4040C{len(aid):02X}{aid.hex()}", "9000"),
        (f"00A4020C02{fid:04X}", "9000"),
        (f"00200080{len(data):02X}{data.hex()}", sw),
    )

"""Locking: how PINs count, lock and stay locked."""

from __future__ import annotations

from datetime import timedelta

from mynacard_conformance.model.holder import N1, WRONG
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.outcome import (
    CertificateKind,
    HashKind,
    KeyKind,
    PinKind,
    ReadCertificate,
    Sign,
    TriesLeft,
    VerifyPin,
)
from mynacard_conformance.verdict import Deed

from .story import Ask, Happens, Scenario

_RIGHT = N1.pins
_DAY = timedelta(days=1)
_MESSAGE = "架空の文書".encode()


def _query(pin: PinKind, tries: int) -> Ask:
    return Ask(TriesLeft(pin), tries=tries)


def _wrong(pin: PinKind, *values: str) -> tuple[Ask, ...]:
    return tuple(Ask(VerifyPin(pin, value), then=Prospect.WRONG) for value in values)


def _uses_up(pin: PinKind, value: str) -> Ask:
    return Ask(VerifyPin(pin, value), then=Prospect.USES_UP)


def _right(pin: PinKind) -> Ask:
    return Ask(VerifyPin(pin, _RIGHT[pin]), then=Prospect.RIGHT)


def _refused(pin: PinKind) -> Ask:
    return Ask(VerifyPin(pin, _RIGHT[pin]), then=Prospect.BLOCKED)


def _malformed(pin: PinKind, *values: str) -> tuple[Ask, ...]:
    return tuple(Ask(VerifyPin(pin, value), then=Prospect.MALFORMED) for value in values)


def _signs(key: KeyKind) -> Ask:
    return Ask(Sign(key, HashKind.SHA256, _MESSAGE, _RIGHT[key.pin]), then=Prospect.RIGHT)


_LOCKS_AUTH = (*_wrong(PinKind.AUTH, "0000", "0001"), _uses_up(PinKind.AUTH, "0002"))
_LOCKS_SIGN = (*_wrong(PinKind.SIGN, *4 * (WRONG[PinKind.SIGN],)), _uses_up(PinKind.SIGN, WRONG[PinKind.SIGN]))

LOCK_01 = Scenario(
    "LOCK-01",
    "The auth PIN locks on the third wrong entry in a row",
    "利用者証明用の暗証番号は、連続3回の誤りでロックする",
    ("R-002", "R-008", "R-005", "F-017"),
    (_query(PinKind.AUTH, 3), *_LOCKS_AUTH, _refused(PinKind.AUTH)),
)

LOCK_02 = Scenario(
    "LOCK-02",
    "The sign PIN locks on the fifth wrong entry",
    "署名用の暗証番号は、5回目の誤りでロックする",
    ("R-003", "R-006", "R-007", "F-017", "K-33"),
    (*_LOCKS_SIGN, _refused(PinKind.SIGN), Ask(ReadCertificate(CertificateKind.SIGN))),
)

LOCK_03 = Scenario(
    "LOCK-03",
    "A success in between restores all tries",
    "途中で正しく入力すれば、残り回数は元に戻る",
    ("R-004", "R-002", "F-014"),
    (
        *_wrong(PinKind.AUTH, "0000", "0001"),
        _right(PinKind.AUTH),
        _query(PinKind.AUTH, 3),
        *_wrong(PinKind.AUTH, "0000", "0001"),
    ),
)

LOCK_04 = Scenario(
    "LOCK-04",
    "Counters outlive removal, power-off and process",
    "残り回数は、カードの抜き差し・電源断・プロセスの再起動では戻らない",
    ("R-004", "R-113", "F-014", "F-029"),
    (
        *_wrong(PinKind.AUTH, "0000"),
        Happens(Deed.EJECT_AND_INSERT),
        Happens(Deed.RESTART),
        _query(PinKind.AUTH, 2),
        *_wrong(PinKind.AUTH, "0001"),
        _uses_up(PinKind.AUTH, "0002"),
    ),
)

LOCK_05 = Scenario(
    "LOCK-05",
    "Time heals nothing",
    "時間が経っても残り回数は戻らない",
    ("R-002", "R-018", "F-014"),
    (
        *_wrong(PinKind.AUTH, "0000", "0001"),
        Happens(Deed.TIME_PASSES, _DAY),
        Happens(Deed.TIME_PASSES, 400 * _DAY),
        _query(PinKind.AUTH, 1),
        _uses_up(PinKind.AUTH, "0002"),
        Happens(Deed.TIME_PASSES, _DAY),
        _refused(PinKind.AUTH),
    ),
)

LOCK_08 = Scenario(
    "LOCK-08",
    "Asking for the remaining tries costs nothing",
    "残り回数の照会では、回数は減らない",
    ("R-002", "F-016"),
    (
        *20 * (_query(PinKind.AUTH, 3),),
        _right(PinKind.AUTH),
        _query(PinKind.AUTH, 3),
        *_wrong(PinKind.AUTH, "0000"),
        *5 * (_query(PinKind.AUTH, 2),),
    ),
)

LOCK_09 = Scenario(
    "LOCK-09",
    "A malformed PIN stopped by the client costs nothing",
    "形式が正しくない暗証番号はクライアントが止め、回数は減らない",
    ("R-008", "R-006", "R-152", "F-002"),
    (
        *_malformed(PinKind.AUTH, "12a4", "123", "12345"),
        *_malformed(PinKind.SIGN, "ABC12", "ABCDEFGH123456789"),
        _query(PinKind.AUTH, 3),
        _query(PinKind.SIGN, 5),
    ),
)

LOCK_16 = Scenario(
    "LOCK-16",
    "A locked auth PIN still lets the holder sign",
    "利用者証明用がロックしていても、署名はできる",
    ("R-001", "R-002", "R-003", "F-015"),
    (*_LOCKS_AUTH, _right(PinKind.SIGN), _signs(KeyKind.SIGN)),
)

LOCK_16_MIRROR = Scenario(
    "LOCK-16-mirror",
    "A locked sign PIN still lets the holder authenticate",
    "署名用がロックしていても、利用者証明はできる",
    ("R-001", "R-002", "R-003", "F-015"),
    (*_LOCKS_SIGN, _right(PinKind.AUTH), _signs(KeyKind.AUTH)),
)

LOCK = (LOCK_01, LOCK_02, LOCK_03, LOCK_04, LOCK_05, LOCK_08, LOCK_09, LOCK_16, LOCK_16_MIRROR)
"""The scenarios of this family, in order."""

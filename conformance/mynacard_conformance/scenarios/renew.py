"""Renewal and expiry: when certificates end, and what takes their place."""

from __future__ import annotations

from datetime import date, timedelta

from mynacard_conformance.model.holder import EXPIRED
from mynacard_conformance.model.setting import CardInStory, Effects, Setting
from mynacard_conformance.outcome import KeyKind

from .checks import Check
from .story import Scenario
from .words import (
    AUTH,
    DAY,
    HAS_ACCOUNT,
    HAS_POINTS,
    HOUR,
    ID,
    JUKI,
    SIGN,
    at,
    inserts,
    later,
    my_page,
    right,
    serves,
    signs,
    until,
    visits,
    visits_portal,
)

_RENEWED = Effects(restores=(AUTH, SIGN, JUKI), replaces=("auth", "sign"))
_PINS = {"auth": "1234", "sign": "ABC123", "juki": "2345"}
_RENEWS = visits("counter.renew", "ok", None, _RENEWED, **_PINS)
_ENDS_IN_FEBRUARY = CardInStory(made=date(2022, 3, 1))
_ENDS_IN_JUNE = CardInStory(born=date(1980, 6, 15), made=date(2022, 7, 1))
_DUE = Setting(card=_ENDS_IN_FEBRUARY, at=at(2026, 12, 1))

RENEW_01 = Scenario(
    "RENEW-01",
    "Renewal inside validity keeps the MyKey ID",
    "有効期間内の更新では、マイキーIDは変わらない",
    ("R-094", "R-062", "R-159", "F-038", "F-047", "K-36", "F-045"),
    (
        Check(ends={"auth": date(2027, 2, 17), "sign": date(2027, 2, 17)}),
        *HAS_POINTS,
        *HAS_ACCOUNT,
        _RENEWS,
        Check(
            ends={"auth": date(2032, 2, 17), "sign": date(2032, 2, 17)},
            status={"auth": "good", "sign": "good"},
            first_status={"auth": "superseded", "sign": "superseded"},
        ),
        my_page(id=ID, points="500"),
        *visits_portal(page="main menu", certificate_expires="2032-02-17T23:59:59+09:00"),
    ),
    _DUE,
)

RENEW_02 = Scenario(
    "RENEW-02",
    "Renewal window",
    "更新できる期間",
    ("R-094", "F-044", "F-040"),
    (
        Check(ends={"auth": date(2027, 6, 15)}),
        *HAS_POINTS,
        visits("counter.renew", "outside_window", **_PINS),
        until(2027, 3, 16),
        _RENEWS,
        right(AUTH),
        my_page(id=ID, points="500"),
    ),
    Setting(card=_ENDS_IN_JUNE, at=at(2027, 3, 15)),
)

RENEW_02_LAST_DAY = Scenario(
    "RENEW-02-last-day",
    "A certificate is good until the last second of its last day",
    "電子証明書は、最終日の最後の1秒まで有効",
    ("R-093", "F-044", "F-040"),
    (
        *HAS_POINTS,
        *HAS_ACCOUNT,
        until(2027, 6, 15, 23, 59),
        *visits_portal(page="main menu"),
        until(2027, 6, 16, 0),
        *visits_portal(then="cert_expired"),
        until(2027, 6, 16, 10),
        visits(
            "counter.issue_certificates",
            "ok",
            None,
            Effects(restores=(AUTH, SIGN), replaces=("auth", "sign")),
            auth="",
            sign="",
        ),
        *visits_portal(page="main menu"),
        my_page(id=ID, points="500"),
    ),
    Setting(card=_ENDS_IN_JUNE, at=at(2027, 3, 15)),
)

_ENDED_YESTERDAY = CardInStory(born=date(1980, 11, 19), made=date(2021, 12, 1))

RENEW_03 = Scenario(
    "RENEW-03",
    "Expired, then re-acquired",
    "期限切れの後の再取得",
    ("R-093", "R-095", "R-062", "F-050", "K-36"),
    (
        *HAS_POINTS,
        until(2026, 11, 20),
        my_page(then="cert_expired"),
        serves("mykey.use_points", "cert_expired", name=ID, points=100),
        visits("counter.issue_certificates", "ok", None, Effects(restores=(AUTH,), replaces=("auth",)), auth=""),
        my_page(id=ID, points="500"),
        serves("mykey.use_points", "ok", {"points": "400"}, name=ID, points=100),
        serves("mykey.create", "already_registered", name="KEY00002"),
    ),
    Setting(card=_ENDED_YESTERDAY, at=at(2026, 11, 19)),
)

RENEW_04 = Scenario(
    "RENEW-04",
    "Expired card still answers offline",
    "期限が切れたカードも、チップは応答する",
    ("R-095", "F-030"),
    (
        *HAS_POINTS,
        until(2026, 1, 6),
        right(AUTH),
        signs(KeyKind.AUTH),
        *visits_portal(then="cert_expired"),
        serves("mykey.use_points", "cert_expired", name=ID, points=100),
    ),
    Setting(card=CardInStory(holder=EXPIRED), at=at(2026, 1, 5)),
)

RENEW_05 = Scenario(
    "RENEW-05",
    "Forgotten PIN at renewal",
    "更新時に暗証番号を忘れていた場合",
    ("R-018", "F-045", "F-048"),
    (
        visits("counter.renew", "wrong_pin", 4, Effects(spends=SIGN), **{**_PINS, "sign": "XXX999"}),
        visits(
            "counter.renew",
            "ok",
            None,
            Effects(sets={SIGN: "NEW456"}, restores=(AUTH, JUKI), replaces=("auth", "sign")),
            auth="1234",
            juki="2345",
            resets={"sign": "NEW456"},
        ),
        right(SIGN, "NEW456"),
        right(AUTH),
    ),
    _DUE,
)

RENEW_06 = Scenario(
    "RENEW-06",
    "Five- and six-birthday rule, caps",
    "5回目・6回目の誕生日の規則と上限",
    ("F-037", "F-038", "F-039", "F-040"),
    (
        Check(ends={"auth": date(2030, 2, 17), "sign": date(2030, 2, 17)}),
        inserts("on a birthday"),
        Check(ends={"auth": date(2031, 2, 17)}),
        inserts("of a limited stay"),
        Check(ends={"auth": date(2028, 5, 1), "sign": date(2028, 5, 1)}),
        inserts("card"),
        visits("online.revoke", "ok", None, Effects(restores=(SIGN,)), kind="sign", pin="ABC123"),
        visits("counter.issue_certificates", "ok", None, Effects(restores=(SIGN,), replaces=("sign",)), sign=""),
        Check(ends={"auth": date(2030, 2, 17), "sign": date(2030, 2, 17)}),
        until(2029, 12, 3),
        _RENEWS,
        Check(ends={"auth": date(2035, 2, 17), "sign": date(2035, 2, 17)}),
    ),
    Setting(
        card=CardInStory(made=date(2025, 10, 27)),
        others={
            "on a birthday": CardInStory(made=date(2026, 2, 17)),
            "of a limited stay": CardInStory(made=date(2025, 11, 4), stay_until=date(2028, 5, 1)),
        },
    ),
)

RENEW_07 = Scenario(
    "RENEW-07",
    "Card validity by age",
    "年齢によるカードの有効期間",
    ("F-041", "F-042"),
    (
        Check(card_ends=date(2030, 11, 21)),
        inserts("at 18"),
        Check(card_ends=date(2036, 11, 20)),
        inserts("at 19, by the old law"),
        Check(card_ends=date(2026, 6, 1)),
        inserts("of a limited stay"),
        Check(card_ends=date(2027, 4, 30), ends={"auth": date(2027, 4, 30), "sign": date(2027, 4, 30)}),
    ),
    Setting(
        card=CardInStory(born=date(2008, 11, 21), made=date(2026, 11, 20)),
        others={
            "at 18": CardInStory(born=date(2008, 11, 20), made=date(2026, 11, 20)),
            "at 19, by the old law": CardInStory(born=date(2002, 6, 1), made=date(2022, 3, 31)),
            "of a limited stay": CardInStory(made=date(2025, 11, 4), stay_until=date(2027, 4, 30)),
        },
    ),
)

RENEW_08 = Scenario(
    "RENEW-08",
    "Just renewed, server not yet aware",
    "更新直後、サーバーにまだ反映されていない場合",
    ("R-094", "F-049"),
    (
        *HAS_POINTS,
        *HAS_ACCOUNT,
        _RENEWS,
        later(HOUR),
        *visits_portal(then="status_unknown"),
        my_page(then="status_unknown"),
        later(DAY),
        *visits_portal(page="main menu"),
        my_page(id=ID, points="500"),
    ),
    Setting(card=_ENDS_IN_FEBRUARY, at=at(2026, 12, 1), policy={"status_lag": timedelta(hours=24)}),
)

RENEW_09 = Scenario(
    "RENEW-09",
    "Client with a cached old certificate",
    "古い電子証明書を保存しているクライアント",
    ("R-062", "F-047"),
    (
        *HAS_POINTS,
        my_page(id=ID),
        _RENEWS,
        my_page(then="cert_invalid", kept=True),
        my_page(id=ID),
    ),
    _DUE,
)

RENEW = (
    RENEW_01,
    RENEW_02,
    RENEW_02_LAST_DAY,
    RENEW_03,
    RENEW_04,
    RENEW_05,
    RENEW_06,
    RENEW_07,
    RENEW_08,
    RENEW_09,
)
"""The scenarios of this family, in order."""

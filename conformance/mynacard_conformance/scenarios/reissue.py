"""Loss, suspension, re-issue, and changes of what a certificate says of its holder."""

from __future__ import annotations

from datetime import timedelta

from mynacard_conformance.model.holder import Holder
from mynacard_conformance.model.setting import CardInStory, Effects, Setting
from mynacard_conformance.outcome import PinKind

from .checks import Check
from .story import Scenario, SignsDocument
from .words import (
    AUTH,
    DAY,
    HAS_ACCOUNT,
    HAS_POINTS,
    ID,
    JUKI,
    RIGHT,
    SIGN,
    TEXT,
    at,
    inserts,
    later,
    my_page,
    other_program_enters,
    resets,
    right,
    serves,
    until,
    visits,
    visits_portal,
    wrong,
)

_CHOSEN = {AUTH: "1111", SIGN: "NEW111", JUKI: "2222", TEXT: "3333"}
_ON_THE_FORM = {pin.value: value for pin, value in _CHOSEN.items()}
_NEW_HOLDER = Holder("adult", _CHOSEN)
_COLLECTS = visits("counter.collect", "ok", None, Effects(hands_over=("new", _NEW_HOLDER)))
_WITH_NUMBER = {"reason": "lost", "police_number": "T-2026-0001", **_ON_THE_FORM}
_AT_HOME = "apple-4829"
_SUSPENDS = visits("hotline.suspend")
_MOVES = visits(
    "civil_register.move",
    address="東京都見本市架空町９－９－９",
    municipality_code="99002",
    city="Mihon-shi",
)

REISSUE_01 = Scenario(
    "REISSUE-01",
    "Lost card suspended by phone",
    "電話による一時停止",
    ("R-098", "F-053", "F-054", "F-030"),
    (
        _SUSPENDS,
        Check(status={"auth": "certificateHold", "sign": "certificateHold"}),
        right(AUTH),
        *visits_portal(then="cert_on_hold"),
        my_page(then="cert_on_hold"),
        SignsDocument("ABC123", then="cert_on_hold"),
    ),
    Setting(at=at(2026, 11, 22, 3)),
)

REISSUE_02 = Scenario(
    "REISSUE-02",
    "Release only at the counter",
    "一時停止の解除は窓口のみ",
    ("R-098", "F-055", "F-056"),
    (
        *HAS_POINTS,
        _SUSPENDS,
        visits("hotline.release", "phone_cannot_release"),
        until(2026, 11, 24),
        visits(
            "counter.release",
            "ok",
            None,
            Effects(sets={AUTH: "1111", SIGN: "NEW111"}, replaces=("auth", "sign")),
            auth="1111",
            sign="NEW111",
        ),
        Check(status={"auth": "good", "sign": "good"}),
        my_page("1111", id=ID, points="500"),
        SignsDocument("NEW111"),
    ),
)

REISSUE_02_AUTH_RESUMES = Scenario(
    "REISSUE-02-auth-resumes",
    "Release where the auth certificate resumes",
    "利用者証明用が再開される場合の一時停止解除",
    ("R-098", "F-055", "F-056"),
    (
        *HAS_POINTS,
        _SUSPENDS,
        until(2026, 11, 24),
        visits("counter.release", "ok", None, Effects(sets={SIGN: "NEW111"}, replaces=("sign",)), sign="NEW111"),
        Check(status={"auth": "good", "sign": "good"}),
        my_page(id=ID, points="500"),
        SignsDocument("NEW111"),
    ),
    Setting(policy={"hold_policy": "auth-resumes"}),
)

REISSUE_03 = Scenario(
    "REISSUE-03",
    "Loss, police, re-issue; MyKey linked by itself",
    "紛失・届出・再発行と、マイキーIDの自動引継ぎ",
    ("R-099", "R-100", "R-096", "R-062", "F-062", "K-36"),
    (
        *HAS_POINTS,
        _SUSPENDS,
        serves("mykey.use_points", "cert_on_hold", name=ID, points=100),
        visits("counter.apply_reissue", "police_number_missing", reason="lost", **_ON_THE_FORM),
        visits("counter.apply_reissue", **_WITH_NUMBER),
        until(2027, 1, 12),
        _COLLECTS,
        inserts("new"),
        Check(status={"auth": "good", "sign": "good"}, tries={AUTH: 3, SIGN: 5}),
        my_page("1111", id=ID, points="500"),
        SignsDocument("NEW111"),
        inserts("card"),
        my_page(then="cert_revoked"),
    ),
)

REISSUE_04 = Scenario(
    "REISSUE-04",
    "Found after abolition",
    "廃止後に見つかったカード",
    ("R-096", "R-100", "F-057"),
    (
        *HAS_POINTS,
        serves("mykey.set_password", password=_AT_HOME, again=_AT_HOME),
        visits("counter.apply_reissue", **_WITH_NUMBER),
        visits("counter.revive", "card_abolished"),
        my_page(then="cert_revoked"),
        serves("mykey.log_in_with_password", "ok", {"id": ID}, name=ID, password=_AT_HOME),
        serves("mykey.use_points", "cert_revoked", name=ID, points=100),
        until(2027, 1, 12),
        _COLLECTS,
        inserts("new"),
        my_page("1111", id=ID, points="500"),
    ),
)

REISSUE_05 = Scenario(
    "REISSUE-05",
    "New card, new PINs: old PIN values are not carried",
    "新しいカードには、以前の暗証番号は引き継がれない",
    ("R-100", "R-002", "F-062"),
    (
        visits("counter.apply_reissue", reason="damaged", **_ON_THE_FORM),
        until(2027, 1, 12),
        _COLLECTS,
        inserts("new"),
        Check(tries={AUTH: 3, SIGN: 5, JUKI: 3, TEXT: 3}),
        *wrong(AUTH, "1234"),
        right(AUTH, "1111"),
        other_program_enters(TEXT, "3333"),
        other_program_enters(JUKI, "2222"),
    ),
    Setting(card=CardInStory(tries={AUTH: 1, SIGN: 2})),
)

REISSUE_06 = Scenario(
    "REISSUE-06",
    "Locked card is no reason for re-issue",
    "ロックは再発行の理由にならない",
    ("R-018", "F-026"),
    (
        visits("counter.apply_reissue", "not_a_reason", reason="locked", **_ON_THE_FORM),
        resets(AUTH, "9876"),
        right(AUTH, "9876"),
    ),
    Setting(card=CardInStory(tries={AUTH: 0})),
)

REISSUE_07 = Scenario(
    "REISSUE-07",
    "Link not known",
    "新旧の電子証明書の対応が、まだ分からない場合",
    ("R-096", "K-36", "K-37"),
    (
        *HAS_POINTS,
        visits("counter.apply_reissue", reason="damaged", **_ON_THE_FORM),
        until(2027, 1, 12),
        _COLLECTS,
        inserts("new"),
        my_page("1111", "not_registered"),
        later(DAY),
        my_page("1111", id=ID, points="500"),
    ),
    Setting(policy={"link_lag": timedelta(hours=24)}),
)

REISSUE_08 = Scenario(
    "REISSUE-08",
    "Name change",
    "氏名の変更",
    ("R-097", "F-058", "F-059", "K-24"),
    (
        *HAS_POINTS,
        *HAS_ACCOUNT,
        visits("civil_register.rename", name="見本　太郎"),
        SignsDocument("ABC123"),
        *visits_portal(page="main menu"),
        my_page(id=ID, points="500"),
        until(2026, 11, 21, 0),
        SignsDocument("ABC123", then="cert_revoked"),
        Check(status={"auth": "good", "sign": "affiliationChanged"}),
        until(2026, 11, 24),
        visits(
            "counter.continue_use",
            "ok",
            None,
            Effects(restores=(JUKI, SIGN), replaces=("sign",)),
            juki="2345",
            sign="",
        ),
        Check(content=True),
        SignsDocument("ABC123"),
        my_page(id=ID, points="500"),
    ),
)

REISSUE_09 = Scenario(
    "REISSUE-09",
    "Move to another municipality",
    "他の市区町村への転入",
    ("R-097", "R-011", "F-064", "K-23"),
    (
        *HAS_POINTS,
        *HAS_ACCOUNT,
        _MOVES,
        *visits_portal(page="main menu"),
        my_page(id=ID, points="500"),
        *(
            visits("counter.continue_use", then, left, Effects(spends=JUKI), juki="0000", sign="")
            for then, left in (("wrong_pin", 2), ("wrong_pin", 1), ("locked", 0))
        ),
        resets(JUKI, "8765"),
        visits(
            "counter.continue_use",
            "ok",
            None,
            Effects(restores=(JUKI, SIGN), replaces=("sign",)),
            juki="8765",
            sign="",
            by="household-member",
            own_documents=("driving_licence",),
        ),
        SignsDocument("ABC123"),
        Check(content=True),
        later(DAY),
        my_page(id=ID, points="500"),
    ),
)

REISSUE_09_ABOLISHED = Scenario(
    "REISSUE-09-abolished",
    "A move without continued use ends the card",
    "継続利用の手続きをしない転入",
    ("R-097", "F-064"),
    (
        *HAS_POINTS,
        _MOVES,
        later(91 * DAY),
        my_page(then="cert_revoked"),
        serves("mykey.use_points", "cert_revoked", name=ID, points=100),
        Check(status={"auth": "cessationOfOperation"}),
    ),
)

REISSUE_10 = Scenario(
    "REISSUE-10",
    "Express issue",
    "特急発行",
    ("R-100", "F-063"),
    (
        visits("counter.report_loss", police_number="T-2026-0001"),
        until(2026, 12, 24),
        visits("counter.apply_reissue", **_WITH_NUMBER, lane="express"),
        until(2027, 1, 4),
        _COLLECTS,
        inserts("new"),
        right(AUTH, "1111"),
    ),
    Setting(at=at(2026, 11, 24)),
)

REISSUE_10_LATE = Scenario(
    "REISSUE-10-late",
    "Express issue is not for old losses",
    "紛失の届出から30日を過ぎた特急発行",
    ("R-100", "F-063"),
    (
        visits("counter.report_loss", police_number="T-2026-0001"),
        until(2026, 12, 25),
        visits("counter.apply_reissue", "express_not_offered", **_WITH_NUMBER, lane="express"),
        visits("counter.apply_reissue", **_WITH_NUMBER),
    ),
    Setting(at=at(2026, 11, 24)),
)

REISSUE_11 = Scenario(
    "REISSUE-11",
    "Death of the holder",
    "本人の死亡",
    ("R-068", "F-066"),
    (
        *HAS_ACCOUNT,
        visits("civil_register.die"),
        *visits_portal(then="cert_revoked"),
        SignsDocument("ABC123", then="cert_revoked"),
        visits("counter.revive", "card_abolished"),
    ),
)

REISSUE_12 = Scenario(
    "REISSUE-12",
    "Holder revokes the sign certificate online",
    "署名用電子証明書のオンライン失効",
    ("R-007", "F-061", "F-030"),
    (
        SignsDocument("ABC123"),
        visits("online.revoke", "ok", None, Effects(restores=(SIGN,)), kind="sign", pin="ABC123"),
        SignsDocument("ABC123", then="cert_revoked"),
        *visits_portal(page="registration"),
    ),
)

_ALL: tuple[PinKind, ...] = (SIGN, AUTH, JUKI, TEXT)

REISSUE_13 = Scenario(
    "REISSUE-13",
    "Conversion to the face-authentication card",
    "顔認証マイナンバーカードへの切替え",
    ("R-065", "F-069", "F-071"),
    (
        *HAS_POINTS,
        visits("counter.convert_to_face_auth", "ok", None, Effects(takes_away=_ALL, removes=("sign",))),
        Check(status={"auth": "good"}, first_status={"sign": "cessationOfOperation"}, absent=("sign",)),
        my_page(then="absent"),
        serves("mykey.use_points", "ok", {"points": "400"}, name=ID, points=100),
        visits(
            "counter.convert_to_normal",
            "ok",
            None,
            Effects(sets=RIGHT, replaces=("sign",)),
            **{pin.value: value for pin, value in RIGHT.items()},
        ),
        my_page(id=ID, points="400"),
        SignsDocument("ABC123"),
    ),
)

REISSUE = (
    REISSUE_01,
    REISSUE_02,
    REISSUE_02_AUTH_RESUMES,
    REISSUE_03,
    REISSUE_04,
    REISSUE_05,
    REISSUE_06,
    REISSUE_07,
    REISSUE_08,
    REISSUE_09,
    REISSUE_09_ABOLISHED,
    REISSUE_10,
    REISSUE_10_LATE,
    REISSUE_11,
    REISSUE_12,
    REISSUE_13,
)
"""The scenarios of this family, in order."""

"""Reset and change: how a PIN gets a new value, and what stays as it was."""

from __future__ import annotations

from datetime import date

from mynacard_conformance.model.holder import CHILD, FACE_AUTH, N2, SHARED
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.model.setting import CardInStory, Effects, Setting

from .checks import Check
from .story import Scenario, SignsDocument
from .words import (
    AUTH,
    DAY,
    HAS_POINTS,
    ID,
    JUKI,
    LOCKS_AUTH,
    RIGHT,
    SECOND,
    SIGN,
    TEXT,
    at,
    changes,
    has_id,
    inserts,
    later,
    my_page,
    other_program,
    other_program_enters,
    query,
    refused,
    resets,
    right,
    until,
    visits,
    visits_portal,
    wrong,
)

_AUTH_LOCKED = Setting(card=CardInStory(tries={AUTH: 0}))
_SIGN_LOCKED = Setting(card=CardInStory(tries={SIGN: 0}))
_BOTH_LOCKED = Setting(card=CardInStory(tries={AUTH: 0, SIGN: 0}))
_AUTH_RIGHT, _SIGN_RIGHT = Effects(restores=(AUTH,)), Effects(restores=(SIGN,))
_RESET_AUTH = {"pin": "auth", "new": "9876"}
_RESET_SIGN = {"pin": "sign", "new": "NEW456"}
_PARENT = {"by": "legal-representative", "own_documents": ("driving_licence", "health_insurance")}
_AGENT = {"by": "voluntary-agent", "own_documents": ("driving_licence", "health_insurance")}

RESET_01 = Scenario(
    "RESET-01",
    "Principal resets a locked auth PIN at the counter",
    "本人が窓口で、ロックした利用者証明用の暗証番号を再設定する",
    ("R-018", "R-020", "R-008", "R-107", "F-026"),
    (
        refused(AUTH),
        resets(AUTH, "9876", confirm="9876", documents=("driving_licence",)),
        *wrong(AUTH, "1234"),
        right(AUTH, "9876"),
        query(AUTH, 3),
        Check(tries={SIGN: 5, JUKI: 3, TEXT: 3}),
    ),
    _AUTH_LOCKED,
)

RESET_02 = Scenario(
    "RESET-02",
    "Missing or expired documents",
    "書類の不足・期限切れ",
    ("R-020", "R-019"),
    (
        visits("counter.reset_pin", "document_missing", **_RESET_AUTH, documents=()),
        visits("counter.reset_pin", "document_expired", **_RESET_AUTH, documents=("driving_licence:2026-11-19",)),
        refused(AUTH),
        resets(AUTH, "9876", documents=("driving_licence:2026-11-20",)),
        right(AUTH, "9876"),
    ),
    _AUTH_LOCKED,
)

RESET_02_PHOTO = Scenario(
    "RESET-02-photo",
    "A desk that asks for a document with a photo",
    "顔写真付きの書類を求める窓口",
    ("R-108",),
    (
        visits("counter.reset_pin", "document_missing", **_RESET_AUTH, documents=("health_insurance",)),
        resets(AUTH, "9876", documents=("driving_licence",)),
        right(AUTH, "9876"),
    ),
    Setting(card=CardInStory(tries={AUTH: 0}), policy={"require_extra_photo_id": True}),
)

RESET_03 = Scenario(
    "RESET-03",
    "Forgotten but not locked",
    "忘れたが、ロックはしていない場合",
    ("R-018", "R-047"),
    (
        changes(AUTH, "0000", "9876", Prospect.WRONG),
        resets(AUTH, "9876"),
        right(AUTH, "9876"),
    ),
)

RESET_04 = Scenario(
    "RESET-04",
    "Parent of a 14-year-old acts at once",
    "14歳の子の親は、その日に手続きできる",
    ("R-021", "R-022", "R-023", "R-024", "F-012"),
    (
        resets(AUTH, "9876", **_PARENT, documents=("health_insurance",), same_household=True),
        right(AUTH, "9876"),
        visits(
            "counter.reset_pin", "document_missing", pin="auth", new="5555", **_PARENT, documents=("health_insurance",)
        ),
        resets(AUTH, "5555", **_PARENT, documents=("health_insurance", "family_register")),
        right(AUTH, "5555"),
        *(
            visits(
                "counter.reset_pin",
                "document_missing",
                pin="auth",
                new="9876",
                **{**_PARENT, "documents": ("health_insurance",), "same_household": True, **lacking},
            )
            for lacking in (
                {"documents": ()},
                {"own_documents": ("driving_licence",)},
                {"own_documents": ("health_insurance", "pension_book")},
            )
        ),
        resets(AUTH, "9876", **_PARENT, documents=("health_insurance",), register_in_city=True),
        right(AUTH, "9876"),
    ),
    Setting(card=CardInStory(holder=CHILD, tries={AUTH: 0}, born=date(2012, 6, 1), made=date(2025, 10, 27))),
)

RESET_05 = Scenario(
    "RESET-05",
    "Parent of a 15-year-old is a voluntary agent",
    "15歳の子の親は、任意代理人となる",
    ("R-029", "R-021"),
    (
        resets(AUTH, "9876", **_PARENT, documents=("health_insurance",), same_household=True),
        until(2026, 11, 20),
        visits(
            "counter.reset_pin",
            "second_visit_required",
            **{**_RESET_AUTH, "new": "5555"},
            **_PARENT,
            documents=("health_insurance",),
            same_household=True,
        ),
        right(AUTH, "9876"),
    ),
    Setting(
        card=CardInStory(holder=CHILD, tries={AUTH: 0}, born=date(2011, 11, 20), made=date(2025, 10, 27)),
        at=at(2026, 11, 19),
    ),
)

RESET_06 = Scenario(
    "RESET-06",
    "Voluntary agent, two visits",
    "任意代理人は2回来庁する",
    ("R-025", "R-026", "R-027", "R-028"),
    (
        visits(
            "counter.reset_pin",
            "second_visit_required",
            **_RESET_SIGN,
            by="voluntary-agent",
            own_documents=("driving_licence",),
            documents=(),
            bring_card=False,
        ),
        refused(SIGN),
        visits("counter.reset_pin", "second_visit_required", **_RESET_SIGN, **_AGENT, reply_form=True),
        refused(SIGN),
        until(2026, 11, 27),
        resets(SIGN, "NEW456", **_AGENT, reply_form=True),
        right(SIGN, "NEW456"),
    ),
    _SIGN_LOCKED,
)

RESET_07 = Scenario(
    "RESET-07",
    "Agent without photo ID, or second visit without the form",
    "写真付き書類のない代理人、回答書のない2回目",
    ("R-030", "R-026", "R-028"),
    (
        visits(
            "counter.reset_pin",
            "agent_not_eligible",
            **_RESET_SIGN,
            by="voluntary-agent",
            own_documents=("health_insurance", "pension_book"),
        ),
        visits("counter.reset_pin", "second_visit_required", **_RESET_SIGN, **_AGENT),
        until(2026, 11, 27),
        visits("counter.reset_pin", "document_missing", **_RESET_SIGN, **_AGENT),
        *(
            visits("counter.reset_pin", "document_missing", **{**_RESET_SIGN, **_AGENT, "reply_form": True, **lacking})
            for lacking in ({"bring_card": False}, {"documents": ()}, {"own_documents": ("driving_licence",)})
        ),
        refused(SIGN),
        resets(SIGN, "NEW456", **_AGENT, reply_form=True),
        right(SIGN, "NEW456"),
    ),
    _SIGN_LOCKED,
)

RESET_08 = Scenario(
    "RESET-08",
    "Desk hours",
    "窓口の受付時間",
    ("R-031", "R-032"),
    (
        visits("counter.reset_pin", "desk_closed", **_RESET_AUTH),
        until(2026, 11, 16, 9),
        resets(AUTH, "1111"),
        until(2026, 11, 20, 17),
        resets(AUTH, "2222"),
        until(2026, 11, 20, 17, 0, 1),
        visits("counter.reset_pin", "desk_closed", **_RESET_AUTH),
        until(2026, 11, 21),
        visits("counter.reset_pin", "desk_closed", **_RESET_AUTH),
        until(2026, 11, 23),
        visits("counter.reset_pin", "desk_closed", **_RESET_AUTH),
        until(2026, 12, 29),
        visits("counter.reset_pin", "desk_closed", **_RESET_AUTH),
        until(2027, 1, 4),
        resets(AUTH, "3333"),
        until(2028, 1, 3),  # a Monday, and no public holiday
        visits("counter.reset_pin", "desk_closed", **_RESET_AUTH),
        right(AUTH, "3333"),
    ),
    Setting(card=CardInStory(tries={AUTH: 0}), at=at(2026, 11, 16, 8, 59, 59)),
)

RESET_09 = Scenario(
    "RESET-09",
    "Reset touches one key only",
    "再設定は一つの鍵だけに及ぶ",
    ("R-017", "R-037", "F-026", "F-011"),
    (
        resets(AUTH, "5555"),
        other_program_enters(TEXT, "1234"),
        Check(tries={JUKI: 2}),
        right(AUTH, "5555"),
    ),
    Setting(card=CardInStory(holder=SHARED, tries={AUTH: 0, JUKI: 2})),
)

RESET_10 = Scenario(
    "RESET-10",
    "New value rules",
    "新しい値の規則",
    ("R-006", "R-008", "F-001", "F-005", "F-004"),
    (
        *(visits("counter.reset_pin", "pin_format", pin="auth", new=new) for new in ("12345", "12a4")),
        *(
            visits("counter.reset_pin", "pin_format", pin="sign", new=new)
            for new in ("ABCDEF", "123456", "abc123", "ABC12", "ABCDEFGH123456789")
        ),
        refused(AUTH),
        refused(SIGN),
        resets(SIGN, "ABC123"),
        resets(AUTH, "1111"),
        right(SIGN),
        right(AUTH, "1111"),
    ),
    _BOTH_LOCKED,
)

RESET_11 = Scenario(
    "RESET-11",
    "Sign PIN at a convenience store",
    "コンビニでの署名用暗証番号の再設定",
    ("R-035", "R-038", "R-039", "R-040", "R-041", "R-046", "F-031", "F-034"),
    (
        visits("app.reserve", "ok", None, _AUTH_RIGHT, pin="sign", typed="1234", face="match"),
        until(2026, 11, 21, 7),
        visits(
            "kiosk.reset",
            "ok",
            None,
            Effects(sets={SIGN: "NEW456"}, restores=(AUTH,)),
            pin="sign",
            typed="1234",
            new="NEW456",
        ),
        right(SIGN, "NEW456"),
        query(AUTH, 3),
    ),
    Setting(card=CardInStory(tries={SIGN: 0, AUTH: 2}), at=at(2026, 11, 20, 20)),
)

RESET_12 = Scenario(
    "RESET-12",
    "Auth PIN at a participating store",
    "対応店舗での利用者証明用暗証番号の再設定",
    ("R-036", "R-042", "R-043", "R-044", "F-032"),
    (
        visits("app.reserve", "ok", None, _SIGN_RIGHT, pin="auth", typed="ABC123", face=None),
        visits(
            "kiosk.reset", "wrong_pin", 4, Effects(spends=SIGN), pin="auth", typed="XXX999", new="7777", store="both"
        ),
        visits(
            "kiosk.reset",
            "ok",
            None,
            Effects(sets={AUTH: "7777"}, restores=(SIGN,)),
            pin="auth",
            typed="ABC123",
            new="7777",
            store="both",
        ),
        *visits_portal("7777", page="registration"),
    ),
    Setting(card=CardInStory(tries={AUTH: 0, SIGN: 4})),
)

_RESERVES_AUTH = visits("app.reserve", "ok", None, _SIGN_RIGHT, pin="auth", typed="ABC123", face=None)
_AT_A_STORE = {"pin": "auth", "typed": "ABC123", "new": "7777"}

RESET_13 = Scenario(
    "RESET-13",
    "Store that does not offer the auth reset",
    "利用者証明用の再設定に対応していない店舗",
    ("R-036", "R-035", "R-043", "F-032"),
    (
        _RESERVES_AUTH,
        later(DAY + SECOND),
        visits("kiosk.reset", "reservation_expired", **_AT_A_STORE, store="both"),
        _RESERVES_AUTH,
        visits("kiosk.reset", "service_not_offered", **_AT_A_STORE, store="sign-only"),
        later(DAY),
        visits("kiosk.reset", "ok", None, Effects(sets={AUTH: "7777"}), **_AT_A_STORE, store="both"),
        right(AUTH, "7777"),
    ),
    _AUTH_LOCKED,
)

RESET_13_BEFORE_AUTH = Scenario(
    "RESET-13-before-auth",
    "The day before stores began to reset the auth PIN",
    "利用者証明用の再設定サービス開始前日",
    ("R-036", "F-032"),
    (visits("app.reserve", "feature_not_yet_available", pin="auth", typed="ABC123", face=None), refused(AUTH)),
    Setting(card=CardInStory(tries={AUTH: 0}, made=date(2024, 6, 3)), at=at(2024, 7, 24)),
)

RESET_13_BEFORE_SIGN = Scenario(
    "RESET-13-before-sign",
    "The day before stores began to reset the sign PIN",
    "署名用の再設定サービス開始前日",
    ("R-035", "F-032"),
    (visits("app.reserve", "feature_not_yet_available", pin="sign", typed="1234"), refused(SIGN)),
    Setting(card=CardInStory(tries={SIGN: 0}, made=date(2021, 12, 1)), at=at(2022, 1, 31)),
)

_KIOSK_SIGN = {"pin": "sign", "typed": "1234", "new": "NEW456"}
_RESERVES_SIGN = visits("app.reserve", "ok", None, _AUTH_RIGHT, pin="sign", typed="1234")

RESET_14 = Scenario(
    "RESET-14",
    "Kiosk without reservation, late, twice, other card",
    "予約なし・期限切れ・二重使用・別のカード",
    ("R-038", "R-040", "R-041", "R-046"),
    (
        visits("kiosk.reset", "reservation_missing", **_KIOSK_SIGN),
        _RESERVES_SIGN,
        later(DAY),
        visits("kiosk.reset", "ok", None, Effects(sets={SIGN: "NEW456"}), **_KIOSK_SIGN),
        visits("kiosk.reset", "reservation_used", **_KIOSK_SIGN),
        _RESERVES_SIGN,
        later(DAY + SECOND),
        visits("kiosk.reset", "reservation_expired", **_KIOSK_SIGN),
        _RESERVES_SIGN,
        inserts("other"),
        visits("kiosk.reset", "reservation_other_card", **_KIOSK_SIGN),
        refused(SIGN),
    ),
    Setting(
        card=CardInStory(tries={SIGN: 0}),
        others={"other": CardInStory(holder=SHARED, tries={SIGN: 0})},
    ),
)

RESET_15 = Scenario(
    "RESET-15",
    "The prerequisite PIN can lock on the way",
    "前提となる暗証番号が、途中でロックすることがある",
    ("R-045", "R-039", "R-041", "F-014"),
    (
        *(visits("app.reserve", "wrong_pin", left, Effects(spends=AUTH), pin="sign", typed="0000") for left in (2, 1)),
        _RESERVES_SIGN,
        query(AUTH, 3),
        *(
            visits("kiosk.reset", "wrong_pin", left, Effects(spends=AUTH), **{**_KIOSK_SIGN, "typed": "0000"})
            for left in (2, 1)
        ),
        visits("kiosk.reset", "locked", 0, Effects(spends=AUTH), **{**_KIOSK_SIGN, "typed": "0000"}),
        visits("kiosk.reset", "prerequisite_pin_locked", **_KIOSK_SIGN),
        visits("app.reserve", "prerequisite_pin_locked", pin="sign", typed="1234"),
        refused(AUTH),
    ),
    _SIGN_LOCKED,
)

RESET_16 = Scenario(
    "RESET-16",
    "Both certificate PINs locked",
    "両方の暗証番号がロックした場合",
    ("R-045", "R-018"),
    (
        visits("app.reserve", "prerequisite_pin_locked", pin="sign", typed="1234"),
        visits("app.reserve", "prerequisite_pin_locked", pin="auth", typed="ABC123", face=None),
        resets(AUTH, "9876"),
        resets(SIGN, "NEW456"),
        right(AUTH, "9876"),
        right(SIGN, "NEW456"),
    ),
    _BOTH_LOCKED,
)

RESET_17 = Scenario(
    "RESET-17",
    "Face step fails",
    "顔認証に失敗した場合",
    ("R-039", "F-034"),
    (
        # The PIN was typed right before the face was looked at: its tries are all there.
        visits("app.reserve", "face_mismatch", None, _AUTH_RIGHT, pin="sign", typed="1234", face="differs"),
        query(AUTH, 3),
        visits("kiosk.reset", "reservation_missing", **_KIOSK_SIGN),
        _RESERVES_SIGN,
    ),
    _SIGN_LOCKED,
)

RESET_18 = Scenario(
    "RESET-18",
    "Register and text PIN are counter-only",
    "住民基本台帳用と券面事項入力補助用は窓口のみ",
    ("R-037", "R-010", "R-012", "F-011"),
    (
        visits("app.reserve", "service_not_offered", pin="juki", typed="1234"),
        visits("app.reserve", "service_not_offered", pin="text", typed="1234"),
        *(visits("counter.reset_pin", "pin_format", pin=pin, new="12345") for pin in ("juki", "text")),
        resets(JUKI, "8765"),
        other_program_enters(JUKI, "8765"),
    ),
    Setting(card=CardInStory(tries={JUKI: 0})),
)

RESET_19 = Scenario(
    "RESET-19",
    "Address changed, sign certificate revoked",
    "住所変更で署名用電子証明書が失効した場合",
    ("R-039", "R-097", "F-033", "F-058"),
    (
        *HAS_POINTS,
        visits("civil_register.move", address="東京都架空市見本町９－９－９"),
        until(2026, 11, 27),
        my_page(id=ID, points="500"),
        visits("app.reserve", "cert_not_valid", pin="sign", typed="1234"),
        visits(
            "counter.issue_certificates", "ok", None, Effects(sets={SIGN: "NEW456"}, replaces=("sign",)), sign="NEW456"
        ),
        SignsDocument("NEW456"),
        my_page(id=ID, points="500"),
    ),
    _SIGN_LOCKED,
)

RESET_20 = Scenario(
    "RESET-20",
    "Expired certificates close the store route",
    "電子証明書の期限が切れると、コンビニでは再設定できない",
    ("R-045", "R-093", "F-033", "F-030"),
    (
        *HAS_POINTS,
        *LOCKS_AUTH,
        until(2026, 11, 20),
        visits("app.reserve", "cert_not_valid", pin="sign", typed="1234"),
        visits("app.reserve", "cert_not_valid", pin="auth", typed="ABC123", face=None),
        resets(AUTH, "9876"),
        *visits_portal("9876", "cert_expired"),
        visits("counter.issue_certificates", "ok", None, Effects(restores=(AUTH,), replaces=("auth",)), auth=""),
        my_page("9876", id=ID, points="500"),
    ),
    Setting(card=CardInStory(born=date(1980, 11, 19), made=date(2021, 12, 1)), at=at(2026, 11, 19)),
)

RESET_21 = Scenario(
    "RESET-21",
    "Change with the known PIN at home",
    "自宅での暗証番号の変更",
    ("R-047", "F-028", "F-009"),
    (
        changes(AUTH, "1234", "4321"),
        *wrong(AUTH, "1234"),
        right(AUTH, "4321"),
        other_program_enters(TEXT, "3456"),
        other_program_enters(JUKI, "2345"),
        changes(SIGN, "ABC123", "ABCDEF"),
    ),
)

RESET_22 = Scenario(
    "RESET-22",
    "Wrong current PIN in a change counts",
    "変更時の現在の暗証番号の誤りも数える",
    ("R-047", "R-048", "R-002", "F-028"),
    (
        changes(AUTH, "0000", "4321", Prospect.USES_UP),
        changes(AUTH, "1234", "4321", Prospect.BLOCKED),
        other_program(
            ("00A4040C0AD392F000260100000001", "9000"),
            ("00A4020C020018", "9000"),
            ("002401800434333231", "6984"),
        ),
    ),
    Setting(card=CardInStory(tries={AUTH: 1})),
)

RESET_23 = Scenario(
    "RESET-23",
    "Raw change without VERIFY",
    "VERIFYなしの変更",
    ("R-047", "F-028"),
    (
        other_program(
            ("00A4040C0AD392F000260100000001", "9000"),
            ("00A4020C020018", "9000"),
            ("002401800434333231", "6982"),
        ),
        query(AUTH, 3),
        right(AUTH),
    ),
)

RESET_24 = Scenario(
    "RESET-24",
    "Change-all over a common value",
    "共通の暗証番号の一括変更",
    ("R-016", "R-047", "F-009", "F-011"),
    (
        changes(AUTH, "1234", "2222"),
        changes(TEXT, "1234", "2222"),
        other_program_enters(JUKI, "1234"),
        *wrong(AUTH, "1234"),
        *wrong(TEXT, "1234"),
        changes(TEXT, "2222", "3333"),
        right(AUTH, "2222"),
    ),
    Setting(card=CardInStory(holder=SHARED)),
    waits="No client offers one call that changes all PINs; played is that each change is one PIN's.",
)

RESET_25 = Scenario(
    "RESET-25",
    "Unblock-with-old-PIN desk",
    "元の暗証番号のままロックを解除する窓口",
    ("R-018", "F-025"),
    (
        visits("counter.unblock_pin", "ok", None, Effects(restores=(AUTH,)), pin="auth"),
        right(AUTH),
    ),
    Setting(card=CardInStory(tries={AUTH: 0}), policy={"reset_mode": "unblock"}),
)

RESET_25_REINIT = Scenario(
    "RESET-25-reinit",
    "A desk that only sets PINs anew",
    "再設定だけを行う窓口",
    ("R-018", "F-025"),
    (
        visits("counter.unblock_pin", "service_not_offered", pin="auth"),
        refused(AUTH),
        resets(AUTH, "9876"),
        right(AUTH, "9876"),
    ),
    Setting(card=CardInStory(tries={AUTH: 0}), policy={"reset_mode": "reinitialise"}),
)

_ALL_PINS = {AUTH: "1234", SIGN: "ABC123", JUKI: "2345", TEXT: "3456"}

RESET_26 = Scenario(
    "RESET-26",
    "PIN-less card back to a normal card",
    "顔認証マイナンバーカードを通常のカードに戻す",
    ("R-014", "R-020", "F-071"),
    (
        visits(
            "counter.convert_to_normal",
            "ok",
            None,
            Effects(sets=_ALL_PINS, replaces=("sign",)),
            **{pin.value: value for pin, value in _ALL_PINS.items()},
        ),
        *visits_portal(page="registration"),
        SignsDocument("ABC123"),
        other_program_enters(JUKI, "2345"),
        other_program_enters(TEXT, "3456"),
    ),
    Setting(card=CardInStory(holder=FACE_AUTH)),
)

RESET_27 = Scenario(
    "RESET-27",
    "Certificates wanted later",
    "後から電子証明書を希望する",
    ("R-014", "R-067", "R-065", "F-050"),
    (
        visits(
            "counter.issue_certificates",
            "ok",
            None,
            Effects(sets={AUTH: RIGHT[AUTH], SIGN: RIGHT[SIGN]}, replaces=("auth", "sign")),
            auth=RIGHT[AUTH],
            sign=RIGHT[SIGN],
        ),
        Check(status={"auth": "good", "sign": "good"}),
        *visits_portal(page="registration"),
        SignsDocument(RIGHT[SIGN]),
        *has_id(),
        my_page(id=ID),
    ),
    Setting(card=CardInStory(holder=N2)),
)

RESET_28 = Scenario(
    "RESET-28",
    "Helpline cannot reset",
    "コールセンターでは再設定できない",
    ("R-034", "R-107", "F-036"),
    (
        visits("helpline.reset_pin", "helpline_cannot_reset", pin="auth"),
        query(AUTH, 0),
        refused(AUTH),
    ),
    _AUTH_LOCKED,
)

CHANGE = (RESET_21, RESET_22, RESET_23, RESET_24)
"""The scenarios of a change at home."""

RESET = (
    RESET_01,
    RESET_02,
    RESET_02_PHOTO,
    RESET_03,
    RESET_04,
    RESET_05,
    RESET_06,
    RESET_07,
    RESET_08,
    RESET_09,
    RESET_10,
    RESET_11,
    RESET_12,
    RESET_13,
    RESET_13_BEFORE_AUTH,
    RESET_13_BEFORE_SIGN,
    RESET_14,
    RESET_15,
    RESET_16,
    RESET_17,
    RESET_18,
    RESET_19,
    RESET_20,
    RESET_21,
    RESET_22,
    RESET_23,
    RESET_24,
    RESET_25,
    RESET_25_REINIT,
    RESET_26,
    RESET_27,
    RESET_28,
)
"""The scenarios of this family, in order."""

"""The Myna Portal: what it checks, who is let in with a reader or a telephone, and the account there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mynacard_conformance.judge.served import SAID, FromClient
from mynacard_conformance.model.holder import FOREIGNER, OTHER_CARD, PREDECESSOR, SEX_UNKNOWN, Holder
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.model.setting import CardInStory, Effects, Setting
from mynacard_conformance.outcome import (
    CertificateKind,
    HashKind,
    KeyKind,
    Outcome,
    PinKind,
    ReadCertificate,
    Sign,
    VerifyPin,
)
from mynacard_conformance.verdict import Deed

from .checks import Check
from .story import Ask, Happens, Lasts, LogsIn, Orders, PutRight, Scenario, SignsDocument, Step
from .words import (
    AUTH,
    BARCODE,
    HAS_ACCOUNT,
    HOUR,
    JUKI,
    LOCKS_AUTH,
    RIGHT,
    SIGN,
    STARTS,
    at,
    at_portal,
    inserts,
    later,
    query,
    right,
    serves,
    until,
    visits,
    wrong,
)

_PIN = RIGHT[AUTH]
_AT_TEN = Setting(at=at(2026, 11, 20))
_CHOSEN = {AUTH: "1111", SIGN: "NEW111", JUKI: "2222", PinKind.TEXT: "3333"}
_COLLECTS = visits("counter.collect", "ok", None, Effects(hands_over=("new", Holder("adult", _CHOSEN))))
_APPLIES = visits("counter.apply_reissue", reason="damaged", **{pin.value: value for pin, value in _CHOSEN.items()})
_RENEWED = Effects(restores=(AUTH, SIGN, JUKI), replaces=("auth", "sign"))
_RENEWS = visits("counter.renew", "ok", None, _RENEWED, auth="1234", sign="ABC123", juki="2345")


def _by_phone(pin: str = _PIN, then: str = "ok", **shows: str) -> LogsIn:
    return LogsIn("portal", pin, then, {"barcode": BARCODE}, shows, "log_in_by_barcode")


def _explorer(*switched_on: str) -> Mapping[str, object]:
    """An old browser, with the portal's software and what was done about it."""
    return {"navigator": "internet-explorer-11", "software": ("portal-app", *switched_on)}


def _meets(accident: str, **parts: str | FromClient) -> tuple[Step, ...]:
    """Something is wrong before the PIN dialog; the client says what, the portal repeats it, and sends for help.

    The test there names the part, while it is wrong and after it was put right (R-154, R-158).
    """
    helped: Mapping[str, str] = {"page": "read error", "help": "jpki-portal", "link": "self-test"}
    return (
        STARTS,
        Lasts(accident),
        Ask(VerifyPin(AUTH, _PIN), then=Prospect.AWAY),
        serves("portal.read_error", SAID, helped, cause=SAID),
        serves("portal.self_test", SAID, parts, finding=SAID),
        PutRight(),
        Check(tries={AUTH: 3}),
        Ask(ReadCertificate(CertificateKind.AUTH), says=Outcome.OK),
        serves("portal.self_test", "ok", {"reader": "ok", "card": "ok"}, finding=SAID),
        serves("portal.close", "ok", {"page": "top"}),
    )


_OF_THE_CARD: Mapping[str, str | FromClient] = {"reader": "ok", "card": SAID}
_OF_THE_READER: Mapping[str, str | FromClient] = {"reader": SAID, "card": "not reached"}

PORTAL_01 = Scenario(
    "PORTAL-01",
    "The first login, and registration",
    "初回ログインと利用者登録",
    (
        *("R-148", "R-149", "R-152", "R-164", "R-166", "R-167", "R-168", "R-169", "R-173", "R-174"),
        *("R-165", "R-159", "R-172", "R-170", "R-171", "R-131"),
    ),
    (
        STARTS,
        at_portal(page="registration"),
        serves("portal.confirm", "field_format", nickname=""),
        serves("portal.confirm", "field_format", nickname="あ" * 21),
        serves(
            "portal.confirm",
            "confirmation_mismatch",
            nickname="かくう",
            mail="a@mihon.example",
            mail_again="b@mihon.example",
        ),
        serves(
            "portal.confirm", "field_format", nickname="かくう", mail="ａ@mihon.example", mail_again="ａ@mihon.example"
        ),
        serves(
            "portal.confirm",
            "duplicate_mail",
            nickname="かくう",
            mail="a@mihon.example",
            mail_again="a@mihon.example",
            mail_2="a@mihon.example",
            mail_2_again="a@mihon.example",
        ),
        serves("portal.confirm", "field_format", nickname="かくう", language="en"),
        serves("portal.confirm", "not_confirmed", nickname="かくう", accept_terms=False),
        serves("portal.confirm", "ok", {"notices": "messages, deadlines, maintenance", "mails": ""}, nickname="かくう"),
        serves("portal.correct", "ok", {"page": "registration"}),
        serves(
            "portal.confirm",
            "ok",
            {"page": "confirmation"},
            nickname="あ" * 20,
            mail="a@mihon.example",
            mail_again="a@mihon.example",
            login_notice=True,
        ),
        serves("portal.complete", "ok", {"page": "registered"}),
        serves("portal.show", "ok", {"nickname": "あ" * 20, "certificate_expires": "2027-02-17T23:59:59+09:00"}),
        serves("portal.show", "not_logged_in", browser="another"),
        serves("portal.mails", "ok", {"1": ""}, to="a@mihon.example"),
        serves("portal.log_out"),
        STARTS,
        at_portal(page="main menu"),
        serves("portal.mails", "ok", {"1": "2026-11-20T10:00:00+09:00 login"}, to="a@mihon.example"),
    ),
    Setting(card=CardInStory(made=date(2022, 3, 1)), at=at(2026, 11, 20)),
)

PORTAL_02 = Scenario(
    "PORTAL-02",
    "The second login; the account is edited, deleted, and registered again",
    "2回目のログイン、アカウント情報の変更・削除・再登録",
    ("R-175", "R-176", "R-163", "R-160", "R-161", "R-174"),
    (
        *HAS_ACCOUNT,
        later(HOUR),
        STARTS,
        at_portal(page="main menu", previous_login="2026-11-20T10:00:00+09:00"),
        serves("portal.edit", "ok", {"nickname": "みほん"}, nickname="みほん"),
        serves(
            "portal.history",
            "ok",
            {
                "1": "2026-11-20T10:00:00+09:00 portal.complete ok",
                "2": "2026-11-20T10:00:00+09:00 portal.log_out ok",
                "3": "2026-11-20T11:00:00+09:00 portal.log_in ok",
                "4": "2026-11-20T11:00:00+09:00 portal.edit ok",
            },
        ),
        serves("portal.delete_account", "ok", {"page": "top"}),
        STARTS,
        at_portal(page="registration"),
        serves("portal.cancel", "ok", {"page": "top"}),
        STARTS,
        at_portal(page="registration"),
        serves("portal.confirm", "ok", {"page": "confirmation"}, nickname="かくう"),
        serves("portal.cancel", "ok", {"page": "top"}),
        serves("portal.complete", "not_logged_in"),
        *HAS_ACCOUNT,
    ),
    _AT_TEN,
)

PORTAL_03 = Scenario(
    "PORTAL-03",
    "What is missing in the environment is named before any PIN",
    "利用環境の不備は、暗証番号の入力前に示される",
    ("R-148", "R-150", "R-151", "R-134", "R-138", "R-141", "R-142", "R-143", "R-135", "R-153"),
    (
        serves("portal.start", "env_incomplete", {"missing": "browser"}, navigator="netscape"),
        serves("portal.close", "ok", {"page": "top"}),
        serves("portal.start", "env_incomplete", {"missing": "operating-system"}, system="windows-7", software=()),
        serves("portal.close"),
        serves("portal.start", "env_incomplete", {"missing": "portal-app"}, software=()),
        serves("portal.close"),
        *(
            step
            for switched_on, missing in (((), "add-on, new-window"), (("add-on",), "new-window"))
            for step in (
                serves("portal.start", "env_incomplete", {"missing": missing}, **_explorer(*switched_on)),
                serves("portal.close"),
            )
        ),
        serves("portal.start", "ok", {"page": "PIN dialog"}, **_explorer("add-on", "new-window")),
        serves("portal.cancel"),
        serves("portal.set_up", "env_incomplete", {"missing": "java-8"}, software=("client-software",)),
        serves(
            "portal.start",
            "env_incomplete",
            {"missing": "environment-setup"},
            system="mac",
            navigator="safari",
            software=("java-8", "client-software"),
        ),
        serves("portal.close"),
        serves("portal.set_up", "ok", {"missing": "client-software"}, software=("java-8",)),
        serves(
            "portal.start",
            "ok",
            {"page": "PIN dialog"},
            system="mac",
            navigator="safari",
            software=("java-8", "client-software"),
        ),
        serves("portal.cancel", "ok", {"page": "top"}),
        serves("portal.start", "ok", {"page": "barcode"}, system="mac", navigator="safari", software=("java-8",)),
        serves("portal.cancel", "ok", {"page": "top"}),
    ),
)

PORTAL_04 = Scenario(
    "PORTAL-04",
    "What is wrong with card or reader shows before the PIN dialog, and costs no try",
    "カードやリーダーの不具合は暗証番号の入力前に示され、残り回数は減らない",
    ("R-154", "R-155", "R-156", "R-157", "R-158", "R-132", "R-146", "R-147", "R-082", "C-01"),
    (
        *_meets("upside-down", **_OF_THE_CARD),
        *_meets("back-to-front", **_OF_THE_CARD),
        *_meets("usb-hub", **_OF_THE_READER),
        *_meets("no-driver", **_OF_THE_READER),
        inserts("contactless"),
        *_meets("beside", **_OF_THE_CARD),
        STARTS,
        Lasts("metal-desk"),
        *3 * (Ask(ReadCertificate(CertificateKind.AUTH)),),
        PutRight(),
        Check(tries={AUTH: 3}),
        at_portal(page="registration"),
    ),
    Setting(others={"contactless": CardInStory(holder=SEX_UNKNOWN)}),
)

PORTAL_05 = Scenario(
    "PORTAL-05",
    "The wrong kind of card gets no PIN and opens nothing",
    "マイナンバーカード以外では、暗証番号を送らず、ログインもできない",
    ("R-130",),
    (
        STARTS,
        Ask(VerifyPin(AUTH, _PIN), then=Prospect.AWAY),
        Ask(ReadCertificate(CertificateKind.AUTH)),
        serves("portal.read_error", "wrong_card", cause=SAID),
        serves("portal.close"),
        Happens(Deed.EJECT),  # a notification card is paper, and no reader sees it
        STARTS,
        Ask(VerifyPin(AUTH, _PIN), then=Prospect.AWAY),
        serves("portal.read_error", SAID, cause=SAID),
        serves("portal.close"),
        inserts("own"),
        STARTS,
        at_portal(page="registration"),
    ),
    Setting(card=CardInStory(holder=OTHER_CARD), others={"own": CardInStory(holder=FOREIGNER)}),
)

PORTAL_05_PREDECESSOR = Scenario(
    "PORTAL-05-predecessor",
    "The predecessor of the card has a certificate to sign with, and none to log in with",
    "住民基本台帳カードには署名用電子証明書しかなく、ログインできない",
    ("R-130",),
    (
        STARTS,
        query(AUTH),
        Ask(VerifyPin(AUTH, _PIN), then=Prospect.AWAY),
        Ask(ReadCertificate(CertificateKind.AUTH)),
        Ask(Sign(KeyKind.AUTH, HashKind.SHA256, b"", _PIN), then=Prospect.AWAY),
        serves("portal.read_error", "wrong_card", cause=SAID),
        serves("portal.close"),
        right(SIGN),  # of which a client may say that it is a wrong card, and may not
        inserts("own"),
        STARTS,
        at_portal(page="registration"),
        inserts("card"),
        SignsDocument(PREDECESSOR.pins[SIGN], then="status_unknown"),
    ),
    Setting(card=CardInStory(holder=PREDECESSOR), others={"own": CardInStory()}),
)

PORTAL_06 = Scenario(
    "PORTAL-06",
    "Login by 2D barcode: the telephone has the card, the computer goes on",
    "2次元バーコードログイン。カードはスマホで読み取り、操作はパソコンで続ける",
    ("R-133", "R-177", "R-178", "R-179", "R-180", "R-181", "R-182", "R-183", "R-184", "R-185"),
    (
        serves("portal.start", "ok", {"page": "barcode"}, system="mac", navigator="safari", software=()),
        serves("portal.scan", "env_incomplete", {"link": "jpki-app"}, barcode=BARCODE, software=("portal-app",)),
        serves("portal.scan", "env_incomplete", {"link": ""}, barcode=BARCODE, software=("jpki-app",)),
        serves("portal.scan", "ok", {"link": ""}, barcode=BARCODE),
        serves("portal.scan", "wrong_state", barcode=BARCODE),
        Happens(Deed.EJECT),
        Ask(VerifyPin(AUTH, _PIN), then=Prospect.AWAY),
        Happens(Deed.INSERT),
        *wrong(AUTH, "0000"),
        serves("portal.show", "not_logged_in"),
        Orders("sign:1:tear-before"),
        _by_phone(then="card_removed"),
        serves("portal.show", "not_logged_in"),
        _by_phone(page="registration"),
        serves("portal.confirm", nickname="かくう"),
        serves("portal.complete"),
        serves("portal.log_out"),
        serves("portal.set_up", software=("java-8", "client-software")),
        serves(
            "portal.start",
            "ok",
            {"page": "PIN dialog", "link": "barcode"},
            system="mac",
            navigator="safari",
            software=("java-8", "client-software"),
        ),
        serves("portal.show_barcode", "ok", {"page": "barcode"}),
        serves("portal.scan", barcode=BARCODE),
        _by_phone(page="main menu"),
        _by_phone(then="wrong_state"),
        serves("portal.log_out"),
        STARTS,
        at_portal(page="main menu", nickname="かくう"),
        serves("portal.log_out"),
        serves("portal.show_barcode"),
        serves("portal.scan", barcode=BARCODE),
        *LOCKS_AUTH,
        _by_phone(then="locked"),
        serves("portal.show", "not_logged_in"),
        serves("portal.cancel", "ok", {"page": "top"}),  # the computer has stayed where it was
    ),
)

PORTAL_07 = Scenario(
    "PORTAL-07",
    "The account goes on after a renewal and a re-issue",
    "更新や再交付のあとも、アカウントは引き継がれる",
    ("R-175", "R-159", "K-36"),
    (
        *HAS_ACCOUNT,
        _RENEWS,
        STARTS,
        at_portal(page="main menu", certificate_expires="2032-02-17T23:59:59+09:00"),
        serves("portal.log_out"),
        _APPLIES,
        until(2027, 2, 1),
        _COLLECTS,
        inserts("new"),
        right(AUTH, "1111"),
        STARTS,
        at_portal("1111", page="main menu", nickname="かくう"),
    ),
    Setting(card=CardInStory(made=date(2022, 3, 1)), at=at(2026, 12, 1)),
)

PORTAL = (
    PORTAL_01,
    PORTAL_02,
    PORTAL_03,
    PORTAL_04,
    PORTAL_05,
    PORTAL_05_PREDECESSOR,
    PORTAL_06,
    PORTAL_07,
)
"""The scenarios of this family, in order."""

"""The MyKey platform: an ID that the holder of an auth certificate chooses, and what becomes of it."""

from __future__ import annotations

from mynacard_conformance.model.holder import FOREIGNER, Holder
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.model.setting import CardInStory, Effects, Setting
from mynacard_conformance.outcome import PinKind, VerifyPin
from mynacard_conformance.verdict import Deed

from .story import Ask, Happens, Lasts, PutRight, Scenario
from .words import AUTH, HAS_POINTS, ID, RIGHT, at, has_id, inserts, my_page, serves, until, visits

_PIN = RIGHT[AUTH]
_FIRST, _MISTYPED, _SECOND = "apple-4829", "apple-4828", "pear-9058"
_MAIL, _HIDDEN = "a@mihon.example", {"password": "********"}
_AT_TEN = Setting(at=at(2026, 11, 20))
_CHOSEN = {AUTH: "1111", PinKind.SIGN: "NEW111", PinKind.JUKI: "2222", PinKind.TEXT: "3333"}
_COLLECTS = visits("counter.collect", "ok", None, Effects(hands_over=("new", Holder("adult", _CHOSEN))))
_APPLIES = visits("counter.apply_reissue", reason="damaged", **{pin.value: value for pin, value in _CHOSEN.items()})


MYKEY_01 = Scenario(
    "MYKEY-01",
    "A MyKey ID is changed after the duplicate check",
    "重複チェックのあとで、マイキーIDを変更する",
    ("R-051", "R-052", "R-053", "R-054", "R-055", "R-056", "R-086", "R-087", "R-079", "R-063", "R-050"),
    (
        *has_id("KEY00002", FOREIGNER.pins[AUTH], "another"),
        inserts("own"),
        *has_id(),
        serves("mykey.change_id", "check_first", name="KEY00003"),
        serves("mykey.check_duplicate", "duplicate_id", name="KEY00002"),
        serves("mykey.change_id", "check_first", name="KEY00002"),
        serves("mykey.check_duplicate", "id_format", name="key00003"),
        serves("mykey.check_duplicate", "id_format", name="KEY0003"),
        serves("mykey.check_duplicate", name="KEY00003"),
        serves("mykey.change_id", "not_confirmed", name="KEY00003", confirm=False),
        serves("mykey.change_id", "ok", {"id": "KEY00003"}, name="KEY00003"),
        serves("mykey.log_out"),
        my_page(id="KEY00003"),
        serves("mykey.check_duplicate", name=ID),
    ),
    Setting(card=CardInStory(holder=FOREIGNER), others={"own": CardInStory()}),
)

MYKEY_02 = Scenario(
    "MYKEY-02",
    "Two users want one ID",
    "二人の利用者が、同じIDに変更しようとする",
    ("R-053", "R-054"),
    (
        *has_id("KEY00002", FOREIGNER.pins[AUTH], "another"),
        inserts("own"),
        *has_id(browser="own"),
        serves("mykey.check_duplicate", name="KEY00009", browser="own"),
        serves("mykey.check_duplicate", name="KEY00009", browser="another"),
        serves("mykey.change_id", name="KEY00009", browser="own"),
        serves("mykey.change_id", "duplicate_id", name="KEY00009", browser="another"),
        serves("mykey.show", "ok", {"id": "KEY00002"}, browser="another"),
    ),
    Setting(card=CardInStory(holder=FOREIGNER), others={"own": CardInStory()}),
)

MYKEY_03 = Scenario(
    "MYKEY-03",
    "The password of My Page is set, used, forgotten, and set anew; a mail address stands beside it",
    "マイページのパスワードを設定し、使い、忘れて、設定し直す。メールアドレスも同じメニューで設定する",
    ("R-057", "R-058", "R-059", "R-080", "R-081", "R-087"),
    (
        *has_id(),
        serves("mykey.set_password", "confirmation_mismatch", password=_FIRST, again=_MISTYPED),
        serves("mykey.log_in_with_password", "wrong_password", name=ID, password=_FIRST, browser="pc"),
        serves("mykey.set_password", "not_confirmed", _HIDDEN, password=_FIRST, again=_FIRST, confirm=False),
        serves("mykey.log_in_with_password", "wrong_password", name=ID, password=_FIRST, browser="pc"),
        serves("mykey.set_password", "ok", _HIDDEN, password=_FIRST, again=_FIRST),
        serves("mykey.log_in_with_password", "ok", {"id": ID}, name=ID, password=_FIRST, browser="pc"),
        serves("mykey.set_mail", "confirmation_mismatch", mail=_MAIL, mail_again="b@mihon.example"),
        serves("mykey.set_mail", "not_confirmed", {"mail": _MAIL}, mail=_MAIL, mail_again=_MAIL, confirm=False),
        serves("mykey.show", "ok", {"mail": ""}),
        serves("mykey.set_mail", "ok", {"mail": _MAIL}, mail=_MAIL, mail_again=_MAIL),
        serves("mykey.show", "ok", {"mail": _MAIL}, browser="pc"),
        serves("mykey.log_out"),
        my_page(id=ID),
        serves("mykey.set_password", password=_SECOND, again=_SECOND),
        serves("mykey.log_in_with_password", "wrong_password", name=ID, password=_FIRST),
        serves("mykey.log_in_with_password", name=ID, password=_SECOND),
    ),
)

MYKEY_04 = Scenario(
    "MYKEY-04",
    "A revoked ID never comes back, and another begins without points",
    "失効したマイキーIDは元に戻らず、新しいIDはポイントなしで始まる",
    ("R-088", "R-089", "R-090", "R-091", "R-092"),
    (
        *has_id(),
        serves("mykey.grant_points", name=ID, points=500),
        serves("mykey.use_points", "ok", {"points": "400"}, name=ID, points=100),
        serves("mykey.revoke", "not_confirmed", confirm=False),
        serves("mykey.revoke"),
        serves("mykey.show", "not_logged_in"),
        my_page(then="not_registered"),
        serves("mykey.use_points", "id_revoked", name=ID, points=100),
        serves("mykey.lift", "id_revoked", name=ID),
        serves("mykey.create", "duplicate_id", name=ID),
        serves("mykey.create", "ok", {"points": "0"}, name="KEY00010"),
        my_page(id="KEY00010"),
    ),
)

MYKEY_05 = Scenario(
    "MYKEY-05",
    "An ID that leaked is suspended, and every operation is in the log",
    "漏えいしたIDは利用停止になり、すべての操作がログに残る",
    ("R-101", "R-102"),
    (
        *has_id(),
        serves("mykey.set_password", password=_FIRST, again=_FIRST),
        serves("mykey.suspend", name=ID),
        my_page(then="id_suspended"),
        serves("mykey.log_in_with_password", "id_suspended", name=ID, password=_FIRST),
        serves("mykey.use_points", "id_suspended", name=ID, points=100),
        serves(
            "mykey.log",
            "ok",
            {
                "1": "2026-11-20T10:00:00+09:00 mykey.create ok",
                "2": "2026-11-20T10:00:00+09:00 mykey.set_password ok",
                "3": "2026-11-20T10:00:00+09:00 mykey.suspend ok",
                "4": "2026-11-20T10:00:00+09:00 mykey.log_in id_suspended",
                "5": "2026-11-20T10:00:00+09:00 mykey.log_in_with_password id_suspended",
                "6": "2026-11-20T10:00:00+09:00 mykey.use_points id_suspended",
            },
            name=ID,
        ),
        serves("mykey.lift", name=ID),
        my_page(id=ID),
    ),
    _AT_TEN,
)

MYKEY_06 = Scenario(
    "MYKEY-06",
    "A revoked ID is not linked to a re-issued card",
    "失効したマイキーIDは、再交付されたカードに引き継がれない",
    ("R-089", "R-096", "K-36"),
    (
        *has_id(),
        serves("mykey.revoke"),
        _APPLIES,
        until(2027, 1, 12),
        _COLLECTS,
        inserts("new"),
        my_page("1111", "not_registered"),
        serves("mykey.create", name="KEY00011"),
        my_page("1111", id="KEY00011"),
    ),
    _AT_TEN,
)

MYKEY_07 = Scenario(
    "MYKEY-07",
    "Without the apps, the preparation software, a reader, or a card, there is no MyKey ID",
    "アプリ、準備ソフト、カードリーダー、カードのいずれかがなければ、マイキーIDは作れない",
    ("R-049", "R-076", "R-070", "R-066", "R-071", "R-075", "R-104"),
    (
        serves("mykey.start", "env_incomplete", {"missing": "jpki-app"}, device="phone", software=("mynapoint-app",)),
        serves("mykey.start", "env_incomplete", {"missing": "mynapoint-app"}, device="phone", software=("jpki-app",)),
        serves("mykey.start", "env_incomplete", {"missing": "preparation-software"}, device="pc"),
        serves("mykey.create", "not_logged_in", name=ID),
        Lasts("no-driver"),
        Ask(VerifyPin(AUTH, _PIN), then=Prospect.AWAY),
        PutRight(),
        Happens(Deed.EJECT),
        Ask(VerifyPin(AUTH, _PIN), then=Prospect.AWAY),
        Happens(Deed.INSERT),
        serves("mykey.grant_points", "not_registered", name=ID, points=500),
        serves("mykey.start", device="pc", software=("preparation-software",), browser="pc"),
        *has_id(browser="pc"),
        my_page(id=ID, browser="pc"),
        serves("mykey.grant_points", name=ID, points=500),
        inserts("another"),
        serves("mykey.start", device="phone", software=("jpki-app", "mynapoint-app"), browser="phone"),
        *has_id("KEY00002", FOREIGNER.pins[AUTH], "phone"),
        my_page(FOREIGNER.pins[AUTH], id="KEY00002", browser="phone"),
    ),
    Setting(others={"another": CardInStory(holder=FOREIGNER)}),
)

MYKEY_08 = Scenario(
    "MYKEY-08",
    "The platform is shown a certificate and a signature, and no My Number; the points are not on the card",
    "プラットフォームに渡るのは証明書と署名だけで、マイナンバーは含まれない。ポイントはカードにはない",
    ("R-083", "R-084", "R-064", "R-103", "K-19"),
    (
        *HAS_POINTS,
        Happens(Deed.EJECT),
        serves("mykey.use_points", "ok", {"points": "400"}, name=ID, points=100),
        Happens(Deed.INSERT),
        my_page(id=ID, points="400"),
        # A My Number is no MyKey ID: it has twelve digits.
        serves("mykey.check_duplicate", "id_format", name="123456789018"),
    ),
)

MYKEY = (MYKEY_01, MYKEY_02, MYKEY_03, MYKEY_04, MYKEY_05, MYKEY_06, MYKEY_07, MYKEY_08)
"""The scenarios of this family, in order."""

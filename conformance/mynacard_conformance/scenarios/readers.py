"""Readers: cards that lie wrong, cards of another kind, other programs, and the end of a session."""

from __future__ import annotations

from mynacard_conformance.model.holder import FOREIGNER, OTHER_CARD, SEX_UNKNOWN
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.model.setting import CardInStory, Setting
from mynacard_conformance.outcome import CertificateKind, Close, HashKind, KeyKind, ReadCertificate, Sign, VerifyPin
from mynacard_conformance.verdict import Deed

from .checks import Check
from .story import Ask, Happens, KeepsPower, Lasts, Looks, PutRight, Scenario
from .words import AUTH, RIGHT, SIGN, inserts, query, right, signs, wrong

READER_01 = Scenario(
    "READER-01",
    "A card that lies upside down in a contact reader",
    "接触型リーダーにカードが裏返しに入っている",
    ("R-112", "R-146", "R-154", "R-155"),
    (
        Lasts("upside-down"),
        Ask(VerifyPin(AUTH, RIGHT[AUTH]), then=Prospect.AWAY),
        PutRight(),
        Check(tries={AUTH: 3}),
        right(AUTH),
    ),
)

READER_02 = Scenario(
    "READER-02",
    "A card beside the reader, and one in its case",
    "カードがリーダーから外れている場合と、ケースに入ったままの場合",
    ("R-111", "R-154"),
    (
        Lasts("beside"),
        Ask(ReadCertificate(CertificateKind.AUTH)),
        PutRight(),
        Ask(ReadCertificate(CertificateKind.AUTH)),
        Lasts("in-its-case"),
        Ask(VerifyPin(AUTH, "0000"), then=Prospect.AWAY),
        PutRight(),
        Check(tries={AUTH: 3}),
        right(AUTH),
    ),
)

READER_03 = Scenario(
    "READER-03",
    "A card that is no My Number Card gets no PIN",
    "マイナンバーカードではないカードには、暗証番号を送らない",
    ("R-130", "R-154", "C-05"),
    (
        Ask(VerifyPin(AUTH, RIGHT[AUTH]), then=Prospect.AWAY),
        Ask(ReadCertificate(CertificateKind.AUTH)),
        Ask(VerifyPin(SIGN, RIGHT[SIGN]), then=Prospect.AWAY),
        inserts("adult"),
        right(AUTH),
    ),
    Setting(card=CardInStory(holder=OTHER_CARD), others={"adult": CardInStory()}),
)

READER_04 = Scenario(
    "READER-04",
    "Another holder's card is laid on the reader",
    "別の人のカードに置き換えられた場合",
    ("F-029",),
    (
        Ask(ReadCertificate(CertificateKind.AUTH)),
        right(AUTH),
        inserts("another"),
        Ask(ReadCertificate(CertificateKind.AUTH)),
        Ask(Sign(KeyKind.AUTH, HashKind.SHA256, b"")),
        right(AUTH),
        signs(KeyKind.AUTH),
    ),
    Setting(others={"another": CardInStory(holder=FOREIGNER)}),
)

READER_05 = Scenario(
    "READER-05",
    "When its user closes it, no PIN stays verified",
    "終了後に、照合済みの状態が残らない",
    ("F-029",),
    (
        right(AUTH),
        KeepsPower(),
        right(AUTH),
        Ask(Close()),
        Ask(Sign(KeyKind.AUTH, HashKind.SHA256, b"")),
    ),
)

READER_06 = Scenario(
    "READER-06",
    "Between two actions the card is free for other programs",
    "操作と操作の間は、他のプログラムもカードを使える",
    ("F-014",),
    (
        right(AUTH),
        Looks(),
        *wrong(AUTH, "0000"),
        Looks(),
        Happens(Deed.POWER_CYCLE),
        query(AUTH, 2),
        Looks(),
        right(AUTH),
    ),
)

READER_07 = Scenario(
    "READER-07",
    "The reader goes away behind its hub, and comes back",
    "USBハブの不調でリーダーが見えなくなり、また戻る",
    ("R-114", "R-157"),
    (
        right(AUTH),
        Lasts("usb-hub"),
        Ask(VerifyPin(AUTH, "0000"), then=Prospect.AWAY),
        PutRight(),
        Check(tries={AUTH: 3}),
        right(AUTH),
    ),
)

READER_08 = Scenario(
    "READER-08",
    "Another program has the card for itself",
    "別のプログラムがカードを占有している",
    ("R-154", "F-029"),
    (
        Lasts("held-by-another"),
        Ask(VerifyPin(AUTH, "0000"), then=Prospect.AWAY),
        PutRight(),
        Check(tries={AUTH: 3}),
        *wrong(AUTH, "0000"),
        right(AUTH),
    ),
)

READER_09 = Scenario(
    "READER-09",
    "A card beside a contactless reader, and a contactless reader on a metal desk",
    "カードが非接触型リーダーから外れている場合と、リーダーが金属の机の上に置かれている場合",
    ("R-147", "R-156"),
    (
        Lasts("beside"),
        Ask(VerifyPin(AUTH, RIGHT[AUTH]), then=Prospect.AWAY),
        PutRight(),
        Lasts("metal-desk"),
        *3 * (Ask(ReadCertificate(CertificateKind.AUTH)), right(AUTH)),
        PutRight(),
        Check(tries={AUTH: 3}),
        right(AUTH),
        signs(KeyKind.AUTH),
    ),
    Setting(card=CardInStory(holder=SEX_UNKNOWN)),
)

READERS = (READER_01, READER_02, READER_03, READER_04, READER_05, READER_06, READER_07, READER_08, READER_09)

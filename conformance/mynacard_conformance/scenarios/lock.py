"""Locking: how PINs count, lock and stay locked."""

from __future__ import annotations

from mynacard_conformance.model.holder import CHILD, FACE_AUTH, N1_NUMBER_B, N2, SHARED
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.model.setting import CardInStory, Setting
from mynacard_conformance.outcome import (
    CertificateKind,
    Close,
    HashKind,
    KeyKind,
    Outcome,
    ReadAttributes,
    ReadCertificate,
    ReadMyNumber,
    Sign,
    VerifyPin,
)
from mynacard_conformance.verdict import Deed

from .checks import Check
from .story import Ask, Happens, Lasts, LogsIn, Orders, PutRight, Scenario, SignsDocument
from .words import (
    AUTH,
    BARCODE,
    CHECKS_BY_PIN,
    DAY,
    HAS_DEVICE,
    ID,
    JUKI,
    LOCKS_AUTH,
    LOCKS_SIGN,
    NO_PROOF,
    NUMBER_B,
    RIGHT,
    SIGN,
    STARTS,
    TEXT,
    inserts,
    malformed,
    my_page,
    other_program,
    other_program_enters,
    query,
    refused,
    right,
    serves,
    signs,
    uses_up,
    visits_portal,
    wrong,
)

_JPKI = ("00A4040C0AD392F000260100000001", "9000")
_AUTH_PIN, _SIGN_PIN = ("00A4020C020018", "9000"), ("00A4020C02001B", "9000")
_AUTH_KEY, _AUTH_KEY_IS_REFUSED = ("00A4020C020017", "9000"), ("802A0080040102030400", "6982")

LOCK_01 = Scenario(
    "LOCK-01",
    "The auth PIN locks on the third wrong entry in a row",
    "利用者証明用の暗証番号は、連続3回の誤りでロックする",
    ("R-002", "R-008", "R-005", "F-017"),
    (query(AUTH, 3), *LOCKS_AUTH, refused(AUTH)),
)

LOCK_02 = Scenario(
    "LOCK-02",
    "The sign PIN locks on the fifth wrong entry",
    "署名用の暗証番号は、5回目の誤りでロックする",
    ("R-003", "R-006", "F-017", "K-33"),
    (*LOCKS_SIGN, refused(SIGN), Ask(ReadCertificate(CertificateKind.SIGN))),
)

LOCK_03 = Scenario(
    "LOCK-03",
    "A success in between restores all tries",
    "途中で正しく入力すれば、残り回数は元に戻る",
    ("R-004", "R-002", "F-014"),
    (
        *wrong(AUTH, "0000", "0001"),
        right(AUTH),
        query(AUTH, 3),
        *wrong(AUTH, "0000", "0001"),
    ),
)

LOCK_04 = Scenario(
    "LOCK-04",
    "Counters outlive removal, power-off and process",
    "残り回数は、カードの抜き差し・電源断・プロセスの再起動では戻らない",
    ("R-004", "F-014", "F-029"),
    (
        *wrong(AUTH, "0000"),
        Happens(Deed.EJECT_AND_INSERT),
        Happens(Deed.RESTART),
        query(AUTH, 2),
        *wrong(AUTH, "0001"),
        uses_up(AUTH, "0002"),
    ),
)

LOCK_05 = Scenario(
    "LOCK-05",
    "Time heals nothing",
    "時間が経っても残り回数は戻らない",
    ("R-002", "F-014"),
    (
        *wrong(AUTH, "0000", "0001"),
        Happens(Deed.TIME_PASSES, DAY),
        Happens(Deed.TIME_PASSES, 400 * DAY),
        query(AUTH, 1),
        uses_up(AUTH, "0002"),
        Happens(Deed.TIME_PASSES, DAY),
        refused(AUTH),
    ),
)

LOCK_06 = Scenario(
    "LOCK-06",
    "One lock leaves the other PINs alone, even with a common value",
    "同じ値でも、一つのロックは他の暗証番号に影響しない",
    ("R-016", "R-017", "R-013", "R-011", "F-015"),
    (
        *LOCKS_AUTH,
        Check(tries={JUKI: 3, TEXT: 3}),
        Ask(ReadAttributes("1234"), then=Prospect.RIGHT),
        Ask(ReadMyNumber("1234"), then=Prospect.RIGHT),
        other_program_enters(JUKI, "1234"),
    ),
    Setting(card=CardInStory(holder=SHARED)),
)

LOCK_07 = Scenario(
    "LOCK-07",
    "Errors made in different services add up on the card",
    "別々のサービスでの誤入力も、カード上で合算される",
    ("R-009", "R-050", "R-131", "R-124", "R-001", "F-014"),
    (
        *visits_portal("0000", "wrong_pin"),
        Happens(Deed.RESTART),
        my_page("0000", "wrong_pin"),
        Happens(Deed.RESTART),
        *CHECKS_BY_PIN,
        LogsIn("eligibility", "0000", "locked", action="check"),
        *visits_portal(then="locked"),
        other_program(_JPKI, _AUTH_KEY, _AUTH_KEY_IS_REFUSED),
    ),
)

LOCK_08 = Scenario(
    "LOCK-08",
    "Asking for the remaining tries costs nothing",
    "残り回数の照会では、回数は減らない",
    ("R-002", "F-016"),
    (
        *20 * (query(AUTH, 3),),
        right(AUTH),
        query(AUTH, 3),
        *wrong(AUTH, "0000"),
        *5 * (query(AUTH, 2),),
    ),
)

LOCK_09 = Scenario(
    "LOCK-09",
    "A malformed PIN stopped by the client costs nothing",
    "形式が正しくない暗証番号はクライアントが止め、回数は減らない",
    ("R-008", "R-006", "R-152", "F-002"),
    (
        *malformed(AUTH, "12a4", "123", "12345"),
        *malformed(SIGN, "ABC12", "ABCDEFGH123456789"),
        query(AUTH, 3),
        query(SIGN, 5),
    ),
)

LOCK_10 = Scenario(
    "LOCK-10",
    "A malformed PIN that does reach the card counts like any wrong one",
    "形式が正しくない暗証番号も、カードに届けば誤入力として数える",
    ("R-006", "R-008", "F-002"),
    (
        other_program(_JPKI, _AUTH_PIN, ("00200080053132333435", "63C2")),
        other_program(_JPKI, _SIGN_PIN, ("0020008006616263313233", "63C4")),
        query(AUTH, 2),
        query(SIGN, 4),
        Check(tries={AUTH: 2, SIGN: 4}),
    ),
)

LOCK_11 = Scenario(
    "LOCK-11",
    "Lower case and full-width input",
    "小文字・全角で入力した場合",
    ("R-006", "R-152", "F-002", "F-003"),
    (
        Ask(VerifyPin(SIGN, "abc123"), then=Prospect.NEARLY),
        Ask(VerifyPin(AUTH, "１２３４"), then=Prospect.NEARLY),
    ),
)

LOCK_12 = Scenario(
    "LOCK-12",
    "Card without certificates",
    "電子証明書のないカード",
    ("R-014", "R-015", "R-065", "F-007", "F-068"),
    (
        query(AUTH),
        query(SIGN),
        *visits_portal(then="absent"),
        Ask(VerifyPin(AUTH, "1234"), then=Prospect.ABSENT),
        other_program_enters(JUKI, "2345"),
        other_program_enters(TEXT, "3456"),
        Ask(ReadCertificate(CertificateKind.AUTH)),
        my_page(then="absent"),
        serves("mykey.create", "not_logged_in", name=ID),
        Check(absent=("auth", "sign")),
    ),
    Setting(card=CardInStory(holder=N2)),
)

LOCK_13 = Scenario(
    "LOCK-13",
    "Under-15 card has no sign certificate",
    "15歳未満のカードには署名用電子証明書がない",
    ("R-014", "F-067", "F-068", "F-012"),
    (
        Check(absent=("sign",), status={"auth": "good"}),
        query(SIGN),
        *visits_portal(page="registration"),
        signs(KeyKind.SIGN, then=Prospect.ABSENT),
    ),
    Setting(card=CardInStory(holder=CHILD)),
)

LOCK_14 = Scenario(
    "LOCK-14",
    "Cancel is not a failure",
    "キャンセルは失敗に数えない",
    ("R-153", "R-182"),
    (
        query(AUTH, 3),
        STARTS,
        Ask(Close()),
        serves("portal.cancel", "ok", {"page": "top"}),
        query(AUTH, 3),
        serves("portal.show_barcode", "ok", {"page": "barcode"}),
        serves("portal.scan", barcode=BARCODE),
        Ask(Close()),
        serves("portal.cancel_barcode", barcode=BARCODE),
        serves("portal.log_in_by_barcode", "wrong_state", barcode=BARCODE, **NO_PROOF),
        STARTS,
        query(AUTH, 3),
        Check(tries={AUTH: 3}),
    ),
    waits="A driver cannot be told that its user cancels a dialog; played is that who enters nothing loses nothing.",
)

LOCK_15 = Scenario(
    "LOCK-15",
    "Card taken away around the PIN entry",
    "暗証番号の入力前後にカードが離れた場合",
    ("R-113", "R-183", "F-029"),
    (
        query(AUTH, 3),
        Happens(Deed.EJECT),
        Ask(VerifyPin(AUTH, "0000"), then=Prospect.AWAY),
        Happens(Deed.INSERT),
        Check(tries={AUTH: 3}),
        query(AUTH, 3),
        Orders("verify:1:tear-after"),
        *wrong(AUTH, "0000"),
        Check(tries={AUTH: 2}),
        query(AUTH, 2),
        Orders("verify:1:tear-after"),
        right(AUTH),
        Check(tries={AUTH: 3}),
        Ask(Sign(KeyKind.AUTH, HashKind.SHA256, b"")),
    ),
)

LOCK_16 = Scenario(
    "LOCK-16",
    "A locked auth PIN still lets the holder sign",
    "利用者証明用がロックしていても、署名はできる",
    ("R-001", "R-002", "R-003", "F-015"),
    (
        *LOCKS_AUTH,
        right(SIGN),
        signs(KeyKind.SIGN),
        other_program(_JPKI, _SIGN_PIN, ("0020008006414243313233", "9000"), _AUTH_KEY, _AUTH_KEY_IS_REFUSED),
    ),
)

LOCK_16_MIRROR = Scenario(
    "LOCK-16-mirror",
    "A locked sign PIN still lets the holder authenticate",
    "署名用がロックしていても、利用者証明はできる",
    ("R-001", "R-002", "R-003", "F-015"),
    (*LOCKS_SIGN, *visits_portal(page="registration"), signs(KeyKind.AUTH)),
)

LOCK_17 = Scenario(
    "LOCK-17",
    "Locked text PIN stops the text read only",
    "券面事項入力補助用のロックは、その読み出しだけを止める",
    ("R-012", "R-013", "F-015"),
    (
        *wrong(TEXT, "0000", "0001"),
        uses_up(TEXT, "0002"),
        Ask(ReadMyNumber()),
        Ask(ReadAttributes(RIGHT[TEXT]), then=Prospect.BLOCKED),
        *visits_portal(page="registration"),
        SignsDocument(RIGHT[SIGN]),
    ),
)

LOCK_18 = Scenario(
    "LOCK-18",
    "Face-authentication card refuses every PIN",
    "顔認証マイナンバーカードでは、暗証番号を使えない",
    ("R-124", "R-009", "F-069", "F-070"),
    (
        *visits_portal(then="absent"),
        *HAS_DEVICE,
        LogsIn("eligibility", None, action="check_visually"),
        Check(status={"auth": "good"}, absent=("sign",)),
        serves("eligibility.set_mode", mode="pin"),
        LogsIn("eligibility", "1234", "absent", action="check"),
        Ask(VerifyPin(AUTH, "1234"), then=Prospect.ABSENT),
    ),
    Setting(card=CardInStory(holder=FACE_AUTH)),
)

LOCK_19 = Scenario(
    "LOCK-19",
    "Card-face number B locks after ten",
    "照合番号Bは10回の誤りでロックする",
    ("R-001", "F-023"),
    (
        right(NUMBER_B, N1_NUMBER_B.pins[NUMBER_B]),
        *wrong(NUMBER_B, *9 * ("00000000000000",)),
        uses_up(NUMBER_B),
        right(AUTH),
    ),
    Setting(card=CardInStory(holder=N1_NUMBER_B)),
)

LOCK_20 = Scenario(
    "LOCK-20",
    "A client that stops before the last try",
    "最後の1回の前で止まるクライアント",
    ("R-003", "F-016"),
    (
        *wrong(SIGN, *4 * ("XXX999",)),
        Ask(VerifyPin(SIGN, "XXX999"), then=Prospect.USES_UP, last_try_ok=False, says=Outcome.CANCELLED),
        Check(tries={SIGN: 1}),
        right(SIGN),
        Check(tries={SIGN: 5}),
    ),
    features=frozenset({"last_try_ok"}),
)

LOCK_21 = Scenario(
    "LOCK-21",
    "A blocked key may say 6984 or 6983",
    "ロックされた鍵は、6984でも6983でも答えうる",
    ("R-005", "F-017", "F-018", "F-019"),
    (refused(AUTH), inserts("says 6983"), refused(AUTH), right(SIGN)),
    Setting(
        card=CardInStory(tries={AUTH: 0}),
        others={"says 6983": CardInStory(tries={AUTH: 0}, behaviour={"blocked_verify": "6983"})},
    ),
)

LOCK_21_QUERY = Scenario(
    "LOCK-21-query",
    "A blocked key that says 6984 to a query does not take the whole card away",
    "照会に6984と答えるロック済みの鍵があっても、カード全体が使えなくなることはない",
    ("R-005", "F-019"),
    (query(AUTH, 0), refused(AUTH), right(SIGN)),
    Setting(card=CardInStory(tries={AUTH: 0}, behaviour={"blocked_query": "6984"})),
)

LOCK_22 = Scenario(
    "LOCK-22",
    "The using-up try must be shown as a lock",
    "最後の1回を使い切ったら、ロックと表示する",
    ("R-002", "F-017"),
    (uses_up(AUTH), refused(AUTH), query(AUTH, 0)),
    Setting(card=CardInStory(tries={AUTH: 1})),
)

LOCK_23 = Scenario(
    "LOCK-23",
    "Two clients on one card",
    "1枚のカードを2つのクライアントが使う場合",
    ("R-004", "F-029"),
    (
        Lasts("held-by-another"),
        Ask(VerifyPin(AUTH, "1234"), then=Prospect.AWAY),
        PutRight(),
        Check(tries={AUTH: 3}),
        other_program_enters(AUTH, "0000", "63C2"),
        *wrong(AUTH, "0001"),
        other_program_enters(AUTH, "1234"),
        query(AUTH, 3),
        right(AUTH),
    ),
)

LOCK = (
    LOCK_01,
    LOCK_02,
    LOCK_03,
    LOCK_04,
    LOCK_05,
    LOCK_06,
    LOCK_07,
    LOCK_08,
    LOCK_09,
    LOCK_10,
    LOCK_11,
    LOCK_12,
    LOCK_13,
    LOCK_14,
    LOCK_15,
    LOCK_16,
    LOCK_16_MIRROR,
    LOCK_17,
    LOCK_18,
    LOCK_19,
    LOCK_20,
    LOCK_21,
    LOCK_21_QUERY,
    LOCK_22,
    LOCK_23,
)
"""The scenarios of this family, in order."""

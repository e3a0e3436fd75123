"""Faults: what is lost on the way between a client and its card."""

from __future__ import annotations

from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.outcome import (
    CertificateKind,
    HashKind,
    KeyKind,
    ReadAttributes,
    ReadCertificate,
    Sign,
    VerifyPin,
)

from .checks import Check
from .story import Ask, Orders, Scenario
from .words import AUTH, RIGHT, SIGN, TEXT, query, right, signs, uses_up, wrong

FAULT_01 = Scenario(
    "FAULT-01",
    "The answer to an entry is lost, and the card stays",
    "入力への応答だけが失われ、カードは残っている",
    ("R-113", "R-183", "F-014"),
    (
        Orders("verify:1:lose-answer"),
        *wrong(AUTH, "0000"),
        Check(tries={AUTH: 2}),
        query(AUTH, 2),
        Orders("verify:1:lose-command"),
        *wrong(AUTH, "0000"),
        Check(tries={AUTH: 2}),
        right(AUTH),
    ),
)

FAULT_02 = Scenario(
    "FAULT-02",
    "The last try is on its way when the card is taken out",
    "最後の1回の送信中にカードが離れる",
    ("R-113", "R-183", "F-017"),
    (
        *wrong(AUTH, "0000", "0001"),
        Orders("verify:1:tear-after"),
        uses_up(AUTH),
        Check(tries={AUTH: 0}),
        Ask(VerifyPin(AUTH, RIGHT[AUTH]), then=Prospect.BLOCKED),
    ),
)

FAULT_03 = Scenario(
    "FAULT-03",
    "The power is lost between the write and the comparison: the try is spent, whatever was typed",
    "書き込みと照合の間に電源が切れると、入力した値にかかわらず1回分を失う",
    ("R-113", "F-014", "F-029"),
    (
        Orders("verify:1:power-cut"),
        right(SIGN),
        Check(tries={SIGN: 4}),
        query(SIGN, 4),
        right(SIGN),
        Check(tries={SIGN: 5}),
    ),
)

FAULT_04 = Scenario(
    "FAULT-04",
    "A success with no bytes, as a driver reports it for a card that has left",
    "カードが離れた直後に、ドライバーが空の成功応答を返す",
    ("R-113",),
    (
        Orders("verify:1:zero-bytes"),
        *wrong(AUTH, "0000"),
        Check(tries={AUTH: 3}),
        Orders("read:2:zero-bytes"),
        Ask(ReadCertificate(CertificateKind.AUTH)),
        right(AUTH),
    ),
)

FAULT_05 = Scenario(
    "FAULT-05",
    "What is lost is not the PIN's fault",
    "通信の失敗は、暗証番号のせいではない",
    ("R-005", "R-113"),
    (
        Orders("select:2:lose-answer"),
        right(AUTH),
        Orders("sign:1:tear-after"),
        signs(KeyKind.AUTH),
        Orders("read:3:tear-before"),
        Ask(ReadAttributes(RIGHT[TEXT]), then=Prospect.RIGHT),
        Orders("query:1:eject"),
        query(AUTH, 3),
        Ask(Sign(KeyKind.AUTH, HashKind.SHA256, b"", RIGHT[AUTH]), then=Prospect.RIGHT),
    ),
)

FAULT_06 = Scenario(
    "FAULT-06",
    "An old reader of T=0 hands answers on in two steps",
    "T=0の古いリーダーが、応答を2段階で渡す",
    ("R-070",),
    (
        Orders("read:2:61xx"),
        Ask(ReadCertificate(CertificateKind.AUTH)),
        Orders("read:2:6Cxx"),
        Ask(ReadCertificate(CertificateKind.AUTH)),
        Orders("sign:1:delay=0.1"),
        signs(KeyKind.AUTH),
    ),
)

FAULTS = (FAULT_01, FAULT_02, FAULT_03, FAULT_04, FAULT_05, FAULT_06)

"""What is required of a client: every requirement once, with its source, its level and what it costs to find out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType


class Level(Enum):
    """How much weighs on it: a client that breaks a *must* does not conform."""

    MUST = "must"
    SHOULD = "should"


class Price(Enum):
    """What the card pays for finding out."""

    FREE = "free"
    TRY = "a try"
    LOCK = "a lock"
    WRITE = "a write"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that is required.

    Attributes:
        id: By chapter, such as `client/pin/one-verify-per-action`; it never changes its meaning.
        sentence: The requirement, in English.
        sentence_ja: The same in Japanese.
        source: Where it comes from: R- (a source document), F-, K-, C- (facts about cards, certificates, clients),
            or the standard's clause.

    """

    id: str
    sentence: str
    sentence_ja: str
    source: str
    level: Level
    price: Price


RIGHT_ACCEPTED = Requirement(
    "client/pin/right-accepted",
    "The right PIN, entered while tries are left, is reported as ok.",
    "入力可能な状態で正しい暗証番号を入力したら、成功と報告する。",
    "R-004, F-014",
    Level.MUST,
    Price.FREE,
)
WRONG_REPORTED = Requirement(
    "client/pin/wrong-reported",
    "A wrong PIN that leaves tries over is reported as wrong_pin.",
    "誤った暗証番号で残り回数がある場合は、暗証番号の誤りと報告する。",
    "R-002, R-003, F-017",
    Level.MUST,
    Price.TRY,
)
USING_UP_IS_LOCK = Requirement(
    "client/lock/using-up-try",
    "The wrong PIN that uses up the last try (the card says 63C0) is reported as locked.",
    "最後の1回を使い切った誤入力(カードは63C0を返す)は、ロックと報告する。",
    "R-002, R-005, F-017",
    Level.MUST,
    Price.LOCK,
)
BLOCKED_IS_LOCK = Requirement(
    "client/lock/blocked",
    "An entry at a PIN that is blocked already (the card says 6984) is reported as locked, not as some error.",
    "すでにロックされた暗証番号への入力(カードは6984を返す)は、一般的なエラーではなくロックと報告する。",
    "R-005, F-017, F-018",
    Level.MUST,
    Price.LOCK,
)
TRIES_ARE_THE_CARDS = Requirement(
    "client/tries/the-cards-own",
    "Every number of remaining tries that it states is the card's own.",
    "表示する残り回数は、常にカード自身のカウンターと一致する。",
    "R-002, F-014, F-016",
    Level.MUST,
    Price.FREE,
)
QUERY_COSTS_NOTHING = Requirement(
    "client/tries/query-costs-nothing",
    "Asking for the remaining tries sends no PIN to the card.",
    "残り回数の照会では、カードに暗証番号を送らない。",
    "R-002, F-016",
    Level.MUST,
    Price.FREE,
)
ONE_VERIFY = Requirement(
    "client/pin/one-verify-per-action",
    "One entry by the user is at most one VERIFY with data.",
    "利用者の1回の入力で送るVERIFY(データ付き)は、多くとも1回である。",
    "F-014, ISO 7816-4 11.6.6",
    Level.MUST,
    Price.TRY,
)
NO_GUESS = Requirement(
    "client/pin/as-entered",
    "What it sends to the card is what the user entered, at most in half-width and upper case.",
    "カードに送る値は利用者が入力したものであり、半角化・大文字化以外の変更をしない。",
    "F-002, F-003",
    Level.MUST,
    Price.TRY,
)
RIGHT_KEY = Requirement(
    "client/pin/right-key",
    "A PIN goes to its own key and to no other.",
    "暗証番号は対応する鍵にだけ送り、他の鍵には送らない。",
    "R-001, F-015",
    Level.MUST,
    Price.TRY,
)
REACHES_THE_CARD = Requirement(
    "client/pin/asked-of-the-card",
    "Whether a well-formed PIN is right is asked of the card, not answered from memory.",
    "正しい形式の暗証番号の正否は、記憶ではなくカードに確認する。",
    "F-014",
    Level.MUST,
    Price.FREE,
)
MALFORMED_STOPPED = Requirement(
    "client/pin/malformed-stopped",
    "A PIN that cannot be right (length or characters) is stopped with format_rejected before it costs a try.",
    "桁数・文字種が正しくない暗証番号は、カードに送る前に形式エラーとする。",
    "R-006, R-008, F-002",
    Level.MUST,
    Price.FREE,
)
NORMALISED = Requirement(
    "client/pin/normalised-or-refused",
    "A PIN in full-width characters, or the sign PIN in lower case, is normalised or refused; it never costs a try.",
    "全角や小文字で入力された暗証番号は、変換するか形式エラーとし、残り回数を減らさない。",
    "F-002, F-003",
    Level.MUST,
    Price.TRY,
)
IDLE_IS_SILENT = Requirement(
    "client/idle/no-verify",
    "Between two actions of the user no PIN goes to the card.",
    "利用者の操作と操作の間に、暗証番号をカードに送らない。",
    "F-014",
    Level.MUST,
    Price.FREE,
)
CERTIFICATE_EXACT = Requirement(
    "client/certificate/exact",
    "A certificate that it reads is, byte for byte, the one on the card, without filler.",
    "読み出した証明書は、カード内のものと1バイトも違わず、詰め物を含まない。",
    "K-22, K-10",
    Level.MUST,
    Price.FREE,
)
REFUSAL_REPORTED = Requirement(
    "client/access/refusal-reported",
    "What the card refuses for want of a PIN is reported as not_permitted, or as locked where the PIN is.",
    "暗証番号が必要なためカードが拒否した場合は、入力が必要、またはロックと報告する。",
    "K-33, R-005",
    Level.MUST,
    Price.LOCK,
)
SIGNATURE_VALID = Requirement(
    "client/sign/valid",
    "A signature that it returns verifies with the key's certificate.",
    "返す署名は、その鍵の証明書で検証できる。",
    "R-007",
    Level.MUST,
    Price.FREE,
)
RECOVERS = Requirement(
    "client/session/recovers",
    "After the card was away, reset or without power, it works again at the second action at the latest.",
    "カードの抜き差し・リセット・電源断の後、遅くとも2回目の操作で元どおり動作する。",
    "R-113, F-029",
    Level.MUST,
    Price.FREE,
)
RECOVERS_AT_ONCE = Requirement(
    "client/session/recovers-at-once",
    "After the card was away, reset or without power, the very next action works.",
    "カードの抜き差し・リセット・電源断の後、次の操作から動作する。",
    "F-029",
    Level.SHOULD,
    Price.FREE,
)
ANSWERS = Requirement(
    "client/answer/comes",
    "Every action is answered, in time and in the agreed form.",
    "すべての操作に、制限時間内に、決められた形式で応答する。",
    "the driver protocol; PKCS#11 for modules",
    Level.MUST,
    Price.FREE,
)
PIN_NOT_PRINTED = Requirement(
    "client/secret/not-printed",
    "No PIN appears in its logs and other output.",
    "暗証番号をログなどの出力に残さない。",
    "R-005",
    Level.MUST,
    Price.FREE,
)

NO_CARD_SAID = Requirement(
    "client/session/no-card",
    "While no card is in the reader, it says that there is none.",
    "カードがない間は、カードがないと報告する。",
    "R-113, R-183",
    Level.MUST,
    Price.FREE,
)
ABSENT_REPORTED = Requirement(
    "client/absent/reported",
    "A PIN or certificate that the card says was never there is reported as absent, and not as locked.",
    "カードに設定・登録されていない暗証番号や電子証明書は、ロックではなく「ない」と報告する。",
    "R-014, F-007, F-068",
    Level.SHOULD,
    Price.FREE,
)
CHANGE_DONE = Requirement(
    "client/change/done",
    "A change with the right current PIN sets the new PIN, and is reported as ok.",
    "現在の暗証番号が正しければ、新しい暗証番号を設定し、成功と報告する。",
    "R-047, F-028",
    Level.MUST,
    Price.FREE,
)
CHANGE_AFTER_VERIFY = Requirement(
    "client/change/only-when-verified",
    "Unless the card has accepted the current PIN, no new one is sent to it.",
    "現在の暗証番号をカードが受け付けない限り、新しい暗証番号をカードに送らない。",
    "R-047, F-028",
    Level.MUST,
    Price.TRY,
)
TEXT_EXACT = Requirement(
    "client/text/exact",
    "The My Number and the four attributes that it reads are those on the card.",
    "読み出したマイナンバーと基本4情報は、カード内のものと一致する。",
    "R-012, R-013",
    Level.MUST,
    Price.FREE,
)

NOTHING_CLAIMED = Requirement(
    "client/unknown/nothing-claimed",
    "While the answer to an entry is lost, it claims neither success nor failure, and no number of tries.",
    "入力への応答が失われた場合は、成功・失敗や残り回数を断定しない。",
    "R-113, R-183, F-029",
    Level.MUST,
    Price.TRY,
)
UNKNOWN_SAID = Requirement(
    "client/unknown/said",
    "An entry whose answer is lost is reported as unknown_outcome, or as card_removed.",
    "応答が失われた入力は、結果不明またはカードが離れたと報告する。",
    "R-113, R-183",
    Level.SHOULD,
    Price.TRY,
)
NO_REPEAT = Requirement(
    "client/unknown/no-repeat",
    "An entry whose answer is lost is not sent again unless the user enters it again.",
    "応答が失われた入力を、利用者の操作なしに再送しない。",
    "R-183, F-014",
    Level.MUST,
    Price.TRY,
)
NOT_BLAMED = Requirement(
    "client/fault/not-blamed-on-card",
    "What is lost on the way is not reported as a wrong, locked or absent PIN, an absent certificate or a wrong card.",
    "通信の失敗を、暗証番号の誤り・ロック・未設定や、証明書なし・対応外のカードと報告しない。",
    "R-005, R-113",
    Level.MUST,
    Price.FREE,
)
UNREADABLE_SAID = Requirement(
    "client/reader/unreadable-card-said",
    "A card that lies wrong, or is not felt by the reader, is reported as no_card or card_unreadable.",
    "カードの向き・位置が正しくない場合は、カードなしまたは読み取り失敗と報告する。",
    "R-111, R-112, R-146, R-147, R-154, R-155",
    Level.SHOULD,
    Price.FREE,
)
NO_READER_SAID = Requirement(
    "client/reader/absence-said",
    "While there is no reader, it says that there is none.",
    "リーダーがない間は、リーダーがないと報告する。",
    "R-109, R-114, R-132, R-157",
    Level.SHOULD,
    Price.FREE,
)
BUSY_SAID = Requirement(
    "client/reader/busy-said",
    "While another program has the card for itself, it says reader_busy, and sends no PIN.",
    "他のプログラムがカードを占有している間は、使用中と報告し、暗証番号を送らない。",
    "R-154",
    Level.SHOULD,
    Price.FREE,
)
WRONG_CARD_SAID = Requirement(
    "client/card/wrong-kind-said",
    "A card that is no My Number Card is reported as wrong_card, and gets no PIN.",
    "マイナンバーカードではないカードは、対応していないカードと報告し、暗証番号を送らない。",
    "R-130, R-154, C-05",
    Level.SHOULD,
    Price.FREE,
)
NO_HOLD = Requirement(
    "client/session/no-exclusive-hold",
    "Between two actions of its user, other programs can use the card.",
    "利用者の操作と操作の間は、他のプログラムがカードを使える。",
    "R-154",
    Level.SHOULD,
    Price.FREE,
)
CLOSE_FORGETS = Requirement(
    "client/close/nothing-verified",
    "When its user closes it, no PIN stays verified on the card, even while another program keeps the power on.",
    "利用者が終了したら、他のプログラムが電源を保っていても、照合済みの状態をカードに残さない。",
    "F-029",
    Level.SHOULD,
    Price.FREE,
)
WAY_THROUGH = Requirement(
    "client/last-try/way-through",
    "If it stops before the last try it says cancelled, and goes on when the user, warned, confirms.",
    "最後の1回の前で止まる場合はキャンセルと報告し、利用者が確認すれば先へ進む。",
    "F-016",
    Level.MUST,
    Price.TRY,
)
NOTHING_STALE = Requirement(
    "client/stale/certificate",
    "A certificate that it reads is from the card in the reader as it is now, not one from before.",
    "読み出す証明書は、いまリーダーにあるカードのものであり、以前のものではない。",
    "R-062, R-096",
    Level.MUST,
    Price.FREE,
)

REQUIREMENTS: Mapping[str, Requirement] = MappingProxyType(
    {
        requirement.id: requirement
        for requirement in (
            RIGHT_ACCEPTED,
            WRONG_REPORTED,
            USING_UP_IS_LOCK,
            BLOCKED_IS_LOCK,
            TRIES_ARE_THE_CARDS,
            QUERY_COSTS_NOTHING,
            ONE_VERIFY,
            NO_GUESS,
            RIGHT_KEY,
            REACHES_THE_CARD,
            MALFORMED_STOPPED,
            NORMALISED,
            IDLE_IS_SILENT,
            CERTIFICATE_EXACT,
            REFUSAL_REPORTED,
            SIGNATURE_VALID,
            RECOVERS,
            RECOVERS_AT_ONCE,
            ANSWERS,
            PIN_NOT_PRINTED,
            NO_CARD_SAID,
            ABSENT_REPORTED,
            CHANGE_DONE,
            CHANGE_AFTER_VERIFY,
            TEXT_EXACT,
            NOTHING_CLAIMED,
            UNKNOWN_SAID,
            NO_REPEAT,
            NOT_BLAMED,
            UNREADABLE_SAID,
            NO_READER_SAID,
            BUSY_SAID,
            WRONG_CARD_SAID,
            NO_HOLD,
            CLOSE_FORGETS,
            WAY_THROUGH,
            NOTHING_STALE,
        )
    }
)
"""Every requirement by its id, in the order of the report."""

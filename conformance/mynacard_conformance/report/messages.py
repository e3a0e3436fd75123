"""What a report says, in English and in Japanese."""

from __future__ import annotations

import os
from enum import Enum
from typing import Literal, TypeAlias

from mynacard_conformance.outcome import Breakdown, Outcome, PinKind
from mynacard_conformance.requirements import Level, Price, Requirement
from mynacard_conformance.source_requirements import Layer
from mynacard_conformance.verdict import Deed, Entry, Phrase, Verdict

from .remedy import Remedy

Language: TypeAlias = Literal["en", "ja"]

_PHRASES: dict[str, tuple[str, str]] = {
    "outcomes": ("{0}", "{0}"),
    "said": ("{0}{1}", "{0}{1}"),
    "no-verify": ("no PIN sent to the card", "カードに暗証番号を送らないこと"),
    "verifies": ("VERIFY with data × {0}", "データ付きVERIFY {0}回"),
    "verify-at": ("VERIFY at the {0} PIN", "{0}の暗証番号へのVERIFY"),
    "verify-elsewhere": ("VERIFY at something that is no PIN of the holder's", "利用者の暗証番号ではない鍵へのVERIFY"),
    "as-entered": ("the value that the user entered", "利用者が入力した値"),
    "other-value": ("another value", "別の値"),
    "normalised": ("the value made half-width and upper case, or none", "半角・大文字にした値、または送信しないこと"),
    "a-try": ("a try was spent", "残り回数が減った"),
    "unseen": ("nobody but the client sees this card", "カードの動作を確認できない"),
    "unasked": ("{0}, without asking the card", "カードに確認せずに「{0}」と報告"),
    "tries": ("{0} tries left", "残り{0}回"),
    "tries-stated": ("between {0} and {1} tries left", "残り{0}~{1}回"),
    "exact-bytes": ("the certificate on the card, {0} bytes", "カード内の証明書と同一({0}バイト)"),
    "bytes": ("{0} other bytes", "異なるデータ({0}バイト)"),
    "exact-text": ("what is written on the card", "カード内の情報と同一"),
    "other-text": ("something else", "異なる情報"),
    "changes": ("{0} new PINs sent to the card", "新しい暗証番号の送信 {0}回"),
    "valid-signature": ("a signature that verifies", "検証できる署名"),
    "invalid-signature": ("a signature that does not verify", "検証できない署名"),
    "works": ("it works again", "元どおり動作すること"),
    "an-answer": ("an answer", "応答すること"),
    "broke-down": ("{0}{1}", "{0}{1}"),
    "agreed-form": ("what the protocol has", "プロトコルで決められた内容"),
    "literally": ("{0}", "{0}"),
    "sent-once": ("the entry sent once", "1回だけ送信"),
    "sent-again": ("it was sent again", "再送した"),
    "nothing-claimed": ("neither success nor failure, and no number", "成功・失敗・残り回数のいずれも断定しないこと"),
    "not-blamed": ("nothing about the PIN or the card", "暗証番号やカードのせいにしないこと"),
    "stale-bytes": ("a certificate that is no longer on the card in the reader", "いまのカードにはない以前の証明書"),
    "fresh-bytes": ("the certificate on the card as it is now", "いまのカードの証明書"),
    "way-through": ("the entry goes to the card when the user confirms", "利用者が確認すれば、カードに送ること"),
    "free-card": ("other programs can use the card", "他のプログラムがカードを使えること"),
    "held-card": ("the card is kept from them", "カードが占有されたまま"),
    "nothing-verified": ("no PIN verified on the card", "照合済みの暗証番号がないこと"),
    "still-verified": ("the {0} PIN is still verified", "{0}の暗証番号が照合済みのまま"),
    "no-pin": ("no PIN in its output", "出力に暗証番号が含まれないこと"),
    "pin-printed": ("the {0} PIN stands in its output", "{0}の暗証番号が出力に含まれている"),
}

_WORDS: dict[Enum, tuple[str, str]] = {
    Verdict.PASS: ("pass", "合格"),
    Verdict.FAIL: ("FAIL", "不合格"),
    Verdict.SHOULD_FAIL: ("should-fail", "要改善"),
    Verdict.INCONCLUSIVE: ("inconclusive", "判定不能"),
    Verdict.NOT_COVERED: ("not covered", "未実施"),
    Level.MUST: ("must", "必須"),
    Level.SHOULD: ("should", "推奨"),
    Price.FREE: ("free", "なし"),
    Price.TRY: ("a try", "残り回数1回"),
    Price.LOCK: ("a lock", "ロック"),
    Remedy.KIOSK_OR_COUNTER: (
        "it is set anew at a store's kiosk (booked in the app, with the auth PIN) or at the municipality's counter",
        "コンビニ等のキオスク端末(アプリで予約し、利用者証明用の暗証番号を使う)または市区町村の窓口で再設定する",
    ),
    Remedy.SOME_KIOSK_OR_COUNTER: (
        "it is set anew at some stores' kiosks (booked in the app, with the sign PIN) or at the municipality's counter",
        "一部の店舗のキオスク端末(アプリで予約し、署名用の暗証番号を使う)または市区町村の窓口で再設定する",
    ),
    Remedy.COUNTER: ("it is set anew at the municipality's counter only", "市区町村の窓口でのみ再設定できる"),
    Entry.RIGHT: ("right PIN", "正しい暗証番号"),
    Entry.WRONG: ("wrong PIN", "誤った暗証番号"),
    Entry.MALFORMED: ("malformed PIN", "形式不正の暗証番号"),
    Entry.UNUSUAL: ("right PIN, full-width or lower case", "全角・小文字の正しい暗証番号"),
    Deed.EJECT_AND_INSERT: ("the card is taken out and put back", "カードを抜き差しする"),
    Deed.EJECT: ("the card is taken out", "カードを取り出す"),
    Deed.INSERT: ("a card is put in", "カードを置く"),
    Deed.VISIT: ("the holder is at the office", "利用者が手続きをする"),
    Deed.SERVICE: ("a service on the internet answers", "オンラインサービスが応答する"),
    Deed.OTHER_PROGRAM: ("another program uses the card", "別のプログラムがカードを使う"),
    Deed.POWER_CYCLE: ("the card's power is cut for a moment", "カードの電源を一度切る"),
    Deed.WARM_RESET: ("the card is reset", "カードをリセットする"),
    Deed.RESTART: ("the client's process is started anew", "クライアントを再起動する"),
    Deed.TIME_PASSES: ("time passes", "時間が経過する"),
    Deed.FAULT: ("something will go wrong", "障害を仕込む"),
    Deed.ACCIDENT: ("something happens on the desk", "机の上で何かが起きる"),
    Deed.PUT_RIGHT: ("it is put right", "元に戻す"),
    Deed.KEEPS_POWER: ("another program keeps the card's power on", "別のプログラムが電源を保つ"),
    Deed.LOOKS: ("another program looks at the card", "別のプログラムがカードを見る"),
    Deed.NOISE: ("the platform speaks to the card first", "OSなどが先にカードと通信する"),
    Deed.PAUSE: ("nobody asks for anything", "利用者は何もしない"),
    PinKind.SIGN: ("sign", "署名用"),
    PinKind.AUTH: ("auth", "利用者証明用"),
    PinKind.JUKI: ("juki", "住民基本台帳用"),
    PinKind.TEXT: ("text", "券面事項入力補助用"),
    PinKind.NUMBER_A: ("number A", "照合番号A"),
    PinKind.NUMBER_B: ("number B", "照合番号B"),
    Breakdown.DIED: ("it died", "異常終了した"),
    Breakdown.HUNG: ("it hung", "応答しなかった"),
    Breakdown.RUBBISH: ("its answer made no sense", "応答が解釈できなかった"),
    Outcome.OK: ("ok", "成功"),
    Outcome.WRONG_PIN: ("wrong_pin", "暗証番号の誤り"),
    Outcome.LOCKED: ("locked", "ロック"),
    Outcome.PIN_ABSENT: ("pin_absent", "暗証番号なし"),
    Outcome.FORMAT_REJECTED: ("format_rejected", "形式エラー"),
    Outcome.CANCELLED: ("cancelled", "キャンセル"),
    Outcome.NO_READER: ("no_reader", "リーダーなし"),
    Outcome.READER_BUSY: ("reader_busy", "リーダー使用中"),
    Outcome.NO_CARD: ("no_card", "カードなし"),
    Outcome.CARD_REMOVED: ("card_removed", "カードが離れた"),
    Outcome.CARD_UNREADABLE: ("card_unreadable", "読み取り失敗"),
    Outcome.WRONG_CARD: ("wrong_card", "対応していないカード"),
    Outcome.NOT_PERMITTED: ("not_permitted", "暗証番号の入力が必要"),
    Outcome.CERT_ABSENT: ("cert_absent", "電子証明書なし"),
    Outcome.CERT_NOT_YET_VALID: ("cert_not_yet_valid", "有効期間前"),
    Outcome.CERT_EXPIRED: ("cert_expired", "有効期限切れ"),
    Outcome.CERT_REVOKED: ("cert_revoked", "失効"),
    Outcome.CERT_ON_HOLD: ("cert_on_hold", "一時保留"),
    Outcome.CERT_INVALID: ("cert_invalid", "証明書が無効"),
    Outcome.STATUS_UNKNOWN: ("status_unknown", "状態不明"),
    Outcome.ENV_INCOMPLETE: ("env_incomplete", "利用環境の不備"),
    Outcome.UNKNOWN_OUTCOME: ("unknown_outcome", "結果不明"),
    Outcome.PROTOCOL_ERROR: ("protocol_error", "一般的なエラー"),
    Layer.CARD: ("the card", "カード"),
    Layer.COUNTER: ("the counter", "市区町村の窓口"),
    Layer.KIOSK: ("the kiosk and its app", "店舗の端末と予約アプリ"),
    Layer.CA: ("certificates and their status", "電子証明書とその状態"),
    Layer.CLIENT: ("the client and its reader", "クライアントとリーダー"),
    Layer.PORTAL: ("Myna Portal", "マイナポータル"),
    Layer.MKPF: ("the MyKey platform", "マイキープラットフォーム"),
    Layer.ELIG: ("the eligibility app", "資格確認アプリ"),
    Layer.DOC: ("information", "情報"),
}

_TEXTS: dict[str, tuple[str, str]] = {
    "expected": ("expected", "期待"),
    "seen": ("seen", "実際"),
    "shortest": ("the shortest conversation that shows it ({0})", "再現する最短のやりとり({0})"),
    "rerun": ("run just this again", "この項目だけを再実行"),
    "client": ("client", "クライアント"),
    "card": ("card", "カード"),
    "scenarios": ("scenarios", "シナリオ"),
    "lives": ("random lives", "ランダム試験"),
    "lives-cost": ("{0:.1f} s, seed {1}", "{0:.1f}秒、シード{1}"),
    "played": ("{0} played", "{0}件実施"),
    "left-out": ("{0} not played: {1}", "{0}件実施せず: {1}"),
    "with-finding": ("with a finding: {0}", "指摘あり: {0}"),
    "so-many": ("{0} requirements", "{0}件"),
    "verbose": ("--verbose lists them", "--verboseで一覧表示"),
    "comma": (", ", "、"),
    "semicolon": ("; ", "、"),
    "report": ("report", "報告書"),
    "more": ("{0} more", "ほか{0}件"),
    "no-answer": ("(no answer)", "(応答なし)"),
    "unexpected": ("unexpected pass", "想定外の合格"),
    "take-out": ("take it out of the baseline", "ベースラインから削除できる"),
    "expected-because": ("expected: {0}", "既知: {0}"),
    "conformant-but-for": ("conformant, but for what was expected", "既知の指摘を除き適合"),
    "harness-error": ("harness error", "試験側のエラー"),
    "hangs-on-more": (
        "it did not show again with a client that was just started: what the client remembers plays a part",
        "起動直後のクライアントでは再現しなかった(クライアントが保持する状態に依存する)",
    ),
    "fixed": ("FIXED", "解消"),
    "still-fails": ("STILL FAILS", "未解消"),
    "not-judged": ("NOT JUDGED", "判定不能"),
    "not-tested": (
        "this client was not brought to where the finding was: what it needs is not offered, or came otherwise",
        "指摘のあった状況に至らなかった(必要な操作が提供されていないか、経過が異なる)",
    ),
    "also": ("it breaks, too: {0}", "ほかの指摘: {0}"),
    "conversation": ("the conversation ({0})", "やりとり({0})"),
    "scriptor": (
        "The card's side of the conversation, for `scriptor` of pcsc-tools; below is the same for opensc-tool.",
        "カード側のやりとり。pcsc-toolsの`scriptor`用。opensc-tool用のコマンドも下に示す。",
    ),
    "placeholders": (
        "No PIN stands here. Put its bytes in hex in the place of each name; for opensc-tool, into the environment:",
        "暗証番号は含まれない。次の名前を16進数のバイト列に置き換える(opensc-toolでは環境変数で渡す)。",
    ),
    "pin-bytes": ("{0} bytes", "{0}バイト"),
    "events-apart": (
        "What has no command of its own (power off, insert, eject) stands in a comment where it belongs.",
        "コマンドのない出来事(power off、insert、ejectなど)は、その位置のコメントに示す。",
    ),
    "different": ("different", "相違あり"),
    "the-same": ("the same for all", "全クライアント同一"),
    "no-row": ("—", "—"),
    "requirements": ("Requirements", "要件"),
    "requirement": ("requirement", "要件"),
    "level": ("level", "区分"),
    "source": ("source", "根拠"),
    "judged-times": ("times", "回数"),
    "price": ("price", "代償"),
    "findings": ("Findings", "指摘"),
    "scenarios-title": ("Scenarios", "シナリオ"),
    "lives-title": ("Random lives", "ランダム試験"),
    "title": ("Conformance report", "適合性試験の報告"),
    "compare-title": ("Clients side by side", "クライアントの比較"),
    "holder-now": ("What the holder would have to do now", "利用者が次にすべきこと"),
    "holder-nothing": ("Nothing: no PIN is locked.", "なし(ロックされた暗証番号はない)。"),
    "holder-locked": ("The {0} PIN is locked: {1}.", "{0}の暗証番号がロックされている。{1}。"),
    "by-hand": ("The card's side by hand", "カード側を手動で再現"),
    "pins-apart": (
        "PINs are not written down: set the variables to their bytes in hex.",
        "暗証番号は記録されない。変数に16進数のバイト列を設定する。",
    ),
    "broken-story": ("finding", "指摘あり"),
    "played-story": ("played", "実施"),
    "concern": ("concern", "観点"),
    "examples": ("lives", "例数"),
    "seconds": ("seconds", "秒"),
    "remark": ("remark", "備考"),
    "no-findings": ("Nothing was found.", "指摘はない。"),
    "setup": ("asked for with", "実行コマンド"),
    "replay-it": ("play this finding again", "この指摘を再現"),
    "in-all": ("{0} requirements, {1:.1f} s, seed {2}", "要件{0}件、{1:.1f}秒、シード{2}"),
    "price-note": (
        "Price is what a card pays for finding out; it was paid by a test card.",
        "代償は、判定のためにカードが失うもの。試験用カードで実施した。",
    ),
    "invented": (
        "Cards and people are invented. No PIN is written here.",
        "カードと人物は架空のもの。暗証番号は記載されていない。",
    ),
    "cut-short": (
        "the time ceiling ended the random lives early; the seed alone does not reproduce them",
        "制限時間に達したためランダム試験を打ち切った(シードだけでは再現しない)",
    ),
    "unsteady": ("did not show again when replayed: {0}", "再実行では再現しなかった: {0}"),
    "not-played": ("not played", "実施せず"),
    "conformant": ("conformant", "適合"),
    "not-conformant": ("not conformant", "不適合"),
    "nothing": ("nothing could be judged", "判定できたものがない"),
    "fault": ("harness error, not counted against the client: {0}", "試験側のエラー(クライアントの責任ではない): {0}"),
    "verdict": ("verdict", "判定"),
    "tries-left": ("{0} left", "残り{0}回"),
    "covers": ("tries out", "対象"),
    "waits": ("not played yet", "未実施の部分"),
    "untried": ("(no scenario)", "(シナリオなし)"),
    "information": ("(information, nothing to try out)", "(情報のみ)"),
    "number": ("number", "番号"),
    "required": ("what is required", "要件"),
    "affair": ("whose affair it is", "関わるもの"),
    "exercised-by": ("exercised by", "試すシナリオ"),
    "scenario": ("scenario", "シナリオ"),
    "about": ("what it is about", "内容"),
    "tries-out": ("what it tries out", "試す要件"),
    "suites": ("suites", "スイート"),
    "in-part": ("*(in part)*", "*(一部)*"),
    "legend": (
        "F and K are facts, as in [card.md](card.md). *In part*: `mynacard scenarios ID` says what is missing.",
        "FとKは[card.md](card.md)にある事実を示す。*一部*のものは、`mynacard scenarios ID`で未実施の部分が分かる。",
    ),
    "times": ("{0} ×", "{0}回"),
}


def language_or_locale(chosen: Language | None) -> Language:
    """The language that was chosen, or else that of the locale."""
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return chosen or ("ja" if told.startswith("ja") else "en")


def word(member: Enum, language: Language) -> str:
    """Name a member of one of the vocabularies."""
    return _WORDS[member][_index(language)]


def text(key: str, language: Language, *args: object) -> str:
    """Say one of the fixed texts."""
    return _TEXTS[key][_index(language)].format(*args)


def sentence(requirement: Requirement, language: Language) -> str:
    """Say what is required."""
    return requirement.sentence if language == "en" else requirement.sentence_ja


def say(phrase: Phrase, language: Language) -> str:
    """Say a phrase; members of vocabularies in its gaps are named, further ones are joined."""
    if phrase.key == "outcomes":
        joined = " / ".join(_fill(arg, language) for arg in phrase.args)
        return _PHRASES["outcomes"][_index(language)].format(joined)
    first, *rest = (_fill(arg, language) for arg in phrase.args) if phrase.args else ("",)
    if phrase.key in ("said", "broke-down") and rest and rest[0]:
        rest[0] = f" — {rest[0]}"
    return _PHRASES[phrase.key][_index(language)].format(first, *rest)


def _fill(arg: object, language: Language) -> str:
    return word(arg, language) if isinstance(arg, Enum) else str(arg)


def _index(language: Language) -> int:
    return 0 if language == "en" else 1

"""What a report on a card says, in English and in Japanese."""

from __future__ import annotations

from mynacard_conformance.verdict import Phrase

from .messages import Language

_PHRASES: dict[str, tuple[str, str]] = {
    # what was expected, and what was seen
    "statuses": ("{joined}", "{joined}"),
    "answered": ("{0} with {1} bytes", "{0}({1}バイトのデータ付き)"),
    "no-answer": ("no answer", "応答なし"),
    "refusal": ("a refusal", "拒否"),
    "bytes": ("{0} bytes", "{0}バイト"),
    "other-bytes": ("{0} other bytes", "異なる{0}バイト"),
    "more-bytes": ("more than {0} bytes", "{0}バイトを超えるデータ"),
    "no-data": ("no data", "データなし"),
    "tries": ("{0} tries left", "残り{0}回"),
    "tries-at-most": ("{0} tries at most", "残り{0}回以下"),
    "tries-down-from": ("63CX counting down from {0}", "残り{0}回から1ずつ減る63CX"),
    "entries": ("{0}", "{0}"),
    "a-miss": ("a wrong PIN", "暗証番号の誤り"),
    "same-file": ("the current file as before", "現在のファイルが変わらないこと"),
    "same-application": ("the application still current", "アプリケーションが選択されたままであること"),
    "still-open": ("still open: 9000", "照合済みのまま(9000)"),
    "kept": ("the success kept, as the application was", "選択状態と同じく照合済みのまま"),
    "ended": ("the success ended, as the application did", "選択状態と同じく照合済みの状態が失われること"),
    "well-formed": ("the form that is documented", "文書化された形式"),
    "malformed": ("another form", "異なる形式"),
    "well-formed-atr": ("a well-formed ATR", "正しい形式のATR"),
    "valid-signature": ("a signature that verifies", "検証できる署名"),
    "invalid-signature": ("a signature that does not verify", "検証できない署名"),
    "depends": ("an answer that depends on the challenge alone", "チャレンジだけに依存する応答"),
    "same-answer": ("the same answer again, or another", "期待と異なる応答"),
    "another-challenge": ("another challenge each time", "毎回異なるチャレンジ"),
    "filler": ("FF or 00", "FFまたは00"),
    "other-filler": ("something else", "それ以外"),
    "issued-by": ("issued by the CA in {0}", "{0}の認証局による発行"),
    "issued-by-other": ("issued by another", "別の認証局による発行"),
    "rsa-2048": ("an RSA-2048 key", "RSA-2048の鍵"),
    "other-key": ("another key", "異なる種類の鍵"),
    "known-label": ("a label that is known", "既知のラベル"),
    "other-label": ("another label", "未知のラベル"),
    "flag": ("{0}", "{0}"),
    "offsets": ("the offsets of the objects", "各オブジェクトの開始位置"),
    "other-offsets": ("other offsets", "異なる位置"),
    "digests": ("the digests of the two files", "2つのファイルのハッシュ値"),
    "other-digests": ("other digests", "異なるハッシュ値"),
    "same-birth-date": ("the birth date of number B", "照合番号Bの生年月日"),
    "other-birth-date": ("another birth date", "異なる生年月日"),
    "no-first-byte": ("an ATR without its first byte", "先頭バイトのないATR"),
    "contact-atr": ("the ATR of this card", "このカードのATR"),
    "digits": ("{0} digits", "{0}桁の数字"),
    "one-piece": ("every answer in one piece", "一度で返る応答"),
    "shape": ("a status word, and data with 9000 alone", "状態語で終わり、データは9000の場合のみ"),
    "exchange": ("{1} to {0}", "{0}に対して{1}"),
    "new-right": ("the new value right", "新しい値で成功"),
    "old-wrong": ("the old value wrong", "古い値は誤り"),
    "old-right": ("the old value right", "元の値で成功"),
    "literally": ("{0}", "{0}"),
    "an-answer": ("an answer", "応答"),
    "a-failure": ("a failure", "エラー"),
    "success": ("success, with {0} bytes", "成功({0}バイト)"),
    "waits": ("the other client waiting", "他のクライアントが待つこと"),
    "served-early": ("served meanwhile", "トランザクション中に処理された"),
    "served": ("the other client served afterwards", "終了後に他のクライアントが処理されること"),
    "never-served": ("never served", "処理されなかった"),
    # why something was not judged
    "needed": ("{0} answered {1}", "{0}の応答が{1}"),
    "query-needed": ("the query of {0} answered {1}", "{0}の照会の応答が{1}"),
    "query-not-free": ("asking for the tries is not free", "残り回数の照会が無料でない"),
    "not-locked": ("{0} could not be locked: {1}", "{0}をロックできなかった({1})"),
    "open-anyway": ("{0} is open without a PIN", "{0}が照合なしで開いている"),
    "unreadable": ("{0} cannot be read as what it should be", "{0}を解釈できない"),
    "broken-already": ("shown to be broken already", "他の項目で不適合が判明済み"),
    # why something was not tried
    "no-application": ("no {0} application", "{0}アプリケーションなし"),
    "no-file": ("no {0}", "{0}なし"),
    "has-file": ("{0} is there", "{0}あり"),
    "no-object": ("no object {0}", "データオブジェクト{0}なし"),
    "no-certificate": ("no certificate in {0}", "{0}に証明書なし"),
    "no-pin": ("no PIN to try it with", "試せる暗証番号なし"),
    "no-letters": ("the PIN has no letters", "暗証番号に英字なし"),
    "one-pin": ("no other PIN to compare", "比較できる他の暗証番号なし"),
    "no-pin-known": ("no PIN is known", "暗証番号が未指定"),
    "pin-unknown": ("needs the PIN: {0}", "暗証番号が必要: {0}"),
    "last-try": ("{0} has too few tries left", "{0}の残り回数が不足"),
    "would-cost-a-try": ("would cost a try of {0}: --may-spend-tries", "{0}の残り回数を消費: --may-spend-tries"),
    "would-lock": ("would lock {0}: --expendable", "{0}をロックする: --expendable"),
    "would-change": ("would change {0}: --expendable", "{0}を変更する: --expendable"),
    "no-lives": ("no random lives were asked for", "ランダム試験なし"),
    "no-reader": ("no PC/SC reader", "PC/SCリーダーなし"),
    "no-hand": ("needs a hand at the card: --private", "カードの操作が必要: --private"),
    "no-exclusive": ("the reader refuses exclusive access", "排他アクセス非対応"),
}

_TEXTS: dict[str, tuple[str, str]] = {
    "ways": ("which of the known ways it has", "既知の選択肢のうち、このカードのもの"),
    "refuted": (
        "the card did not accept the {0} PIN that was given; it was not entered again",
        "指定された{0}の暗証番号をカードが受け付けなかったため、再入力していない",
    ),
    "conversation": ("what was said", "やりとり"),
    "acts": ("the shortest life that shows it", "再現する最短の操作列"),
    "lives": ("random lives: {0}, seed {1}", "ランダム試験: {0}例、シード{1}"),
    "fault": ("the run ended early: {0}", "試験が途中で終了した: {0}"),
}


def say(phrase: Phrase, language: Language) -> str:
    """Say a phrase."""
    joined = " / ".join(str(arg) for arg in phrase.args)
    return _PHRASES[phrase.key][language == "ja"].format(*phrase.args, joined=joined)


def text(key: str, language: Language, *args: object) -> str:
    """Say one of the fixed texts."""
    return _TEXTS[key][language == "ja"].format(*args)


def phrases() -> frozenset[str]:
    """The keys of everything that can be said."""
    return frozenset(_PHRASES)

"""What the card's applications, files and answers are called, in English and in Japanese; the harness's own list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from mynacard_conformance.wire import COMMON, JPKI, JUKI, TEXT

Words: TypeAlias = tuple[str, str]
"""In English, in Japanese."""

VISUAL = bytes.fromhex("D3921000310001010402")
LICENCE = bytes.fromhex("A0000002310600000000000000000000")

APPLICATIONS: Mapping[bytes, Words] = {
    JPKI: ("the JPKI application", "公的個人認証AP"),
    TEXT: ("the text application", "券面事項入力補助AP"),
    VISUAL: ("the visual application", "券面事項確認AP"),
    JUKI: ("the juki application", "住基AP"),
    COMMON: ("the common application", "共通カードAP"),
    LICENCE: ("the licence application", "免許AP"),
}

FILES: Mapping[tuple[bytes, int], Words] = {
    (JPKI, 0x0001): ("the sign certificate", "署名用電子証明書"),
    (JPKI, 0x0002): ("the CA certificate for sign", "署名用の認証局証明書"),
    (JPKI, 0x0006): ("the token info", "トークン情報"),
    (JPKI, 0x0008): ("the list of certificates", "電子証明書の有無"),
    (JPKI, 0x000A): ("the auth certificate", "利用者証明用電子証明書"),
    (JPKI, 0x000B): ("the CA certificate for auth", "利用者証明用の認証局証明書"),
    (JPKI, 0x0017): ("the auth key", "利用者証明用の秘密鍵"),
    (JPKI, 0x0018): ("the auth PIN", "利用者証明用の暗証番号"),
    (JPKI, 0x001A): ("the sign key", "署名用の秘密鍵"),
    (JPKI, 0x001B): ("the sign PIN", "署名用の暗証番号"),
    (TEXT, 0x0001): ("the My Number", "マイナンバー"),
    (TEXT, 0x0002): ("the four attributes", "基本4情報"),
    (TEXT, 0x0005): ("the basic information", "基本情報"),
    (TEXT, 0x0011): ("the text PIN", "券面事項入力補助用の暗証番号"),
    (TEXT, 0x0014): ("number A", "照合番号A"),
    (TEXT, 0x0015): ("number B", "照合番号B"),
    (VISUAL, 0x0002): ("the card face", "券面の画像"),
    (VISUAL, 0x0011): ("the birth date", "生年月日"),
    (VISUAL, 0x0012): ("number B", "照合番号B"),
    (VISUAL, 0x0013): ("number A", "照合番号A"),
    (JUKI, 0x001C): ("the juki PIN", "住民基本台帳用の暗証番号"),
    (COMMON, 0x0001): ("the card's record", "カードの記録"),
    (COMMON, 0x001C): ("the juki PIN", "住民基本台帳用の暗証番号"),
    (LICENCE, 0x0006): ("the licence PIN", "免許の暗証番号"),
}
"""Files with a meaning for holders, by application and identifier (docs/card.md)."""

STATUS: Mapping[int, Words] = {
    0x9000: ("done", "正常終了"),
    0x6300: ("wrong", "不一致"),
    0x6700: ("wrong length", "長さの誤り"),
    0x6881: ("no logical channels", "論理チャネルなし"),
    0x6882: ("no secure messaging", "セキュアメッセージングなし"),
    0x6981: ("not for this kind of file", "ファイルの種類が不適合"),
    0x6982: ("a PIN is needed first", "暗証番号の照合が必要"),
    0x6983: ("blocked", "ロック済み"),
    0x6984: ("blocked", "ロック済み"),
    0x6985: ("conditions not satisfied", "使用条件を満たさない"),
    0x6986: ("no file is selected", "ファイルが選択されていない"),
    0x6A80: ("incorrect data", "データの誤り"),
    0x6A81: ("not supported", "未対応の機能"),
    0x6A82: ("no such file or application", "ファイル・APなし"),
    0x6A83: ("no such record", "レコードなし"),
    0x6A86: ("wrong parameters", "パラメータの誤り"),
    0x6A88: ("no such data", "データなし"),
    0x6B00: ("beyond the end", "範囲外"),
    0x6D00: ("no such instruction", "未定義の命令"),
    0x6E00: ("no such class", "未定義のクラス"),
    0x6F00: ("no diagnosis", "原因不明"),
}
"""Status words of ISO/IEC 7816-4, as the card uses them."""

COMMANDS: Mapping[str, Words] = {
    "select": ("SELECT {0}", "SELECT({0})"),
    "query": ("VERIFY without data: tries left of {0}?", "VERIFY・データなし({0}の残り回数の照会)"),
    "verify": ("VERIFY {0}", "VERIFY({0})"),
    "change": ("CHANGE REFERENCE DATA: {0}", "CHANGE REFERENCE DATA({0})"),
    "unblock": ("RESET RETRY COUNTER: {0}", "RESET RETRY COUNTER({0})"),
    "read": ("READ BINARY: {0}, from {1}", "READ BINARY({0}、先頭から{1}バイト目)"),
    "record": ("READ RECORD {1}: {0}", "READ RECORD({0}、{1}番)"),
    "data": ("GET DATA {0}", "GET DATA({0})"),
    "sign": ("SIGN with {0}", "署名生成({0})"),
    "challenge": ("GET CHALLENGE", "GET CHALLENGE"),
    "authenticate": ("INTERNAL AUTHENTICATE with {0}", "INTERNAL AUTHENTICATE({0})"),
    "reader": ("for the reader, not the card", "リーダーへの命令"),
    "protected": ("under secure messaging", "セキュアメッセージング"),
    "other": ("instruction {0}", "命令{0}"),
    "none": ("no command", "命令ではない"),
}
"""What commands ask for; the first gap is the file or its like."""

OTHERS: Mapping[str, Words] = {
    "application": ("another application", "別のAP"),
    "file": ("file {0}", "ファイル{0}"),
    "current": ("the current file", "選択中のファイル"),
    "tries": ("{0} tries left", "残り{0}回"),
    "one-try": ("1 try left", "残り1回"),
    "no-try": ("no try left: locked", "残り0回:ロック"),
    "status": ("status {0}", "ステータス{0}"),
    "unanswered": ("no answer", "応答なし"),
}

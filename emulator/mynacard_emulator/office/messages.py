"""What an office says to people, in English and Japanese: refusals, outcomes, advice, and that an errand is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from .pin_values import EASILY_GUESSED
from .refusal import Refusal
from .visit import Visit

Language: TypeAlias = Literal["en", "ja"]


class Message(NamedTuple):
    """One sentence in both languages."""

    en: str
    ja: str

    def in_language(self, language: Language) -> str:
        """The sentence in one of them."""
        return self.ja if language == "ja" else self.en


PIN_NAMES: Mapping[str, Message] = {
    "auth": Message("the auth PIN", "利用者証明用電子証明書の暗証番号"),
    "sign": Message("the sign PIN", "署名用電子証明書の暗証番号"),
    "juki": Message("the register PIN", "住民基本台帳用の暗証番号"),
    "text": Message("the text PIN", "券面事項入力補助用の暗証番号"),
}

REFUSALS: Mapping[Refusal, Message] = {
    Refusal.DOCUMENT_MISSING: Message(
        "A paper is missing, or the card: bring the card and another identity document.",
        "必要な書類またはカードが足りません。カードと、ほかの本人確認書類をお持ちください。",
    ),
    Refusal.DOCUMENT_EXPIRED: Message(
        "A document has expired: bring one that is valid today.",
        "有効期限の切れた書類があります。本日有効なものをお持ちください。",
    ),
    Refusal.AGENT_NOT_ELIGIBLE: Message(
        "This person cannot act for the holder here: the papers do not prove it, or the errand is not for others.",
        "この方は代理で手続きできません。代理権を示す書類が足りないか、代理では受け付けられない手続きです。",
    ),
    Refusal.SECOND_VISIT_REQUIRED: Message(
        "A reply form was posted to the holder: come again with it filled in.",
        "照会書兼回答書をご本人あてに郵送しました。記入のうえ、もう一度お越しください。",
    ),
    Refusal.DESK_CLOSED: Message(
        "It is closed at this hour or on this day: come when it is open.",
        "受付時間外です。受付時間内にお越しください。",
    ),
    Refusal.SERVICE_NOT_OFFERED: Message(
        "This is not offered here: go to the counter of the municipality.",
        "ここでは取り扱っていません。市区町村の窓口へお越しください。",
    ),
    Refusal.FEATURE_NOT_YET_AVAILABLE: Message(
        "This service does not exist yet on this day.",
        "このサービスはまだ始まっていません。",
    ),
    Refusal.RESERVATION_MISSING: Message(
        "There is no reservation for this: make one in the app first.",
        "予約がありません。先にアプリで予約してください。",
    ),
    Refusal.RESERVATION_EXPIRED: Message(
        "The reservation is older than 24 hours: make another in the app.",
        "予約から24時間が過ぎました。アプリで予約し直してください。",
    ),
    Refusal.RESERVATION_USED: Message(
        "The reservation has been used: make another in the app.",
        "この予約は使用済みです。アプリで予約し直してください。",
    ),
    Refusal.RESERVATION_OTHER_CARD: Message(
        "The reservation is for another card: come with that one.",
        "別のカードの予約です。予約したカードをお持ちください。",
    ),
    Refusal.PREREQUISITE_PIN_LOCKED: Message(
        "The other PIN, which has to be entered for this, is locked: go to the counter.",
        "入力が必要なもう一方の暗証番号がロックされています。窓口へお越しください。",
    ),
    Refusal.FACE_MISMATCH: Message(
        "The face is not that of the holder: try again, or go to the counter.",
        "顔認証ができませんでした。もう一度試すか、窓口へお越しください。",
    ),
    Refusal.CERT_NOT_VALID: Message(
        "A certificate of this card is not valid, or not any more: ask for new ones at the counter.",
        "有効でない電子証明書があります。窓口で新しい電子証明書の発行を受けてください。",
    ),
    Refusal.CERT_ABSENT: Message(
        "The card does not have the certificate that this needs: ask for it at the counter.",
        "必要な電子証明書がカードにありません。窓口で発行を受けてください。",
    ),
    Refusal.PIN_FORMAT: Message(
        "A PIN does not have the right form: four digits, for the sign PIN 6 to 16 capital letters and digits, both.",
        "暗証番号の形式が正しくありません。数字4桁、署名用は英大文字と数字をまぜた6文字から16文字です。",
    ),
    Refusal.PIN_ABSENT: Message(
        "This PIN was never set on this card.",
        "この暗証番号はこのカードに設定されていません。",
    ),
    Refusal.CONFIRMATION_MISMATCH: Message(
        "The two entries differ: enter the same twice.",
        "確認のための入力が一致しません。同じものを2回入力してください。",
    ),
    Refusal.NOT_ELIGIBLE_FOR_SIGN: Message(
        "The holder cannot have a sign certificate: it is for those of 15 years and older, and not under guardianship.",
        "署名用電子証明書は発行できません。15歳未満の方、成年被後見人の方は対象外です。",
    ),
    Refusal.NOT_REGISTERED: Message(
        "The office does not know this card or this person.",
        "このカード、またはこの方の登録がありません。",
    ),
    Refusal.CARD_ABOLISHED: Message(
        "The card has ended: it was abolished, or its last day is over.",
        "このカードは廃止されたか、有効期間が満了しています。",
    ),
    Refusal.CARD_SUSPENDED: Message(
        "The card is suspended: have it released at the counter first.",
        "このカードは一時停止中です。先に窓口で一時停止を解除してください。",
    ),
    Refusal.NO_CARD: Message(
        "The card itself is needed for this: bring it.",
        "この手続きにはカードが必要です。カードをお持ちください。",
    ),
    Refusal.WRONG_STATE: Message(
        "This cannot be done with a card in this state: see `mynacard office status`.",
        "カードが今の状態では、この手続きはできません(mynacard office status で確認できます)。",
    ),
    Refusal.OUTSIDE_WINDOW: Message(
        "It is too early or too late for this: renewal begins three months before the end.",
        "手続きできる期間ではありません。更新は有効期限の3か月前から受け付けます。",
    ),
    Refusal.PHONE_CANNOT_RELEASE: Message(
        "A suspension cannot be released by telephone: bring the card to the counter.",
        "一時停止の解除は電話ではできません。カードを窓口へお持ちください。",
    ),
    Refusal.HELPLINE_CANNOT_RESET: Message(
        "The helpline cannot reset a PIN: bring the card to the counter.",
        "電話では暗証番号を初期化できません。カードを窓口へお持ちください。",
    ),
    Refusal.POLICE_NUMBER_MISSING: Message(
        "The receipt number of the police is missing: report the loss to them first.",
        "警察の受理番号が必要です。先に警察へ遺失届を出してください。",
    ),
    Refusal.NOT_A_REASON: Message(
        "This is no reason for another card.",
        "カードの再交付ができる理由ではありません。",
    ),
    Refusal.EXPRESS_NOT_OFFERED: Message(
        "Express delivery is not offered for this: apply in the normal way.",
        "特急発行の対象ではありません。通常の申請をしてください。",
    ),
    Refusal.ENV_INCOMPLETE: Message(
        "Software or a setting is missing on this device: install what is named, and start again.",
        "利用環境が整っていません。表示されたソフトの導入や設定をしてから、もう一度始めてください。",
    ),
    Refusal.NOT_LOGGED_IN: Message(
        "Log in first.",
        "先にログインしてください。",
    ),
    Refusal.NOT_CONFIRMED: Message(
        "It was not confirmed, and nothing has changed.",
        "確認の操作がなかったため、何も変更していません。",
    ),
    Refusal.ID_FORMAT: Message(
        "A MyKey ID is eight characters, capital letters and digits.",
        "マイキーIDは、半角の英大文字と数字8桁です。",
    ),
    Refusal.DUPLICATE_ID: Message(
        "This MyKey ID is taken, or was revoked: choose another.",
        "このマイキーIDは使用中か、失効したものです。別のIDを選んでください。",
    ),
    Refusal.CHECK_FIRST: Message(
        "Check first whether this MyKey ID is free.",
        "先に重複チェックをしてください。",
    ),
    Refusal.ID_REVOKED: Message(
        "This MyKey ID was revoked and does not come back: create another.",
        "このマイキーIDは失効しており、元に戻せません。新しく作成してください。",
    ),
    Refusal.ID_SUSPENDED: Message(
        "This MyKey ID is suspended: call the helpline.",
        "このマイキーIDは利用停止中です。お問い合わせ窓口にご連絡ください。",
    ),
    Refusal.ALREADY_REGISTERED: Message(
        "The holder is registered already: log in.",
        "すでに登録されています。ログインしてください。",
    ),
    Refusal.FIELD_FORMAT: Message(
        "A field does not have the right form, or is empty.",
        "入力欄に、形式の正しくないものか、空欄があります。",
    ),
    Refusal.WRONG_PASSWORD: Message(
        "The password is wrong.",
        "パスワードが違います。",
    ),
    Refusal.DUPLICATE_MAIL: Message(
        "The second mail address is the first one: enter another, or none.",
        "通知先メールアドレス2に、1と同じアドレスは登録できません。",
    ),
    Refusal.BARCODE_EXPIRED: Message(
        "This barcode is not known, or not any more: show a new one.",
        "この2次元バーコードは無効です。もう一度表示してください。",
    ),
    Refusal.PASSWORD_LOCKED: Message(
        "Too many wrong passwords: the account is locked for 30 minutes. No card is locked by it.",
        "パスワードの誤りが続いたため、アカウントがロックされました。30分後に自動で解除されます。カードのロックとは別のものです。",
    ),
    Refusal.WRONG_PASSCODE: Message(
        "The passcode is wrong.",
        "パスコードが違います。",
    ),
    Refusal.ACCOUNT_STOPPED: Message(
        "This account was stopped: apply for a new one.",
        "このアカウントは利用停止になっています。新しいアカウントを申請してください。",
    ),
    Refusal.ACCOUNT_CLOSED: Message(
        "The app of this account was uninstalled: apply for a new account, and for the release of this one.",
        "アプリが削除されたため、このアカウントは使えません。新しいアカウントの申請と、このアカウントの解除申請をしてください。",
    ),
    Refusal.DEVICE_REGISTERED: Message(
        "Another device is registered: release it there first.",
        "ほかの端末が登録されています。先にその端末で登録を解除してください。",
    ),
    Refusal.DEREGISTRATION_PENDING: Message(
        "The old device is still being released: try again in an hour.",
        "端末の登録を解除しています。1時間ほど置いてから、もう一度お試しください。",
    ),
    Refusal.NOT_ENOUGH_POINTS: Message(
        "There are not that many points.",
        "ポイントが足りません。",
    ),
}

OUTCOMES: Mapping[str, Message] = {
    "ok": Message("Done.", "手続きが完了しました。"),
    "wrong_pin": Message("{pin} was wrong; {tries} left.", "{pin}が違います。あと{tries_left}回入力できます。"),
    "locked": Message(
        "{pin} was not accepted, and is locked: have it reset.",
        "{pin}はロックされています。初期化の手続きをしてください。",
    ),
}
"""The outcomes that are no refusals."""

DONE: Mapping[str, Message] = {
    "counter.reset_pin": Message("The counter has set the new PIN.", "窓口で新しい暗証番号を設定しました。"),
    "counter.unblock_pin": Message(
        "The counter has unlocked the PIN; its value is what it was.",
        "窓口で暗証番号のロックを解除しました。暗証番号は変わっていません。",
    ),
    "counter.issue_certificates": Message(
        "The certificates were issued onto the card.", "電子証明書を発行し、カードに書き込みました。"
    ),
    "counter.renew": Message("The certificates were renewed.", "電子証明書を更新しました。"),
    "counter.convert_to_face_auth": Message(
        "The card has no PINs from now on.", "顔認証マイナンバーカードに切り替えました。"
    ),
    "counter.convert_to_normal": Message("The card has PINs again.", "通常のマイナンバーカードに切り替えました。"),
    "counter.report_loss": Message("The loss was reported.", "紛失届を受け付けました。"),
    "counter.apply_reissue": Message("A new card was applied for.", "再交付の申請を受け付けました。"),
    "counter.apply": Message("A card was applied for.", "交付の申請を受け付けました。"),
    "counter.collect": Message("The card was handed over.", "カードを交付しました。"),
    "counter.return_card": Message("The card was given back, and has ended.", "カードの返納を受け付けました。"),
    "counter.release": Message("The suspension was released.", "一時停止を解除しました。"),
    "counter.continue_use": Message("The card goes on.", "継続利用の手続きが完了しました。"),
    "counter.report_leak": Message(
        "The certificate of the key that leaked was revoked.", "漏えいした秘密鍵の電子証明書を失効しました。"
    ),
    "counter.discard": Message("The new card was given up.", "新しいカードの交付を取りやめました。"),
    "counter.revive": Message("The card is in use again.", "カードを再び使えるようにしました。"),
    "hotline.suspend": Message("The card is suspended, with its certificates.", "カードの機能を一時停止しました。"),
    "hotline.release": Message("The suspension was released.", "一時停止を解除しました。"),
    "helpline.reset_pin": Message("The new PIN was set.", "新しい暗証番号を設定しました。"),
    "civil_register.move": Message("The new address was registered.", "転居・転入の届出を受け付けました。"),
    "civil_register.rename": Message("The new name was registered.", "氏名の変更を受け付けました。"),
    "civil_register.correct": Message("The entry was corrected.", "記載事項を訂正しました。"),
    "civil_register.die": Message("The death was registered.", "死亡の届出を受け付けました。"),
    "civil_register.leave": Message("The move abroad was registered.", "国外転出の届出を受け付けました。"),
    "app.reserve": Message(
        "Reserved: come to a store within 24 hours, with the card.",
        "予約しました。24時間以内に、カードを持って店舗へお越しください。",
    ),
    "kiosk.reset": Message("The terminal has set the new PIN.", "店舗の端末で新しい暗証番号を設定しました。"),
    "online.revoke": Message("The certificate was revoked.", "電子証明書を失効しました。"),
    "online.report_leak": Message("The certificate was revoked.", "電子証明書を失効しました。"),
    "phone.enrol": Message("The telephone has certificates of its own.", "スマホ用電子証明書を発行しました。"),
    "phone.reset_pin": Message("The telephone has the new PIN.", "スマホ用電子証明書の暗証番号を設定しました。"),
    "phone.revoke": Message("The telephone's certificates were revoked.", "スマホ用電子証明書を失効しました。"),
    "phone.suspend": Message("The telephone's certificates are suspended.", "スマホ用電子証明書を一時停止しました。"),
    "phone.release": Message(
        "The telephone's certificates are good again.", "スマホ用電子証明書の一時停止を解除しました。"
    ),
}
"""What is said of each errand that was carried out."""

READY = Message("The card can be collected from {day} on.", "カードは{day}から受け取れます。")
NEW_CARD = Message("The new card is in {card}.", "新しいカードは {card} にあります。")

ADVICE: Mapping[str, Message] = {
    EASILY_GUESSED: Message(
        EASILY_GUESSED,
        "推測されやすい暗証番号です。生年月日、連続した数字、同じ数字だけの番号は避けてください。",
    ),
}
"""What is said beside, by what a `Visit` has for it."""


def of_visit(errand: str, visit: Visit, language: Language) -> Iterator[str]:
    """What the desk says of a visit, a sentence at a time."""
    if visit.refusal is not None:
        yield REFUSALS[visit.refusal].in_language(language)
    elif visit.pin is not None:
        name = PIN_NAMES[visit.pin.pin].in_language(language) if visit.pin.pin in PIN_NAMES else visit.pin.pin
        left = visit.pin.tries_left
        tries = "1 try" if left == 1 else f"{left} tries"
        said = OUTCOMES[visit.outcome].in_language(language).format(pin=name, tries=tries, tries_left=left)
        yield said[0].upper() + said[1:]
    else:
        yield DONE.get(errand, OUTCOMES["ok"]).in_language(language)
    if visit.ready_on is not None:
        yield READY.in_language(language).format(day=visit.ready_on)
    if visit.card is not None:
        yield NEW_CARD.in_language(language).format(card=visit.card)
    for word in visit.advice:
        yield ADVICE[word].in_language(language) if word in ADVICE else word

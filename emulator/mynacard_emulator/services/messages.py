"""What a service says to people, in English and Japanese, by the outcome of a `Served`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mynacard_emulator.office.messages import REFUSALS, Language, Message
from mynacard_emulator.office.refusal import Refusal

OUTCOMES: Mapping[str, Message] = MappingProxyType(
    {
        "ok": Message("Done.", "完了しました。"),
        "cert_invalid": Message(
            "The login is not accepted: read the card again, and sign a new challenge.",
            "認証できませんでした。もう一度カードを読み取ってください。",
        ),
        "cert_not_yet_valid": Message(
            "The certificate is not valid yet.",
            "電子証明書の有効期間がまだ始まっていません。",
        ),
        "cert_expired": Message(
            "The certificate has expired: have a new one issued at the counter.",
            "電子証明書の有効期限が切れています。窓口で新しい電子証明書の発行を受けてください。",
        ),
        "cert_revoked": Message(
            "The certificate was revoked: have a new one issued at the counter.",
            "電子証明書は失効しています。窓口で新しい電子証明書の発行を受けてください。",
        ),
        "cert_on_hold": Message(
            "The certificate is on hold: have the card released at the counter.",
            "電子証明書は一時停止されています。窓口で一時停止の解除を受けてください。",
        ),
        "status_unknown": Message(
            "Nobody knows this certificate, or not yet: try again tomorrow.",
            "電子証明書の有効性を確認できませんでした。翌日以降にもう一度お試しください。",
        ),
        "no_reader": Message(
            "No reader was found: connect it directly, and look for its driver.",
            "カードリーダーが見つかりません。直接つなぎ、ドライバを確認してください。",
        ),
        "reader_busy": Message(
            "Another program is using the card: end it, and try again.",
            "ほかのプログラムがカードを使用中です。終了してから、もう一度お試しください。",
        ),
        "no_card": Message(
            "No card is in the reader: put it in.",
            "カードがセットされていません。カードリーダーにカードをセットしてください。",
        ),
        "card_unreadable": Message(
            "The card cannot be read: look which way it lies, and take it out of its case.",
            "カードを読み取れません。カードの向きを確かめ、ケースから出してください。",
        ),
        "wrong_card": Message(
            "This is no My Number Card.",
            "マイナンバーカードではありません。",
        ),
        "card_removed": Message(
            "The card was moved: set it again, and hold it still.",
            "カードが離れました。もう一度セットし、動かさないでください。",
        ),
    }
)
"""The outcomes that are no refusals, and one that a service means otherwise than a desk."""


def sentence(outcome: str, language: Language) -> str:
    """What is said of an outcome."""
    message = OUTCOMES[outcome] if outcome in OUTCOMES else REFUSALS[Refusal(outcome)]
    return message.in_language(language)

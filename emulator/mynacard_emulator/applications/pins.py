"""What people call the PINs, and where these are on the card."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mynacard_emulator.card import PinPath

from . import jpki, text, visual

PINS: Mapping[str, PinPath] = MappingProxyType(
    {
        "sign": PinPath(jpki.AID, jpki.SIGN_PIN),
        "auth": PinPath(jpki.AID, jpki.AUTH_PIN),
        "text": PinPath(text.AID, text.PIN),
        "number_a": PinPath(text.AID, text.NUMBER_A),
        "number_b": PinPath(text.AID, text.NUMBER_B),
        "visual_number_a": PinPath(visual.AID, visual.NUMBER_A),
        "visual_number_b": PinPath(visual.AID, visual.NUMBER_B),
        "birth_date": PinPath(visual.AID, visual.BIRTH_DATE),
    }
)
"""署名用, 利用者証明用, 券面事項入力補助用, 照合番号A and B; again A and B, and 生年月日, of the other one."""

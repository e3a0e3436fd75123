"""What people call the PINs, and where these are on the card."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from mynacard_emulator.card import CardState, Memory, PinPath, ReferenceData

from . import common, jpki, juki, licence, text, visual

PINS: Mapping[str, tuple[PinPath, ...]] = MappingProxyType(
    {
        "sign": (PinPath(jpki.AID, jpki.SIGN_PIN),),
        "auth": (PinPath(jpki.AID, jpki.AUTH_PIN),),
        "juki": (PinPath(juki.AID, juki.PIN), PinPath(common.AID, common.PIN)),
        "text": (PinPath(text.AID, text.PIN),),
        "number_a": (PinPath(text.AID, text.NUMBER_A),),
        "number_b": (PinPath(text.AID, text.NUMBER_B),),
        "visual_number_a": (PinPath(visual.AID, visual.NUMBER_A),),
        "visual_number_b": (PinPath(visual.AID, visual.NUMBER_B),),
        "birth_date": (PinPath(visual.AID, visual.BIRTH_DATE),),
        "licence": (PinPath(licence.AID, licence.PIN),),
    }
)
"""署名用, 利用者証明用, 住民基本台帳用, 券面事項入力補助用, 照合番号A and B; again A and B, and 生年月日, of the visual
application; and the one of a マイナ免許証.

The register PIN is one PIN to its holder and two keys, with two counters, on the card (F-011).
"""


def reference_data(memory: Memory, name: str) -> ReferenceData | None:
    """What a card remembers of a PIN, or of the half of a pair with fewer tries left (D-26); None where it has none."""
    found = (memory.reference_data.get(path) for path in PINS.get(name, ()))
    return min((data for data in found if data is not None), key=lambda data: data.counter.left, default=None)


def is_verified(state: CardState, name: str) -> bool:
    """Whether a PIN, or one key of a pair, is verified in the card's session."""
    session = state.session
    return any(path.aid == session.aid and path.fid in session.verified for path in PINS.get(name, ()))

"""The two built-in cards, and the words that conversations with them use."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from mynacard_emulator.applications import common, jpki, juki, text, visual
from mynacard_emulator.applications.pins import PINS
from mynacard_emulator.card import Profile, TransparentEF

DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420") + sha256(b"a message").digest()
"""What almost every client has signed: 51 bytes, SHA-256."""

ISD = bytes.fromhex("A0000001510000")


def given(profile: Profile) -> Mapping[str, bytes]:
    """What conversations call by name: AIDs, the values of PINs, a DigestInfo."""
    values = {name: profile.pins[paths[0]].initial or b"" for name, paths in PINS.items() if paths[0] in profile.pins}
    return {
        "jpki": jpki.AID,
        "text_ap": text.AID,
        "visual_ap": visual.AID,
        "juki_ap": juki.AID,
        "common_ap": common.AID,
        "isd": ISD,
        "digest_info": DIGEST_INFO,
        **values,
    }


def content(profile: Profile, aid: bytes, fid: int) -> bytes:
    """The content of a file, as the issuer wrote it."""
    file = profile.by_aid[aid].by_fid[fid]
    assert isinstance(file, TransparentEF)
    return file.content


def certificate(profile: Profile, fid: int) -> bytes:
    """The certificate in a file, without what fills the file up; its length by its first four bytes."""
    whole = content(profile, jpki.AID, fid)
    assert whole[:2] == b"\x30\x82"
    return whole[: 4 + int.from_bytes(whole[2:4], "big")]

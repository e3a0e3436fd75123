"""Content: what is on cards that are not like the first one."""

from __future__ import annotations

from collections.abc import Iterator

from mynacard_conformance.model.holder import FOREIGNER, LONG_TEXT, SEX_UNKNOWN, SHARED, Holder
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.model.setting import CardInStory, Setting
from mynacard_conformance.outcome import (
    CertificateKind,
    HashKind,
    KeyKind,
    PinKind,
    ReadAttributes,
    ReadCertificate,
    ReadMyNumber,
    Sign,
)

from .story import Ask, Scenario, Step
from .words import RIGHT, inserts


def _reads(holder: Holder) -> Iterator[Step]:
    text, sign = holder.pins[PinKind.TEXT], holder.pins[PinKind.SIGN]
    yield Ask(ReadAttributes(text), then=Prospect.RIGHT)
    yield Ask(ReadMyNumber(text), then=Prospect.RIGHT)
    yield Ask(ReadCertificate(CertificateKind.SIGN, sign), then=Prospect.RIGHT)
    yield Ask(ReadCertificate(CertificateKind.AUTH))


CONTENT_01 = Scenario(
    "CONTENT-01",
    "The longest name and address, with substitute characters, behind the long header",
    "最長の氏名・住所(代替文字を含む)と、長い形式のヘッダー",
    ("R-012", "R-013"),
    tuple(_reads(LONG_TEXT)),
    Setting(card=CardInStory(holder=LONG_TEXT)),
)

CONTENT_02 = Scenario(
    "CONTENT-02",
    "Every code for the sex, and a name in Latin letters",
    "性別の全コードと、ローマ字の氏名",
    ("R-012", "R-013"),
    (
        *_reads(FOREIGNER),
        inserts("not applicable"),
        *_reads(SHARED),
        inserts("unknown"),
        *_reads(SEX_UNKNOWN),
    ),
    Setting(
        card=CardInStory(holder=FOREIGNER),
        others={"not applicable": CardInStory(holder=SHARED), "unknown": CardInStory(holder=SEX_UNKNOWN)},
    ),
)

CONTENT_03 = Scenario(
    "CONTENT-03",
    "Signatures over every digest, of messages of any length",
    "全てのハッシュ方式と、さまざまな長さの文書への署名",
    ("R-007",),
    tuple(
        Ask(Sign(key, digest, message, RIGHT[key.pin]), then=Prospect.RIGHT)
        for key in KeyKind
        for digest, message in zip(HashKind, (b"", bytes(4096), "架空の文書".encode()), strict=True)
    ),
)

CONTENT = (CONTENT_01, CONTENT_02, CONTENT_03)

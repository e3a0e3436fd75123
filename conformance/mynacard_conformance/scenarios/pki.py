"""Certificates: who issued them, and what is in them."""

from __future__ import annotations

from datetime import date

from mynacard_conformance.model.holder import SHARED
from mynacard_conformance.model.setting import CardInStory, Setting

from .checks import Check
from .story import Scenario, SignsDocument, Trusts
from .words import at, has_id, inserts, my_page, visits_portal

PKI_01 = Scenario(
    "PKI-01",
    "Issuer chosen by key, not by name",
    "発行者は、名前ではなく鍵で選ぶ",
    ("R-068", "K-03"),
    (
        Check(issued_by={"card": True}),
        inserts("newer"),
        Check(issued_by={"newer": True, "card": False}),
        *has_id("KEY00002"),
        Trusts(("newer",)),
        my_page(id="KEY00002"),
        Trusts(("card",)),
        my_page(then="cert_invalid"),
        *visits_portal(then="cert_invalid"),
        inserts("card"),
        Check(issued_by={"card": True, "newer": False}),
        *has_id("KEY00001"),
        my_page(id="KEY00001"),
        Trusts(("newer",)),
        my_page(then="cert_invalid"),
    ),
    Setting(
        card=CardInStory(made=date(2029, 11, 5)),
        others={"newer": CardInStory(holder=SHARED, made=date(2030, 1, 7))},
        at=at(2030, 2, 1),
    ),
)

PKI_02 = Scenario(
    "PKI-02",
    "Signature certificate content",
    "署名用電子証明書の内容",
    ("R-007", "R-083", "K-24", "K-26", "K-30", "K-20", "K-31"),
    (
        Check(content=True),
        SignsDocument("ABC123"),
        SignsDocument("ABC123", altered=True, then="cert_invalid"),
    ),
)

PKI = (PKI_01, PKI_02)
"""The scenarios of this family, in order."""

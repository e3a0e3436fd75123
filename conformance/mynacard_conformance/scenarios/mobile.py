"""Telephones with certificates of their own."""

from __future__ import annotations

from mynacard_conformance.model.holder import CHILD, Holder
from mynacard_conformance.model.setting import CardInStory, Effects, Setting

from .checks import Check
from .story import Scenario, SignsDocument
from .words import AUTH, LOCKS_AUTH, SIGN, inserts, right, uses_up, visits, wrong

_PHONE = Holder("phone", {AUTH: "4321", SIGN: "PHONE1"})
_PHONE_PINS = {"auth": "4321", "sign": "PHONE1"}

MOBILE_01 = Scenario(
    "MOBILE-01",
    "Phone certificate and card are separate",
    "スマホ用電子証明書とカードは別のもの",
    ("F-072", "F-073"),
    (
        visits(
            "phone.enrol",
            "ok",
            None,
            Effects(restores=(SIGN,), hands_over=("phone", _PHONE)),
            sign_pin="ABC123",
            **_PHONE_PINS,
        ),
        inserts("phone"),
        *LOCKS_AUTH,
        inserts("card"),
        Check(tries={AUTH: 3, SIGN: 5}),
        right(AUTH),
        visits(
            "phone.reset_pin",
            "ok",
            None,
            Effects(sets={SIGN: "PHONE2"}),
            pin="sign",
            new="PHONE2",
            card_sign_pin="ABC123",
            affects="phone",
        ),
        inserts("phone"),
        right(SIGN, "PHONE2"),
        SignsDocument("PHONE2"),
        inserts("card"),
        *wrong(SIGN, *4 * ("XXX999",)),
        uses_up(SIGN),
        visits(
            "phone.reset_pin",
            "prerequisite_pin_locked",
            pin="sign",
            new="PHONE3",
            card_sign_pin="ABC123",
        ),
        inserts("child"),
        visits("phone.enrol", "cert_absent", sign_pin="ABC123", **_PHONE_PINS),
    ),
    Setting(others={"child": CardInStory(holder=CHILD)}),
)

MOBILE = (MOBILE_01,)
"""The scenarios of this family, in order."""

"""The words of every errand on the command line; a test demands that none is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Verb(NamedTuple):
    """How an errand is called.

    Attributes:
        name: One word, or two where several desks have an errand of this name.
        help: What it does.
        hands_over: Whether a new card comes of it, which needs a file.

    """

    name: str
    help: str
    hands_over: bool = False


CARD = "the card's file"
PHONE = "the telephone's file"
NEW_FILE = "where the new card goes"

VERBS: Mapping[str, Verb] = {
    "counter.reset_pin": Verb("reset-pin", "Set a new value for one PIN, locked or forgotten."),
    "counter.unblock_pin": Verb("unblock-pin", "Let a locked PIN be tried again; its value stays."),
    "counter.issue_certificates": Verb(
        "issue-certificates",
        "Issue certificates onto the card.\n\nSay --auth or --sign for each that is wanted: the PIN to set for it, or "
        "an empty word where the PIN is set and stays.",
    ),
    "counter.renew": Verb(
        "renew",
        "Renew the certificates, from three months before their end.\n\nThe PINs of the card are typed; one that is "
        "forgotten or locked is set anew with --resets.",
    ),
    "counter.convert_to_face_auth": Verb("convert-to-face-auth", "Turn the card into one without PINs."),
    "counter.convert_to_normal": Verb("convert-to-normal", "Give a card without PINs its PINs again."),
    "counter.report_loss": Verb("report-loss", "Report the card lost, at the counter."),
    "counter.apply_reissue": Verb("reissue", "Apply for another card in this one's place; `collect` hands it over."),
    "counter.collect": Verb("collect", "Hand over the card that was applied for.", hands_over=True),
    "counter.apply": Verb("apply", "Apply for a first card.", hands_over=False),
    "counter.return_card": Verb("return", "Give the card back: it ends, and its certificates with it."),
    "counter.release": Verb("release", "Release a suspended card that was found again."),
    "counter.continue_use": Verb("continue-use", "Go on using the card after a move; the register PIN is typed."),
    "counter.report_leak": Verb("report-leak", "Report that a private key is known to others: its certificate ends."),
    "counter.revive": Verb("revive", "Ask for an ended card to come back, which is refused."),
    "counter.discard": Verb("discard", "Give up the card that was applied for and that nobody collects."),
    "hotline.suspend": Verb("suspend", "Suspend the card by telephone, at any hour; the card is not needed."),
    "hotline.release": Verb("hotline release", "Ask for the release by telephone, which is refused."),
    "helpline.reset_pin": Verb("helpline reset-pin", "Ask for a PIN reset by telephone, which is refused."),
    "civil_register.move": Verb("move", "The holder moves: the address in the register changes."),
    "civil_register.rename": Verb("rename", "The holder's name changes in the register."),
    "civil_register.correct": Verb("correct", "Correct the holder's sex or birth date in the register."),
    "civil_register.die": Verb("die", "The holder dies: card and certificates end."),
    "civil_register.leave": Verb("leave", "The holder moves abroad."),
    "app.reserve": Verb(
        "reserve", "Reserve the reset of a PIN at a store, in the app; the other PIN is typed, and the face shown."
    ),
    "kiosk.reset": Verb("kiosk", "Reset a PIN at a store's terminal, within 24 hours of the reservation."),
    "online.revoke": Verb("revoke", "Have a certificate revoked by the holder's own client software."),
    "online.report_leak": Verb("online report-leak", "Report a leaked key over the net, which is refused."),
    "phone.enrol": Verb(
        "phone enrol",
        "Put certificates into a telephone, with PINs of its own; the sign PIN of the card is typed.",
        hands_over=True,
    ),
    "phone.reset_pin": Verb("phone reset-pin", "Set a new value for a PIN of the telephone."),
    "phone.revoke": Verb("phone revoke", "Give up the telephone: its certificates are revoked."),
    "phone.suspend": Verb("phone suspend", "Suspend the telephone's certificates."),
    "phone.release": Verb("phone release", "Let the telephone's certificates be good again."),
}

GROUPS: Mapping[str, str] = {
    "hotline": "The telephone that suspends cards, day and night.",
    "helpline": "The telephone that explains things.",
    "online": "The holder's own client software, over the net.",
    "phone": "The certificates in a telephone.",
}
"""What the first words of two are about."""

PARAMETERS: Mapping[str, str] = {
    "pin": "which PIN",
    "new": "the value to set; - reads a line of standard input",
    "confirm": "the new value once more, as the counter asks for it",
    "typed": "the value of the other PIN; - reads a line of standard input",
    "auth": "the auth PIN",
    "sign": "the sign PIN",
    "juki": "the register PIN",
    "text": "the text PIN",
    "sign_pin": "the sign PIN of the card",
    "card_sign_pin": "the sign PIN of the card",
    "auth_pin": "the auth PIN of the telephone",
    "resets": "a new value for a PIN that is forgotten, such as auth=5678; may be repeated",
    "kind": "which certificate",
    "online.revoke.pin": "the PIN of that certificate",
    "reason": "why another card is needed",
    "lane": "how fast",
    "police_number": "the receipt number of the police",
    "address": "where the holder lives now",
    "municipality_code": "five digits, where it is another municipality",
    "prefecture": "romanised, as certificates write it",
    "city": "romanised, as certificates write it",
    "name": "family name, a full-width space, given name",
    "sex": "as the register has it",
    "born": "the birth date",
    "continuing": "The card goes on abroad.",
    "face": "what the comparison of faces says",
    "store": "which PINs this store resets",
    "platform": "which telephone",
}
"""What each parameter is, by its name or by errand and name."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "counter.reset_pin.pin": ("auth", "sign", "juki", "text"),
    "counter.unblock_pin.pin": ("auth", "sign", "juki", "text"),
    "helpline.reset_pin.pin": ("auth", "sign", "juki", "text"),
    "app.reserve.pin": ("auth", "sign", "juki", "text"),
    "kiosk.reset.pin": ("auth", "sign", "juki", "text"),
    "phone.reset_pin.pin": ("auth", "sign"),
    "kind": ("auth", "sign"),
    "lane": ("normal", "express"),
    "sex": ("male", "female", "not-applicable", "unknown"),
    "reason": ("lost", "stolen", "damaged", "notes-full", "ended", "locked"),
    "face": ("match", "differs"),
    "store": ("both", "sign-only"),
    "platform": ("android", "iphone"),
}
"""What a parameter can be, likewise."""

"""Every concern."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from types import MappingProxyType
from typing import ClassVar

from mynacard_conformance.model.holder import FOREIGNER
from mynacard_conformance.model.setting import CardInStory, Setting

from . import rules
from .machine import Life


class Counter(rules.Entries, rules.Slips, rules.Closes, rules.Resets):
    """How tries are counted and stated, up to the lock and behind it."""

    concern = "counter"


class Status(rules.Entries, rules.Uses, rules.UsesWithoutPin, rules.Closes, rules.Resets):
    """How long an entry is good for, and what a client does with a card that has forgotten."""

    concern = "status"


class Content(rules.Uses, rules.Texts):
    """What is read and signed."""

    concern = "content"


class Change(rules.Entries, rules.Changes, rules.Closes, rules.Resets):
    """What comes of changing a PIN."""

    concern = "change"


class Closing(rules.RightEntries, rules.UsesWithoutPin, rules.Closes, rules.KeepsPower):
    """What a client leaves behind when it is closed."""

    concern = "closing"


class Sharing(rules.Entries, rules.Uses, rules.Closes, rules.OtherPrograms):
    """Two programs at one card."""

    concern = "sharing"


class Accidents(rules.Entries, rules.Uses, rules.Texts, rules.Closes, rules.Faults):
    """What is said when something is lost on the way."""

    concern = "accidents"


class Removal(rules.Entries, rules.Uses, rules.Closes, rules.Resets, rules.Ejects):
    """What a client does when the card was away."""

    concern = "removal"


class Reset(rules.Entries, rules.Uses, rules.Closes, rules.ResetsAtCounter):
    """A PIN that the counter has set anew."""

    concern = "new-pin"


class Renewal(rules.Uses, rules.Entries, rules.Closes, rules.RenewsAtCounter):
    """Certificates, and cards, that others have taken the place of."""

    concern = "new-certificates"
    cards: ClassVar[dict[str, Setting]] = {
        "due": Setting(
            card=CardInStory(born=date(1980, 12, 31), made=date(2021, 12, 20)),
            others={"other": CardInStory(holder=FOREIGNER)},
            at=datetime(2026, 11, 20, 10, tzinfo=timezone(timedelta(hours=9))),
        )
    }


OFFICE_CONCERNS: Mapping[str, type[Life]] = MappingProxyType({life.concern: life for life in (Reset, Renewal)})
"""Concerns whose lives go to the office, which takes pcscd about a second and a half for each visit."""

CONCERNS: Mapping[str, type[Life]] = MappingProxyType(
    {life.concern: life for life in (Counter, Status, Content, Change, Closing, Sharing, Removal, Accidents)}
)
"""Every concern by its name, in the order in which they are played."""

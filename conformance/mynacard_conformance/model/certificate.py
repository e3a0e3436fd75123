"""The oracle of one certificate: what became of it, and what whoever relies on it must be told at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, unique

from mynacard_conformance.outcome import KeyKind


@unique
class Reason(Enum):
    """Why a certificate was taken back (F-060)."""

    UNSPECIFIED = "discarded before it was handed over"
    KEY_COMPROMISE = "the key leaked"
    AFFILIATION_CHANGED = "it says what is no longer so"
    SUPERSEDED = "another took its place"
    CESSATION_OF_OPERATION = "no longer needed"
    CERTIFICATE_HOLD = "suspended"


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told of a certificate from a moment on: a reason, or (None) that it is good again."""

    since: datetime
    reason: Reason | None


@dataclass(slots=True)
class Certificate:
    """One certificate, from its issue on.

    Attributes:
        kind: Which key's.
        not_before: The moment of issue.
        not_after: Its last second.
        known_from: When those who rely on it learn of it; None as long as it was not handed over (F-049).
        notices: What they were told since, oldest first.
        held: Whether it is suspended now, with the authority.
        ended: Whether it was revoked, with the authority; those who rely on it may learn of it later (D-11).

    """

    kind: KeyKind
    not_before: datetime
    not_after: datetime
    known_from: datetime | None = None
    notices: list[Notice] = field(default_factory=list)
    held: bool = False
    ended: bool = False

    def living(self, at: datetime) -> bool:
        """Whether there is something left to revoke."""
        return self.known_from is not None and not self.ended and at <= self.not_after

    def good(self, at: datetime) -> bool:
        """Whether the authority takes it for good: what opens the kiosk and the phone (F-033)."""
        return self.living(at) and not self.held and self.not_before <= at

    def renewable(self, at: datetime) -> bool:
        """Whether a renewal replaces it: it is good, or has ended by time alone."""
        return not self.ended and (not self.held or at > self.not_after)

    def hold(self, at: datetime) -> None:
        """Suspend it, where it is good (F-054)."""
        if self.living(at) and not self.held:
            self.held = True
            self.notices.append(Notice(at, Reason.CERTIFICATE_HOLD))

    def resume(self, at: datetime) -> None:
        """Let it go on after a suspension (F-055)."""
        if self.living(at) and self.held:
            self.held = False
            self.notices.append(Notice(at, None))

    def revoke(self, at: datetime, reason: Reason, *, since: datetime | None = None) -> None:
        """Take it back for good; told from `since` on, or at once. What is over stays as it is."""
        if self.living(at):
            self.ended = True
            self.notices.append(Notice(since or at, reason))

    def answer(self, at: datetime) -> str:
        """What somebody who relies on it must make of it at that time, in one word."""
        if at < self.not_before:
            return "cert_not_yet_valid"
        if at > self.not_after:
            return "cert_expired"
        if self.known_from is None or at < self.known_from:
            return "status_unknown"
        told = [notice.reason for notice in self.notices if notice.since <= at]
        match told[-1:]:
            case [] | [None]:
                return "ok"
            case [Reason.CERTIFICATE_HOLD]:
                return "cert_on_hold"
            case _:
                return "cert_revoked"

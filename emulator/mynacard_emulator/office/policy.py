"""Where offices and services differ or the sources contradict each other: one switch a decision, with its default.

`Policy` is to the office what `Behaviour` is to the card: it is listed by `mynacard assumptions`, and a world or a
registry may choose otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, unique
from typing import Any

from mynacard_emulator.card.question import Confidence, Question, answer, questions_of, require_known


@unique
class HoldPolicy(Enum):
    """What becomes of the certificates when a suspended card is released."""

    REISSUE_BOTH = "reissue-both"
    AUTH_RESUMES = "auth-resumes"


@unique
class RevocationEffect(Enum):
    """From when relying parties see that a change of an attribute has revoked the sign certificate."""

    NEXT_DAY = "next-day"
    AT_ONCE = "at-once"


@unique
class ResetMode(Enum):
    """What a counter does about a locked PIN."""

    UNBLOCK = "unblock"
    REINITIALISE = "reinitialise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Answers to every open question about the authority's side, and about the services that rely on it."""

    hold_policy: HoldPolicy = answer(
        HoldPolicy.REISSUE_BOTH,
        HoldPolicy.AUTH_RESUMES,
        asks="What becomes of the certificates when a suspended card is released at the counter?",
        source="F-056: both are issued anew (newer wording); F-055: the auth certificate resumes (older) (D-03)",
        confidence=Confidence.LIKELY,
    )
    kiosk_face_for_auth: bool = answer(
        False,
        True,
        asks="Does a reservation to reset the auth PIN need the face step?",
        source="R-042 names none, R-039 does for the sign PIN (D-04)",
        confidence=Confidence.LIKELY,
    )
    require_mix: bool = answer(
        True,
        False,
        asks="Must a sign PIN that an office or a kiosk sets have a letter and a digit?",
        source="R-006 is silent, F-001 says so (D-05)",
        confidence=Confidence.LIKELY,
    )
    require_extra_photo_id: bool = answer(
        False,
        True,
        asks="Must the other document for a PIN reset be a photo document too?",
        source="R-020: the card and one other document; R-108: a photo-bearing official one (D-07)",
        confidence=Confidence.LIKELY,
    )
    reset_mode: ResetMode = answer(
        ResetMode.UNBLOCK,
        ResetMode.REINITIALISE,
        asks="Does the counter unblock a PIN whose holder knows the value, or does it always set a new one?",
        source="F-025: some desks tell the two apart, others always initialise (D-09)",
        confidence=Confidence.LIKELY,
    )
    renewal_resets_pins: bool = answer(
        False,
        True,
        asks="Are the PINs set anew when certificates are renewed?",
        source="F-048: stated both ways (D-08)",
        confidence=Confidence.GUESS,
    )
    revocation_effective: RevocationEffect = answer(
        RevocationEffect.NEXT_DAY,
        RevocationEffect.AT_ONCE,
        asks="From when do relying parties see that a change of an attribute has revoked the sign certificate?",
        source="F-058: automatically; one city says the next day (D-11)",
        confidence=Confidence.GUESS,
    )
    require_police_number: bool = answer(
        True,
        False,
        asks="Is the receipt number of the police needed to replace a lost card?",
        source="R-099 has the holder note it (D-19)",
        confidence=Confidence.GUESS,
    )
    reset_all_shared: bool = answer(
        False,
        True,
        asks="Does a reset of one of the four-digit PINs reset all that have the same value?",
        source="R-016 says only that they can be equal (D-36)",
        confidence=Confidence.GUESS,
    )
    status_lag: timedelta = answer(
        timedelta(0),
        timedelta(hours=24),
        asks="How long does a new certificate stay unknown to relying parties?",
        source="F-049: up to a day",
        confidence=Confidence.LIKELY,
    )

    link_lag: timedelta = answer(
        timedelta(0),
        timedelta(hours=24),
        asks="How long does it take until services can ask which certificate took the place of which?",
        source="K-36 says that they can; not when",
        confidence=Confidence.GUESS,
    )

    account_max_failures: int = answer(
        5,
        3,
        asks="How many wrong passwords lock an account of the eligibility app for half an hour?",
        source="R-115 (body): five; R-116 (contents list of the same document): three (D-01)",
        confidence=Confidence.LIKELY,
    )
    lock_extends: bool = answer(
        False,
        True,
        asks="Does a wrong password begin the half hour of a locked account anew?",
        source="R-117 says only that it opens 30 minutes later (D-35)",
        confidence=Confidence.GUESS,
    )
    deregistration_delay: timedelta = answer(
        timedelta(hours=1),
        timedelta(0),
        asks="How long does it take until the registration of a device is released?",
        source="R-126: up to about an hour; R-127: the next device about an hour later (D-33)",
        confidence=Confidence.LIKELY,
    )
    burn_old_ids: bool = answer(
        False,
        True,
        asks="Is a MyKey ID that its holder has changed away gone for good, as a revoked one is?",
        source="R-089 says so of revoked ones; of others nothing is said (D-16)",
        confidence=Confidence.GUESS,
    )
    password_login_needs_cert: bool = answer(
        False,
        True,
        asks="Does My Page open by ID and password only while the auth certificate is good?",
        source="R-095 forbids points while it is not; R-081 asks for ID and password alone (D-18)",
        confidence=Confidence.GUESS,
    )
    portal_links_reissue: bool = answer(
        True,
        False,
        asks="Does an account at the Myna Portal go over to the holder's next card?",
        source="R-096 says so of the MyKey ID; R-175: later logins ask for no registration (D-20)",
        confidence=Confidence.LIKELY,
    )

    def __post_init__(self) -> None:
        require_known(self, policy_questions())


def policy_questions() -> tuple[Question, ...]:
    """Every open question about the authority's side and the services, in the order of the fields."""
    return _QUESTIONS


def policy_of(answers: Mapping[str, object]) -> Policy:
    """The policy with these answers, each a value or the word for it; raise `ValueError` where there is none such."""
    by_name = {question.name: question for question in policy_questions()}
    chosen: dict[str, Any] = {}
    for name, said in answers.items():
        if name not in by_name:
            raise ValueError(f"there is no switch {name!r} of the office; there are {', '.join(by_name)}")
        known = (by_name[name].default, *by_name[name].alternatives)
        found = [each for each in known if said == each or said == getattr(each, "value", None)]
        if not found:
            raise ValueError(f"{name}: {said!r} is none of {', '.join(str(getattr(k, 'value', k)) for k in known)}")
        chosen[name] = found[0]
    return Policy(**chosen)


_QUESTIONS = questions_of(Policy)
DEFAULT = Policy()

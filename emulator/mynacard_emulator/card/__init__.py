"""The card: pure, with no I/O, no clock and no third-party import."""

from .behaviour import MEASURED, AbsentPin, Behaviour, ContactATR, questions
from .kernel import Card, execute, step
from .profile import (
    ALWAYS,
    NEVER,
    After,
    Application,
    AuthenticationKeyEF,
    File,
    InternalEF,
    KeyEF,
    Padding,
    PinEF,
    PinPath,
    Profile,
    RecordEF,
    Signer,
    TransparentEF,
)
from .question import Confidence, Question
from .retry import RetryCounter
from .state import CardState, CheckingError, Memory, ReferenceData, Session, Step

__all__ = [
    "ALWAYS",
    "MEASURED",
    "NEVER",
    "AbsentPin",
    "After",
    "Application",
    "AuthenticationKeyEF",
    "Behaviour",
    "Card",
    "CardState",
    "CheckingError",
    "Confidence",
    "ContactATR",
    "File",
    "InternalEF",
    "KeyEF",
    "Memory",
    "Padding",
    "PinEF",
    "PinPath",
    "Profile",
    "Question",
    "RecordEF",
    "ReferenceData",
    "RetryCounter",
    "Session",
    "Signer",
    "Step",
    "TransparentEF",
    "execute",
    "questions",
    "step",
]

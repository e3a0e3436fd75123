"""Conversations written down: every APDU with its meaning, and no PIN in it."""

from .exchange import Event, Exchange
from .narrator import Narrator
from .notation import LONGEST_LINE, TranscriptError, lines, masked, pin_bytes, read

__all__ = ["LONGEST_LINE", "Event", "Exchange", "Narrator", "TranscriptError", "lines", "masked", "pin_bytes", "read"]

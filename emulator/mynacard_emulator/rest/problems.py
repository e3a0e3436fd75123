"""What can be wrong with a request: a name for programs, a sentence for people, and the status that HTTP has for it."""

from __future__ import annotations

from enum import Enum, unique


@unique
class Problem(Enum):
    """A name, and its status in HTTP."""

    INVALID = "invalid_request", 400
    NO_TOKEN = "unauthorized", 401
    WRONG_HOST = "wrong_host", 403
    WRONG_ORIGIN = "wrong_origin", 403
    NOT_FOUND = "not_found", 404
    METHOD = "method_not_allowed", 405
    TOO_LATE = "request_timeout", 408
    OCCUPIED = "reader_occupied", 409
    EMPTY = "reader_empty", 409
    CONFLICT = "conflict", 409
    FULL = "too_many", 409
    TOO_LARGE = "too_large", 413
    MEDIA_TYPE = "unsupported_media_type", 415
    BUG = "internal_error", 500
    READER = "reader_failed", 503
    UNAVAILABLE = "unavailable", 503
    BUSY = "busy", 503

    @property
    def word(self) -> str:
        """The name in the answer."""
        return self.value[0]

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.value[1]


class Refused(Exception):
    """A request is not carried out, and has changed nothing; the message is one line and holds no PIN."""

    def __init__(self, problem: Problem, sentence: str) -> None:
        super().__init__(sentence)
        self.problem = problem

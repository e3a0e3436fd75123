"""Status words (ISO 7816-4:2020, 5.6): fixed codes are members of `SW`, families are functions."""

from __future__ import annotations

from enum import Enum, unique


class StatusWord(int):
    """SW1 SW2 as one number; it prints as the four hex digits that everybody reads."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{int(self):04X}"

    __str__ = __repr__

    @property
    def is_checking_error(self) -> bool:
        """Whether the card refused before execution (67XX to 6FXX), so that nothing has changed."""
        return 0x6700 <= self <= 0x6FFF


@unique
class SW(StatusWord, Enum):
    """The fixed status words of this card."""

    NO_ERROR = 0x9000
    NO_INFORMATION_GIVEN = 0x6300
    NO_SECURE_MESSAGING_ENVIRONMENT = 0x66F1
    WRONG_LENGTH = 0x6700
    LOGICAL_CHANNEL_NOT_SUPPORTED = 0x6881
    SECURE_MESSAGING_NOT_SUPPORTED = 0x6882
    COMMAND_CHAINING_NOT_SUPPORTED = 0x6884
    COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE = 0x6981
    SECURITY_STATUS_NOT_SATISFIED = 0x6982
    AUTHENTICATION_METHOD_BLOCKED = 0x6983
    REFERENCE_DATA_NOT_USABLE = 0x6984
    CONDITIONS_OF_USE_NOT_SATISFIED = 0x6985
    COMMAND_NOT_ALLOWED_NO_CURRENT_EF = 0x6986
    SECURE_MESSAGING_OBJECTS_MISSING = 0x6987
    SECURE_MESSAGING_OBJECTS_INCORRECT = 0x6988
    SECURE_MESSAGING_NOT_ALLOWED = 0x69FC
    INCORRECT_DATA = 0x6A80
    FUNCTION_NOT_SUPPORTED = 0x6A81
    FILE_OR_APPLICATION_NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    INCORRECT_P1_P2 = 0x6A86
    REFERENCED_DATA_NOT_FOUND = 0x6A88
    WRONG_P1_P2 = 0x6B00
    INSTRUCTION_NOT_SUPPORTED = 0x6D00
    CLASS_NOT_SUPPORTED = 0x6E00
    NO_PRECISE_DIAGNOSIS = 0x6F00

    __repr__ = StatusWord.__repr__
    __str__ = StatusWord.__str__


_RETRIES_LEFT = tuple(StatusWord(0x63C0 | n) for n in range(16))


def retries_left(count: int) -> StatusWord:
    """63CX: the comparison failed, or was only asked about, and `count` tries (0 to 15) are left."""
    return _RETRIES_LEFT[count]

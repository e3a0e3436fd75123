"""The life of one PIN, played at random against a counter that is kept beside it."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from mynacard_emulator.card import Card, Memory

from . import small

pytestmark = pytest.mark.property

SELECT, SELECT_OTHER = (bytes.fromhex(f"00A4040C06F001020304{last}") for last in ("01", "02"))
LIMIT = 3
VALUES = st.sampled_from([b"1234", b"0000", b"12345", b"1", b"1234567890123456"])


class PinMachine(RuleBasedStateMachine):
    """A number, a truth value and a value are all that is predicted; the card is asked for the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.stored: Memory | None = None
        self.profile = small.profile()
        self.value, self.left, self.verified = small.VALUE, LIMIT, False
        self._insert()

    def _insert(self) -> None:
        self.card = Card(self.profile, self.stored, on_memory=self._store)
        self.card.transmit(SELECT)

    def _store(self, _old: Memory, new: Memory) -> None:
        self.stored = new

    def _say(self, header: str, data: bytes = b"", le: str = "") -> str:
        lc = bytes((len(data),)) if data else b""
        return self.card.transmit(bytes.fromhex(header) + lc + data + bytes.fromhex(le)).hex().upper()

    @rule()
    def enter_the_right_value(self) -> None:
        answer = self._say("00200084", self.value)
        if self.left:
            assert answer == "9000"
            self.left, self.verified = LIMIT, True
        else:
            assert answer == "6984"

    @rule(value=VALUES)
    def enter_some_value(self, value: bytes) -> None:
        if value == self.value:
            self.enter_the_right_value()
        elif self.left:
            self.left, self.verified = self.left - 1, False
            assert self._say("00200084", value) == f"63C{self.left}"
        else:
            assert self._say("00200084", value) == "6984"

    @rule(value=VALUES)
    def change_the_value(self, value: bytes) -> None:
        assert self._say("00A4020C", bytes((0, small.PIN))) == "9000"
        answer = self._say("00240180", value)
        if self.left and self.verified:
            assert answer == "9000"
            self.value, self.left = value, LIMIT
        else:
            assert answer == ("6982" if self.left else "6984")

    @rule()
    def cut_the_power(self) -> None:
        self.card.power_off()
        self.card.power_on()
        self.card.transmit(SELECT)
        self.verified = False

    @rule()
    def reset_while_the_power_is_on(self) -> None:
        self.card.reset()

    @rule()
    def select_the_application_again(self) -> None:
        self.card.transmit(SELECT)

    @rule()
    def visit_another_application(self) -> None:
        self.card.transmit(SELECT_OTHER)
        self.card.transmit(SELECT)
        self.verified = False

    @rule(value=VALUES)
    def play_with_another_pin(self, value: bytes) -> None:
        self._say("00200085", value)

    @precondition(lambda self: self.stored is not None)
    @rule()
    def lose_the_card_and_make_it_again_from_what_was_stored(self) -> None:
        self._insert()
        self.verified = False

    @invariant()
    def the_tries_left_are_as_counted(self) -> None:
        assert self._say("00200084") == f"63C{self.left}"

    @invariant()
    def what_it_guards_is_open_exactly_while_it_is_verified(self) -> None:
        assert self._say("00B08200", le="00") == (small.CONTENT.hex().upper() + "9000" if self.verified else "6982")
        assert self._say("802A0087", b"\xaa", le="00")[-4:] == ("9000" if self.verified else "6982")


TestLifeOfAPin = PinMachine.TestCase
TestLifeOfAPin.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)

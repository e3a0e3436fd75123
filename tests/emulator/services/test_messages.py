"""What the services say to people."""

from __future__ import annotations

import re

from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.services.messages import OUTCOMES, sentence
from mynacard_emulator.services.portal import READ_ERRORS


def test_whatever_a_service_answers_is_said_in_both_languages() -> None:
    outcomes = {*OUTCOMES, *READ_ERRORS, *(refusal.value for refusal in Refusal)}
    for outcome in outcomes:
        assert sentence(outcome, "en").endswith(".")
        assert re.search(r"[ぁ-ん]", sentence(outcome, "ja"))
        assert sentence(outcome, "ja").endswith("。")


def test_no_card_alone_is_said_in_one_way_at_a_desk_and_in_another_before_a_reader() -> None:
    assert OUTCOMES.keys() & {refusal.value for refusal in Refusal} == {"no_card"}

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


def test_a_refusal_and_an_outcome_never_have_one_name() -> None:
    assert not OUTCOMES.keys() & {refusal.value for refusal in Refusal}

"""What users read: worlds in this process, a card as each test says, no PC/SC."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from jpki_login import Card, Locked, MalformedPin, NoCertificate, NotThisCard, OutcomeUnknown, WrongPin


@pytest.fixture
def card(mynacard: Any) -> Card:
    return Card(mynacard.connect())


@pytest.mark.mynacard
def test_a_right_pin_signs(card: Card) -> None:
    assert len(card.sign("1234", b"a challenge")) == 256
    assert card.certificate().startswith(b"\x30\x82")


@pytest.mark.mynacard(auth=2)
def test_the_last_try_is_announced(card: Card, mynacard: Any) -> None:
    with pytest.raises(WrongPin, match="one try is left"):
        card.enter_pin("0000")
    assert mynacard.truth.tries_left("auth") == 1


@pytest.mark.mynacard(auth=1)
def test_a_lock_sends_the_user_to_the_counter_which_resets_it(card: Card, mynacard: Any) -> None:
    with pytest.raises(Locked, match="counter of your municipality"):
        card.enter_pin("0000")

    mynacard.office.perform("counter.reset_pin", pin="auth", new="4829")
    card.enter_pin("4829")
    assert mynacard.truth.tries_left("auth") == 3


@pytest.mark.mynacard
def test_letters_cost_no_try(card: Card, mynacard: Any) -> None:
    with pytest.raises(MalformedPin):
        card.enter_pin("12a4")
    assert mynacard.truth.tries_left("auth") == 3


@pytest.mark.mynacard(profile="no-certificates")
def test_a_card_without_a_certificate_is_not_locked(card: Card) -> None:
    with pytest.raises(NoCertificate):
        card.enter_pin("1234")


@pytest.mark.mynacard(profile="other-card")
def test_another_card_is_called_another(card: Card) -> None:
    with pytest.raises(NotThisCard):
        card.enter_pin("1234")


@pytest.mark.mynacard
def test_a_card_that_is_torn_away_with_the_pin_leaves_the_user_in_no_false_belief(card: Card, mynacard: Any) -> None:
    mynacard.fault("verify:1:tear-after")
    with pytest.raises(OutcomeUnknown, match="see how many tries are left"):
        card.enter_pin("0000")
    assert mynacard.truth.tries_left("auth") == 2


@pytest.mark.mynacard(at="2036-01-01")
def test_an_expired_card_still_counts(card: Card, mynacard: Any) -> None:
    assert mynacard.truth.ends() < date(2036, 1, 1)
    assert card.tries_left() == 3

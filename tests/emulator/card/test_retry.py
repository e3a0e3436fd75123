"""The retry counter: its whole life, by table."""

from __future__ import annotations

import pytest

from mynacard_emulator.card import RetryCounter


@pytest.mark.parametrize("limit", [1, 3, 5, 10, 15])
def test_a_counter_is_spent_one_by_one_and_then_blocked(limit: int) -> None:
    counter = RetryCounter.fresh(limit)
    for left in range(limit - 1, -1, -1):
        assert not counter.blocked
        counter = counter.spend()
        assert counter == RetryCounter(limit, left)
    assert counter.blocked


@pytest.mark.parametrize("left", range(4))
def test_all_tries_come_back_from_wherever_it_stands(left: int) -> None:
    assert RetryCounter(3, left).restore() == RetryCounter.fresh(3)


def test_a_blocked_counter_has_nothing_to_spend() -> None:
    with pytest.raises(ValueError, match="-1 of 3"):
        RetryCounter(3, 0).spend()


@pytest.mark.parametrize(("limit", "left"), [(3, 4), (3, -1), (16, 1), (-1, -1)])
def test_a_number_of_tries_that_cannot_be_is_no_counter(limit: int, left: int) -> None:
    with pytest.raises(ValueError, match="is no counter"):
        RetryCounter(limit, left)

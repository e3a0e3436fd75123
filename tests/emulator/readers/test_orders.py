"""Orders for readers: what may stand on a command line and in a plan file, and what is said of everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from mynacard_emulator.readers.faults import Fault, NoFault, drawn
from mynacard_emulator.readers.faults.orders import NoPlan, Orders, orders, parse

PLAN = """
faults = ["verify:1:tear-after", "any:3:delay=0.2"]
noise = "opensc"

[readers.1]
seed = 7
count = 3
accident = "in-its-case"
"""


def test_a_line_is_about_the_first_reader() -> None:
    assert orders("verify:1:tear-after") == (Orders(faults=(Fault.parse("verify:1:tear-after"),)),)


@pytest.mark.parametrize(("given", "count"), [("random:7", 5), ("random:7:5", 5), ("random:7:1000", 1000)])
def test_faults_are_drawn_by_their_seed(given: str, count: int) -> None:
    assert orders(given) == (Orders(drawn=drawn(7, count)),)


@pytest.mark.parametrize("given", ["random:", "random:x", "random:1:0", "random:1:1001", "random:-1", "random:1:2:3"])
def test_a_draw_of_another_spelling_is_refused(given: str) -> None:
    with pytest.raises(NoFault, match="write random:SEED or random:SEED:COUNT, with up to 1000 of them"):
        orders(given)


def test_a_plan_orders_at_each_reader(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(PLAN)

    assert orders(f"@{path}") == (
        Orders(0, faults=(Fault.parse("verify:1:tear-after"), Fault.parse("any:3:delay=0.2")), noise="opensc"),
        Orders(1, drawn=drawn(7, 3), accident="in-its-case"),
    )


def test_an_empty_plan_orders_nothing() -> None:
    assert parse("# nothing yet", source="x") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("faults = 1", 'plan.faults: must be a list of lines, such as ["verify:1:tear-after"]'),
        ("faults = [1]", "plan.faults: must be a list of lines in quotes"),
        ('faults = ["verify"]', "fault 'verify': write KIND:NUMBER:EFFECT"),
        ('faults = ["random:1"]', "fault 'random:1': write KIND:NUMBER:EFFECT"),
        ('fault = ["any:1:eject"]', "plan.fault: no such key; did you mean 'faults'?"),
        ("count = 3", "plan.count: is for faults that are drawn; give their seed, too"),
        ("seed = -1", "plan.seed: must be a whole number from 0"),
        ("seed = true", "plan.seed: must be a whole number from 0"),
        ("seed = 1\ncount = 1001", "plan.count: must be a whole number from 1 to 1000"),
        ('accident = "earthquake"', "no accident is called 'earthquake'; there are upside-down"),
        ("accident = 1", "plan.accident: must be text in quotes"),
        ('noise = "silence"', "no noise is called 'silence'; there are opensc"),
        ("readers = 1", "readers: must be tables, such as [readers.1]"),
        ("[readers]\n1 = 1", "readers.1: must be a table: [readers.1]"),
        ("[readers.16]", "readers: a reader is a number from 0 to 15"),
        ("[readers.01]", "readers: a reader is a number from 0 to 15"),
        ("[readers.1]\nreaders = 1", "readers.1.readers: no such key; "),
        ('[readers.1]\n"a\\nb" = 1', "readers.1.'a\\nb': no such key; "),
        ("faults = [", "is not TOML: "),
        ("#" * 65_537, "is longer than 65,536 characters, as no plan is"),
        ("a" + ".a" * 101, "has a line with more than 100 dots, as no plan does"),
    ],
)
def test_what_is_wrong_in_a_plan_is_said_in_a_line(text: str, says: str) -> None:
    with pytest.raises(NoPlan) as raised:
        parse(text, source="plan.toml")

    assert str(raised.value).startswith(f"plan.toml: {says}")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(("content", "says"), [(None, "No such file or directory"), (b"\xff", "a plan is a TOML file")])
def test_a_plan_that_cannot_be_read_is_said_in_a_line(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "plan.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(NoPlan, match=says):
        orders(f"@{path}")

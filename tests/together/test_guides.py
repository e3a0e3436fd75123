"""What the guides tell their readers to type, beyond what other tests run for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .test_cli import mynacard

DOCS = Path(__file__).parents[2] / "docs"
HOLDERS = "for-card-holders.md"


def commands(guide: str) -> list[str]:
    return re.findall(r"^mynacard .*$", (DOCS / guide).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.pcsc
def test_a_card_holder_hears_of_a_difference_and_no_pin_is_sent(tmp_path: Path) -> None:
    record, explain, play = (line.replace("NAME OF YOUR READER", "Virtual PCD 00 00") for line in commands(HOLDERS))

    def in_stack(command: str, *options: str) -> tuple[int, str]:
        ran = mynacard("exec", *options, "--", "sh", "-c", command, cwd=tmp_path)
        return ran.status, ran.out

    assert in_stack(record) == (0, "")
    assert "how many tries are left for the auth PIN?" in in_stack(explain)[1]
    assert in_stack(play) == (0, "no difference\n")
    status, told = in_stack(play, "--state", "auth=1", "--record", "seen.trace")
    seen = re.findall(r"^> (\w+)", (tmp_path / "seen.trace").read_text(encoding="utf-8"), re.MULTILINE)
    assert (status, "63C1" in told) == (1, True)
    assert [command for command in seen if command.startswith("002000") and command != "00200080"] == []

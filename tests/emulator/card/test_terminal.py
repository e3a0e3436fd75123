"""A terminal that needs no PIN: two blocks, and what they open; by conversation with the small card."""

from __future__ import annotations

import pytest

from . import small
from .conversation import ask, hold

IN_FIRST = "> 00 A4 04 0C 06 [first] -> 9000\n"
AT_KEY = "> 00 A4 02 0C 02 00 0E -> 9000\n"
CERTIFICATE, SIGNATURE = "> [certificate] -> 9000\n", "> [signature] -> 9000\n"
AUTHENTICATED = IN_FIRST + CERTIFICATE + AT_KEY + SIGNATURE
SIGN = "80 2A 00 87 01 AA 00"
SIGNED = small.sign(b"\xaa").hex().upper() + "9000"


def test_a_terminal_uses_the_key_without_its_pin_and_opens_nothing_else() -> None:
    card = small.card()
    hold(card, IN_FIRST + f"> {SIGN} -> 6982\n" + AUTHENTICATED, **small.GIVEN)

    assert ask(card, SIGN) == ask(card, SIGN) == SIGNED
    assert ask(card, "00 B0 82 00 00") == "6982"
    assert ask(card, "00 20 00 84") == "63C3"
    hold(card, "> 00 A4 02 0C 02 00 04 -> 9000\n> 00 24 01 80 04 30303030 -> 6982")


def test_a_terminal_uses_the_key_of_a_blocked_pin() -> None:
    card = small.card()
    hold(card, IN_FIRST + 3 * "> 00 20 00 84 04 30303030 -> 63 ..\n" + AUTHENTICATED, **small.GIVEN)

    assert ask(card, SIGN) == SIGNED


@pytest.mark.parametrize(
    ("event", "then"),
    [
        pytest.param("* reset", SIGNED, id="it survives a warm reset"),
        pytest.param(IN_FIRST, SIGNED, id="and SELECT of the same application"),
        pytest.param("> 00 20 00 84 04 30303030 -> 63C2", SIGNED, id="and a wrong PIN"),
        pytest.param("* power off", "6982", id="power-off ends it"),
        pytest.param("> 00 A4 04 0C 06 [second] -> 9000", "6982", id="and SELECT of another application"),
    ],
)
def test_authentication_lasts_as_long_as_a_verified_pin(event: str, then: str) -> None:
    card = small.card()
    hold(card, AUTHENTICATED + event + "\n" + IN_FIRST, **small.GIVEN)

    assert ask(card, SIGN) == then


@pytest.mark.parametrize(
    ("before", "command", "answer"),
    [
        pytest.param("", "80 A2 06 C1 00 01 33 [zeros_307]", "6A80", id="no data object"),
        pytest.param("", "80 A2 00 C1 00 01 05 [zeros_261]", "6A80", id="nor here"),
        pytest.param("", "80 A2 00 C1 00 01 05 [cut_short]", "6A80", id="a data object that does not end"),
        pytest.param("", "80 A2 00 C1 00 01 05 [and_more]", "6A80", id="a data object and more"),
        pytest.param("", "80 A2 06 C1 00 01 33 5F4D [certificate_value]", "6A80", id="the tag before"),
        pytest.param("", "80 A2 06 C1 00 01 33 5F4F [certificate_value]", "6A80", id="the tag after"),
        pytest.param(CERTIFICATE + AT_KEY, "80 A2 00 C1 00 01 05 5F36 [signature_value]", "6A80", id="and here before"),
        pytest.param(CERTIFICATE + AT_KEY, "80 A2 00 C1 00 01 05 5F38 [signature_value]", "6A80", id="and here after"),
        pytest.param("", "80 A2 06 C1 00 01 34 [longer]", "6700", id="a longer certificate"),
        pytest.param("", "80 A2 00 C1 00 01 00 [zeros_256]", "6700", id="a signature of another length"),
        pytest.param("", "80 A2 06 C1 00 01 00 [zeros_256]", "6700", id="a certificate of another length"),
        pytest.param("", "80 A2 06 C1", "6700", id="nothing"),
        pytest.param("", "80 A2 00 B6", "6A86", id="wrong parameters"),
        pytest.param("", "[signature]", "6985", id="the second block alone"),
        pytest.param(CERTIFICATE + AT_KEY, "80 A2 00 C1 00 01 05 [forged]", "6A80", id="a forged signature"),
        pytest.param(CERTIFICATE, "[signature]", "6986", id="without the key file"),
        pytest.param(CERTIFICATE + IN_FIRST + AT_KEY, "[signature]", "6985", id="a SELECT in between"),
        pytest.param(CERTIFICATE + AT_KEY + SIGNATURE, "[signature]", "6985", id="the second block twice"),
        pytest.param("> 00 A4 04 0C 06 [second] -> 9000\n", "[certificate]", "6A80", id="where there is no key"),
        pytest.param("* power off\n", "[certificate]", "6A80", id="above all applications"),
    ],
)
def test_what_is_refused_to_a_terminal(before: str, command: str, answer: str) -> None:
    card = small.card()
    blocks = {
        "zeros_307": bytes(307),
        "zeros_261": bytes(261),
        "zeros_256": bytes(256),
        "cut_short": bytes.fromhex("5F37820101") + bytes(256),
        "and_more": bytes.fromhex("5F378200FF") + bytes(256),
        "forged": bytes.fromhex("5F37820100") + bytes(256),
        "certificate_value": small.CERTIFICATE[9:],
        "signature_value": small.SIGNATURE[9:],
        "longer": bytes.fromhex("5F4E82012F") + bytes(303),
    }
    hold(card, IN_FIRST + before, **small.GIVEN)
    state = card.state

    assert ask(card, command, **blocks, **small.GIVEN) == answer
    assert card.state == state


def test_a_terminal_that_authenticates_itself_again_stays_authenticated() -> None:
    card = small.card()
    hold(card, 2 * AUTHENTICATED, **small.GIVEN)

    assert ask(card, SIGN) == SIGNED


def test_a_terminal_may_select_other_files_between_its_blocks() -> None:
    script = "> 00 A4 02 0C 02 00 01 -> 9000\n> 00 A4 00 00 -> 9000\n> 00 20 00 84 04 [value] -> 9000\n"

    hold(small.card(), IN_FIRST + CERTIFICATE + script + AT_KEY + SIGNATURE, **small.GIVEN)

"""What clients of many makes say to a card, each by what is peculiar to it."""

from __future__ import annotations

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.card import Card, Profile
from tests.emulator.card.conversation import ask, hold
from tests.emulator.card.held import given


@pytest.fixture(scope="module")
def adult() -> Profile:
    return profiles.adult()


CONVERSATIONS = [
    pytest.param(
        """
        > 00 A4 04 00 07 62 76 01 FF 00 00 00           -> 6A82
        > 00 A4 04 00 06 A0 00 00 00 01 01              -> 6A82
        > 00 A4 04 00 0B E8 2B 06 01 04 01 81 C3 1F 02 01 00 -> 6A82
        > 00 A4 04 00 09 A0 00 00 03 08 00 00 10 00 00  -> 6A82
        > 00 A4 04 00 07 A0 00 00 01 16 DB 00           -> 6A82
        > 00 A4 04 00 07 A0 00 00 00 79 10 00           -> 6A82
        > 00 A4 04 00 07 A0 00 00 00 79 01 00           -> 6A82
        > 00 A4 04 00 07 A0 00 00 00 79 01 0F           -> 6A82
        > 00 A4 04 00 0C F2 76 A2 88 BC FB A6 9D 34 F3 10 01 -> 6A82
        > 00 A4 04 00 09 A0 00 00 03 97 42 54 46 59 00  -> 6A82
        > 00 A4 04 00 06 D2 76 00 01 24 01              -> 6A82
        > 00 CA DF 30 05                                -> 6. ..
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 02 0C 02 00 18                          -> 9000
        > 00 20 00 80                                   -> 63C3
        > 00 A4 02 0C 02 00 1B                          -> 9000
        > 00 20 00 80                                   -> 63C5
        """,
        id="asks for foreign applications first, then binds by the tries of both PINs",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 02 0C 02 00 18                          -> 9000
        > 00 20 00 80 04 [auth]                         -> 9000
        > 00 20 00 80                                   -> 63C3
        > 00 A4 02 0C 02 00 17                          -> 9000
        > 80 2A 00 80 33 [digest_info] 00               -> {256} 9000
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 02 0C 02 00 17                          -> 9000
        > 80 2A 00 80 33 [digest_info] 00               -> {256} 9000
        """,
        id="logs out by SELECT, and is still logged in",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 02 0C 02 00 01                          -> 9000
        > 00 B0 00 00 04                                -> 6982
        > 00 A4 02 0C 02 00 1B                          -> 9000
        > 00 20 00 80 06 [sign]                         -> 9000
        > 00 A4 02 0C 02 00 01                          -> 9000
        > 00 B0 00 00 04                                -> 30 82 .. .. 9000
        > 00 A4 02 0C 02 00 1A                          -> 9000
        > 80 2A 00 80 33 [digest_info] 00               -> {256} 9000
        > 00 A4 02 0C 02 00 1B                          -> 9000
        > 00 20 00 80 06 [sign]                         -> 9000
        > 00 A4 02 0C 02 00 1A                          -> 9000
        > 80 2A 00 80 33 [digest_info] 00               -> {256} 9000
        """,
        id="meets the guarded certificate, and verifies again before every signature",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 02 0C 02 00 1B                          -> 9000
        > 00 20 00 80                                   -> 63C5
        > 00 20 00 80 06 303030303030                   -> 63C4
        > 00 20 00 80                                   -> 63C4
        > 00 20 00 80 06 [sign]                         -> 9000
        > 00 A4 02 0C 02 00 01                          -> 9000
        > 00 B0 00 00 04                                -> 30 82 .. .. 9000
        > 00 B0 00 04 00                                -> {256} 9000
        > 00 A4 02 0C 02 00 1A                          -> 9000
        > 80 2A 00 80 33 [digest_info] 00               -> {256} 9000
        """,
        id="asks, verifies, reads on from the header, signs",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 02 0C 02 00 18                          -> 9000
        > 00 20 00 80 04 30303030                       -> 63C2
        > 00 20 00 80 04 30303030                       -> 63C1
        > 00 20 00 80 04 30303030                       -> 63C0
        > 00 20 00 80 04 [auth]                         -> 6984
        > 00 A4 02 0C 02 00 0A                          -> 9000
        > 00 B0 00 00 04                                -> 30 82 .. .. 9000
        > 00 B0 00 00 00 01 00                          -> {256} 9000
        > 00 B0 01 00 00 01 00                          -> {256} 9000
        """,
        id="tells 63C0 from 6984, and reads with extended Le in a loop",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 02 0C 02 00 1B                          -> 9000
        > 00 20 00 80                                   -> 63C5
        > 00 20 00 80 06 [sign]                         -> 9000
        > 00 A4 02 0C 02 00 01                          -> 9000
        > 00 B0 00 00 08                                -> 30 82 .. .. {4} 9000
        > 00 B0 00 08 FF                                -> {255} 9000
        > 00 A4 02 0C 02 00 1A                          -> 9000
        > 80 2A 00 80 33 [digest_info] 00               -> {256} 9000
        """,
        id="uses short lengths alone, 8 bytes and then pages of 255",
    ),
    pytest.param(
        """
        > 00 A4 04 00 0A [jpki] 00                      -> 6F {13} 9000
        > 00 A4 02 0C 02 00 06                          -> 9000
        > 00 B0 00 00 14                                -> 4A504B494150494343544F4B454E32 {5} 9000
        > 00 A4 02 0C 02 00 18                          -> 9000
        > 00 20 00 80                                   -> 63C3
        > 00 A4 02 0C 02 00 1B                          -> 9000
        > 00 20 00 80                                   -> 63C5
        > 00 A4 04 0C 0A [text_ap]                      -> 9000
        > 00 A4 02 0C 02 00 11                          -> 9000
        > 00 20 00 80                                   -> 63C3
        > 00 20 00 80 04 [text]                         -> 9000
        > 00 A4 02 0C 02 00 01                          -> 9000
        > 00 B0 00 00 11                                -> FF 10 0C [number_a] FF FF 9000
        """,
        id="finds the application selected by the telephone, and reads the token's name",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [text_ap]                      -> 9000
        > 00 A4 02 0C 02 00 11                          -> 9000
        > 00 20 00 80                                   -> 63C3
        > 00 20 00 80 04 [text]                         -> 9000
        > 00 A4 02 0C 02 00 01                          -> 9000
        > 00 B0 00 00 10                                -> FF 10 0C [number_a] FF 9000
        > 00 B0 00 00 FF                                -> FF 10 0C [number_a] FF FF 9000
        > 00 A4 02 0C 02 00 02                          -> 9000
        > 00 B0 00 00 FF                                -> FF 20 59 DF 21 08 00 0E {247} 9000
        """,
        id="asks for more bytes than the file has",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [text_ap]                      -> 9000
        > 00 A4 02 0C 02 00 11                          -> 9000
        > 00 20 00 80 04 30303030                       -> 63C2
        > 00 20 00 80 04 [text]                         -> 9000
        > 00 A4 02 0C 02 00 01                          -> 9000
        > 00 B0 00 00 10                                -> FF 10 0C [number_a] FF 9000
        > 00 A4 02 0C 02 00 02                          -> 9000
        > 00 B0 00 00 07                                -> FF 20 59 DF 21 08 00 9000
        > 00 B0 00 07 55                                -> 0E {84} 9000
        """,
        id="reads 7 bytes of the attributes, then the rest",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [text_ap]                      -> 9000
        > 00 A4 02 0C 02 00 11                          -> 9000
        > 00 20 00 80 04 [text]                         -> 9000
        > 00 A4 02 0C 02 00 01                          -> 9000
        > 00 B0 00 00 00                                -> FF 10 0C [number_a] FF FF 9000
        > 00 A4 02 0C 02 00 02                          -> 9000
        > 00 B0 00 02 01                                -> 59 9000
        > 00 B0 00 00 71                                -> FF 20 59 {110} 9000
        """,
        id="reads the length of the attributes by itself, and the My Number with Le 00",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 02 0C 02 00 1B                          -> 9000
        > 00 20 00 80                                   -> 63C5
        > 00 20 00 80 00                                -> 6700
        > 00 20 00 80 06 [sign]                         -> 9000
        > 00 A4 02 0C 02 00 01                          -> 9000
        > 00 B0 00 00 E0                                -> 30 82 {222} 9000
        > 00 B0 0E 00 E0                                -> {224} 9000
        > 00 B0 0E E0 E0                                -> 6B00
        > 00 A4 02 0C 02 00 1A                          -> 9000
        > 80 2A 00 80 33 [digest_info] 00               -> {256} 9000
        """,
        id="asks with four bytes, then with five, and reads blindly to the end",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 02 0C 02 00 06                          -> 9000
        > 00 B0 00 00 20                                -> 4A504B494150494343544F4B454E32 {17} 9000
        > 00 A4 02 0C 02 00 18                          -> 9000
        > 00 20 00 80 04 [auth]                         -> 9000
        > 00 A4 02 0C 02 00 1B                          -> 9000
        > 00 20 00 80 06 [sign]                         -> 9000
        > 00 A4 02 0C 02 00 0A                          -> 9000
        > 00 B0 00 00 04                                -> 30 82 .. .. 9000
        > 00 B0 00 00 00 02 00                          -> 30 82 {510} 9000
        > 00 A4 02 0C 02 00 01                          -> 9000
        > 00 B0 00 00 04                                -> 30 82 .. .. 9000
        > 00 A4 04 0C 0A [text_ap]                      -> 9000
        > 00 A4 02 0C 02 00 11                          -> 9000
        > 00 20 00 80 04 [text]                         -> 9000
        > 00 A4 02 0C 02 00 01                          -> 9000
        > 00 B0 00 00 11                                -> FF 10 0C [number_a] FF FF 9000
        > 00 A4 02 0C 02 00 02                          -> 9000
        > 00 B0 00 02 01                                -> 59 9000
        > 00 B0 00 00 5C                                -> FF 20 59 {89} 9000
        > 00 A4 02 0C 02 00 03                          -> 9000
        > 00 B0 00 00 00 01 50                          -> FF 30 82 01 4B {331} 9000
        > 00 A4 02 0C 02 00 04                          -> 9000
        > 00 B0 00 00 00 02 38                          -> 7F 21 82 02 33 {563} 9000
        > 00 A4 02 0C 02 00 05                          -> 9000
        > 00 B0 00 00 00 01 00                          -> FF 40 82 00 9F {251} 9000
        """,
        id="verifies both PINs at once, and reads whole files with extended Le",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 02 0C 02 00 0A                          -> 9000
        > 00 B0 00 00 04                                -> 30 82 .. .. 9000
        > 00 B0 00 00 00                                -> 30 82 {254} 9000
        > 00 B0 01 00 00                                -> {256} 9000
        > 00 B0 0E 00 00                                -> {224} 9000
        > 00 A4 02 0C 02 00 18                          -> 9000
        > 00 20 00 80 04 [auth]                         -> 9000
        > 00 A4 02 0C 02 00 17                          -> 9000
        > 80 2A 00 80 33 [digest_info] 00               -> {256} 9000
        > 00 A4 04 0C 0A [text_ap]                      -> 9000
        > 00 A4 02 0C 02 00 11                          -> 9000
        > 00 20 00 80 04 [text]                         -> 9000
        > 00 A4 02 0C 02 00 02                          -> 9000
        > 00 B0 00 00 00                                -> FF 20 59 {253} 9000
        """,
        id="counts offsets in pages of 256, the last of which is short",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [text_ap]                      -> 9000
        > 00 A4 02 0C 02 00 11                          -> 9000
        > 00 20 00 80 04 [text]                         -> 9000
        > 00 A4 02 0C 02 00 01                          -> 9000
        > 00 B0 00 00 00                                -> FF 10 0C [number_a] FF FF 9000
        > 00 A4 02 0C 02 00 02                          -> 9000
        > 00 B0 00 02 01                                -> 59 9000
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 02 0C 02 00 0A                          -> 9000
        > 00 B0 00 00 04                                -> 30 82 .. .. 9000
        > 00 B0 00 04 00 02 00                          -> {512} 9000
        """,
        id="goes from one application to the other, and reads on with extended Le",
    ),
    pytest.param(
        """
        * power off
        * power on
        > 00 A4 00 00                                   -> 6A86
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 00 00                                   -> 9000
        > 00 20 00 9B                                   -> 63C5
        > 00 20 00 9B 06 [sign]                         -> 9000
        > 80 2A 00 9A 33 [digest_info] 00               -> {256} 9000
        > 80 2A 00 9A 33 [digest_info] 00               -> {256} 9000
        > 80 2A 00 97 33 [digest_info] 00               -> 6982
        > 00 A4 04 0C 07 [isd]                          -> 9000
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 80 2A 00 9A 33 [digest_info] 00               -> 6982
        """,
        id="names keys by short identifier, and selects the level above to lock up",
    ),
    pytest.param(
        """
        > 00 A4 04 00 0A [text_ap] 00                   -> 6F {13} 9000
        > 00 20 00 91                                   -> 63C3
        > 00 20 00 94                                   -> 63CA
        > 00 20 00 95                                   -> 63CA
        > 00 20 00 94 0C [number_a]                     -> 9000
        > 00 B0 81 00 00 00 00                          -> FF 10 0C [number_a] FF FF 9000
        > 00 B0 82 00 00 00 00                          -> 6982
        > 00 20 00 95 0E [number_b]                     -> 9000
        > 00 B0 82 00 00 00 00                          -> FF 20 59 {1021} 9000
        > 00 20 00 91 04 [text]                         -> 9000
        > 00 B0 85 00 00 00 00                          -> FF 40 82 00 9F {251} 9000
        """,
        id="selects with control information, and names every file by short identifier",
    ),
    pytest.param(
        """
        > 00 A4 04 00 0A [jpki]                         -> 9000
        > 00 20 00 98                                   -> 63C3
        > 00 A4 00 0C                                   -> 9000
        > 00 20 00 98                                   -> 63C3
        """,
        id="selects without Le, through a telephone that turns a reset into SELECT with no name",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [text_ap]                      -> 9000
        > 00 A4 02 0C 02 00 11                          -> 9000
        > 00 20 00 80                                   -> 63C3
        > 00 A4 02 0C 02 00 14                          -> 9000
        > 00 20 00 80                                   -> 63CA
        > 00 A4 02 0C 02 00 15                          -> 9000
        > 00 20 00 80                                   -> 63CA
        > 00 A4 02 0C 02 00 12                          -> 9000
        > 00 20 00 80                                   -> 63C0
        """,
        id="prints the tries of every PIN there is",
    ),
    pytest.param(
        """
        > 00 A4 04 0C 0A [jpki]                         -> 9000
        > 00 A4 02 0C 02 00 18                          -> 9000
        > 00 20 00 80 04 [auth]                         -> 9000
        > 00 24 01 80 04 39383736                       -> 9000
        > 00 20 00 80 04 39383736                       -> 9000
        > 00 20 00 80 04 [auth]                         -> 63C2
        """,
        id="changes a PIN after its VERIFY",
    ),
]


@pytest.mark.parametrize("script", CONVERSATIONS)
def test_a_client_that(adult: Profile, script: str) -> None:
    hold(Card(adult), script, **given(adult))


@pytest.mark.parametrize("application", ["jpki", "text_ap"])
@pytest.mark.parametrize("verified", [False, True], ids=["before any PIN", "after a PIN"])
def test_a_prober_that_fires_at_every_file_gets_answers_and_costs_no_try(
    adult: Profile, application: str, *, verified: bool
) -> None:
    card, words = Card(adult), given(adult)
    pin = "00 20 00 98 04 [auth]" if application == "jpki" else "00 20 00 91 04 [text]"
    hold(card, f"> 00 A4 04 0C 0A [{application}] -> 9000\n" + (f"> {pin} -> 9000" if verified else ""), **words)
    memory = card.state.memory
    for fid in range(0x30):
        found = ask(card, f"00 A4 02 0C 02 {fid:04X}")
        assert found in ("9000", "6A82")
        for shot in PROBES if found == "9000" else ():
            sw = int(ask(card, shot)[-4:], 16)
            assert sw == 0x9000 or 0x63C0 <= sw <= 0x63CF or 0x6700 <= sw <= 0x6EFF

    assert card.state.memory is memory


PROBES = (
    "00 B0 00 00 00",
    "00 B0 00 00 00 00 00",
    "00 B2 01 04 00",
    "00 88 00 80 08 0000000000000000 00",
    "80 82 00 80",
    "00 20 00 80",
    "00 20 00 80 00",
    "80 2A 03 80 01 00 00",
    "80 2A 00 80 01 00 00",
    "00 2A 9E 9A 01 00 00",
    "00 2A 80 86 01 00 00",
    "80 A2 00 C1 08 0000000000000000",
    "80 FC 00 00",
    "00 84 00 00 08",
    "00 CA 00 42 00",
)

"""What Hypothesis draws for the small card: behaviours, commands that mostly mean something, and lives made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hypothesis import strategies as st

from mynacard_emulator.card import Behaviour, CardState, Profile, ReferenceData, Step, questions, step
from mynacard_emulator.iso7816 import CommandAPDU

from . import small

BYTE = st.integers(0, 255)
NAMES = (small.FIRST, small.SECOND, small.THIRD, bytes.fromhex("A0000001510000"))

BEHAVIOURS = st.builds(
    Behaviour,
    **{question.name: st.sampled_from((question.default, *question.alternatives)) for question in questions()},
)

VALUES = st.sampled_from([small.VALUE, small.OTHER_VALUE, small.SECOND_VALUE, b"0000"]) | st.binary(max_size=18)
REFERENCES = st.sampled_from([0x80, 0x84]) | st.integers(0x80, 0x8A)
SIGNED_BY = st.sampled_from([0x87, 0x00]) | REFERENCES
SIGNED_DATA = st.binary(max_size=260) | st.binary(min_size=32, max_size=32)
NE = st.sampled_from([0, 1, 16, 256, 65536])
PREFIXES = st.builds(lambda name, length: name[:length], st.sampled_from(NAMES), st.integers(1, 7))
FIDS = st.integers(0, 0x0B).map(lambda fid: bytes((0, fid)))


def _commands(
    cla: int, ins: int, p1: st.SearchStrategy[int], p2: st.SearchStrategy[int], data: st.SearchStrategy[bytes]
) -> st.SearchStrategy[CommandAPDU]:
    return st.builds(CommandAPDU, st.just(cla), st.just(ins), p1, p2, data, NE)


EMPTY = st.just(b"")
MEANINGFUL = st.one_of(
    _commands(0x00, 0xA4, st.just(4), st.sampled_from([0x00, 0x02, 0x0C, 0x0E]), PREFIXES).filter(
        lambda command: not (command.p2 & 0x0C and command.ne)
    ),
    st.builds(CommandAPDU, st.just(0), st.just(0xA4), st.just(2), st.just(0x0C), FIDS),
    st.builds(CommandAPDU, st.just(0), st.just(0xA4), st.just(0), st.just(0)),
    _commands(0x00, 0xB0, st.sampled_from([0x00, 0x81, 0x82, 0x89]) | REFERENCES, st.integers(0, 20) | BYTE, EMPTY),
    _commands(0x00, 0xB2, st.integers(0, 4), st.sampled_from([0x04, 0x05, 0x5C, 0x5D, 0x64, 0x0C]), EMPTY),
    st.builds(
        CommandAPDU, st.just(0), st.just(0xCA), st.sampled_from([0x00, 0x5F]), st.sampled_from([0x42, 0x51, 0xF8])
    ),
    st.builds(CommandAPDU, st.just(0), st.just(0x20), st.just(0), REFERENCES, VALUES),
    st.builds(CommandAPDU, st.just(0), st.just(0x24), st.just(1), st.sampled_from([0x80, 0x84]), VALUES),
    st.builds(CommandAPDU, st.just(0x80), st.just(0x32), st.just(0), st.sampled_from([0x80, 0x84]), VALUES),
    st.builds(CommandAPDU, st.just(0x80), st.just(0x2C), st.just(2), REFERENCES, VALUES),
    st.builds(CommandAPDU, st.just(0x80), st.just(0x2C), st.just(3), REFERENCES),
    _commands(0x00, 0x84, st.integers(0, 1), st.just(0), EMPTY),
    _commands(0x00, 0x88, st.just(0), st.sampled_from([0x8D, 0x87, 0x80]), VALUES),
    st.builds(CommandAPDU, st.just(0x80), st.just(0xAE), st.just(0), st.just(0), VALUES),
    st.builds(CommandAPDU, st.just(0x80), st.just(0xA2), st.sampled_from([0x00, 0x06]), st.just(0xC1), VALUES),
    st.builds(
        CommandAPDU,
        st.sampled_from([0x08, 0x08, 0x0C]),
        st.sampled_from([0xA4, 0xB0, 0x20, 0xB2]),
        REFERENCES,
        st.integers(0, 20),
        st.sampled_from([b"\x96\x03\0\0\0", b"\x96\x03\0\0\x10", b"\x86\x11\x01" + bytes(16)]) | VALUES,
    ),
    st.builds(
        CommandAPDU,
        st.just(0x80),
        st.just(0x2A),
        st.integers(0, 6),
        SIGNED_BY,
        SIGNED_DATA,
        st.sampled_from([256, 512]),
    ),
)
STRUCTURED = st.builds(
    CommandAPDU,
    st.sampled_from([0x00, 0x80, 0x08, 0x0C]) | BYTE,
    st.sampled_from([0x20, 0x24, 0x2A, 0xA4, 0xB0]) | BYTE,
    BYTE,
    BYTE,
    VALUES | st.binary(max_size=300),
    NE,
)
RAW = MEANINGFUL.map(CommandAPDU.encode) | STRUCTURED.map(CommandAPDU.encode) | st.binary(max_size=300)
"""Commands as bytes: sensible ones, absurd ones, and what is none at all."""

SELECT, AT_PIN, HIT = "00A4040C06F00102030401", "00A4020C020004", "002000840431323334"
BEGINNINGS = (
    (),
    (SELECT, AT_PIN),
    (SELECT, AT_PIN, HIT),
    (SELECT, HIT, "002000850100", "00200085" + "06" + small.OTHER_VALUE.hex()),
    (SELECT, HIT, "00200084" + "04" + "30" * 4, "00200084" + "04" + "30" * 4),
    (SELECT, *("00200084" + "04" + "30" * 4,) * 3),
    (SELECT, HIT, small.SET_SESSION_KEY.hex()),
    (SELECT, small.CERTIFICATE.hex(), "00A4020C02000E", small.SIGNATURE.hex()),
)
"""What a card may have heard already: nothing, a success, misses, a session key, a terminal."""

LIVES = st.builds(
    lambda beginning, rest: [*map(bytes.fromhex, beginning), *rest],
    st.sampled_from(BEGINNINGS),
    st.lists(MEANINGFUL.map(CommandAPDU.encode) | RAW, max_size=8),
)


class Lived(NamedTuple):
    """One command in a card's life: the state it met, its bytes, and what it did."""

    before: CardState
    raw: bytes
    did: Step

    def changed(self) -> list[tuple[ReferenceData, ReferenceData]]:
        """The reference data that is not what it was: old and new."""
        old, new = self.before.memory.reference_data, self.did.state.memory.reference_data
        assert old.keys() == new.keys()
        return [(old[path], new[path]) for path in old if old[path] != new[path]]


def live(profile: Profile, commands: Iterable[bytes]) -> Iterator[Lived]:
    """Let a new card hear these commands, one after the other."""
    state = CardState.issued(profile)
    for raw in commands:
        did = step(profile, state, raw)
        yield Lived(state, raw, did)
        state = did.state

"""Rules that hold for every command, in every state, under every answer to the open questions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_emulator.card import Behaviour, Card, CardState, PinPath, Profile, Session, questions, step
from mynacard_emulator.iso7816 import CommandAPDU

from . import small
from .drawn import BEHAVIOURS, FIDS, HIT, LIVES, NAMES, PREFIXES, RAW, SELECT, VALUES, live
from .protected import Client

pytestmark = pytest.mark.property

DEFAULT = small.profile()
VARIANTS = [
    pytest.param(small.profile(**{question.name: answer}), id=f"{question.name}={answer}")
    for question in questions()
    for answer in question.alternatives
]


@pytest.mark.parametrize("profile", [pytest.param(DEFAULT, id="as measured"), *VARIANTS])
@settings(max_examples=25, deadline=None)
@given(commands=LIVES)
def test_a_refusal_leaves_the_memory_untouched_and_of_the_session_all_but_secure_messaging(
    profile: Profile, commands: list[bytes]
) -> None:
    for lived in live(profile, commands):
        if lived.did.response.sw.is_checking_error:
            assert lived.did.state.memory is lived.before.memory
            assert lived.did.response.data == b""
            session = replace(lived.before.session, asleep=False)
            if session.channel is not None and lived.raw[:1] in (b"\x08", b"\x0c"):
                session = _after_refused_message(profile, session, lived.did.state.session)
            assert lived.did.state.session == session


def _after_refused_message(profile: Profile, before: Session, after: Session) -> Session:
    """What may have become of the session: the message was counted, or not, or it was the last."""
    assert before.channel is not None
    if after.channel is None:
        keeps = profile.behaviour.broken_messaging_keeps_verified
        return replace(before, channel=None, verified=before.verified if keeps else frozenset())
    assert after.channel.key == before.channel.key
    assert after.channel.count - before.channel.count in (0, 1)
    return replace(before, channel=after.channel)


@settings(deadline=None)
@given(BEHAVIOURS, LIVES)
def test_memory_changes_only_by_commands_that_carry_a_pin_or_reset_its_tries(
    behaviour: Behaviour, commands: list[bytes]
) -> None:
    for lived in live(small.behaving(behaviour), commands):
        changed = lived.changed()
        assert len(changed) <= 1
        for old, new in changed:
            assert lived.raw[:2] in (b"\x00\x20", b"\x00\x24", b"\x80\x2c", b"\x80\x32", b"\x08\x20")
            assert old.value == new.value or lived.raw[1] in (0x24, 0x2C, 0x32)
            assert old.counter.limit == new.counter.limit


@settings(deadline=None)
@given(BEHAVIOURS, LIVES)
def test_tries_rise_by_a_success_only_and_fall_one_by_one(behaviour: Behaviour, commands: list[bytes]) -> None:
    for lived in live(small.behaving(behaviour), commands):
        for old, new in lived.changed():
            if new.counter.left < old.counter.left:
                assert new.counter == old.counter.spend()
                assert lived.did.response.sw == 0x63C0 | new.counter.left
            else:
                assert lived.did.response.sw == 0x9000
                assert not old.counter.blocked
                assert new.counter.left == new.counter.limit


@settings(deadline=None)
@given(BEHAVIOURS, LIVES)
def test_a_session_is_about_what_the_card_has(behaviour: Behaviour, commands: list[bytes]) -> None:
    profile = small.behaving(behaviour)
    securing = {path.fid for path in profile.pins} | {small.TERMINAL}
    for lived in live(profile, commands):
        session = lived.did.state.session
        if session.aid is None:
            assert session == Session(asleep=session.asleep)
        else:
            assert session.fid is None or session.fid in profile.by_aid[session.aid].by_fid
            assert session.verified <= securing
            assert session.channel is None or session.aid == small.FIRST


@settings(deadline=None)
@given(BEHAVIOURS, LIVES)
def test_a_pin_becomes_verified_by_its_own_value_only(behaviour: Behaviour, commands: list[bytes]) -> None:
    for lived in live(small.behaving(behaviour), commands):
        before, after = lived.before.session, lived.did.state.session
        for fid in after.verified - before.verified - {small.TERMINAL}:
            assert before.aid is not None
            value = lived.before.memory.reference_data[PinPath(before.aid, fid)].value
            assert CommandAPDU.decode(lived.raw).data == value
            assert (lived.raw[1], lived.did.response.sw) == (0x20, 0x9000)


@settings(deadline=None)
@given(BEHAVIOURS, LIVES)
def test_the_same_command_in_the_same_state_does_the_same(behaviour: Behaviour, commands: list[bytes]) -> None:
    first, second = small.behaving(behaviour), small.behaving(behaviour)
    for lived in live(first, commands):
        assert step(second, lived.before, lived.raw) == lived.did


@settings(deadline=None)
@given(
    BEHAVIOURS,
    st.lists(
        st.tuples(st.just("00A4020C"), FIDS)
        | st.tuples(st.just("00200085"), VALUES.filter(bool))
        | st.tuples(st.sampled_from(["00B08200", "00B08902", "00B08300", "00B00000"]), st.integers(0, 700))
    ),
)
def test_a_protected_command_does_what_the_plain_one_does(
    behaviour: Behaviour, commands: list[tuple[str, bytes | int]]
) -> None:
    profile = small.behaving(replace(behaviour, protected_empty_answer=False, first_command_fails=False))
    plain, protected = (Card(profile) for _ in range(2))
    for card in (plain, protected):
        for raw in (SELECT, HIT, small.SET_SESSION_KEY.hex()):
            card.transmit(bytes.fromhex(raw))
    client = Client(protected)
    for header, rest in commands:
        if isinstance(rest, int):
            answer = plain.transmit(bytes.fromhex(header) + b"\0" + rest.to_bytes(2, "big"))
            assert client.read(f"08{header[2:]}", rest) == (answer[:-2], answer[-2:].hex().upper())
        else:
            answer = plain.transmit(bytes.fromhex(header) + bytes((len(rest),)) + rest)
            assert client.send(f"08{header[2:]}", rest) == (b"", answer.hex().upper())
        assert protected.state.memory == plain.state.memory
        assert replace(protected.state.session, channel=None) == replace(plain.state.session, channel=None)


@settings(deadline=None)
@given(LIVES)
def test_the_shell_says_and_remembers_what_the_function_does(commands: list[bytes]) -> None:
    card = Card(DEFAULT)
    for lived in live(DEFAULT, commands):
        assert card.transmit(lived.raw) == lived.did.response.encode()
        assert card.state == lived.did.state


@settings(deadline=None)
@given(RAW, st.sampled_from([(), ("00A4040C06F00102030401",), ("00A4040C06F00102030401", "002000840431323334")]))
def test_whatever_the_bytes_there_is_an_answer(raw: bytes, heard: tuple[str, ...]) -> None:
    answer = step(DEFAULT, small.state_after(DEFAULT, *heard), raw).response.encode()

    assert len(answer) >= 2
    assert answer[-2] in (0x90, 0x63, *range(0x66, 0x70))


@settings(deadline=None)
@given(PREFIXES)
def test_any_beginning_of_a_name_selects_each_application_that_has_it_in_turn(prefix: bytes) -> None:
    state, found = CardState.issued(DEFAULT), []
    command = CommandAPDU(0x00, 0xA4, 0x04, 0x0C, prefix).encode()
    while True:
        after, response = step(DEFAULT, state, command)
        if response.sw != 0x9000:
            break
        state = after
        found.append(state.session.aid or NAMES[-1])
        command = CommandAPDU(0x00, 0xA4, 0x04, 0x0E, prefix).encode()

    assert response.encode().hex().upper() == "6A82"
    assert found == [name for name in NAMES if name.startswith(prefix)]


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=16))
def test_no_other_name_selects_anything(name: bytes) -> None:
    state = small.state_after(DEFAULT, "00A4040C06F00102030401", "00A4020C020004")
    after, response = step(DEFAULT, state, CommandAPDU(0x00, 0xA4, 0x04, 0x0C, name).encode())

    assert (response.sw == 0x9000) is any(known.startswith(name) for known in NAMES)
    assert response.sw == 0x9000 or after == state


@settings(deadline=None)
@given(st.integers(0, 0x7FFF), st.integers(1, 65536))
def test_a_read_is_a_slice(offset: int, ne: int) -> None:
    state = small.state_after(DEFAULT, "00A4040C06F00102030401", "00A4020C020009")
    _, response = step(DEFAULT, state, CommandAPDU(0x00, 0xB0, offset >> 8, offset & 0xFF, ne=ne).encode())

    assert response.data == small.LONG_CONTENT[offset : offset + ne]
    assert str(response.sw) == ("9000" if offset < len(small.LONG_CONTENT) else "6B00")

"""Card files: what is written is there, what is torn or damaged is told apart, and nobody else gets in between."""

from __future__ import annotations

import errno
import json
import os
import resource
import stat
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mynacard_emulator.storage import (
    CardFile,
    CardFileDamaged,
    CardFileError,
    CardFileExists,
    CardFileInUse,
    CardFileMissing,
    CardFileReadOnly,
    CardFileTooNew,
    NotACardFile,
)

CARD: Mapping[str, Any] = {"profile": "adult", "name": "番号 花子"}
MEMORY: Mapping[str, Any] = {
    "jpki/0018": {"value": "31323334", "tries_left": 3},
    "jpki/001B": {"value": None, "tries_left": 0},
}
MISS: Mapping[str, Any] = {"jpki/0018": {"value": "31323334", "tries_left": 2}}
AFTER_MISS: Mapping[str, Any] = {**MEMORY, **MISS}

# Format 1 as it is on disk, for ever: every later version reads this file.
SNAPSHOT = """\
{
  "format": "mynacard-card",
  "version": 1,
  "card": {
    "profile": "adult",
    "name": "番号 花子"
  },
  "memory": {
    "jpki/0018": {
      "value": "31323334",
      "tries_left": 3
    },
    "jpki/001B": {
      "value": null,
      "tries_left": 0
    }
  }
}
"""
MARKER = """\
{"crc32":"6d11032a","journal":"changes since the snapshot above, one a line; the later ones count"}
"""
RECORD = """\
{"crc32":"a5057187","seq":1,"set":{"jpki/0018":{"value":"31323334","tries_left":2}}}
"""
GOLDEN = (SNAPSHOT + MARKER + RECORD).encode()


def crafted(snapshot: str | bytes, *changes: str | bytes, first: int = 1) -> bytes:
    """Write a file whose every checksum is right, whatever it says; by another pencil than the emulator's."""
    raw = snapshot.encode() if isinstance(snapshot, str) else snapshot
    checksum = zlib.crc32(raw)
    raw += MARKER.replace("6d11032a", f"{checksum:08x}").encode()
    for number, change in enumerate(changes, first):
        text = change.encode() if isinstance(change, str) else change
        body = b'"seq":%d,"set":%b}\n' % (number, text)
        raw += b'{"crc32":"%08x",%b' % (zlib.crc32(body, checksum), body)
    return raw


def snapshot(card: str = "{}", memory: str = "{}") -> str:
    return f'{{\n  "format": "mynacard-card",\n  "version": 1,\n  "card": {card},\n  "memory": {memory}\n}}\n'


def remembered(path: Path) -> Mapping[str, Any]:
    return CardFile.read(path)[1]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def beside(path: Path) -> list[str]:
    return [entry.name for entry in path.parent.iterdir()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "adult.card"


@pytest.fixture
def made(path: Path) -> Path:
    CardFile.create(path, CARD, MEMORY).close()
    return path


@contextmanager
def disk_for(size: int) -> Iterator[None]:
    """A disk that is full when a file reaches this size; Python ignores SIGXFSZ, so the write fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# ---------------------------------------------------------------- the file
def test_the_format_is_as_released(made: Path) -> None:
    with CardFile.open(made) as card:
        card.write(MISS)
    assert made.read_bytes() == GOLDEN


def test_a_released_file_is_read_for_ever(path: Path) -> None:
    path.write_bytes(GOLDEN)
    with CardFile.open(path) as card:
        assert card.card == CARD
        assert card.memory == AFTER_MISS
    assert path.read_bytes() == GOLDEN


def test_the_whole_file_is_a_stream_of_json_values() -> None:
    text, values = GOLDEN.decode(), []
    while text:
        value, end = json.JSONDecoder().raw_decode(text)
        values.append(value)
        text = text[end:].lstrip()
    assert [list(value) for value in values] == [
        ["format", "version", "card", "memory"],
        ["crc32", "journal"],
        ["crc32", "seq", "set"],
    ]


def test_a_new_card_remembers_what_it_was_given(path: Path) -> None:
    with CardFile.create(path, CARD, MEMORY) as card:
        assert (card.card, card.memory) == (CARD, MEMORY)
        assert CardFile.read(path) == (CARD, MEMORY)


def test_a_change_is_in_the_file_when_write_returns(path: Path) -> None:
    with CardFile.create(path, CARD, MEMORY) as card:
        card.write(MISS)
        assert card.memory == AFTER_MISS
        assert remembered(path) == AFTER_MISS
        card.write({"new": [1, 0.5, None, "x"]})
        assert remembered(path) == {**AFTER_MISS, "new": [1, 0.5, None, "x"]}


def test_a_change_goes_to_the_file_as_one_write(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = []
    pwrite = os.pwrite

    def noted(descriptor: int, raw: bytes, at: int) -> int:
        lengths.append(len(raw))
        return pwrite(descriptor, raw, at)

    with CardFile.open(made) as card:
        monkeypatch.setattr(os, "pwrite", noted)
        card.write(MISS)
    assert lengths == [len(RECORD)]


def test_what_is_remembered_shares_nothing_with_what_was_given(path: Path) -> None:
    given_values: dict[str, Any] = {"a": {"left": (3, 2)}}
    with CardFile.create(path, CARD, given_values) as card:
        given_values["a"]["left"] = 0
        assert card.memory == {"a": {"left": [3, 2]}}
        changes: dict[str, Any] = {"b": {"left": [3]}}
        card.write(changes)
        changes["b"]["left"].clear()
        assert card.memory == {"a": {"left": [3, 2]}, "b": {"left": [3]}} == remembered(path)


def test_half_characters_survive(path: Path) -> None:
    with CardFile.create(path, {"name": "\udc80"}, {}) as card:
        card.write({"\ud83d": "\ud83d\ude00"})
        assert card.memory == {"\ud83d": "\N{GRINNING FACE}"}
        assert CardFile.read(path) == (card.card, card.memory) == ({"name": "\udc80"}, card.memory)


@pytest.mark.parametrize("value", [b"1234", float("nan"), float("inf"), {b"1": 1}], ids=repr)
def test_what_json_cannot_say_changes_nothing(path: Path, value: Any) -> None:
    with CardFile.create(path, CARD, MEMORY) as card:
        before = path.read_bytes()
        with pytest.raises((TypeError, ValueError)):
            card.write({"x": value})
        with pytest.raises((TypeError, ValueError)):
            card.rewrite(CARD, {"x": value})
        with pytest.raises((TypeError, ValueError)):
            CardFile.create(path.with_name("other"), CARD, {"x": value})
        assert card.memory == MEMORY
        card.write(MISS)
    assert path.read_bytes().startswith(before)
    assert beside(path) == [path.name]


def test_rewriting_makes_it_another_card_in_a_fresh_file(path: Path) -> None:
    with CardFile.create(path, CARD, MEMORY) as card:
        card.write(MISS)
        card.rewrite({"profile": "child"}, {"x": 1})
        assert (card.card, card.memory) == ({"profile": "child"}, {"x": 1})
        card.write({"x": 2})
    with CardFile.open(path) as card:
        assert (card.card, card.memory) == ({"profile": "child"}, {"x": 2})
    assert path.read_bytes() == crafted(snapshot('{\n    "profile": "child"\n  }', '{\n    "x": 1\n  }'), '{"x":2}')


def test_the_journal_is_folded_into_the_snapshot_before_it_grows_long(path: Path) -> None:
    with CardFile.create(path, CARD, MEMORY) as card:
        sizes = []
        for left in range(1000):
            card.write({"jpki/0018": {"value": "31323334", "tries_left": left}})
            sizes.append(path.stat().st_size)
    assert max(sizes) <= len(SNAPSHOT.encode()) + len(MARKER) + 2 + 16 * 1024
    assert 5 <= sum(after < before for before, after in pairwise(sizes)) <= 6
    assert remembered(path) == {**MEMORY, "jpki/0018": {"value": "31323334", "tries_left": 999}}


def test_a_change_that_is_longer_than_a_journal_makes_a_snapshot(path: Path) -> None:
    with CardFile.create(path, CARD, {}) as card:
        card.write({"long": "x" * 20_000})
        assert b'"seq"' not in path.read_bytes()
    assert remembered(path) == {"long": "x" * 20_000}


def test_a_card_that_could_not_be_read_again_is_not_written(made: Path) -> None:
    large = {"image": "x" * (4 << 20)}
    with CardFile.open(made) as card:
        with pytest.raises(CardFileError) as refusal:
            card.rewrite(large, {})
        assert str(refusal.value) == f"{made} cannot hold a card of 4,194,501 bytes: use smaller images"
        with pytest.raises(CardFileError, match="cannot hold a card"):
            card.write(large)
        assert card.memory == MEMORY
    assert CardFile.read(made) == (CARD, MEMORY)


def test_a_closed_card_remembers_nothing_more(made: Path) -> None:
    card = CardFile.open(made)
    card.close()
    card.close()
    with pytest.raises(ValueError, match="is closed"):
        card.write(MISS)
    with pytest.raises(ValueError, match="is closed"):
        card.rewrite(CARD, {})
    assert remembered(made) == MEMORY


def test_a_repr_names_the_file_and_no_secret(made: Path) -> None:
    with CardFile.open(made) as card:
        assert repr(card) == f"<CardFile {made}>"
        assert "31323334" not in repr(card._contents)


# ---------------------------------------------------------------- torn and damaged
def test_a_journal_cut_anywhere_gives_all_whole_records_and_goes_on(path: Path) -> None:
    states: list[Mapping[str, Any]] = [MEMORY]
    with CardFile.create(path, CARD, MEMORY) as card:
        ends = [path.stat().st_size]
        for left in (2, 1, 0):
            card.write({"jpki/0018": {"value": "31323334", "tries_left": left}})
            states.append(dict(card.memory))
            ends.append(path.stat().st_size)
    whole = path.read_bytes()
    for cut in range(ends[0], ends[-1] + 1):
        path.write_bytes(whole[:cut])
        expected = states[sum(end <= cut for end in ends) - 1]
        assert remembered(path) == expected, cut
        with CardFile.open(path) as card:
            assert card.memory == expected, cut
            card.write({"later": cut})
        assert remembered(path) == {**expected, "later": cut}


NAMES = st.text(st.characters(), max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
CHANGES = st.dictionaries(NAMES, VALUES, max_size=3)


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


@settings(deadline=None)
@given(memory=CHANGES, writes=st.lists(CHANGES, max_size=8), data=st.data())
def test_a_torn_write_leaves_the_state_after_some_prefix_of_the_writes(
    memory: dict[str, Any], writes: list[dict[str, Any]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "card"
        states = [as_json(memory)]
        with CardFile.create(path, {}, memory) as card:
            ends = [path.stat().st_size]
            for changes in writes:
                card.write(changes)
                states.append({**states[-1], **as_json(changes)})
                ends.append(path.stat().st_size)
            assert card.memory == states[-1]
        cut = data.draw(st.integers(ends[0], ends[-1]), label="cut")
        os.truncate(path, cut)
        with CardFile.open(path) as card:
            assert card.memory == states[sum(end <= cut for end in ends) - 1]


@pytest.mark.parametrize("whole", [0, 1], ids=["the first record", "a later record"])
def test_a_last_line_whose_beginning_never_reached_the_disk_is_torn(path: Path, whole: int) -> None:
    records = ['{"a":1}', '{"b":2}'][: whole + 1]
    raw = crafted(snapshot(), *records)
    start = len(crafted(snapshot(), *records[:-1]))
    path.write_bytes(raw[:start] + bytes(30) + raw[start + 30 :])
    assert remembered(path) == ({"a": 1} if whole else {})
    with CardFile.open(path):
        assert path.read_bytes() == raw[:start]


def test_a_byte_that_changed_is_never_believed(path: Path) -> None:
    for position in range(len(GOLDEN)):
        for flip in (0x01, 0x80):
            damaged = bytearray(GOLDEN)
            damaged[position] ^= flip
            path.write_bytes(damaged)
            if position == len(GOLDEN) - 1:  # without its line feed the last record was never finished
                assert remembered(path) == MEMORY
            else:
                with pytest.raises(CardFileError):
                    CardFile.read(path)


DEEP = "[" * 100_000 + "]" * 100_000
FOREIGN = (NotACardFile, "is not a card file: name one made by `mynacard new`")


def damaged(where: str) -> tuple[type[CardFileError], str]:
    left_alone = "and was left as it is: restore a copy, or create the card again with `mynacard new --force`"
    return CardFileDamaged, f"is damaged ({where}) {left_alone}"


NO_JSON = damaged("it is not JSON")
NO_CARD = damaged("its snapshot does not say what the card is and remembers")
WRONG_CHECKSUM = damaged("its snapshot does not fit its checksum")

BAD_FILES: dict[str, tuple[bytes, tuple[type[CardFileError], str]]] = {
    "empty": (b"", (NotACardFile, "is empty: create the card again with `mynacard new --force`")),
    "text": (b"hello\n", FOREIGN),
    "binary": (bytes(range(256)) * 4, FOREIGN),
    "invalid UTF-8": (b"\xff\xfe{", FOREIGN),
    "other JSON": (b'{"profile": "adult"}\n', FOREIGN),
    "other format": (b'{"format": "my-card", "version": 1}\n', FOREIGN),
    "deep JSON": (DEEP.encode(), FOREIGN),
    "version 0": (b'{"format": "mynacard-card", "version": 0}', FOREIGN),
    "version 2": (
        b'{"format": "mynacard-card", "version": 2, "anything": "else"}',
        (CardFileTooNew, "has card file format 2, this mynacard knows format 1: install a newer one"),
    ),
    "huge": (
        crafted(snapshot(f'{{"image": "{"x" * (4 << 20)}"}}')),
        (NotACardFile, "is larger than 4 MiB, as no card file is: name one made by `mynacard new`"),
    ),
    "snapshot cut off": (GOLDEN[:100], WRONG_CHECKSUM),
    "snapshot changed": (GOLDEN.replace(b'"tries_left": 3', b'"tries_left": 9'), WRONG_CHECKSUM),
    "marker cut off": ((SNAPSHOT + MARKER)[:-1].encode(), WRONG_CHECKSUM),
    "snapshot not UTF-8": (crafted(snapshot().encode().replace(b"{}", b'{"a": "\xff"}')), NO_JSON),
    "snapshot not JSON": (crafted(snapshot("{,}")), NO_JSON),
    "snapshot too deep": (crafted(snapshot(DEEP)), NO_JSON),
    "not a number": (crafted(snapshot('{"a": NaN}')), NO_JSON),
    "not a finite number": (crafted(snapshot('{"a": 1e999}')), NO_JSON),
    "too long a number": (crafted(snapshot('{"a": ' + "9" * 5000 + "}")), NO_JSON),
    "no memory": (crafted(snapshot().replace('"memory"', '"remembers"')), NO_CARD),
    "card of a wrong type": (crafted(snapshot(card="[]")), NO_CARD),
    "memory of a wrong type": (crafted(snapshot(memory='"1234"')), NO_CARD),
    "first record changed": (
        crafted(snapshot(), '{"a":1}', '{"b":2}').replace(b'{"a":1}', b'{"a":2}'),
        damaged("record 1 of its journal"),
    ),
    "last record changed": (
        crafted(snapshot(), '{"a":1}', '{"b":2}').replace(b'{"b":2}', b'{"b":3}'),
        damaged("record 2 of its journal"),
    ),
    "record missing": (crafted(snapshot(), '{"b":2}', first=2), damaged("record 1 of its journal")),
    "record of another snapshot": (
        crafted(snapshot()) + crafted(snapshot('{"x":1}'), "{}").splitlines(keepends=True)[-1],
        damaged("record 1 of its journal"),
    ),
    "zeros in the middle": (crafted(snapshot()) + bytes(50) + b"\n{}\n", damaged("record 1 of its journal")),
    "line that is no record": (crafted(snapshot(), '{"a":1}') + b"\n", damaged("record 2 of its journal")),
    "record not JSON": (crafted(snapshot(), '{"a":}'), NO_JSON),
    "record too deep": (crafted(snapshot(), DEEP), NO_JSON),
    "record of a wrong type": (
        crafted(snapshot(), '["a"]'),
        damaged("a record of its journal is not about names and values"),
    ),
}


@pytest.mark.parametrize(("raw", "refused"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_refused_in_one_line_and_left_alone(
    path: Path, raw: bytes, refused: tuple[type[CardFileError], str]
) -> None:
    kind, message = refused
    path.write_bytes(raw)
    path.chmod(0o644)
    for use in (CardFile.read, CardFile.open, CardFile.open):
        with pytest.raises(CardFileError) as refusal:
            use(path)
        assert (type(refusal.value), str(refusal.value)) == (kind, f"{path} {message}")
        assert "\n" not in message
    with pytest.raises(CardFileExists):
        CardFile.create(path, CARD, MEMORY)
    assert (path.read_bytes(), mode(path)) == (raw, 0o644)
    assert beside(path) == [path.name]
    CardFile.create(path, CARD, MEMORY, force=True).close()
    assert (remembered(path), mode(path)) == (MEMORY, 0o600)


# ---------------------------------------------------------------- what else may be at a path
def link_in_a_circle(path: Path) -> None:
    path.symlink_to(path.name)


BAD_PLACES: dict[str, tuple[Callable[[Path], object], type[CardFileError], str]] = {
    "nothing": (
        lambda _: None,
        CardFileMissing,
        "does not exist: check the path, or create the card with `mynacard new`",
    ),
    "directory": (Path.mkdir, NotACardFile, "is a directory: name a file in it"),
    "pipe": (os.mkfifo, NotACardFile, "is a device or a pipe: name a file"),
    "circle of links": (
        link_in_a_circle,
        CardFileError,
        "is a symbolic link: name the file it points to, or remove the link first",
    ),
}


@pytest.mark.parametrize(("prepare", "kind", "message"), BAD_PLACES.values(), ids=BAD_PLACES)
def test_what_is_no_file_is_refused_in_one_line(
    path: Path, prepare: Callable[[Path], object], kind: type[CardFileError], message: str
) -> None:
    prepare(path)
    for use in (CardFile.read, CardFile.open):
        with pytest.raises(CardFileError) as refusal:
            use(path)
        assert (type(refusal.value), str(refusal.value)) == (kind, f"{path} {message}")


def test_a_missing_directory_is_named_as_the_fault(tmp_path: Path) -> None:
    path = tmp_path / "cards" / "adult.card"
    for use in (CardFile.read, CardFile.open, lambda path: CardFile.create(path, CARD, MEMORY)):
        with pytest.raises(CardFileMissing) as refusal:
            use(path)
        assert str(refusal.value) == f"{path} is in a directory that does not exist: check the path, or make it first"


def test_any_other_refusal_of_the_system_is_told_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 300)
    with pytest.raises(CardFileError) as refusal:
        CardFile.open(path)
    assert str(refusal.value) == (
        f"{path} cannot be used (File name too long): mend that and try again, what the file held is still there"
    )


def test_a_message_is_one_line_whatever_the_path_holds(tmp_path: Path) -> None:
    with pytest.raises(CardFileMissing) as refusal:
        CardFile.open(tmp_path / "花\n\x1b\udcff")
    assert f"{tmp_path}/花\\n\\x1b\\udcff does not exist" in str(refusal.value)


# ---------------------------------------------------------------- creating and replacing
def test_creating_never_overwrites(made: Path) -> None:
    before = made.read_bytes()
    with pytest.raises(CardFileExists) as refusal:
        CardFile.create(made, {}, {})
    assert str(refusal.value) == f"{made} already exists: choose another path, or replace it with --force"
    assert made.read_bytes() == before


def test_force_replaces_a_card_that_nobody_holds(made: Path) -> None:
    with CardFile.create(made, {"profile": "child"}, {}, force=True) as card:
        assert CardFile.read(made) == (card.card, card.memory) == ({"profile": "child"}, {})


def test_force_makes_a_card_where_there_is_none(path: Path) -> None:
    CardFile.create(path, CARD, MEMORY, force=True).close()
    assert remembered(path) == MEMORY


@pytest.mark.parametrize("target", ["nothing", "file"])
def test_a_link_is_neither_followed_nor_replaced_by_create(tmp_path: Path, target: str) -> None:
    other, link = tmp_path / "other", tmp_path / "link"
    if target == "file":
        other.write_text("precious")
    link.symlink_to(other)
    with pytest.raises(CardFileExists):
        CardFile.create(link, CARD, MEMORY)
    with pytest.raises(CardFileError) as refusal:
        CardFile.create(link, CARD, MEMORY, force=True)
    assert "is a symbolic link: name the file it points to" in str(refusal.value)
    assert link.readlink() == other
    assert not other.exists() if target == "nothing" else other.read_text() == "precious"


def test_force_does_not_replace_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotACardFile):
        CardFile.create(tmp_path, CARD, MEMORY, force=True)


def test_a_card_opened_through_a_link_stays_behind_the_link(made: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(made)
    with CardFile.open(link) as card:
        card.rewrite(CARD, AFTER_MISS)
    assert link.is_symlink()
    assert remembered(made) == AFTER_MISS == remembered(link)


def test_what_a_killed_process_left_of_a_new_file_is_cleared_away(made: Path) -> None:
    made.with_name(".adult.card.new").write_text("half a snapsh")
    with CardFile.open(made) as card:
        card.rewrite(CARD, AFTER_MISS)
    assert beside(made) == [made.name]


def test_a_card_is_found_again_after_the_working_directory_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with CardFile.create("adult.card", CARD, MEMORY) as card:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        card.rewrite(CARD, AFTER_MISS)
    assert remembered(tmp_path / "adult.card") == AFTER_MISS


# ---------------------------------------------------------------- a disk that refuses
@pytest.mark.parametrize("fate", ["removed", "replaced"])
def test_nothing_is_written_where_nobody_would_find_it(made: Path, fate: str) -> None:
    with CardFile.open(made) as card:
        if fate == "removed":
            made.unlink()
        else:
            made.with_name("other").write_text("another file")
            made.with_name("other").rename(made)
        with pytest.raises(CardFileMissing) as refusal:
            card.write(MISS)
        assert (
            str(refusal.value) == f"{made} was moved, removed or replaced while in use: put it back and open it again"
        )
        with pytest.raises(CardFileMissing):
            card.rewrite(CARD, AFTER_MISS)
        assert card.memory == MEMORY
    if fate == "replaced":
        assert made.read_text() == "another file"


def test_a_full_disk_refuses_the_change_and_loses_nothing(made: Path) -> None:
    before = made.read_bytes()
    with CardFile.open(made) as card:
        for size in (len(before) + 20, 50):  # a part of the record fits; then no new snapshot does
            with disk_for(size), pytest.raises(CardFileError) as refusal:
                card.write(MISS)
            reason = "cannot be used (File too large): mend that and try again, what the file held is still there"
            assert str(refusal.value) == f"{made} {reason}"
            assert card.memory == MEMORY
            assert made.read_bytes() == before
            assert beside(made) == [made.name]
        card.write(MISS)
        assert card.memory == AFTER_MISS
        inode = made.stat().st_ino
        card.write(MISS)
        assert made.stat().st_ino == inode  # it grows again
    assert remembered(made) == AFTER_MISS


def test_a_full_disk_leaves_no_half_card(path: Path) -> None:
    with disk_for(50), pytest.raises(CardFileError):
        CardFile.create(path, CARD, MEMORY)
    assert beside(path) == []


def test_a_full_disk_leaves_the_card_that_was_to_be_replaced(made: Path) -> None:
    with disk_for(50), pytest.raises(CardFileError):
        CardFile.create(made, {}, {}, force=True)
    assert CardFile.read(made) == (CARD, MEMORY)
    CardFile.open(made).close()


def test_no_descriptor_is_left_open(path: Path) -> None:
    open_before = list(Path("/proc/self/fd").iterdir())
    with CardFile.create(path, CARD, MEMORY, sync=True) as card:
        card.rewrite(CARD, MEMORY)
        with disk_for(50), pytest.raises(CardFileError):
            card.rewrite(CARD, MEMORY)
        with pytest.raises(CardFileInUse):
            CardFile.open(path)
    with pytest.raises(NotACardFile):
        CardFile.read(path.parent)
    with disk_for(50), pytest.raises(CardFileError):
        CardFile.create(path, CARD, MEMORY, force=True)
    path.write_bytes(b"damaged")
    for use in (CardFile.read, CardFile.open):
        with pytest.raises(NotACardFile):
            use(path)
    assert list(Path("/proc/self/fd").iterdir()) == open_before


def fail(*_: object) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("broken", [["fdatasync"], ["fdatasync", "ftruncate"]], ids=" and ".join)
def test_a_disk_that_fails_to_sync_has_not_remembered(
    made: Path, monkeypatch: pytest.MonkeyPatch, broken: list[str]
) -> None:
    with CardFile.open(made, sync=True) as card:
        with monkeypatch.context() as disk:
            for call in broken:
                disk.setattr(os, call, fail)
            with pytest.raises(CardFileError, match=r"cannot be used \(Input/output error\)"):
                card.write(MISS)
            assert card.memory == MEMORY
        card.write({"later": 1})
    with CardFile.open(made) as card:
        assert card.memory == {**MEMORY, "later": 1}


def test_an_interrupt_after_the_write_leaves_no_damage(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pwrite = os.pwrite

    def interrupted(descriptor: int, raw: bytes, at: int) -> int:
        pwrite(descriptor, raw, at)
        raise KeyboardInterrupt

    with CardFile.open(made) as card:
        with monkeypatch.context() as keyboard:
            keyboard.setattr(os, "pwrite", interrupted)
            with pytest.raises(KeyboardInterrupt):
                card.write(MISS)
            with pytest.raises(KeyboardInterrupt):
                card.rewrite(CARD, {})
        card.write({"x": 1})
        assert card.memory == {**MEMORY, "x": 1} == remembered(made)
    assert beside(made) == [made.name]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of the disk, in order."""
    made: list[str] = []

    def noted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            on_directory = isinstance(args[0], int) and stat.S_ISDIR(os.fstat(args[0]).st_mode)
            made.append(f"{name} directory" if on_directory else name)
            return real(*args)

        return call

    for name in ("fsync", "fdatasync", "rename"):
        monkeypatch.setattr(os, name, noted(name, getattr(os, name)))
    return made


def test_with_sync_everything_is_on_the_disk_before_it_returns(path: Path, calls: list[str]) -> None:
    replaced = ["fsync", "rename", "fsync directory"]
    with CardFile.create(path, CARD, MEMORY, sync=True) as card:
        assert calls == replaced
        card.write(MISS)
        assert calls == [*replaced, "fdatasync"]
        card.rewrite(CARD, MEMORY)
        assert calls == [*replaced, "fdatasync", *replaced]
    calls.clear()
    with CardFile.open(path, sync=True):
        assert calls == ["fsync directory"]


def test_without_sync_only_a_new_file_waits_for_the_disk(path: Path, calls: list[str]) -> None:
    with CardFile.create(path, CARD, MEMORY) as card:
        card.write(MISS)
        card.rewrite(CARD, MEMORY)
    CardFile.open(path).close()
    assert calls == ["fsync", "rename"] * 2


# ---------------------------------------------------------------- who may do what
@pytest.fixture
def nobody() -> Iterator[Path]:
    """A directory of a user without privileges, and that user at work: root, who may do all, becomes nobody."""
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as folder:
        if user == 0:
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
        try:
            yield Path(folder)
        finally:
            os.seteuid(user)
            Path(folder).chmod(0o700)


@pytest.mark.parametrize(
    ("what", "permission", "reason"),
    [("file", 0o400, "Permission denied"), ("directory", 0o500, "its directory is read-only")],
    ids=["file", "directory"],
)
def test_a_card_that_could_not_remember_is_looked_at_but_not_served(
    nobody: Path, what: str, permission: int, reason: str
) -> None:
    path = nobody / "adult.card"
    CardFile.create(path, CARD, MEMORY).close()
    (path if what == "file" else nobody).chmod(permission)
    with pytest.raises(CardFileReadOnly) as refusal:
        CardFile.open(path)
    assert str(refusal.value) == f"{path} cannot be changed ({reason}): make it and its directory writable"
    assert CardFile.read(path) == (CARD, MEMORY)


def test_no_card_is_created_in_a_read_only_directory(nobody: Path) -> None:
    nobody.chmod(0o500)
    with pytest.raises(CardFileReadOnly) as refusal:
        CardFile.create(nobody / "adult.card", CARD, MEMORY)
    assert "cannot be changed (Permission denied)" in str(refusal.value)


def test_a_card_that_may_not_be_read_is_not_shown(nobody: Path) -> None:
    path = nobody / "adult.card"
    CardFile.create(path, CARD, MEMORY).close()
    path.chmod(0)
    with pytest.raises(CardFileError) as refusal:
        CardFile.read(path)
    assert str(refusal.value) == f"{path} cannot be read: it is private to its owner, work as that user"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can work on another user's card")
def test_a_card_stays_its_owners_when_root_worked_on_it(made: Path) -> None:
    os.chown(made, 65534, 65534)
    with CardFile.open(made) as card:
        card.rewrite(CARD, AFTER_MISS)
    assert made.stat().st_uid == 65534


@pytest.mark.parametrize("umask", [0, 0o777], ids=oct)
def test_a_card_is_private_whatever_the_umask(path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with CardFile.create(path, CARD, MEMORY) as card:
            assert mode(path) == 0o600
            card.rewrite(CARD, MEMORY)
            assert mode(path) == 0o600
    finally:
        os.umask(before)


def test_opening_makes_a_copied_card_private_again(made: Path) -> None:
    made.chmod(0o644)
    CardFile.read(made)
    assert mode(made) == 0o644
    CardFile.open(made).close()
    assert mode(made) == 0o600


# ---------------------------------------------------------------- all of it, in any order
class CardFileLife(RuleBasedStateMachine):
    """Any sequence of deeds: the file says what the model says, is private, and has no company."""

    @initialize(card=CHANGES, memory=CHANGES, sync=st.booleans())
    def create(self, card: dict[str, Any], memory: dict[str, Any], sync: bool) -> None:  # noqa: FBT001 - Hypothesis passes keywords
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "card"
        self.held = CardFile.create(self.path, card, memory, sync=sync)
        self.started_anew(card, memory)

    def started_anew(self, card: dict[str, Any], memory: dict[str, Any]) -> None:
        self.card: Any = as_json(card)
        self.ends = [self.path.stat().st_size]
        self.states: list[Any] = [as_json(memory)]

    @rule(changes=CHANGES)
    def write(self, changes: dict[str, Any]) -> None:
        self.remember(changes)

    @rule(name=NAMES, length=st.integers(3_000, 9_000))
    def write_much(self, name: str, length: int) -> None:
        self.remember({name: "x" * length})

    def remember(self, changes: dict[str, Any]) -> None:
        inode = self.path.stat().st_ino
        self.held.write(changes)
        memory = {**self.states[-1], **as_json(changes)}
        if self.path.stat().st_ino == inode:
            self.states.append(memory)
            self.ends.append(self.path.stat().st_size)
        else:
            self.started_anew(self.card, memory)

    @rule(card=CHANGES, memory=CHANGES)
    def rewrite(self, card: dict[str, Any], memory: dict[str, Any]) -> None:
        self.held.rewrite(card, memory)
        self.started_anew(card, memory)

    @rule(card=CHANGES, memory=CHANGES)
    def create_again(self, card: dict[str, Any], memory: dict[str, Any]) -> None:
        with pytest.raises(CardFileInUse):
            CardFile.create(self.path, {}, {}, force=True)
        self.held.close()
        with pytest.raises(CardFileExists):
            CardFile.create(self.path, {}, {})
        self.held = CardFile.create(self.path, card, memory, force=True)
        self.started_anew(card, memory)

    @rule(loosened=st.sampled_from([0o600, 0o644, 0o666]), sync=st.booleans())
    def reopen(self, loosened: int, sync: bool) -> None:  # noqa: FBT001 - Hypothesis passes keywords
        with pytest.raises(CardFileInUse):
            CardFile.open(self.path)
        self.held.close()
        self.path.chmod(loosened)
        self.held = CardFile.open(self.path, sync=sync)

    @rule(data=st.data())
    def tear(self, data: st.DataObject) -> None:
        self.held.close()
        cut = data.draw(st.integers(self.ends[0], self.ends[-1]))
        os.truncate(self.path, cut)
        self.held = CardFile.open(self.path)
        whole = sum(end <= cut for end in self.ends)
        del self.ends[whole:], self.states[whole:]

    @precondition(lambda self: len(self.ends) > 1 and self.ends[-1] - self.ends[0] < 15_000)  # else: a snapshot
    @rule()
    def fill_the_disk(self) -> None:
        with disk_for(self.ends[-1] + 1), pytest.raises(CardFileError):
            self.held.write({"x": "y" * 500})
        self.held.close()
        self.held = CardFile.open(self.path)

    @invariant()
    def the_file_says_what_is_remembered(self) -> None:
        assert (self.held.card, self.held.memory) == (self.card, self.states[-1])
        assert CardFile.read(self.path) == (self.card, self.states[-1])

    @invariant()
    def the_file_is_private_and_alone(self) -> None:
        assert mode(self.path) == 0o600
        assert beside(self.path) == ["card"]

    def teardown(self) -> None:
        if hasattr(self, "held"):
            self.held.close()
            self.folder.cleanup()


TestCardFileLife = CardFileLife.TestCase
TestCardFileLife.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)

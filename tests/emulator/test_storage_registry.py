"""Registry files: as durable as card files, with words of their own, and neither is taken for the other."""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_emulator.storage import (
    CardFile,
    CardFileError,
    NotACardFile,
    NotARegistryFile,
    RegistryFile,
    RegistryFileDamaged,
    RegistryFileError,
    RegistryFileExists,
    RegistryFileInUse,
    RegistryFileMissing,
    RegistryFileReadOnly,
    RegistryFileTooNew,
    StoredFileError,
)

FIXED: Mapping[str, Any] = {"municipality": "番号市"}
ENTRIES: Mapping[str, Any] = {"person/1": {"name": "番号 花子", "moved": None}, "card/1": {"state": "active"}}

# Format 1 as it is on disk, for ever: every later version reads this file.
SNAPSHOT = """\
{
  "format": "mynacard-registry",
  "version": 1,
  "registry": {
    "municipality": "番号市"
  },
  "entries": {
    "person/1": {
      "name": "番号 花子",
      "moved": null
    },
    "card/1": {
      "state": "active"
    }
  }
}
"""
CHANGES = ('{"card/1":null,"card/2":{"state":"ready"}}', '{"card/2":{"state":"active"}}')
AFTER_CHANGES: Mapping[str, Any] = {"person/1": ENTRIES["person/1"], "card/2": {"state": "active"}}


def crafted(snapshot: str, *changes: str) -> bytes:
    """Write a file whose every checksum is right, whatever it says; by another pencil than the emulator's."""
    raw = snapshot.encode()
    checksum = zlib.crc32(raw)
    told = "changes since the snapshot above, one a line; the later ones count"
    raw += f'{{"crc32":"{checksum:08x}","journal":"{told}"}}\n'.encode()
    for number, change in enumerate(changes, 1):
        body = f'"seq":{number},"set":{change}}}\n'.encode()
        raw += f'{{"crc32":"{zlib.crc32(body, checksum):08x}",'.encode() + body
    return raw


GOLDEN = crafted(SNAPSHOT, *CHANGES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "office.json"


@pytest.fixture
def made(path: Path) -> Path:
    RegistryFile.create(path, FIXED, ENTRIES).close()
    return path


# ---------------------------------------------------------------- the file
def test_the_format_is_as_released(made: Path) -> None:
    with RegistryFile.open(made) as registry:
        for change in CHANGES:
            registry.write(json.loads(change))
    assert made.read_bytes() == GOLDEN


def test_a_released_file_is_read_for_ever(path: Path) -> None:
    path.write_bytes(GOLDEN)
    with RegistryFile.open(path) as registry:
        assert (registry.registry, registry.entries) == (FIXED, AFTER_CHANGES)
        assert RegistryFile.read(path) == (FIXED, AFTER_CHANGES)
    assert path.read_bytes() == GOLDEN


def test_null_removes_an_entry_and_one_that_is_not_there_stays_away(made: Path) -> None:
    with RegistryFile.open(made) as registry:
        registry.write({"card/1": None, "card/9": None})
        assert registry.entries == {"person/1": ENTRIES["person/1"]}
    assert RegistryFile.read(made)[1] == {"person/1": ENTRIES["person/1"]}


def test_a_snapshot_keeps_no_entry_that_is_null(path: Path) -> None:
    with RegistryFile.create(path, FIXED, {**ENTRIES, "card/9": None}) as registry:
        assert registry.entries == ENTRIES
        assert path.read_bytes() == crafted(SNAPSHOT)
        registry.rewrite(registry.registry, {**registry.entries, "card/8": None})
        assert path.read_bytes() == crafted(SNAPSHOT)


def test_null_in_a_cards_memory_is_a_value(tmp_path: Path) -> None:
    with CardFile.create(tmp_path / "card", {}, {"a": 1}) as card:
        card.write({"a": None})
        assert card.memory == {"a": None}
    assert CardFile.read(tmp_path / "card") == ({}, {"a": None})


def test_removals_survive_the_folding_of_the_journal(made: Path) -> None:
    sizes = []
    with RegistryFile.open(made) as registry:
        for n in range(30):
            registry.write({f"certificate/{n}": "x" * 100_000, f"certificate/{n - 1}": None})
            sizes.append(made.stat().st_size)
    assert sum(after < before for before, after in pairwise(sizes)) == 2
    assert max(sizes) < (1 << 20) + 200_000
    assert RegistryFile.read(made)[1] == {**ENTRIES, "certificate/29": "x" * 100_000}


def test_a_change_that_json_cannot_say_changes_nothing(made: Path) -> None:
    before = made.read_bytes()
    with RegistryFile.open(made) as registry:
        with pytest.raises(TypeError):
            registry.write({"card/1": None, "card/2": b"no JSON"})
        assert registry.entries == ENTRIES
    assert made.read_bytes() == before


CHANGE = st.dictionaries(st.sampled_from("abcd"), st.none() | st.integers() | st.text(max_size=5), max_size=4)


@settings(deadline=None)
@given(entries=CHANGE, writes=st.lists(CHANGE, max_size=8), data=st.data())
def test_a_torn_write_leaves_the_entries_after_some_prefix_of_the_writes(
    entries: dict[str, Any], writes: list[dict[str, Any]], data: st.DataObject
) -> None:
    def without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if value is not None}

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry"
        states = [without_nulls(entries)]
        with RegistryFile.create(path, {}, entries) as registry:
            ends = [path.stat().st_size]
            for changes in writes:
                registry.write(changes)
                states.append(without_nulls({**states[-1], **changes}))
                ends.append(path.stat().st_size)
            assert registry.entries == states[-1]
        cut = data.draw(st.integers(ends[0], ends[-1]), label="cut")
        os.truncate(path, cut)
        with RegistryFile.open(path) as registry:
            assert registry.entries == states[sum(end <= cut for end in ends) - 1]


# ---------------------------------------------------------------- what is no registry
DAMAGE = "and was left as it is: restore a copy, or create the registry again with `mynacard office init --force`"
CARD_BYTES = b'{\n  "format": "mynacard-card",\n  "version": 1,\n  "card": {},\n  "memory": {}\n}\n'

BAD_FILES: dict[str, tuple[bytes, type[RegistryFileError], str]] = {
    "empty": (b"", NotARegistryFile, "is empty: create the registry again with `mynacard office init --force`"),
    "text": (b"hello\n", NotARegistryFile, "is not a registry file: name one made by `mynacard office init`"),
    "foreign": (
        b'{"format": "mynacard-trace", "version": 1}',
        NotARegistryFile,
        "is not a registry file: name one made by `mynacard office init`",
    ),
    "card": (
        CARD_BYTES,
        NotARegistryFile,
        "is a card file, not a registry file: name one made by `mynacard office init`",
    ),
    "newer": (
        GOLDEN.replace(b'"version": 1', b'"version": 2'),
        RegistryFileTooNew,
        "has registry file format 2, this mynacard knows format 1: install a newer one",
    ),
    "huge": (
        GOLDEN + b" " * (64 << 20),
        NotARegistryFile,
        "is larger than 64 MiB, as no registry file is: name one made by `mynacard office init`",
    ),
    "snapshot cut off": (
        GOLDEN[:100],
        RegistryFileDamaged,
        f"is damaged (its snapshot does not fit its checksum) {DAMAGE}",
    ),
    "record changed": (
        GOLDEN.replace(b'"ready"', b'"reedy"'),
        RegistryFileDamaged,
        f"is damaged (record 1 of its journal) {DAMAGE}",
    ),
    "no entries": (
        crafted(SNAPSHOT.replace('"entries"', '"memory"')),
        RegistryFileDamaged,
        f"is damaged (its snapshot does not say what the registry is and lists) {DAMAGE}",
    ),
}


@pytest.mark.parametrize(("raw", "kind", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_refused_in_one_line_and_left_alone(
    path: Path, raw: bytes, kind: type[RegistryFileError], message: str
) -> None:
    path.write_bytes(raw)
    for use in (RegistryFile.read, RegistryFile.open):
        with pytest.raises(StoredFileError) as refusal:
            use(path)
        assert (type(refusal.value), str(refusal.value)) == (kind, f"{path} {message}")
    with pytest.raises(RegistryFileExists):
        RegistryFile.create(path, {}, {})
    assert path.read_bytes() == raw
    RegistryFile.create(path, FIXED, ENTRIES, force=True).close()
    assert RegistryFile.read(path) == (FIXED, ENTRIES)


def test_a_registry_is_named_as_such_where_a_card_is_expected(made: Path) -> None:
    for use in (CardFile.read, CardFile.open):
        with pytest.raises(CardFileError) as refusal:
            use(made)
        assert type(refusal.value) is NotACardFile
        assert str(refusal.value) == f"{made} is a registry file, not a card file: name one made by `mynacard new`"


def test_a_large_registry_is_named_as_such_where_a_card_is_expected(path: Path) -> None:
    RegistryFile.create(path, {}, {"x": "y" * (5 << 20)}).close()
    with pytest.raises(NotACardFile, match="is a registry file, not a card file"):
        CardFile.open(path)


def test_a_byte_that_changed_is_never_believed(path: Path) -> None:
    for position in range(len(GOLDEN) - 1):
        damaged = bytearray(GOLDEN)
        damaged[position] ^= 1
        path.write_bytes(damaged)
        with pytest.raises(RegistryFileError):
            RegistryFile.read(path)


def test_a_registry_that_could_not_be_read_again_is_not_written(made: Path) -> None:
    with RegistryFile.open(made) as registry:
        with pytest.raises(RegistryFileError, match=r"cannot hold a registry of 67,\d+,\d+ bytes: begin another with"):
            registry.write({"x": "y" * (64 << 20)})
        assert registry.entries == ENTRIES
    assert RegistryFile.read(made) == (FIXED, ENTRIES)


# ---------------------------------------------------------------- what may be at a path, and who may do what
def test_a_missing_registry_says_how_one_is_made(path: Path) -> None:
    with pytest.raises(RegistryFileMissing) as refusal:
        RegistryFile.open(path)
    told = "does not exist: check the path, or create the registry with `mynacard office init`"
    assert str(refusal.value) == f"{path} {told}"


def test_what_is_no_file_is_no_registry(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, told in (("", "is a directory: name a file in it"), ("pipe", "is a device or a pipe: name a file")):
        with pytest.raises(NotARegistryFile, match=told):
            RegistryFile.open(tmp_path / name)


def test_a_registry_is_held_by_one_at_a_time(made: Path) -> None:
    with RegistryFile.open(made), pytest.raises(RegistryFileInUse) as refusal:
        RegistryFile.open(made)
    assert refusal.value.pid == os.getpid()


def test_nothing_is_written_where_nobody_would_find_it(made: Path) -> None:
    with RegistryFile.open(made) as registry:
        made.unlink()
        with pytest.raises(RegistryFileMissing, match="was moved, removed or replaced while in use"):
            registry.write({"x": 1})
        with pytest.raises(RegistryFileMissing):
            registry.rewrite({}, {})
        assert registry.entries == ENTRIES


@pytest.fixture
def nobodys() -> Iterator[Path]:
    """A directory of a user without privileges, and that user at work."""
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


def test_a_registry_in_a_read_only_directory_is_looked_at_but_not_kept(nobodys: Path) -> None:
    path = nobodys / "office.json"
    RegistryFile.create(path, FIXED, ENTRIES).close()
    nobodys.chmod(0o500)
    with pytest.raises(RegistryFileReadOnly, match="make it and its directory writable"):
        RegistryFile.open(path)
    with pytest.raises(RegistryFileReadOnly):
        RegistryFile.create(nobodys / "other.json", {}, {})
    assert RegistryFile.read(path) == (FIXED, ENTRIES)

"""Card files: what is written is there, what is torn or damaged is told apart, and nobody else gets in between."""

from __future__ import annotations

import errno
import fcntl
import glob
import json
import os
import resource
import stat
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
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

CARD = {"profile": "adult", "name": "番号 花子"}
MEMORY = {"jpki/0018": {"value": "31323334", "tries_left": 3}, "jpki/001B": {"value": None, "tries_left": 0}}
MISS = {"jpki/0018": {"value": "31323334", "tries_left": 2}}
AFTER_MISS = {**MEMORY, **MISS}

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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "adult.card"


@pytest.fixture
def made(path: Path) -> Path:
    CardFile.create(path, CARD, MEMORY).close()
    return path


# ---------------------------------------------------------------- the file
def test_the_format_is_as_released(made: Path) -> None:
    with CardFile.open(made) as card:
        card.write(MISS)
    assert made.read_bytes() == GOLDEN

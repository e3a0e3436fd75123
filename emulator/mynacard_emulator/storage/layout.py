"""The bytes of a card file: an indented snapshot, a marker line, and one line for each change since.

    {
      "format": "mynacard-card",
      "version": 1,
      "card": {…},
      "memory": {"jpki/0018": {"value": "31323334", "tries_left": 3}, …}
    }
    {"crc32":"5a1c03d2","journal":"changes since the snapshot above, one a line; the later ones count"}
    {"crc32":"90f4be11","seq":1,"set":{"jpki/0018":{"value":"31323334","tries_left":2}}}

A person reads it from top to bottom, and so does any tool for streams of JSON values. Every later format begins with
the same two members, so that an older program can say what it met. The snapshot ends at the first line that is a lone
`}`: indented JSON has no other. The marker's checksum is the snapshot's; a record's covers its line from `"seq"` on and
continues the snapshot's, so that no record fits under another snapshot. A record is whole when its line feed is there.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from zlib import crc32

from .errors import CardFileDamaged, CardFileError, CardFileTooNew, NotACardFile

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

FORMAT = "mynacard-card"
VERSION = 1
LARGEST_FILE = 4 << 20  # bytes; forty times a card with everything on it
LARGEST_JOURNAL = 16 << 10  # bytes; some 190 tries of a PIN, replayed in a millisecond

_HEADER = re.compile(rb'\{\s*"format"\s*:\s*"' + FORMAT.encode() + rb'"\s*,\s*"version"\s*:\s*([1-9][0-9]{0,8})\b')
_NAME_ANOTHER = "name one made by `mynacard new`"
_SNAPSHOT_END = b"\n}\n"
_MARKER = b'{"crc32":"%08x","journal":"changes since the snapshot above, one a line; the later ones count"}\n'


@dataclass(slots=True)
class Contents:
    """What the bytes of a card file say.

    Attributes:
        card: What the card is.
        memory: What it remembers, all changes applied.
        checksum: The snapshot's, which those of its journal continue.
        start: Where the journal's first record is, or would be.
        end: Where its next record goes; what lies behind is the beginning of a record that was never finished.
        records: How many it holds.

    """

    card: dict[str, JSON] = field(repr=False)
    memory: dict[str, JSON] = field(repr=False)
    checksum: int
    start: int
    end: int
    records: int = 0


def encode_snapshot(card: Mapping[str, JSON], memory: Mapping[str, JSON], path: Path) -> bytes:
    """Write a whole file with an empty journal; one that could not be read again is a CardFileError with `path`."""
    whole = {"format": FORMAT, "version": VERSION, "card": card, "memory": memory}
    snapshot = _utf8(json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False)) + b"\n"
    raw = snapshot + _MARKER % crc32(snapshot)
    if len(raw) > LARGEST_FILE - LARGEST_JOURNAL:
        raise CardFileError(path, f"cannot hold a card of {len(raw):,} bytes: use smaller images")
    return raw


def encode_changes(changes: Mapping[str, JSON]) -> tuple[bytes, dict[str, JSON]]:
    """Write what a record changes; return it also as it will be read back, sharing nothing with what was given."""
    raw = _utf8(_encoder.encode(changes))
    return raw, _decoder.raw_decode(raw.decode())[0]


def encode_record(changes: bytes, contents: Contents) -> bytes:
    """Write the record that comes next, as one line."""
    body = b'"seq":%d,"set":%b}\n' % (contents.records + 1, changes)
    return b'{"crc32":"%08x",%b' % (crc32(body, contents.checksum), body)


def decode(raw: bytes, path: Path) -> Contents:
    """Read a whole file; bytes that are not as they were written raise the error that says so of `path`."""
    _check_header(raw, path)
    end = raw.find(_SNAPSHOT_END) + len(_SNAPSHOT_END)
    checksum = crc32(raw[:end])
    marker = _MARKER % checksum
    if not raw.startswith(marker, end):
        raise CardFileDamaged(path, "its snapshot does not fit its checksum")
    match _decode_json(raw[:end], path):
        case {"card": dict(card), "memory": dict(memory)}:
            start = end + len(marker)
            contents = Contents(card, memory, checksum, start, start)
        case _:
            raise CardFileDamaged(path, "its snapshot does not say what the card is and remembers")
    _replay(raw, contents, path)
    return contents


def _check_header(raw: bytes, path: Path) -> None:
    if not raw:
        raise NotACardFile(path, "is empty: create the card again with `mynacard new --force`")
    if len(raw) > LARGEST_FILE:
        raise NotACardFile(path, f"is larger than {LARGEST_FILE >> 20} MiB, as no card file is: {_NAME_ANOTHER}")
    header = _HEADER.match(raw)
    if not header:
        raise NotACardFile(path, f"is not a card file: {_NAME_ANOTHER}")
    if (version := int(header[1])) != VERSION:
        raise CardFileTooNew(
            path, f"has card file format {version}, this mynacard knows format {VERSION}: install a newer one"
        )


def _replay(raw: bytes, contents: Contents, path: Path) -> None:
    """Apply the journal; what follows its last whole record is left behind `contents.end`."""
    journal = []
    while line_end := raw.find(b"\n", contents.end) + 1:
        line = raw[contents.end : line_end]
        before = len(b'{"crc32":"........","seq":%d,"set":' % (contents.records + 1))
        changes = line[before : -len(b"}\n")]
        if line != encode_record(changes, contents):
            # Of a line that crosses blocks the end may be on the disk, and zeros where it began: JSON has no zero byte.
            if line_end == len(raw) and b"\0" in line:
                break
            raise CardFileDamaged(path, f"record {contents.records + 1} of its journal")
        journal.append(changes)
        contents.records += 1
        contents.end = line_end
    for changed in _decode_json(b"[%b]" % b",".join(journal), path):
        if not isinstance(changed, dict):
            raise CardFileDamaged(path, "a record of its journal is not about names and values")
        contents.memory.update(changed)


def _decode_json(raw: bytes, path: Path) -> Any:  # noqa: ANN401 - JSON can be anything
    try:
        return _decoder.decode(raw.decode())
    except (ValueError, RecursionError):
        raise CardFileDamaged(path, "it is not JSON") from None


def _utf8(text: str) -> bytes:
    """Encode JSON; a lone surrogate, which UTF-8 does not have, becomes its JSON escape."""
    return text.encode(errors="backslashreplace")


def _finite(text: str) -> float:
    """Read a number that JSON can say again: no NaN, no Infinity, nothing beyond what a float holds."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return value


_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_decoder = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)

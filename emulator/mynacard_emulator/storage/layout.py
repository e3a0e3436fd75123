"""The bytes of a stored file, here a card's: an indented snapshot, a marker line, and one line for each change since.

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

A registry file is the same with `"format": "mynacard-registry"` and the sections "registry" and "entries"; there a null
takes the name away.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

from .kind import JSON, KINDS, FileKind

VERSION = 1

_HEADER = re.compile(rb'\{\s*"format"\s*:\s*"([a-z-]+)"\s*,\s*"version"\s*:\s*([1-9][0-9]{0,8})\b')
_SNAPSHOT_END = b"\n}\n"
_MARKER = b'{"crc32":"%08x","journal":"changes since the snapshot above, one a line; the later ones count"}\n'


@dataclass(slots=True)
class Contents:
    """What the bytes of a stored file say.

    Attributes:
        kind: Which kind of file it is.
        fixed: The section that only a rewrite changes.
        changing: The other section, all changes applied.
        checksum: The snapshot's, which those of its journal continue.
        start: Where the journal's first record is, or would be.
        end: Where its next record goes; what lies behind is the beginning of a record that was never finished.
        records: How many it holds.

    """

    kind: FileKind
    fixed: dict[str, JSON] = field(repr=False)
    changing: dict[str, JSON] = field(repr=False)
    checksum: int
    start: int
    end: int
    records: int = 0


def encode_snapshot(kind: FileKind, fixed: Mapping[str, JSON], changing: Mapping[str, JSON], path: Path) -> bytes:
    """Write a whole file with an empty journal; one that could not be read again is refused with `path`."""
    sections = {kind.fixed: dict(fixed), kind.changing: kind.apply({}, changing)}
    whole = {"format": kind.format, "version": VERSION, **sections}
    snapshot = _utf8(json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False)) + b"\n"
    raw = snapshot + _MARKER % crc32(snapshot)
    if len(raw) > kind.largest_file - kind.largest_journal:
        raise kind.refusals.other(path, f"cannot hold a {kind.thing} of {len(raw):,} bytes: {kind.make_smaller}")
    return raw


def encode_changes(changes: Mapping[str, JSON]) -> tuple[bytes, dict[str, JSON]]:
    """Write what a record changes; return it also as it will be read back, sharing nothing with what was given."""
    raw = _utf8(_encoder.encode(changes))
    return raw, _decoder.raw_decode(raw.decode())[0]


def encode_record(changes: bytes, contents: Contents) -> bytes:
    """Write the record that comes next, as one line."""
    body = b'"seq":%d,"set":%b}\n' % (contents.records + 1, changes)
    return b'{"crc32":"%08x",%b' % (crc32(body, contents.checksum), body)


def decode(kind: FileKind, raw: bytes, path: Path) -> Contents:
    """Read a whole file; bytes that are not as they were written raise the error that says so of `path`."""
    _check_header(kind, raw, path)
    end = raw.find(_SNAPSHOT_END) + len(_SNAPSHOT_END)
    checksum = crc32(raw[:end])
    marker = _MARKER % checksum
    if not raw.startswith(marker, end):
        raise kind.refusals.damaged(path, "its snapshot does not fit its checksum")
    match _decode_json(kind, raw[:end], path):
        case {kind.fixed: dict(fixed), kind.changing: dict(changing)}:
            start = end + len(marker)
            contents = Contents(kind, fixed, kind.apply({}, changing), checksum, start, start)
        case _:
            raise kind.refusals.damaged(path, f"its snapshot does not say {kind.told}")
    _replay(raw, contents, path)
    return contents


def _check_header(kind: FileKind, raw: bytes, path: Path) -> None:
    """Refuse what is not a file of this kind and version, and say what it is instead."""
    name_another = f"name one made by `{kind.command}`"
    if not raw:
        problem = f"is empty: create the {kind.thing} again with `{kind.command} --force`"
        raise kind.refusals.foreign(path, problem)
    header = _HEADER.match(raw)
    found = next((each for each in KINDS if header and header[1] == each.format.encode()), None)
    if found and found is not kind:
        raise kind.refusals.foreign(path, f"is a {found.noun}, not a {kind.noun}: {name_another}")
    if len(raw) > kind.largest_file:
        limit = f"{kind.largest_file >> 20} MiB"
        raise kind.refusals.foreign(path, f"is larger than {limit}, as no {kind.noun} is: {name_another}")
    if not header or not found:
        raise kind.refusals.foreign(path, f"is not a {kind.noun}: {name_another}")
    if (version := int(header[2])) != VERSION:
        problem = f"has {kind.noun} format {version}, this mynacard knows format {VERSION}: install a newer one"
        raise kind.refusals.too_new(path, problem)


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
            raise contents.kind.refusals.damaged(path, f"record {contents.records + 1} of its journal")
        journal.append(changes)
        contents.records += 1
        contents.end = line_end
    for changed in _decode_json(contents.kind, b"[%b]" % b",".join(journal), path):
        if not isinstance(changed, dict):
            raise contents.kind.refusals.damaged(path, "a record of its journal is not about names and values")
        contents.kind.apply(contents.changing, changed)


def _decode_json(kind: FileKind, raw: bytes, path: Path) -> Any:  # noqa: ANN401 - JSON can be anything
    try:
        return _decoder.decode(raw.decode())
    except (ValueError, RecursionError):
        raise kind.refusals.damaged(path, "it is not JSON") from None


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

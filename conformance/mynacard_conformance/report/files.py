"""Files that come back: verdicts, findings, baselines. Whatever is in them, the worst is a refusal in one line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TypeGuard

LARGEST = 32 << 20
"""Bytes of a file that is read at all; a report has some hundred thousand."""


class UnusableFileError(ValueError):
    """A file that is not what it should be; the message is one line."""


def read_text(path: Path) -> str:
    """Read a file of ours; raise `UnusableFileError`."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UnusableFileError(f"{path} is larger than any file of ours ({LARGEST >> 20} MiB)")
        return content.decode()
    except OSError as error:
        raise UnusableFileError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UnusableFileError(f"{path} is not text in UTF-8") from None


def read_json(path: Path) -> Any:  # noqa: ANN401 - JSON is anything
    """Read a file of JSON; raise `UnusableFileError`."""
    try:
        return json.loads(read_text(path))
    except RecursionError:
        raise UnusableFileError(f"{path} is nested deeper than any file of ours") from None
    except ValueError as error:
        if isinstance(error, UnusableFileError):
            raise
        raise UnusableFileError(f"{path} is no JSON: {error}") from None


def read_document(path: Path, kind: str, version: int) -> dict[str, Any]:
    """Read a JSON object that says it is of this kind and no newer version; raise `UnusableFileError`."""
    document = read_json(path)
    if not is_object(document) or document.get("format") != f"mynacard {kind}":
        raise UnusableFileError(f"{path} is no {kind} of `mynacard check --report`")
    written = document.get("version")
    if not isinstance(written, int) or isinstance(written, bool) or written < 1:
        raise UnusableFileError(f"{path} is a {kind} without a version")
    if written > version:
        raise UnusableFileError(
            f"{path} is a {kind} of version {written}, and this mynacard reads {version}: update it"
        )
    return document


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def require_place(path: Path) -> None:
    """Raise `UnusableFileError` unless something may be put beside this path, and then in its place."""
    if not path.parent.is_dir():
        raise UnusableFileError(f"{path.parent} is no folder to put {path.name} into")
    if not os.access(path.parent, os.W_OK):
        raise UnusableFileError(f"{path.parent} may not be written to; name another place for {path.name}")


def replace_text(path: Path, content: str) -> None:
    """Write a file of ours, whole or not at all; raise `UnusableFileError`."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_text(content, encoding="utf-8", errors="backslashreplace")
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise UnusableFileError(f"{path} cannot be written: {error.strerror or error}") from None

"""A report as a folder of files: written beside its place, and put there when it is whole."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .as_json import VERSION, describe, describe_finding
from .files import UnusableFileError, read_document, require_place
from .junit import write as write_junit
from .messages import Language
from .page import write as write_page
from .setup import Setup, file_name
from .standing import Standing
from .transcript import scriptor, transcript

_OURS = frozenset({"index.html", "junit.xml", "verdict.json", "findings", "traces"})


def require_free(folder: Path) -> None:
    """Raise `UnusableFileError` unless a report may stand here: where nothing is, or an older report."""
    require_place(folder)
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UnusableFileError(f"{folder} is a file; name a folder for the report")
    there = {path.name for path in folder.iterdir()}
    if strangers := sorted(there - _OURS):
        raise UnusableFileError(
            f"{folder} has {strangers[0]!r} in it, and so is no report to be replaced; name another"
        )
    if there:
        try:
            read_document(folder / "verdict.json", "verdict", VERSION)
        except UnusableFileError:
            raise UnusableFileError(f"{folder} is no report of this mynacard to be replaced; name another") from None


def write(folder: Path, standing: Standing, setup: Setup, language: Language) -> None:
    """Write a report; what stood here before is gone only when the new one is whole. Raises `UnusableFileError`."""
    folder = folder.resolve()
    require_free(folder)
    workshop = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        fresh, old = workshop / "fresh", workshop / "old"
        for name, content in _files(standing, setup, language):
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8", errors="backslashreplace")
        _exchange(folder, fresh, old)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _files(standing: Standing, setup: Setup, language: Language) -> Iterator[tuple[str, str]]:
    yield "index.html", write_page(standing, setup, language)
    yield "junit.xml", write_junit(standing, language, setup)
    yield "verdict.json", as_text(describe(standing, setup))
    for judged in standing.findings:
        assert judged.finding  # noqa: S101 - it is a finding
        name, lines = file_name(judged.requirement.id), judged.finding.conversation
        yield f"findings/{name}.json", as_text(describe_finding(judged, standing.report.client, setup))
        yield f"findings/{name}.scriptor", _joined(scriptor(lines, language))
        yield f"traces/{name}.txt", _joined(transcript(lines, language))


def _exchange(folder: Path, fresh: Path, old: Path) -> None:
    if not folder.exists():
        fresh.rename(folder)
        return
    folder.rename(old)
    try:
        fresh.rename(folder)
    except BaseException:
        old.rename(folder)
        raise


def as_text(value: object) -> str:
    """JSON as it stands in our files."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _joined(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)

"""A finding that comes back from a file, to be played again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mynacard_conformance.judge.trial import Conditions
from mynacard_conformance.requirements import REQUIREMENTS, Requirement
from mynacard_conformance.verdict import Act

from .as_json import VERSION
from .files import UnusableFileError, read_document
from .setup import Setup


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is needed of a finding to play it again.

    Attributes:
        requirement: What was broken.
        told_by: The scenario's id, or the concern's name.
        acts: What was played of a random life.
        setup: With what.

    """

    requirement: Requirement
    told_by: str
    acts: tuple[Act, ...]
    setup: Setup


def read(path: Path) -> Recorded:
    """Read a finding; raise `UnusableFileError`."""
    document = read_document(path, "finding", VERSION)
    try:
        recorded = _recorded(document)
    except KeyError as error:
        raise UnusableFileError(f"{path} is a damaged finding: {error} is missing or no value for it") from None
    if recorded is None:
        raise UnusableFileError(f"{path} is about a requirement that is not known here")
    return recorded


def _recorded(document: dict[str, Any]) -> Recorded | None:
    """Take the values out; raise `KeyError` with the name of one that is not what it should be.

    None where the requirement is of another version of this harness.
    """
    requirement, finding, setup = (_member(document, name, dict) for name in ("requirement", "finding", "setup"))
    known = REQUIREMENTS.get(_member(requirement, "id", str))
    if known is None:
        return None
    transport = _member(setup, "transport", str)
    timeout = _member(setup, "timeout", float, int)
    if transport not in ("private", "direct"):
        raise KeyError("transport")
    if not (math.isfinite(timeout) and timeout > 0):
        raise KeyError("timeout")
    return Recorded(
        known,
        _member(finding, "told_by", str),
        tuple(map(_act, _member(finding, "acts", list))),
        Setup(_member(setup, "client", str), transport, float(timeout), conditions=_conditions(setup)),
    )


def _conditions(setup: dict[str, Any]) -> Conditions:
    faults, noise = setup.get("faults", []), setup.get("noise") or ""
    if not isinstance(faults, list) or not all(isinstance(fault, str) for fault in faults):
        raise KeyError("faults")
    if not isinstance(noise, str):
        raise KeyError("noise")
    return Conditions(tuple(faults), noise)


def _member(document: dict[str, Any], name: str, *kinds: type) -> Any:  # noqa: ANN401 - whatever is asked for
    value = document[name]
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise KeyError(name)
    return value


def _act(words: object) -> Act:
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise KeyError("acts")
    return tuple(words)

"""What the verbs of `mynacard office` share: which registry, and in which language."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from mynacard_emulator.office.messages import Language

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_NAME = "registry.json"
VARIABLE = "MYNACARD_REGISTRY"


def registry_parameter() -> click.Option:
    """Make `--registry`."""
    return click.Option(
        ["--registry"],
        type=click.Path(path_type=Path),
        envvar=VARIABLE,
        metavar="FILE",
        help=f"The registry; by default ${VARIABLE}, or {DEFAULT_NAME} beside the card.",
    )


def registry_option(function: F) -> F:
    """Add `--registry`."""
    return click.option(
        "--registry",
        type=click.Path(path_type=Path),
        envvar=VARIABLE,
        metavar="FILE",
        help=f"The registry; by default ${VARIABLE}, or {DEFAULT_NAME} beside the card.",
    )(function)


def registry_of(given: Path | None, card: Path | None = None) -> Path:
    """Which file the registry is in: the one that was named, or the one beside the card."""
    return given or (card.parent if card is not None else Path()) / DEFAULT_NAME


def language_parameter() -> click.Option:
    """Make `--lang`."""
    return click.Option(
        ["--lang"], type=click.Choice(["en", "ja"]), help="The language of what is said; default: that of the locale."
    )


def language_of(given: Language | None) -> Language:
    """The language that was asked for, or the one of the locale."""
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return given or ("ja" if told.startswith("ja") else "en")

"""What is made of a verdict: the options about it, the files that are written, and the exit status."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .opening import HARNESS_ERROR, UnusableError, Verb

if TYPE_CHECKING:
    from mynacard_conformance.report.messages import Language
    from mynacard_conformance.report.setup import Setup
    from mynacard_conformance.report.standing import Standing
    from mynacard_conformance.run import Progress, Report

CONFORMANT, NOT_CONFORMANT = 0, 1
"""Exit statuses of `check`, beside those of `opening`."""

_PATH = click.Path(path_type=Path)

LANGUAGE = click.option(
    "--lang", type=click.Choice(["en", "ja"]), default=None, help="Language; by default that of the locale."
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@dataclass(frozen=True, slots=True)
class Reporting:
    """What the user wants to have of a verdict.

    Attributes:
        folder: Where a report is put.
        baseline: Where the expected findings are.
        write_baseline: Where those of this run are put.
        strict: Whether a broken *should*, and an expected finding that is gone, make the run fail too.
        verbose: Whether the requirements that were kept are listed.
        as_json: Whether JSON is printed.
        lang: The language; None for that of the locale.

    """

    folder: Path | None = None
    baseline: Path | None = None
    write_baseline: Path | None = None
    strict: bool = False
    verbose: bool = False
    as_json: bool = False
    lang: Language | None = None

    def look_ahead(self) -> None:
        """Refuse at once what could not be read or written when all is over; raise `UnusableError`."""
        from mynacard_conformance.report import files, folder  # noqa: PLC0415 - `--help` needs none of it

        with users_files():
            self._expected()
            if self.write_baseline is not None:
                files.require_place(self.write_baseline)
            if self.folder is not None:
                folder.require_free(self.folder.resolve())

    def progress(self) -> AbstractContextManager[Callable[[Progress], None]]:
        """Open what is told how far the run is."""
        from mynacard_conformance.report.progress import shown_progress  # noqa: PLC0415 - likewise

        return shown_progress()

    def publish(self, report: Report, setup: Setup) -> int:
        """Print the verdict and write the files that were asked for; return the exit status."""
        from mynacard_conformance.report import folder  # noqa: PLC0415 - likewise
        from mynacard_conformance.report.messages import language_or_locale  # noqa: PLC0415 - likewise
        from mynacard_conformance.report.standing import Standing  # noqa: PLC0415 - likewise

        language = language_or_locale(self.lang)
        with users_files():
            standing = self._written_down(Standing(report, self._expected(), self.strict))
            self._print(standing, setup, language)
            if self.folder is not None:
                folder.write(self.folder, standing, setup, language)
                self._say_where(language)
        if not standing.has_verdict:
            return HARNESS_ERROR
        return CONFORMANT if standing.conformant else NOT_CONFORMANT

    def _expected(self) -> dict[str, str]:
        """The expected findings, those of a baseline that will be written anew among them."""
        from mynacard_conformance.report import baseline  # noqa: PLC0415 - likewise

        to_be_replaced = self.write_baseline if self.write_baseline and self.write_baseline.exists() else None
        paths = (path for path in (to_be_replaced, self.baseline) if path)
        return {key: reason for path in paths for key, reason in baseline.read(path).items()}

    def _written_down(self, standing: Standing) -> Standing:
        """Write the findings into the new baseline, and let them be expected; nothing where there is no verdict."""
        from mynacard_conformance.report import baseline, files  # noqa: PLC0415 - likewise

        if self.write_baseline is None or not standing.has_verdict:
            return standing
        expected = baseline.reasons(standing.findings, standing.expected)
        files.replace_text(self.write_baseline, baseline.written(expected, self.write_baseline))
        return replace(standing, expected=expected)

    def _say_where(self, language: Language) -> None:
        from mynacard_conformance.report.messages import text  # noqa: PLC0415 - likewise

        if self.folder is not None and not self.as_json:
            click.echo(f"{text('report', language)}: {self.folder / 'index.html'}")

    def _print(self, standing: Standing, setup: Setup, language: Language) -> None:
        from mynacard_conformance.report import as_json, text  # noqa: PLC0415 - likewise

        if self.as_json:
            print_json(as_json.describe(standing, setup))
            return
        for line in text.write(standing, language, setup, verbose=self.verbose):
            click.echo(line)


def reporting_options(verb: Verb) -> Verb:
    """Add the options about what is made of a verdict, which the verb gets as `reporting`."""

    @click.option(
        "--report", "folder", type=_PATH, metavar="DIR", help="Write a report there: HTML, JUnit, JSON, traces."
    )
    @click.option(
        "--baseline", type=_PATH, metavar="FILE", help="Do not fail for the findings that are expected there."
    )
    @click.option(
        "--write-baseline", type=_PATH, metavar="FILE", help="Write the findings there, as expected from now on."
    )
    @click.option(
        "--strict", is_flag=True, help="Fail for a broken should, too, and for an expected finding that is gone."
    )
    @click.option("--verbose", is_flag=True, help="List the requirements that were kept, too.")
    @LANGUAGE
    @JSON
    @wraps(verb)
    def with_reporting(
        *args: Any,  # noqa: ANN401 - click's own
        folder: Path | None,
        baseline: Path | None,
        write_baseline: Path | None,
        strict: bool,
        verbose: bool,
        lang: Language | None,
        as_json: bool,
        **others: Any,  # noqa: ANN401 - likewise
    ) -> object:
        return verb(
            *args, reporting=Reporting(folder, baseline, write_baseline, strict, verbose, as_json, lang), **others
        )

    return with_reporting


@contextmanager
def users_files() -> Iterator[None]:
    """Turn what is wrong with a file that the user named into one line."""
    from mynacard_conformance.report.files import UnusableFileError  # noqa: PLC0415 - likewise

    try:
        yield
    except UnusableFileError as error:
        raise UnusableError(str(error)) from None


def print_json(value: object) -> None:
    """Print JSON for programs."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))

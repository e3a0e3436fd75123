"""How far a run is, on a terminal and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mynacard_conformance.run import Progress, keep_quiet


@contextmanager
def shown_progress() -> Iterator[Callable[[Progress], None]]:
    """Give what a run is to tell its progress to: a line on standard error that is gone when the run is over."""
    if not sys.stderr.isatty():
        yield keep_quiet
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - likewise
    from rich.progress import Progress as Bar  # noqa: PLC0415 - likewise

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")
        yield lambda progress: bar.update(task, completed=progress.done, total=progress.of, description=progress.name)

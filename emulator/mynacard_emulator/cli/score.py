"""The verb `score`: somebody's own tests, run against one faulty card after the other, and what they never look at."""

from __future__ import annotations

import inspect
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from tempfile import TemporaryFile
from typing import Self

import click

from . import INTERRUPTED, WRONG_USAGE
from .choose import FaultyCard, faulty_card, faulty_cards, state_option
from .exec import CANNOT_RUN, NOT_FOUND, OWN_FAILURE

_TIMES, _AT_LEAST_SECONDS = 10, 30.0
"""How long a run with a faulty card may take where nobody says so: so many times the honest one, and no less."""

_LAST_SECONDS = 3.0
"""How long a command may tidy up after SIGTERM."""


class _NothingToTell(click.ClickException):
    """There is no score."""

    exit_code = WRONG_USAGE


class _Stopped(Exception):
    """Nobody waits for the end of this run any more."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A run: its exit status, or None where its time was up before; the seconds it took; what it printed, if kept."""

    status: int | None
    seconds: float
    output: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What a suite made of a faulty card.

    Attributes:
        name: The card's name.
        mistake: What is wrong with it.
        requirement: The id of the requirement that it breaks.
        killed: Whether the suite failed, or did not end.
        by: Which of these: `status 1`, or `time`; empty where the card survived.
        seconds: How long that took.

    """

    name: str
    mistake: str
    requirement: str
    killed: bool
    by: str
    seconds: float


class Runs:
    """Runs a command in private PC/SC stacks, each by an `exec` of its own: no run leaves anything to another.

    Args:
        command: What to run.
        cards: What `exec` is told about the cards in the readers.
        workers: How many runs at a time.
        verbose: Whether what is printed about faulty cards is kept, too.

    """

    def __init__(self, command: Sequence[str], cards: Sequence[str], workers: int, *, verbose: bool) -> None:
        self._command = tuple(command)
        self._cards = tuple(cards)
        self._verbose = verbose
        self._pool = ThreadPoolExecutor(workers)
        self._stopped, self._stop = os.pipe()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End whatever still runs."""
        os.write(self._stop, b"!")
        self._pool.shutdown(cancel_futures=True)
        os.close(self._stopped)
        os.close(self._stop)

    def honest(self, limit: float | None) -> Ran:
        """Run it with the honest card, for at most so many seconds."""
        return self._pool.submit(self._run, None, limit).result()

    def each(self, faulty: Iterable[str], limit: float) -> Iterator[Ran]:
        """Run it with one faulty card after the other; what comes of it, in their order."""
        return self._pool.map(partial(self._run, limit=limit), faulty)

    def _run(self, faulty: str | None, limit: float | None) -> Ran:
        cards = self._cards if faulty is None else (*self._cards, "--faulty", faulty)
        ours = (sys.executable, "-P", "-m", "mynacard_emulator")  # -P: what lies in the user's folder is none of it
        arguments = (*ours, "exec", *cards, "--", *self._command)
        begun = time.monotonic()
        with TemporaryFile() as output:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output if self._verbose or faulty is None else subprocess.DEVNULL,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # what it starts can be ended with it, and Ctrl-C is for us alone
            )
            status = self._awaited(process, limit)
            output.seek(0)
            return Ran(status, time.monotonic() - begun, output.read().decode(errors="replace"))

    def _awaited(self, process: subprocess.Popen[bytes], limit: float | None) -> int | None:
        """Wait for its end, and end what it leaves behind; None where it has to be ended itself."""
        ended = os.pidfd_open(process.pid)
        heard = select.select([ended, self._stopped], [], [], limit)[0]
        if ended not in heard:
            os.killpg(process.pid, signal.SIGTERM)
            select.select([ended], [], [], _LAST_SECONDS)
        os.killpg(process.pid, signal.SIGKILL)  # before `wait`, until which this number is nobody else's
        os.close(ended)
        process.wait()
        if self._stopped in heard:
            raise _Stopped
        return process.returncode if heard else None


@click.command(context_settings={"allow_interspersed_args": False})
@click.option("--faulty", "chosen", multiple=True, metavar="NAME", help="Only this faulty card; repeat for more.")
@click.option("--profile", "names", multiple=True, metavar="NAME|TOML", help="A fresh card; repeat for more readers.")
@state_option
@click.option(
    "-n",
    "--workers",
    type=click.IntRange(1),
    default=1,
    metavar="WORKERS",
    help="Try so many cards at a time; default 1.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    metavar="SECONDS",
    help="How long one run may take; by default ten times what the honest card took, and at least 30 seconds.",
)
@click.option(
    "--at-least", type=click.FloatRange(0, 100), metavar="PERCENT", help="Fail (1) where fewer of the cards are killed."
)
@click.option("--verbose", is_flag=True, help="Show what COMMAND prints, on standard error.")
@click.option("--json", "as_json", is_flag=True, help="The result for programs.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def score(
    ctx: click.Context,
    chosen: tuple[str, ...],
    names: tuple[str, ...],
    state: str,
    workers: int,
    time_limit: float | None,
    at_least: float | None,
    verbose: bool,
    as_json: bool,
    command: tuple[str, ...],
) -> None:
    """Run your own tests against faulty cards, and learn which mistakes they never look at.

    COMMAND is run as `mynacard exec` runs it: once with the honest card, which it must accept, then once with each
    faulty card. A card is killed when COMMAND fails or takes too long, and survives when COMMAND is content with it.
    """
    wanted = {name: faulty_card(name) for name in chosen} or faulty_cards()
    cards = [*(word for name in names for word in ("--profile", name)), f"--state={state}"]
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    tried: list[Tried] = []
    interrupted = False
    try:
        with Runs(command, cards, workers, verbose=verbose) as runs:
            limit = _accepted(ctx, runs.honest(time_limit), verbose=verbose)
            for name, ran in zip(wanted, runs.each(wanted, time_limit or limit), strict=True):
                tried.append(_judged(name, wanted[name], ran))
                _tell(tried[-1], ran, as_json=as_json, verbose=verbose)
    except KeyboardInterrupt:
        interrupted = True
    click.echo(_document(tried, len(wanted)) if as_json else _summary(tried, len(wanted)))
    if interrupted:
        ctx.exit(INTERRUPTED)
    ctx.exit(int(at_least is not None and _percent(tried) < at_least))


def _accepted(ctx: click.Context, ran: Ran, *, verbose: bool) -> float:
    """Go on where the suite is content with the honest card; return how many seconds a faulty one is given."""
    if ran.status != 0 or verbose:
        click.echo(ran.output, nl=False, err=True)
    if ran.status == 0:
        return max(_AT_LEAST_SECONDS, _TIMES * ran.seconds)
    if ran.status == OWN_FAILURE:  # which has said why
        ctx.exit(WRONG_USAGE)
    if ran.status in (CANNOT_RUN, NOT_FOUND):
        ctx.exit(ran.status)
    came = "does not end in time" if ran.status is None else f"ends with status {ran.status}"
    raise _NothingToTell(f"with the honest card COMMAND {came}, so its failures tell nothing; mend that first")


def _judged(name: str, faulty: FaultyCard, ran: Ran) -> Tried:
    if ran.status == OWN_FAILURE:
        raise _NothingToTell(f"{name}: the private PC/SC stack failed; see what `mynacard doctor` says")
    by = "time" if ran.status is None else f"status {ran.status}" if ran.status else ""
    mistake = (inspect.getdoc(faulty) or "").partition("\n")[0]
    return Tried(name, mistake, getattr(faulty, "fault", ""), bool(by), by, round(ran.seconds, 1))


def _tell(tried: Tried, ran: Ran, *, as_json: bool, verbose: bool) -> None:
    if verbose:
        click.echo(f"--- {tried.name}\n{ran.output}", nl=False, err=True)
    if not as_json:
        click.echo(f"killed    {tried.name} ({tried.by})" if tried.killed else f"survived  {tried.name}")


def _percent(tried: Sequence[Tried]) -> float:
    return 100 * sum(each.killed for each in tried) / len(tried) if tried else 0.0


def _summary(tried: Sequence[Tried], wanted: int) -> str:
    """The score, and of each survivor what is wrong with it."""
    killed = sum(each.killed for each in tried)
    untried = f"; {wanted - len(tried)} were not tried" if len(tried) < wanted else ""
    lines = ["", f"{killed} of {len(tried)} faulty cards killed ({int(_percent(tried))} %){untried}"]
    if survivors := [each for each in tried if not each.killed]:
        lines += ["", "No test looks at these; `mynacard requirements ID` says what is required:"]
        lines += [f"  {each.name} ({each.requirement}): {each.mistake}" for each in survivors]
    return "\n".join(lines)


def _document(tried: Sequence[Tried], wanted: int) -> str:
    killed = sum(each.killed for each in tried)
    document = {"killed": killed, "tried": len(tried), "of": wanted, "percent": round(_percent(tried), 1)}
    return json.dumps(document | {"cards": [asdict(each) for each in tried]}, ensure_ascii=False, indent=2)

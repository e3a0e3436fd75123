"""The `mynacard` command; other packages add verbs through the entry-point group `mynacard.commands`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

_COMMANDS = {
    "new": ("cards", "new"),
    "show": ("cards", "show"),
    "profiles": ("cards", "profiles_"),
    "assumptions": ("cards", "assumptions"),
    "apdu": ("talk", "apdu"),
    "trace": ("talk", "trace"),
    "run": ("run", "run"),
    "exec": ("exec", "exec_"),
    "score": ("score", "score"),
    "doctor": ("machine", "doctor"),
    "demo": ("machine", "demo"),
    "office": ("office", "office"),
    "services": ("services", "services"),
}
"""Verb, and where it is; a module is imported when its verb is used."""

_GROUP = "mynacard.commands"

WRONG_USAGE, INTERRUPTED = 2, 130
"""Exit statuses that every verb shares; 1 is a verdict, and so never that of a mistake."""


class _LazyGroup(click.Group):
    """Imports a verb when it is asked for: `mynacard apdu` must not wait for Hypothesis."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted({*_COMMANDS, *_others().names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name in _COMMANDS:
            module, name = _COMMANDS[cmd_name]
            command = getattr(import_module(f"{__name__}.{module}"), name)
        else:
            command = next((entry.load() for entry in _others().select(name=cmd_name)), None)
        return command if isinstance(command, click.Command) else None


def _others() -> EntryPoints:
    from importlib.metadata import entry_points  # noqa: PLC0415 - a tenth of the start-up, and our own verbs go without

    return entry_points(group=_GROUP)


@click.group(cls=_LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mynacard", prog_name="mynacard")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """A software My Number Card, and a conformance harness for every program that talks to one."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(WRONG_USAGE)


def main() -> None:
    """Run the command; a user's mistake is one line on standard error and an exit status, never a traceback."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names are Japanese, and not every terminal is
    try:
        status = cli.main(prog_name="mynacard", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(WRONG_USAGE)
    except click.ClickException as error:
        click.echo(_one_line(error), err=True)
        sys.exit(max(error.exit_code, WRONG_USAGE))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    except Exception as error:
        if not is_users_mistake(error):
            raise
        click.echo(f"mynacard: {error}", err=True)
        if isinstance(error, OSError):
            _give_up_output()
        sys.exit(WRONG_USAGE)
    sys.exit(status if isinstance(status, int) else 0)


def _give_up_output() -> None:
    """Let nothing be written any more: what could not be, the interpreter would try again when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(error: click.ClickException) -> str:
    message = error.format_message().replace("\n", " ")
    if isinstance(error, click.UsageError) and error.ctx is not None:
        verb = error.ctx.command_path
        return f"{verb}: {message} (see `{verb} --help`)"
    return f"mynacard: {message}"


def is_users_mistake(error: Exception) -> bool:
    """Whether the error is one that its message tells the user how to put right; verbs from elsewhere use click's."""
    from mynacard_emulator.cards import UnknownPinError  # noqa: PLC0415 - only now is it needed
    from mynacard_emulator.pki.errors import IssuerError  # noqa: PLC0415 - only now is it needed
    from mynacard_emulator.readers.port import ReaderError  # noqa: PLC0415 - only now is it needed
    from mynacard_emulator.storage import StoredFileError  # noqa: PLC0415 - only now is it needed
    from mynacard_emulator.transcript import TranscriptError  # noqa: PLC0415 - only now is it needed

    ours = UnknownPinError | IssuerError | ReaderError | StoredFileError | TranscriptError
    return isinstance(error, ours | OSError)  # the system's refusals, of a full disk for one, name their cause

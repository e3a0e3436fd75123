"""The `mynacard` command; other packages add verbs through the entry-point group `mynacard.commands`."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.metadata import entry_points

import click

_COMMANDS = {
    "new": ("cards", "new"),
    "show": ("cards", "show"),
    "profiles": ("cards", "profiles_"),
    "assumptions": ("cards", "assumptions"),
    "apdu": ("talk", "apdu"),
    "trace": ("talk", "trace"),
    "run": ("serve", "run"),
    "exec": ("serve", "exec_"),
    "doctor": ("machine", "doctor"),
    "demo": ("machine", "demo"),
}
"""Verb, and where it is; a module is imported when its verb is used."""

_GROUP = "mynacard.commands"


class _LazyGroup(click.Group):
    """Imports a verb when it is asked for: `mynacard apdu` must not wait for Hypothesis."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted({*_COMMANDS, *(entry.name for entry in entry_points(group=_GROUP))})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name in _COMMANDS:
            module, name = _COMMANDS[cmd_name]
            command = getattr(import_module(f"{__name__}.{module}"), name)
        else:
            command = next((entry.load() for entry in entry_points(group=_GROUP, name=cmd_name)), None)
        return command if isinstance(command, click.Command) else None


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mynacard", prog_name="mynacard")
def cli() -> None:
    """A software My Number Card, and a conformance harness for every program that talks to one."""


def main() -> None:
    """Run the command; a user's mistake is one line on standard error and an exit status, never a traceback."""
    try:
        status = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has seen enough
        sys.exit(0)
    except Exception as error:
        if not is_users_mistake(error):
            raise
        click.echo(f"mynacard: {error}", err=True)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)


def is_users_mistake(error: Exception) -> bool:
    """Whether the error is one that its message tells the user how to put right."""
    from mynacard_emulator.cards import UnknownPinError  # noqa: PLC0415 - only now is it needed
    from mynacard_emulator.pki.errors import IssuerError  # noqa: PLC0415 - only now is it needed
    from mynacard_emulator.readers.port import ReaderError  # noqa: PLC0415 - only now is it needed
    from mynacard_emulator.storage import CardFileError  # noqa: PLC0415 - only now is it needed
    from mynacard_emulator.transcript import TranscriptError  # noqa: PLC0415 - only now is it needed

    return isinstance(error, UnknownPinError | IssuerError | ReaderError | CardFileError | TranscriptError)

"""The verbs of `mynacard office`: the authority's side of cards in files, and of a registry in a file.

Every errand of the office is a verb by itself; those about the registry as a whole are written out.
"""

from __future__ import annotations

from importlib import import_module

import click

_OWN = {
    "init": ("registry", "init"),
    "enrol": ("registry", "enrol"),
    "status": ("status", "status"),
    "clock": ("registry", "clock"),
    "serve": ("serve", "serve_"),
}
"""The verbs that are no errands, and where they are; a module is imported when its verb is used."""


class _Desks(click.Group):
    """Makes a verb of an errand when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        from .verbs import commands  # noqa: PLC0415 - the office is imported when it is used

        return sorted({*_OWN, *commands()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name in _OWN:
            module, name = _OWN[cmd_name]
            command = getattr(import_module(f"{__name__}.{module}"), name)
            return command if isinstance(command, click.Command) else None
        from .verbs import commands  # noqa: PLC0415 - the office is imported when it is used

        return commands().get(cmd_name)


@click.group("office", cls=_Desks)
def office() -> None:
    """Be the authority: reset PINs, renew, suspend and replace cards in files.

    A registry file knows the persons, their cards and certificates, and has a clock of its own. Begin with `init` and
    `enrol`; then every errand is one line. Exit status 0 when it is done, 1 when the desk refuses.
    """

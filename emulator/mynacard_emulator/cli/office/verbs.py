"""Each errand of the office as a command, made from the errand's own signature and one table of words."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click

from mynacard_emulator.clock import WorldClock
from mynacard_emulator.office import messages
from mynacard_emulator.office.card_files import CardFiles
from mynacard_emulator.office.enrolment import card_serial
from mynacard_emulator.office.errands import ERRANDS, ErrandError
from mynacard_emulator.office.office import Office
from mynacard_emulator.office.registry import CardEntry, PendingWrite
from mynacard_emulator.office.registry_file import StoredRegistry
from mynacard_emulator.office.visit import Visit
from mynacard_emulator.office.visitor import Actor
from mynacard_emulator.storage import StoredFileError

from .options import language_of, language_parameter, registry_of, registry_parameter
from .values import day, from_standard_input, moment, pair, paper
from .words import CARD, CHOICES, GROUPS, NEW_FILE, PARAMETERS, PHONE, VERBS, Verb

_FILES = ("phone", "card")
"""Parameters that are cards, and so files here."""


@cache
def commands() -> dict[str, click.Command]:
    """Every verb that is an errand, those of two words in groups."""
    found: dict[str, click.Command] = {}
    for desk, names in ERRANDS.items():
        for errand in (f"{desk}.{name}" for name in names):
            first, _, second = verb_of(errand).name.partition(" ")
            if not second:
                found[first] = command_of(errand, first)
                continue
            group = found.setdefault(first, click.Group(first, help=GROUPS.get(first)))
            if isinstance(group, click.Group):
                group.add_command(command_of(errand, second))
    return found


def verb_of(errand: str) -> Verb:
    """The words of an errand; without an entry in the table they are taken from the code."""
    return VERBS.get(errand) or Verb(errand.replace(".", " ").replace("_", "-"), inspect.getdoc(_method(errand)) or "")


def command_of(errand: str, name: str) -> click.Command:
    """Make the command: a parameter without a default is an argument, any other an option."""
    method = _method(errand)
    verb = verb_of(errand)
    signature = inspect.signature(method).parameters
    parameters = list(_parameters(errand, method, verb))
    options: list[click.Parameter] = [*_visitor_options()] if "visitor" in signature else []
    json_option = click.Option(["--json", "as_json"], is_flag=True, help="Print what came of it as JSON.")
    return click.Command(
        name,
        callback=partial(_carry_out, errand),
        params=[*parameters, *options, registry_parameter(), language_parameter(), json_option],
        help=f"{verb.help}\n\n\b\n{_explained(parameters)}",
        short_help=verb.help.partition("\n")[0],
    )


def _method(errand: str) -> Callable[..., Visit]:
    desk, _, name = errand.partition(".")
    office = Office(WorldClock(), CardFiles())
    method: Callable[..., Visit] = getattr(getattr(office, desk), name)
    return method


def _parameters(errand: str, method: Callable[..., Visit], verb: Verb) -> Iterator[click.Parameter]:
    signature = inspect.signature(method).parameters
    kinds = get_type_hints(method)
    for name in (name for name in _FILES if name in signature):
        yield click.Argument([name], type=click.Path(path_type=Path), metavar=name.upper())
    if verb.hands_over:
        yield click.Argument(["new_file"], type=click.Path(path_type=Path), metavar="NEWFILE")
    for name, parameter in signature.items():
        if name in _FILES or name == "visitor":
            continue
        given = _kind(errand, name, kinds.get(name))
        if parameter.default is inspect.Parameter.empty:
            yield click.Argument([name], type=given.get("type"), metavar=name.upper())
        else:
            told = PARAMETERS.get(f"{errand}.{name}") or PARAMETERS.get(name, "")
            yield click.Option([f"--{name.replace('_', '-')}", name], help=told, **given)


def _kind(errand: str, name: str, kind: object) -> dict[str, Any]:
    """How click reads a parameter of this name and type."""
    if choices := CHOICES.get(f"{errand}.{name}") or CHOICES.get(name):
        return {"type": click.Choice(choices)}
    kinds = {kind, *get_args(kind)}
    if bool in kinds:
        return {"is_flag": True, "default": False}
    if datetime in kinds:
        return {"type": moment, "metavar": "TIME"}
    if date in kinds:
        return {"type": day, "metavar": "DAY"}
    if any(getattr(part, "__origin__", None) is Mapping or part is Mapping for part in kinds):
        return {"type": pair, "metavar": "NAME=VALUE", "multiple": True}
    return {"type": str}


def _explained(parameters: list[click.Parameter]) -> str:
    """The arguments, which click leaves unexplained."""
    told = {"card": CARD, "phone": PHONE, "new_file": NEW_FILE, **PARAMETERS}
    lines = []
    for parameter in parameters:
        if isinstance(parameter, click.Argument):
            text = told.get(parameter.name or "", "")
            if isinstance(parameter.type, click.Choice):
                text = f"{text} ({', '.join(parameter.type.choices)})"
            lines.append(f"{parameter.metavar:14}{text}")
    return "\n".join(lines)


def _visitor_options() -> Iterator[click.Option]:
    actors = [actor.replace("_", "-") for actor in Actor]
    yield click.Option(["--by"], type=click.Choice(actors), help="Who comes; default: the holder.")
    yield click.Option(
        ["--document"],
        type=paper,
        metavar="KIND[:DAY]",
        multiple=True,
        help="A paper of the holder's, such as passport or driving-licence:2027-03-31; default: a driving licence. "
        "`none`: no paper at all.",
    )
    yield click.Option(
        ["--own-document"],
        type=paper,
        metavar="KIND[:DAY]",
        multiple=True,
        help="A paper of whoever comes for the holder.",
    )
    yield click.Option(["--same-household"], is_flag=True, help="Who comes lives with the holder.")
    yield click.Option(["--register-in-city"], is_flag=True, help="The family register is kept here.")
    yield click.Option(["--reply-form"], is_flag=True, help="The reply form that was posted is brought, filled in.")
    yield click.Option(["--without-card"], is_flag=True, help="The card stays at home.")


def _carry_out(errand: str, /, **given: Any) -> None:  # noqa: ANN401 - click passes values of any type
    cards: dict[str, Path] = {name: given.pop(name) for name in _FILES if name in given}
    new_file: Path | None = given.pop("new_file", None)
    path = registry_of(given.pop("registry"), next(iter(cards.values()), None))
    language = language_of(given.pop("lang"))
    as_json = given.pop("as_json")
    details = {**_visitor(given), **_details(given)}
    with StoredRegistry.open(path) as stored:
        files = CardFiles(new_file)
        for card in cards.values():
            _require_known(stored, files, card, path)
        _require_room(stored, new_file)
        try:
            visit = stored.office(files).perform(errand, **cards, **details)
        except ErrandError as error:
            raise click.UsageError(str(error)) from None
    if as_json:
        click.echo(json.dumps(_plain(visit), ensure_ascii=False, indent=2))
    else:
        for sentence in messages.of_visit(errand, visit, language):
            click.echo(sentence)
    click.get_current_context().exit(0 if visit.done else 1)


def _visitor(given: dict[str, Any]) -> dict[str, object]:
    """Who comes, in the words of `errands`; they are taken out of what was given."""
    if "by" not in given:
        return {}
    said: dict[str, object] = {name: given.pop(name) for name in ("same_household", "register_in_city", "reply_form")}
    said["bring_card"] = not given.pop("without_card")
    said["own_documents"] = tuple(filter(None, given.pop("own_document")))
    if papers := given.pop("document"):
        said["documents"] = tuple(filter(None, papers))
    if (actor := given.pop("by")) is not None:
        said["by"] = actor
    return said


def _details(given: Mapping[str, Any]) -> dict[str, object]:
    """What the errand is told: only what was said, and each - replaced by a line of standard input."""
    said = {name: value for name, value in given.items() if value is not None and value != ()}
    return {
        name: from_standard_input(dict(value)) if isinstance(value, tuple) else value
        for name, value in from_standard_input(said).items()
    }


def _require_known(stored: StoredRegistry, files: CardFiles, card: Path, path: Path) -> None:
    serial = card_serial(files.look(card)) or ""
    if stored.registry.find(CardEntry, serial) is None and not any(stored.registry.certificates_of(serial)):
        raise click.ClickException(f"{path} does not know {card}: make it known with `mynacard office enrol {card}`")


def _require_room(stored: StoredRegistry, new_file: Path | None) -> None:
    """Refuse before anything is done where a new card would have no place; one cut off on its way there is let in."""
    if new_file is None or not new_file.exists():
        return
    try:
        serial = card_serial(CardFiles().look(new_file))
    except StoredFileError:
        serial = None
    if stored.registry.find(PendingWrite, serial or "") is None:
        raise click.ClickException(f"{new_file} already exists: choose another path for the new card")


def _plain(visit: Visit) -> dict[str, object]:
    return {
        "outcome": visit.outcome,
        "tries_left": visit.tries_left,
        "advice": list(visit.advice),
        "card": None if visit.card is None else str(visit.card),
        "ready_on": None if visit.ready_on is None else visit.ready_on.isoformat(),
    }

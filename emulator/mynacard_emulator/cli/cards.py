"""Verbs about cards that nobody talks to: `new`, `show`, `profiles`, `assumptions`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from mynacard_emulator import profiles
from mynacard_emulator.applications.pins import PINS, reference_data
from mynacard_emulator.card import Question, questions
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.office.policy import policy_questions
from mynacard_emulator.personalise.answers import as_word
from mynacard_emulator.personalise.issued import IssuedCard, IssuedCertificate
from mynacard_emulator.readers.reader import reader_questions

from .choose import DEFAULT_PROFILE, profile_option, read_state, state_option, whose

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@profile_option
@state_option
@click.option("--fresh-keys", is_flag=True, help="Make new key pairs instead of taking the shipped ones.")
@click.option("--seed", type=int, default=0, help="Decides serial numbers and the like; default 0.")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def new(file: Path, profile: str | None, state: str, fresh_keys: bool, seed: int, force: bool) -> None:
    """Personalise a card into FILE.

    The file holds the card and everything it remembers, PINs and private keys too; only its owner may read it.
    """
    issued = profiles.load(profile or DEFAULT_PROFILE, seed=seed, fresh_keys=fresh_keys)
    with CardInHand.create(file, issued, read_state(state), force=force):
        until = f", valid until {issued.not_after}" if issued.text else ""
        click.echo(f"{file}: {issued.name}, {whose(issued)}{until}")
        click.echo(f"Next: mynacard run {file}, or mynacard show {file}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reveal", is_flag=True, help="Print the PIN values and the My Number.")
@click.option(
    "--face",
    "picture",
    metavar="OUT.png",
    type=click.Path(path_type=Path),
    help="Draw both sides, with the My Number, into OUT.png.",
)
@_JSON
def show(file: Path, reveal: bool, picture: Path | None, as_json: bool) -> None:
    """Show the card in FILE: its face, its certificates, and each PIN with the tries left."""
    if picture is not None and picture.suffix.lower() != ".png":
        raise click.UsageError(f"--face {str(picture)!r}: name a picture that ends in .png")
    card = CardInHand.look(file)
    if picture is not None:
        _draw(card, picture)
    described = _describe(card, reveal=reveal)
    if as_json:
        click.echo(json.dumps(described, ensure_ascii=False, indent=2))
        return
    for section, entries in described.items():
        click.echo(section if entries else f"{section}: none")
        for name, value in entries.items():
            click.echo(f"  {name:22}{value}")


@click.command("profiles")
@click.option("--show", "shown", metavar="NAME", help="Print the TOML of one, to read or to start from.")
@_JSON
def profiles_(shown: str | None, as_json: bool) -> None:
    """List the built-in profiles."""
    if shown is not None:
        click.echo(profiles.text(shown), nl=False)
        return
    listed = {name: profiles.spec(name).holder for name in profiles.names()}
    if as_json:
        click.echo(
            json.dumps(
                {name: {"holder": h.name, "born": str(h.born)} for name, h in listed.items()}, ensure_ascii=False
            )
        )
        return
    for name, holder in listed.items():
        click.echo(f"{name:18}{holder.name}, born {holder.born}")


@click.command()
@_JSON
def assumptions(as_json: bool) -> None:
    """List every behaviour of the card, its reader and the office that is not publicly known.

    Each has a default, alternatives, a source and a confidence. A profile may choose otherwise for the card in its
    [behaviour] table, `mynacard office init --policy` for the office; for the reader `Reader` does in Python.
    """
    listed = {"card": questions(), "reader": reader_questions(), "office": policy_questions()}
    if as_json:
        entries = [{"about": about, **_plain(question)} for about, asked in listed.items() for question in asked]
        click.echo(json.dumps(entries, ensure_ascii=False, indent=2))
        return
    for about, asked in listed.items():
        click.echo(f"# {about}")
        for question in asked:
            others = ", ".join(map(as_word, question.alternatives))
            click.echo(f"{question.name} = {as_word(question.default)}   (or {others})")
            click.echo(f"  {question.asks}")
            click.echo(f"  {question.confidence.value}: {question.source}")


def _plain(question: Question) -> dict[str, object]:
    return {
        "name": question.name,
        "asks": question.asks,
        "default": as_word(question.default),
        "alternatives": [as_word(other) for other in question.alternatives],
        "source": question.source,
        "confidence": question.confidence.value,
    }


def _draw(card: CardInHand, picture: Path) -> None:
    from mynacard_emulator.personalise.face import face  # noqa: PLC0415 - Pillow, which most calls do without

    picture.write_bytes(face(card.issued))
    click.echo(f"{picture}: front and back of the card, My Number included", err=True)


def _describe(card: CardInHand, *, reveal: bool) -> dict[str, dict[str, str]]:
    issued = card.issued
    return {
        "card (a test card, not a real one)": dict(_card(issued, reveal=reveal)),
        "certificates": {
            "sign": _certificate(issued.certificate("sign")),
            "auth": _certificate(issued.certificate("auth")),
        },
        "PINs": dict(_pins(card, reveal=reveal)),
    }


def _card(issued: IssuedCard, *, reveal: bool) -> Iterator[tuple[str, str]]:
    yield "profile", issued.name
    yield "kind", issued.kind.value
    if issued.jpki is not None:
        yield "name", issued.holder.name
        yield "address", issued.holder.address
        yield "birth date", str(issued.holder.born)
        yield "sex", issued.holder.sex.name.lower().replace("_", " ")
    if issued.text is not None:
        yield "My Number", issued.my_number if reveal else "•" * len(issued.my_number)
        yield "valid until", str(issued.not_after)
    yield "ATR", issued.atr.hex().upper()


def _certificate(certificate: IssuedCertificate | None) -> str:
    if certificate is None:
        return "none"
    return (
        f"serial {certificate.serial_number:08X}, {certificate.not_before:%Y-%m-%d} to {certificate.not_after:%Y-%m-%d}"
    )


def _pins(card: CardInHand, *, reveal: bool) -> Iterator[tuple[str, str]]:
    for name in PINS:
        data = reference_data(card.card.state.memory, name)
        if data is None:  # no licence, or the card was made before mynacard had its application
            continue
        if data.value is None:
            yield name, "never set"
        elif data.counter.blocked:
            yield name, "locked" + (f", value {data.value.decode('ascii', 'replace')}" if reveal else "")
        else:
            left = f"{data.counter.left} of {data.counter.limit} tries left"
            yield name, left + (f", value {data.value.decode('ascii', 'replace')}" if reveal else "")

"""What the pages say, in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files

from mynacard_emulator.office.messages import Language, Message


@cache
def words() -> Mapping[str, Mapping[str, Message]]:
    """Every word, by table and name."""
    text = files("mynacard_emulator.services.site").joinpath("words.toml").read_text(encoding="utf-8")
    tables: Mapping[str, Mapping[str, tuple[str, str]]] = tomllib.loads(text)
    return {table: {name: Message(*both) for name, both in entries.items()} for table, entries in tables.items()}


class Words:
    """The words in one language; what a service calls something that has none stays as it is."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, table: str, name: str) -> str:
        """One of them."""
        message = words()[table].get(name)
        return name if message is None else message.in_language(self.language)

    def values(self, told: str) -> str:
        """What a service tells of something: words that have translations, and times."""
        return ", ".join(self._value(each) for each in told.split(", "))

    def _value(self, told: str) -> str:
        try:
            return f"{datetime.fromisoformat(told):%Y-%m-%d %H:%M}"
        except ValueError:
            return self("value", told)

    def table(self, name: str) -> Mapping[str, str]:
        """All of a table, for the script in a page."""
        return {key: message.in_language(self.language) for key, message in words()[name].items()}

"""Pages from templates: escaped, and whole or an error."""

from __future__ import annotations

from functools import partial

from .messages import Language, say, sentence, text, word


def render(template: str, language: Language, **values: object) -> str:
    """Fill a template of the folder `templates`; everything in it speaks the language."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only pages need it

    environment = Environment(
        loader=PackageLoader("mynacard_conformance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        language=language,
        say=partial(say, language=language),
        sentence=partial(sentence, language=language),
        word=partial(word, language=language),
        text=lambda key, *gaps: text(key, language, *gaps),
    )
    return environment.get_template(template).render(values)

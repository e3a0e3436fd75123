"""The page that traces what is required to where it is exercised, in Markdown: docs/requirements.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from mynacard_conformance.scenarios.families import SCENARIOS
from mynacard_conformance.scenarios.story import Scenario
from mynacard_conformance.source_requirements import Chapter, SourceRequirement, chapters, source_requirements
from mynacard_conformance.suites import SUITES

from .catalogue import covering
from .messages import Language, text, word

_OPENING: Mapping[Language, str] = MappingProxyType(
    {
        "en": """\
# What is required, and where it is exercised

[日本語](requirements.ja.md)

The source documents require {all} things of the card, the office, the client and the services. Each stands here once,
in the project's own words, with those whose affair it is.

{testable} of them can be tried out, and are **exercised**: at least one scenario has a step that depends on it, and
comes to something else where it is not kept. If that is the client's doing, it is a finding; if it is the card's, the
office's or a service's, the story cannot go on, and the run ends with an error of the harness. The other
{untestable} are for information: there is nothing to try out.

```sh
mynacard requirements --coverage    # the same, and what is required of clients, cards and readers besides
mynacard requirements --markdown    # this page
mynacard scenarios RESET-11         # a scenario, and the requirements behind it
```

The [scenarios](#scenarios), {scenarios} of them, are at the end, with what each tries out and the
[suites](scenarios.md) in which it is played.
""",
        "ja": """\
# 要件と、それを試すシナリオ

[English](requirements.md)

資料がカード、行政の窓口、クライアント、サービスに求めることは{all}件ある。ここでは各要件を一度ずつ、独自の言葉で、
誰に関わるものかとともに示す。

このうち{testable}件は試すことができ、どれも**シナリオで試している**。すなわち、その要件が守られていないと結果が変わる手順が、
少なくとも一つのシナリオにある。クライアントに原因があれば指摘となる。カード、窓口、サービスに原因があれば、シナリオは続けられず、
試験側のエラーとして終わる。残りの{untestable}件は情報であり、試すことがない。

```sh
mynacard requirements --coverage    # 同じ内容と、クライアント、カード、リーダーに求める要件
mynacard requirements --markdown    # このページ
mynacard scenarios RESET-11         # シナリオの内容と、その根拠となる要件
```

末尾に[シナリオ](#scenarios)を{scenarios}件、試す要件と、実施される[スイート](scenarios.md)とともに示す。
""",
    }
)


def page(language: Language) -> str:
    """Write the whole page: the requirements of the source documents by chapter, then the scenarios."""
    every = source_requirements().values()
    testable = sum(each.testable for each in every)
    opening = _OPENING[language].format(
        all=len(every), testable=testable, untestable=len(every) - testable, scenarios=len(SCENARIOS)
    )
    parts = (opening, *(_chapter(each, language) for each in chapters()), _scenarios(language))
    return "\n".join(parts)


def _chapter(chapter: Chapter, language: Language) -> str:
    title = chapter.title if language == "en" else chapter.title_ja
    columns = (text(name, language) for name in ("number", "required", "affair", "exercised-by"))
    rows = (_requirement(each, language) for each in chapter.requirements)
    return f"## {title}\n\n{_table(columns, rows)}"


def _requirement(requirement: SourceRequirement, language: Language) -> Iterator[str]:
    yield _anchored(requirement.id)
    yield requirement.sentence if language == "en" else requirement.sentence_ja
    yield text("comma", language).join(word(layer, language) for layer in requirement.layers)
    untried = text("untried" if requirement.testable else "information", language)
    yield ", ".join(_link(name) for name in covering({requirement.id})) or untried


def _scenarios(language: Language) -> str:
    columns = (text(name, language) for name in ("scenario", "about", "tries-out", "suites"))
    table = _table(columns, (_scenario(each, language) for each in SCENARIOS))
    return f'<a id="scenarios"></a>\n\n## {text("scenarios-title", language)}\n\n{text("legend", language)}\n\n{table}'


def _scenario(scenario: Scenario, language: Language) -> Iterator[str]:
    yield _anchored(scenario.id)
    title = scenario.title if language == "en" else scenario.title_ja
    yield f"{title} {text('in-part', language)}" if scenario.waits else title
    yield ", ".join(_link(name) if name in source_requirements() else name for name in scenario.covers)
    yield ", ".join(f"`{name}`" for name, suite in SUITES.items() if name != "all" and scenario in suite.scenarios)


def _anchored(name: str) -> str:
    return f'<a id="{name.lower()}"></a>{name}'


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(columns)
    body = "".join(f"| {' | '.join(row)} |\n" for row in (head, *rows))
    return body.replace("\n", f"\n|{'---|' * len(head)}\n", 1)

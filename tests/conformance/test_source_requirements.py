"""The requirements of the source documents: complete, each said once, in two languages."""

from __future__ import annotations

import re

import pytest

from mynacard_conformance.source_requirements import Layer, chapters, source_requirements

ALL = tuple(source_requirements().values())


def test_there_are_185_without_a_gap_and_in_order() -> None:
    assert [requirement.id for requirement in ALL] == [f"R-{number:03}" for number in range(1, 186)]


def test_each_is_in_one_chapter_and_every_chapter_has_a_title_in_both_languages() -> None:
    assert [each for chapter in chapters() for each in chapter.requirements] == list(ALL)
    assert all(re.fullmatch(r"[A-Z][ -~]+", chapter.title) for chapter in chapters())
    assert all(re.search(r"[ぁ-んァ-ン]", chapter.title_ja) for chapter in chapters())


def test_164_can_be_tried_out_and_the_others_are_information() -> None:
    untested = [requirement for requirement in ALL if not requirement.testable]
    assert len(ALL) - len(untested) == 164
    assert {requirement.layers for requirement in untested} == {(Layer.DOC,)}


def test_no_sentence_is_there_twice() -> None:
    assert len({requirement.sentence for requirement in ALL}) == len(ALL)
    assert len({requirement.sentence_ja for requirement in ALL}) == len(ALL)


@pytest.mark.parametrize("requirement", ALL, ids=lambda requirement: requirement.id)
def test_each_is_a_sentence_in_both_languages(requirement: object) -> None:
    sentence, japanese = getattr(requirement, "sentence", ""), getattr(requirement, "sentence_ja", "")
    assert re.fullmatch(r"[A-Z][ -~]{15,140}\.", sentence)
    assert re.fullmatch(r"[^a-z][^。]{5,60}。", japanese)
    assert re.search(r"[ぁ-んァ-ン]", japanese)
    assert not re.search(r"[ぁ-んァ-ン一-龥]", sentence)


@pytest.mark.parametrize("layer", Layer)
def test_every_layer_has_something_to_do(layer: Layer) -> None:
    assert any(layer in requirement.layers for requirement in ALL)

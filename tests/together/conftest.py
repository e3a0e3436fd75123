"""What several modules here share: the example drivers, each built once in a run."""

from __future__ import annotations

from functools import cache

import pytest

from .example_drivers import Attempt, CannotBuild, ExampleDriver, build


@pytest.fixture(scope="session")
def attempt(tmp_path_factory: pytest.TempPathFactory) -> Attempt:
    """Build the driver in a language when it is first asked for; where this machine cannot, give the reason."""

    @cache
    def attempt(language: str) -> ExampleDriver | CannotBuild:
        try:
            return build(language, tmp_path_factory.mktemp(language))
        except CannotBuild as reason:
            return reason

    return attempt

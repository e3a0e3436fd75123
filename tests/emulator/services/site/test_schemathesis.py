"""Schemathesis, which knows nothing of us but the description, finds nothing that is not so."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from .house import house


@pytest.mark.deep
def test_what_is_described_is_what_is_answered() -> None:
    schemathesis = pytest.importorskip("schemathesis")
    with house(hosts=None) as here:
        operations = [
            found.ok() for found in schemathesis.openapi.from_asgi("/api/openapi.json", here.app).get_all_operations()
        ]
        for operation in operations:

            @given(operation.as_strategy())
            @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
            def holds(case: object) -> None:
                case.call_and_validate()  # type: ignore[attr-defined]

            holds()

    assert len(operations) > 50

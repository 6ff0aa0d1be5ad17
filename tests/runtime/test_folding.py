"""A stream folds into the response that would have come whole, however it is cut."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cutting
from openrouter_connector.runtime.dialects import DIALECTS

Json = Any
CUTS: dict[str, tuple[Callable[[Random], Json], Callable[[Random, Json], list[Json]]]] = {
    "chat": (cutting.completion, cutting.completion_chunks),
    "messages": (cutting.message, cutting.message_events),
    "responses": (cutting.response, cutting.response_events),
}
randoms = st.integers(0, 2**64).map(Random)


def folded(dialect: str, events: list[Json], done: bool = False) -> Json:
    fold = DIALECTS[dialect].fold()
    for event in events:
        list(fold.add(event))
    return fold.complete(done)


@pytest.mark.parametrize("dialect", CUTS)
@given(rng=randoms)
@settings(max_examples=150, deadline=None)
def test_a_stream_folds_into_the_very_response(dialect: str, rng: Random) -> None:
    whole_of, cut = CUTS[dialect]
    whole = whole_of(rng)
    assert folded(dialect, cut(rng, whole)) == whole


@given(rng=randoms)
@settings(max_examples=100, deadline=None)
def test_a_response_without_its_last_event_is_put_together(rng: Random) -> None:
    whole = cutting.response(rng)
    *events, _ = cutting.response_events(rng, whole)
    usage = {"usage": None}  # which only the last event tells
    assert folded("responses", events, done=True) == whole | usage

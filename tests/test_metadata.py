"""What is known of a call, as a frozen value and as JSON."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from openrouter_connector import FileEntry, Metadata
from openrouter_connector.runtime.batch.totals import total

FILE = FileEntry("png", "image/png", "a.png", "data:,x")


def test_what_nobody_reported_is_not_in_the_json() -> None:
    assert Metadata().to_json() == {"cost": None, "latency": 0.0, "warnings": []}


def test_the_json_has_the_names_of_the_format() -> None:
    known = Metadata(
        generation_id="gen-1",
        finish_reason="stop",
        reasoning="",
        usage={},
        job_id="job-1",
        files=(FILE,),
        cost=0.0,
        attempts=2,
        latency=0.5,
        warnings=("careful",),
    )
    assert list(known.to_json().items()) == [
        ("generationId", "gen-1"),
        ("usage", {}),
        ("finishReason", "stop"),
        ("reasoning", ""),
        ("jobId", "job-1"),
        ("files", [FILE.to_json()]),
        ("cost", 0.0),
        ("attempts", 2),
        ("latency", 0.5),
        ("warnings", ["careful"]),
    ]


def test_it_cannot_be_edited() -> None:
    metadata = Metadata()
    with pytest.raises(FrozenInstanceError):
        metadata.cost = 1.0  # type: ignore[misc]


def test_several_calls_are_added_up_and_their_names_listed_once() -> None:
    calls = [
        Metadata(model="a/b", generation_id="1", cost=0.1, attempts=1, files=(FILE,)),
        Metadata(model="a/b", generation_id="2", attempts=2, usage={"tokens": 3, "by": {"x": 1}}),
        Metadata(model="c/d", cost=0.2, attempts=1, usage={"tokens": 4, "by": {"x": 2}, "n": "a"}),
    ]
    found = total(calls, 0.0, ["told"], paid=[0.5])
    assert (found.models, found.generation_ids) == (("a/b", "c/d"), ("1", "2"))
    assert (found.cost, found.attempts) == (0.8, 4)
    assert found.usage == {"tokens": 7, "by": {"x": 3}}
    assert (found.files, found.warnings) == ((FILE,), ("told",))


def test_calls_that_reported_no_cost_have_none_together() -> None:
    assert total([Metadata(), Metadata()], 0.0, []).cost is None

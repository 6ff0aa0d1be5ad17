"""The example flows are good to copy: nothing in them is wrong, or even doubtful."""

from __future__ import annotations

from pathlib import Path

import pytest

from openrouter_connector import Flow
from support.flows import messages, warnings

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "examples" / "flows").iterdir())


def test_there_are_four_of_them() -> None:
    assert [file.name for file in EXAMPLES] == [
        "image-critique.yaml",
        "read-invoices.yaml",
        "translate-and-speak.json",
        "voice-note-to-image.json",
    ]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_an_example_has_no_problems(file: Path) -> None:
    checked = Flow.load(file).check()
    assert (messages(checked), warnings(checked), checked.unsupported) == ([], [], {})


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_an_example_says_what_it_is(file: Path) -> None:
    flow = Flow.load(file)
    assert flow.label and flow.document["description"] and flow.outputs
    assert all(step.task["label"] for step in flow.steps)

"""A form as a canvas draws it: by its own conditions first, then by the chosen model's row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector import Connector
from openrouter_connector.definition.view import View, view
from openrouter_connector.values import ModelInfo

CONNECTOR = Connector.load(cache=False)
ASK = {"model": "a/b", "userPrompt": "Hello"}
ROW: dict[str, Any] = {
    "id": "a/b",
    "supported_parameters": ["seed", "max_tokens", "reasoning"],
    "top_provider": {"max_completion_tokens": 4096},
    "reasoning": {"mandatory": True, "supported_efforts": ["high", "low"]},
}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["supported_parameters", "top_provider", "max_completion_tokens", "reasoning",
         "supported_efforts", "mandatory", "values", "aspect_ratio", "resolution"]
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def drawn(action: str, parameters: Any, row: Any = None, source: str = "models") -> View:
    model_info = None if row is None else ModelInfo(source, row)
    return view(CONNECTOR.definition.form(action), parameters, model_info)


def test_an_unsupported_property_is_disabled_with_the_reason() -> None:
    form = drawn("ask", ASK, ROW)
    assert form.disabled["temperature"] == "a/b does not support it"
    assert "temperature" not in form.visible
    assert {"seed", "maxTokens", "reasoning"} <= set(form.visible)


def test_without_a_row_nothing_is_hidden() -> None:
    form = drawn("ask", ASK)
    assert form.disabled == {} and form.options == {} and form.bounds == {}
    assert {"temperature", "seed", "topK"} <= set(form.visible)


def test_a_row_that_does_not_list_its_parameters_hides_nothing() -> None:
    form = drawn("ask", ASK, {"id": "a/b", "supported_parameters": None})
    assert form.disabled == {}


def test_the_conditions_of_the_definition_are_checked_first() -> None:
    form = drawn("ask", ASK | {"supportedParameters": ["seed"]}, ROW)
    assert "seed" in form.visible
    assert "maxTokens" not in form.visible and "maxTokens" not in form.disabled


def test_options_are_narrowed_to_the_list_of_the_row() -> None:
    assert drawn("ask", ASK, ROW).options["reasoning"] == ["low", "high"]


def test_an_effort_of_none_is_offered_unless_thinking_is_mandatory() -> None:
    row = ROW | {"reasoning": {"mandatory": False, "supported_efforts": ["high", "low"]}}
    assert drawn("ask", ASK, row).options["reasoning"] == ["none", "low", "high"]


def test_no_list_of_efforts_means_all_of_them() -> None:
    row = ROW | {"reasoning": {"mandatory": False, "supported_efforts": None}}
    assert "reasoning" not in drawn("ask", ASK, row).options


def test_the_limit_of_the_model_bounds_max_tokens() -> None:
    form = drawn("ask", ASK | {"maxTokens": 5000}, ROW)
    assert form.bounds["maxTokens"] == {"max": 4096}
    assert form.warnings == ("maxTokens: a/b supports at most 4096",)
    assert form.errors == ()


def test_voices_are_those_of_the_model() -> None:
    asked = {"model": "a/tts", "input": "Hi", "voice": "nova"}
    form = drawn("createSpeech", asked, {"supported_voices": ["alba", "bruno"]}, "speechModels")
    assert form.options["voice"] == ["alba", "bruno"]
    assert form.warnings == ("voice: a/tts supports alba, bruno, not 'nova'",)


def test_sizes_are_narrowed_by_the_values_that_are_sent() -> None:
    row = {"supported_parameters": {"resolution": {"type": "enum", "values": ["512", "2K"]}}}
    asked = {"model": "a/img", "imageMessages": [{"content": "x"}]}
    form = drawn("createImage", asked, row, "imageModels")
    assert form.options["size"] == ["2K", "0.5K"]
    assert form.disabled["aspectRatio"] == "a/img does not support it"
    assert "size" not in form.disabled and "pixelSize" not in form.disabled


def test_a_row_of_another_list_limits_no_sizes() -> None:
    asked = {"model": "a/img", "imageMessages": [{"content": "x"}]}
    form = drawn("createImage", asked, {"supported_parameters": ["seed"]})
    assert form.disabled == {} and form.options == {}


def test_problems_are_listed_and_not_raised() -> None:
    form = drawn("ask", {"modl": "a", "temperature": 9})
    assert [problem.path for problem in form.errors] == [
        "model",
        "modl",
        "temperature",
        "userPrompt",
    ]


def test_hidden_values_are_omitted() -> None:
    form = drawn("ask", ASK | {"messages": [{"role": "USER", "content": "x"}]})
    assert "messages" not in form.values
    assert form.values["format"] == "SIMPLE"
    assert "messages is hidden" in form.warnings[0]


def test_fields_inside_lists_are_shown_item_by_item() -> None:
    messages = [{"role": "SYSTEM", "content": "x"}, {"role": "USER", "content": "y"}]
    form = drawn("ask", {"model": "a/b", "format": "ADVANCED", "messages": messages})
    assert "messages[0].content" in form.visible
    assert "messages[0].attachments" not in form.visible
    assert "messages[1].attachments" in form.visible


@pytest.mark.parametrize("parameters", [None, [], "text", {"messages": "x"}, {"response": []}])
def test_parameters_of_any_shape_make_a_form(parameters: Any) -> None:
    assert "model" in drawn("ask", parameters).visible


@given(row=JUNK, source=st.sampled_from(["models", "imageModels", "speechModels"]))
@settings(deadline=None)
def test_no_row_breaks_a_form(row: Any, source: str) -> None:
    row = row if isinstance(row, dict) else {"supported_parameters": row}
    for action in CONNECTOR.definition.component.actions:
        drawn(action, {"model": "a/b"}, row, source).to_json()

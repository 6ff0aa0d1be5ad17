"""Roboflow workflows and steps."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_connector.errors import InputError
from openrouter_connector.flows.formats import import_flow

STEP = {
    "name": "<your_step_name_here>",
    "type": "roboflow_core/openrouter@v1",
    "api_key": "rf_key:account",
    "privacy_level": "<block_does_not_provide_example>",
    "images": "$inputs.image",
    "model_id": "openai/gpt-4o-mini",
    "task_type": "structured-answering",
    "output_structure": {"my_key": "description"},
    "max_tokens": 100,
}
COMPATIBLE = {
    "name": "llm",
    "type": "roboflow_core/openai_compatible@v1",
    "base_url": "http://localhost:8000/v1",
    "model_name": "Qwen/Qwen2.5-VL-7B-Instruct",
    "api_key": "xxx-xxx",
    "prompt": "Describe {{ $parameters.seen }}",
    "prompt_parameters": {"seen": "$steps.vlm.output", "frames": "$steps.stack.frames"},
    "prompt_parameters_operations": {"seen": [{"type": "StringToUpperCase"}]},
    "extra_body": {"guided_choice": ["A"]},
}


def test_the_step_of_the_page_becomes_analyze_images() -> None:
    imported = import_flow(STEP)
    (task,) = imported.flow.tasks
    assert task["type"] == "openRouter/v1/analyzeImages"
    assert task["parameters"] == {
        "images": ["${image}"],
        "model": "openai/gpt-4o-mini",
        "taskType": "structured-answering",
        "outputStructure": {"my_key": "description"},
        "maxTokens": 100,
    }
    assert list(imported.flow.inputs) == ["image"]
    assert [fix.source for fix in imported.report.of("secret")] == ["steps[0].api_key"]
    assert imported.report.of("choose") == ()


@pytest.mark.parametrize(
    ("kind", "label", "model"),
    [
        ("kimi_openrouter@v3", "Kimi K2.6 - OpenRouter", "moonshotai/kimi-k2.6"),
        ("qwen3_6_openrouter@v1", "Qwen 3.6 27B - OpenRouter", "qwen/qwen3.6-27b"),
        ("qwen3_5_openrouter@v1", "Qwen 3.5 9B - OpenRouter", "qwen/qwen3.5-9b"),
    ],
)
def test_labels_of_models_are_names(kind: str, label: str, model: str) -> None:
    step = {"name": "a", "type": f"roboflow_core/{kind}", "images": "$inputs.image"}
    imported = import_flow({**step, "model_version": label, "task_type": "ocr"})
    assert imported.flow.tasks[0]["parameters"]["model"] == model


def test_a_workflow_with_inputs_outputs_and_other_blocks() -> None:
    vlm: dict[str, Any] = {**STEP, "name": "vlm", "reasoning_effort": "low"}
    imported = import_flow(
        {
            "version": "1.0",
            "inputs": [
                {"type": "WorkflowImage", "name": "image"},
                {"type": "WorkflowParameter", "name": "confidence", "default_value": 0.4},
            ],
            "steps": [COMPATIBLE, {"name": "stack", "type": "roboflow_core/stack@v1"}, vlm],
            "outputs": [
                {"type": "JsonField", "name": "answer", "selector": "$steps.llm.output"},
                {"type": "JsonField", "name": "frames", "selector": "$steps.stack.frames"},
            ],
        }
    )
    first, second = imported.flow.tasks
    assert (first["name"], second["name"]) == ("vlm", "llm")
    assert first["parameters"]["reasoning"] == {"effort": "low"}
    assert second["type"] == "openRouter/v1/prompt"
    assert second["parameters"] == {
        "baseUrl": "http://localhost:8000/v1",
        "model": "Qwen/Qwen2.5-VL-7B-Instruct",
        "prompt": "Describe {{ $parameters.seen }}",
        "promptParameters": {"seen": "${vlm[0].text}", "frames": "${stackFrames}"},
        "promptParametersOperations": {"seen": [{"type": "StringToUpperCase"}]},
        "extraBody": {"guided_choice": ["A"]},
    }
    assert imported.flow.outputs == {"answer": "${llm.output}"}
    assert imported.flow.inputs["confidence"]["defaultValue"] == 0.4
    dropped = {fix.source for fix in imported.report.of("dropped")}
    assert dropped == {"steps[1]", "outputs[1]"}
    keys = {fix.source for fix in imported.report.of("secret")}
    assert keys == {"steps[0].api_key", "steps[2].api_key"}


def test_a_workflow_without_a_model_block_is_refused() -> None:
    with pytest.raises(InputError, match="contains no OpenRouter or OpenAI-compatible block"):
        import_flow({"steps": [{"name": "a", "type": "roboflow_core/stack@v1"}]})


def test_two_steps_of_one_name_both_come_over() -> None:
    kind = "roboflow_core/openrouter@v3"
    steps = [
        {"type": kind, "name": "vlm", "images": "$inputs.image", "prompt": prompt}
        for prompt in ("one", "two")
    ]
    outputs = [
        {"name": "o", "selector": "$steps.vlm.output"},
        {"name": "i", "selector": "$inputs.image"},
    ]
    inputs = [{"type": "WorkflowImage", "name": "image"}]
    imported = import_flow({"inputs": inputs, "steps": [*steps, 5], "outputs": outputs})
    assert [task["parameters"]["prompt"] for task in imported.flow.tasks] == ["one", "two"]
    assert imported.flow.outputs == {"o": "${vlm[0].text}", "i": "${image}"}
    assert "another step is called 'vlm' too" in str(imported.report.of("renamed")[0])
    assert "steps[2]: is no step: it has no type" in map(str, imported.report.of("dropped"))
    assert ("kept", "steps[0].prompt") in {(f.kind, f.source) for f in imported.report.fixes}

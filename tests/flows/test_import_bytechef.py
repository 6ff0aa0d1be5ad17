"""ByteChef's files: equal data and order back, and the tasks of other providers re-homed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector.errors import InputError
from openrouter_connector.flows.formats import FixUpReport, export_flow, import_flow
from openrouter_connector.flows.formats.document import write_yaml

DOCUMENT = {
    "label": "Tickets",
    "extra": {"z": 1, "a": [None, 2.5, "NO"]},
    "inputs": [{"name": "limit", "type": "integer"}],
    "triggers": [{"name": "trigger_1", "type": "gmail/v1/newEmail", "parameters": {}}],
    "tasks": [
        {
            "type": "aiAgent/v1/chat",
            "name": "aiAgent_1",
            "parameters": {"text": "${trigger_1.subject}"},
            "metadata": {"ui": {"x": 1, "dynamicPropertyTypes": {"text": "STRING"}}},
            "extensions": {
                "clusterElements": {"model": {"type": "openAi/v1/model", "name": "openAi_9"}}
            },
            "clusterElements": {},
        },
        {
            "label": "Rows",
            "name": "each_1",
            "type": "each/v1",
            "parameters": {
                "items": "=range(1,3)",
                "iteratee": {
                    "name": "log_1",
                    "type": "logger/v1/info",
                    "parameters": {"text": "=SUM(E2:E${each_1.index + 1})"},
                },
            },
        },
    ],
}


def openai_task(action: str = "ask", **parameters: Any) -> dict[str, Any]:
    return {
        "label": "Old",
        "name": "openAi_1",
        "type": f"openAi/v1/{action}",
        "parameters": parameters,
        "metadata": {"ui": {}},
    }


def rehomed(action: str = "ask", **parameters: Any) -> tuple[dict[str, Any], FixUpReport]:
    imported = import_flow(openai_task(action, **parameters))
    return imported.flow.tasks[0], imported.report


@pytest.mark.parametrize("write", [json.dumps, write_yaml])
@pytest.mark.parametrize("format", ["bytechef", "bytechef_yaml"])
def test_a_workflow_comes_back_with_equal_data_in_the_same_order(write: Any, format: str) -> None:
    imported = import_flow(write(DOCUMENT))
    again = import_flow(export_flow(imported.flow, format).text)
    assert json.dumps(again.flow.document) == json.dumps(DOCUMENT)


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=6)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(names, values, max_size=3), max_size=3), values)
def test_any_data_comes_back(parameters: list[dict[str, Any]], extra: Any) -> None:
    tasks = [
        {"name": f"x_{index}", "type": "foo/v1/bar", "metadata": extra, "parameters": one}
        for index, one in enumerate(parameters)
    ]
    document = {"unknown": extra, "tasks": tasks}
    for format in ("bytechef", "bytechef_yaml"):
        text = export_flow(import_flow(document).flow, format).text
        again = import_flow(text, format="bytechef").flow.document
        assert json.dumps(again) == json.dumps(document)


def test_the_source_is_not_changed() -> None:
    task = openai_task(model="gpt-4", userPrompt="Hi")
    import_flow(task)
    assert task["type"] == "openAi/v1/ask"


def test_openai_ask_is_rehomed_in_its_place_and_keeps_its_name() -> None:
    messages = [{"role": "user", "content": "Hi ${trigger_1.name}"}]
    task, report = rehomed(model="gpt-4", messages=messages, n=1, temperature=1)
    assert list(task) == ["label", "name", "type", "parameters", "metadata"]
    assert task["name"] == "openAi_1"
    assert task["type"] == "openRouter/v1/ask"
    assert task["parameters"] == {
        "model": "openai/gpt-4",
        "messages": [{"role": "USER", "content": "Hi ${trigger_1.name}"}],
        "temperature": 1,
        "response": {"responseFormat": "TEXT"},
        "format": "ADVANCED",
    }
    places = {(fix.kind, fix.place or fix.source) for fix in report.fixes}
    assert {
        ("converted", "tasks[0].parameters.model"),
        ("converted", "tasks[0].parameters.messages[0].role"),
        ("converted", "tasks[0].parameters.n"),
    } <= places


@pytest.mark.parametrize(
    ("component", "model", "expected", "certain"),
    [
        ("openAi", "gpt-4", "openai/gpt-4", True),
        ("azureOpenAi", "gpt-4o", "openai/gpt-4o", True),
        ("anthropic", "claude-3-5-sonnet-20241022", "anthropic/claude-3.5-sonnet", False),
        ("anthropic", "claude-opus-4-20250514", "anthropic/claude-opus-4", False),
        ("mistral", "mistral-large-latest", "mistralai/mistral-large", False),
        ("groq", "deepseek-r1", "deepseek/deepseek-r1", True),
        ("ollama", "my-own", "my-own", False),
        ("openAi", "dall-e-3", "openai/dall-e-3", False),
    ],
)
def test_a_model_gets_its_author(component: str, model: str, expected: str, certain: bool) -> None:
    task = openai_task(model=model, userPrompt="Hi", format="SIMPLE")
    task["type"] = f"{component}/v1/ask"
    imported = import_flow(task)
    assert imported.flow.tasks[0]["parameters"]["model"] == expected
    left = [fix for fix in imported.report.of("choose") if fix.place.endswith(".model")]
    assert bool(left) is not certain


def test_what_has_no_counterpart_is_dropped_and_reported() -> None:
    task, report = rehomed(model="gpt-4", userPrompt="Hi", safePrompt=True, style="vivid")
    assert "safePrompt" not in task["parameters"]
    assert [(fix.source, fix.message) for fix in report.of("dropped")] == [
        ("tasks[0].parameters.safePrompt", "openRouter/v1/ask has no such property"),
        ("tasks[0].parameters.style", "openRouter/v1/ask has no such property"),
    ]


def test_the_siblings_of_ask_are_rehomed() -> None:
    image, _ = rehomed(
        "createImage", model="x/y", imageMessages=[{"content": "a"}], size="DALL_E_3_1792x1024", n=1
    )
    assert image["parameters"]["aspectRatio"] == "16:9"
    assert "size" not in image["parameters"]
    speech, _ = rehomed(
        "createSpeech", model="tts-1", input="Hi", voice="ALLOY", responseFormat="MP3"
    )
    assert speech["parameters"] == {
        "model": "openai/tts-1",
        "input": "Hi",
        "voice": "alloy",
        "responseFormat": "mp3",
    }
    heard, _ = rehomed(
        "createTranscription", model="whisper-1", file="${f}", language="en", responseFormat="SRT"
    )
    assert heard["parameters"]["language"] == "EN"
    assert heard["parameters"]["subtitles"] == ["srt"]


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ({"width": 1792, "height": "1024"}, {"aspectRatio": "16:9"}),
        ({"size": "2K"}, {"size": "2K"}),
        ({"width": "${w}", "height": 1024}, {}),
        ({"height": 1024}, {}),
        ({"size": "${s}"}, {}),
        ({"size": "huge"}, {}),
    ],
)
def test_a_size_is_converted_or_left_to_choose(sizes: Any, kept: Any) -> None:
    prompt = [{"content": "a"}]
    task, report = rehomed("createImage", model="x/y", imageMessages=prompt, **sizes)
    assert task["parameters"] == {"model": "x/y", "imageMessages": prompt, **kept}
    left = {fix.source for fix in report.of("choose")}
    assert left == ({f"tasks[0].parameters.{name}" for name in sizes} if not kept else set())


def test_an_automatic_size_is_the_default() -> None:
    task, report = rehomed(
        "createImage", model="x/y", imageMessages=[{"content": "a"}], size="auto"
    )
    assert "size" not in task["parameters"]
    assert report.is_lossless


def test_a_foreign_task_is_reported_once() -> None:
    task = openai_task("vectorStore")
    kept = [fix.place for fix in import_flow(task).report.of("kept")]
    assert kept == ["tasks[0]"]
    assert import_flow(openai_task("streamAsk")).flow.tasks[0]["type"] == "openRouter/v1/ask"


def test_parts_that_yaml_shares_are_changed_in_one_task_alone() -> None:
    text = """
tasks:
- {name: a, type: openAi/v1/ask, parameters: {messages: &m [{role: user, content: x}]}}
- {name: b, type: foo/v1/bar, parameters: {messages: *m}}
"""
    first, second = import_flow(text).flow.tasks
    assert first["parameters"]["messages"][0]["role"] == "USER"
    assert second["parameters"]["messages"][0]["role"] == "user"


def test_tasks_inside_containers_are_rehomed_and_other_elements_stay() -> None:
    inner = openai_task(model="gpt-4", userPrompt="Hi ${each_1.item}")
    document = {
        "tasks": [
            {"name": "each_1", "type": "each/v1", "parameters": {"items": [1], "iteratee": inner}},
            DOCUMENT["tasks"][0],  # type: ignore[index]
        ]
    }
    flow = import_flow(document).flow
    assert flow.tasks[0]["parameters"]["iteratee"]["type"] == "openRouter/v1/ask"
    assert flow.tasks[1] == DOCUMENT["tasks"][0]  # type: ignore[index]


def test_a_formula_of_a_spreadsheet_stays_text_and_is_reported() -> None:
    report = import_flow(DOCUMENT).report
    (fix,) = [fix for fix in report.of("kept") if "formula" in fix.message]
    assert fix.place == "tasks[1].parameters.iteratee.parameters.text"
    assert "`=SUM(E2:E${each_1.index + 1})` is no formula and stays text" in fix.message


def test_an_empty_model_is_left_to_choose() -> None:
    _, report = rehomed(model="", userPrompt="Hi")
    assert [fix.place for fix in report.of("choose")] == ["tasks[0].parameters.model"]


def test_what_is_missing_is_left_to_choose() -> None:
    _, report = rehomed(userPrompt="Hi")
    assert [str(fix) for fix in report.of("choose")] == [
        "tasks[0].parameters.model: is missing (Model)"
    ]
    assert not report.is_lossless


def test_the_report_is_text_and_data() -> None:
    _, report = rehomed(model="gpt-4", userPrompt="Hi", style="x")
    assert report.to_text().splitlines()[:4] == [
        "Imported from bytechef: 1 left out, 4 converted. "
        "0 of 1 calls to OpenRouter came over without loss.",
        "",
        "Left out",
        "  tasks[0].parameters.style: openRouter/v1/ask has no such property",
    ]
    data = report.to_json()
    assert data["counts"] == {
        "choose": 0,
        "dropped": 1,
        "secret": 0,
        "converted": 4,
        "renamed": 0,
        "kept": 0,
    }
    assert data["fixes"][0] == {
        "kind": "dropped",
        "source": "tasks[0].parameters.style",
        "place": "",
        "message": "openRouter/v1/ask has no such property",
    }
    assert json.loads(json.dumps(data)) == data


def test_all_problems_of_a_structure_are_listed_at_once() -> None:
    tasks = [{"name": "a"}, {"name": "b", "type": "x/v1/y", "parameters": []}]
    with pytest.raises(InputError) as caught:
        import_flow({"tasks": tasks})
    assert str(caught.value) == (
        "tasks[0].type: must name what the step does\ntasks[1].parameters: must be an object"
    )


@pytest.mark.parametrize("name", ["metadata", "true"])
def test_a_reserved_name_is_kept_and_left_to_choose(name: str) -> None:
    document = {"tasks": [{"name": name, "type": "x/v1/y", "parameters": {}}]}
    imported = import_flow(document)
    assert imported.flow.document == document
    assert [fix.place for fix in imported.report.of("choose")] == ["tasks[0].name"]


def test_sources_that_nobody_can_read() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join(['*' + old] * 8)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for source, message in (
        (b"\xff\xfe", "file: is not UTF-8 text"),
        ("{", "is neither JSON nor YAML"),
        (bomb, "contains more than 1,000,000 values"),
        ("[" * 5000, "levels"),
        (" " * (11 * 1024 * 1024), "file: is larger than 10 MB"),
        ({"a": object()}, "is not JSON"),
        ("hello", "the format is not recognised. Import a whole workflow of ByteChef, n8n"),
        (None, "the format is not recognised"),
    ):
        with pytest.raises(InputError, match=message):
            import_flow(source)
    with pytest.raises(InputError, match="'n8m' cannot be imported; did you mean 'n8n'"):
        import_flow("{}", format="n8m")


def test_a_long_flow_is_imported_and_its_check_is_left_to_a_person() -> None:
    own = openai_task(model="gpt-4", userPrompt="Hi")
    tasks = [{**own, "name": f"ask_{index}"} for index in range(2500)]
    foreign = {"name": "x_1", "type": "x/v1/y", "parameters": {}}
    imported = import_flow({"tasks": [*tasks, foreign]})
    assert len(imported.flow.tasks) == 2501
    assert [str(fix) for fix in imported.report.of("choose")] == [
        "tasks: has 2,501 steps, too many to check here; check the flow"
    ]
    assert [fix.place for fix in imported.report.of("kept")] == ["tasks[2500]"]

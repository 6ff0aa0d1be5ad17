"""What is wrong with a definition is told when it is loaded: file, property, and reason."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from support.definitions import CONNECTOR, HEAD, MODELS, problems, written


@pytest.mark.parametrize(
    ("properties", "told"),
    [
        pytest.param("[{name: a, type: STRING, lable: A}]", ["a: lable: there is no such word"]),
        pytest.param(
            "[{name: a, typ: STRING}]", ["a: typ: there is no such word", "a: type: is missing"]
        ),
        pytest.param(
            "[{name: a, type: TEXT}]", ["a: type: should be 'STRING', 'NUMBER', 'INTEGER',"]
        ),
        pytest.param("[{name: A, type: STRING}]", ["A: name: String should match pattern"]),
        pytest.param("[{type: STRING}]", ["?: a property has a name"]),
        pytest.param("[5]", ["properties.0: is not a mapping of words"]),
        pytest.param("5", ["properties: is not a list"]),
        pytest.param(
            "[{name: a, type: STRING}, {name: a, type: NUMBER, send: b}]", ["a: is there twice"]
        ),
        pytest.param(
            "[{name: list, type: ARRAY, items: {type: OBJECT, properties:"
            " [{name: inner, type: STRING, lable: I}]}}]",
            ["list.inner: lable: there is no such word"],
        ),
        pytest.param(
            "[{name: a, type: STRING, displayCondition: b == 1}]",
            ["a: the condition 'b == 1' names 'b', which is no property"],
        ),
        pytest.param(
            "[{name: a, type: STRING, displayCondition: a ===}]", ["a: 'a ===' is not a condition"]
        ),
        pytest.param(
            "[{name: a, type: STRING, displayCondition: a < 2}]",
            ["a: 'a < 2' is not in the language of conditions"],
        ),
        pytest.param(
            "[{name: o, type: OBJECT, properties: [{name: a, type: STRING}]},"
            " {name: b, type: STRING, displayCondition: o.c == 1}]",
            ["b: the condition 'o.c == 1' names 'o.c', which is no property"],
        ),
        pytest.param(
            "[{name: a, type: STRING}, {name: b, type: STRING, send: a}]",
            ["b: is sent to 'a', as 'a' is"],
        ),
        pytest.param(
            "[{name: topK, type: STRING}, {name: b, type: STRING, send: top_k}]",
            ["b: is sent to 'top_k', as 'topK' is"],
        ),
        pytest.param(
            "[{name: a, type: STRING, options: {from: nowhere}}]",
            ["a: there is no options/nowhere.yaml"],
        ),
        pytest.param(
            "[{name: a, type: STRING, options: {from: models, dependsOn: [b]}}]",
            ["a: dependsOn names 'b', which is no property"],
        ),
        pytest.param(
            "[{name: a, type: STRING, options: {from: models, dependOn: [a]}}]",
            ["a: options.dependOn: there is no such word"],
        ),
        pytest.param(
            "[{name: a, type: STRING, options: [{label: x, valeu: x}]}]",
            ["a: options.0.valeu: there is no such word", "a: options.0.value: is missing"],
        ),
        pytest.param(
            "[{name: a, type: FILE_ENTRY, send: {to: x, as: {data: base65}}}]",
            ["a: send.as.data: should be 'base64', 'data_url'"],
        ),
        pytest.param(
            "[{name: a, type: STRING, options: [mp3, pcm], defaultValue: mp4}]",
            ["a: the default 'mp4' is not one of mp3, pcm; did you mean 'mp3'?"],
        ),
        pytest.param(
            "[{name: a, type: ARRAY, filter: true, items: {type: STRING}, options: [x, y],"
            " defaultValue: [x, z]}]",
            ["a: the default 'z' is not one of x, y"],
        ),
        pytest.param(
            "[{name: a, type: NUMBER, minValue: 0, maxValue: 2, defaultValue: 3}]",
            ["a: the default 3 is more than 2"],
        ),
        pytest.param(
            "[{name: a, type: INTEGER, minValue: 1, defaultValue: 0}]",
            ["a: the default 0 is less than 1"],
        ),
        pytest.param(
            "[{name: a, type: INTEGER, defaultValue: one}]",
            ["a: the default must be a whole number, not a text"],
        ),
        pytest.param("[{name: a, type: ARRAY}]", ["a: an ARRAY says what its items are"]),
        pytest.param(
            "[{name: a, type: STRING, accept: [mp3]}]", ["a: only a FILE_ENTRY has accept"]
        ),
        pytest.param(
            "[{name: a, type: ARRAY, items: {type: STRING, pattern: '['}}]",
            ["a: the pattern is no regular expression"],
        ),
        pytest.param("[{shared: nobody}]", ["nobody: there is no shared/nobody.yaml"]),
        pytest.param("[{shared: user, lable: X}]", ["user: lable: there is no such word"]),
    ],
)
def test_a_wrong_property_is_told(tmp_path: Path, properties: str, told: list[str]) -> None:
    found = problems(
        lambda: written(
            tmp_path,
            act=f"properties: {properties}",
            options__models=MODELS,
            shared__user="name: user\ntype: STRING",
        )
    )
    assert len(found) == len(told), found
    for problem, start in zip(found, told, strict=True):
        assert problem.startswith(f"act.yaml: {start}")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("request: GET /videos/{jobId}", ["request: {jobId} names no property that is required"]),
        ("request: FETCH /videos", ["request: String should match pattern"]),
        ("hook: no_such_hook", ["hook: there is no hooks/no_such_hook.py"]),
        (
            "modelSources: [{from: nowhere, property: a}]",
            ["modelSources: there is no options/nowhere.yaml"],
        ),
        ("modelSources: [{from: models, property: b}]", ["modelSources: 'b' is no property"]),
        (
            "modelSources: [{from: models, property: a, lookupCondition: b}]",
            ["modelSources: the condition 'b' names 'b', which is no property"],
        ),
        ("output: {type: FILE_ENTRY}", ["output: FILE_ENTRY and file go together"]),
        (
            "output: {type: FILE_ENTRY, file: {name: x, extension: b}}",
            ["output: the extension names 'b', which is no property"],
        ),
        (
            "output: {type: FILE_ENTRY, file: {name: x, items: data}}",
            ["output: items and base64 go together"],
        ),
        (
            "poll: {request: GET /x, status: status, done: []}",
            ["poll: done lists at least one word"],
        ),
        (
            "poll: {request: 'GET /x/{name}', status: status, done: [x], resume: a}",
            ["poll: resume knows the job alone"],
        ),
        (
            "modelSources: [{from: models}]",
            ["modelSources: 'model' is no property that is required"],
        ),
        ("hook: ../ask", ["hook: String should match pattern"]),
        ("then: GET /videos", ["then: there is no such word"]),
        ("poll: {request: GET /x, status: status}", ["poll.done: is missing"]),
        ("name: other", ["name: is not 'act'"]),
    ],
)
def test_a_wrong_action_is_told(tmp_path: Path, words: str, told: list[str]) -> None:
    word = words.partition(":")[0]
    rest = [line for line in (HEAD % "act").strip().splitlines() if not line.startswith(f"{word}:")]
    properties = "properties: [{name: a, type: STRING, required: true}]"
    act = "\n".join(sorted([*rest, words], key=lambda line: not line.startswith("name:")))
    found = problems(lambda: written(tmp_path, act=f"{act}\n{properties}", options__models=MODELS))
    assert len(found) == len(told), found
    for problem, start in zip(found, told, strict=True):
        assert problem.startswith(f"act.yaml: {start}")


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ("[{name: a, type: ARRAY}]", ["a: an ARRAY says what its items are"]),
        (
            "[{name: a, type: STRING, pattern: '[', defaultValue: x}]",
            ["a: the pattern is no regular expression"],
        ),
        (
            "[{name: a, type: STRING}, {name: b, type: STRING, send: a}]",
            ["b: is sent to 'a', as 'a' is"],
        ),
        ("[{name: a, type: STRING}, {name: a, type: STRING, send: b}]", ["a: is there twice"]),
        ("[{type: STRING, send: a}]", ["?: a property has a name"]),
        (
            "[{name: a, type: STRING, filter: true, required: true}]",
            ["a: a filter has no filter", "a: a filter has no required"],
        ),
        (
            "[{name: a, type: STRING, send: {in: body}}]",
            ["a: a GET has no body to be sent in", "a: a filter is sent in the query"],
        ),
        ("[{name: a, type: STRING, send: {in: header}}]", ["a: a filter is sent in the query"]),
        (
            "[{name: a, type: STRING, options: {from: models}}]",
            ["a: a filter lists its options itself"],
        ),
        (
            "[{name: a, type: INTEGER, minValue: 1, defaultValue: 0}]",
            ["a: the default 0 is less than 1"],
        ),
        (
            "[{name: a, type: STRING, filterCondition: b}]",
            ["a: the condition 'b' names 'b', which is no det"],
        ),
    ],
)
def test_a_wrong_filter_is_told(tmp_path: Path, filters: str, told: list[str]) -> None:
    source = f"{MODELS}\nfilters: {filters}"
    found = problems(lambda: written(tmp_path, act="", options__models=source))
    assert len(found) == len(told), found
    for problem, start in zip(found, told, strict=True):
        assert problem.startswith(f"models.yaml: {start}")


def test_what_every_action_and_every_connection_has_is_checked_once(tmp_path: Path) -> None:
    token = "{name: token, type: STRING, required: true}"
    more = "{name: a, type: ARRAY, send: false}, {name: b, type: STRING}"
    connector = (CONNECTOR % "one, two").replace(token, f"{token}, {more}")
    common = "properties: [{name: c, type: STRING, displayCondition: d}]"
    written_so = partial(written, tmp_path, connector=f"{connector}\n{common}", one="", two="")
    assert problems(written_so) == [
        "connector.yaml: connection.a: an ARRAY says what its items are",
        "connector.yaml: connection.b: goes into a header, or has `send: false`",
        "connector.yaml: properties.c: the condition 'd' names 'd', which is no property",
    ]


def test_one_name_may_be_sent_in_the_body_and_in_the_query(tmp_path: Path) -> None:
    properties = "[{name: a, type: STRING}, {name: b, type: STRING, send: {to: a, in: query}}]"
    written(tmp_path, act=f"properties: {properties}").check()


def test_the_list_of_actions_and_the_folder_agree(tmp_path: Path) -> None:
    connector = CONNECTOR % "act, act, createVideo"
    assert problems(lambda: written(tmp_path, connector=connector, act="{}", spare="{}")) == [
        f"connector.yaml: actions: {told}"
        for told in (
            "does not list definitions/spare.yaml",
            "lists 'act' twice",
            "lists 'createVideo', and there is no definitions/create_video.yaml",
        )
    ]


def test_problems_of_several_files_are_told_at_once(tmp_path: Path) -> None:
    found = problems(
        lambda: written(
            tmp_path,
            one="properties: [{name: a, type: TEXT}, {name: b, type: STRING, colour: red}]",
            two="properties: [{name: c, type: STRING, defaultValue: 1}]",
            three="properties: [{name: d, type: STRING, sned: d}]",
            options__models="name: modells",
            options__voices="name: voices\nrequest: GET /voices\nitems: '*'\nvalue: id",
        )
    )
    assert [problem.partition(": ")[0] for problem in found] == [
        *["models.yaml"] * 4,
        *["one.yaml"] * 2,
        "three.yaml",
        "two.yaml",
        *["voices.yaml"] * 2,
    ]


def test_problems_between_words_of_several_files_are_told_at_once(tmp_path: Path) -> None:
    found = problems(
        lambda: written(
            tmp_path,
            one="properties: [{name: a, type: STRING, displayCondition: b},"
            " {name: c, type: ARRAY}]",
            two="properties: [{name: d, type: STRING, defaultValue: 1}]",
        )
    )
    assert found == [
        "one.yaml: a: the condition 'b' names 'b', which is no property",
        "one.yaml: c: an ARRAY says what its items are",
        "two.yaml: d: the default must be a text, not a number",
    ]


def test_a_source_has_the_name_of_its_file(tmp_path: Path) -> None:
    source = MODELS.replace("name: models", "name: imageModels", 1)
    found = problems(lambda: written(tmp_path, act="properties: []", options__models=source))
    assert found == ["models.yaml: name: is not that of the file"]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("openrouter_api_key", "environment"),
        ("{baseUrl: DEMO_URL}", "environment.token: is missing"),
        ("{token: DEMO_KEY, key: DEMO}", "environment.key: there is no such word"),
        ("[DEMO_KEY]", "environment"),
    ],
)
def test_environment_names_a_variable_or_two(tmp_path: Path, word: str, told: str) -> None:
    connector = (CONNECTOR % "").replace("  test: GET", f"  environment: {word}\n  test: GET")
    found = problems(lambda: written(tmp_path, connector=connector))
    assert [one.startswith("connector.yaml: connection.") and told in one for one in found] == [
        True
    ]


def test_a_variable_alone_is_that_of_the_token(tmp_path: Path) -> None:
    for word in ("DEMO_KEY", "{token: DEMO_KEY}"):
        connector = (CONNECTOR % "").replace("  test: GET", f"  environment: {word}\n  test: GET")
        known = written(tmp_path, connector=connector).component.connection.variables
        assert known and (known.token, known.base_url) == ("DEMO_KEY", None)
    assert written(tmp_path).component.connection.variables is None

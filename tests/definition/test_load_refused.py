"""Problems of a definition are reported when it is loaded: file, property and reason."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from support.definitions import CONNECTOR, HEAD, MODELS, problems, written


@pytest.mark.parametrize(
    ("properties", "messages"),
    [
        pytest.param("[{name: a, type: STRING, lable: A}]", ["a: lable: unknown word"]),
        pytest.param(
            "[{name: a, typ: STRING}]",
            ["a: typ: unknown word", "a: type: is missing"],
        ),
        pytest.param(
            "[{name: a, type: TEXT}]", ["a: type: must be 'STRING', 'NUMBER', 'INTEGER',"]
        ),
        pytest.param(
            "[{name: A, type: STRING}]",
            ["A: name: must be a name in camelCase, such"],
        ),
        pytest.param("[{type: STRING}]", ["?: has no name"]),
        pytest.param("[5]", ["properties.0: must be a mapping"]),
        pytest.param("5", ["properties: must be a list"]),
        pytest.param(
            "[{name: a, type: STRING}, {name: a, type: NUMBER, send: b}]", ["a: is defined twice"]
        ),
        pytest.param(
            "[{name: list, type: ARRAY, items: {type: OBJECT, properties:"
            " [{name: inner, type: STRING, lable: I}]}}]",
            ["list.inner: lable: unknown word"],
        ),
        pytest.param(
            "[{name: a, type: STRING, displayCondition: b == 1}]",
            ["a: the condition 'b == 1' refers to 'b', which is not a property"],
        ),
        pytest.param(
            "[{name: a, type: STRING, displayCondition: a ===}]",
            ["a: 'a ===' is not a valid condition"],
        ),
        pytest.param(
            "[{name: a, type: STRING, displayCondition: a < 2}]",
            ["a: 'a < 2' is not allowed in a condition"],
        ),
        pytest.param(
            "[{name: o, type: OBJECT, properties: [{name: a, type: STRING}]},"
            " {name: b, type: STRING, displayCondition: o.c == 1}]",
            ["b: the condition 'o.c == 1' refers to 'o.c', which is not a property"],
        ),
        pytest.param(
            "[{name: a, type: STRING, send: {to: list, as: append}}]",
            ["a: as: append requires the type ARRAY, and the word to"],
        ),
        pytest.param(
            "[{name: a, type: STRING}, {name: b, type: STRING, send: a}]",
            ["b: is sent to 'a', which clashes with 'a'"],
        ),
        pytest.param(
            "[{name: topK, type: STRING}, {name: b, type: STRING, send: top_k}]",
            ["b: is sent to 'top_k', which clashes with 'topK'"],
        ),
        pytest.param(
            "[{name: a, type: STRING, options: {from: nowhere}}]",
            ["a: definitions/options/nowhere.yaml does not exist"],
        ),
        pytest.param(
            "[{name: a, type: STRING, options: {from: models, dependsOn: [b]}}]",
            ["a: dependsOn refers to 'b', which is not a property"],
        ),
        pytest.param(
            "[{name: a, type: STRING, options: {from: models, dependOn: [a]}}]",
            ["a: options.dependOn: unknown word"],
        ),
        pytest.param(
            "[{name: a, type: STRING, options: [{label: x, valeu: x}]}]",
            ["a: options.0.valeu: unknown word", "a: options.0.value: is missing"],
        ),
        pytest.param(
            "[{name: a, type: FILE_ENTRY, send: {to: x, as: {data: base65}}}]",
            ["a: send.as.data: must be 'base64', 'data_url'"],
        ),
        pytest.param(
            "[{name: a, type: STRING, options: [mp3, pcm], defaultValue: mp4}]",
            ["a: the default 'mp4' is not one of mp3, pcm; did you mean 'mp3'?"],
        ),
        pytest.param(
            "[{name: a, type: ARRAY, mirrors: a, items: {type: STRING}, options: [x, y],"
            " defaultValue: [x, z]}]",
            [
                "a: mirrors reads the row of the chosen model, so the action requires modelSources",
                "a: the default 'z' is not one of x, y",
            ],
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
            ["a: the default must be a whole number, not text"],
        ),
        pytest.param("[{name: a, type: ARRAY}]", ["a: an ARRAY requires items"]),
        pytest.param(
            "[{name: a, type: STRING, send: {to: b, as: merge}}]",
            ["a: as: merge requires the type OBJECT"],
        ),
        pytest.param(
            "[{name: a, type: INTEGER, suggestions: [1]}]",
            ["a: suggestions requires the type STRING, and no options"],
        ),
        pytest.param(
            "[{name: a, type: STRING, accept: [mp3]}]", ["a: accept requires the type FILE_ENTRY"]
        ),
        pytest.param(
            "[{name: a, type: ARRAY, items: {type: STRING, pattern: '['}}]",
            ["a: the pattern is not a regular expression"],
        ),
        pytest.param(
            "[{shared: nobody}]", ["nobody: definitions/shared/nobody.yaml does not exist"]
        ),
        pytest.param("[{shared: user, lable: X}]", ["user: lable: unknown word"]),
    ],
)
def test_a_wrong_property_is_reported(tmp_path: Path, properties: str, messages: list[str]) -> None:
    found = problems(
        lambda: written(
            tmp_path,
            act=f"properties: {properties}",
            options__models=MODELS,
            shared__user="name: user\ntype: STRING",
        )
    )
    assert len(found) == len(messages), found
    for problem, start in zip(found, messages, strict=True):
        assert problem.startswith(f"act.yaml: {start}")


@pytest.mark.parametrize(
    ("words", "messages"),
    [
        ("request: GET /videos/{jobId}", ["request: {jobId} must name a required property"]),
        (
            "request: FETCH /videos",
            ["request: must be GET, POST, PUT, PATCH or DELETE, a space"],
        ),
        ("hook: no_such_hook", ["hook: hooks/no_such_hook.py does not exist"]),
        (
            "modelSources: [{from: nowhere, property: a}]",
            ["modelSources: definitions/options/nowhere.yaml does not exist"],
        ),
        (
            "modelSources: [{from: models, property: b}]",
            ["modelSources: 'b' must name a required property"],
        ),
        (
            "modelSources: [{from: models, property: a, lookupCondition: b}]",
            ["modelSources: the condition 'b' refers to 'b', which is not a property"],
        ),
        (
            "output: {type: FILE_ENTRY}",
            ["output: the type FILE_ENTRY and the word file require each other"],
        ),
        (
            "output: {type: FILE_ENTRY, file: {name: x, extension: b}}",
            ["output: extension refers to 'b', which is not a property"],
        ),
        (
            "output: {type: FILE_ENTRY, file: {name: x, items: data}}",
            ["output: the words items and base64 require each other"],
        ),
        (
            "poll: {request: GET /x, status: status, done: []}",
            ["poll: done requires at least one status"],
        ),
        (
            "poll: {request: 'GET /x/{name}', status: status, done: [x], resume: a}",
            ["poll: with resume, {id} must be the only placeholder of the request"],
        ),
        (
            "modelSources: [{from: models}]",
            ["modelSources: 'model' must name a required property"],
        ),
        ("hook: ../ask", ["hook: must be the name of a module, such as create_speech"]),
        ("then: GET /videos", ["then: unknown word"]),
        (
            "output: {type: OBJECT, properties: [{name: id, type: STRING, required: true}]}",
            ["output.id: required: unknown word"],
        ),
        (
            "storesKey: {path: key, name: b, delete: acd}",
            [
                "storesKey: 'b' is not a property",
                "storesKey: the action 'acd' does not exist; did you mean 'act'?",
            ],
        ),
        (
            "bundle: {actions: {acd: /x}, action: a, endpoint: a, model: a, requests: b, file: b,"
            " common: b, maxRequests: 1, maxBytes: 1}",
            [
                "bundle: 'b' is not a property",
                "bundle: the action 'acd' does not exist; did you mean 'act'?",
            ],
        ),
        ("poll: {request: GET /x, status: status}", ["poll.done: is missing"]),
        ("name: other", ["name: must be 'act'"]),
    ],
)
def test_a_wrong_action_is_reported(tmp_path: Path, words: str, messages: list[str]) -> None:
    word = words.partition(":")[0]
    rest = [line for line in (HEAD % "act").strip().splitlines() if not line.startswith(f"{word}:")]
    properties = "properties: [{name: a, type: STRING, required: true}]"
    act = "\n".join(sorted([*rest, words], key=lambda line: not line.startswith("name:")))
    found = problems(lambda: written(tmp_path, act=f"{act}\n{properties}", options__models=MODELS))
    assert len(found) == len(messages), found
    for problem, start in zip(found, messages, strict=True):
        assert problem.startswith(f"act.yaml: {start}")


@pytest.mark.parametrize(
    ("filters", "messages"),
    [
        ("[{name: a, type: ARRAY}]", ["a: an ARRAY requires items"]),
        (
            "[{name: a, type: STRING, pattern: '[', defaultValue: x}]",
            ["a: the pattern is not a regular expression"],
        ),
        (
            "[{name: a, type: STRING}, {name: b, type: STRING, send: a}]",
            ["b: is sent to 'a', which clashes with 'a'"],
        ),
        ("[{name: a, type: STRING}, {name: a, type: STRING, send: b}]", ["a: is defined twice"]),
        ("[{type: STRING, send: a}]", ["filters.0.name: is missing"]),
        (
            "[{name: a, type: STRING, mirrors: a, required: true}]",
            ["a: mirrors: unknown word", "a: required: unknown word"],
        ),
        (
            "[{name: a, type: STRING, send: {in: body}}]",
            [
                "a: a filter can only be sent in the query",
                "a: is sent in the body, and a GET has none",
            ],
        ),
        (
            "[{name: a, type: STRING, send: {in: header}}]",
            ["a: a filter can only be sent in the query"],
        ),
        (
            "[{name: a, type: STRING, options: {from: models}}]",
            ["a: options: must be a list"],
        ),
        (
            "[{name: a, type: INTEGER, minValue: 1, defaultValue: 0}]",
            ["a: the default 0 is less than 1"],
        ),
        (
            "[{name: a, type: STRING, filterCondition: b}]",
            ["a: the condition 'b' refers to 'b', which is not a detail"],
        ),
    ],
)
def test_a_wrong_filter_is_reported(tmp_path: Path, filters: str, messages: list[str]) -> None:
    source = f"{MODELS}\nfilters: {filters}"
    found = problems(lambda: written(tmp_path, act="", options__models=source))
    assert len(found) == len(messages), found
    for problem, start in zip(found, messages, strict=True):
        assert problem.startswith(f"models.yaml: {start}")


def test_common_properties_and_connections_are_checked_once(tmp_path: Path) -> None:
    token = "{name: token, type: STRING, required: true}"
    more = "{name: a, type: ARRAY, send: false}, {name: b, type: STRING}"
    connector = (CONNECTOR % "one, two").replace(token, f"{token}, {more}")
    common = "properties: [{name: c, type: STRING, displayCondition: d}]"
    written_so = partial(written, tmp_path, connector=f"{connector}\n{common}", one="", two="")
    assert problems(written_so) == [
        "connector.yaml: connection.a: an ARRAY requires items",
        "connector.yaml: connection.b: must be sent in a header, or have `send: false`",
        "connector.yaml: properties.c: the condition 'd' refers to 'd', which is not a property",
    ]


def test_what_is_appended_in_the_body_is_refused_where_a_request_has_none(tmp_path: Path) -> None:
    get = HEAD.replace("POST", "GET") % "act"
    append = "{name: a, type: ARRAY, items: {type: STRING}, send: {to: x, in: body, as: append}}"
    found = problems(lambda: written(tmp_path, act=f"{get}properties: [{append}]"))
    assert found == ["act.yaml: a: is sent in the body, and a GET has none"]


def test_one_name_may_be_sent_in_the_body_and_in_the_query(tmp_path: Path) -> None:
    properties = "[{name: a, type: STRING}, {name: b, type: STRING, send: {to: a, in: query}}]"
    written(tmp_path, act=f"properties: {properties}").check()


def test_the_list_of_actions_and_the_folder_agree(tmp_path: Path) -> None:
    connector = CONNECTOR % "act, act, createVideo"
    assert problems(lambda: written(tmp_path, connector=connector, act="{}", spare="{}")) == [
        f"connector.yaml: actions: {message}"
        for message in (
            "'act' is listed twice",
            "'createVideo' is listed, but definitions/create_video.yaml does not exist",
            "definitions/spare.yaml is not listed",
        )
    ]


def test_problems_of_several_files_are_reported_at_once(tmp_path: Path) -> None:
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


def test_problems_between_words_of_several_files_are_reported_at_once(tmp_path: Path) -> None:
    found = problems(
        lambda: written(
            tmp_path,
            one="properties: [{name: a, type: STRING, displayCondition: b},"
            " {name: c, type: ARRAY}]",
            two="properties: [{name: d, type: STRING, defaultValue: 1}]",
        )
    )
    assert found == [
        "one.yaml: a: the condition 'b' refers to 'b', which is not a property",
        "one.yaml: c: an ARRAY requires items",
        "two.yaml: d: the default must be text, not a number",
    ]


def test_a_source_has_the_name_of_its_file(tmp_path: Path) -> None:
    source = MODELS.replace("name: models", "name: imageModels", 1)
    found = problems(lambda: written(tmp_path, act="properties: []", options__models=source))
    assert found == ["models.yaml: name: must be 'models', the name of the file"]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("openrouter_api_key", "environment"),
        ("{baseUrl: DEMO_URL}", "environment.token: is missing"),
        ("{token: DEMO_KEY, key: DEMO}", "environment.key: unknown word"),
        ("[DEMO_KEY]", "environment"),
    ],
)
def test_environment_names_a_variable_or_two(tmp_path: Path, word: str, message: str) -> None:
    connector = (CONNECTOR % "").replace("  test: GET", f"  environment: {word}\n  test: GET")
    found = problems(lambda: written(tmp_path, connector=connector))
    assert [one.startswith("connector.yaml: connection.") and message in one for one in found] == [
        True
    ]


def test_a_single_variable_is_the_one_of_the_token(tmp_path: Path) -> None:
    for word in ("DEMO_KEY", "{token: DEMO_KEY}"):
        connector = (CONNECTOR % "").replace("  test: GET", f"  environment: {word}\n  test: GET")
        known = written(tmp_path, connector=connector).component.connection.variables
        assert known and (known.token, known.base_url) == ("DEMO_KEY", None)
    assert written(tmp_path).component.connection.variables is None

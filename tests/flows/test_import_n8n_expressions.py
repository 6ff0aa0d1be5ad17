"""n8n's expressions become pills wherever they stand, or stay text and are reported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector.flows.formats import Imported, import_flow
from openrouter_connector.flows.formats.expressions.template import read_template
from openrouter_connector.flows.formats.importers.n8n_expressions import read_simple

URL = "https://openrouter.ai/api/v1"


def http(body: str = "", *, path: str = "/chat/completions", **more: Any) -> Imported:
    """Import one HTTP node after a node called S."""
    url = more.pop("url", URL + path)
    parameters = {"url": url, "method": "POST" if body else "GET", "jsonBody": body, **more}
    nodes = [
        {"name": "S", "type": "n8n-nodes-base.set", "parameters": {}},
        {"name": "H", "type": "n8n-nodes-base.httpRequest", "parameters": parameters},
    ]
    connections = {"S": {"main": [[{"node": "H", "type": "main", "index": 0}]]}}
    return import_flow({"nodes": nodes, "connections": connections})


def parameters(imported: Imported) -> dict[str, Any]:
    found: dict[str, Any] = imported.flow.tasks[0]["parameters"]
    return found


def chosen(imported: Imported) -> list[tuple[str, str]]:
    return [(fix.place, fix.message) for fix in imported.report.of("choose")]


def chat(content: str, rest: str = "") -> str:
    return f'={{"model": "a/b", "messages": [{{"role": "user", "content": {content}}}]{rest}}}'


def agent(text: str) -> Imported:
    """Import an agent with a prompt."""
    nodes = [
        {"name": "M", "type": "x.lmChatOpenRouter", "parameters": {"model": "a/b"}},
        {"name": "Writer", "type": "x.agent", "parameters": {"promptType": "define", "text": text}},
    ]
    served = {"ai_languageModel": [[{"node": "Writer", "type": "ai_languageModel", "index": 0}]]}
    return import_flow({"nodes": nodes, "connections": {"M": served}})


def test_a_pill_in_a_schema_is_written_as_json_when_the_flow_runs() -> None:
    schema = '{"type": "object", "description": "For {{ $json.who }}", "title": "{{ $json.t }}"}'
    rest = f', "response_format": {{"type": "json_schema", "json_schema": {{"schema": {schema}}}}}'
    imported = http(chat('"Hi"', rest))
    template = read_template(parameters(imported)["response"]["responseSchema"])
    for who in ('the "boss"', "a\nb", None):
        made = json.loads(str(template.evaluate({"who": who, "t": 'x"y'})))
        assert made == {"type": "object", "description": f"For {who or ''}", "title": 'x"y'}
    assert list(imported.flow.inputs) == ["who", "t"]


def test_pills_stand_in_sounds_roles_and_unknown_keys() -> None:
    audio = '{"type": "input_audio", "input_audio": {"data": "{{ $json.b64 }}", "format": "mp3"}}'
    text = '{"type": "text", "text": "hi"}'
    (file,) = parameters(http(chat(f"[{text}, {audio}]")))["attachments"]
    assert file["url"] == "data:audio/mp3;base64,${b64}"
    body = '={"model": "a/b", "messages": [{"role": "{{ $json.role }}", "content": "hi"}]}'
    assert parameters(http(body))["messages"][0]["role"] == "${role}"
    found = parameters(http(chat('"hi"', ', "foo": {"bar": ["{{ $json.f }}"]}')))
    assert found["extraBody"] == {"foo": {"bar": ["${f}"]}}


def test_code_that_stays_text_is_reported_with_its_places() -> None:
    imported = http(chat('"{{ $json.a.map(x => x) }}"', ', "user": "{{ $json.a.map(x => x) }}"'))
    assert [place for place, _ in chosen(imported)] == [
        "tasks[0].parameters.userPrompt",
        "tasks[0].parameters.user",
    ]
    keyed = http(chat('"hi"', ', "{{ $json.k }}": 5'))
    assert parameters(keyed)["extraBody"] == {"{{ $json.k }}": 5}
    assert "stays text in a key or a schema" in chosen(keyed)[0][1]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_token_is_left_wherever_expressions_stand(data: st.DataObject) -> None:
    text = st.sampled_from(["{{ $json.x }}", "a {{ $json.y }} b", "{{ $json.z.map(f) }}", "plain"])
    value: st.SearchStrategy[Any] = st.recursive(
        text,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2),
        max_leaves=5,
    )
    keys = ["model", "messages", "prompt", "size", "tools", "stop", "user", "response_format"]
    body = data.draw(st.dictionaries(st.sampled_from(keys), value))
    imported = http("=" + json.dumps({"model": "a/b", "messages": [], **body}))
    shown = json.dumps([imported.flow.document, imported.report.to_json()])
    assert "$json" not in json.dumps(imported.flow.document) or chosen(imported)
    for code in ("x", "y"):
        if f"$json.{code} " in json.dumps(list(body.values())):
            assert code in shown
    assert not [part for part in shown.split("-") if len(part.split('"')[-1]) == 16]


def test_a_size_that_is_an_expression_is_left_to_choose() -> None:
    body = '={"model": "a/b", "prompt": "Fox", "size": "{{ $json.s }}"}'
    imported = http(body, path="/images/generations")
    message = "the size '${s}' is known only when the flow runs; choose an aspect ratio"
    assert ("tasks[0].parameters.aspectRatio", message) in chosen(imported)


@pytest.mark.parametrize(
    "node",
    [
        {"url": f"={URL}/generation?id={{{{ $json.id }}}}"},
        {
            "url": f"{URL}/generation",
            "queryParameters": {"parameters": [{"name": "id", "value": "={{ $json.id }}"}]},
        },
        {
            "url": f"{URL}/generation",
            "specifyQuery": "json",
            "jsonQuery": '={"id": "{{ $json.id }}"}',
        },
    ],
)
def test_a_query_becomes_parameters(node: dict[str, Any]) -> None:
    imported = http(**node)
    assert imported.flow.tasks[0]["type"] == "openRouter/v1/getGeneration"
    assert parameters(imported) == {"id": "${id}"}


def test_a_path_may_hold_an_expression() -> None:
    imported = http(url=f"={URL}/models/{{{{ $json.model }}}}/endpoints")
    assert parameters(imported) == {"model": "${model}"}


@pytest.mark.parametrize(
    ("code", "scope", "value"),
    [
        ("$json.n > 0 ? 'many' : \"it's none\"", {"n": 0}, "it's none"),
        ("$json.a === 'x' ? 1 : $json.a === 'y' ? 2 : 3", {"a": "y"}, 2),
        ("$json.a && $json.a.trim().length > 0 ? $json.a : 'no'", {"a": " "}, "no"),
        ("$json.a || $json.b || 'c'", {"a": "", "b": None}, "c"),
        ("'Nr ' + $json.n + '.'", {"n": 3}, "Nr 3."),
        ("`Dear ${$json.name},\n${$json.more ? 'x' : ''}`", {"name": "A", "more": 0}, "Dear A,\n"),
        ("JSON.stringify($json.o, null, 2)", {"o": [1, "a"]}, '[1,"a"]'),
        ("$json.tags.join(', ')", {"tags": ["a", "b"]}, "a, b"),
        ("!$json.a ? 'no' : 'yes'", {"a": 1}, "yes"),
        ("$json['Lead\\'s']", {"leadS": 5}, 5),
        ("$json.list.length", {"list": [1, 2]}, 2),
        ("$json.text.toUpperCase().includes('A')", {"text": "a"}, True),
        ("['a', \"b\"].includes($json.text)", {"text": "b"}, True),
        ("Boolean($json.text) ? parseInt($json.n) : 0", {"text": "a", "n": "7"}, 7),
        ("$json.o.keys()", {"o": {"a": 1}}, ["a"]),
        ("$json.n.toNumber()", {"n": "2.5"}, 2.5),
        ("($json.a === 'x' || $json.a === 'y') ? 1 : 2", {"a": "y"}, 1),
        ("($json.n > 1 && !$json.a) || $json.text.includes('b')", {"n": 1, "text": "b"}, True),
        ("$runIndex < 3 ? $itemIndex : 5", {}, 0),
        ("$now.minus({days: 2}).toISO() < $now.minus(1, 'days').toISO()", {}, True),
    ],
)
def test_javascript_that_we_can_say_is_translated(code: str, scope: Any, value: Any) -> None:
    imported = agent("={{ " + code + " }}")
    found = read_template(parameters(imported)["userPrompt"]).evaluate(scope)
    assert json.loads(found) == json.loads(value) if code.startswith("JSON") else found == value
    assert chosen(imported) == []


@pytest.mark.parametrize(
    "code",
    [
        "$json.x + 1",
        "$json.a && $json.b",
        "$json.a > 1 || 'none'",
        "$json.a.map(x => x)",
        "(() => 1)()",
        "$json.a.replace(/x/g, '')",
        "$json.n * 2 + '!'",
        "$now.minus({days: 1, hours: 2})",
        "alert(1)",
        "'\\u0041'",
        "(" * 100 + "1" + ")" * 100,
        "(" * 29 + "$json.a" + " ? 1 : 2)" * 29 + " + 1",
        "!" * 1500 + "$json.a",
    ],
)
def test_javascript_of_another_meaning_stays_text(code: str) -> None:
    imported = agent("={{ " + code + " }}")
    assert parameters(imported)["userPrompt"] == "{{ " + code + " }}"
    assert len(chosen(imported)) == 1
    assert imported.flow.inputs == {}


def test_what_makes_json_itself_is_not_translated() -> None:
    body = '={"model": "a/b", "messages": [], "stop": {{ $json.s ? \'"x"\' : \'null\' }}}'
    assert "stop" in json.dumps(chosen(http(body)))


def test_the_tokens_of_a_text_are_not_taken_from_it() -> None:
    imported = http(chat('"pill\u20600\u2060 {{ $json.x }} heredoc\u20600"'))
    assert parameters(imported)["userPrompt"] == "pill\u20600\u2060 ${x} heredoc\u20600"


def test_a_repeated_expression_is_read_once() -> None:
    code = " $json.repeated_name "
    assert read_simple(code) is read_simple(code)

"""n8n workflows: the calls to OpenRouter come over, all else is reported."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_connector.errors import InputError
from openrouter_connector.flows.formats import Imported, import_flow

LANGCHAIN = "@n8n/n8n-nodes-langchain."


def node(name: str, kind: str, **parameters: Any) -> dict[str, Any]:
    group = LANGCHAIN if kind in ("agent", "chainLlm") or "Chat" in kind else "n8n-nodes-base."
    return {"name": name, "type": f"{group}{kind}", "parameters": parameters}


def link(end: str, index: int = 0) -> dict[str, Any]:
    return {"node": end, "type": "main", "index": index}


def workflow(nodes: list[Any], *links: tuple[str, str, str]) -> dict[str, Any]:
    connections: dict[str, Any] = {}
    for start, kind, end in links:
        connections.setdefault(start, {}).setdefault(kind, [[]])[0].append(link(end))
    return {"name": "Test", "nodes": nodes, "connections": connections}


MODEL = node("Model", "lmChatOpenRouter", model="openai/gpt-4o", options={"temperature": 0.2})


def served(*nodes: Any, links: tuple[tuple[str, str, str], ...] = ()) -> Imported:
    """Import nodes that all are served by one model node."""
    serving = [
        ("Model", "ai_languageModel", one["name"])
        for one in nodes
        if one["type"].endswith(("agent", "chainLlm"))
    ]
    return import_flow(workflow([MODEL, *nodes], *serving, *links))


def chosen(imported: Imported) -> list[str]:
    return [fix.message for fix in imported.report.of("choose")]


def test_a_chain_and_its_model_become_ask() -> None:
    system = {"messageValues": [{"message": "Be brief."}]}
    chain = node("Basic Chain", "chainLlm", promptType="define", text="Hi", messages=system)
    imported = served(chain)
    assert imported.flow.tasks == [
        {
            "label": "Basic Chain",
            "name": "basicChain",
            "type": "openRouter/v1/ask",
            "parameters": {
                "model": "openai/gpt-4o",
                "temperature": 0.2,
                "format": "SIMPLE",
                "userPrompt": "Hi",
                "systemPrompt": "Be brief.",
                "response": {"responseFormat": "TEXT"},
            },
        }
    ]
    assert imported.report.is_lossless


def test_simple_expressions_become_pills_of_steps_and_inputs() -> None:
    imported = served(
        node("Form", "formTrigger"),
        node(
            "A",
            "agent",
            promptType="define",
            text="=Write on {{ $json.topic }} and {{$json['a b']}}",
        ),
        node("B", "chainLlm", promptType="define", text="={{ $json.output }}"),
        node(
            "C",
            "agent",
            promptType="define",
            text="={{ $('B').item.json.text }} {{ $('Form').first().json.topic }}",
        ),
        links=(("Form", "main", "A"), ("A", "main", "B"), ("B", "main", "C")),
    )
    prompts = [task["parameters"]["userPrompt"] for task in imported.flow.tasks]
    assert prompts == ["Write on ${topic} and ${aB}", "${a}", "${b} ${topic}"]
    assert list(imported.flow.inputs) == ["topic", "aB"]
    assert chosen(imported) == []


def test_connections_give_the_order() -> None:
    imported = served(
        node("Second", "agent", promptType="define", text="={{ $json.output }}"),
        node("First", "agent", promptType="define", text="x"),
        links=(("First", "main", "Second"),),
    )
    assert [task["label"] for task in imported.flow.tasks] == ["First", "Second"]
    assert imported.flow.tasks[1]["parameters"]["userPrompt"] == "${first}"


def test_javascript_stays_text_and_is_reported() -> None:
    code = "{{ $json.items.map(i => i.name).join() }}"
    imported = served(node("A", "agent", promptType="define", text=f"=Sum up {code}"))
    assert imported.flow.tasks[0]["parameters"]["userPrompt"] == f"Sum up {code}"
    (fix,) = imported.report.of("choose")
    assert (fix.source, fix.place) == (
        "nodes[1].parameters.text",
        "tasks[0].parameters.userPrompt",
    )
    assert fix.message.startswith(f"`{code}` is JavaScript and stays text")


def test_plain_text_is_no_expression() -> None:
    imported = served(node("A", "chainLlm", promptType="define", text="Cost: ${price} {{ x }}"))
    assert imported.flow.tasks[0]["parameters"]["userPrompt"] == "Cost: ${'${'}price} {{ x }}"


def test_tools_and_memory_are_reported_and_a_parser_is_a_schema() -> None:
    parser = node("Parser", "outputParserStructured", jsonSchemaExample='{"city": "Rome"}')
    imported = served(
        node("A", "agent", promptType="define", text="Hi"),
        node("Wiki", "toolWikipedia"),
        node("Memory", "memoryBufferWindow"),
        parser,
        links=(
            ("Wiki", "ai_tool", "A"),
            ("Memory", "ai_memory", "A"),
            ("Parser", "ai_outputParser", "A"),
        ),
    )
    response = imported.flow.tasks[0]["parameters"]["response"]
    assert response["responseFormat"] == "JSON"
    assert '"city": {"type": "string"}' in response["responseSchema"]
    dropped = [fix.message.split(":")[0] for fix in imported.report.of("dropped")]
    assert dropped == ["'Wiki' (toolWikipedia) of 'A'", "'Memory' (memoryBufferWindow) of 'A'"]


def test_a_model_node_without_a_model_has_n8ns_default() -> None:
    model = node("Model", "lmChatOpenRouter", options={})
    chain = node("A", "chainLlm", promptType="define", text="Hi")
    imported = import_flow(workflow([model, chain], ("Model", "ai_languageModel", "A")))
    assert imported.flow.tasks[0]["parameters"]["model"] == "openai/gpt-4.1-mini"


def http(body: str, **more: Any) -> dict[str, Any]:
    url = "https://openrouter.ai/api/v1/chat/completions"
    return node(
        "Call", "httpRequest", url=url, method="POST", specifyBody="json", jsonBody=body, **more
    )


def test_an_http_call_becomes_a_step_and_its_answer_a_pill() -> None:
    body = """={
      "model": "a/b",
      "temperature": {{ $json.heat }},
      "messages": [{"role": "user", "content": "Say
        {{ $json.text }} {{ JSON.stringify($json.more).slice(1, -1) }}"}]
    }"""
    after = node("A", "agent", promptType="define", text="={{ $json.choices[0].message.content }}")
    source = workflow(
        [http(body), MODEL, after], ("Model", "ai_languageModel", "A"), ("Call", "main", "A")
    )
    imported = import_flow(source)
    call, agent = imported.flow.tasks
    assert call["type"] == "openRouter/v1/ask"
    assert call["parameters"]["temperature"] == "${heat}"
    assert call["parameters"]["userPrompt"].split() == ["Say", "${text}", "${more}"]
    assert agent["parameters"]["userPrompt"] == "${call}"
    assert chosen(imported) == []


def test_a_body_that_is_code_is_left_to_choose() -> None:
    imported = import_flow(workflow([http("={{ $json.body }}")]))
    assert "the body is JavaScript; write the model and the messages" in chosen(imported)


def test_everything_else_is_reported_by_its_place() -> None:
    imported = served(
        node("A", "agent", promptType="define", text="Hi"),
        node("Mail", "gmail"),
        node("Note", "stickyNote"),
    )
    assert [str(fix) for fix in imported.report.of("dropped")] == [
        "nodes[2]: 'Mail' (gmail) calls no model of OpenRouter",
        "nodes: sticky notes (1) have no place in a flow",
    ]


def test_a_workflow_without_a_call_is_refused() -> None:
    with pytest.raises(InputError, match="nodes: contains no call to OpenRouter"):
        import_flow(workflow([node("Mail", "gmail")]))

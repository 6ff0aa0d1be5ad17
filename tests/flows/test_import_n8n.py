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


def test_two_nodes_of_one_name_both_come_over() -> None:
    first, second = (node("A", "agent", promptType="define", text=text) for text in ("one", "two"))
    source = workflow([MODEL, first, second, {"name": "B"}], ("Model", "ai_languageModel", "A"))
    imported = import_flow(source)
    assert [task["parameters"]["userPrompt"] for task in imported.flow.tasks] == ["one", "two"]
    assert len({task["name"] for task in imported.flow.tasks}) == 2
    (renamed,) = imported.report.of("renamed")
    assert str(renamed) == "nodes[2]: another node is called 'A' too; this one is 'A (2)'"
    assert "nodes[3]: is no node: it has no type" in map(str, imported.report.of("dropped"))


CREDENTIALS = {"openAiApi": {"id": "1", "name": "OpenRouter account"}}


@pytest.mark.parametrize(
    "model",
    [
        node("Model", "lmChatOpenAi", model="deepseek/deepseek-r1:free")
        | {"credentials": CREDENTIALS},
        node(
            "Model",
            "lmChatOpenAi",
            model={"value": "deepseek/deepseek-r1:free"},
            options={"baseURL": "https://openrouter.ai/api/v1"},
        ),
    ],
)
def test_an_openai_node_that_calls_openrouter_is_a_call(model: dict[str, Any]) -> None:
    chain = node("A", "chainLlm", promptType="define", text="Hi")
    imported = import_flow(workflow([model, chain], ("Model", "ai_languageModel", "A")))
    assert imported.flow.tasks[0]["parameters"]["model"] == "deepseek/deepseek-r1:free"
    assert imported.report.is_lossless


def test_the_openai_node_of_n8n_is_a_conversation() -> None:
    messages = {
        "values": [{"role": "system", "content": "Brief."}, {"content": "=Hi {{ $json.x }}"}]
    }
    own = node("GPT", "openAi", modelId={"value": "a/b"}, messages=messages, jsonOutput=True)
    after = node("A", "agent", promptType="define", text="={{ $json.message.content }}")
    source = workflow(
        [own | {"credentials": CREDENTIALS}, MODEL, after],
        ("Model", "ai_languageModel", "A"),
        ("GPT", "main", "A"),
    )
    call, agent = import_flow(source).flow.tasks
    assert (call["parameters"]["systemPrompt"], call["parameters"]["userPrompt"]) == (
        "Brief.",
        "Hi ${x}",
    )
    assert call["parameters"]["response"]["responseFormat"] == "JSON"
    assert agent["parameters"]["userPrompt"] == "${gpt}"


def test_a_fallback_of_openrouter_makes_the_call_come_over() -> None:
    first = node("First", "lmChatAnthropic", model="claude-sonnet-4-20250514")
    chain = node("A", "chainLlm", promptType="define", text="Hi", needsFallback=True)
    source = workflow([first, MODEL, chain], ("First", "ai_languageModel", "A"))
    served = {"ai_languageModel": [[{"node": "A", "type": "ai_languageModel", "index": 1}]]}
    source["connections"]["Model"] = served
    parameters = import_flow(source).flow.tasks[0]["parameters"]
    assert parameters["model"] == "anthropic/claude-sonnet-4"
    assert parameters["models"] == ["openai/gpt-4o"]


def test_the_javascript_of_a_code_node_is_kept() -> None:
    code = node("A", "code", code={"execute": {"code": "return `${x}`"}})
    imported = import_flow(workflow([MODEL, code], ("Model", "ai_languageModel", "A")))
    assert imported.flow.tasks[0]["metadata"]["n8n"]["code"] == code["parameters"]["code"]
    assert "tasks[0].metadata.n8n.code" in [fix.place for fix in imported.report.of("choose")]


@pytest.mark.parametrize(
    "more",
    [
        {"jsonSchemaExample": '{"city": "Rome"}'},
        {"schemaType": "manual", "inputSchema": '{"type": "object", "title": "city"}'},
        {"schemaType": "fromAttributes", "attributes": {"attributes": [{"name": "city"}]}},
    ],
)
def test_the_fields_of_an_extractor_are_a_schema(more: dict[str, Any]) -> None:
    extractor = node("A", "informationExtractor", text="Hi", **more)
    imported = import_flow(workflow([MODEL, extractor], ("Model", "ai_languageModel", "A")))
    response = imported.flow.tasks[0]["parameters"]["response"]
    assert (response["responseFormat"], "city" in response["responseSchema"]) == ("JSON", True)


def test_parameters_that_nothing_reads_are_reported() -> None:
    agent = node("A", "agent", promptType="define", text="Hi", novelty={"x": 1})
    model = node("Model", "lmChatOpenRouter", model="a/b", newOption=3, options={"fresh": True})
    imported = import_flow(workflow([model, agent], ("Model", "ai_languageModel", "A")))
    assert {fix.source for fix in imported.report.of("dropped")} == {
        "nodes[0].parameters.newOption",
        "nodes[0].parameters.options.fresh",
        "nodes[1].parameters.novelty",
    }


def test_every_node_is_in_the_report() -> None:
    nodes = [
        node("A", "agent", promptType="define", text="Hi"),
        node("Store", "vectorStoreQdrant"),
        node("Embeddings", "embeddingsCohere"),
        node("Spare", "lmChatOpenRouter"),
    ]
    links = (("Store", "ai_tool", "A"), ("Embeddings", "ai_embedding", "Store"))
    report = served(*nodes, links=links).report
    sources = {fix.source for fix in report.fixes}
    assert {f"nodes[{index}]" for index in range(5)} <= sources
    messages = [fix.message for fix in report.of("dropped")]
    assert any(
        text.endswith("is a part of another node, and does not come over") for text in messages
    )
    assert any(text.endswith("is a model of OpenRouter that serves no call") for text in messages)


def test_a_call_of_no_action_does_not_stop_the_others() -> None:
    other = node("Other", "httpRequest", url="https://openrouter.ai/api/v1/nothing", method="GET")
    agent = node("A", "agent", promptType="define", text="Hi")
    imported = import_flow(workflow([other, MODEL, agent], ("Model", "ai_languageModel", "A")))
    assert [task["label"] for task in imported.flow.tasks] == ["A"]
    assert "nodes[0]: GET /nothing is no call of OpenRouter that is known" in map(
        str, imported.report.of("dropped")
    )


def test_an_image_of_n8n_is_an_input() -> None:
    messages = [{"type": "HumanMessagePromptTemplate", "messageType": "imageBinary"}]
    chain = node(
        "A", "chainLlm", promptType="define", text="What?", messages={"messageValues": messages}
    )
    imported = served(chain)
    (message,) = imported.flow.tasks[0]["parameters"]["messages"]
    assert message == {"role": "USER", "content": "What?", "attachments": ["${data}"]}
    assert imported.flow.inputs["data"]["type"] == "file_entry"


def test_the_report_counts_the_calls_without_loss() -> None:
    imported = served(
        node("Mail", "gmail"),
        node("A", "agent", promptType="define", text="Hi"),
        node("B", "agent", promptType="define", text="Hi"),
        node("Wiki", "toolWikipedia"),
        node("C", "agent", promptType="define", text="={{ $json.a.map(f) }}"),
        links=(("Wiki", "ai_tool", "B"),),
    )
    assert imported.report.whole_calls == ("tasks[0]",)
    assert imported.report.to_json()["calls"] == {"all": 3, "lossless": 1}
    assert imported.report.summary.endswith("1 of 3 calls to OpenRouter came over without loss.")


def test_a_node_that_is_left_out_is_listed_also_if_it_holds_a_key_or_has_another_name() -> None:
    header = {"name": "Authorization", "value": "Bearer abc123def456ghi789"}
    url, headers = "https://mail.example/send", {"parameters": [header]}
    sender = node("Send", "httpRequest", url=url, sendHeaders=True, headerParameters=headers)
    report = served(node("A", "agent", text="Hi"), sender, node("Send", "slack")).report
    assert {fix.source for fix in report.of("secret")} == {
        "nodes[2].parameters.headerParameters.parameters[0].value"
    }
    assert [str(fix) for fix in report.of("dropped")] == [
        "nodes[2]: 'Send' (httpRequest) calls no model of OpenRouter",
        "nodes[3]: 'Send (3)' (slack) calls no model of OpenRouter",
    ]

"""Flows as tools: what is published, what an agent gets, and what is kept of a cancelled call."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Connector
from openrouter_connector.faces.mcp.flow_tools import choose_flows
from openrouter_connector.flows.formats.flow import Flow
from openrouter_connector.flows.store import FlowStore
from openrouter_connector.sandbox import Sandbox
from support.canary import CANARY, hidden_in, holds_canary
from support.command import Command
from support.flows import ask, task
from support.http_face import ASK
from support.mcp_host import Host, connect_host, error, text
from support.scripted_server import completion, response, scripted

Json = Any
Start = Callable[..., Host]
LETTER: Json = {
    "label": "Voice note → Letter!",
    "description": "Writes a letter.",
    "inputs": [
        {"name": "text", "type": "string", "label": "Text", "required": True},
        {"name": "tone", "type": "string", "default": "kind", "required": True},
        {"name": "copies", "type": "integer"},
        {"name": "share", "type": "number"},
        {"name": "urgent", "type": "boolean"},
        {"name": "note", "type": "file_entry"},
        {"name": "names", "type": "array"},
        {"name": "more", "type": "object"},
        {"name": "odd"},
    ],
    "outputs": [{"name": "letter", "value": "${ask_1}"}],
    "tasks": [ask("ask_1", "${tone}: ${text}, ${copies}, ${names}", model="sandbox/echo")],
}


def stored(*flows: Json) -> tuple[str, ...]:
    """Store flows, and return their ids."""
    return tuple(FlowStore().create(Flow.from_json(flow)).id for flow in flows)


@pytest.fixture
def publish(start: Start, sandbox: Sandbox) -> Callable[..., Host]:
    """Publish flows that call the sandbox."""
    return lambda *flows, **more: start(
        sandbox.base_url, token=sandbox.token, flows=stored(*flows), **more
    )


class Heard(list[str]):
    """Collects the messages of the progress of a call."""

    async def __call__(self, done: float, total: float | None, message: str | None) -> None:
        self.append(message or "")


def test_a_flow_is_a_tool_with_its_inputs_as_the_schema(publish: Any) -> None:
    tool = publish(LETTER).tools()["voiceNoteLetter"]
    schema = tool["inputSchema"]
    kinds = {name: one.get("type") for name, one in schema["properties"].items()}

    assert (tool["title"], tool["description"]) == ("Voice note → Letter!", "Writes a letter.")
    assert schema["required"] == ["text"]
    assert kinds == {
        "text": "string", "tone": "string", "copies": "integer", "share": "number",
        "urgent": "boolean", "note": None, "names": "array", "more": "object", "odd": None,
    }  # fmt: skip
    assert schema["properties"]["tone"]["default"] == "kind"
    assert schema["properties"]["text"]["description"] == "Text"
    assert "url" in json.dumps(schema["properties"]["note"])
    assert set(tool["outputSchema"]["properties"]["outputs"]["properties"]) == {"letter"}
    assert tool["annotations"]["readOnlyHint"] is False


def test_a_flow_runs_and_returns_its_outputs(publish: Any) -> None:
    host = publish(LETTER)
    given = {"text": "Hello", "copies": "2", "names": '["Ann", "Bo"]', "urgent": ""}
    result = host.call("voiceNoteLetter", given)

    assert not result.is_error, text(result)
    content = result.structured_content
    assert content["outputs"]["letter"].endswith('You said: kind: Hello, 2, ["Ann", "Bo"]')
    assert text(result).startswith(content["outputs"]["letter"])
    assert content["cost"] > 0 and len(content["run"]) == 12
    assert not host.call("ask", ASK).is_error  # actions are tools as before


def test_each_step_and_item_is_reported(publish: Any) -> None:
    each = task("each_1", "each/v1", items="${names}")
    each["parameters"]["iteratee"] = [ask("ask_1", "Dear ${each_1.item}", model="sandbox/echo")]
    last = ask("ask_2", "Bye", model="sandbox/echo") | {"label": "Say goodbye"}
    inputs = [{"name": "names", "type": "array"}]
    heard = Heard()
    host = publish({"label": "Many", "inputs": inputs, "tasks": [each, last]})
    result = host.call("many", {"names": ["Ann", "Bo"]}, progress_callback=heard)

    assert not result.is_error, text(result)
    assert {"ask_1 …", "ask_1: done", "Say goodbye …", "Say goodbye: done"} <= set(heard)
    assert "each_1: 2 of 2 items" in heard


def test_files_are_named_by_their_addresses(publish: Any) -> None:
    picture = task(
        "picture", "openRouter/v1/createImage", model="sandbox/painter",
        imageMessages=[{"content": "A boat"}],
    )  # fmt: skip
    reading = ask("ask_1", "What?", model="sandbox/echo", attachments=["${note}"])
    flow = {
        "label": "Files",
        "inputs": [{"name": "note", "type": "file_entry", "required": True}],
        "outputs": [{"name": "picture", "value": "${picture}"}],
        "tasks": [picture, reading],
    }
    host = publish(flow)
    result = host.call("files", {"note": "data:text/plain,Good%20morning"})
    refused = host.call("files", {"note": "/etc/hostname"})

    assert not result.is_error, text(result)
    address = json.dumps(result.structured_content["outputs"]).split('"openrouter://')[1]
    assert host.read(f"openrouter://{address.split(chr(34))[0]}").mime_type == "image/png"
    assert {"image", "resource_link"} <= {block.type for block in result.content}
    assert "file://" not in json.dumps(result.structured_content)
    assert "--allow-dir" in text(refused) and error(refused)["path"] == "note"


def test_wrong_arguments_are_listed_and_nothing_is_paid(publish: Any) -> None:
    result = publish(LETTER).call("voiceNoteLetter", {"txt": "Hi", "copies": "two", "more": 1})

    assert text(result).splitlines()[0] == "The arguments are invalid:"
    paths = {one["path"] for one in error(result)["problems"]}
    assert paths == {"text", "txt", "copies", "more"}
    assert "Nothing was charged." in text(result)


def test_a_failure_names_the_run_and_how_to_resume_it(start: Start) -> None:
    refused = response({"error": {"code": 400, "message": "no such model"}}, 400)
    flow = {"label": "Two", "tasks": [ask("ask_1", "Hi"), ask("ask_2", "${ask_1}")]}
    with scripted(response(completion("Hello")), refused) as server:
        result = start(server.base_url, flows=stored(flow)).call("two")

    fields = error(result)
    assert (fields["type"], fields["status"], fields["step"]) == ("FlowError", "failed", "ask_2")
    assert f"openrouter-connector runs resume {fields['run']}" in text(result)
    assert "no such model" in text(result)


def test_the_budget_of_the_server_holds_for_flows(start: Start) -> None:
    flow = {"label": "Two", "tasks": [ask("ask_1", "Hi"), ask("ask_2", "${ask_1}")]}
    with scripted(response(completion("Hello"))) as server:
        host = start(server.base_url, flows=stored(flow), budget=0.25)
        fields = error(host.call("two"))
        assert len([one for one in server.requests if one.method == "POST"]) == 1

    assert (fields["step"], fields["error"]["type"]) == ("ask_2", "BudgetError")


def test_a_cancelled_call_cancels_its_run_and_what_it_finished_is_kept(
    start: Start, connector: Connector
) -> None:
    tasks = [ask("ask_1", "Hi", model="sandbox/slow"), ask("ask_2", "Bye", model="sandbox/slow")]
    tasks[1]["parameters"]["userPrompt"] = "${ask_1}"
    with Sandbox(slow=0.7) as slow:
        host = start(
            slow.base_url, token=slow.token, flows=stored({"label": "Two", "tasks": tasks})
        )
        heard = Heard()
        call = host.start("two", {}, progress_callback=heard)
        end = time.monotonic() + 40
        while "ask_2 …" not in heard:
            assert time.monotonic() < end
            time.sleep(0.02)
        call.cancel()
        with pytest.raises(CancelledError):
            call.result(40)

        async def known() -> Json:
            async with connector.connect(slow.token, base_url=slow.base_url) as session:
                [run] = await session.runs.list()
                return await session.runs.details(run.id)

        while (details := asyncio.run(known()))["status"] != "cancelled":
            assert time.monotonic() < end + 40
        paid = len([one for one in slow.requests if one.method == "POST"])
    assert (details["status"], paid) == ("cancelled", 2)
    assert details["steps"][0]["state"] == "done"


def test_names_are_valid_and_none_is_taken_twice(connector: Connector) -> None:
    labels = ["Ask", "Größe", "größe", "2 steps", "→", "x" * 90]
    flows = stored(*({**LETTER, "label": label} for label in labels))
    tools = choose_flows(flows, FlowStore(), connector.definition, {"ask"})

    assert list(tools) == ["ask2", "groe", "groe2", "flow2Steps", "flow", "x" * 60]


def test_a_flow_is_found_by_its_label_or_in_a_file(connector: Connector, tmp_path: Path) -> None:
    stored(LETTER | {"label": "Stored"})
    file = tmp_path / "flow.yaml"
    Flow.from_json(LETTER | {"label": "In a file"}).save(file)
    tools = choose_flows(["stored", str(file)], FlowStore(), connector.definition)

    assert list(tools) == ["stored", "inAFile"]
    assert (tools["stored"].version, tools["inAFile"].id) == (1, None)


def test_all_flows_that_cannot_be_published_are_named(command: Command, tmp_path: Path) -> None:
    stored(LETTER | {"label": "Twice"}, LETTER | {"label": "Twice"})
    stored({"label": "Mail", "tasks": [task("a", "mail/v1/send")]})
    (tmp_path / "bad.json").write_text("{")
    words = ("Twice", "Mail", "Mial", str(tmp_path / "bad.json"), str(tmp_path / "none.json"))
    ended = command("mcp", "--sandbox", "--only", "nothing", "--flows", *words)

    assert (ended.code, ended.out) == (2, "")
    assert "choose one by its id" in ended.err
    assert "'Mail' cannot run: tasks[0].type" in ended.err
    assert "no flow has this id or label" in ended.err and "'Mail'?" in ended.err
    assert "bad.json" in ended.err and "none.json" in ended.err and "--only" in ended.err


def test_flows_are_served_over_stdio_alone_and_kept_in_a_database(
    host_command: Any, tmp_path: Path
) -> None:
    database, config = tmp_path / "runs.sqlite3", tmp_path / "config"
    file = tmp_path / "letter.json"
    Flow.from_json(LETTER).save(file)
    words = ["--flows", str(file), "--only", "flows", "--database", str(database)]
    more = {"OPENROUTER_CONNECTOR_CONFIG": str(config)}
    command = host_command.model_copy(
        update={"args": [*host_command.args, *words], "env": {**host_command.env, **more}}
    )
    with connect_host(command) as host:
        assert list(host.tools()) == ["voiceNoteLetter"]
        assert not database.exists()  # nothing of the engine is there before the first call
        result = host.call("voiceNoteLetter", {"text": "Hi"})
        assert not result.is_error, text(result)
    assert database.exists()


def test_the_token_is_in_no_result_and_no_file(start: Start, tmp_path: Path) -> None:
    echo = f"you sent Authorization: Bearer {CANARY}"
    flow = {"label": "Canary", "tasks": [ask("ask_1", "Hi"), ask("ask_2", "${ask_1}")]}
    failed = response({"error": {"code": 400, "message": echo}}, 400)
    with scripted(response(completion(echo)), failed) as server:
        host = start(server.base_url, token=CANARY, flows=stored(flow))
        result = host.call("canary", progress_callback=Heard())
        assert server.requests[-1].headers["authorization"] == f"Bearer {CANARY}"

    assert result.is_error and not holds_canary(result.model_dump_json())
    assert hidden_in(tmp_path) == []

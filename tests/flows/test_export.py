"""Exports: commands that work, code that runs, tool calls, and never a secret."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from openrouter_connector import Connector
from openrouter_connector.errors import InputError
from openrouter_connector.flows.formats import export_flow, import_flow
from openrouter_connector.flows.formats.exporters import FORMATS
from openrouter_connector.flows.formats.flow import Flow
from openrouter_connector.sandbox import Sandbox
from support.canary import CANARY

ASK: dict[str, Any] = {
    "model": "sandbox/echo",
    "format": "SIMPLE",
    "userPrompt": 'It\'s "${name}" $(rm -rf /) `x`',
    "response": {"responseFormat": "TEXT"},
}


def task(name: str, action: str = "ask", **parameters: Any) -> dict[str, Any]:
    kind = f"openRouter/v1/{action}"
    return {"label": name, "name": name, "type": kind, "parameters": parameters}


def flow(*tasks: Any, **more: Any) -> Flow:
    return Flow.from_json({"label": "Test", "tasks": list(tasks), **more})


def shell(command: list[str], sandbox: Sandbox, key: str = Sandbox.token) -> str:
    """Run a command against the sandbox, and return what it prints."""
    variables = {
        "OPENROUTER_API_KEY": key,
        "OPENROUTER_BASE_URL": sandbox.base_url,
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
    }
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_curl_command_works_and_sends_what_the_runtime_sends(sandbox: Sandbox) -> None:
    prompt = 'It\'s "5" {x} $(date) `x`\nline ü'
    parameters = ASK | {"userPrompt": prompt, "temperature": 0.5}
    exported = export_flow(flow(task("ask_1", **parameters)), "curl")
    answer = json.loads(shell(["sh", "-c", exported.text], sandbox))
    assert prompt in answer["choices"][0]["message"]["content"]
    by_curl = sandbox.requests[-1].body
    Connector.load().run("ask", parameters, Sandbox.token, base_url=sandbox.base_url)
    assert sandbox.requests[-1].body == by_curl
    assert exported.scan == "Scanned for secrets: none found."
    assert exported.media_type == "text/x-shellscript"


def test_the_server_of_a_command_can_be_named(sandbox: Sandbox) -> None:
    exported = export_flow(flow(task("ask_1", **ASK)), "curl", base_url=sandbox.base_url)
    assert exported.text.splitlines()[1].startswith(f'curl "{sandbox.base_url}/chat/completions"')


def test_expressions_are_placeholders_in_a_command() -> None:
    image: dict[str, Any] = {"attachments": ["${ask_0}"], "temperature": "=1 + 1"}
    exported = export_flow(flow(task("ask_1", **ASK, **image)), "curl")
    assert [str(note) for note in exported.notes] == [
        "tasks[0].parameters.userPrompt: holds "
        "'It\\'s \"${name}\" $(rm -rf /) `x`'; write its value there",
        "tasks[0].parameters.attachments[0]: holds '${ask_0}'; "
        "https://example.com/file.png is its placeholder",
        "tasks[0].parameters.temperature: holds '=1 + 1'; 1.0 is its placeholder",
    ]


def test_each_call_of_a_step_is_a_command_and_files_have_their_content() -> None:
    images = ["data:image/png;base64,QUJD", "https://example.com/a.png"]
    step = task("see_1", "analyzeImages", model="a/b", images=images, taskType="ocr")
    text = export_flow(flow(step), "curl").text
    assert text.count("curl ") == 2
    assert '"data:image/png;base64,QUJD"' in text
    assert '"https://example.com/a.png"' in text
    speech = task("say_1", "createSpeech", model="a/b", input="Hi", voice="x")
    assert export_flow(flow(speech), "curl").text.endswith("--output speech.mp3\n")
    listed = task("list_1", "listModels", outputModalities=["image"])
    assert "/models?output_modalities=image" in export_flow(flow(listed), "curl").text


def test_files_that_are_not_here_are_words_with_a_note() -> None:
    file = {
        "url": "/etc/passwd",
        "name": "../../passwd",
        "extension": "txt",
        "mimeType": "text/plain",
    }
    exported = export_flow(flow(task("ask_1", **ASK, attachments=[file])), "curl")
    assert "CONTENT_OF_passwd" in exported.text
    assert [str(note) for note in exported.notes][-1] == (
        "tasks[0].parameters.attachments[0]: put the text of the file '../../passwd' in the place "
        "of CONTENT_OF_passwd"
    )


def test_an_upload_of_a_text_has_no_note_about_a_word_that_is_not_there() -> None:
    file = {
        "url": "https://x.test/a",
        "name": "a.txt",
        "extension": "txt",
        "mimeType": "text/plain",
    }
    exported = export_flow(flow(task("up_1", "uploadFile", file=file)), "curl")
    assert "CONTENT_OF" not in exported.text + " ".join(map(str, exported.notes))


def test_a_command_for_an_image_says_that_the_model_is_not_known() -> None:
    image = task(
        "image_1", "createImage", model="sandbox/sketcher", imageMessages=[{"content": "A"}]
    )
    exported = export_flow(flow(image), "curl")
    assert '"modalities"' in exported.text
    assert any("asks no catalogue" in note.message for note in exported.notes)


def test_an_upload_names_no_file_elsewhere() -> None:
    for name in ("../../home/me/.ssh/id_rsa", "C:\\keys\\id_rsa", ".ssh/id_rsa", "a;type=b"):
        file = {"url": "https://x.test/a", "name": name, "extension": "", "mimeType": ""}
        exported = export_flow(flow(task("up_1", "uploadFile", file=file)), "curl")
        (field,) = re.findall(r"-F (\S+)", exported.text)
        assert not set("/\\;") & set(field), field
        assert any("beside the command, as" in note.message for note in exported.notes)


def test_texts_that_only_escape_are_what_they_say() -> None:
    steps = flow(task("ask_1", **(ASK | {"userPrompt": "Pay ${'${'}x} now"})))
    assert '"Pay ${x} now"' in export_flow(steps, "curl").text
    call = json.loads(export_flow(steps, "mcp_call").text)
    assert call["arguments"]["userPrompt"] == "Pay ${x} now"
    assert import_flow(call).flow.tasks[0]["parameters"]["userPrompt"] == "Pay ${'${'}x} now"


def test_a_step_for_another_server_does_not_get_our_key() -> None:
    step = task("p_1", "prompt", baseUrl="http://localhost:9/v1", model="m", prompt="Hi")
    text = export_flow(flow(step), "curl").text
    assert 'curl "http://localhost:9/v1/chat/completions"' in text
    assert "OPENROUTER_API_KEY" not in text


def test_what_is_missing_is_listed_with_its_place() -> None:
    steps = flow(task("ask_1", format="SIMPLE", userPrompt="Hi"), task("ask_2", model="a/b"))
    with pytest.raises(InputError) as caught:
        export_flow(steps, "curl")
    places = [problem.path for problem in caught.value.problems]
    assert places == ["tasks[0].parameters.model", "tasks[1].parameters.userPrompt"]


def test_steps_and_formats_that_do_not_exist() -> None:
    foreign = {"name": "x_1", "type": "foo/v1/bar", "parameters": {}}
    steps = flow(task("ask_1", **ASK), foreign)
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"format": "curl", "step": "ask_2"}, "there is no step 'ask_2'; did you mean 'ask_1'"),
        ({"format": "curl", "step": "x_1"}, "'x_1' is foo/v1/bar, not a step of openRouter"),
        ({"format": "crul"}, "'crul' cannot be exported; did you mean 'curl'"),
    )
    for arguments, message in cases:
        with pytest.raises(InputError, match=message):
            export_flow(steps, **arguments)
    with pytest.raises(InputError, match="holds no step of openRouter"):
        export_flow(flow(foreign), "python")


def test_a_python_snippet_runs(sandbox: Sandbox) -> None:
    second = ASK | {"userPrompt": "Again: ${ask_1}"}
    steps = flow(
        task("ask_1", **(ASK | {"userPrompt": "Hi ${name}!"})),
        task("ask_2", **second),
        inputs=[{"name": "name", "defaultValue": "Ada"}],
    )
    exported = export_flow(steps, "python")
    assert exported.notes == ()
    printed = shell([sys.executable, "-c", exported.text], sandbox)
    assert "Hi Ada!" in printed
    assert '"userPrompt": filled("Again: ${ask_1}", {"ask_1": ask_1})' in exported.text


def test_steps_that_a_snippet_cannot_show_are_reported() -> None:
    inner = task("ask_2", **(ASK | {"userPrompt": "${each_1.item}"}))
    each = {"name": "each_1", "type": "each/v1", "parameters": {"items": [1], "iteratee": inner}}
    steps = flow(task("ask_1", **(ASK | {"userPrompt": "=size(ask_0)"})), each)
    notes = [str(note) for note in export_flow(steps, "python").notes]
    assert notes == [
        "tasks[1].parameters.iteratee: is inside 'each_1' and left out; export it by its name",
        "tasks[0].parameters.userPrompt: holds '=size(ask_0)'; write its value there",
    ]


def test_a_tool_call_comes_back() -> None:
    steps = flow(task("ask_1", **(ASK | {"supportedParameters": ["tools"]})))
    call = json.loads(export_flow(steps, "mcp_call").text)
    assert call == {"name": "ask", "arguments": ASK}
    assert import_flow(call).flow.tasks[0]["type"] == "openRouter/v1/ask"


def test_one_task_can_be_exported_alone() -> None:
    steps = flow(task("ask_1", **ASK), task("ask_2", **ASK))
    assert json.loads(export_flow(steps, "bytechef", step="ask_2").text) == task("ask_2", **ASK)


SECRETS = {
    "openrouter": CANARY,
    "openai": "sk-proj-abcDEF0123456789abcDEF0123456789",
    "github": "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "bearer": "Bearer 0123456789abcdef",
    "query": "https://example.com/a?key=abcdefgh&x=1",
    "url": "https://ada:lovelace1815@example.com/",
    "pair": "api_key=0123456789abc",
    "fal": "01234567-89ab-cdef-0123-456789abcdef:0123456789abcdef0123456789abcdef",
}
BARE = {
    "bearer": "0123456789abcdef",
    "query": "abcdefgh",
    "url": "lovelace1815",
    "pair": "0123456789abc",
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", SECRETS)
def test_no_export_holds_a_secret(kind: str, format: str) -> None:
    parameters = ASK | {"userPrompt": f"Use {SECRETS[kind]} now", "user": "u"}
    exported = export_flow(flow(task("ask_1", **parameters)), format)
    shown = exported.text + json.dumps(exported.to_json())
    assert BARE.get(kind, SECRETS[kind]) not in shown
    assert "now" in exported.text
    assert [one.path for one in exported.removed] == ["tasks[0].parameters.userPrompt"]
    assert exported.scan == "Scanned for secrets: 1 secret was removed."


@pytest.mark.parametrize("format", FORMATS)
def test_passwords_keys_and_names_of_keys_are_removed(format: str) -> None:
    step = task(
        "p_1", "prompt", baseUrl="http://x.test/v1", apiKey="hunter2", model="m", prompt="Hi"
    )
    more = {
        "headers": [{"name": "Authorization", "value": "hunter2"}],
        CANARY: {"apiKey": "hunter2"},
    }
    exported = export_flow(flow(step | {"metadata": more}), format)
    assert "hunter2" not in exported.text
    assert CANARY not in exported.text + json.dumps(exported.to_json())
    assert ("tasks[0].parameters.apiKey", "is a secret and was removed") in [
        (one.path, one.message) for one in exported.removed
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Bearer $OPENROUTER_API_KEY",
        "token: ${ask_1.token}",
        "The key question: approximately how many tokens?",
        "sk-learn is a library",
        "https://example.com/page?key=<your key>",
        "password: required",
    ],
)
def test_prose_and_placeholders_stay(text: str) -> None:
    exported = export_flow(flow(task("ask_1", **(ASK | {"userPrompt": text}))), "bytechef")
    assert exported.removed == ()


def test_no_import_holds_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "plain-secret-of-this-machine")
    escaped = json.dumps({"model": "a/b", "messages": [{"role": "user", "content": CANARY}]})
    escaped = escaped.replace("sk-or", "\\u0073k-or")
    url = "https://openrouter.ai/api/v1/chat/completions"
    parameters = {"url": url, "method": "POST", "jsonBody": escaped}
    nodes = [{"name": "N", "type": "n8n-nodes-base.httpRequest", "parameters": parameters}]
    sources: list[Any] = [
        task("ask_1", **(ASK | {"userPrompt": CANARY})),
        task("ask_1", **(ASK | {"userPrompt": "plain-secret-of-this-machine"})),
        {"nodes": nodes, "connections": {}},
        {"name": "ask", "arguments": json.dumps(ASK | {"user": CANARY})},
        {"model": "a/b", "messages": [{"role": "user", "content": CANARY}]},
        f"curl {url} -u me:{CANARY} -H 'X-Api-Key: {CANARY}' -d '{escaped}'",
        {"type": "roboflow_core/openrouter@v1", "name": "a", "api_key": CANARY, "prompt": CANARY},
    ]
    for source in sources:
        imported = import_flow(source)
        shown = json.dumps([imported.flow.document, imported.report.to_json()])
        assert CANARY not in shown + imported.report.to_text()
        assert "plain-secret" not in shown
        assert imported.report.of("secret")

"""Imports of single calls: curl commands, request bodies, tool calls, fal's arguments."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openrouter_connector.errors import InputError
from openrouter_connector.flows.formats import Imported, export_flow, import_flow
from openrouter_connector.flows.formats.expressions.template import read_template

KEY = "sk-or-v1-" + "0123456789abcdef" * 4


def first(imported: Imported) -> tuple[str, dict[str, Any]]:
    task = imported.flow.tasks[0]
    return task["type"].rpartition("/")[2], task["parameters"]


def body(**more: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], **more}


def test_a_prompt_becomes_ask() -> None:
    system = {"role": "system", "content": "Be brief."}
    user = {"role": "user", "content": "Is ${x} = {y}?"}
    source = body(
        messages=[system, user],
        max_tokens=9,
        reasoning={"effort": "low"},
        response_format={"type": "json_schema", "json_schema": {"schema": {"type": "object"}}},
        provider={"data_collection": "deny"},
        unknown_key=1,
    )
    action, parameters = first(imported := import_flow(source))
    assert action == "ask"
    assert parameters == {
        "format": "SIMPLE",
        "systemPrompt": "Be brief.",
        "userPrompt": "Is ${'${'}x} = {y}?",
        "response": {"responseFormat": "JSON", "responseSchema": '{"type": "object"}'},
        "model": "openai/gpt-4o",
        "maxTokens": 9,
        "reasoning": "low",
        "provider": {"dataCollection": "deny"},
        "extraBody": {"unknown_key": 1},
    }
    assert imported.report.format == "openai_body"
    assert not imported.report.of("choose")


def test_parts_become_attachments() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.com/tiger.jpg"}}
    parts = [image, {"type": "text", "text": "What?"}]
    _, parameters = first(import_flow(body(messages=[{"role": "user", "content": parts}])))
    assert parameters["userPrompt"] == "What?"
    assert parameters["attachments"] == [
        {
            "extension": "jpg",
            "mimeType": "image/jpeg",
            "name": "tiger.jpg",
            "url": "https://example.com/tiger.jpg",
        }
    ]


def test_a_conversation_keeps_its_messages() -> None:
    said = [("user", "a"), ("assistant", "b"), ("user", "c")]
    source = body(messages=[{"role": role, "content": text} for role, text in said])
    _, parameters = first(import_flow(source))
    assert parameters["format"] == "ADVANCED"
    assert [one["role"] for one in parameters["messages"]] == ["USER", "ASSISTANT", "USER"]


def test_tools_need_the_whole_response() -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    action, parameters = first(import_flow(body(tools=tools, tool_choice="auto")))
    assert action == "sendChatCompletion"
    assert parameters["tools"] == tools
    assert parameters["toolChoice"] == "auto"
    assert parameters["messages"] == [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize(
    ("source", "action", "some"),
    [
        ({"model": "tts-1", "input": "Hi", "voice": "nova"}, "createSpeech", {"voice": "nova"}),
        (
            {"model": "gpt-image-1", "prompt": "A fox", "size": "1536x1024"},
            "createImage",
            {"imageMessages": [{"content": "A fox"}], "aspectRatio": "3:2"},
        ),
        (
            {"model": "text-embedding-3-small", "input": ["a"]},
            "createEmbeddings",
            {"model": "openai/text-embedding-3-small"},
        ),
        ({"model": "a/b", "input": "Hi"}, "createResponse", {"input": "Hi"}),
        ({"model": "a/b", "query": "x", "documents": ["y"]}, "createRerank", {"query": "x"}),
        (
            {"model": "claude-opus-4", "system": "s", "max_tokens": 5, "messages": []},
            "createMessage",
            {"model": "anthropic/claude-opus-4", "maxTokens": 5},
        ),
        (
            {"model": "a/b", "input_audio": {"data": "QUJD", "format": "wav"}, "language": "en"},
            "createTranscription",
            {"language": "EN"},
        ),
    ],
)
def test_the_keys_of_a_body_tell_the_action(source: Any, action: str, some: Any) -> None:
    found, parameters = first(import_flow(source))
    assert found == action
    assert parameters.items() >= some.items()


CURL = f"""
# Ask something
curl -sS --request POST 'https://openrouter.ai/api/v1/chat/completions?debug=1' \\
  -H "Authorization: Bearer {KEY}" -H 'Content-Type: application/json' \\
  -d '{{"model": "openai/gpt-4o", "messages": [{{"role": "user", "content": "It'"'"'s"}}]}}' | jq .
"""


def test_a_curl_command_becomes_a_step_without_its_key() -> None:
    imported = import_flow(CURL)
    assert first(imported)[1]["userPrompt"] == "It's"
    assert KEY not in json.dumps(imported.flow.document) + json.dumps(imported.report.to_json())
    assert [(fix.source, fix.message) for fix in imported.report.of("secret")] == [
        ("command header Authorization", "the key is left out")
    ]
    assert [(fix.source, fix.message) for fix in imported.report.of("dropped")] == [
        ("command ?debug", "has no counterpart")
    ]


@pytest.mark.parametrize(
    "command",
    [
        'curl https://api.openai.com/v1/chat/completions --data-raw $\'{"model":"gpt-4o",'
        '"messages":[{"role":"user","content":"Hi\\u0021"}]}\' --compressed',
        "curl -XPOST \"$OPENROUTER_BASE_URL/chat/completions\" -d @- <<'EOF'\n"
        '{"model":"gpt-4o","messages":[{"role":"user","content":"Hi!"}]}\nEOF\n',
        'curl --url=http://localhost:8080/api/v1/chat/completions --json "{'
        '\\"model\\":\\"gpt-4o\\",\\"messages\\":[{\\"role\\":\\"user\\",\\"content\\":\\"Hi!\\"}]}"',
    ],
)
def test_the_ways_to_write_a_command(command: str) -> None:
    action, parameters = first(import_flow(command))
    assert action == "ask"
    assert (parameters["model"], parameters["userPrompt"]) == ("openai/gpt-4o", "Hi!")


def test_several_commands_become_several_steps() -> None:
    listed = "curl 'https://openrouter.ai/api/v1/models?output_modalities=image,audio'"
    one = "curl https://openrouter.ai/api/v1/models/a/b/endpoints"
    imported = import_flow(f"{listed}\n{one}\n")
    assert [task["type"] for task in imported.flow.tasks] == [
        "openRouter/v1/listModels",
        "openRouter/v1/listEndpoints",
    ]
    assert imported.flow.tasks[0]["parameters"] == {"outputModalities": ["image", "audio"]}


def test_an_upload_leaves_its_file_to_choose() -> None:
    command = (
        "curl https://api.openai.com/v1/audio/transcriptions -F file=@talk.mp3 -F model=whisper-1"
    )
    imported = import_flow(command)
    assert first(imported)[0] == "createTranscription"
    messages = [fix.message for fix in imported.report.of("choose")]
    assert "attach the file 'talk.mp3', which is on another machine" in messages


API = "https://openrouter.ai/api/v1"
CHAT = '{"model": "a/b", "messages": [{"role": "user", "content": "Hi"}]}'


def reported(imported: Imported) -> list[tuple[str, str]]:
    left = (*imported.report.of("choose"), *imported.report.of("dropped"))
    return [(fix.source, fix.message) for fix in left]


def test_what_looks_like_a_here_document_inside_quotes_is_text() -> None:
    said = "run cat <<EOF\\nhi\\nEOF\\nnow"
    typed = said.replace("\\n", "\n")
    command = f"curl {API}/chat/completions -d '{CHAT.replace('Hi', typed)}'"
    assert first(import_flow(command))[1]["userPrompt"] == typed


def test_headers_that_actions_know_are_parameters() -> None:
    headers = "-H 'X-Title: My app' -H 'HTTP-Referer: https://a.test' -H 'X-Odd: 1'"
    imported = import_flow(f"curl {API}/chat/completions {headers} -d '{CHAT}'")
    parameters = first(imported)[1]
    assert (parameters["appTitle"], parameters["httpReferer"]) == ("My app", "https://a.test")
    assert reported(imported) == [("command header X-Odd", "has no counterpart")]


@pytest.mark.parametrize(
    ("words", "source"),
    [
        (f"{API}/generation?id=a&id=b", "command ?id"),
        (f"{API}/models {API}/credits", "command word 1"),
        (f"--unknown x {API}/models", "command word 1"),
        (f"-X PUT {API}/chat/completions -d '{CHAT}'", "command -X"),
        (f"{API}/chat/completions?debug=1 -d '{CHAT}'", "command ?debug"),
    ],
)
def test_what_changes_a_request_is_reported(words: str, source: str) -> None:
    assert source in [at for at, _ in reported(import_flow(f"curl {words}".replace("&", "\\&")))]


def test_requests_without_a_body_have_any_method() -> None:
    commands = f"curl -X DELETE {API}/files/f_1 --next -G {API}/generation --data-urlencode id=g+1"
    tasks = import_flow(commands).flow.tasks
    assert [task["parameters"] for task in tasks] == [{"fileId": "f_1"}, {"id": "g+1"}]


def test_the_format_of_a_transcript_is_asked_for_as_here() -> None:
    form = "-F model=a/b -F response_format=verbose_json -F 'timestamp_granularities[]=word'"
    imported = import_flow(f"curl {API}/audio/transcriptions {form}")
    assert first(imported)[1]["segments"] is True
    assert (
        "command body.timestamp_granularities",
        "'word': only segments have times here",
    ) in reported(imported)


def test_calls_of_fal_have_names_and_places_of_their_own() -> None:
    one = '{"prompt": "a", "image_urls": ["https://a.test/b.png", 5], "model": "a/b"}'
    command = f"curl https://fal.run/openrouter/router/vision -d '{one}'\n"
    imported = import_flow(command * 2)
    assert len({task["name"] for task in imported.flow.tasks}) == 2
    assert [source for source, _ in reported(imported)] == [
        "command 1.image_urls[1]",
        "command 2.image_urls[1]",
    ]


def test_what_ask_cannot_send_is_sent_whole() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://a.test/b.png", "detail": "high"}}
    text = {"type": "text", "text": "What?"}
    parts: list[Any] = [image, {"type": "file", "file": {"file_id": "f"}}]
    for part in parts:
        messages = [{"role": "user", "content": [text, part]}]
        action, parameters = first(import_flow(body(messages=messages)))
        assert (action, parameters["messages"]) == ("sendChatCompletion", messages)


def test_a_schema_is_no_expression() -> None:
    schema = {"type": "object", "title": "=A1 ${x}"}
    asked = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    _, parameters = first(import_flow(body(response_format=asked)))
    text = read_template(parameters["response"]["responseSchema"]).evaluate({})
    assert json.loads(str(text)) == schema


def test_prompts_that_are_lists_are_not_made_text() -> None:
    command = f'curl {API}/completions -d \'{{"model": "a/b", "prompt": ["x"], "n": 3}}\''
    _, parameters = first(import_flow(command))
    assert parameters["extraBody"] == {"prompt": ["x"], "n": 3}


def test_the_tool_calls_of_messages_and_responses() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "ask", "arguments": "{}"}}
    message = {"role": "assistant", "content": "I ask", "tool_calls": [call]}
    used = {"type": "tool_use", "id": "1", "name": "ask", "input": {}}
    for source in (
        message,
        {"choices": [{"message": message}, {"message": {"content": "Hi"}}]},
        {"role": "assistant", "content": [{"type": "text", "text": "I ask"}, used]},
    ):
        imported = import_flow(source)
        assert first(imported) == ("ask", {})
        assert ("", "of the message only its tool calls come over") in reported(imported)


def test_commands_that_cannot_be_read() -> None:
    for command, message in (
        ("curl 'https://openrouter.ai", "cannot be split into words: No closing quotation"),
        ("curl -H x", "names no URL"),
        ("curl https://openrouter.ai/api/v1/chat/completions -d @body.json", "is in the file"),
        ("curl https://openrouter.ai/api/v1/chat/completions -d hello", "the body is not JSON"),
        ("curl https://openrouter.ai/api/v1/nothing", "is no call of OpenRouter that is known"),
    ):
        with pytest.raises(InputError, match=message):
            import_flow(command)


def test_an_exported_command_comes_back() -> None:
    flow = import_flow(body(temperature=0.5)).flow
    again = import_flow(export_flow(flow, "curl").text).flow
    assert again.tasks[0]["parameters"] == flow.tasks[0]["parameters"]


def test_tool_calls_by_our_names_and_by_those_of_the_api() -> None:
    ours = {"name": "ask", "arguments": {"model": "a/b", "userPrompt": "Hi"}}
    assert first(import_flow(ours)) == ("ask", {"model": "a/b", "userPrompt": "Hi"})
    rpc = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": ours}
    assert first(import_flow(rpc)) == first(import_flow(ours))
    seed = {
        "name": "openrouter_ai_create_audio_speech",
        "arguments": {"model": "a/b", "input": "Hi", "voice": "x", "HTTP-Referer": "https://a.b"},
    }
    assert first(import_flow(seed)) == (
        "createSpeech",
        {"model": "a/b", "input": "Hi", "voice": "x"},
    )
    openai = {"id": "1", "type": "function", "function": {"name": "ask", "arguments": '{"a": 1}'}}
    assert first(import_flow(openai)) == ("ask", {"a": 1})
    with pytest.raises(InputError, match="there is no tool 'askk'; did you mean 'ask'"):
        import_flow({"name": "askk", "arguments": {}})


def test_fal_arguments_become_vision_or_ask() -> None:
    arguments = {
        "image_urls": ["https://fal.media/files/tiger.jpg"],
        "prompt": "Caption",
        "system_prompt": "Brief",
        "model": "google/gemini-2.5-flash",
        "reasoning": False,
        "temperature": 1,
        "max_tokens": 10,
    }
    imported = import_flow({"endpoint": "openrouter/router/vision", "arguments": arguments})
    action, parameters = first(imported)
    assert action == "vision"
    assert parameters["imageUrls"][0]["url"] == "https://fal.media/files/tiger.jpg"
    assert (parameters["prompt"], parameters["maxTokens"]) == ("Caption", 10)
    assert imported.report.is_lossless
    text = {key: value for key, value in arguments.items() if key != "image_urls"}
    action, parameters = first(import_flow(text))
    assert (action, parameters["userPrompt"]) == ("ask", "Caption")


def test_the_format_can_be_named_where_two_fit() -> None:
    source = {"model": "a/b", "prompt": "Hi", "reasoning": False}
    assert import_flow(source).report.format == "fal"
    assert import_flow(source, format="openai_body").report.format == "openai_body"

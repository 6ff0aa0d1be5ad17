"""Server tools: their catalogue, how a chat names them, and the files that they make."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from openrouter.components import ResponsesRequest

from openrouter_connector import Connector, InputError, NotFoundError
from openrouter_connector.sandbox import Sandbox
from support.performing import Perform

HELLO = [{"role": "user", "content": "Hello"}]
FUNCTION = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
SEARCH = {"type": "openrouter:web_search", "webSearch": {"engine": "exa", "maxResults": 3}}
SEARCHED = {"type": "openrouter:web_search", "parameters": {"engine": "exa", "max_results": 3}}
CONTAINER = {"containerId": "cntr_sandbox0001"}
FILE = {**CONTAINER, "fileId": "cfile_sandbox0001"}


def test_the_tools_of_an_api_format_are_listed_with_parameters_engines_and_prices(
    perform: Perform,
) -> None:
    tools = perform("listTools", {"apiFormat": "responses"}).output
    search = next(tool for tool in tools if tool["id"] == "web_search")
    assert search == perform("getTool", {"name": "web_search"}).output | {
        "native_support": search["native_support"]
    }
    assert "max_results" in search["parameters_schema"]["properties"]
    assert any(engine["pricing"] for engine in search["engines"])


def test_the_choice_of_tools_shows_their_engines_and_schemas(
    connector: Connector, played: Sandbox
) -> None:
    async def listed() -> Any:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            return await session.options("ask", "serverTools.type", {"serverTools": [{}]})

    options = {option["value"]: option for option in asyncio.run(listed()).options}
    search = options["openrouter:web_search"]
    assert search["label"] == "Web Search"
    assert search["details"]["engines"][1]["pricing"][0]["price"] == "0.004"
    assert "max_results" in search["details"]["parametersSchema"]["properties"]


@pytest.mark.parametrize(
    ("action", "parameters"),
    [
        ("ask", {"userPrompt": "Hello"}),
        ("sendChatCompletion", {"messages": HELLO}),
        ("createMessage", {"messages": HELLO, "maxTokens": 99}),
        ("createResponse", {"input": "Hello"}),
    ],
)
def test_a_server_tool_is_sent_with_what_its_form_holds(
    perform: Perform, played: Sandbox, action: str, parameters: Any
) -> None:
    perform(action, {"model": "sandbox/echo", **parameters, "serverTools": [SEARCH]})
    assert played.requests[-1].body["tools"] == [SEARCHED]


def test_server_tools_follow_the_tools_of_the_user(perform: Perform, played: Sandbox) -> None:
    other = {"type": "openrouter:subagent", "parameters": {"model": "sandbox/echo"}}
    asked = {"model": "sandbox/echo", "messages": HELLO, "tools": [FUNCTION]}
    perform("sendChatCompletion", {**asked, "serverTools": [SEARCH, other]})
    assert played.requests[-1].body["tools"] == [FUNCTION, SEARCHED, other]
    perform("sendChatCompletion", {**asked, "serverTools": []})
    assert played.requests[-1].body["tools"] == [FUNCTION]


FORMS = {
    "webSearch": ("web_search", {"xSearch": {"allowedXHandles": ["a"], "fromDate": "2026-01-31"}}),
    "shell": ("shell", {"environment": {"type": "container_reference", "containerId": "c"}}),
    "subagent": (
        "subagent",
        {"name": "s", "inheritFunctions": True, "tools": [{"type": "openrouter:web_search"}]},
    ),
    "advisor": ("advisor", {"forwardTranscript": True, "reasoning": {"maxTokens": 100}}),
    "fusion": ("fusion", {"analysisModels": ["a/b"], "cacheControl": {"ttl": "1h"}}),
    "applyPatch": ("apply_patch", {"engine": "native"}),
    "toolSearch": ("tool_search", {"maxResults": 3}),
    "searchModels": ("experimental__search_models", {"maxResults": 3}),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_a_server_tool_is_what_the_sdk_knows(
    perform: Perform, played: Sandbox, form: str
) -> None:
    tool, values = FORMS[form]
    asked = {"type": f"openrouter:{tool}", form: values}
    perform("createResponse", {"model": "sandbox/echo", "input": "Hi", "serverTools": [asked]})
    [sent] = played.requests[-1].body["tools"]
    parsed = ResponsesRequest.model_validate({"model": "m", "input": "Hi", "tools": [sent]})
    [known] = parsed.model_dump(mode="json", by_alias=True, exclude_unset=True)["tools"]
    assert sent["parameters"]
    assert known == sent


def test_parameters_that_a_form_lacks_are_sent_beside_those_of_the_form(
    perform: Perform, played: Sandbox
) -> None:
    tool = {**SEARCH, "parameters": {"new_word": 1, "max_results": 5}}
    perform("ask", {"model": "sandbox/echo", "userPrompt": "Hi", "serverTools": [tool]})
    [sent] = played.requests[-1].body["tools"]
    assert sent["parameters"] == {"engine": "exa", "max_results": 5, "new_word": 1}


def test_a_wrong_parameter_of_a_server_tool_is_named(perform: Perform) -> None:
    wrong = {"type": "openrouter:web_search", "webSearch": {"maxResults": 99}}
    with pytest.raises(InputError, match=r"serverTools\[0\].webSearch.maxResults"):
        perform("ask", {"model": "sandbox/echo", "userPrompt": "Hi", "serverTools": [wrong]})


def test_a_file_that_a_tool_made_becomes_a_file_of_ours(perform: Perform) -> None:
    pages = [perform("listContainerFiles", {**CONTAINER, "limit": 1}).output]
    after = {**CONTAINER, "after": pages[0]["last_id"]}
    pages.append(perform("listContainerFiles", after).output)
    assert [page["has_more"] for page in pages] == [True, False]
    assert [row["path"] for page in pages for row in page["data"]] == [
        "/mnt/data/boats.csv",
        "/mnt/data/report.txt",
    ]
    assert perform("getContainerFile", FILE).output == pages[0]["data"][0]
    entry = perform("downloadContainerFile", FILE).output
    assert (entry.name, entry.mime_type) == ("boats.csv", "text/csv")


def test_a_file_is_kept_beyond_its_container(perform: Perform) -> None:
    stored = perform("promoteContainerFile", FILE).output
    assert perform("getFile", {"fileId": stored["id"]}).output["filename"] == "boats.csv"
    assert perform("downloadFile", {"fileId": stored["id"]}).output.name == "boats.csv"


def test_a_container_file_that_is_gone_is_not_found(perform: Perform) -> None:
    with pytest.raises(NotFoundError, match="the container may have ended"):
        perform("downloadContainerFile", {**CONTAINER, "fileId": "cfile_gone"})

"""Resources, prompts and completions."""

from __future__ import annotations

import pytest

from mcp import MCPError
from support.mcp_host import Host

Hosts = tuple[Host, Host]
OPTIONS = "openrouter://options/{tool}/{argument}{?search,model}"
MODEL = "openrouter://models/{author}/{slug}"


def test_the_catalogue_has_a_line_for_each_model(both: Hosts) -> None:
    for host in both:
        models = host.read_json("openrouter://models")["models"]
        found = {one["id"]: one for one in models}
        assert found["sandbox/echo"]["gives"] == ["text"]
        assert found["sandbox/painter"]["gives"] == ["image"]
        assert "per million tokens" in found["sandbox/echo"]["about"]


def test_the_catalogue_can_be_searched(host: Host) -> None:
    models = host.read_json("openrouter://models?search=echo%20free")["models"]

    assert [one["id"] for one in models] == ["sandbox/echo:free"]


def test_tools_are_found_by_everyday_words(host: Host) -> None:
    found = host.read_json("openrouter://tools?search=tts")["tools"]
    assert [one["name"] for one in found] == ["createSpeech"]
    assert host.read_json("openrouter://tools?search=xyzzy")["tools"] == []


def test_a_model_resource_has_all_details(host: Host) -> None:
    model = host.read_json("openrouter://models/sandbox/echo:free")

    assert model["id"] == "sandbox/echo:free"
    assert model["contextLength"] > 0
    assert "temperature" in model["supportedParameters"]


def test_the_options_of_an_argument_can_be_looked_up(host: Host) -> None:
    voices = host.read_json("openrouter://options/createSpeech/voice?model=sandbox/speaker")
    without = host.read_json("openrouter://options/createSpeech/voice")

    assert "alba" in [option["value"] for option in voices["options"]]
    assert without["placeholder"] == "Choose Model first"


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("openrouter://nothing", "this resource does not exist"),
        ("openrouter://models/sandbox/nothing", "this model does not exist"),
        ("openrouter://options/aks/model", "did you mean 'ask'"),
        ("openrouter://options/ask/modle", "did you mean 'model'"),
        ("openrouter://options/ask/userPrompt", "has no options"),
        ("openrouter://files/../../etc/passwd", "this file does not exist"),
        ("openrouter://files/%2e%2e%2fsecret", "this file does not exist"),
        ("file:///etc/passwd", "this resource does not exist"),
        ("http://[", "this resource does not exist"),
    ],
)
def test_what_cannot_be_read_says_why(host: Host, address: str, why: str) -> None:
    with pytest.raises(MCPError, match=why):
        host.read(address)


def test_the_arguments_of_a_prompt_are_completed(both: Hosts) -> None:
    for host in both:
        assert "sandbox/echo" in host.complete("ask", "model", "ech")
        assert host.complete("ask", "format", "adv") == ["ADVANCED"]
        assert "alba" in host.complete("createSpeech", "voice", model="sandbox/speaker")
        assert host.complete("createSpeech", "voice") == []


def test_addresses_are_completed(host: Host) -> None:
    assert "sandbox" in host.complete(MODEL, "author", "sand")
    assert "echo" in host.complete(MODEL, "slug", "ec", author="sandbox")
    assert host.complete(OPTIONS, "tool", "ask")[0] == "ask"
    assert "voice" in host.complete(OPTIONS, "argument", tool="createSpeech")
    assert "sandbox/echo" in host.complete(OPTIONS, "model", "echo", tool="ask")


def test_nothing_is_completed_where_nothing_is_known(host: Host) -> None:
    assert host.complete("ask", "userPrompt", "x") == []
    assert host.complete("nothing", "model") == []
    assert host.complete("openrouter://elsewhere/{x}", "x") == []
    assert host.complete(OPTIONS, "argument", tool="nothing") == []


def test_no_more_is_completed_than_the_protocol_allows(host: Host) -> None:
    assert len(host.complete("ask", "model")) <= 100


def test_a_prompt_asks_for_the_tool(host: Host) -> None:
    prompts = {one.name: one for one in host.portal.call(host.client.list_prompts).prompts}
    demanded = [one.name for one in prompts["ask"].arguments or [] if one.required]
    given = {"model": "sandbox/echo", "userPrompt": 'Say "hi"'}
    found = host.portal.call(host.client.get_prompt, "ask", given)

    assert demanded == ["model", "userPrompt"]
    assert found.messages[0].content.type == "text"
    assert found.messages[0].content.text == (
        'Call the tool ask with these arguments: {"model": "sandbox/echo", '
        '"userPrompt": "Say \\"hi\\""}'
    )


def test_a_prompt_lists_what_is_wrong_with_its_arguments(host: Host) -> None:
    with pytest.raises(MCPError, match="userPrompt is missing; modle is unknown; did you mean"):
        host.portal.call(host.client.get_prompt, "ask", {"model": "a/b", "modle": "a/b"})

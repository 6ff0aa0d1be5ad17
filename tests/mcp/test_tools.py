"""The tools: one for each action, with schemas of their arguments."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from openrouter_connector import Connector, InputError
from openrouter_connector.faces.mcp.tools import Choice, choose_tools, list_tools
from support.http_face import ASK
from support.mcp_host import Host

Hosts = tuple[Host, Host]


def test_every_action_is_a_tool(both: Hosts, connector: Connector) -> None:
    for host in both:
        assert list(host.tools()) == [
            name
            for name in connector.definition.component.actions
            if not connector.definition.form(name).action.management_key
        ]


def test_every_schema_is_one(host: Host) -> None:
    for tool in host.tools().values():
        Draft202012Validator.check_schema(tool["inputSchema"])
        Draft202012Validator.check_schema(tool["outputSchema"])
        assert tool["inputSchema"]["type"] == tool["outputSchema"]["type"] == "object"


def test_what_the_host_decides_is_not_offered(host: Host) -> None:
    offered = host.tools()["ask"]["inputSchema"]["properties"]

    assert "userPrompt" in offered
    assert not {"supportedParameters", "httpReferer", "appTitle", "appCategories"} & set(offered)


def test_a_schema_says_when_an_argument_counts(host: Host) -> None:
    offered = host.tools()["ask"]["inputSchema"]["properties"]

    assert offered["userPrompt"]["description"].endswith("Required when format == 'SIMPLE'.")
    assert offered["systemPrompt"]["description"].endswith("Only when format == 'SIMPLE'.")
    assert "when" not in offered["temperature"]["description"]


def test_only_applied_defaults_are_shown(host: Host) -> None:
    offered = host.tools()["ask"]["inputSchema"]["properties"]

    assert offered["format"]["default"] == "SIMPLE"
    assert "default" not in offered["temperature"]


def test_a_file_may_be_named_by_a_text(host: Host) -> None:
    schema = host.tools()["createTranscription"]["inputSchema"]
    validator = Draft202012Validator(schema)
    arguments = {"model": "a/b"}

    assert validator.is_valid({**arguments, "file": "openrouter://files/x"})
    assert validator.is_valid({**arguments, "file": {"url": "data:audio/wav;base64,AA"}})
    assert not validator.is_valid({**arguments, "file": 1})


def test_hints_say_what_costs_and_what_does_not(host: Host) -> None:
    hints = host.tools()["ask"]["annotations"]

    assert (hints["readOnlyHint"], hints["destructiveHint"]) == (False, False)
    assert (hints["idempotentHint"], hints["openWorldHint"]) == (None, True)


def test_names_can_be_those_of_the_catalogue(connector: Connector) -> None:
    names = list(choose_tools(connector.definition, Choice(names="catalogue", groups=("all",))))

    assert all(name.startswith("openrouter_ai_") for name in names)
    assert len(set(names)) == len(connector.definition.component.actions)


def test_actions_and_groups_can_be_chosen(connector: Connector) -> None:
    assert list(choose_tools(connector.definition, Choice(only=("ask", "createImage")))) == [
        "ask",
        "createImage",
    ]
    assert set(choose_tools(connector.definition, Choice(only=("audio",)))) >= {
        "createSpeech",
        "createTranscription",
    }


def test_groups_are_served_together_with_single_actions(connector: Connector) -> None:
    chosen = choose_tools(connector.definition, Choice(groups=("video",), only=("ask",)))
    assert list(chosen) == ["ask", "createVideo", "getVideo", "downloadVideo"]
    with pytest.raises(InputError, match="'Viedo' is not a group; did you mean 'Video'"):
        choose_tools(connector.definition, Choice(groups=("Viedo",)))


def test_what_manages_the_account_is_served_only_by_choice(connector: Connector) -> None:
    definition = connector.definition
    managing = {"listKeys", "createKey", "updateKey", "deleteKey"}
    assert not managing & set(choose_tools(definition, Choice()))
    assert managing == set(choose_tools(definition, Choice(groups=("keys",))))
    assert len(choose_tools(definition, Choice(groups=("all",)))) == len(
        definition.component.actions
    )


def test_unknown_actions_and_groups_are_reported_together(connector: Connector) -> None:
    with pytest.raises(InputError) as caught:
        choose_tools(connector.definition, Choice(only=("aks", "Audios")))

    told = str(caught.value)
    assert "'aks' is neither an action nor a group; did you mean 'ask'?" in told
    assert "'Audios' is neither an action nor a group; did you mean 'Audio'?" in told


def test_read_only_leaves_nothing_that_costs(connector: Connector) -> None:
    forms = choose_tools(connector.definition, Choice(read_only=True))

    assert {"ask", "createImage"} & set(forms) == set()
    assert all(tool["annotations"]["readOnlyHint"] for tool in tools(connector, forms))


def tools(connector: Connector, forms: Any) -> Any:
    return list_tools(connector.definition, forms)


def test_an_unknown_tool_is_reported_with_a_similar_name(both: Hosts) -> None:
    for host in both:
        result = host.call("aks", ASK)
        assert result.is_error
        assert "the tool 'aks' does not exist; did you mean 'ask'?" in str(result.content)

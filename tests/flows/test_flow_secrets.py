"""No flow that is imported, stored or exported holds a secret, and prose stays as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector.errors import InputError
from openrouter_connector.flows.formats import export_flow, import_flow
from openrouter_connector.flows.formats.exporters import FORMATS
from openrouter_connector.flows.formats.flow import Flow
from openrouter_connector.flows.formats.secret_scan import scan_for_secrets
from openrouter_connector.flows.store import FlowStore
from openrouter_connector.values import Json, JsonObject
from support.flows import ask, flow

SECRET = "correct-horse-battery"
NAMES = (
    "api_key", "API_KEY", "apiKey", "api-key", "X-Api-Key", "x_api_key", "OPENAI_API_KEY",
    "access_token", "auth_token", "authToken", "token", "secret", "client_secret",
    "secretAccessKey", "private_key", "password", "db_password", "dbPassword", "pwd",
    "passphrase", "Authorization", "apiKeys", "apiKey2", "GITHUB_TOKEN", "SERVICE_KEY",
    "pass", "auth", "bearer", "bearerAuth", "sshKey", "ssh_key", "api_key_value", "access_key_id",
    "apiKey1a", "api/key", "apiKey:", "webhookKey", "github_pat", "pat", "dsn", "otp",
    "credentials",
    "of the mail " * 12 + "password", "\uff41\uff50\uff49\uff2b\uff45\uff59", "api\u200bKey",
    "\u0430piKey", "apiKey" + "\u200b" * 200,
)  # fmt: skip
HOLDERS = (
    lambda name, secret: {name: secret},
    lambda name, secret: {name: [secret]},
    lambda name, secret: {name: {"value": secret}},
    lambda name, secret: {name: [{"value": secret}]},
    lambda name, secret: {"name": name, "value": secret},
    lambda name, secret: {"key": name, "value": [secret]},
    lambda name, secret: {"name": name, "type": "string", "defaultValue": secret},
    lambda name, secret: {"name": name, "default": secret},
    lambda name, secret: {"headers": [[name, secret]]},
    lambda name, secret: {"headerName": name, "headerValue": secret},
    lambda name, secret: {"body": json.dumps({name: secret})},
    lambda name, secret: {"body": json.dumps({"body": json.dumps([{name: secret}])})},
    lambda name, secret: {"properties": {name: {"type": "string", "default": secret}}},
    lambda name, secret: {name: {"type": "array", "items": {"default": secret}}},
    lambda name, secret: {"credentials": {"a": {"b": [secret]}}},
    lambda name, secret: {name: f"${{key ?: '{secret}'}}"},
    lambda name, secret: {name: f"=key == null ? '{secret}' : key"},
    lambda name, secret: {name: f"={{{{ $json.key || '{secret}' }}}}"},
    lambda name, secret: {
        "name": name,
        "type": "var/v1/set",
        "parameters": {"value": secret},
    },
)


def flow_with(held: JsonObject) -> JsonObject:
    """Return a flow with a secret in an unknown key, and in the parameters of a step."""
    return {"tasks": [ask("ask_1", "Hi", extraBody=held)], "more": [held], "inputs": [held]}


@settings(deadline=None)
@given(st.sampled_from(NAMES), st.sampled_from(HOLDERS))
def test_a_value_that_is_named_like_a_secret_is_nowhere_kept(name: str, holder: object) -> None:
    document = flow_with(holder(name, SECRET))  # type: ignore[operator]
    assert SECRET not in json.dumps(import_flow(document).flow.document)
    for format in FORMATS:
        assert SECRET not in export_flow(Flow.from_json(document), format).text


@pytest.mark.parametrize("name", NAMES)
def test_no_flow_with_a_named_secret_is_stored(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as raised:
        FlowStore(tmp_path).create(flow(ask("ask_1", "Hi", extraBody={name: SECRET})))
    assert f"tasks[0].parameters.extraBody.{name}" in str(raised.value)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    "value",
    [
        "$ecretPassw0rd", "[brackets]99x", "{curly}99x", "my-real-key-8f3a2b1c9d", "short", 123456,
        "the_answer_42_key_abc", "${'hunter2xyz99'}", "='hunter2xyz99'", "hunter2${ask_1}",
    ],
)  # fmt: skip
def test_a_password_is_one_whatever_it_begins_with(value: Json) -> None:
    assert scan_for_secrets({"password": value}).value == {"password": "[token]"}


def test_json_in_a_text_keeps_what_is_no_secret() -> None:
    text = json.dumps({"apiKey": SECRET, "model": "a/b"}, indent=2)
    assert scan_for_secrets({"body": text}).value == {"body": text.replace(SECRET, "[token]")}


@pytest.mark.parametrize(
    "value",
    [
        "", "$API_KEY", "${API_KEY}", "Bearer ${trigger_1.token}", "=inputs.key", "{{ $json.key }}",
        "={{ $json.key }}", "<your key>", "your-api-key", "my_secret_token", "[API key]", "xxxx",
        "***", "…", "$apiKey", "%API_KEY%", "$inputs.api_key", "rf_key:account", None, True, 12,
        "${trim(inputs.key)}", "${a['api-key']}", "${key ?: ''}",
        "={{ $('Set').item.json['a b'] }}",
        "={{ $fromAI('key', ``, 'string') }}",
    ],
)  # fmt: skip
def test_what_stands_for_a_secret_stays(value: Json) -> None:
    document = {"apiKey": value, "headers": [{"name": "Authorization", "value": value}]}
    assert scan_for_secrets(document).value is document


@pytest.mark.parametrize("text", ["{{ 'KEY' }}", "${inputs.key ?: 'KEY'}", "<KEY>"])
def test_a_key_inside_of_what_stands_for_one_is_replaced(text: str) -> None:
    key = "sk-or-v1-" + "0123456789abcdef" * 4
    assert key not in str(scan_for_secrets({"apiKey": text.replace("KEY", key)}).value)


@pytest.mark.parametrize(
    "document",
    [
        {"maxTokens": "${n}"}, {"nextPageToken": "abcdef"}, {"publicKey": "abcdef"},
        {"tokens": ["a", "b"]}, {"key": "abcdef"}, {"costPerToken": "0.000001"},
        {"properties": {"password": {"type": "string", "description": "of the user"}}},
        {"name": "ask_1", "value": "abcdef"},
        {"authors": "Ann"}, {"passage": "abc"}, {"keyTerms": ["abc"]}, {"bypass": "abc"},
        {"sessionId": "abc"}, {"auth": {"type": "bearer", "url": "https://x.test"}},
        {"required": ["password", "username"]}, {"body": '{"maxTokens": "abcdefgh"}'},
        {"credentials": {"openRouterApi": {"id": "abcdefghijkl", "name": "My account"}}},
        {"connections": {"Set the API key": {"main": [[{"node": "Ask the model"}]]}}},
    ],
)  # fmt: skip
def test_other_names_are_no_secrets(document: JsonObject) -> None:
    assert scan_for_secrets(document).value is document


@pytest.mark.parametrize(
    "prose",
    [
        "Key findings-2024 in three bullets",
        "Basic trigonometry101 for kids",
        "Token counts: token gpt-4o-mini-128k",
        "The token limit=128000000 tokens",
        "Set the password: at-least-8-characters",
        "secret=tell-me-1-joke-please",
        "Use the model sk-learn-1.5 or pk_tables_2024_final_v3",
        "key https://example.com/2024/page",
        "https://x.test/?key=value-of-things",
        "hf_space_demo_12345",
        "Bearer of bad-news-2024",
    ],
)
def test_prose_is_not_changed(prose: str) -> None:
    assert scan_for_secrets({"userPrompt": prose}).removed == ()


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Authorization: Bearer abc123def456", "Authorization: Bearer [token]"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "Authorization: Basic [token]"),
        ("token 9f8e7d6c5b4a39281706", "token [token]"),
        ("password=hunter2hunter2xyz9", "password=[token]"),
        ('"password": "$ecretPassw0rd"', '"password": "[token]"'),
        ("password: hunter22", "password: [token]"),
        ("db_pwd=hunter22", "db_pwd=[token]"),
        ("passphrase: hunter22", "passphrase: [token]"),
        ("https://x.test/?api_key=correct-horse", "https://x.test/?api_key=[token]"),
        ("postgres://ann:s3cret@db/x", "postgres://ann:[token]@db/x"),
        ("use sk_test_4eC39HqLyjWDarjtT1zdP7dc", "use [token]"),
        ("password: ab12-cd34-ef56-gh78", "password: [token]"),
    ],
)
def test_a_secret_in_a_text_is_replaced_and_the_rest_stays(text: str, clean: str) -> None:
    assert scan_for_secrets({"text": text}).value == {"text": clean}

"""Dropdowns: what they offer, what each option costs, and what they say when they cannot tell."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Choices, Connector, InputError
from openrouter_connector.runtime.catalogue import option
from openrouter_connector.runtime.catalogue.cache import CachedList
from openrouter_connector.runtime.catalogue.option import entries
from openrouter_connector.sandbox import Sandbox
from support.definitions import toy
from support.scripted_server import Answer, Scripted, response, scripted

TOKEN = "sk-or-v1-" + "0" * 64
TEXT: dict[str, Any] = {"architecture": {"output_modalities": ["text"]}}


def offered(
    base_url: str,
    name: str = "model",
    parameters: Any = None,
    *,
    action: str = "ask",
    token: str | None = TOKEN,
    connector: Connector | None = None,
    **more: Any,
) -> Choices:
    async def asked() -> Choices:
        one = connector or Connector.load(cache=False)
        async with one.connect(token, base_url=base_url, attempts=1) as session:
            return await session.options(action, name, parameters, **more)

    return asyncio.run(asked())


def listed(*rows: Any) -> Answer:
    return response({"data": list(rows)})


def values(choices: Choices) -> list[Any]:
    return [option["value"] for option in choices.options]


def one(row: Any) -> Any:
    """Give the only option that a list of one row makes."""
    with scripted(listed({"id": "a/b", "name": "B"} | row)) as server:
        (option,) = offered(server.base_url).options
    return option


def queries(server: Scripted) -> list[str]:
    return [request.path.partition("?")[2] for request in server.requests]


def test_each_price_stands_by_itself_in_its_own_unit() -> None:
    option = one({"pricing": {"prompt": "0.00000005", "completion": "0.0000004", "image": "0.003"}})
    assert option["details"]["prices"] == {
        "prompt": {"usd": 0.05, "per": "million tokens"},
        "completion": {"usd": 0.4, "per": "million tokens"},
        "image": {"usd": 0.003, "per": "image"},
    }
    assert option["description"] == "$0.05 in, $0.40 out per million tokens"


@pytest.mark.parametrize(
    "pricing",
    [{"prompt": "-1", "completion": "-1"}, {}, None, {"prompt": "soon", "completion": []}, "free"],
)
def test_a_negative_or_missing_price_is_variable(pricing: Any) -> None:
    option = one({"pricing": pricing})
    variable = {"usd": None, "per": "million tokens", "variable": True}
    assert option["details"]["prices"] == {"prompt": variable, "completion": variable}
    assert option["description"] == "variable price"


def test_of_a_server_that_lists_no_prices_none_are_reported() -> None:
    option = one({"id": "tiny-llama", "object": "model", "owned_by": "llamacpp"})
    assert (option["details"]["prices"], option["description"]) == ({}, "")


def test_a_price_of_nothing_is_free() -> None:
    assert one(TEXT | {"pricing": {"prompt": "0", "completion": "0.0"}})["description"] == "free"
    paid = {"prompt": "0", "completion": "0", "image": "0.01"}
    assert one(TEXT | {"pricing": paid})["description"] == "free, but for extras"


def test_what_a_model_is_for_is_priced_in_the_sentence() -> None:
    pricing = {"prompt": "0.0000003", "completion": "0.0000025", "image_output": "0.00003"}
    told = "$0.30 in, $2.50 out, $30.00 images out per million tokens"
    assert one({"pricing": pricing})["description"] == told
    ranks = {"pricing": {"prompt": "0", "completion": "0", "request": "0.001"}}
    assert one(ranks)["description"] == "$0.001 a request"


def test_an_image_is_not_free_because_its_tokens_are() -> None:
    row = {"pricing": {"prompt": "0", "completion": "0"}}
    draws = {"architecture": {"output_modalities": ["image"]}}
    assert one(row | draws)["description"] == "price not listed"


def test_an_option_says_its_context_and_when_it_goes() -> None:
    row = TEXT | {"pricing": {"prompt": "0", "completion": "0"}, "context_length": 1048576}
    assert one(row | {"expiration_date": "2001-02-03"})["description"] == (
        "free · 1.05M context · gone since 2001-02-03"
    )
    assert one(row | {"expiration_date": "2999-12-31"})["description"].endswith("until 2999-12-31")
    assert one(row | {"expiration_date": "some day"})["description"] == "free · 1.05M context"


def test_an_option_without_a_name_is_called_by_its_value() -> None:
    assert one({"name": None})["label"] == "a/b"


def test_rows_without_an_id_are_left_out() -> None:
    with scripted(
        listed({"name": "?"}, {"id": None}, {"id": {}}, 7, None, {"id": "a/b"})
    ) as server:
        assert values(offered(server.base_url)) == ["a/b"]


def test_the_filter_of_a_form_goes_to_the_server() -> None:
    with scripted(listed()) as server:
        offered(server.base_url, parameters={"supportedParameters": ["tools", "seed"]})
        assert queries(server) == ["supported_parameters=tools,seed&output_modalities=text"]


def test_filters_go_to_the_server() -> None:
    wanted = {"maxPrice": 1.5, "minContext": 100000, "zdr": True, "inputModalities": ["image"],
              "sort": "newest", "free": False, "category": None}  # fmt: skip
    with scripted(listed()) as server:
        offered(server.base_url, filters=wanted)
        asked = dict(pair.split("=") for pair in queries(server)[0].split("&"))
    assert asked == {"output_modalities": "text", "max_price": "1.5", "context": "100000",
                     "zdr": "true", "input_modalities": "image", "sort": "newest"}  # fmt: skip


def test_free_models_cost_nothing_in_and_out() -> None:
    rows = [
        TEXT | {"id": "free", "pricing": {"prompt": "0", "completion": "0"}},
        {"id": "half", "pricing": {"prompt": "0", "completion": "0.01"}},
        {"id": "router", "pricing": {"prompt": "-1", "completion": "-1"}},
        {"id": "unknown"},
    ]
    with scripted(listed(*rows)) as server:
        assert values(offered(server.base_url, filters={"free": True})) == ["free"]


def test_filters_that_there_are_not_are_all_reported() -> None:
    with scripted(listed()) as server, pytest.raises(InputError) as caught:
        offered(server.base_url, filters={"fre": True, "maxPrice": "x", "sort": "best"})
    assert [problem.path for problem in caught.value.problems] == [
        "filters.fre",
        "filters.maxPrice",
        "filters.sort",
    ]
    assert "did you mean 'free'?" in str(caught.value)
    assert server.requests == []


def test_the_first_search_is_the_servers_and_later_ones_are_instant() -> None:
    rows = [{"id": "a/claude", "name": "Claude"}, {"id": "b/other", "name": "Other"}]

    async def asked(base_url: str) -> list[list[Any]]:
        async with Connector.load(cache=False).connect(TOKEN, base_url=base_url) as session:
            found = [await session.options("ask", "model", search="CLAUDE")]
            found.append(await session.options("ask", "model"))
            found.append(await session.options("ask", "model", search="oth b/"))
            return [values(choices) for choices in found]

    with scripted(listed(rows[0]), listed(*rows)) as server:
        assert asyncio.run(asked(server.base_url)) == [
            ["a/claude"],
            ["a/claude", "b/other"],
            ["b/other"],
        ]
        assert [("q=CLAUDE" in query) for query in queries(server)] == [True, False]


def test_a_search_without_result_says_so() -> None:
    with scripted(listed({"id": "a/b"})) as server:
        choices = offered(server.base_url, search="nothing like it")
        assert (choices.options, choices.message) == ((), "Nothing matches the search.")


def test_what_hangs_on_a_model_waits_for_one() -> None:
    with scripted(listed()) as server:
        choices = offered(server.base_url, "provider.order", {"model": ""})
        assert choices.disabled and choices.placeholder == "Choose Model first"
        voices = offered(server.base_url, "voice", action="createSpeech")
        assert voices.disabled and voices.placeholder == "Choose Model first"
        assert server.requests == []


def test_the_providers_of_the_chosen_model_are_offered(sandbox: Sandbox) -> None:
    asked = {"model": "sandbox/long-read"}
    choices = offered(sandbox.base_url, "provider.order", asked, token=sandbox.token)
    assert "sandbox-eu" in values(choices)
    assert choices.options[0]["details"]["prices"]["prompt"]["usd"] > 0


def test_a_model_that_would_climb_out_of_the_path_is_not_requested() -> None:
    with scripted(listed()) as server:
        choices = offered(server.base_url, "provider.order", {"model": "../../key"})
        assert choices.disabled and "cannot stand in a path" in (choices.message or "")
        assert server.requests == []


def test_voices_and_sizes_come_from_the_row_of_the_model(sandbox: Sandbox) -> None:
    options: Any = {"token": sandbox.token}
    voices = offered(
        sandbox.base_url, "voice", {"model": "sandbox/speaker"}, action="createSpeech", **options
    )
    assert values(voices) == ["alba", "bruno", "celia", "dario"]
    sizes = offered(
        sandbox.base_url, "size", {"model": "sandbox/painter-one"}, action="createImage", **options
    )
    assert values(sizes) == ["1K", "0.5K"]


def test_a_refused_list_says_connect_first() -> None:
    with scripted(response({"error": {"code": 401, "message": "No auth"}}, 401)) as server:
        choices = offered(server.base_url)
    assert (choices.disabled, choices.placeholder) == (True, "Connect first")
    assert "No auth" in (choices.message or "")


@pytest.mark.parametrize(
    "answer",
    [
        response("<html>", kind="text/html"),
        response({"data": {}}),
        response({"error": "x"}, 500),
    ],
)
def test_a_list_that_cannot_be_read_leaves_the_field_free(answer: Answer) -> None:
    with scripted(answer) as server:
        choices = offered(server.base_url)
    assert choices.options == () and not choices.disabled
    assert "Any value may be entered" in (choices.message or "")


@pytest.mark.parametrize("name", ["modl", "userPrompt", "provider.maxPrice", "", "a[0].b"])
def test_a_property_without_options_is_refused(name: str) -> None:
    with scripted(listed()) as server, pytest.raises(InputError):
        offered(server.base_url, name)


def test_options_of_the_definition_can_be_searched(sandbox: Sandbox) -> None:
    found = offered(sandbox.base_url, "language", action="createTranscription", search="GALI")
    assert values(found) == ["GL"]


def test_no_search_is_taken_for_a_filter() -> None:
    async def asked(base_url: str) -> list[list[Any]]:
        async with Connector.load(cache=False).connect(TOKEN, base_url=base_url) as session:
            found = [await session.options("ask", "model", search="x", filters={"sort": "newest"})]
            found.append(await session.options("ask", "model", search="x&sort=newest"))
            return [values(choices) for choices in found]

    rows = listed({"id": "x", "name": "x"}), listed({"id": "y", "name": "x&sort=newest"})
    with scripted(*rows) as server:
        assert asyncio.run(asked(server.base_url)) == [["x"], ["y"]]


def test_whoever_changes_an_option_changes_only_his_own() -> None:
    async def asked(base_url: str) -> tuple[Any, Any]:
        async with Connector.load(cache=False).connect(TOKEN, base_url=base_url) as session:
            first = (await session.options("ask", "model")).options[0]
            first["details"]["prices"].clear()
            first["details"]["supportedParameters"].append("magic")
            first["label"] = "mine"
            return first, (await session.options("ask", "model")).options[0]

    row = {"id": "a/b", "name": "B", "supported_parameters": ["seed"], "pricing": {}}
    with scripted(listed(row)) as server:
        _, second = asyncio.run(asked(server.base_url))
    assert second["label"] == "B"
    assert second["details"]["supportedParameters"] == ["seed"]
    assert second["details"]["prices"].keys() == {"prompt", "completion"}


@pytest.mark.parametrize("zone", ["Etc/GMT-14", "Etc/GMT+12"])
def test_the_day_on_which_a_model_goes_is_one_all_over_the_world(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime.now(UTC).date()
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        last, gone = (one({"expiration_date": str(today - timedelta(days))}) for days in (0, 1))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert last["description"].endswith(f"goes on {today}")
    assert "gone since" in gone["description"]


def test_an_option_says_the_next_day_that_the_model_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Tomorrow:
            return cls.fromtimestamp(time.time() + 86400, tz)

    today = datetime.now(UTC).date()
    source = Connector.load().definition.sources["models"]
    kept = CachedList([{"id": "a/b", "expiration_date": str(today)}], time.time())
    assert "goes on" in entries(source, kept)[0].option["description"]
    monkeypatch.setattr(option, "datetime", Tomorrow)
    assert "gone since" in entries(source, kept)[0].option["description"]


SOURCE = "{{name: {0}, request: GET /things, items: {0}, value: id, label: id}}"
SEND_THING = """
name: sendThing
title: Send Thing
description: Send a thing.
request: POST /things
properties:
  - {name: red, label: Red, type: STRING, options: {from: reds}}
  - {name: blue, label: Blue, type: STRING, options: {from: blues}}
  - name: sizes
    label: Sizes
    type: ARRAY
    options: [{label: Small, value: S, send: "1"}, {label: Large, value: L, send: "2"}]
    items: {type: STRING}
output: {type: STRING, path: value}
"""


@pytest.fixture
def things(tmp_path: Path) -> Connector:
    """A component of which two lists come in one answer."""
    return toy(
        tmp_path / "toy",
        cache=tmp_path / "lists",
        sendThing=SEND_THING,
        options__reds=SOURCE.format("reds"),
        options__blues=SOURCE.format("blues"),
    )


def test_two_lists_of_one_answer_are_two(things: Connector) -> None:
    with scripted(response({"reds": [{"id": "rose"}], "blues": [{"id": "sea"}]})) as server:
        asked: Any = {"action": "sendThing", "connector": things}
        assert values(offered(server.base_url, "red", **asked)) == ["rose"]
        assert values(offered(server.base_url, "blue", **asked)) == ["sea"]


def test_each_option_of_a_list_is_sent_as_its_option_says(things: Connector) -> None:
    with scripted(response({"value": "done"})) as server:
        things.run("sendThing", {"sizes": ["L", "S"]}, TOKEN, base_url=server.base_url)
        assert server.requests[0].json == {"sizes": ["2", "1"]}


def test_an_option_may_be_called_as_it_is_sent(sandbox: Sandbox) -> None:
    asked = {"model": "sandbox/painter-one", "imageMessages": [{"content": "x"}]}

    async def told(size: str) -> list[str]:
        async with Connector.load().connect(sandbox.token, base_url=sandbox.base_url) as session:
            drawn = await session.form("createImage", asked | {"size": size})
            check = await session.check("createImage", asked | {"size": size})
            assert drawn.errors == check.problems == ()
            return [one for one in (*drawn.warnings, *check.warnings) if one.startswith("size")]

    assert asyncio.run(told("512")) == asyncio.run(told("0.5K")) == []

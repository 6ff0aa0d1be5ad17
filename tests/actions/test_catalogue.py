"""The actions that read the catalogue: models, endpoints, providers."""

from __future__ import annotations

from typing import Any

import pytest

from openrouter_connector import IncompleteError, InputError, NotFoundError, Result
from openrouter_connector.sandbox import Sandbox
from support.performing import Perform
from support.scripted_server import response, scripted

PRIVATE = {"token": "sk-or-v1-private"}
OF_A_MODEL = ["getModel", "listEndpoints", "listImageEndpoints", "getPrivateModel",
              "listPrivateModelEndpoints"]  # fmt: skip
LISTS = ["listModels", "listUserModels", "listEmbeddingModels", "listVideoModels",
         "listImageModels", "listZdrEndpoints", "listProviders"]  # fmt: skip


def ids(result: Result) -> list[str]:
    return [row["id"] for row in result.output]


def test_models_are_listed_and_counted(perform: Perform) -> None:
    text = perform("listModels", {})
    assert "sandbox/echo" in ids(text) and "sandbox/speaker" not in ids(text)
    assert perform("countModels", {}).output == len(text.output)
    everything = perform("listModels", {"outputModalities": ["all"]})
    assert perform("countModels", {"outputModalities": ["all"]}).output == len(everything.output)
    assert "sandbox/speaker" in ids(everything)


def test_models_are_narrowed_by_what_is_asked(perform: Perform, played: Sandbox) -> None:
    found = perform(
        "listModels",
        {
            "q": "kestrel",
            "inputModalities": ["text", "image"],
            "supportedParameters": ["tools", "seed"],
            "maxPrice": 2,
            "context": 1000,
            "sort": "pricing-low-to-high",
            "zdr": True,
            "distillable": False,
            "offset": 0,
            "limit": 2,
        },
    )
    assert all("kestrel" in one for one in ids(found)) and len(found.output) <= 2
    assert played.requests[-1].query == {
        "q": "kestrel",
        "input_modalities": "text,image",
        "supported_parameters": "tools,seed",
        "max_price": "2",
        "context": "1000",
        "sort": "pricing-low-to-high",
        "zdr": "true",
        "distillable": "false",
        "offset": "0",
        "limit": "2",
    }


def test_pages_of_models_follow_one_another(perform: Perform) -> None:
    whole = ids(perform("listModels", {"sort": "newest"}))
    parts = [
        ids(perform("listModels", {"sort": "newest", "offset": first, "limit": 5}))
        for first in (0, 5)
    ]
    assert parts[0] + parts[1] == whole[:10]


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"zdr": False}, "zdr: False is not one of True"),
        ({"sort": "cheapest"}, "sort: 'cheapest' is not one of"),
        ({"limit": 1001}, "limit: 1001 is more than 1000"),
        ({"offset": -1}, "offset: -1 is less than 0"),
        ({"maxToolSuccessRate": 2}, "maxToolSuccessRate: 2 is more than 1"),
        ({"outputModalities": "text"}, "outputModalities: must be a list, not text"),
        ({"outputModality": ["text"]}, "did you mean 'outputModalities'"),
    ],
)
def test_filters_that_there_are_not_are_refused(
    perform: Perform, played: Sandbox, parameters: Any, told: str
) -> None:
    before = len(played.requests)
    with pytest.raises(InputError, match=told):
        perform("listModels", parameters)
    assert len(played.requests) == before


@pytest.mark.parametrize("action", LISTS)
def test_a_list_may_be_empty_but_must_be_there(perform: Perform, action: str) -> None:
    empty = {"data": [], "total_count": 0, "links": {"next": None}}
    with scripted(response(empty), response({"total_count": 0})) as server:
        assert perform(action, {}, base_url=server.base_url).output == []
        with pytest.raises(IncompleteError, match="the response has no data"):
            perform(action, {}, base_url=server.base_url)


@pytest.mark.parametrize(
    ("action", "model"),
    [
        ("listEmbeddingModels", "sandbox/indexer"),
        ("listVideoModels", "sandbox/filmer"),
        ("listImageModels", "sandbox/painter"),
        ("listUserModels", "sandbox/echo"),
    ],
)
def test_each_list_has_models_of_its_kind(perform: Perform, action: str, model: str) -> None:
    assert model in ids(perform(action, {}))


def test_providers_are_listed(perform: Perform) -> None:
    assert "sandbox" in {row["slug"] for row in perform("listProviders", {}).output}


def test_endpoints_that_retain_nothing_are_listed(perform: Perform) -> None:
    rows = perform("listZdrEndpoints", {}).output
    assert rows and all(row["tag"] and row["model_id"] for row in rows)


def test_a_model_is_named_whole_or_in_two_parts(perform: Perform, played: Sandbox) -> None:
    whole = perform("getModel", {"model": "sandbox/echo"}).output
    assert perform("getModel", {"author": "sandbox", "slug": "echo"}).output == whole
    assert {request.path for request in played.requests[-2:]} == {"/api/v1/model/sandbox/echo"}
    assert played.requests[-1].query == {}
    both = {"model": "sandbox/echo", "author": "sandbox", "slug": "echo"}
    assert perform("getModel", both).output == whole


def test_a_variant_and_an_alias_are_models(perform: Perform) -> None:
    assert perform("getModel", {"model": "sandbox/echo:free"}).output["id"] == "sandbox/echo:free"
    assert perform("listEndpoints", {"author": "sandbox", "slug": "echo"}).output["endpoints"]
    assert perform("getModel", {"model": "~sandbox/echo-latest"}).output["name"]


def test_image_endpoints_tell_their_prices(perform: Perform) -> None:
    rows = perform("listImageEndpoints", {"author": "sandbox", "slug": "painter"}).output
    assert all(row["pricing"][0]["cost_usd"] > 0 for row in rows)


@pytest.mark.parametrize("action", OF_A_MODEL)
@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({}, "model: is missing"),
        ({"author": "sandbox"}, "model: is missing"),
        ({"model": "echo"}, "model: 'echo' does not match the pattern"),
        ({"model": "a/b/c"}, "model: 'a/b/c' does not match the pattern"),
        ({"model": "../../key"}, "does not match the pattern"),
        ({"model": "sandbox/.."}, "does not match the pattern"),
        ({"model": "a/b?x=1"}, "does not match the pattern"),
        ({"author": "..", "slug": "key"}, "author: '..' does not match the pattern"),
        ({"author": "a/b", "slug": "c"}, "author: 'a/b' does not match the pattern"),
        (
            {"model": "a/b", "author": "a", "slug": "c"},
            "model: is 'a/b', but {author}/{slug} is 'a/c'; omit one of them",
        ),
    ],
)
def test_a_model_that_leads_elsewhere_is_refused(
    perform: Perform, played: Sandbox, action: str, parameters: Any, told: str
) -> None:
    before = len(played.requests)
    with pytest.raises(InputError) as caught:
        perform(action, parameters)
    assert told in str(caught.value)
    assert len(played.requests) == before


@pytest.mark.parametrize("action", OF_A_MODEL)
def test_a_model_that_there_is_not_is_not_found(perform: Perform, action: str) -> None:
    with pytest.raises(NotFoundError):
        perform(action, {"model": "nobody/nothing"})


def test_a_private_model_is_there_for_its_owner_alone(perform: Perform) -> None:
    model = {"model": "sandbox/house-style"}
    assert perform("getPrivateModel", model, **PRIVATE).output["id"] == "sandbox/house-style"
    assert perform("listPrivateModelEndpoints", model, **PRIVATE).output["endpoints"]
    assert "sandbox/house-style" in ids(perform("listUserModels", {}, **PRIVATE))
    for action in ("getPrivateModel", "listPrivateModelEndpoints"):
        with pytest.raises(NotFoundError):
            perform(action, model)

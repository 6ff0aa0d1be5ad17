"""The lists of models: filters, sorts, pages, prices, and the records."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import httpx
import pytest


def listed(client: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    response = client.get("/models", params=query)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["data"]
    return found


def ids(client: httpx.Client, **query: Any) -> list[str]:
    return [model["id"] for model in listed(client, **query)]


def test_the_list_has_text_models_by_default(client: httpx.Client) -> None:
    assert all("text" in model["architecture"]["output_modalities"] for model in listed(client))
    assert ids(client, output_modalities="speech") == ["sandbox/speaker", "sandbox/speaker-pcm"]
    assert "sandbox/listener" in ids(client, output_modalities="transcription")
    assert "sandbox/filmer" in ids(client, output_modalities="video")
    both = ids(client, output_modalities="image,speech")
    assert {"sandbox/painter", "sandbox/illustrator", "sandbox/speaker"} <= set(both)
    assert len(ids(client, output_modalities="all")) > len(ids(client))


def test_the_count_counts_what_the_list_lists(client: httpx.Client) -> None:
    for modality in ("text", "image", "all"):
        query = {"output_modalities": modality}
        count = client.get("/models/count", params=query).json()["data"]["count"]
        assert count == len(listed(client, **query))


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ({"q": "kestrel"}, "sandbox/kestrel-pro", "sandbox/echo"),
        ({"q": "CEDAR Coder"}, "sandbox/cedar-coder", "sandbox/cedar-4b"),
        ({"q": "coder sandbox/cedar"}, "sandbox/cedar-coder", "sandbox/cedar-4b"),
        ({"input_modalities": "image,file"}, "sandbox/kestrel-pro", "sandbox/kestrel-mini"),
        ({"supported_parameters": "tools,structured_outputs"}, "sandbox/echo", "sandbox/no-schema"),
        ({"category": "legal"}, "sandbox/notary", "sandbox/echo"),
        ({"context": 500000}, "sandbox/long-read", "sandbox/echo"),
        ({"min_price": 1}, "sandbox/thinker", "sandbox/echo"),
        ({"max_price": 0.05}, "sandbox/text-only", "sandbox/echo"),
        ({"max_price": 100}, "sandbox/echo", "sandbox/auto"),
        ({"min_output_price": 20}, "sandbox/notary", "sandbox/echo"),
        ({"max_output_price": 0}, "sandbox/echo:free", "sandbox/echo"),
        ({"arch": "Mistral"}, "sandbox/harbour-7b", "sandbox/echo"),
        ({"model_authors": "sandbox"}, "sandbox/echo", "sandbox/none"),
        ({"providers": "sandbox-eu"}, "sandbox/harbour-7b", "sandbox/echo"),
        ({"region": "us"}, "sandbox/lantern-8b", "sandbox/harbour-7b"),
        ({"distillable": "true"}, "sandbox/quarry-r1", "sandbox/echo"),
        ({"distillable": "false"}, "sandbox/echo", "sandbox/quarry-r1"),
        ({"zdr": "true"}, "sandbox/harbour-7b", "sandbox/echo"),
        ({"min_age_days": 400}, "sandbox/lantern-8b", "sandbox/kestrel-pro-2"),
        ({"min_intelligence_index": 60}, "sandbox/kestrel-pro", "sandbox/echo"),
        ({"max_coding_index": 30}, "sandbox/echo", "sandbox/kestrel-pro"),
        ({"min_agentic_index": 60}, "sandbox/kestrel-pro", "sandbox/storyteller-70b"),
        ({"min_tool_success_rate": 0.9}, "sandbox/kestrel-pro", "sandbox/echo"),
    ],
    ids=str,
)
def test_a_filter_keeps_and_drops(
    client: httpx.Client, query: dict[str, Any], inside: str, outside: str
) -> None:
    found = ids(client, **query)
    assert inside in found
    assert outside not in found


def test_an_empty_filter_is_no_filter(client: httpx.Client) -> None:
    assert ids(client, q="", category="", max_price="") == ids(client)


@pytest.mark.parametrize(
    "query",
    [
        *({"sort": "best"}, {"category": "cooking"}, {"region": "mars"}, {"zdr": "false"}),
        *({"min_price": "cheap"}, {"context": -1}, {"limit": 0}, {"limit": 1001}, {"offset": -1}),
    ],
    ids=str,
)
def test_a_wrong_filter_is_refused(client: httpx.Client, query: dict[str, Any]) -> None:
    response = client.get("/models", params=query)
    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith(next(iter(query)))


def price(model: dict[str, Any]) -> Decimal:
    return Decimal(model["pricing"]["prompt"]) + Decimal(model["pricing"]["completion"])


def test_prices_sort_both_ways_and_the_variable_one_is_last(client: httpx.Client) -> None:
    for sort, backwards in (("pricing-low-to-high", False), ("pricing-high-to-low", True)):
        found = listed(client, sort=sort)
        prices = [price(model) for model in found if model["id"] != "sandbox/auto"]
        assert prices == sorted(prices, reverse=backwards)
        assert found[-1]["id"] == "sandbox/auto"


def test_the_other_sorts_have_the_right_first(client: httpx.Client) -> None:
    first = {
        "most-popular": "sandbox/echo",
        "top-weekly": "sandbox/echo",
        "newest": "sandbox/kestrel-pro-2",
        "context-high-to-low": "sandbox/auto",
        "throughput-high-to-low": "sandbox/kestrel-nano",
        "latency-low-to-high": "sandbox/kestrel-nano",
        "intelligence-high-to-low": "sandbox/opus-grand",
        "coding-high-to-low": "sandbox/opus-grand",
        "agentic-high-to-low": "sandbox/opus-grand",
    }
    assert {sort: ids(client, sort=sort)[0] for sort in first} == first
    assert len(ids(client, sort="design-arena-elo-high-to-low")) == len(ids(client))


def test_pages_join_to_the_whole_list(client: httpx.Client) -> None:
    query = {"sort": "newest", "output_modalities": "all"}
    found: list[str] = []
    address: str | None = "/api/v1/models?sort=newest&output_modalities=all&limit=25"
    while address is not None:
        response = client.get(client.base_url.join(address)).json()
        found += [model["id"] for model in response["data"]]
        assert response["total_count"] == len(ids(client, **query))
        address = response["links"]["next"]
    assert found == ids(client, **query)


LISTS = [
    *("/models", "/models/count", "/model/sandbox/echo", "/models/sandbox/echo/endpoints"),
    *("/images/models", "/images/models/sandbox/painter/endpoints", "/videos/models"),
    *("/providers", "/embeddings/models", "/endpoints/zdr"),
]


@pytest.mark.parametrize("path", LISTS)
def test_an_unchanged_list_is_not_sent_again(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    assert "max-age=300" in first.headers["Cache-Control"]
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get("/models?q=echo", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_prices_are_decimal_texts_for_one_token(client: httpx.Client) -> None:
    for model in listed(client, output_modalities="all"):
        for name in ("prompt", "completion"):
            assert re.fullmatch(r"-1|\d+(\.\d+)?", model["pricing"][name]), model["id"]
    echo = client.get("/model/sandbox/echo").json()["data"]
    assert echo["pricing"]["prompt"] == "0.00000015"


def test_the_catalogue_has_unusual_models(client: httpx.Client) -> None:
    found = {model["id"]: model for model in listed(client, output_modalities="all")}
    assert found["sandbox/auto"]["pricing"]["prompt"] == "-1"
    assert found["sandbox/farewell"]["expiration_date"] == "2026-12-31"
    assert found["sandbox/departed"]["expiration_date"] == "2025-12-31"
    assert found["sandbox/long-read"]["pricing"]["overrides"][0]["min_prompt_tokens"] == 200000
    assert "description" not in found["sandbox/bare"]
    assert found["sandbox/thinker"]["reasoning"]["mandatory"] is True
    assert found["~sandbox/echo-latest"]["alias_target"]["slug"] == "sandbox/echo"
    assert found["sandbox/speaker"]["supported_voices"] == ["alba", "bruno", "celia", "dario"]
    assert all(re.match("~?sandbox/", name) for name in found)


@pytest.mark.parametrize("name", ["sandbox/echo", "sandbox/echo:free", "sandbox/echo-20260914"])
def test_one_model_is_found_by_its_names(client: httpx.Client, name: str) -> None:
    assert client.get(f"/model/{name}").json()["data"]["canonical_slug"] == "sandbox/echo-20260914"
    assert len(client.get(f"/models/{name}/endpoints").json()["data"]["endpoints"]) == 1


def test_an_unknown_model_is_not_found(client: httpx.Client) -> None:
    for path in ("/model/a/b", "/models/a/b/endpoints", "/images/models/a/b/endpoints"):
        assert client.get(path).status_code == 404


def test_every_provider_of_a_model_is_listed(client: httpx.Client) -> None:
    known = {row["slug"] for row in client.get("/providers").json()["data"]}
    path = "/models/sandbox/lantern-70b/endpoints"
    tags = {row["tag"] for row in client.get(path).json()["data"]["endpoints"]}
    assert tags == known == {"sandbox", "sandbox-eu", "sandbox-us"}


def endpoints(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    body = client.get(path).json()
    found: list[dict[str, Any]] = body.get("data", body)["endpoints"]
    return found


def test_providers_of_one_model_have_their_own_prices(client: httpx.Client) -> None:
    texts = endpoints(client, "/models/sandbox/lantern-70b/endpoints")
    assert [row["pricing"]["prompt"] for row in texts] == ["0.0000001", "0.00000012", "0.00000015"]
    images = endpoints(client, "/images/models/sandbox/painter/endpoints")
    assert [row["pricing"][1]["cost_usd"] for row in images] == [0.02, 0.03]


def test_embedding_models_have_their_own_list(client: httpx.Client) -> None:
    body = client.get("/embeddings/models", params={"limit": 1}).json()
    assert [row["id"] for row in body["data"]] == ["sandbox/indexer"]
    following = client.get(client.base_url.join(body["links"]["next"])).json()
    assert [row["id"] for row in following["data"]] == ["sandbox/indexer-large"]
    assert "sandbox/indexer" in ids(client, output_modalities="embeddings")
    assert ids(client, output_modalities="rerank") == ["sandbox/ranker"]


def test_zdr_endpoints_are_those_of_the_filter(client: httpx.Client) -> None:
    rows = client.get("/endpoints/zdr").json()["data"]
    safe = listed(client, zdr="true", output_modalities="all")
    assert {row["model_id"] for row in rows} == {model["canonical_slug"] for model in safe}


def test_the_list_can_be_an_rss_feed(client: httpx.Client) -> None:
    response = client.get("/models?use_rss=true&q=echo")
    assert response.headers["content-type"].startswith("application/rss+xml")
    assert "sandbox/echo" in response.text

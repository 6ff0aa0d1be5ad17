"""`POST /rerank`: documents in the order in which they share words with a question."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from starlette.responses import Response

from openrouter_connector.values import Json, JsonObject

from ..catalogue.models import Model
from ..checks.fields import (
    OBJECT,
    TEXT,
    Check,
    check_fields,
    check_routing,
    is_link,
    is_text,
    required,
    whole,
)
from ..errors import invalid, no_endpoints, wrong_endpoint
from ..inference import Exchange, json_reply
from ..usage import dollars, tokens

MOST_DOCUMENTS = 1000
DOCUMENTS_A_UNIT = 100
CHECKS: dict[str, Check] = {
    "model": TEXT,
    "query": TEXT,
    "top_n": whole(1),
    "provider": OBJECT,
}


def check(body: JsonObject) -> None:
    """Check the body of a rerank request; raises Refusal 400."""
    required(body, "model", "query")
    check_fields(body, CHECKS)
    check_routing(body.get("provider") or {})
    documents = body.get("documents")
    if not isinstance(documents, list) or not 1 <= len(documents) <= MOST_DOCUMENTS:
        raise invalid("documents", f"array of 1 to {MOST_DOCUMENTS} documents")
    for place, document in enumerate(documents):
        if not _is_document(document):
            raise invalid(f"documents[{place}]", "string, or object with a text or an image")


async def rank(exchange: Exchange) -> Response:
    """Score every document, sort them, and cut the list at `top_n`."""
    body, model = exchange.body, exchange.model
    documents = [_described(document) for document in body["documents"]]
    _check_model(model, documents)
    rows: list[JsonObject] = [
        {"index": place, "relevance_score": _score(body["query"], text), "document": document}
        for place, document in enumerate(documents)
        for text in [document.get("text", "")]
    ]
    rows.sort(key=lambda row: -row["relevance_score"])
    usage = _usage(model, body["query"], documents)
    counted = usage["total_tokens"]
    exchange.record(usage["cost"], {}, tokens_prompt=counted, native_tokens_prompt=counted)
    response = {
        "id": exchange.generation,
        "model": model.slug,
        "provider": "Sandbox",
        "results": rows[: body.get("top_n") or len(rows)],
        "usage": usage,
    }
    return json_reply(exchange.spoiled(response))


def _is_document(document: Json) -> bool:
    if not isinstance(document, dict):
        return is_text(document)
    text, image = document.get("text"), document.get("image")
    known = is_text(text) or (text is None and image is not None)
    return known and (image is None or is_link(image))


def _described(document: Json) -> JsonObject:
    if isinstance(document, str):
        return {"text": document}
    return {key: document[key] for key in ("text", "image") if document.get(key) is not None}


def _check_model(model: Model, documents: list[JsonObject]) -> None:
    if "rerank" not in model.gives:
        raise wrong_endpoint(f"{model.id} does not support reranking", model.id)
    if any("image" in document for document in documents) and "image" not in model.takes:
        raise no_endpoints("No endpoints found that support image input", model.id)


def _score(query: str, text: str) -> float:
    """Give nine tenths for the words that are found again, one for there being no others."""
    asked, held = _words(query), _words(text)
    shared = len(asked & held)
    return round(0.9 * shared / max(1, len(asked)) + 0.1 * shared / max(1, len(asked | held)), 6)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _usage(model: Model, query: str, documents: list[JsonObject]) -> JsonObject:
    """Count: a unit is a search through a hundred documents."""
    units = math.ceil(len(documents) / DOCUMENTS_A_UNIT)
    read = sum(tokens(query + document.get("text", "")) for document in documents)
    cost = model.price("request") * units + model.price("prompt") * Decimal(read)
    return {"search_units": units, "total_tokens": read, "cost": dollars(cost)}

"""`POST /rerank`: documents sorted by the words that they share with the query."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from starlette.responses import Response

from openrouter_connector.values import Json, JsonObject

from ..catalogue.models import Model
from ..checks.chat import check_routing
from ..checks.fields import (
    OBJECT,
    STRING,
    TRACKING,
    Check,
    check_fields,
    integer,
    is_string,
    is_url,
    require_fields,
)
from ..errors import invalid, no_endpoints, wrong_endpoint
from ..inference import Inference, json_response
from ..usage import count_tokens, to_dollars

MAX_DOCUMENTS = 1000
DOCUMENTS_PER_UNIT = 100
CHECKS: dict[str, Check] = {
    "model": STRING,
    "query": STRING,
    "top_n": integer(1),
    "provider": OBJECT,
    **TRACKING,
}


def check(body: JsonObject) -> None:
    """Check the body of a rerank request; raise RefusedRequest 400."""
    require_fields(body, "model", "query")
    check_fields(body, CHECKS)
    check_routing(body.get("provider") or {})
    documents = body.get("documents")
    if not isinstance(documents, list) or not 1 <= len(documents) <= MAX_DOCUMENTS:
        raise invalid("documents", f"array of 1 to {MAX_DOCUMENTS} documents")
    for index, document in enumerate(documents):
        if not _is_document(document):
            raise invalid(f"documents[{index}]", "string, or object with a text or an image")


async def rank(inference: Inference) -> Response:
    """Score every document, sort them, and cut the list at `top_n`."""
    body, model = inference.body, inference.model
    documents = [_as_object(document) for document in body["documents"]]
    _check_model(model, documents)
    rows: list[JsonObject] = [
        {"index": index, "relevance_score": _score(body["query"], text), "document": document}
        for index, document in enumerate(documents)
        for text in [document.get("text", "")]
    ]
    # Stable: equal documents keep their order.
    rows.sort(key=lambda row: -row["relevance_score"])
    usage = _usage(model, body["query"], documents)
    input_tokens = usage["total_tokens"]
    inference.record(
        usage["cost"], {}, tokens_prompt=input_tokens, native_tokens_prompt=input_tokens
    )
    response = {
        "id": inference.generation,
        "model": model.slug,
        "provider": "Sandbox",
        "results": rows[: body.get("top_n") or len(rows)],
        "usage": usage,
    }
    return json_response(inference.alter_rows(response))


def _is_document(document: Json) -> bool:
    if not isinstance(document, dict):
        return is_string(document)
    text, image = document.get("text"), document.get("image")
    has_content = is_string(text) or (text is None and image is not None)
    return has_content and (image is None or is_url(image))


def _as_object(document: Json) -> JsonObject:
    """Return a document as the object that the API returns, also for a string."""
    if isinstance(document, str):
        # The API returns an object for a string too, which clients often miss.
        return {"text": document}
    return {key: document[key] for key in ("text", "image") if document.get(key) is not None}


def _check_model(model: Model, documents: list[JsonObject]) -> None:
    if "rerank" not in model.output_modalities:
        raise wrong_endpoint(f"{model.id} does not support reranking", model.id)
    if any("image" in document for document in documents) and "image" not in model.input_modalities:
        raise no_endpoints("No endpoints found that support image input", model.id)


def _score(query: str, text: str) -> float:
    """Return nine tenths for the query's words in the text, one tenth for a text without others."""
    searched, present = _words(query), _words(text)
    shared = len(searched & present)
    found, precise = shared / max(1, len(searched)), shared / max(1, len(searched | present))
    return round(0.9 * found + 0.1 * precise, 6)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _usage(model: Model, query: str, documents: list[JsonObject]) -> JsonObject:
    """Return the usage; a unit is a search through a hundred documents."""
    units = math.ceil(len(documents) / DOCUMENTS_PER_UNIT)
    tokens = sum(count_tokens(query + document.get("text", "")) for document in documents)
    cost = model.price("request") * units + model.price("prompt") * Decimal(tokens)
    return {"search_units": units, "total_tokens": tokens, "cost": to_dollars(cost)}

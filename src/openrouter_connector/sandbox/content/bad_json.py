"""Answer a request for JSON badly, as fault models do: in prose, in a fence, with stray boxes."""

from __future__ import annotations

import json

from openrouter_connector.values import Json, JsonObject

from .answers import describe_images, json_answer, repeat_request
from .conversation import requests_json
from .image_answers import SCALE, is_box

CLASS_NAMES = {"class", "label", "category"}


def bad_json_answer(body: JsonObject, fault: str) -> str:
    """Return the answer of a fault: `fenced`, `stray`, `prose` or `never`."""
    if fault in ("fenced", "stray"):
        if not requests_json(body):
            return describe_images(body) or repeat_request(body)
        answer = json_answer(body)
        if fault == "stray":
            return json.dumps(stray(answer), ensure_ascii=False)
        fence = f"```json\n{_dumps(answer)}\n```"
        return f"Sure! Here is what I found:\n\n{fence}\n\nI hope this helps."
    if fault == "never":
        return "I would rather tell you about it in words. There is no JSON in this answer."
    return _prose(body)


def stray(value: Json, *, keep_class: bool = False) -> Json:
    """Move every box partly outside of the image, and rename every class.

    In a list, the first item keeps its class; a single object is doubled.
    """
    if isinstance(value, list):
        # One class stays valid, so that a client must keep some items and drop others.
        items = [stray(item, keep_class=index == 0) for index, item in enumerate(value)]
        is_single = len(value) == 1 and isinstance(value[0], dict)
        return [*items, stray(value[0])] if is_single else items
    if not isinstance(value, dict):
        return value
    changed = {name: stray(item) for name, item in value.items()}
    for name, item in value.items():
        if is_box(name) and isinstance(item, list) and len(item) == 4:
            left, top, right, _ = item
            changed[name] = [-(right - left) // 4 - 1, top, right, round(1.04 * SCALE)]
        elif name.lower() in CLASS_NAMES and isinstance(item, str) and not keep_class:
            changed[name] = "something unasked-for"
    return changed


def _prose(body: JsonObject) -> str:
    """Return JSON in prose, valid only if the first answer is part of the conversation."""
    answer = json_answer(body)
    # A client that asks for a repair sends the first answer again; only then is the JSON valid.
    if any(message["role"] == "assistant" for message in body["messages"]):
        return f"Of course, here it is again:\n\n{_dumps(answer)}\n\nI hope this helps."
    invalid = _dumps(_invalidate(answer))
    return f"Sure! Here is what you asked for:\n\n{invalid}\n\nI hope this helps."


def _invalidate(answer: Json) -> Json:
    """Return an answer that violates the schema: without its first key, or of another type."""
    if isinstance(answer, dict) and answer:
        incomplete = dict(answer)
        incomplete.pop(next(iter(incomplete)))
        return incomplete
    return {"unexpected": answer}


def _dumps(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)

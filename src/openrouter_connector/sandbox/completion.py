"""Compose a chat completion, which every dialect of chat is made from.

check the model ──▶ text, reasoning, images, tool calls ──▶ record ──▶ fault in the completion
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from openrouter_connector.values import Json, JsonObject

from .catalogue.models import Model
from .checks.model import check_model, token_limit
from .content import answers, conversation
from .content.bad_json import bad_json_answer
from .content.conversation import Attachment
from .content.poster import Poster, data_url
from .content.schema_instance import make_instance
from .inference import Inference
from .usage import CHARACTERS_PER_TOKEN, chat_usage, count_tokens

IMAGE_TOKENS = 1290
ATTACHMENT_TOKENS = 258
ARGUMENTS: JsonObject = {"type": "object"}
NATIVE_FINISH_REASONS = {"stop": "stop", "length": "max_tokens", "tool_calls": "tool_calls"}


@dataclass(frozen=True, slots=True)
class Reply:
    """The text of an answer, the reasoning before it, and its finish reason."""

    text: str | None
    reasoning: str = ""
    finish_reason: str = "stop"


def create_completion(inference: Inference) -> JsonObject:
    """Compose and record the completion, altered by the fault if there is one.

    Raises RefusedRequest if the model does not support the request.
    """
    check_model(inference.model, inference.body)
    completion = _compose(inference)
    usage, choice = completion["usage"], completion["choices"][0]
    inference.record(
        usage["cost"],
        {"completion": choice["message"]["content"], "reasoning": choice["message"]["reasoning"]},
        finish_reason=choice["finish_reason"],
        native_finish_reason=choice["native_finish_reason"],
        tokens_prompt=usage["prompt_tokens"],
        tokens_completion=usage["completion_tokens"],
        native_tokens_prompt=usage["prompt_tokens"],
        native_tokens_completion=usage["completion_tokens"],
        native_tokens_reasoning=usage["completion_tokens_details"]["reasoning_tokens"],
    )
    if inference.fault is not None and inference.fault.alter_completion is not None:
        return inference.fault.alter_completion(completion)
    return completion


def stop_word(inference: Inference) -> str | None:
    """Return the stop word that ends the answer, if one does."""
    return _cut_at_stop(_text(inference), _stop_words(inference.body))[1]


def _compose(inference: Inference) -> JsonObject:
    body, model = inference.body, inference.model
    tool_calls = _tool_calls(body)
    images = _images(model, body)
    reply = Reply("", finish_reason="tool_calls") if tool_calls else _reply(inference)
    searches = _count_searches(body)
    attached = conversation.attachments(body["messages"])
    annotations = answers.parsed_files(attached)
    if searches:
        annotations += answers.citations(conversation.last_prompt(body["messages"]))
    message: JsonObject = {"role": "assistant", "content": reply.text, "refusal": None}
    message |= _reasoning(reply.reasoning, body)
    message |= {"annotations": annotations} if annotations else {}
    # Generated images are never in `content`: clients look for them there and miss them.
    message |= {"images": images} if images else {}
    message |= {"tool_calls": tool_calls} if tool_calls else {}
    choice = {
        "index": 0,
        "logprobs": _logprobs(reply.text or "") if body.get("logprobs") else None,
        "finish_reason": reply.finish_reason,
        "native_finish_reason": NATIVE_FINISH_REASONS[reply.finish_reason],
        "message": message,
    }
    return {
        "id": inference.generation,
        "object": "chat.completion",
        "created": inference.created,
        # The dated slug, and never the requested name: clients must not compare the two.
        "model": model.slug,
        "provider": "Sandbox",
        # The specification requires this key, but real responses may lack it.
        "system_fingerprint": None,
        "choices": [choice],
        "usage": _usage(inference, reply, tool_calls, images, attached, searches),
        **({"openrouter_metadata": inference.routing} if inference.routing else {}),
    }


def _usage(
    inference: Inference,
    reply: Reply,
    tool_calls: list[JsonObject],
    images: list[JsonObject],
    attached: list[Attachment],
    searches: int,
) -> JsonObject:
    prompt = count_tokens(conversation.all_text(inference.body["messages"]))
    text = count_tokens(reply.text or "")
    calls = sum(count_tokens(json.dumps(call)) for call in tool_calls)
    reasoning, drawn = count_tokens(reply.reasoning), IMAGE_TOKENS * len(images)
    return chat_usage(
        inference.model,
        max(1, prompt + ATTACHMENT_TOKENS * len(attached)),
        max(1, text + calls + reasoning + drawn),
        reasoning=reasoning,
        images=drawn,
        searches=searches,
    )


def _reply(inference: Inference) -> Reply:
    """Compose the answer, then cut it at a stop word or at the token limit."""
    body, model = inference.body, inference.model
    if "text" not in model.output_modalities:
        return Reply("")
    text, _ = _cut_at_stop(_text(inference), _stop_words(body))
    reasoning = answers.reasoning(body) if _reasons(model, body) else ""
    if (limit := token_limit(body)) is None:
        return Reply(text, reasoning)
    # Reasoning counts against the limit first, so a low one leaves null content, as in reality.
    left = limit - count_tokens(reasoning)
    if left <= 0:
        return Reply(None, reasoning[: limit * CHARACTERS_PER_TOKEN], "length")
    if count_tokens(text) > left:
        return Reply(text[: left * CHARACTERS_PER_TOKEN], reasoning, "length")
    return Reply(text, reasoning)


def _text(inference: Inference) -> str:
    body, fault = inference.body, inference.fault
    if fault is not None and fault.bad_json is not None:
        return bad_json_answer(body, fault.bad_json)
    if not conversation.requests_json(body):
        describes_images = inference.model.entry.get("describes_images", False)
        description = answers.describe_images(body) if describes_images else None
        return description or answers.repeat_request(body)
    if "structured_outputs" in inference.model.parameters:
        return json.dumps(answers.json_answer(body), ensure_ascii=False)
    # Models without structured outputs often wrap their JSON in a code fence.
    return f"```json\n{json.dumps(answers.json_answer(body), ensure_ascii=False, indent=2)}\n```"


def _stop_words(body: JsonObject) -> list[str]:
    stop = body.get("stop") or []
    return [word for word in ([stop] if isinstance(stop, str) else stop) if word]


def _cut_at_stop(text: str, words: list[str]) -> tuple[str, str | None]:
    """Return the text before the first stop word in it, and that word."""
    found = [(text.index(word), word) for word in words if word in text]
    end, word = min(found, default=(len(text), None))
    return text[:end], word


def _reasons(model: Model, body: JsonObject) -> bool:
    """Whether the model reasons first: always, by default, or on request."""
    support = model.record.get("reasoning")
    if support is None:
        return False
    requested = body.get("reasoning") or {}
    effort = requested.get("effort") or body.get("reasoning_effort")
    # Mandatory reasoning cannot be disabled: `check_model` has refused that with 400 already.
    if support["mandatory"] or support.get("default_enabled"):
        return True
    if effort == "none" or requested.get("enabled") is False:
        return False
    return bool(requested or effort or body.get("include_reasoning"))


def _reasoning(text: str, body: JsonObject) -> JsonObject:
    # Hidden reasoning is still generated and paid for.
    hidden = (body.get("reasoning") or {}).get("exclude") or body.get("include_reasoning") is False
    if not text or hidden:
        return {"reasoning": None}
    detail = {"type": "reasoning.text", "text": text, "format": "unknown", "index": 0}
    return {"reasoning": text, "reasoning_details": [detail]}


def _images(model: Model, body: JsonObject) -> list[JsonObject]:
    """Draw the image if `modalities` requests one, or if the model has no other output."""
    modalities = body.get("modalities") or []
    outputs = model.output_modalities
    if "image" not in outputs or ("text" in outputs and "image" not in modalities):
        return []
    config = body.get("image_config") or {}
    attached = conversation.attachments(body["messages"])
    poster = Poster.of(
        conversation.last_prompt(body["messages"]),
        aspect_ratio=config.get("aspect_ratio"),
        resolution=config.get("image_size"),
        seed=body.get("seed"),
        references=[item.data for item in attached if item.kind == "image"],
    )
    # `type` is not in the specification, but in real responses.
    return [{"type": "image_url", "image_url": {"url": data_url(poster)}}]


def _tool_calls(body: JsonObject) -> list[JsonObject]:
    """Call the tool that the request requires, with arguments that satisfy its schema."""
    choice = body.get("tool_choice")
    functions = [tool["function"] for tool in body.get("tools") or () if "function" in tool]
    if isinstance(choice, dict):
        name = (choice.get("function") or {}).get("name")
        functions = [function for function in functions if function["name"] == name]
    # With `auto` no tool is called: a sandbox that called tools unasked would hide the answer.
    elif choice != "required":
        return []
    return [
        {
            # The same id every time, so that recorded conversations stay valid.
            "id": f"call_sandbox_{function['name']}",
            "type": "function",
            "index": 0,
            "function": {
                "name": function["name"],
                # A text and not an object; real providers may also leave it empty or out.
                "arguments": json.dumps(
                    make_instance(ARGUMENTS | (function.get("parameters") or {}))
                ),
            },
        }
        for function in functions[:1]
    ]


def _count_searches(body: JsonObject) -> int:
    """Return 1 if a web search was requested, by any of the three ways that the API has."""
    by_variant = str(body.get("model") or "").endswith(":online")
    by_plugin = any(
        plugin["id"] == "web" and plugin.get("enabled", True)
        for plugin in body.get("plugins") or ()
    )
    by_tool = any(tool.get("type") == "openrouter:web_search" for tool in body.get("tools") or ())
    return int(by_variant or by_plugin or by_tool)


def _logprobs(text: str) -> JsonObject:
    """Return a probability for each token, which falls with the token's length."""
    size = CHARACTERS_PER_TOKEN
    tokens = [text[start : start + size] for start in range(0, len(text), size)]
    entries: list[Json] = []
    for token in tokens:
        entry: JsonObject = {
            "token": token,
            "logprob": round(-math.log1p(len(token)) / 10, 6),
            "bytes": list(token.encode()),
        }
        entries.append(entry | {"top_logprobs": [entry]})
    return {"content": entries, "refusal": None}

"""`POST /chat/completions`: one completion, whole or as events."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from starlette.responses import Response

from openrouter_connector.values import Json, JsonObject

from ..catalogue.models import Model
from ..content import answers
from ..content.answers import Attachment
from ..content.image_inspection import glance
from ..content.poster import Poster, data_url
from ..content.schema_instance import instance
from ..dialects.chat_events import events
from ..errors import Refusal, no_endpoints, wrong_endpoint
from ..faults.table import FAULTS
from ..inference import Exchange, json_reply
from ..usage import CHARACTERS, chat_usage, tokens

AFFORDABLE = 100_000
IMAGE_TOKENS = 1290
ATTACHMENT_TOKENS = 258
ELSEWHERE = {"embeddings": ("an embedding", "/embeddings"), "rerank": ("a rerank", "/rerank")}
ARGUMENTS: JsonObject = {"type": "object"}
INPUTS = {"image": "image", "audio clip": "audio", "video": "video"}


@dataclass(frozen=True, slots=True)
class Saying:
    """What is answered: a text, a thought before it, and why it ends."""

    text: str | None
    thought: str = ""
    finish: str = "stop"


async def complete(exchange: Exchange) -> Response:
    """Answer a chat request, in one piece or as server-sent events."""
    completion = completed(exchange)
    return events(exchange, completion) if exchange.stream else json_reply(completion)


def completed(exchange: Exchange) -> JsonObject:
    """Give the completion on record, and what a fault makes of it; raises Refusal."""
    _check_model(exchange.model, exchange.body)
    completion = _completion(exchange)
    usage, choice = completion["usage"], completion["choices"][0]
    exchange.record(
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
    if exchange.fault is not None and exchange.fault.answer is not None:
        return exchange.fault.answer(completion)
    return completion


def stopped_by(exchange: Exchange) -> str | None:
    """Tell which of the stop words ends the answer, if one does."""
    return _cut(_text(exchange), _stops(exchange.body))[1]


def _check_model(model: Model, body: JsonObject) -> None:
    """Refuse what the chosen model cannot do; raises Refusal."""
    for item in answers.attachments(body["messages"]):
        if item.kind in INPUTS and INPUTS[item.kind] not in model.takes:
            raise no_endpoints(
                f"No endpoints found that support {INPUTS[item.kind]} input", model.id
            )
        if item.kind == "image":
            glance(item.data)
    if body.get("tools") and "tools" not in model.parameters:
        raise no_endpoints("No endpoints found that support tool use", model.id)
    _check_modalities(model, body.get("modalities"))
    _check_routing(model, body)
    _check_thinking(model, body)
    _check_budget(model, body)


def _check_modalities(model: Model, asked: list[str] | None) -> None:
    for given, (kind, path) in ELSEWHERE.items():
        if given in model.gives:
            raise wrong_endpoint(
                f"{model.id} is {kind} model and cannot be used with the chat/completions "
                f"endpoint. Use the {path} endpoint instead.",
                model.id,
            )
    if not {"text", "image", "audio"} & set(model.gives):
        raise no_endpoints(f"No endpoints found for {model.id} that support chat", model.id)
    wanted = asked or ["text"]
    missing = set(wanted) - set(model.gives)
    if missing:
        listed = ", ".join(sorted(wanted))
        raise no_endpoints(
            f"No endpoints found that support the requested output modalities: {listed}", model.id
        )


def _check_routing(model: Model, body: JsonObject) -> None:
    routing = body.get("provider") or {}
    allowed = set(model.facts["providers"]) - set(routing.get("ignore") or ())
    if (only := routing.get("only")) is not None:
        allowed &= {slug.partition("/")[0] for slug in only}
    if not allowed:
        raise Refusal(404, "No allowed providers are available for the selected model.")
    if routing.get("require_parameters"):
        sent = {name for name in PARAMETERS & body.keys() if body[name] is not None}
        if sent - set(model.parameters):
            raise no_endpoints(
                "No endpoints found that can handle the requested parameters.", model.id
            )
    for name, most in (routing.get("max_price") or {}).items():
        if model.price(name) * 1_000_000 > float(most):
            raise no_endpoints("No endpoints found within your maximum price.", model.id)


PARAMETERS = {
    *("temperature", "top_p", "top_k", "min_p", "top_a", "frequency_penalty", "presence_penalty"),
    *("repetition_penalty", "seed", "stop", "logit_bias", "logprobs", "top_logprobs", "tools"),
    *("response_format", "reasoning"),
}


def _check_thinking(model: Model, body: JsonObject) -> None:
    reasoning = body.get("reasoning") or {}
    effort = reasoning.get("effort") or body.get("reasoning_effort")
    declined = effort == "none" or reasoning.get("enabled") is False
    if declined and (model.row.get("reasoning") or {}).get("mandatory"):
        raise Refusal(400, "Reasoning is mandatory for this endpoint and cannot be disabled.")


def _check_budget(model: Model, body: JsonObject) -> None:
    asked = _limit(body)
    if asked is not None and asked > AFFORDABLE and model.price("completion") > 0:
        raise Refusal(
            402,
            "This request requires more credits, or fewer max_tokens. "
            f"You requested up to {asked} tokens, but can only afford {AFFORDABLE}. "
            "To increase, visit https://openrouter.ai/settings/credits "
            "and upgrade to a paid account",
            metadata={"provider_name": None, "error_type": "payment_required"},
        )


def _completion(exchange: Exchange) -> JsonObject:
    body, model = exchange.body, exchange.model
    called = _tool_calls(body)
    pictures = _pictures(model, body)
    said = Saying("", finish="tool_calls") if called else _say(exchange)
    searched = _searches(body)
    found = answers.attachments(body["messages"])
    annotations = answers.parsed_files(found)
    if searched:
        annotations += answers.citations(answers.last_prompt(body["messages"]))
    message: JsonObject = {"role": "assistant", "content": said.text, "refusal": None}
    message |= _reasoning(said.thought, body)
    message |= {"annotations": annotations} if annotations else {}
    message |= {"images": pictures} if pictures else {}
    message |= {"tool_calls": called} if called else {}
    choice = {
        "index": 0,
        "logprobs": _logprobs(said.text or "") if body.get("logprobs") else None,
        "finish_reason": said.finish,
        "native_finish_reason": NATIVE[said.finish],
        "message": message,
    }
    thinking = tokens(said.thought)
    drawn = IMAGE_TOKENS * len(pictures)
    written = tokens(said.text or "") + sum(tokens(json.dumps(call)) for call in called)
    return {
        "id": exchange.generation,
        "object": "chat.completion",
        "created": exchange.created,
        "model": model.slug,
        "provider": "Sandbox",
        "system_fingerprint": None,
        "choices": [choice],
        "usage": chat_usage(
            model,
            max(1, _prompt_tokens(body, found)),
            max(1, written + thinking + drawn),
            reasoning=thinking,
            images=drawn,
            searches=searched,
        ),
    }


NATIVE = {"stop": "stop", "length": "max_tokens", "tool_calls": "tool_calls"}


def _say(exchange: Exchange) -> Saying:
    """Compose the answer, then cut it where the token limit or a stop word ends it."""
    body, model = exchange.body, exchange.model
    if "text" not in model.gives:
        return Saying("")
    text, _ = _cut(_text(exchange), _stops(body))
    thought = answers.thought(body) if _thinks(model, body) else ""
    if (limit := _limit(body)) is None:
        return Saying(text, thought)
    left = limit - tokens(thought)
    if left <= 0:
        return Saying(None, thought[: limit * CHARACTERS], "length")
    if tokens(text) > left:
        return Saying(text[: left * CHARACTERS], thought, "length")
    return Saying(text, thought)


def _text(exchange: Exchange) -> str:
    body, fault = exchange.body, FAULTS.get(exchange.model.id)
    if fault is not None and fault.text is not None:
        return answers.badly(body, fault.text)
    if not answers.wants_json(body):
        sees = exchange.model.facts.get("sees", False)
        return (answers.seen(body) if sees else None) or answers.plain(body)
    if "structured_outputs" in exchange.model.parameters:
        return json.dumps(answers.as_json(body), ensure_ascii=False)
    return f"```json\n{json.dumps(answers.as_json(body), ensure_ascii=False, indent=2)}\n```"


def _stops(body: JsonObject) -> list[str]:
    stop = body.get("stop") or []
    return [word for word in ([stop] if isinstance(stop, str) else stop) if word]


def _cut(text: str, stops: list[str]) -> tuple[str, str | None]:
    """Cut a text at the first stop word in it, and tell which one that was."""
    found = [(text.index(word), word) for word in stops if word in text]
    at, word = min(found, default=(len(text), None))
    return text[:at], word


def _limit(body: JsonObject) -> int | None:
    given = body.get("max_completion_tokens") or body.get("max_tokens")
    return None if given is None else int(given)


def _thinks(model: Model, body: JsonObject) -> bool:
    """Whether the model thinks first: always, by default, or because it was asked to."""
    about = model.row.get("reasoning")
    if about is None:
        return False
    asked = body.get("reasoning") or {}
    effort = asked.get("effort") or body.get("reasoning_effort")
    if about["mandatory"] or about.get("default_enabled"):
        return True
    if effort == "none" or asked.get("enabled") is False:
        return False
    return bool(asked or effort or body.get("include_reasoning"))


def _reasoning(thought: str, body: JsonObject) -> JsonObject:
    hidden = (body.get("reasoning") or {}).get("exclude") or body.get("include_reasoning") is False
    if not thought or hidden:
        return {"reasoning": None}
    detail = {"type": "reasoning.text", "text": thought, "format": "unknown", "index": 0}
    return {"reasoning": thought, "reasoning_details": [detail]}


def _pictures(model: Model, body: JsonObject) -> list[JsonObject]:
    """Draw what was asked for; a model of images alone needs no asking."""
    asked = body.get("modalities") or []
    if "image" not in model.gives or ("text" in model.gives and "image" not in asked):
        return []
    config = body.get("image_config") or {}
    found = answers.attachments(body["messages"])
    picture = Poster.of(
        answers.last_prompt(body["messages"]),
        aspect_ratio=config.get("aspect_ratio"),
        resolution=config.get("image_size"),
        seed=body.get("seed"),
        references=[item.data for item in found if item.kind == "image"],
    )
    return [{"type": "image_url", "image_url": {"url": data_url(picture)}}]


def _tool_calls(body: JsonObject) -> list[JsonObject]:
    """Call the tool that the request insists on, with arguments that fit its schema."""
    choice = body.get("tool_choice")
    functions = [tool["function"] for tool in body.get("tools") or () if "function" in tool]
    if isinstance(choice, dict):
        named = (choice.get("function") or {}).get("name")
        functions = [function for function in functions if function["name"] == named]
    elif choice != "required":
        return []
    return [
        {
            "id": f"call_sandbox_{function['name']}",
            "type": "function",
            "index": 0,
            "function": {
                "name": function["name"],
                "arguments": json.dumps(instance(ARGUMENTS | (function.get("parameters") or {}))),
            },
        }
        for function in functions[:1]
    ]


def _searches(body: JsonObject) -> int:
    asked = str(body.get("model") or "").endswith(":online")
    plugins = any(
        plugin["id"] == "web" and plugin.get("enabled", True)
        for plugin in body.get("plugins") or ()
    )
    tool = any(tool.get("type") == "openrouter:web_search" for tool in body.get("tools") or ())
    return int(asked or plugins or tool)


def _logprobs(text: str) -> JsonObject:
    """Give each token a probability that falls with its length."""
    cut = [text[at : at + CHARACTERS] for at in range(0, len(text), CHARACTERS)]
    entries: list[Json] = []
    for token in cut:
        entry: JsonObject = {
            "token": token,
            "logprob": round(-math.log1p(len(token)) / 10, 6),
            "bytes": list(token.encode()),
        }
        entries.append(entry | {"top_logprobs": [entry]})
    return {"content": entries, "refusal": None}


def _prompt_tokens(body: JsonObject, attached: list[Attachment]) -> int:
    return tokens(answers.all_text(body["messages"])) + ATTACHMENT_TOKENS * len(attached)

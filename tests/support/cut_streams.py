"""Whole responses of each dialect, and the streams that they make when they are cut at random."""

from __future__ import annotations

import json
from random import Random
from typing import Any

Json = Any
LETTERS = 'aab 1\n"{}é世👋\\'


def completion(rng: Random) -> Json:
    """Return a chat completion, with anything that one may hold."""
    choices = [_choice(rng, index) for index in range(rng.choice([1, 1, 1, 2, 3]))]
    whole = {"id": "gen-1", "model": "a/b", "object": "chat.completion", "choices": choices}
    known = {
        "provider": "Somebody",
        "created": 7,
        "system_fingerprint": rng.choice([None, "fp"]),
        "service_tier": "default",
        "usage": {
            "prompt_tokens": 3,
            "completion_tokens": 2,
            "cost": 0.25,
            "cost_details": {"a": 1},
        },
        "new_field": {"deep": [1, {"content": "x"}]},
    }
    return whole | _some(rng, known)


def completion_chunks(rng: Random, whole: Json) -> list[Json]:
    """Cut a completion into chunks: a finish reason at the end of each choice, usage anywhere."""
    queues = [_choice_chunks(rng, choice) for choice in whole["choices"]]
    head = {key: whole[key] for key in whole if key not in ("choices", "usage", "new_field")}
    head["object"] = "chat.completion.chunk"
    chunks = [{**head, "choices": [one]} for one in _interleaved(rng, queues)]
    for key in ("usage", "new_field"):
        if key in whole:
            if rng.random() < 0.5:
                chunks.append({**head, "choices": [], key: whole[key]})
            else:
                rng.choice(chunks)[key] = whole[key]
                chunks[-1][key] = whole[key]
    return chunks


def _choice(rng: Random, index: int) -> Json:
    message = {"role": "assistant", "content": _content(rng)} | _some(
        rng,
        {
            "refusal": rng.choice([None, _text(rng)]),
            "reasoning": _text(rng),
            "reasoning_content": _text(rng),
            "reasoning_details": _details(rng),
            "tool_calls": _calls(rng),
            "audio": {"id": "a1", "data": "UklGRg" * 3, "transcript": _text(rng), "expires_at": 9},
            "annotations": [{"type": "url_citation", "n": n} for n in range(rng.randint(1, 3))],
            "images": [{"type": "image_url", "n": n} for n in range(rng.randint(1, 3))],
            "function_call": {"name": "go", "arguments": _arguments(rng)},
            "new_field": {"a": [1]},
        },
    )
    tokens = [{"token": word, "logprob": -0.5, "top_logprobs": []} for word in "abc"]
    logprobs = rng.choice([None, {"content": tokens, "refusal": None}])
    reasons = {"finish_reason": rng.choice(["stop", "tool_calls", "length"])}
    known = {"native_finish_reason": "STOP", "logprobs": logprobs, "seed": 7}
    return {"index": index, "message": message, **reasons, **_some(rng, known)}


def _content(rng: Random) -> Json:
    if rng.random() < 0.75:
        return rng.choice([None, "", _text(rng)])
    thought = [{"type": "text", "text": _text(rng)}]
    parts = [
        {"type": "thinking", "thinking": rng.choice([thought, _text(rng)])},
        {"type": "text", "text": _text(rng)},
        {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}},
        {"type": "text", "text": _text(rng)},
    ]
    return parts[: rng.randint(1, 4)]


def _details(rng: Random) -> Json:
    kinds: list[Json] = [
        {"type": "reasoning.text", "text": _text(rng), "signature": "c2lnbmF0dXJl", "format": "x"},
        {"type": "reasoning.summary", "summary": _text(rng), "id": None},
        {"type": "reasoning.encrypted", "data": "ZW5jcnlwdGVk", "id": "rs_1"},
    ]
    return [{**rng.choice(kinds), "index": index} for index in range(rng.randint(1, 3))]


def _calls(rng: Random) -> Json:
    calls = []
    indexed = rng.choice(["all", "none", "the same"])
    for place in range(rng.randint(1, 3)):
        function = {"name": rng.choice(["look", "go"]), "arguments": _arguments(rng)}
        index = {"all": {"index": place}, "none": {}, "the same": {"index": 0}}[indexed]
        calls.append({**index, "id": f"c{place}", "type": "function", "function": function})
    return calls


def _arguments(rng: Random) -> Json:
    given = {"a": _text(rng), "b": [1, {"c": None}]}
    return rng.choice(["", json.dumps(given), json.dumps(given), given])


def _choice_chunks(rng: Random, choice: Json) -> list[Json]:
    message = choice["message"]
    if rng.random() < 0.1:  # the whole message in one event
        deltas: list[Json] = [{"message": message}]
    else:
        fields = [_field(rng, key, value) for key, value in message.items()]
        deltas = [{"delta": delta} for delta in _interleaved(rng, fields)]
    chunks = [{"index": choice["index"], "finish_reason": None, **delta} for delta in deltas]
    if rng.random() < 0.3:
        for chunk in chunks:
            chunk["finish_reason"] = rng.choice(["", "null", None])
    last = {key: choice[key] for key in choice if key not in ("message", "logprobs")}
    chunks.append({**last, "delta": rng.choice([{}, {"content": None}])})
    if rng.random() < 0.3:  # the finish reason again, or a null behind it
        chunks.append({**last, "finish_reason": rng.choice([None, "", last["finish_reason"]])})
    if "logprobs" in choice:
        logprobs = choice["logprobs"]
        cut = rng.randint(0, 3)
        rng.choice(chunks[:1])["logprobs"] = logprobs and {
            **logprobs,
            "content": logprobs["content"][:cut],
        }
        chunks[-1]["logprobs"] = logprobs and {"content": logprobs["content"][cut:]}
    return chunks


def _field(rng: Random, key: str, value: Json) -> list[Json]:
    """Cut a field of a message into deltas."""
    if key == "tool_calls":
        pieces = [part for call in value for part in _call_pieces(rng, call)]
        return [{key: [piece]} for piece in pieces]
    if key == "reasoning_details":
        kept = ("type", "index")
        texts = ("text", "summary", "data", "signature")
        found = [part for one in value for part in _object_pieces(rng, one, texts, kept)]
        return [{key: [piece]} for piece in found]
    if key == "content" and isinstance(value, list):
        return [{key: [piece]} for part in value for piece in _part_pieces(rng, part)]
    if key == "audio":
        return [{key: piece} for piece in _object_pieces(rng, value, ("data", "transcript"), ())]
    if key == "function_call":
        return [{key: piece} for piece in _object_pieces(rng, value, ("arguments",), ())]
    if isinstance(value, list):
        cut = rng.randint(0, len(value))
        return [{key: value[:cut]}, {key: value[cut:]}]
    if key in ("content", "refusal", "reasoning", "reasoning_content") and value:
        return [{key: piece} for piece in _pieces(rng, value)]
    return [{key: value}]


def _call_pieces(rng: Random, call: Json) -> list[Json]:
    named = {key: call[key] for key in ("index",) if key in call}
    functions = _object_pieces(rng, call["function"], ("arguments",), ())
    first = {"id": call["id"], "type": "function", "function": functions[0]}
    repeats = rng.random() < 0.3
    more: Json = {"id": call["id"]} if repeats else rng.choice([{}, {"id": ""}, {"id": None}])
    return [named | first, *(named | more | {"function": one} for one in functions[1:])]


def _part_pieces(rng: Random, part: Json) -> list[Json]:
    if isinstance(part.get("thinking"), list):
        thoughts = _object_pieces(rng, part["thinking"][0], ("text",), ("type",))
        return [{**part, "thinking": [one]} for one in thoughts]
    return _object_pieces(rng, part, ("text", "thinking"), ("type",))


def _object_pieces(
    rng: Random, value: Json, texts: tuple[str, ...], kept: tuple[str, ...]
) -> list[Json]:
    """Cut the texts of an object; what is `kept` is in every piece, and the rest in the first."""
    grows = [key for key in texts if isinstance(value.get(key), str) and value[key]]
    first = {key: value[key] for key in value if key not in grows}
    repeated = {key: value[key] for key in kept if key in value}
    return [
        first,
        *({**repeated, key: piece} for key in grows for piece in _pieces(rng, value[key])),
    ]


def message(rng: Random) -> Json:
    """Return a message of Anthropic's API."""
    blocks = [
        {"type": "thinking", "thinking": _text(rng), "signature": "c2lnbmF0dXJl"},
        {"type": "redacted_thinking", "data": "ZW5j"},
        {"type": "text", "text": _text(rng), "citations": [{"n": 1}, {"n": 2}]},
        {"type": "text", "text": _text(rng)},
        {"type": "tool_use", "id": "t1", "name": "go", "input": {"a": _text(rng), "b": [1]}},
        {"type": "tool_use", "id": "t2", "name": "stop", "input": {}},
        {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "x"}},
        {"type": "web_search_tool_result", "tool_use_id": "s1", "content": [{"url": "u"}]},
    ]
    usage = {"input_tokens": 3, "output_tokens": 9, "cost": 0.5, "service_tier": None}
    ends = {"stop_reason": rng.choice(["end_turn", "tool_use"]), "stop_sequence": None}
    known = {"provider": "Somebody", "container": None, "context_management": {"a": 1}}
    found = [rng.choice(blocks) for _ in range(rng.randint(1, 5))]
    told = {"id": "msg-1", "type": "message", "role": "assistant", "model": "a/b"}
    return {**told, "content": found, **ends, "usage": usage, **_some(rng, known)}


def message_events(rng: Random, whole: Json) -> list[Json]:
    """Cut a message into the events of its stream."""
    if rng.random() < 0.1:
        return [whole]
    late = [key for key in ("context_management", "stop_reason", "usage") if key in whole]
    start = {**{key: whole[key] for key in whole if key not in late}, "content": []}
    start |= {"stop_reason": None, "usage": {"input_tokens": 3, "output_tokens": 1}}
    events: list[Json] = [{"type": "message_start", "message": start}, {"type": "ping"}]
    for index, block in enumerate(whole["content"]):
        events += _block_events(rng, index, block)
    delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    rest = {key: whole[key] for key in late if key != "stop_reason"}
    return [*events, {"type": "message_delta", "delta": delta, **rest}, {"type": "message_stop"}]


def _block_events(rng: Random, index: int, block: Json) -> list[Json]:
    began, deltas = dict(block), list[Json]()
    for key, kind in (("text", "text_delta"), ("thinking", "thinking_delta")):
        if key in block:
            began[key] = ""
            deltas += [{"type": kind, key: piece} for piece in _pieces(rng, block[key])]
    if "signature" in block:
        began["signature"] = ""
        deltas += [
            {"type": "signature_delta", "signature": one}
            for one in _pieces(rng, block["signature"])
        ]
    if "citations" in block:
        began["citations"] = rng.choice([None, []])
        deltas += [{"type": "citations_delta", "citation": one} for one in block["citations"]]
    if "input" in block:
        began["input"] = {}
        said = json.dumps(block["input"]) if block["input"] or rng.random() < 0.5 else ""
        deltas += [{"type": "input_json_delta", "partial_json": one} for one in _pieces(rng, said)]
    stop = {"type": "content_block_stop", "index": index}
    pieces = [{"type": "content_block_delta", "index": index, "delta": one} for one in deltas]
    return [{"type": "content_block_start", "index": index, "content_block": began}, *pieces, stop]


def response(rng: Random) -> Json:
    """Return a response of OpenAI's API."""
    items = [_item(rng, place) for place in range(rng.randint(1, 4))]
    usage = {"input_tokens": 3, "output_tokens": 2, "cost": 0.5}
    told = {"id": "gen-1", "object": "response", "status": "completed", "model": "a/b"}
    known: Json = {
        "error": None,
        "incomplete_details": None,
        "metadata": {},
        "tools": [],
        "new": [1],
    }
    return {**told, "output": items, "usage": usage, **_some(rng, known)}


def response_events(rng: Random, whole: Json) -> list[Json]:
    """Cut a response into the events of its stream; some tell the whole again at the end."""
    start = {**whole, "status": "in_progress", "output": [], "usage": None}
    events: list[Json] = [
        {"type": f"response.{step}", "response": start} for step in ("created", "in_progress")
    ]
    again, at_end = rng.random() < 0.5, rng.choice(["whole", "without output"])
    for index, item in enumerate(whole["output"]):
        events += _item_events(rng, index, item, again)
    last = whole if at_end == "whole" else {**whole, "output": []}
    return [*events, {"type": "response.completed", "response": last}]


def _item(rng: Random, place: int) -> Json:
    said = {"type": "output_text", "text": _text(rng), "annotations": [{"n": 1}], "logprobs": []}
    refusal = {"type": "refusal", "refusal": _text(rng)}
    summary = [{"type": "summary_text", "text": _text(rng)} for _ in range(rng.randint(0, 2))]
    thought = [{"type": "reasoning_text", "text": _text(rng)}]
    parts = [rng.choice([said, refusal]) for _ in range(rng.randint(1, 3))]
    call = {"call_id": f"c{place}", "name": "go", "arguments": json.dumps({"a": _text(rng)})}
    item: Json = rng.choice(
        [
            {"type": "message", "role": "assistant", "content": parts},
            {"type": "reasoning", "summary": summary, "encrypted_content": "ZW5j"},
            {"type": "reasoning", "summary": [], "content": thought},
            {"type": "function_call", **call},
            {"type": "image_generation_call", "result": "aW1hZ2U="},
        ]
    )
    return {"id": f"item-{place}", "status": "completed", **item}


def _item_events(rng: Random, index: int, item: Json, again: bool) -> list[Json]:
    address = rng.choice([{"output_index": index}, {"output_index": index, "item_id": item["id"]}])
    began = {**item, "status": "in_progress"}
    events: list[Json] = []
    for name in ("content", "summary"):
        if name in item:
            began[name] = []
            for place, part in enumerate(item[name]):
                events += _part_events(rng, {**address, f"{name}_index": place}, part, name, again)
    if "arguments" in item:
        began["arguments"] = ""
        deltas = _pieces(rng, item["arguments"])
        events += _texts("function_call_arguments", "arguments", deltas, address, again)
    added = {"type": "response.output_item.added", "output_index": index, "item": began}
    done = {"type": "response.output_item.done", "output_index": index, "item": item}
    return [added, *events, *([done] if again else [])]


_TEXTS = {
    "output_text": ("output_text", "text"),
    "refusal": ("refusal", "refusal"),
    "reasoning_text": ("reasoning_text", "text"),
    "summary_text": ("reasoning_summary_text", "text"),
}


def _part_events(rng: Random, address: Json, part: Json, name: str, again: bool) -> list[Json]:
    kind, field = _TEXTS[part["type"]]
    holder = "reasoning_summary_part" if name == "summary" else "content_part"
    began = {**part, field: ""} | ({"annotations": []} if "annotations" in part else {})
    notes = [
        {**address, "type": "response.output_text.annotation.added", "annotation": one}
        for one in part.get("annotations", [])
    ]
    end = {**address, "type": f"response.{holder}.done", "part": part}
    return [
        {**address, "type": f"response.{holder}.added", "part": began},
        *_texts(kind, field, _pieces(rng, part[field]), address, again),
        *notes,
        *([end] if again else []),
    ]


def _texts(kind: str, field: str, pieces: list[str], address: Json, again: bool) -> list[Json]:
    deltas = [{**address, "type": f"response.{kind}.delta", "delta": piece} for piece in pieces]
    done = {**address, "type": f"response.{kind}.done", field: "".join(pieces)}
    return [*deltas, *([done] if again else [])]


def _text(rng: Random) -> str:
    return "".join(rng.choice(LETTERS) for _ in range(rng.randint(1, 12)))


def _pieces(rng: Random, text: str) -> list[str]:
    cuts = sorted(rng.randint(0, len(text)) for _ in range(rng.randint(0, 4)))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def _some(rng: Random, fields: Json) -> Json:
    return {key: value for key, value in fields.items() if rng.random() < 0.4}


def _interleaved(rng: Random, queues: list[list[Json]]) -> list[Json]:
    """Mix lists at random, each in its order."""
    left = [list(queue) for queue in queues if queue]
    found = []
    while left:
        queue = rng.choice(left)
        found.append(queue.pop(0))
        left = [one for one in left if one]
    return found

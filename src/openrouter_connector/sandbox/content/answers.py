"""What the sandbox says: always the same answer to the same request, and useful to look at."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from openrouter_connector.values import Json, JsonObject

from .image_answers import AboutPicture, strayed
from .image_inspection import look
from .schema_instance import instance, is_schema

KINDS = {
    "image_url": "image",
    "file": "file",
    "input_audio": "audio clip",
    "video_url": "video",
    "input_video": "video",
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not text: its kind, its name or type, its size, and its data or address."""

    kind: str
    label: str
    size: int | None
    data: str

    def __str__(self) -> str:
        size = "by link" if self.size is None else _size(self.size)
        return f"{self.label}, {size}" if self.label else size


def plain(body: JsonObject) -> str:
    """Say what arrived: the last prompt to the letter, its attachments, the system prompt."""
    messages = body["messages"]
    lines = [
        "This is the sandbox answering; no model was asked.",
        f"You said: {last_prompt(messages)}",
    ]
    found = attachments(messages)
    for kind in dict.fromkeys(item.kind for item in found):
        several = [str(item) for item in found if item.kind == kind]
        count = f"{len(several)} {kind}{'s' if len(several) > 1 else ''}"
        lines.append(f"I received {count} ({'; '.join(several)}).")
    if system := "\n".join(_system(body)):
        lines.append(f"My system prompt is: {system}")
    return "\n\n".join(lines)


def seen(body: JsonObject) -> str | None:
    """Say what the pictures of the last message show; None without one that could be seen.

    Who asks for the text in them gets that alone.
    """
    urls = pictures(body["messages"])
    looks = [look(url) for url in urls]
    if not any(looks):
        return None
    asked = "\n".join((*_system(body), last_prompt(body["messages"])))
    if ASKS_FOR_TEXT.search(asked):
        texts = [one.glance.says for one in looks if one is not None and one.glance.says]
        none = NAMED_NONE.search(asked)
        return "\n\n".join(texts) or (none[0] if none else "[sandbox] There is no text of mine.")
    told = ["by link, which I do not follow" if one is None else str(one) for one in looks]
    if len(told) == 1:
        return f"[sandbox] {told[0]}"
    return "\n".join(["[sandbox]", *(f"{place}. {one}" for place, one in enumerate(told, 1))])


ASKS_FOR_TEXT = re.compile(
    r"\bOCR\b|\btranscri"
    r"|\b(?:read|extract|recogni[sz]e|give|return)\b[^.]{0,30}\btext\b"
    r"|\btext\b[^.]{0,20}\b(?:in|on|from) (?:the|this|an?) (?:image|picture|photo)",
    re.IGNORECASE,
)
NAMED_NONE = re.compile(r"\[no \w+\]", re.IGNORECASE)
"""What a prompt wants to hear where there is no text: `[no text]`."""


def wants_json(body: JsonObject) -> bool:
    """Whether the answer is to be JSON."""
    return (body.get("response_format") or {}).get("type") in ("json_object", "json_schema")


def as_json(body: JsonObject) -> Json:
    """Give an instance of the asked schema, or `{"answer": …}` when there is none.

    It is about the first picture of the last message that has any.
    """
    schema = asked_schema(body)
    if schema is None:
        return {"answer": seen(body) or plain(body)}
    shown = next(filter(None, map(look, pictures(body["messages"]))), None)
    return instance(schema, about=AboutPicture(shown) if shown is not None else None)


def asked_schema(body: JsonObject) -> JsonObject | None:
    """Find the schema in `response_format`, else the last one written out in the prompts."""
    described = (body.get("response_format") or {}).get("json_schema")
    if described is not None:
        schema: JsonObject = described.get("schema", {})
        return schema
    texts = _texts_of(body["messages"], {"system", "developer", "user"})
    written = [found for text in texts for found in _objects(text)]
    schemas = [found for found in written if is_schema(found)]
    return schemas[-1] if schemas else None


def badly(body: JsonObject, fault: str) -> str:
    """Answer a question for JSON badly, in the way that a fault names."""
    if fault in ("fenced", "stray"):
        if not wants_json(body):
            return seen(body) or plain(body)
        answer = as_json(body)
        if fault == "stray":
            return json.dumps(strayed(answer), ensure_ascii=False)
        fence = f"```json\n{_dumps(answer)}\n```"
        return f"Sure! Here is what I found:\n\n{fence}\n\nI hope this helps."
    return _as_prose(body, fault)


def _as_prose(body: JsonObject, fault: str) -> str:
    """Give no JSON, never or only when the first try is held up to it."""
    if fault == "never":
        return "I would rather tell you about it in words. There is no JSON in this answer."
    answer = as_json(body)
    if any(message["role"] == "assistant" for message in body["messages"]):
        return f"Of course, here it is again:\n\n{_dumps(answer)}\n\nI hope this helps."
    return f"Sure! Here is what you asked for:\n\n{_dumps(_broken(answer))}\n\nI hope this helps."


def thought(body: JsonObject) -> str:
    """Give the reasoning text that comes before an answer."""
    prompt = " ".join(last_prompt(body["messages"]).split())[:60]
    return f"The user wrote “{prompt}”. I am a sandbox, so I shall say back what I was given."


def last_prompt(messages: list[Json]) -> str:
    """The text of the last user message, as it came."""
    return (_texts_of(messages, {"user"}) or [""])[-1]


def all_text(messages: list[Json]) -> str:
    """Every text of the conversation, for counting it."""
    return "".join(_texts_of(messages, {message["role"] for message in messages}))


def attachments(
    messages: list[Json], roles: frozenset[str] = frozenset({"user"})
) -> list[Attachment]:
    """All parts of the user's messages that are not text."""
    parts = [part for message in messages if message["role"] in roles for part in _parts(message)]
    return [_attachment(part) for part in parts if part["type"] in KINDS]


def pictures(messages: list[Json]) -> list[str]:
    """Give the addresses of the pictures of the last user's message that has any."""
    for message in reversed(messages):
        found = [one.data for one in attachments([message]) if one.kind == "image"]
        if found:
            return found
    return []


def citations(prompt: str) -> list[JsonObject]:
    """Give the annotations of a web search that found two pages of the sandbox."""
    pages = [
        {
            "url": f"https://sandbox.example/{number}",
            "title": f"Sandbox page {number}",
            "content": f"A page that says something about: {prompt[:80]}",
            "start_index": 0,
            "end_index": 0,
        }
        for number in (1, 2)
    ]
    return [{"type": "url_citation", "url_citation": page} for page in pages]


def parsed_files(found: list[Attachment]) -> list[JsonObject]:
    """Give the annotations of the documents that were parsed, to be sent again next time."""
    return [
        {
            "type": "file",
            "file": {
                "hash": hashlib.sha256(item.data.encode()).hexdigest(),
                "name": item.label,
                "content": [
                    {"type": "text", "text": f'<file name="{item.label}">'},
                    {"type": "text", "text": f"[the sandbox does not read files; {item}]"},
                    {"type": "text", "text": "</file>"},
                ],
            },
        }
        for item in found
        if item.kind == "file"
    ]


def _system(body: JsonObject) -> list[str]:
    return _texts_of(body["messages"], {"system", "developer"})


def _texts_of(messages: list[Json], roles: set[str]) -> list[str]:
    return [
        "\n".join(part["text"] for part in _parts(message) if part["type"] == "text")
        for message in messages
        if message["role"] in roles
    ]


def _parts(message: JsonObject) -> list[JsonObject]:
    content = message.get("content")
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return list(content or ())


def _attachment(part: JsonObject) -> Attachment:
    kind = KINDS[part["type"]]
    inner = part.get(part["type"]) or part.get("video_url") or {}
    data = inner.get("url") or inner.get("file_data") or inner.get("data") or ""
    label = inner.get("filename") or inner.get("format") or _media_type(data)
    return Attachment(kind, label, _bytes(data, raw="data" in inner), data)


def _media_type(data: str) -> str:
    return data[5 : data.find(";")] if data.startswith("data:") else data[:80]


def _bytes(data: str, *, raw: bool) -> int | None:
    if not raw and not data.startswith("data:"):
        return None
    start = 0 if raw else data.find(",") + 1
    return (len(data) - start - data[-2:].count("=")) * 3 // 4


def _size(count: int) -> str:
    return f"{count} bytes" if count < 1000 else f"{count / 1000:.1f} kB"


MOST_TRIES = 1000


def _objects(text: str) -> Iterator[JsonObject]:
    decoder = json.JSONDecoder()
    start, tries = text.find("{"), MOST_TRIES
    while start != -1 and tries:
        tries -= 1
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            yield found
        start = text.find("{", end)


def _broken(answer: Json) -> Json:
    """Give an answer that breaks the schema: without its first key, or of another type."""
    if isinstance(answer, dict) and answer:
        kept = dict(answer)
        kept.pop(next(iter(kept)))
        return kept
    return {"unexpected": answer}


def _dumps(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)

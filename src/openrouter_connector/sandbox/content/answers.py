"""Make up answers: always the same for the same request, and showing what was received."""

from __future__ import annotations

import hashlib
import re

from openrouter_connector.values import Json, JsonObject

from .conversation import (
    Attachment,
    attachments,
    image_urls,
    last_prompt,
    requested_schema,
    system_prompts,
)
from .image_answers import ImageSubject
from .image_inspection import inspect_image
from .schema_instance import make_instance

REQUESTS_TEXT = re.compile(
    r"\bOCR\b|\btranscri"
    r"|\b(?:read|extract|recogni[sz]e|give|return)\b[^.]{0,30}\btext\b"
    r"|\btext\b[^.]{0,20}\b(?:in|on|from) (?:the|this|an?) (?:image|picture|photo)",
    re.IGNORECASE,
)
NO_TEXT_REPLY = re.compile(r"\[no \w+\]", re.IGNORECASE)
"""The reply that a prompt specifies for an image without text: `[no text]`."""


def repeat_request(body: JsonObject) -> str:
    """Return what arrived: the last prompt unchanged, its attachments, the system prompt."""
    messages = body["messages"]
    lines = [
        # The first sentence, so that nobody takes the answer for that of a model.
        "This is the sandbox answering; no model was asked.",
        f"You said: {last_prompt(messages)}",
    ]
    attached = attachments(messages)
    for kind in dict.fromkeys(item.kind for item in attached):
        items = [str(item) for item in attached if item.kind == kind]
        count = f"{len(items)} {kind}{'s' if len(items) > 1 else ''}"
        lines.append(f"I received {count} ({'; '.join(items)}).")
    if system := "\n".join(system_prompts(body)):
        lines.append(f"My system prompt is: {system}")
    return "\n\n".join(lines)


def describe_images(body: JsonObject) -> str | None:
    """Describe the images of the last message that has any; None without a readable one.

    A prompt that requests the text in the images gets that text only.
    """
    images = [inspect_image(url) for url in image_urls(body["messages"])]
    if not any(images):
        return None
    prompts = "\n".join((*system_prompts(body), last_prompt(body["messages"])))
    if REQUESTS_TEXT.search(prompts):
        texts = [image.header.text for image in images if image is not None and image.header.text]
        no_text = NO_TEXT_REPLY.search(prompts)
        return "\n\n".join(texts) or (no_text[0] if no_text else "[sandbox] No readable text.")
    captions = [
        "by link, which I do not follow" if image is None else str(image) for image in images
    ]
    if len(captions) == 1:
        return f"[sandbox] {captions[0]}"
    numbered = (f"{number}. {caption}" for number, caption in enumerate(captions, 1))
    return "\n".join(["[sandbox]", *numbered])


def json_answer(body: JsonObject) -> Json:
    """Return an instance of the requested schema, or `{"answer": …}` without a schema.

    Its values describe the first image of the last message that has any.
    """
    schema = requested_schema(body)
    if schema is None:
        return {"answer": describe_images(body) or repeat_request(body)}
    images = map(inspect_image, image_urls(body["messages"]))
    first = next(filter(None, images), None)
    return make_instance(schema, subject=ImageSubject(first) if first is not None else None)


def reasoning(body: JsonObject) -> str:
    """Return the reasoning that comes before an answer."""
    prompt = " ".join(last_prompt(body["messages"]).split())[:60]
    return f"The user wrote “{prompt}”. I am a sandbox, so I will repeat what I received."


def citations(prompt: str) -> list[JsonObject]:
    """Return the annotations of a web search that found two pages."""
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


def parsed_files(attached: list[Attachment]) -> list[JsonObject]:
    """Return the annotations of the parsed files; a client can send them again to skip parsing."""
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
        for item in attached
        if item.kind == "file"
    ]

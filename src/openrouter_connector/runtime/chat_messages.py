"""Build the messages of a chat from properties, as the word `messages` of an action declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..definition.model import Message
from ..values import Embedded, Json, JsonObject, LoadedFile


def build_messages(words: Iterable[Message], values: JsonObject) -> list[JsonObject]:
    """Return `[{role, content}]`, without messages that have neither text nor files.

    The content is a text, or with files a list of parts, the text first.
    """
    messages = []
    for word in words:
        if word.for_each is None:
            messages += _message(word, word.role, values)
        else:
            for item in values.get(word.for_each) or ():
                messages += _message(word, str(item[word.role]).lower(), item)
    return messages


def files_in(value: Json) -> Iterator[LoadedFile]:
    """Yield the files in a value, in their order."""
    if isinstance(value, LoadedFile):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from files_in(item)


def notes_on(files: Iterable[LoadedFile]) -> list[str]:
    """Return how files were read and how images were changed, as warnings for the user."""
    return [f"{file.entry.name or 'the file'}: {note}" for file in files for note in _notes(file)]


def _notes(file: LoadedFile) -> Iterator[str]:
    if file.called:
        yield f"its declared type is {file.called}, but its content is {file.entry.extension}"
    yield from file.notes
    yield from file.image.notes if file.image else ()


def _message(word: Message, role: str, holder: JsonObject) -> list[JsonObject]:
    text = holder.get(word.text) if word.text else None
    parts = [_part(file) for file in files_in(holder.get(word.files or ""))]
    # An empty system prompt is left out; an empty user prompt may be intended.
    empty = text is None or (text == "" and role == "system")
    if empty and not parts:
        return []
    texts = [] if text is None else [{"type": "text", "text": text}]
    return [{"role": role, "content": [*texts, *parts] if parts else text}]


def _part(file: LoadedFile) -> JsonObject:
    entry = file.entry
    if file.text is not None:
        return {"type": "text", "text": f"{entry.name}:\n\n{file.text}"}
    url = Embedded(file, f"data:{entry.mime_type};base64,")
    match entry.mime_type.split("/")[0]:
        case "image":
            return {"type": "image_url", "image_url": {"url": url}}
        case "audio":
            audio = {"data": Embedded(file), "format": entry.extension}
            return {"type": "input_audio", "input_audio": audio}
        case "video":
            return {"type": "video_url", "video_url": {"url": url}}
        case _:
            return {"type": "file", "file": {"filename": entry.name, "file_data": url}}

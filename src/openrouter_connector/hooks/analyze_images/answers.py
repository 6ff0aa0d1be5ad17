"""Read a model's answer according to its task, and return `{text, answer, warnings}`.

Whatever can be understood is used; corrections and omissions become warnings. An answer that
cannot be used raises an IncompleteError that keeps its text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from re import DOTALL, IGNORECASE, compile, split

from ...errors import INVALID_ANSWER, IncompleteError
from ...values import Json, JsonObject
from . import box_tags, lenient_json
from .box_formats import RawBox, box_format_of, find_boxes, locate_boxes
from .labels import (
    add_warning,
    class_name_of,
    list_entries,
    match_name,
    names_nothing,
    read_confidence,
    uses_percent,
)
from .lenient_json import ParsedAnswer
from .tasks import NO_TEXT

_CUT_OFF = "the answer was cut off; raise max_tokens"
_EMPTY = (
    "the model returned no answer; raise max_tokens, lower its reasoning, or choose another model"
)


def read_answer(text: str, values: JsonObject, reason: str = _CUT_OFF) -> JsonObject:
    """Return `{text, answer, warnings}`; `reason` says why the answer may have been cut off."""
    task, content, warnings = values["taskType"], answer_text(text), list[str]()
    if not content and (task != "ocr" or text.strip()):  # an image may contain no text
        raise IncompleteError(_EMPTY, status=200, partial=text or None)
    try:
        if task in _TEXT_READERS:
            answer: Json = _TEXT_READERS[task](content)
        else:
            parsed = _parse(content, task, reason, warnings)
            answer = _DATA_READERS[task](parsed, values, warnings)
    except InvalidAnswer as error:
        message = str(error)
        raise IncompleteError(message, status=200, code=INVALID_ANSWER, partial=text) from None
    return {"text": text, "answer": answer, "warnings": warnings}


def answer_text(text: str) -> str:
    """Return the answer without the reasoning, for models that write both into one text."""
    content = text.strip()
    if content.startswith("<think>"):
        content = content.partition("</think>")[2].strip()
    # GLM-V marks the answer inside of its text.
    return content.rpartition("<|begin_of_box|>")[2].partition("<|end_of_box|>")[0].strip()


class InvalidAnswer(Exception):
    """An answer that does not fulfill the task; the message is for the user and for the model."""


# Models tend to put a transcription into a code fence, and a caption into quotes or under a
# heading.
_FENCE = compile(r"(?:[^\n`]{0,200}:\s*)?```[\w-]*[ \t]*\n")
_QUOTED = compile(r'["“]([^"“”]+)["”]')


def _transcription(content: str) -> str:
    fence = _FENCE.match(content)
    if fence and content.endswith("```") and "```" not in (inside := content[fence.end() : -3]):
        content = inside.removesuffix("\n")
    return "" if content.strip().casefold() == NO_TEXT else content


def _without_heading(heading: str) -> Callable[[str], str]:
    pattern = compile(rf"[*_#\s]*(?:{heading})[*_\s]*:[*_]*\s*(.+)", DOTALL | IGNORECASE)

    def strip_heading(content: str) -> str:
        headed = pattern.fullmatch(content)
        text = headed[1].strip() if headed else content
        quoted = _QUOTED.fullmatch(text)
        return quoted[1].strip() if quoted else text

    return strip_heading


_TEXT_READERS: Mapping[str, Callable[[str], str]] = {
    "unconstrained": str,
    "ocr": _transcription,
    "visual-question-answering": _without_heading("answer"),
    "caption": _without_heading("(?:short )?caption"),
    "detailed-caption": _without_heading("(?:detailed )?(?:caption|description)"),
}


def _parse(content: str, task: str, reason: str, warnings: list[str]) -> ParsedAnswer:
    """Parse the data in an answer; an answer without data is taken as a bare word."""
    content = content.rpartition("</think>")[2].strip()  # some models omit the opening tag
    parsed = ParsedAnswer(content, False)
    for form in (box_tags, lenient_json) if task == "object-detection" else (lenient_json,):
        with suppress(ValueError):
            parsed = form.read(content)
            break
    if parsed.truncated and parsed.value is None:
        raise InvalidAnswer(reason)
    if parsed.truncated:
        add_warning(warnings, f"{reason}; only its complete entries were used")
    return parsed


_strip_class_heading = _without_heading("(?:predicted )?(?:class(?:es)?|labels?|category|answer)")
_NONE = compile(r"\W*none(?: of (?:them|these|the \w+))?(?: (?:apply|applies))?\W*", IGNORECASE)


def _classification(parsed: ParsedAnswer, values: JsonObject, warnings: list[str]) -> JsonObject:
    value, classes = parsed.value, values["classes"]
    entries = list_entries(_bare(value, classes) if isinstance(value, str) else value)
    known = _known_classes(entries, classes, warnings)
    if not known:
        raise _unknown_class(classes, parsed.value)
    if len(known) > 1:
        add_warning(warnings, "the answer names several classes; the most confident one was used")
    return max(known, key=lambda entry: entry["confidence"] or 0.0)


def _multi_label(parsed: ParsedAnswer, values: JsonObject, warnings: list[str]) -> JsonObject:
    value, classes = parsed.value, values["classes"]
    if isinstance(value, str):
        words = [_bare(word, classes) for word in split(r"[,;\n]", value) if word.strip()]
        known_words = all(match_name(word, classes) or _NONE.fullmatch(word) for word in words)
        value = words if known_words else value
    entries = list_entries(value)
    named = [entry for entry in entries if not _means_none(class_name_of(entry) or "", classes)]
    known = _known_classes(named, classes, warnings)
    if not known and (named or not (entries or names_nothing(value))):
        raise _unknown_class(classes, parsed.value)
    # Some models list every class, most of them with a confidence of 0.
    return {"classes": [entry for entry in known if entry["confidence"] != 0]}


def _bare(text: str, classes: list[str]) -> str:
    """Return an answer in words without its heading, unless a class is named like that."""
    return text if match_name(text, classes) else _strip_class_heading(text)


def _means_none(name: str, classes: list[str]) -> bool:
    """Return whether a name means "none of them", unless a class is named like that."""
    return not match_name(name, classes) and _NONE.fullmatch(name) is not None


def _known_classes(
    entries: list[JsonObject], classes: list[str], warnings: list[str]
) -> list[JsonObject]:
    """Return the requested classes among the entries, each once."""
    known: dict[str, JsonObject] = {}
    percent = uses_percent(entries)
    for entry in entries:
        if name := _requested_class(entry, classes, warnings):
            confidence = read_confidence(entry, percent, warnings)
            known.setdefault(name, {"class": name, "confidence": confidence})
    return list(known.values())


def _requested_class(
    entry: JsonObject, classes: list[str] | None, warnings: list[str]
) -> str | None:
    """Return the class of an entry as it was requested; None, with a warning, if it was not."""
    name = class_name_of(entry)
    if not classes:
        return name or "object"
    if name is None and len(classes) == 1:
        return classes[0]
    if name is None:
        add_warning(warnings, _NO_CLASS)
        return None
    if known := match_name(name, classes):
        return known
    add_warning(warnings, f"{name[:60]!r} is not one of the classes and was left out")
    return None


_NO_CLASS = "an entry without a class was left out"


def _unknown_class(classes: list[str], value: Json) -> InvalidAnswer:
    name = next(filter(None, map(class_name_of, list_entries(value))), "")
    short = 0 < len(name) <= 60
    fault = f"{name!r} is not one of" if short else "the answer names none of"
    quote = "" if short else f"; the answer was: {_quoted(value)}"
    listed = ", ".join(classes[:20]) + (", …" if len(classes) > 20 else "")
    return InvalidAnswer(
        f"{fault} the classes {listed}; add the missing class, or choose another model{quote}"
    )


def _quoted(value: Json) -> str:
    """Quote the beginning of an answer, on one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return repr(line if len(line) <= 80 else f"{line[:79]}…")


def _detection(parsed: ParsedAnswer, values: JsonObject, warnings: list[str]) -> JsonObject:
    box_format = box_format_of(values["model"])
    entries = list_entries(parsed.value)
    boxes_of = [find_boxes(entry, box_format) for entry in entries]
    if not any(boxes_of) and (entries or not names_nothing(parsed.value)):
        raise InvalidAnswer(
            "the answer contains no boxes; choose a model that can locate objects; the answer "
            f"was: {_quoted(parsed.value)}"
        )
    if missing := sum(not boxes for boxes in boxes_of):
        add_warning(warnings, f"{missing} of {len(entries)} entries have no box and were left out")
    found = _detected(entries, boxes_of, values, warnings)
    if not found and _NO_CLASS in warnings:
        raise InvalidAnswer(
            "the boxes have no class; request a single class, or choose another model"
        )
    return {"boxes": found}


def _detected(
    entries: list[JsonObject],
    boxes_of: list[list[RawBox]],
    values: JsonObject,
    warnings: list[str],
) -> list[JsonObject]:
    """Return the located boxes with their classes, each once."""
    box_format, image = box_format_of(values["model"]), values["images"][0].image
    # All boxes of an answer are located together, since they share one unit.
    boxes = [box for boxes in boxes_of for box in boxes]
    located = iter(locate_boxes(boxes, box_format, image, warnings))
    percent, found = uses_percent(entries), dict[str, JsonObject]()
    for entry, raw_boxes in zip(entries, boxes_of, strict=True):
        for box in (next(located) for _ in raw_boxes):
            if box is None:
                add_warning(warnings, "boxes outside of the image or without area were left out")
            elif name := _requested_class(entry, values.get("classes"), warnings):
                confidence = read_confidence(entry, percent, warnings)
                detection = {"class": name, "confidence": confidence, **box.to_json()}
                # Near the end of their output, models repeat the same box many times.
                found.setdefault(f"{box.pixels} {name}", detection)
    return list(found.values())


def _fields(parsed: ParsedAnswer, values: JsonObject, warnings: list[str]) -> JsonObject:
    requested = list(values["outputStructure"])
    candidates = [
        {known: item for name, item in found.items() if (known := match_name(str(name), requested))}
        for found in _objects(parsed.value)
    ]
    if not any(candidates):
        raise InvalidAnswer(
            f"the answer contains none of the fields {', '.join(requested)}; choose a model that "
            f"lists structured_outputs; the answer was: {_quoted(parsed.value)}"
        )
    fields = max(candidates, key=len)
    missing = [name for name in requested if name not in fields]
    if missing and parsed.truncated:  # null would mean that the image does not show it
        listed = ", ".join(missing)
        raise InvalidAnswer(f"the answer was cut off before {listed}; raise max_tokens")
    if missing:
        add_warning(warnings, f"the answer does not mention {', '.join(missing)}")
    return {name: _text(fields.get(name)) for name in requested}


def _objects(value: Json, depth: int = 4) -> Iterator[JsonObject]:
    """Yield an object and those inside it, the outer one first; skip an echoed schema."""
    if isinstance(value, dict) and _is_schema(value):
        return
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list) and depth:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _objects(inner, depth - 1)


def _is_schema(value: JsonObject) -> bool:
    properties = value.get("properties")
    if value.get("type") != "object" or not isinstance(properties, dict):
        return False
    return all(isinstance(field, dict) for field in properties.values())


def _text(value: Json) -> str | None:
    """Return a field as text; None for a missing field, also where a model writes "null"."""
    if value is None or (isinstance(value, str) and value.strip().casefold() == "null"):
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_DATA_READERS: Mapping[str, Callable[[ParsedAnswer, JsonObject, list[str]], JsonObject]] = {
    "classification": _classification,
    "multi-label-classification": _multi_label,
    "object-detection": _detection,
    "structured-answering": _fields,
}

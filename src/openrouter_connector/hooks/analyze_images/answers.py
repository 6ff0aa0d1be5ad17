"""What came: the answer of a model, held to its task.

What can be understood is used, and what was put right or left out is a warning. What cannot is an
IncompleteError that keeps the text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from re import DOTALL, IGNORECASE, compile, split

from ...errors import IncompleteError
from ...values import Json, JsonObject
from . import box_tags, json_like
from .box_formats import convention_of, placed, written
from .json_like import Came
from .labels import confidence, in_percent, label, named_among, none_named, things, warn
from .tasks import NO_TEXT

BROKE_OFF = "the answer broke off; raise maxTokens"
SAID_NOTHING = "the model said nothing; raise maxTokens, or lower its reasoning, or choose another"


def read(text: str, values: JsonObject, why: str = BROKE_OFF) -> JsonObject:
    """Give `{text, answer, warnings}` of an answer; `why` says why it may have been cut off."""
    task, said, warnings = values["taskType"], spoken(text), list[str]()
    if not said and (task != "ocr" or text.strip()):
        raise IncompleteError(SAID_NOTHING, status=200, partial=text or None)
    try:
        if task in _TEXTS:
            answer: Json = _TEXTS[task](said)
        else:
            answer = _DATA[task](_data(said, task, why, warnings), values, warnings)
    except _UnfitError as error:
        raise IncompleteError(str(error), status=200, partial=text) from None
    return {"text": text, "answer": answer, "warnings": warnings}


def spoken(text: str) -> str:
    """Give what a model said without what it thought, where both came as one text."""
    said = text.strip()
    if said.startswith("<think>"):
        said = said.partition("</think>")[2].strip()
    # GLM-V marks where the answer is in what it says.
    return said.rpartition("<|begin_of_box|>")[2].partition("<|end_of_box|>")[0].strip()


class _UnfitError(Exception):
    """An answer that is not what was asked for; the message is for the user and for the model."""


# Models like to put a transcription into a code fence, a caption into quotes or under a heading.
_FENCE = compile(r"(?:[^\n`]{0,200}:\s*)?```[\w-]*[ \t]*\n")
_QUOTED = compile(r'["“]([^"“”]+)["”]')


def _transcribed(said: str) -> str:
    fence = _FENCE.match(said)
    if fence and said.endswith("```") and "```" not in (inside := said[fence.end() : -3]):
        said = inside.removesuffix("\n")
    return "" if said.strip().casefold() == NO_TEXT else said


def _headed(heading: str) -> Callable[[str], str]:
    wrapping = compile(rf"[*_#\s]*(?:{heading})[*_\s]*:[*_]*\s*(.+)", DOTALL | IGNORECASE)

    def bare(said: str) -> str:
        headed = wrapping.fullmatch(said)
        text = headed[1].strip() if headed else said
        quoted = _QUOTED.fullmatch(text)
        return quoted[1].strip() if quoted else text

    return bare


_TEXTS: Mapping[str, Callable[[str], str]] = {
    "unconstrained": str,
    "ocr": _transcribed,
    "visual-question-answering": _headed("answer"),
    "caption": _headed("(?:short )?caption"),
    "detailed-caption": _headed("(?:detailed )?(?:caption|description)"),
}


def _data(said: str, task: str, why: str, warnings: list[str]) -> Came:
    """Read the data in an answer; one that holds none is taken for a bare word."""
    said = said.rpartition("</think>")[2].strip()  # some forget to say where they began to think
    came = Came(said, False)
    for form in (box_tags, json_like) if task == "object-detection" else (json_like,):
        with suppress(ValueError):
            came = form.read(said)
            break
    if came.cut and came.value is None:
        raise _UnfitError(why)
    if came.cut:
        warn(warnings, f"{why}; what came whole of it was used")
    return came


_NAMED = _headed("(?:predicted )?(?:class(?:es)?|labels?|category|answer)")
_NONE = compile(r"\W*none(?: of (?:them|these|the \w+))?(?: (?:apply|applies))?\W*", IGNORECASE)


def _classification(came: Came, values: JsonObject, warnings: list[str]) -> JsonObject:
    value, classes = came.value, values["classes"]
    found = things(_bare(value, classes) if isinstance(value, str) else value)
    known = _known(found, classes, warnings)
    if not known:
        raise _none_of(classes, came.value)
    if len(known) > 1:
        warn(warnings, "more than one class came, and the surest was taken")
    return max(known, key=lambda one: one["confidence"] or 0.0)


def _multi_label(came: Came, values: JsonObject, warnings: list[str]) -> JsonObject:
    value, classes = came.value, values["classes"]
    if isinstance(value, str):
        words = [_bare(word, classes) for word in split(r"[,;\n]", value) if word.strip()]
        known_words = all(named_among(word, classes) or _NONE.fullmatch(word) for word in words)
        value = words if known_words else value
    told = things(value)
    found = [thing for thing in told if not _is_none(label(thing) or "", classes)]
    known = _known(found, classes, warnings)
    if not known and (found or not (told or none_named(value))):
        raise _none_of(classes, came.value)
    # A list of all classes says of most that they are none.
    return {"classes": [one for one in known if one["confidence"] != 0]}


def _bare(said: str, classes: list[str]) -> str:
    """Give a bare answer without a heading, unless a class is called so."""
    return said if named_among(said, classes) else _NAMED(said)


def _is_none(name: str, classes: list[str]) -> bool:
    """Whether a name says that there is none, unless a class is called so."""
    return not named_among(name, classes) and _NONE.fullmatch(name) is not None


def _known(found: list[JsonObject], classes: list[str], warnings: list[str]) -> list[JsonObject]:
    """List the classes that were asked for among those that came, each once."""
    known: dict[str, JsonObject] = {}
    percent = in_percent(found)
    for thing in found:
        if name := _class_of(thing, classes, warnings):
            sure = confidence(thing, percent, warnings)
            known.setdefault(name, {"class": name, "confidence": sure})
    return list(known.values())


def _class_of(thing: JsonObject, classes: list[str] | None, warnings: list[str]) -> str | None:
    """Give the class of a thing as it was asked for; None, with a warning, if it was not."""
    name = label(thing)
    if not classes:
        return name or "object"
    if name is None and len(classes) == 1:
        return classes[0]
    if name is None:
        warn(warnings, _NAMELESS)
        return None
    if known := named_among(name, classes):
        return known
    warn(warnings, f"{name[:60]!r} is none of the classes, and was left out")
    return None


_NAMELESS = "what came without a class was left out"


def _none_of(classes: list[str], value: Json) -> _UnfitError:
    named = next(filter(None, map(label, things(value))), "")
    short = 0 < len(named) <= 60
    told = f"{named!r} is" if short else "the answer names"
    said = "" if short else f"; it said: {_quoted(value)}"
    shown = ", ".join(classes[:20]) + (", …" if len(classes) > 20 else "")
    return _UnfitError(
        f"{told} none of the classes {shown}; add what is missing, or choose another model{said}"
    )


def _quoted(said: Json) -> str:
    """Quote the beginning of what was said, on one line."""
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    line = " ".join(text.split())
    return repr(line if len(line) <= 80 else f"{line[:79]}…")


def _detection(came: Came, values: JsonObject, warnings: list[str]) -> JsonObject:
    convention, image = convention_of(values["model"]), values["images"][0].image
    found = things(came.value)
    each = [written(thing, convention) for thing in found]
    boxes = [box for several in each for box in several]
    if not boxes and (found or not none_named(came.value)):
        raise _UnfitError(
            "the answer holds no boxes; choose a model that can locate objects; "
            f"it said: {_quoted(came.value)}"
        )
    if without := sum(not several for several in each):
        warn(warnings, f"{without} of {len(found)} entries have no box, and were left out")
    put, percent = iter(placed(boxes, convention, image, warnings)), in_percent(found)
    listed: dict[str, JsonObject] = {}
    for thing, several in zip(found, each, strict=True):
        for box in (next(put) for _ in several):
            if box is None:
                warn(warnings, "boxes without area in the picture were left out")
            elif name := _class_of(thing, values.get("classes"), warnings):
                sure = confidence(thing, percent, warnings)
                one = {"class": name, "confidence": sure, **box.to_json()}
                # At the end of their wits models say the same again and again.
                listed.setdefault(f"{box.pixels} {name}", one)
    if not listed and _NAMELESS in warnings:
        told = "the boxes came without a class; ask for one class alone, or choose another model"
        raise _UnfitError(told)
    return {"boxes": list(listed.values())}


def _fields(came: Came, values: JsonObject, warnings: list[str]) -> JsonObject:
    wanted = list(values["outputStructure"])
    named = [
        {known: told for name, told in one.items() if (known := named_among(str(name), wanted))}
        for one in _objects(came.value)
    ]
    if not any(named):
        raise _UnfitError(
            f"the answer holds none of the fields {', '.join(wanted)}; choose a model that lists "
            f"structured_outputs; it said: {_quoted(came.value)}"
        )
    found = max(named, key=len)
    missing = [name for name in wanted if name not in found]
    if missing and came.cut:  # null would say that it is not in the picture
        told = f"the answer broke off, and nothing came of {', '.join(missing)}"
        raise _UnfitError(f"{told}; raise maxTokens")
    if missing:
        warn(warnings, f"the answer says nothing of {', '.join(missing)}")
    return {name: _text(found.get(name)) for name in wanted}


def _objects(value: Json, depth: int = 4) -> Iterator[JsonObject]:
    """Give an object and those inside it, the outer first, but nothing of an echoed schema."""
    if isinstance(value, dict) and _is_schema(value):
        return
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list) and depth:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _objects(inner, depth - 1)


def _is_schema(value: JsonObject) -> bool:
    told = value.get("properties")
    if value.get("type") != "object" or not isinstance(told, dict):
        return False
    return all(isinstance(field, dict) for field in told.values())


def _text(value: Json) -> str | None:
    """Write a field as text; what was not seen is null, also where a model spells that out."""
    if value is None or (isinstance(value, str) and value.strip().casefold() == "null"):
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_DATA: Mapping[str, Callable[[Came, JsonObject, list[str]], JsonObject]] = {
    "classification": _classification,
    "multi-label-classification": _multi_label,
    "object-detection": _detection,
    "structured-answering": _fields,
}

"""Check and read OpenAI's chat completions. Their streams are combined in `chat_fold.py`."""

from __future__ import annotations

from collections.abc import Iterator

from ...definition.paths import at
from ...errors import IncompleteError
from ...values import Json, JsonObject, an_object
from ..api_profile import ApiProfile
from .endings import CUT, FAILED, LENGTH_FIELD, fault_of, is_cut, is_error
from .error_bodies import (
    brief,
    error_in,
    failed,
    incomplete,
    is_json,
    missing,
    objects,
    top_error,
)


def whole(response: JsonObject, profile: ApiProfile) -> JsonObject:
    """Return a complete completion. IncompleteError, with the text so far, for any other.

    APIs return 200 also for failures: with an `error` at the top or in a choice, `choices` null, no
    content, or text that was cut off. A completion without a finish reason is complete: its JSON
    ended properly, and some servers never send a reason.
    """
    choices = list(objects(response.get("choices")))
    if failure := failure_in(response, profile, _partial(choices)):
        raise failure
    # Every path into an answer begins with the first choice, so that one must be an object.
    if not choices or response["choices"][0] is not choices[0]:
        raise missing("the answer has no choices", response, profile, _partial(choices))
    for place, choice in enumerate(choices):
        if fault := _fault(choice, response):
            which = f"choice {place + 1} of {len(choices)}: " if len(choices) > 1 else ""
            raise incomplete(f"{which}{fault}", response, _partial(choices))
    return response


def failure_in(
    response: JsonObject, profile: ApiProfile, text: str | None = None
) -> IncompleteError | None:
    """Return the failure that a completion, or a chunk of one, or one of its choices reports."""
    choices = list(objects(response.get("choices")))
    errors = (top_error(response, profile), *map(error_in, choices))
    if error := next(filter(None, errors), None):
        return failed(error, response, profile, text)
    # Some providers report an error by this word alone, with the text so far.
    if any(is_error(choice.get("finish_reason")) for choice in choices):
        return incomplete(FAILED, response, text)
    return None


def unnested(response: Json) -> Json:
    """Return the completion that some gateways nest in `provider`; other responses unchanged."""
    inner = response.get("provider") if isinstance(response, dict) else None
    return inner if isinstance(inner, dict) and inner.get("choices") else response


def text_of(response: JsonObject) -> str:
    """Return the text of the first choice."""
    return _text(_first(response).get("content")) or ""


def flat(response: JsonObject) -> JsonObject:
    """Return a completion whose first choice has text content, and its reasoning as `reasoning`."""
    message = _first(response)
    content = message.get("content")
    if (content is None or isinstance(content, str)) and not message.get("reasoning_content"):
        return response
    content, reasoning = _text(content), _reasoning(message)
    others = response["choices"][1:]
    first = {**response["choices"][0], "message": {**message, "content": content}}
    if reasoning is not None:
        first["message"]["reasoning"] = reasoning
    return {**response, "choices": [first, *others]}


def images_of(response: JsonObject) -> list[str]:
    """Return the URLs of the images in the first choice: beside its text, or among its parts."""
    message = _first(response)
    parts = [*objects(message.get("images")), *objects(message.get("content"))]
    return [url for part in parts if (url := _image(part))]


def _image(part: JsonObject) -> str | None:
    source = part.get("image_url") or part.get("source")
    if isinstance(source, dict) and isinstance(data := source.get("data"), str):
        return f"data:{source.get('media_type') or 'image/png'};base64,{data}"
    url = source.get("url") if isinstance(source, dict) else source
    return url if isinstance(url, str) and url else None


def _first(response: JsonObject) -> JsonObject:
    """Return the message of the first choice; an empty object without one."""
    choices = response.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return an_object(an_object(first).get("message"))


def _text(content: Json) -> str | None:
    """Return the text of a content, which may be a list of parts; None without text."""
    if isinstance(content, list):
        parts = (part.get("text") for part in objects(content))
        content = "".join(part for part in parts if isinstance(part, str)) or None
    return content if isinstance(content, str) else None


def _reasoning(message: JsonObject) -> str | None:
    """Return the reasoning under any of its names: vLLM and DeepSeek have their own."""
    for name in ("reasoning", "reasoning_content"):
        if isinstance(text := message.get(name), str) and text:
            return text
    thoughts = [part.get("thinking") for part in objects(message.get("content"))]
    return "".join(_text(part) or "" for part in thoughts) or None


def _partial(choices: list[JsonObject]) -> str | None:
    """Return the partial answer: the texts, or the cut arguments of tool calls."""
    messages = [an_object(choice.get("message")) for choice in choices]
    texts = [text for message in messages if (text := _text(message.get("content")))]
    cut = [text for message in messages for _, text in _broken_calls(message)]
    return "\n\n".join(texts or cut) or None


def _fault(choice: JsonObject, response: JsonObject) -> str | None:
    """Return why a choice is not an answer: by its finish reason, or by what is missing."""
    message = an_object(choice.get("message"))
    reasons = (choice.get("finish_reason"), choice.get("native_finish_reason"))
    empty, refusal = _is_empty(message), _refusal(message)
    # A budget that thinking used up is the user's to raise; "no content" would not say so.
    if empty and any(map(is_cut, reasons)):
        return _THOUGHT_AWAY if _has_thought(message, response) else _CUT_AT_ONCE
    if fault := fault_of(*reasons):
        return f"{fault}: {refusal}" if refusal else fault
    if broken := next(_broken_calls(message), None):
        return f"{_BROKEN_CALL.format(broken[0])}; {CUT}"
    if empty and refusal:
        return f"the model refused: {refusal}"
    if empty:
        return _ONLY_THOUGHT if _has_thought(message, response) else "the answer has no content"
    return None


def _is_empty(message: JsonObject) -> bool:
    """Return whether a message has neither text nor anything in its place."""
    content = message.get("content")
    if _text(content) or any(message.get(key) for key in _OTHERS):
        return False
    return all(_BARE & part.keys() for part in objects(content))


def _refusal(message: JsonObject) -> str:
    refusals = [part.get("refusal") for part in (message, *objects(message.get("content")))]
    return " ".join(text for text in refusals if isinstance(text, str) and text)


def _broken_calls(message: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield name and arguments of each tool call whose arguments are not JSON."""
    functions = [call.get("function") for call in objects(message.get("tool_calls"))]
    for function in map(an_object, (*functions, message.get("function_call"))):
        arguments: Json = function.get("arguments")
        if not is_json(arguments):
            yield brief(function.get("name")), arguments


def _has_thought(message: JsonObject, response: JsonObject) -> bool:
    """Return whether the model reasoned. Some hide the reasoning and only bill it."""
    spent = at(response, "usage.completion_tokens_details.reasoning_tokens")
    shown = _reasoning(message) or message.get("reasoning_details")
    return bool(shown) or (isinstance(spent, int) and spent > 0)


_OTHERS = ("tool_calls", "function_call", "images", "audio")
"""What an answer may hold instead of text."""
_BARE = {"text", "thinking", "refusal"}
"""The keys of content parts that are no answer unless they hold text."""
_WAY_OUT = f"raise {LENGTH_FIELD}, or lower reasoning"
_THOUGHT_AWAY = f"the model spent all its tokens on thinking and said nothing; {_WAY_OUT}"
_CUT_AT_ONCE = f"the tokens allowed were used up before the model said anything; {_WAY_OUT}"
_ONLY_THOUGHT = f"the model thought, and the answer has no content; {_WAY_OUT}"
_BROKEN_CALL = "the arguments of the tool call {!r} are not JSON"

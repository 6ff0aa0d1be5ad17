"""Check and read OpenAI's responses. Their streams are combined in `responses_fold.py`."""

from __future__ import annotations

from collections.abc import Iterator

from ...definition.paths import at
from ...values import Json, JsonObject
from ..api_profile import ApiProfile
from .endings import CUT, LENGTH_FIELD, fault_of, is_cut, is_ending, is_good
from .error_bodies import brief, failed, incomplete, is_json, missing, objects, top_error


def whole(response: JsonObject, profile: ApiProfile) -> JsonObject:
    """Return a complete response. IncompleteError, with the text so far, for any other."""
    answer, status = text_of(response), response.get("status")
    if error := top_error(response, profile):
        raise failed(error, response, profile, answer)
    if not isinstance(response.get("output"), list) and (is_good(status) or not is_ending(status)):
        raise missing("the answer has no output", response, profile)
    if fault := _fault(response):
        raise incomplete(fault, response, answer or next(_broken_calls(response), None))
    return response


def text_of(response: JsonObject) -> str:
    """Return the text of a response: that of its messages."""
    texts = [part.get("text") for part in _parts(response) if part.get("type") == "output_text"]
    return "".join(text for text in texts if isinstance(text, str))


def _parts(response: JsonObject) -> Iterator[JsonObject]:
    for item in objects(response.get("output")):
        yield from objects(item.get("content"))


def _fault(response: JsonObject) -> str | None:
    """Return why a response is not an answer: by its status, or by what is missing."""
    status, refusal = response.get("status"), _refusal(response)
    if fault := _fault_of_status(status, at(response, "incomplete_details.reason")):
        return f"{fault}: {refusal}" if refusal else fault
    if next(_broken_calls(response), None) is not None:
        return f"the arguments of a tool call are not JSON; {_CUT}"
    if any(map(_answers, objects(response.get("output")))):
        return None
    return f"the model refused: {refusal}" if refusal else "the answer has no output"


def _fault_of_status(status: Json, reason: Json) -> str | None:
    if fault_of(status) is None:
        return None
    if status != "incomplete":
        return f"the response ended as {brief(status) or 'something unknown'}"
    if is_cut(reason) or "token" in brief(reason):
        return _CUT
    return f"the response is incomplete: {brief(reason) or 'no reason given'}"


_CUT = CUT.replace(LENGTH_FIELD, "max_output_tokens")


def _refusal(response: JsonObject) -> str:
    refusals = [part.get("refusal") for part in _parts(response)]
    return " ".join(text for text in refusals if isinstance(text, str) and text)


def _broken_calls(response: JsonObject) -> Iterator[str]:
    """Yield the arguments of function calls that are not JSON."""
    for item in objects(response.get("output")):
        if item.get("type") == "function_call" and not is_json(item.get("arguments")):
            yield item["arguments"]


def _answers(item: JsonObject) -> bool:
    """Return whether an item is an answer; reasoning and empty messages are not."""
    if item.get("type") != "message":
        return item.get("type") != "reasoning"
    parts = list(objects(item.get("content")))
    return any(part.get("type") != "refusal" and part.get("text") != "" for part in parts)

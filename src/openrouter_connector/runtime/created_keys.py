"""Store an API key that a response holds, before anything else reads the response.

The key is redacted from the moment it is known, so it is in no output, no error and no record of a
durable run.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from ..definition.model import Action, StoredKey
from ..definition.paths import at
from ..errors import ConnectorError, IncompleteError, InputError, Problem
from ..secret_spellings import REDACTED
from ..values import Json, JsonObject
from .http.response import Response
from .services import Services

_ADVICE = "a key may have been created; list the keys, and delete it"


@asynccontextmanager
async def reserved(action: Action, values: JsonObject, services: Services) -> AsyncGenerator[None]:
    """Hold the name under which the key that an action creates is stored.

    InputError if the key could not be stored: it is then not created.
    """
    async with AsyncExitStack() as stack:
        if word := action.stores_key:
            if services.keys is None:
                raise InputError([Problem("", "keys cannot be stored here, so none is created")])
            try:
                await stack.enter_async_context(services.keys().reserved(values[word.name]))
            except InputError as error:
                raise _at(word.name, error) from None
        yield


async def response_without_key(
    word: StoredKey, response: Response, values: JsonObject, services: Services
) -> JsonObject:
    """Return a response whose key is stored, with the name of the connection instead.

    IncompleteError without a key. Raises what `KeyKeeper.keep` raises.
    """
    try:
        body = await response.json()
    except IncompleteError as error:
        # Its text may be a part of the key.
        message = f"the response is not complete; {_ADVICE}"
        raise IncompleteError(message, status=error.status) from None
    key = at(body, word.path)
    if not isinstance(key, str) or not key:
        raise IncompleteError(f"the response holds no key; {_ADVICE}", status=200)
    response.redactor.learn(key)
    rest = _without(body, word.path.split("."))
    name = values[word.name]
    try:
        return {**rest, "connection": await _kept(services, name, key)}
    except InputError as error:
        problems = [_unstored(word, rest, problem.message) for problem in error.problems]
        raise InputError([Problem(word.name, problem) for problem in problems]) from None
    except ConnectorError as error:
        raise error.replace(message=_unstored(word, rest, error.message)) from None


async def _kept(services: Services, name: str, key: str) -> str | None:
    """Store the key. A recorded response holds it no more: it was stored when it was recorded."""
    if key == REDACTED:
        return name
    return await services.keys().keep(name, key) if services.keys else None


def _unstored(word: StoredKey, response: JsonObject, reason: str) -> str:
    """Return the message about a key that was created and that nobody can use."""
    known = {"id": word.id, "label": word.label}
    values = {what: at(response, path) for what, path in known.items() if path}
    named = ", ".join(f"{what} {value!r}" for what, value in values.items() if value is not None)
    which = f"the key ({named})" if named else "the key"
    advice = f"; {word.delete} deletes it" if word.delete else "; delete it"
    return f"{which} was created, but not stored: {reason}{advice}"


def _at(name: str, error: InputError) -> InputError:
    return InputError([Problem(name, problem.message) for problem in error.problems])


def _without(value: Json, path: list[str]) -> JsonObject:
    """Return an object without the value at a path."""
    first, *rest = path
    others: JsonObject = {key: inner for key, inner in value.items() if key != first}
    return {**others, first: _without(value[first], rest)} if rest else others

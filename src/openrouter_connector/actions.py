"""The actions of a session as functions. `actions.pyi` has their types, from the definition."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from .suggest import did_you_mean
from .values import Json, JsonObject, Result


class Actions:
    """The actions of a session as functions: `await session.actions.ask(model=…, userPrompt=…)`."""

    def __init__(
        self, perform: Callable[[str, JsonObject], Awaitable[Result]], names: Sequence[str]
    ) -> None:
        self._perform = perform
        self._names = names

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Result]]:
        if name not in self._names:
            raise AttributeError(f"there is no action {name!r}{did_you_mean(name, self._names)}")
        return partial(_performed, self._perform, name)

    def __dir__(self) -> list[str]:
        return list(self._names)


async def _performed(
    perform: Callable[[str, JsonObject], Awaitable[Result]], action: str, /, **parameters: Json
) -> Result:
    return await perform(action, parameters)
